/** One cause, told once to people and completely to machines. */
import { expect, test } from 'vitest'
import type { Evidence, ExaminedSurface, ProbeRecord } from '../../catalogue/evidence.ts'
import { folded } from './causes.ts'
import { renderHtml } from './html.ts'
import { renderMarkdown } from './markdown.ts'
import { buildReport } from './report.ts'
import { renderText } from './text.ts'

function piece(rule: string, severity: 'critical' | 'low', control: Evidence['control']): Evidence {
  return { control, state: 'unsafe', place: 'unknown', source: 'live', rule, detail: `${rule} was accepted.`, severity }
}

function record(probe: string, ...follows: readonly string[]): ProbeRecord {
  return { probe, title: probe, follows, verdicts: [], exchanges: [] }
}

const OPEN: ExaminedSurface = {
  id: 'open',
  style: 'webhook',
  route: 'POST /hook',
  traits: { eventDriven: true },
  evidence: [
    { control: 'surface-inventory', state: 'present', place: 'unknown', source: 'live', detail: 'It is there.' },
    piece('unsigned', 'critical', 'sender-authentication'),
    piece('wrong-key', 'critical', 'sender-authentication'),
    piece('stale', 'low', 'freshness-window'),
    piece('signature-shape', 'low', 'error-disclosure'),
    piece('exact-replay', 'low', 'replay-cache'),
  ],
  missingArtifacts: [],
  probes: [
    record('unsigned'),
    record('wrong-key', 'unsigned'),
    record('stale', 'unsigned'),
    record('signature-shape', 'unsigned'),
    record('exact-replay'),
  ],
}

const reportOf = (surface: ExaminedSurface) => buildReport({ surfaces: [surface], version: 't', sources: new Map() })
const findingsOf = (surface: ExaminedSurface) => reportOf(surface).surfaces[0]?.findings ?? []
const shape = (surface: ExaminedSurface) =>
  Object.fromEntries(
    folded(findingsOf(surface)).map(({ finding, followers }) => [finding.rule, followers.map(({ rule }) => rule)]),
  )

test('what follows stands beneath its cause, what has a cause of its own stands for itself', () => {
  expect(shape(OPEN)).toEqual({ unsigned: ['wrong-key', 'stale'], 'signature-shape': [], 'exact-replay': [] })
})

test('without the cause each stands for itself, and a milder finding is no cause of a worse one', () => {
  const without = { ...OPEN, evidence: OPEN.evidence.filter(({ rule }) => rule !== 'unsigned') }
  expect(shape(without)).toEqual({ 'wrong-key': [], stale: [], 'signature-shape': [], 'exact-replay': [] })
  const mild = { ...without, evidence: [...without.evidence, piece('unsigned', 'low', 'fail-closed')] }
  expect(shape(mild)).toEqual({
    'wrong-key': [],
    unsigned: ['stale'],
    'signature-shape': [],
    'exact-replay': [],
  })
})

test('one thing that a probe saw and that speaks of two controls is told once, with the other control beneath', () => {
  const twice = {
    ...OPEN,
    evidence: [
      ...OPEN.evidence,
      piece('exact-replay', 'low', 'idempotent-effects'),
      piece('parallel', 'low', 'replay-cache'),
    ],
    probes: [...(OPEN.probes ?? []), record('parallel', 'exact-replay')],
  }
  expect(shape(twice)['exact-replay']).toEqual(expect.arrayContaining(['exact-replay', 'parallel']))
  expect(shape(twice)['exact-replay']).toHaveLength(2)
})

test('the report itself has all of them, each with its cause; people read every sentence', () => {
  const findings = findingsOf(OPEN)
  const [cause] = findings.filter(({ rule }) => rule === 'unsigned')
  expect(findings).toHaveLength(5)
  expect(findings.filter((one) => one.cause === cause?.fingerprint).map(({ rule }) => rule)).toEqual([
    'wrong-key',
    'stale',
  ])
  const report = reportOf(OPEN)
  const text = renderText(report, { colour: false, quiet: false, sources: new Map() })
  for (const written of [text, renderMarkdown(report, new Map()), renderHtml(report, new Map())]) {
    expect(written).toContain('The same cause also shows in:')
    for (const { message } of findings) expect(written.replaceAll('\\', '')).toContain(message)
  }
  expect(text).toContain('      stale: stale was accepted.')
})
