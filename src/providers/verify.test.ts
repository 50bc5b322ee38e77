/**
 * Cases derived from each definition, so that a provider added as data is tested as hard as the first ones.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aSigned,
  coversBody,
  isSigned,
  judgement,
  keyOf,
  NOW,
  type ProofPart,
  proofParts,
  SCHEME_CASES,
  settingsOf,
  URL_GIVEN,
  verdict,
} from '../../test/support/signed-requests.ts'
import { newId } from '../base/model/ids.ts'
import { MAX_SIGNATURE_HEADER, MAX_SIGNATURES } from './candidates.ts'
import { compileScheme } from './compile.ts'
import type { Refusal } from './outcome.ts'
import { providers } from './registry.ts'
import type { InboundRequest } from './request.ts'
import type { SignedRequest } from './sign-request.ts'
import { writeTimestamp } from './timestamp.ts'
import { verifyRequest } from './verify.ts'
import type { Clock } from './verify-input.ts'

const signedCases = SCHEME_CASES.filter(isSigned)

/** What a part that is not there is called. */
const MISSING: Readonly<Record<ProofPart['role'], Refusal>> = {
  signature: 'signature_missing',
  token: 'signature_missing',
  timestamp: 'timestamp_missing',
  id: 'id_missing',
  asked: 'id_missing',
  signed: 'content_incomplete',
  required: 'requirement_failed',
}

/** Defines the test only where the scheme has what it is about. */
const testIf = (condition: boolean): ((name: string, body: () => void) => void) => (condition ? test : () => undefined)

describe.each(SCHEME_CASES)('$label', (each) => {
  const { scheme } = each
  const { key, request } = aSigned(each)
  const judge = (input: InboundRequest, materials: readonly string[] = [key.verifying], now?: Clock) => {
    const result = judgement(each, input, materials, now === undefined ? {} : { now })
    return result.ok ? { ok: true, key: result.key } : result.reason
  }

  test('the request as signed is accepted, whatever the case of header names', () => {
    expect(judge(request)).toEqual({ ok: true, key: 0 })
    const upper = { ...request, headers: request.headers.map(([name, value]) => [name.toUpperCase(), value] as const) }
    expect(judge(upper)).toEqual({ ok: true, key: 0 })
  })

  const parts = proofParts(each, request)
  test('it has a proof, and each part of it stands where the scheme says', () => {
    expect(parts.length).toBeGreaterThan(0)
    for (const part of parts) expect(part.read(request), part.label).toBeTruthy()
  })

  test.each(parts)('$label left out, emptied or doubled refuses it', ({ role, at, repeated, ...part }) => {
    const value = part.read(request) ?? ''
    // A time inside a signed body cannot go without the signature noticing it first.
    const missing =
      at === 'json' && role === 'timestamp' ? /^(?:signature_mismatch|content_incomplete)$/ : MISSING[role]
    expect(judge(part.write(request, undefined))).toMatch(missing)
    const unreadable = (at === 'json' || at === 'connection') && role === 'token'
    expect(judge(part.write(request, ''))).toMatch(
      role === 'signed' ? 'signature_mismatch' : unreadable ? 'signature_malformed' : missing,
    )
    // What the provider is asked about is asked about as it is read everywhere else: the first one counts.
    if (part.double === undefined || role === 'asked') return
    const doubled =
      role === 'required' ? 'requirement_failed' : at === 'form' ? 'signature_missing' : 'header_duplicated'
    for (const copy of [value, `${value}x`, '']) {
      for (const first of [true, false])
        expect(judge(part.double(request, copy, first))).toEqual(repeated === true ? { ok: true, key: 0 } : doubled)
    }
  })

  test('another key, no key and unusable keys refuse it', () => {
    const other = keyOf(scheme, 1).verifying
    expect(judge(request, [other])).toBe(scheme.family === 'fetch-back' ? 'confirmation_refused' : 'signature_mismatch')
    expect(judge(request, [])).toBe('no_active_key')
    expect(judge(request, ['', '   '])).toBe('no_active_key')
  })

  test('the right key is found at any place among others and named', () => {
    const others = [keyOf(scheme, 1).verifying, keyOf(scheme, 2).verifying]
    for (const at of [0, 1, 2]) {
      const keys = [...others.slice(0, at), key.verifying, ...others.slice(at)]
      expect(judge(request, keys)).toEqual({ ok: true, key: at })
    }
  })

  test('a key counts from notBefore until just before notAfter', () => {
    const at = (from: number | undefined, until: number | undefined) => {
      const window = {
        ...(from === undefined ? {} : { notBefore: new Date(from) }),
        ...(until === undefined ? {} : { notAfter: new Date(until) }),
      }
      return verdict(each, request, [{ material: key.verifying, ...window }])
    }
    expect([at(NOW, undefined), at(NOW + 1, undefined), at(undefined, NOW + 1), at(undefined, NOW)]).toEqual([
      'accepted',
      'no_active_key',
      'accepted',
      'no_active_key',
    ])
  })

  test('10,000 mutated requests never throw and never pass without the key', () => {
    const material = keyOf(scheme, 1).verifying
    const verifier = compileScheme(scheme, [{ id: newId(), material }], { settings: settingsOf(each) })
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
    // All schemes share the 10,000; ECDSA alone would take the time of all others.
    const numRuns = Math.ceil(10_000 / SCHEME_CASES.length)
    fc.assert(
      fc.property(mutated, (input) => !verifyRequest(verifier, input, NOW).ok),
      { numRuns },
    )
  })
})

