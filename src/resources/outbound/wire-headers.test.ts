import { describe, expect, test } from 'vitest'
import { isMethod, wireHeaders } from './wire-headers.ts'

test('a list keeps its order, repeats and spelling; a record becomes a list', () => {
  const list = [
    ['X-B', '1'],
    ['x-a', ''],
    ['X-B', 'ü\t2'],
  ] as const
  expect(wireHeaders(list)).toEqual(['X-B', '1', 'x-a', '', 'X-B', 'ü\t2'])
  expect(wireHeaders({ 'content-type': 'text/plain', a: 'b' })).toEqual(['content-type', 'text/plain', 'a', 'b'])
})

describe('refused', () => {
  test.each(['a\r\nb', 'a\n', 'a\r', 'a\u0000b', '\u007f', '\u0100', 'a\u2028b'])('the value %j', (value) => {
    expect(wireHeaders({ 'x-a': value })).toBe('header_value')
  })

  test.each(['', 'a b', 'a:', 'a\r\nb', 'a\u0000', 'ä', 'a\n'])('the name %j', (name) => {
    expect(wireHeaders([[name, 'v']])).toBe('header_name')
  })

  test.each([
    'host',
    'Host',
    'HOST',
    'Content-Length',
    'transfer-encoding',
    'Connection',
    'upgrade',
    'expect',
    'te',
    'trailer',
  ])('the header %s, which belongs to the connection', (name) => {
    expect(
      wireHeaders([
        ['x-a', '1'],
        [name, '1'],
      ]),
    ).toBe('header_reserved')
  })

  test.each(['CONNECT', 'connect', 'GET /', 'GET\r\n', ''])('the method %j', (method) => {
    expect(isMethod(method)).toBe(false)
  })
})
