import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseBoundedJson } from './bounded-json.ts'

const parse = (text: string) => parseBoundedJson(Buffer.from(text, 'utf8'))
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

test('what JSON.parse reads within the limits is read the same', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), (text) => {
      expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) })
    }),
  )
})

test('no bytes whatever make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(typeof parseBoundedJson(Buffer.from(bytes)).ok).toBe('boolean')
    }),
  )
})

test('64 levels are read and 65 are not', () => {
  expect(parse(nested(64)).ok).toBe(true)
  expect(parse(nested(65))).toEqual({ ok: false, reason: 'too_deep' })
  expect(parse(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`)).toEqual({ ok: false, reason: 'too_deep' })
})

test('a depth of 100,000 is refused without recursion, closed or not', () => {
  expect(parse(nested(100_000))).toEqual({ ok: false, reason: 'too_deep' })
  expect(parse('['.repeat(100_000))).toEqual({ ok: false, reason: 'too_deep' })
})

test('brackets and colons inside strings do not count, after escaped quotes neither', () => {
  const text = JSON.stringify({ a: `${'['.repeat(500)}"\\${':'.repeat(60_000)}\\"` })
  expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) })
})

test('50,000 members are read and one more is refused', () => {
  const members = (count: number) => `{${Array.from({ length: count }, (_, index) => `"k${index}":0`).join(',')}}`
  expect(parse(members(50_000)).ok).toBe(true)
  expect(parse(members(50_001))).toEqual({ ok: false, reason: 'too_many_keys' })
})

test('invalid UTF-8, a byte order mark, NUL outside a string and an empty text are refused', () => {
  expect(parseBoundedJson(Buffer.from([0x22, 0xff, 0x22]))).toEqual({ ok: false, reason: 'not_utf8' })
  expect(parseBoundedJson(Buffer.from([0xed, 0xa0, 0x80]))).toEqual({ ok: false, reason: 'not_utf8' })
  for (const text of ['\ufeff{}', '{}\u0000', '\u0000', '', '{', '{"a":1}{"b":2}', "{'a':1}", 'NaN', ']']) {
    expect(parse(text)).toEqual({ ok: false, reason: 'not_json' })
  }
})

test('a member named __proto__ stays a member', () => {
  const parsed = parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}')
  expect(parsed.ok && Object.hasOwn(parsed.value as object, '__proto__')).toBe(true)
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})
