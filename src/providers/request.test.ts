import { expect, test } from 'vitest'
import { Reading } from './reading.ts'
import { countHeader, headerValue, mediaType, queryValues, soleHeader } from './request.ts'

const HEADERS = [
  ['X-A', '1'],
  ['x-b', ''],
  ['X-Bc', '2'],
  ['x-a', '3'],
  ['Y-a', '4'],
] as const

test('a header by its lower-case name: the first, the only one, and how many there are', () => {
  const of = (name: string) => [headerValue(HEADERS, name), soleHeader(HEADERS, name), countHeader(HEADERS, name)]
  expect(of('x-a')).toEqual(['1', false, 2])
  expect(of('x-b')).toEqual(['', '', 1])
  expect(of('x-bc')).toEqual(['2', '2', 1])
  for (const name of ['x', 'x-', 'X-A', 'x-abc', '']) expect(of(name), name).toEqual([undefined, undefined, 0])
  // An empty one beside another is a second one all the same.
  expect(
    soleHeader(
      [
        ['a', ''],
        ['A', '1'],
      ],
      'a',
    ),
  ).toBe(false)
})

test.each([
  ['https://a.example/in?a=1&b=2&a=%20+', ['1', '  ']],
  ['https://a.example/in?a', ['']],
  ['https://a.example/in?b=?a=1', []],
  ['https://a.example/in?x=1?a=1&a=2', ['2']],
  ['https://a.example/in#?a=1', []],
  ['https://a.example/in?a=1#&a=2', ['1']],
  ['https://a.example/a=1', []],
  ['a=1', []],
  ['x?a=1', ['1']],
  ['', []],
])('the parameter `a` of %s', (url, values) => expect(queryValues(url, 'a')).toEqual(values))

test.each([
  ['Application/JSON; charset=utf-8', 'application/json'],
  [' text/xml ;', 'text/xml'],
  ['text/xml', 'text/xml'],
  ['', undefined],
  [' ; x', undefined],
])('the media type of %j', (value, type) => expect(mediaType([['Content-Type', value]])).toBe(type))

test('no header has no media type', () => expect(mediaType([])).toBeUndefined())

test('a body is parsed at most once for each form, and only within bounds', () => {
  const reading = (body: string) => new Reading({ method: 'POST', url: '', headers: [], body: Buffer.from(body) })
  const good = reading('{"a":1}')
  expect(good.json).toEqual({ a: 1 })
  expect(good.json).toBe(good.json)
  expect(reading('null').json).toBeNull()
  for (const bad of ['', '{', `${'['.repeat(10_000)}${']'.repeat(10_000)}`]) expect(reading(bad).json).toBeUndefined()
  const form = reading('a=1')
  expect(form.form).toEqual([['a', '1']])
  expect(form.form).toBe(form.form)
})
