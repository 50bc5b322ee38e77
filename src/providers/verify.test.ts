/**
 * Cases derived from each definition, so that a provider added as data is tested as hard as the first ones.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HeaderList } from '../base/model/event.ts'
import { newId } from '../base/model/ids.ts'
import { MAX_SIGNATURE_HEADER, MAX_SIGNATURES } from './candidates.ts'
import { compileScheme } from './compile.ts'
import type { AsymmetricScheme, HmacScheme, ProviderDefinition, Scheme } from './definition.ts'
import { providers } from './registry.ts'
import type { InboundRequest } from './request.ts'
import { sampleEvent } from './sample.ts'
import { generateSigningKey, signAs } from './sign.ts'
import type { SignedRequest } from './sign-request.ts'
import { verifyRequest } from './verify.ts'
import type { Clock } from './verify-input.ts'

const NOW = 1_767_225_600_000
const URL_GIVEN = 'https://hooks.example.com/in/1?env=prod'

interface Case {
  readonly label: string
  readonly definition: ProviderDefinition
  readonly scheme: Scheme
}
const cases: readonly Case[] = [...providers.values()].flatMap((definition) =>
  definition.schemes.map((scheme) => ({ label: `${definition.id} ${scheme.name}`, definition, scheme })),
)
const signedCases = cases.filter(
  (each): each is Case & { scheme: HmacScheme | AsymmetricScheme } =>
    each.scheme.family === 'hmac' || each.scheme.family === 'asymmetric',
)

function aSigned(
  { definition, scheme }: Case,
  change: { now?: number; body?: Buffer; key?: ReturnType<typeof generateSigningKey> } = {},
) {
  const key = change.key ?? generateSigningKey(scheme)
  const sample = sampleEvent(definition, { id: 'a1b2c3d4e5', now: NOW })
  const body = change.body ?? sample.body
  const request = signAs(definition, {
    ...sample,
    body,
    scheme: scheme.name,
    key: key.signing,
    now: change.now ?? NOW,
    url: URL_GIVEN,
  })
  return { key, request }
}

function verdict(scheme: Scheme, request: InboundRequest, materials: readonly string[], now: Clock = NOW) {
  const keys = materials.map((material) => ({ id: newId(), material }))
  const result = verifyRequest(compileScheme(scheme, keys), request, now)
  return result.ok ? { ok: true, key: keys.findIndex((key) => key.id === result.keyId) } : result.reason
}

const without = (request: SignedRequest, index: number): SignedRequest => ({
  ...request,
  headers: request.headers.filter((_, at) => at !== index),
})
const withLast = (request: SignedRequest, change: (value: string) => string): SignedRequest => {
  const [name, value] = request.headers.at(-1)!
  return { ...request, headers: [...request.headers.slice(0, -1), [name, change(value)]] }
}
/** The headers a scheme reads, by their place in the request. */
const readHeaders = (scheme: Scheme, headers: HeaderList): number[] => {
  const names =
    scheme.family === 'token'
      ? [scheme.token.name]
      : scheme.family === 'basic'
        ? ['authorization']
        : [
            scheme.signature.header,
            scheme.id?.header,
            scheme.timestamp === undefined || scheme.timestamp.in === 'signature'
              ? undefined
              : scheme.timestamp.in.header,
          ]
  return headers.flatMap(([name], index) =>
    names.some((each) => each?.toLowerCase() === name.toLowerCase()) ? [index] : [],
  )
}

/** Defines the test only where the scheme has what it is about. */
const testIf = (condition: boolean): ((name: string, body: () => void) => void) => (condition ? test : () => undefined)

