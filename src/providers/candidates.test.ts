/** The exact grammars of signatures, one by one: what is left over refuses, what is of another version is passed over. */
import { describe, expect, test } from 'vitest'
import { MAX_SIGNATURE_HEADER, MAX_SIGNATURES, readCandidates } from './candidates.ts'
import type { SignatureParse, SignaturePlace } from './definition.ts'
import { Reading } from './reading.ts'

const HEX = 'ab'.repeat(32)
const OTHER = 'cd'.repeat(32)
const bytes = (...texts: readonly string[]) => texts.map((text) => Buffer.from(text, 'hex'))

function read(
  place: SignaturePlace,
  {
    headers = [],
    body = '',
    settings = {},
  }: {
    headers?: readonly (readonly [string, string])[]
    body?: string
    settings?: Readonly<Record<string, string>>
  },
) {
  const reading = new Reading({ method: 'POST', url: 'https://a.example/', headers, body: Buffer.from(body) })
  return readCandidates(place, { reading, header: 'x-sig', settings, item: undefined, lengths: [32, 32] })
}
const of = (parse: SignatureParse, value: string, settings = {}) =>
  read({ header: 'X-Sig', parse, encoding: 'hex' }, { headers: [['X-Sig', value]], settings })

describe('positional', () => {
  const parse = { kind: 'positional', itemSeparator: ',' } as const
  test('time first, signatures after it', () => {
    expect(of(parse, `1767225600000,${HEX},${OTHER}`)).toEqual({
      ok: true,
      signatures: bytes(HEX, OTHER),
      timestamp: '1767225600000',
    })
  })
  test('a time alone is no signature', () => expect(of(parse, '1767225600000')).toBe('signature_malformed'))
})

describe('pairs', () => {
  const parse = {
    kind: 'pairs',
    itemSeparator: ',',
    valueSeparator: '=',
    signatureKey: 'v1',
    timestampKey: 't',
  } as const
  test('the time may stand once and must', () => {
    expect(of(parse, `t=1,v1=${HEX}`)).toEqual({ ok: true, signatures: bytes(HEX), timestamp: '1' })
    expect(of(parse, `v1=${HEX}`)).toBe('timestamp_missing')
    expect(of(parse, `t=1,t=1,v1=${HEX}`)).toBe('signature_malformed')
  })
  test('a space before an item counts only where the sender writes one, and only one', () => {
    expect(of(parse, `t=1, v1=${HEX}`)).toBe('signature_version_unknown')
    const spaced = { ...parse, spaced: true }
    expect(of(spaced, `t=1, v1=${HEX}`)).toMatchObject({ ok: true })
    expect(of(spaced, `t=1,v1=${HEX}`)).toMatchObject({ ok: true })
    expect(of(spaced, `t=1,  v1=${HEX}`)).toBe('signature_version_unknown')
    expect(of(spaced, `t=1,v1=${HEX} `)).toBe('signature_malformed')
  })
})

describe('keyed list', () => {
  const parse = { kind: 'keyed-list', itemSeparator: '&', valueSeparator: '|', nameSetting: 'publicKey' } as const
  test('the item of our name, and no other', () => {
    expect(of(parse, `theirs|${OTHER}&ours|${HEX}`, { publicKey: 'ours' })).toEqual({
      ok: true,
      signatures: bytes(HEX),
    })
    expect(of(parse, `theirs|${OTHER}`, { publicKey: 'ours' })).toBe('signature_version_unknown')
  })
  test('without our name nothing is read', () => expect(of(parse, `ours|${HEX}`)).toBe('requirement_failed'))
})

