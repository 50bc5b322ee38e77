import { expect, test } from 'vitest'
import type { ExaminedSurface, ProbeRecord } from '../../catalogue/evidence.ts'
import { nextSteps } from './next-steps.ts'
import { buildReport } from './report.ts'

type Verdict = ProbeRecord['verdicts'][number]

function record(probe: string, verdict: Partial<Verdict>): ProbeRecord {
  const whole: Verdict = {
    standing: 'sound',
    control: 'surface-inventory',
    confidence: 'high',
    detail: 'It is so.',
    next: null,
    exchange: null,
    ...verdict,
  }
  return { probe, title: probe, follows: [], verdicts: [whole], exchanges: [] }
}

function steps(surface: Partial<ExaminedSurface>): readonly string[] {
  const whole: ExaminedSurface = {
    id: 'webhook POST /hook',
    style: 'webhook',
    route: 'POST /hook',
    traits: {},
    evidence: [],
    missingArtifacts: [],
    ...surface,
  }
  return nextSteps(buildReport({ surfaces: [whole], version: '1', sources: new Map() }))
}

test('what let nobody in is to be corrected first, and nothing else is asked for', () => {
  const probes = [record('genuine-request', { standing: 'unclear', next: 'Check the secret.' })]
  expect(steps({ probes, missingArtifacts: ['a genuine event that it accepts'] })).toEqual(['Check the secret.'])
})

test('the worst finding comes before what would settle a doubt', () => {
  const seen = { place: 'unknown', source: 'live', confidence: 'high' } as const
  const told = steps({
    evidence: [
      { ...seen, control: 'body-size-limit', state: 'unsafe', rule: 'oversized-length', detail: 'Large.' },
      {
        ...seen,
        control: 'sender-authentication',
        state: 'unsafe',
        rule: 'unsigned',
        detail: 'Open.',
        severity: 'critical',
      },
    ],
    probes: [
      record('genuine-request', {}),
      record('exact-replay', { standing: 'unclear', next: 'Count effects.' }),
      record('parallel-copies', { standing: 'unclear', next: 'Count effects.' }),
    ],
  })
  expect(told).toEqual([
    'Mend unsigned first. What it is about: postern explain unsigned',
    'Count effects. (for exact-replay, parallel-copies)',
    expect.stringContaining('postern review --init'),
  ])
})

test('who has nothing to do is told nothing', () => {
  expect(nextSteps(buildReport({ surfaces: [], version: '1', sources: new Map() }))).toEqual([])
})
