import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { reviewManifest } from '../../src/scanner/manifest/review.ts'
import { exitCode } from '../../src/scanner/report/exit-code.ts'

const FOLDER = 'test/fixtures/manifests'
const review = (name: string) =>
  reviewManifest(readFileSync(`${FOLDER}/${name}.yaml`, 'utf8'), `${name}.yaml`, { version: '0.0.0' })

interface Expected {
  readonly expected_decision: string
  readonly expected_findings: readonly { readonly check: string; readonly severity: string }[]
}

const severityName = (name: string) => (name === 'Informational' ? 'info' : name.toLowerCase())

const cases = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => ({
    name: file.replace('.yaml', ''),
    expected: parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as Partial<Expected>,
  }))
  .flatMap(({ name, expected }) =>
    expected.expected_decision === undefined ? [] : [{ name, expected: expected as Expected }],
  )

describe('the eight published cases', () => {
  test('are all here', () => expect(cases).toHaveLength(8))

  test.each(cases)('$name', ({ name, expected }) => {
    const report = review(name)
    expect(report.problems).toEqual([])
    expect(report.warnings).toEqual([])
    expect(report.decision).toBe(expected.expected_decision.toLowerCase())
    const found = report.surfaces.flatMap((surface) =>
      surface.findings.flatMap((one) => one.gates.map((gate) => `${gate} ${one.severity}`)),
    )
    for (const { check, severity } of expected.expected_findings)
      expect(found).toContain(`${check} ${severityName(severity)}`)
    if (expected.expected_decision === 'Secure') expect(found).toEqual([])
    if (expected.expected_decision !== 'Not Evaluable') expect(report.proof).toBe('attested')
  })

  test('the shell is told yes, no, or that nobody can say', () => {
    expect(exitCode(review('secure-websocket-channel'))).toBe(0)
    expect(exitCode(review('websocket-handshake-only-authorization'))).toBe(1)
    expect(exitCode(review('not-evaluable-missing-runtime-inventory'))).toBe(4)
  })

  test('what is missing for a decision is named', () => {
    expect(review('not-evaluable-missing-runtime-inventory').notEvaluable).toEqual([
      {
        id: 'not-evaluable-missing-runtime-inventory',
        missing: ['websocket_route_table', 'webhook_registry', 'worker_manifest', 'broker_topics'],
      },
    ])
  })
})

test('the benign example of the issue that asked for all this is secure, without a finding', () => {
  const report = review('seed-benign-websocket')
  expect(report).toMatchObject({ decision: 'secure', proof: 'attested', score: 100, grade: 'A', coverage: 100 })
  expect(report.surfaces[0]?.findings).toEqual([])
})

describe('the idempotency pair', () => {
  test('controlled operations are secure', () => {
    const report = review('idempotency-controlled')
    expect(report.warnings).toEqual([])
    expect(report.surfaces.map((surface) => [surface.route, surface.decision])).toEqual([
      ['POST /api/v1/charges', 'secure'],
      ['mutation approveInvoice', 'secure'],
      ['POST /webhooks/provider', 'secure'],
    ])
  })

  test('missing controls name all eight gates with their severities', () => {
    const report = review('idempotency-missing')
    expect(report.decision).toBe('vulnerable')
    const found = report.surfaces.flatMap((surface) =>
      surface.findings.flatMap((one) => one.gates.map((gate) => `${gate} ${one.severity}`)),
    )
    for (const number of ['01', '02', '03', '04', '05', '07']) expect(found).toContain(`API-REPLAY-${number} high`)
    for (const number of ['06', '08']) expect(found).toContain(`API-REPLAY-${number} medium`)
  })

  test('an experiment that shows two effects disproves what the record says', () => {
    const text = readFileSync(`${FOLDER}/idempotency-controlled.yaml`, 'utf8').replace(
      'charges_created: 1',
      'charges_created: 2',
    )
    const report = reviewManifest(text, 'x.yaml', { version: '0.0.0' })
    expect(report.surfaces[0]?.findings.map((one) => one.control)).toEqual(['retry-outcome'])
  })
})

describe('each decisive key of a secure case matters', () => {
  const secure = cases.filter(({ expected }) => expected.expected_decision === 'Secure')
  const spoil = (text: string, line: number, value: string) =>
    text
      .split('\n')
      .map((one, index) => (index === line ? one.replace(/: .*$/, `: ${value}`) : one))
      .join('\n')

  test.each(secure)('$name: a key set to false is a finding, one that is missing never is', ({ name }) => {
    const text = readFileSync(`${FOLDER}/${name}.yaml`, 'utf8')
    const lines = text.split('\n')
    const from = lines.findIndex((line) => /^(auth_session|integrity_freshness):/.test(line))
    for (const [index, line] of lines.entries()) {
      if (index <= from || !/^ {2}\w+: (true|propagated|\[|\d)/.test(line)) continue
      const denied = reviewManifest(spoil(text, index, 'false'), 'x.yaml', { version: '0.0.0' })
      // Without a cookie a cross-site token may not be needed at all: then it is a question.
      const expected = line.includes('csrf') ? 'partial' : 'vulnerable'
      expect(denied.decision, line).toBe(expected)

      const without = lines.filter((_, at) => at !== index).join('\n')
      const silent = reviewManifest(without, 'x.yaml', { version: '0.0.0' })
      expect(silent.surfaces[0]?.findings, line).toEqual([])
      expect(['secure', 'partial'], line).toContain(silent.decision)
    }
  })
})