describe.each(cases)('$label', (each) => {
  const { scheme } = each
  const { key, request } = aSigned(each)

  test('the request as signed is accepted, whatever the case of header names', () => {
    expect(verdict(scheme, request, [key.verifying])).toEqual({ ok: true, key: 0 })
    const upper = { ...request, headers: request.headers.map(([name, value]) => [name.toUpperCase(), value] as const) }
    expect(verdict(scheme, upper, [key.verifying])).toEqual({ ok: true, key: 0 })
  })

  test('each signed header left out, emptied or doubled refuses it', () => {
    const places = readHeaders(scheme, request.headers)
    expect(places.length).toBeGreaterThan(0)
    for (const place of places) {
      const [name, value] = request.headers[place]!
      expect(verdict(scheme, without(request, place), [key.verifying])).toMatch(/_missing$/)
      const emptied = {
        ...request,
        headers: request.headers.map((header, at) => (at === place ? ([name, ''] as const) : header)),
      }
      expect(verdict(scheme, emptied, [key.verifying])).toMatch(/_missing$/)
      for (const copy of [value, `${value}x`, '']) {
        const doubled = { ...request, headers: [...request.headers, [name.toLowerCase(), copy] as const] }
        expect(verdict(scheme, doubled, [key.verifying])).toBe('header_duplicated')
        const before = { ...request, headers: [[name.toUpperCase(), copy] as const, ...request.headers] }
        expect(verdict(scheme, before, [key.verifying])).toBe('header_duplicated')
      }
    }
  })

  test('another key, no key and unusable keys refuse it', () => {
    const other = generateSigningKey(scheme).verifying
    expect(verdict(scheme, request, [other])).toBe('signature_mismatch')
    expect(verdict(scheme, request, [])).toBe('no_active_key')
    expect(verdict(scheme, request, ['', '   '])).toBe('no_active_key')
  })

  test('the right key is found at any place among others and named', () => {
    const others = [generateSigningKey(scheme).verifying, generateSigningKey(scheme).verifying]
    for (const at of [0, 1, 2]) {
      const keys = [...others.slice(0, at), key.verifying, ...others.slice(at)]
      expect(verdict(scheme, request, keys)).toEqual({ ok: true, key: at })
    }
  })

  test('a key counts from notBefore until just before notAfter', () => {
    const at = (from: number | undefined, until: number | undefined) => {
      const window = {
        ...(from === undefined ? {} : { notBefore: new Date(from) }),
        ...(until === undefined ? {} : { notAfter: new Date(until) }),
      }
      return verifyRequest(compileScheme(scheme, [{ id: newId(), material: key.verifying, ...window }]), request, NOW)
        .ok
    }
    expect([at(NOW, undefined), at(NOW + 1, undefined), at(undefined, NOW + 1), at(undefined, NOW)]).toEqual([
      true,
      false,
      true,
      false,
    ])
  })

  test('10,000 mutated requests never throw and never pass without the key', () => {
    const verifier = compileScheme(scheme, [{ id: newId(), material: generateSigningKey(scheme).verifying }])
    const headerValue = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...request.headers.map(([, value]) => value)),
    )
    const mutated = fc.record({
      method: fc.constantFrom('POST', 'GET', 'post', ''),
      url: fc.oneof(fc.constant(URL_GIVEN), fc.webUrl({ withQueryParameters: true }), fc.string()),
      headers: fc.array(
        fc.tuple(fc.oneof(fc.constantFrom(...request.headers.map(([name]) => name)), fc.string()), headerValue),
        { maxLength: 8 },
      ),
      body: fc.oneof(
        fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
        fc.constant(request.body),
      ),
    })
    // The fourteen or so schemes share the 10,000; ECDSA alone would take the time of all others.
    const numRuns = Math.ceil(10_000 / cases.length)
    fc.assert(
      fc.property(mutated, (input) => !verifyRequest(verifier, input, NOW).ok),
      { numRuns },
    )
  })
})

