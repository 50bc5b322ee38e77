import { expect, test } from 'vitest'
import { compileSource, MAX_VALUE_LENGTH, type Material, readSource } from './source.ts'

const REQUEST = {
  method: 'POST',
  url: 'https://a.example/in?q=1&q=2&e=',
  headers: [
    ['X-A', 'h1'],
    ['x-a', 'h2'],
    ['X-Empty', ''],
  ],
  body: Buffer.from('<a><Id>e1</Id></a>'),
} as const
const MATERIAL: Material = {
  request: REQUEST,
  json: { a: { b: 'j1' }, n: 0, no: null, list: ['l1'] },
  form: [
    ['f', 'f1'],
    ['f', 'f2'],
    ['\u00c3\u00bc', '\u00c3\u00a4'],
  ],
  claims: { c: 'c1' },
  signedId: 's1',
}
const read = (source: string, change: Partial<Material> = {}) =>
  readSource(compileSource(source), { ...MATERIAL, ...change })

test.each([
  ['body:$.a.b', 'j1'],
  ['body:$.n', '0'],
  ['body:$.list[0]', 'l1'],
  ['body:$.a', undefined],
  ['body:$.no', undefined],
  ['member:$.a.b', 'b'],
  ['member:$.a', 'a'],
  ['member:$.a.c', undefined],
  ['header:x-A', 'h1'],
  ['header:X-Empty', undefined],
  ['form:f', 'f1'],
  ['form:ü', 'ä'],
  ['form:g', undefined],
  ['query:q', '1'],
  ['query:e', undefined],
  ['query:x', undefined],
  ['claim:c', 'c1'],
  ['claim:constructor', undefined],
  ['element:Id', 'e1'],
  ['element:No', undefined],
  ['signed:id', 's1'],
  ['text:any words', 'any words'],
  ['body:$.x | header:X-A', 'h1'],
  ['body:$.a.b | header:X-A', 'j1'],
  ['body:$.x | header:X-B', undefined],
  ['body:$.a.b + header:X-A + query:q', 'j1.h1.1'],
  ['body:$.x + header:X-A', undefined],
  ['body:$.a.b + header:X-B', undefined],
  ['body:$.a.b + header:X-B | text:none', 'none'],
])('%s', (source, value) => expect(read(source)).toBe(value))

test('a request that holds none of it says nothing', () => {
  const nothing = { json: undefined, form: undefined, claims: undefined, signedId: undefined }
  for (const source of ['body:$.a', 'member:$.a', 'form:f', 'claim:c', 'signed:id'])
    expect(read(source, nothing), source).toBeUndefined()
})

test('what is too long, holds NUL or no text is no name, alone or joined', () => {
  const [longest, half] = ['x'.repeat(MAX_VALUE_LENGTH), 'x'.repeat(MAX_VALUE_LENGTH / 2)]
  expect(read('body:$.a', { json: { a: longest } })).toBe(longest)
  for (const a of [`${longest}x`, 'a\0b', '\ud800']) expect(read('body:$.a', { json: { a } })).toBeUndefined()
  expect(read('body:$.a + body:$.b', { json: { a: half, b: half.slice(1) } })).toHaveLength(MAX_VALUE_LENGTH)
  expect(read('body:$.a + body:$.b', { json: { a: half, b: half } })).toBeUndefined()
})

test('what cannot be read does not load', () => {
  for (const wrong of [
    '',
    'body:',
    'body:a',
    'cookie:a',
    'xbody:$.a',
    'signed:ids',
    'header',
    'text:a\nb',
    'body:$.a +',
    'member:$[*]',
  ])
    expect(() => compileSource(wrong), wrong).toThrow()
  expect(() => compileSource('body:$.a[*].b')).toThrow(/one value/)
  expect(() => compileSource('cookie:a')).toThrow('unknown source cookie:a')
})
