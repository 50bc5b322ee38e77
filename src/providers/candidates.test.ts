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
    ['a signature that is a number', encode({ signature: 1234, kid: 'one' })],
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
    expect(read({ header: 'X-Sig', repeated: true, ...raw }, { headers: many.slice(1) })).toMatchObject({ ok: true })
    const empty = many.map(([name], index) => [name, index === 0 ? HEX : ''] as const)
    expect(read({ header: 'X-Sig', repeated: true, ...raw }, { headers: empty })).toBe('too_many_signatures')
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
    const first = ['X-Sig', `s=${HEX}`] as const
    for (const more of [[], [['X-Sig-2', '']]] as const)
      expect(read(place, { headers: [first, ...more] })).toMatchObject({ signatures: bytes(HEX) })
    const second = ['X-Sig-2', `s=${OTHER}`] as const
    expect(read(place, { headers: [first, second, second] })).toBe('header_duplicated')
  })
  test.each([
    ['absent', '{}', 'signature_missing'],
    ['null', '{"sig":null}', 'signature_missing'],
    ['empty', '{"sig":""}', 'signature_missing'],
    ['true', '{"sig":true}', 'signature_malformed'],
    ['a number', '{"sig":1234}', 'signature_malformed'],
    ['a list', `{"sig":["${HEX}"]}`, 'signature_malformed'],
  ])('a JSON member that is %s', (_, body, reason) => expect(read({ body: '$.sig', ...raw }, { body })).toBe(reason))
})

test('nothing is reported that was not there', () => {
  expect(of({ kind: 'raw' }, HEX)).toStrictEqual({ ok: true, signatures: bytes(HEX) })
})

describe('numbered headers', () => {
  const place = (to: number, parse: SignatureParse = { kind: 'raw' }): SignaturePlace => ({
    headers: { prefix: 'X-Sig-', to },
    parse,
    encoding: 'hex',
  })
  const numbered = (...values: readonly string[]) =>
    values.map((value, index) => [`x-sig-${index + 1}`, value] as const)
  test.each([
    ['one', numbered(HEX), [HEX]],
    ['two', numbered(HEX, OTHER), [HEX, OTHER]],
    ['as many as there may be', numbered(HEX, OTHER, HEX), [HEX, OTHER, HEX]],
    ['one more, which is nobody’s', numbered(HEX, OTHER, HEX, OTHER), [HEX, OTHER, HEX]],
    ['none after a gap', numbered(HEX, '', OTHER), [HEX]],
  ])('%s', (_, headers, found) =>
    expect(read(place(3), { headers })).toEqual({ ok: true, signatures: bytes(...found) }))
  test.each([
    ['none', [], 'signature_missing'],
    ['the first twice', [...numbered(HEX), ...numbered(HEX)], 'header_duplicated'],
    ['the second twice', [...numbered(HEX, HEX), ['X-SIG-2', HEX] as const], 'header_duplicated'],
    ['an empty first', numbered('', HEX), 'signature_missing'],
  ])('%s', (_, headers, reason) => expect(read(place(3), { headers })).toBe(reason))
  test('several in one header count as several', () => {
    const list = { kind: 'list', itemSeparator: ' ', versionSeparator: ',', version: 'v1' } as const
    expect(read(place(2, list), { headers: numbered(`v1,${HEX} v1,${HEX}`) })).toMatchObject({ ok: true })
    expect(read(place(2, list), { headers: numbered(`v1,${HEX} v1,${HEX}`, `v1,${HEX}`) })).toBe('too_many_signatures')
  })
})

describe('a list', () => {
  const parse = { kind: 'list', itemSeparator: ' ', versionSeparator: ',', version: 'v1' } as const
  test('eight of a version are read, a ninth is one too many, those of other versions aside', () => {
    const many = (count: number) => Array.from({ length: count }, () => `v1,${HEX}`).join(' ')
    expect(of(parse, many(MAX_SIGNATURES))).toMatchObject({ ok: true })
    expect(of(parse, many(MAX_SIGNATURES + 1))).toBe('too_many_signatures')
    expect(of(parse, `${many(MAX_SIGNATURES)} v2,x`)).toMatchObject({ ok: true })
  })
  test.each([
    ['an item without a version', `${HEX} v1,${HEX}`],
    ['an item without its text', `v1 v1,${HEX}`],
    ['an item of three parts', `v1,${HEX},x`],
    ['an item of another version in three parts', `v1,${HEX} v2,x,y`],
    ['an empty version', `,${HEX} v1,${HEX}`],
    ['an empty item', `v1,${HEX}  v1,${HEX}`],
  ])('%s refuses the whole', (_, value) => expect(of(parse, value)).toBe('signature_malformed'))
})

test('pairs without a name or a separator refuse the whole', () => {
  const parse = { kind: 'pairs', itemSeparator: ',', valueSeparator: '=', signatureKey: 'v1' } as const
  expect(of(parse, `v1=${HEX},a=`)).toEqual({ ok: true, signatures: bytes(HEX) })
  for (const value of [`v1=${HEX},=x`, `v1=${HEX},x`, `v1=${HEX},`, HEX])
    expect(of(parse, value), value).toBe('signature_malformed')
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