describe('base64 of JSON', () => {
  const parse = { kind: 'base64-json', member: 'signature', keyIdMember: 'kid' } as const
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
  test('signature and key id come out of it', () => {
    expect(of(parse, encode({ signature: HEX, kid: 'one' }))).toEqual({
      ok: true,
      signatures: bytes(HEX),
      keyId: 'one',
    })
  })
  test.each([
    ['no base64', 'not base64!'],
    ['base64 of no JSON', Buffer.from('hello').toString('base64')],
    ['a list', encode([HEX])],
    ['no signature', encode({ kid: 'one' })],
    ['no key id', encode({ signature: HEX })],
    ['a key id that is a number', encode({ signature: HEX, kid: 1 })],
    ['a key id that leaves its place', encode({ signature: HEX, kid: '../x y' })],
    ['a signature that is a list', encode({ signature: [HEX], kid: 'one' })],
  ])('%s is malformed', (_, value) => expect(of(parse, value)).toBe('signature_malformed'))
})

describe('places', () => {
  const raw = { parse: { kind: 'raw' }, encoding: 'hex' } as const
  test('a repeated header only where the sender repeats it, within the bound, empty ones aside', () => {
    const headers = [HEX, '', OTHER].map((value) => ['x-sig', value] as const)
    expect(read({ header: 'X-Sig', ...raw }, { headers })).toBe('header_duplicated')
    expect(read({ header: 'X-Sig', repeated: true, ...raw }, { headers })).toEqual({
      ok: true,
      signatures: bytes(HEX, OTHER),
    })
    const many = Array.from({ length: MAX_SIGNATURES + 1 }, () => ['x-sig', HEX] as const)
    expect(read({ header: 'X-Sig', repeated: true, ...raw }, { headers: many })).toBe('too_many_signatures')
    expect(read({ header: 'X-Sig', repeated: true, ...raw }, { headers: [['x-sig', '']] })).toBe('signature_missing')
  })
  test('every value of several must fit the grammar', () => {
    const place = {
      header: 'X-Sig',
      also: ['X-Sig-2'],
      parse: { kind: 'prefix', prefix: 's=' },
      encoding: 'hex',
    } as const
    expect(
      read(place, {
        headers: [
          ['X-Sig', `s=${HEX}`],
          ['X-Sig-2', `s=${OTHER}`],
        ],
      }),
    ).toMatchObject({ signatures: bytes(HEX, OTHER) })
    expect(
      read(place, {
        headers: [
          ['X-Sig', `s=${HEX}`],
          ['X-Sig-2', OTHER],
        ],
      }),
    ).toBe('signature_malformed')
    expect(read(place, { headers: [['X-Sig-2', `s=${OTHER}`]] })).toMatchObject({ signatures: bytes(OTHER) })
  })
  test.each([
    ['absent', '{}', 'signature_missing'],
    ['null', '{"sig":null}', 'signature_missing'],
    ['empty', '{"sig":""}', 'signature_missing'],
    ['true', '{"sig":true}', 'signature_malformed'],
    ['a list', `{"sig":["${HEX}"]}`, 'signature_malformed'],
  ])('a JSON member that is %s', (_, body, reason) => expect(read({ body: '$.sig', ...raw }, { body })).toBe(reason))
})

test('a header at the bound is read, one character more is not', () => {
  const parse = { kind: 'list', itemSeparator: ' ', versionSeparator: ',', version: 'v1' } as const
  const start = `v1,${HEX} v9,`
  expect(of(parse, start + 'x'.repeat(MAX_SIGNATURE_HEADER - start.length))).toMatchObject({ ok: true })
  expect(of(parse, start + 'x'.repeat(MAX_SIGNATURE_HEADER + 1 - start.length))).toBe('too_many_signatures')
})

test('of candidates those of the digest’s length stay; none left is malformed, none of the version is unknown', () => {
  const parse = { kind: 'list', itemSeparator: ' ', versionSeparator: ',', version: 'v1' } as const
  expect(of(parse, `v1,${HEX}ab v1,${HEX} v1,ab`)).toEqual({ ok: true, signatures: bytes(HEX) })
  expect(of(parse, `v1,${HEX}ab`)).toBe('signature_malformed')
  expect(of(parse, `v2,${HEX}`)).toBe('signature_version_unknown')
})