describe.each(signedCases)('$label, signed bytes', (each) => {
  const { scheme } = each
  const { key, request } = aSigned(each)
  const accepts = (input: InboundRequest, now?: Clock) => verdict(scheme, input, [key.verifying], now)

  test('any byte of the body changed, added or removed refuses it', () => {
    const { body } = request
    for (const at of [0, Math.floor(body.length / 2), body.length - 1]) {
      const changed = Buffer.from(body)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(accepts({ ...request, body: changed })).not.toMatchObject({ ok: true })
    }
    // As form text, the added byte joins the last value.
    expect(accepts({ ...request, body: Buffer.concat([body, Buffer.from(' ')]) })).toBe('signature_mismatch')
    expect(accepts({ ...request, body: body.subarray(0, -1) })).toBe('signature_mismatch')
  })

  test('two bodies that differ only in invalid UTF-8 do not share a signature', () => {
    const raw = Buffer.from('a=\xff\xfe', 'latin1')
    const lossy = Buffer.from(raw.toString('utf8'), 'utf8')
    const ofLossy = aSigned(each, { body: lossy, key }).request
    const ofRaw = aSigned(each, { body: raw, key }).request
    expect(accepts(ofRaw)).toEqual({ ok: true, key: 0 })
    expect(accepts({ ...ofLossy, body: raw })).toBe('signature_mismatch')
    expect(accepts({ ...ofRaw, body: lossy })).toBe('signature_mismatch')
    for (const body of ['a=\u0000', '\ufeffa=1', 'a=$&$1$$', '', 'a=\ud7ff']) {
      expect(accepts(aSigned(each, { body: Buffer.from(body), key }).request)).toEqual({ ok: true, key: 0 })
    }
  })

  test('a signature truncated, lengthened, re-encoded or followed by anything is refused', () => {
    for (const change of [
      (value: string) => value.slice(0, -1),
      (value: string) => value.slice(0, -2),
      (value: string) => value.slice(0, 12),
      (value: string) => `${value}A`,
      (value: string) => `${value},junk`,
      (value: string) => `${value} junk`,
      (value: string) => `${value};`,
      (value: string) => `${value}\n`,
      (value: string) => ` ${value}`,
      (value: string) => value.slice(0, -8),
    ]) {
      expect(accepts(withLast(request, change))).toMatch(/^signature_|^timestamp_missing$/)
    }
  })

  test('10,000 candidates are refused before any cryptography', () => {
    const many = withLast(request, (value) => Array.from({ length: 10_000 }, () => value).join(' '))
    expect(accepts(many)).toBe('too_many_signatures')
    expect(MAX_SIGNATURE_HEADER).toBe(4096)
  })

  const multiple = scheme.signature.parse.kind === 'list' || scheme.signature.parse.kind === 'pairs'
  testIf(multiple)('the right digest counts at any place among up to eight, and nine are too many', () => {
    const other = aSigned(each).request.headers.at(-1)![1]
    const parse = scheme.signature.parse
    if (parse.kind !== 'list' && parse.kind !== 'pairs') throw new Error('unreachable')
    const own = (value: string) => value.split(parse.itemSeparator).at(-1)!
    const head = (value: string) => value.split(parse.itemSeparator).slice(0, -1)
    const list = (value: string, right: number, length: number) =>
      [...head(value), ...Array.from({ length }, (_, at) => own(at === right ? value : other))].join(
        parse.itemSeparator,
      )
    for (let at = 0; at < MAX_SIGNATURES; at++) {
      expect(accepts(withLast(request, (value) => list(value, at, MAX_SIGNATURES)))).toEqual({ ok: true, key: 0 })
    }
    expect(accepts(withLast(request, (value) => list(value, 0, MAX_SIGNATURES + 1)))).toBe('too_many_signatures')
  })

  testIf(multiple)('a right digest under another version is no signature', () => {
    const relabel = (value: string) => value.replace(/(^|[ ,])v1a?([=,])/g, '$1v0$2')
    expect(accepts(withLast(request, relabel))).toBe('signature_version_unknown')
  })

  const { timestamp } = scheme
  testIf(timestamp !== undefined)('the window is closed on both sides, inclusive at exactly the tolerance', () => {
    const span = timestamp!.toleranceSeconds * 1000
    expect(accepts(request, NOW + span)).toEqual({ ok: true, key: 0 })
    expect(accepts(request, NOW - span)).toEqual({ ok: true, key: 0 })
    expect(accepts(request, NOW + span + 1)).toBe('signature_stale')
    expect(accepts(request, NOW + span + 1000)).toBe('signature_stale')
    expect(accepts(request, NOW - span - 1)).toBe('signature_future')
    expect(accepts(request, NOW - span - 1000)).toBe('signature_future')
    expect(accepts(request, 'no-clock')).toEqual({ ok: true, key: 0 })
  })

  testIf(timestamp !== undefined)('a tolerance that is no number never opens the window', () => {
    for (const toleranceSeconds of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
      const verifier = compileScheme(scheme, [{ id: newId(), material: key.verifying }], { toleranceSeconds })
      expect(verifyRequest(verifier, request, NOW + 86_400_000)).toEqual({ ok: false, reason: 'signature_stale' })
    }
    const strict = compileScheme(scheme, [{ id: newId(), material: key.verifying }], { toleranceSeconds: 0 })
    expect(verifyRequest(strict, request, NOW).ok).toBe(true)
    expect(verifyRequest(strict, request, NOW + 1)).toEqual({ ok: false, reason: 'signature_stale' })
  })

  testIf(timestamp !== undefined)('timestamps other than plain digits are refused', () => {
    const seconds = String(NOW / 1000)
    for (const text of [
      `${seconds}abc`,
      ` ${seconds}`,
      `+${seconds}`,
      `-${seconds}`,
      `${seconds}.0`,
      '1.7672256e9',
      '0x6955B900',
      `${seconds}000`,
      'NaN',
      '١٧٦٧٢٢٥٦٠٠',
    ]) {
      const headers = request.headers.map(([name, value]) => [name, value.replace(seconds, text)] as const)
      expect(accepts({ ...request, headers })).toMatch(/^timestamp_|^signature_(mismatch|malformed)$/)
      expect(headers).not.toEqual(request.headers)
    }
  })

  testIf(scheme.id !== undefined)('an id changed, padded or with the separator in it is refused', () => {
    const change = (edit: (id: string) => string) => {
      const name = scheme.id!.header
      return {
        ...request,
        headers: request.headers.map(([key, value]) => [key, key === name ? edit(value) : value] as const),
      }
    }
    expect(accepts(change((id) => `${id}x`))).toBe('signature_mismatch')
    for (const edit of [
      (id: string) => `${id}.1`,
      (id: string) => ` ${id}`,
      (id: string) => `${id}\u0141`,
      (id: string) => id.repeat(100),
    ]) {
      expect(accepts(change(edit))).toBe('id_malformed')
    }
  })
})

test('no provider is named in the engine', async () => {
  const { readdirSync, readFileSync } = await import('node:fs')
  const folder = new URL('.', import.meta.url)
  const engine = readdirSync(folder).filter((file) => /^[a-z-]+\.ts$/.test(file) && file !== 'registry.ts')
  expect(engine.length).toBeGreaterThan(15)
  for (const file of engine) {
    const code = readFileSync(new URL(file, folder), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    for (const id of providers.keys()) expect(code, file).not.toMatch(new RegExp(`['"\`]${id}['"\`]`))
  }
})
