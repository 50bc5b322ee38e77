import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { CONTROLS } from './catalogue.ts'
import { DECISIONS } from './decide.ts'
import { scoreOf, surfaceScore } from './score.ts'
import { SEVERITIES } from './severity.ts'

type Scored = Parameters<typeof scoreOf>[0][number]

const rows = readFileSync('docs/score.md', 'utf8')
  .split('\n')
  .filter((line) => /^\| (secure|vulnerable|partial|not evaluable) /.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))

function surface(text: string): Scored {
  const match = /^([a-z ]+) (\d+)\/(\d+)(.*)$/.exec(text)
  const decision = DECISIONS.find((one) => one === match?.[1])
  if (match === null || decision === undefined) throw new Error(text)
  const findings = (match[4] ?? '')
    .split(' ')
    .filter(Boolean)
    .flatMap((group, index) =>
      group.split('+').map((name) => {
        const severity = SEVERITIES.find((one) => one === name)
        if (severity === undefined) throw new Error(name)
        return { control: CONTROLS[index]!.id, severity }
      }),
    )
  return { decision, coverage: { decided: Number(match[2]), needed: Number(match[3]) }, findings }
}

describe('the score', () => {
  test('docs/score.md holds vectors', () => expect(rows.length).toBeGreaterThan(15))

  test.each(rows)('%s%s', (_, surfaces, score, grade, coverage) => {
    const expected = {
      score: score === '–' ? null : Number(score),
      grade: grade === '–' ? null : grade,
      coverage: Number(coverage),
    }
    expect(scoreOf(surfaces!.split(';').map((one) => surface(one.trim())))).toEqual(expected)
  })

  test('an incomplete run has no score, however good the part was', () => {
    expect(scoreOf([surface('secure 12/12')], true)).toEqual({ score: null, grade: null, coverage: 100 })
  })

  test('nothing scanned is not a hundred', () => {
    expect(scoreOf([])).toEqual({ score: null, grade: null, coverage: 0 })
  })

  test('a surface with a critical finding is never above the cap', () => {
    expect(surfaceScore([{ control: CONTROLS[0]!.id, severity: 'critical' }])).toBe(39)
  })
})
