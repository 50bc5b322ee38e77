import { describe, expect, test } from 'vitest'
import { reviewManifest } from '../manifest/review.ts'
import { readBaseline, writeBaseline } from './baseline.ts'
import { exitCode } from './exit-code.ts'
import { matchesGlob } from './glob.ts'
import { joinSurfaces } from './join.ts'
import { normaliseRoute } from './route.ts'
import { readSettings } from './settings.ts'
import type { Suppressions } from './suppress.ts'

const TEXT = `surface:
  style: webhook
  endpoint: /hook
  replay_cache: false
  key_rotation: false
`
const NONE: Suppressions = { today: '2026-06-01', severities: new Map(), excludedPaths: [], waivers: [], baseline: [] }
const review = (text: string, suppressions: Partial<Suppressions> = {}) =>
  reviewManifest(text, 'm.yaml', { version: '1', suppressions: { ...NONE, ...suppressions } })
const rules = (report: ReturnType<typeof review>) =>
  report.surfaces.flatMap((surface) => surface.findings.map((finding) => finding.rule))
const waiver = {
  rule: 'replay-cache',
  reason: 'Replaced in May.',
  expires: '2026-06-30',
  surface: undefined,
  path: undefined,
}

describe('waivers', () => {
  test('take a finding out of score and exit code, keep it in the report, and leave the decision alone', () => {
    const report = review(TEXT, { waivers: [waiver] })
    expect(rules(report)).toEqual(['secret-rotation'])
    expect(report.suppressed.map((one) => [one.finding.rule, one.by, one.reason])).toEqual([
      ['replay-cache', 'waiver', 'Replaced in May.'],
    ])
    expect(report.decision).toBe('vulnerable')
    expect(report.score).toBeGreaterThan(review(TEXT).score ?? 100)
  })

  test('end with their last day', () => {
    expect(rules(review(TEXT, { waivers: [waiver], today: '2026-06-30' }))).toEqual(['secret-rotation'])
    const late = review(TEXT, { waivers: [waiver], today: '2026-07-01' })
    expect(rules(late)).toContain('replay-cache')
    expect(late.stale.map((one) => one.kind)).toEqual(['waiver-expired'])
  })

  test('hold only where they say, and say when they hold nowhere', () => {
    const elsewhere = review(TEXT, { waivers: [{ ...waiver, surface: 'other*' }] })
    expect(rules(elsewhere)).toContain('replay-cache')
    expect(elsewhere.stale.map((one) => one.kind)).toEqual(['waiver'])
    expect(rules(review(TEXT, { waivers: [{ ...waiver, path: '**/*.yaml' }] }))).toEqual(['secret-rotation'])
  })
})

describe('inline ignores', () => {
  const ignored = (comment: string) => review(TEXT.replace('  replay_cache', `  # ${comment}\n  replay_cache`))

  test('need a reason, and may end', () => {
    expect(rules(ignored('postern-ignore replay-cache: idempotent by design'))).toEqual(['secret-rotation'])
    expect(ignored('postern-ignore replay-cache:').stale.map((one) => one.kind)).toEqual(['inline-without-reason'])
    expect(rules(ignored('postern-ignore replay-cache:'))).toContain('replay-cache')
    expect(rules(ignored('postern-ignore replay-cache until 2026-06-01: soon gone'))).toEqual(['secret-rotation'])
    expect(ignored('postern-ignore replay-cache until 2026-05-31: soon gone').stale.map((one) => one.kind)).toEqual([
      'inline-expired',
    ])
  })

  test('that match nothing are listed', () => {
    expect(ignored('postern-ignore egress-guard: no such thing here').stale).toEqual([
      { kind: 'inline', what: 'egress-guard', file: 'm.yaml', line: 4 },
    ])
  })
})

describe('the baseline', () => {
  const baselineOf = (text: string) => readBaseline(writeBaseline(review(text)), 'b.json').baseline

  test('survives lines that move and finds what is new', () => {
    const moved = `# one\n# two\n${TEXT.replace('  key_rotation: false', '  key_rotation:   false')}  event_allowlist: []\n`
    expect(rules(review(moved, { baseline: baselineOf(TEXT) }))).toEqual(['event-allowlist'])
  })

  test('lists what it no longer needs', () => {
    const fixed = review(TEXT.replace('replay_cache: false', 'replay_cache: true'), { baseline: baselineOf(TEXT) })
    expect(fixed.stale.map((one) => [one.kind, one.what])).toEqual([['baseline', 'replay-cache on webhook:/hook']])
  })

  test('never takes in a leaked secret', () => {
    const leaked = `${TEXT}  secret_in_code: true\n`
    expect(rules(review(leaked, { baseline: baselineOf(leaked) }))).toEqual(['secret-storage'])
  })

  test.each([
    '',
    '{}',
    '[]',
    '{"postern":"baseline","version":2,"findings":[]}',
    '{"postern":"baseline","version":1,"findings":[{}]}',
  ])('that cannot be read is a problem, not an empty one: %s', (text) =>
    expect(readBaseline(text, 'b.json').problems).toHaveLength(1))
})