describe.each(signedCases)('$label, signed bytes', (each) => {
  const { scheme } = each
  const { key, request } = aSigned(each)
  const accepts = (input: InboundRequest, now: Clock = NOW) => {
    const result = judgement(each, input, [key.verifying], { now })
    return result.ok ? { ok: true, key: result.key } : result.reason
  }
  const proof = proofParts(each, request)[0]!
  const withProof = (from: SignedRequest, change: (value: string) => string) =>
    proof.write(from, change(proof.read(from) ?? ''))
  const covered = coversBody(scheme)

  testIf(covered)('any byte of the body changed, added or removed refuses it', () => {
    const { body } = request
    for (const at of [0, Math.floor(body.length / 2), body.length - 1]) {
      const changed = Buffer.from(body)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(accepts({ ...request, body: changed })).not.toMatchObject({ ok: true })
    }
    // As form text, the added byte joins the last value; where that is the signature, it is one no more.
    const spoilt = proof.at === 'form' ? /^signature_m(?:ismatch|alformed)$/ : /^signature_mismatch$/
    expect(accepts({ ...request, body: Buffer.concat([body, Buffer.from(' ')]) })).toMatch(spoilt)
    expect(accepts({ ...request, body: body.subarray(0, -1) })).toMatch(spoilt)
  })

  testIf(covered)('two bodies that differ only in invalid UTF-8 do not share a signature', () => {
    const raw = Buffer.from('a=\xff\xfe', 'latin1')
    const lossy = Buffer.from(raw.toString('utf8'), 'utf8')
    const ofLossy = aSigned(each, { body: lossy, key }).request
    const ofRaw = aSigned(each, { body: raw, key }).request
    // A time in a JSON body is looked for once the signature matched, and is not there.
    const matched = timedInBody ? 'timestamp_missing' : { ok: true, key: 0 }
    expect(accepts(ofRaw)).toEqual(matched)
    expect(accepts(proof.write(ofRaw, proof.read(ofLossy)))).toBe('signature_mismatch')
    expect(accepts(proof.write(ofLossy, proof.read(ofRaw)))).toBe('signature_mismatch')
    for (const body of ['a=\u0000', '\ufeffa=1', 'a=$&$1$$', '', 'a=\ud7ff']) {
      expect(accepts(aSigned(each, { body: Buffer.from(body), key }).request)).toEqual(matched)
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
      // What the grammar allows: a second candidate, which matches nothing, beside the first; one space before an item.
      const changed = withProof(request, change)
      const { parse } = scheme.signature
      const allowed =
        (parse.kind === 'positional' && change('') === ',junk') ||
        (parse.kind === 'pairs' && parse.spaced === true && change('') === ' ')
      if (allowed) expect(accepts(changed)).toEqual({ ok: true, key: 0 })
      else expect(accepts(changed)).toMatch(/^signature_|^timestamp_m/)
    }
  })

  test('10,000 candidates are refused before any cryptography', () => {
    const many = withProof(request, (value) => Array.from({ length: 10_000 }, () => value).join(' '))
    expect(accepts(many)).toBe('too_many_signatures')
    expect(MAX_SIGNATURE_HEADER).toBe(4096)
  })

  const { parse } = scheme.signature
  const separator = 'itemSeparator' in parse ? parse.itemSeparator : undefined
  testIf(separator !== undefined)(
    'the right digest counts at any place among up to eight, and nine are too many',
    () => {
      const split = (value: string) => value.split(separator!)
      const other = split(proof.read(aSigned(each, { key: keyOf(scheme, 1) }).request)!).at(-1)!
      const list = (value: string, right: number, length: number) =>
        [
          ...split(value).slice(0, -1),
          ...Array.from({ length }, (_, at) => (at === right ? split(value).at(-1) : other)),
        ].join(separator)
      for (let at = 0; at < MAX_SIGNATURES; at++) {
        expect(accepts(withProof(request, (value) => list(value, at, MAX_SIGNATURES)))).toEqual({ ok: true, key: 0 })
      }
      expect(accepts(withProof(request, (value) => list(value, 0, MAX_SIGNATURES + 1)))).toBe('too_many_signatures')
    },
  )

  const versions =
    parse.kind === 'list' ? parse.versionSeparator : 'valueSeparator' in parse ? parse.valueSeparator : undefined
  testIf(versions !== undefined)('a right digest under another version is no signature', () => {
    const relabel = (value: string) => {
      const items = value.split(separator!)
      const digest = items.at(-1)!.split(versions!).slice(1).join(versions)
      return [...items.slice(0, -1), `v9${versions}${digest}`].join(separator)
    }
    expect(accepts(withProof(request, relabel))).toBe('signature_version_unknown')
  })

  const { timestamp } = scheme
  const timedInBody = typeof timestamp?.in === 'object' && 'body' in timestamp.in
  testIf(timestamp !== undefined)('the window is closed on both sides, inclusive at exactly the tolerance', () => {
    const span = timestamp!.toleranceSeconds * 1000
    const ahead = (timestamp!.aheadSeconds ?? timestamp!.toleranceSeconds) * 1000
    expect(accepts(request, NOW + span)).toEqual({ ok: true, key: 0 })
    expect(accepts(request, NOW - ahead)).toEqual({ ok: true, key: 0 })
    expect(accepts(request, NOW + span + 1)).toBe('signature_stale')
    expect(accepts(request, NOW + span + 1000)).toBe('signature_stale')
    expect(accepts(request, NOW - ahead - 1)).toBe('signature_future')
    expect(accepts(request, NOW - ahead - 1000)).toBe('signature_future')
    expect(accepts(request, 'no-clock')).toEqual({ ok: true, key: 0 })
  })

  testIf(timestamp !== undefined)('a tolerance that is no number never opens the window', () => {
    const within = (toleranceSeconds: number, now: number) =>
      verdict(each, request, [key.verifying], { now, options: { settings: settingsOf(each), toleranceSeconds } })
    for (const tolerance of [Number.NaN, Number.POSITIVE_INFINITY, -1])
      expect(within(tolerance, NOW + 86_400_000)).toBe('signature_stale')
    expect(within(0, NOW)).toBe('accepted')
    expect(within(0, NOW + 1)).toBe('signature_stale')
    expect(within(0, NOW - 1)).toBe('signature_future')
  })

  testIf(timestamp !== undefined && !timedInBody)('timestamps other than those of its unit are refused', () => {
    const { unit } = timestamp!
    const written = writeTimestamp(NOW, unit)
    const others = {
      s: [`${written}000`, '1.7672256e9', '0x6955B900', '2026-01-01T00:00:00Z'],
      ms: [`${written}000`, written.slice(0, -1), '1.7672256e12', '0x19B76AD2C00', '2026-01-01T00:00:00Z'],
      iso8601: [
        '2026-01-01',
        '1767225600',
        'Thu, 01 Jan 2026 00:00:00 GMT',
        written.toLowerCase(),
        written.slice(0, -1),
      ],
    }[unit]
    for (const text of [
      `${written}abc`,
      ` ${written}`,
      `+${written}`,
      `-${written}`,
      `${written}.0`,
      'NaN',
      '١٧٦٧٢٢٥٦٠٠',
      ...others,
    ]) {
      const headers = request.headers.map(([name, value]) => [name, value.replace(written, text)] as const)
      expect(accepts({ ...request, headers }), text).toMatch(/^timestamp_malformed$|^signature_malformed$/)
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
    expect(accepts(change((id) => `${id}${scheme.id?.forbid ?? '\t'}1`))).toBe('id_malformed')
    for (const edit of [(id: string) => ` ${id}`, (id: string) => `${id}\u0141`, (id: string) => id.repeat(100)]) {
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
