import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { reviewManifest } from '../../src/scanner/manifest/review.ts'
import { exitCode } from '../../src/scanner/report/exit-code.ts'

const report = reviewManifest(
  readFileSync('test/fixtures/manifests/must-not-flag.yaml', 'utf8'),
  'must-not-flag.yaml',
  { version: '0.0.0' },
)

describe('what must not be flagged', () => {
  test('is read without complaint', () => {
    expect(report.problems).toEqual([])
    expect(report.warnings).toEqual([])
  })

  test.each(report.surfaces.map((surface) => [surface.id, surface] as const))('%s', (_, surface) => {
    expect(surface.findings).toEqual([])
    expect(surface.decision).toBe('secure')
  })

  test('a duplicate delivery with a recorded id', () => {
    const text =
      'api:\n  state_changing_operations:\n    - operation: POST /webhooks/orders\n      event_id_store: orders\n      duplicate_event_behavior: return_200_duplicate\n      signature_timestamp_window: 5m\n'
    expect(reviewManifest(text, 'x.yaml', { version: '0.0.0' })).toMatchObject({
      decision: 'secure',
      surfaces: [{ findings: [] }],
    })
  })

  test('and the shell says so', () => expect(exitCode(report)).toBe(0))
})

describe('and what looks like it and must be', () => {
  const decide = (text: string) => reviewManifest(text, 'x.yaml', { version: '0.0.0' })

  test('a public endpoint that changes state, with the same good reason', () => {
    const text =
      'surface: { style: rest, endpoint: POST /reset, public: true, public_reason: It is only for the status page. }\n'
    expect(decide(text)).toMatchObject({
      decision: 'vulnerable',
      surfaces: [{ findings: [{ control: 'public-access-intent', severity: 'high' }] }],
    })
  })

  test('a public stream without a reason is not secure', () => {
    const text = 'surface: { style: sse, endpoint: https://a.example/events, public: true }\n'
    expect(decide(text).decision).toBe('partial')
  })

  test('a gateway that enforces everything and can be walked around', () => {
    const source = readFileSync('test/fixtures/manifests/must-not-flag.yaml', 'utf8')
    const open = decide(source.replace('      origin_bypass_blocked: true\n', '')).surfaces.find(
      (one) => one.id === 'gateway-enforced-with-origin-block',
    )
    expect(open?.decision).toBe('partial')
    expect(open?.missing.map((one) => one.artefact)).toContain(
      'proof that the origin cannot be reached past the gateway',
    )
  })

  test('a socket on ws://, unless it is on this machine', () => {
    const at = (url: string) =>
      decide(`surface: { style: websocket, endpoint: "${url}" }\n`).surfaces[0]?.findings.map((one) => one.control)
    expect(at('ws://api.example.com/live')).toEqual(['transport-encryption'])
    expect(at('ws://127.0.0.1:8400/live')).toEqual([])
  })
})