describe('postern.config.yaml', () => {
  const CONFIG = `version: 1
rules:
  replay-cache: critical
  secret-rotation: off
paths:
  exclude: ["legacy/**"]
waivers:
  - { rule: event-allowlist, surface: "webhook:*", reason: Parked types are read weekly., expires: "2026-12-31" }
fail_on: high
min_score: 60
min_coverage: 80
`
  test('says what counts', () => {
    const { settings, problems } = readSettings(CONFIG, 'postern.config.yaml')
    expect(problems).toEqual([])
    expect(settings).toMatchObject({ failOn: 'high', minScore: 60, minCoverage: 80, excludedPaths: ['legacy/**'] })
    const report = review(TEXT, { severities: settings.severities })
    expect(report.surfaces[0]?.findings.map((one) => one.severity)).toEqual(['critical'])
    expect(report.suppressed.map((one) => one.by)).toEqual(['config'])
  })

  test.each([
    ['rule: {}', 1, 1, 'did you mean rules?'],
    ['rules: { no-such-rule: high }', 1, 10, 'There is no rule'],
    ['rules: { replay-cache: terrible }', 1, 24, 'must be one of'],
    ['waivers: [{ rule: replay-cache, expires: "2026-12-31" }]', 1, 11, 'needs rule, reason and expires'],
    ['waivers: [{ rule: replay-cache, reason: later, expires: never }]', 1, 11, 'needs rule, reason and expires'],
    ['min_score: 101', 1, 12, 'from 0 to 100'],
    ['fail_on: sometimes', 1, 10, 'must be one of'],
    ['version: 3', 1, 10, 'version must be 1'],
    ['- a', 1, 1, 'must be one map'],
  ])('%s', (text, line, column, message) => {
    expect(readSettings(text, 'c.yaml').problems).toMatchObject([
      { line, column, message: expect.stringContaining(message) },
    ])
  })
})

describe('exit codes', () => {
  const secure =
    'surface: { style: sse, endpoint: "https://a.example/e", public: true, public_reason: The public page. }\n'

  test('follow the precedence 3, 2, 4, 1, 0', () => {
    expect(exitCode(review(secure))).toBe(0)
    expect(exitCode(review(TEXT))).toBe(1)
    expect(exitCode(review(TEXT), { minCoverage: 100 })).toBe(4)
    expect(exitCode(review('nonsense'))).toBe(2)
    expect(exitCode(review('nonsense'), { failed: true })).toBe(3)
  })

  test('fail on what was asked, and a score too low', () => {
    expect(exitCode(review(TEXT), { failOn: 'critical' })).toBe(0)
    expect(exitCode(review(TEXT), { failOn: 'critical', minScore: 90 })).toBe(1)
    expect(exitCode(review(secure), { minScore: 100, minCoverage: 100 })).toBe(0)
  })

  test('a manifest that leaves things out never passes by silence', () => {
    const silent = review('surface: { style: webhook, endpoint: /x }\n')
    expect(silent.decision).toBe('partial')
    expect(exitCode(silent)).toBe(4)
    expect(exitCode(silent, { minCoverage: 0 })).toBe(0)
  })
})

describe('joining', () => {
  test('routes are the same in every framework’s spelling', () => {
    const spellings = [
      'POST /a/{id}/b',
      'POST /a/:id/b/',
      'POST /a/<int:id>/b',
      'POST https://x.example/a/[id]/b?c=1',
      'POST //a/{id:[0-9]+}/b',
    ]
    expect(new Set(spellings.map(normaliseRoute))).toEqual(new Set(['POST /a/{}/b']))
  })

  test('a record meets what an examiner found at its route; two records stay two', () => {
    const [record] = review(TEXT).surfaces.map(() => ({
      id: 'r',
      style: 'webhook' as const,
      route: '/hook',
      traits: {},
      evidence: [],
      missingArtifacts: ['webhook_registry'],
    }))
    const found = {
      id: 'c',
      style: 'webhook' as const,
      route: 'POST /hook',
      framework: 'express',
      traits: {},
      missingArtifacts: [],
      evidence: [
        {
          control: 'surface-inventory' as const,
          state: 'present' as const,
          place: 'application' as const,
          source: 'code' as const,
          detail: 'found',
        },
      ],
    }
    const joined = joinSurfaces([record!, found, { ...record!, id: 'r2' }])
    expect(
      joined.map((surface) => [surface.id, surface.framework, surface.evidence.length, surface.missingArtifacts]),
    ).toEqual([
      ['r', 'express', 1, []],
      ['r2', 'express', 1, []],
    ])
  })
})

test('globs match as written, and no pattern runs away', () => {
  expect(matchesGlob('a/b/c.yaml', '**/*.yaml')).toBe(true)
  expect(matchesGlob('c.yaml', '**/*.yaml')).toBe(true)
  expect(matchesGlob('a/b.yaml', '*.yaml')).toBe(false)
  expect(matchesGlob('a+b(1).yaml', 'a+b(?).yaml')).toBe(true)
  expect(matchesGlob('a'.repeat(5000), `${'*'.repeat(40)}b`)).toBe(false)
})
