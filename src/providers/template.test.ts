import { expect, test } from 'vitest'
import { Reading } from './reading.ts'
import { compileTemplate, type RenderInput, render, toBytes } from './template.ts'

function rendered(
  template: string,
  change: Partial<RenderInput> & { body?: string | Buffer; headers?: [string, string][] } = {},
) {
  const { body = '', headers = [], ...more } = change
  const url = more.url ?? 'https://a.example/in?q=1'
  const reading = new Reading({ method: 'post', url, headers, body: Buffer.from(body) })
  const chunks = render(compileTemplate(template), {
    reading,
    url,
    ts: '12',
    tsHeader: 'x-time',
    id: 'id-1',
    settings: { account: 'ä' },
    key: 'key-1',
    unescape: [],
    signatureField: 'sig',
    item: undefined,
    ...more,
  })
  return chunks === undefined ? undefined : toBytes(chunks).toString()
}

test('plain tokens stand for what arrived', () => {
  expect(rendered('{method}|{url}|{ts}|{id}|{key}|{config:account}|{body}', { body: '$&' })).toBe(
    'POST|https://a.example/in?q=1|12|id-1|key-1|ä|$&',
  )
  expect(rendered('')).toBe('')
  expect(rendered('{body}.{ts}', { body: 'a' })).toBe('a.12')
  expect(rendered('{query:q}')).toBe('1')
  for (const hole of ['{query:x}', '{header:X-A}', '{config:other}', '{form:a}', '{body:$.a}'])
    expect(rendered(hole), hole).toBeUndefined()
  expect(rendered('{header:X-A}', { headers: [['x-a', '\u00ff']] })).toBeDefined()
  // What came off a wire is one character a byte; text that is not would be signed as something else.
  expect(rendered('{header:X-A}', { headers: [['x-a', '\u0100']] })).toBeUndefined()
  for (const text of ['{nothing}', '{form:}', '{x:y}', '{}'])
    expect(() => compileTemplate(text), text).toThrow(/unknown template token/)
})

test('crc32 is unsigned and of the raw bytes', () => {
  expect(rendered('{crc32:body}', { body: '123456789' })).toBe('3421780262')
  expect(rendered('{crc32:body}')).toBe('0')
})

test('PHP’s serialize: names sorted, lengths in bytes, without the signature, and no name twice', () => {
  expect(rendered('{form:php}', { body: 'b=%C3%BC&a=1+2&sig=x' })).toBe('a:2:{s:1:"a";s:3:"1 2";s:1:"b";s:2:"ü";}')
  expect(rendered('{form:php}', { body: 'sig=x' })).toBe('a:0:{}')
  expect(rendered('{form:php}', { body: 'a=1&a=2' })).toBeUndefined()
  const many = Array.from({ length: 1001 }, (_, at) => `k${at}=v`).join('&')
  for (const template of ['{form:php}', '{form:sorted}', '{form:k1}'])
    expect(rendered(template, { body: many }), template).toBeUndefined()
})

test('listed headers: by lower-case name, trimmed, the time as it is signed, no hole and none twice', () => {
  const headers: [string, string][] = [
    ['X-B', ' 2 '],
    ['x-a', '1'],
    ['X-Time', '12'],
    ['X-List', 'x-b, X-A,x-time,x-a'],
  ]
  expect(rendered('{listed-headers:X-List}', { headers })).toBe('x-a:1;x-b:2;x-time:12')
  // An identity is made without the time: a retry must not look like another event.
  expect(rendered('{listed-headers:X-List}', { headers, ts: '' })).toBe('x-a:1;x-b:2;x-time:')
  expect(rendered('{listed-headers:X-List}', { headers: headers.slice(1) })).toBeUndefined()
  expect(rendered('{listed-headers:X-List}', { headers: [...headers, ['X-A', '1']] })).toBeUndefined()
  expect(rendered('{listed-headers:X-List}', { headers: headers.slice(0, 3) })).toBeUndefined()
  const listing = (length: number): [string, string][] => [
    ['x-a', '1'],
    ['X-List', Array.from({ length }, () => 'x-a').join()],
  ]
  expect(rendered('{listed-headers:X-List}', { headers: listing(64) })).toBe('x-a:1')
  expect(rendered('{listed-headers:X-List}', { headers: listing(65) })).toBeUndefined()
})

test('top-level members as lines, those with a question mark when they are there', () => {
  const lines = (body: string) => rendered('{lines:A,B?,C}', { body })
  expect(lines('{"C":"3","B":"2","A":"1"}')).toBe('A\n1\nB\n2\nC\n3\n')
  expect(lines('{"C":"3","A":"1"}')).toBe('A\n1\nC\n3\n')
  for (const body of ['{"A":"1"}', '{"A":1,"C":"3"}', '{"A":"1","B":null,"C":"3"}', '[]', 'x'])
    expect(lines(body), body).toBeUndefined()
})

test('members and items: a missing member is a hole, a missing item value is empty', () => {
  expect(rendered('{body:$.a.b}', { body: '{"a":{"b":true}}' })).toBe('true')
  expect(rendered('{body:$.a.b}', { body: '{"a":{}}' })).toBeUndefined()
  expect(rendered('{body:$.a}', { body: '{"a":{}}' })).toBeUndefined()
  expect(rendered('{item:$.a}:{item:$.b}:{item:$.c}', { item: { a: 1, c: null } })).toBe('1::')
  expect(rendered('{item:$.a}', { item: { a: {} } })).toBeUndefined()
})

test('only the escapes that are named are undone, in either case', () => {
  const url = 'https://a.example/%3A%3a%2f%C3%BC%'
  expect(rendered('{url:unescaped}', { url, unescape: ['%3A'] })).toBe('https://a.example/::%2f%C3%BC%')
  expect(rendered('{url:unescaped}', { url })).toBe(url)
  expect(rendered('{url}', { url, unescape: ['%3A'] })).toBe(url)
})

test('path and query, the query escaped by itself and then again', () => {
  expect(rendered('{path:encoded}', { url: 'https://a.example' })).toBe('/')
  expect(rendered('{path:encoded}', { url: 'https://a.example/a b?c=d e#f' })).toBe('/a%20b?c%253Dd%2520e')
  expect(rendered('{path:encoded}', { url: 'https://a.example/a' })).toBe('/a')
  expect(rendered('{path:encoded}', { url: 'HTTP://a.example/?a' })).toBe('/?a')
  expect(rendered('{path:encoded}', { url: 'xhttps://a.example/' })).toBeUndefined()
  expect(rendered('{path:encoded}', { url: 'https://a.example/\ud800' })).toBeUndefined()
  expect(rendered('{path:encoded}', { url: 'ftp://a.example/' })).toBeUndefined()
})
