import { expect, test } from 'vitest'
import { compileBodyPath, contains, MAX_ITEMS, readBodyPath, readEvery, scalarText } from './body-path.ts'

const every = (path: string, value: unknown) => readEvery(value, compileBodyPath(path))

test('only paths are paths', () => {
  for (const text of [
    '',
    '$',
    'a',
    'x$.a',
    '$.a$.b',
    '$.',
    '$..a',
    '$.a.',
    '$[a]',
    '$[-1]',
    '$[12345]',
    '$.a b',
    '$.a[**]',
    "$['a']",
    '$.ä',
  ])
    expect(() => compileBodyPath(text), text).toThrow(/unknown path/)
})

test('members, indexes and every element, in order', () => {
  expect(every('$.a.b-c[1]', { a: { 'b-c': [1, 2] } })).toEqual([2])
  expect(every('$[0]', ['x'])).toEqual(['x'])
  expect(every('$[1000]', [...Array(1000).keys(), 'x'])).toEqual(['x'])
  expect(every('$.v[*].w[*].x', { v: [{ w: [{ x: 1 }, { x: 2 }] }, { w: [{ x: 3 }] }] })).toEqual([1, 2, 3])
  expect(every('$.v[*]', { v: [] })).toEqual([])
  expect(readBodyPath({ v: [{ x: 1 }, { x: 2 }] }, compileBodyPath('$.v[*].x'))).toBe(1)
  expect(readBodyPath([{ x: 1 }, { x: 2 }], compileBodyPath('$[*].x'))).toBe(1)
  expect(readBodyPath(['a', 'b'], compileBodyPath('$[*]'))).toBe('a')
  for (const body of [{}, { v: 1 }, { v: [] }, { v: [{}] }])
    expect(readBodyPath(body, compileBodyPath('$.v[*].x'))).toBeUndefined()
})

test('one element without the member makes the whole missing', () => {
  for (const v of [
    [{ x: 1 }, {}],
    [{ x: 1 }, null],
    [{ x: 1 }, []],
    [{}, { x: 1 }],
  ])
    expect(every('$.v[*].x', { v })).toBeUndefined()
})

test('own members of objects and elements of lists, nothing inherited and neither for the other', () => {
  for (const [path, value] of [
    ['$.length', []],
    ['$.length', 'text'],
    ['$.constructor', {}],
    ['$.__proto__', {}],
    ['$[0]', { 0: 'x' }],
    ['$.0', ['x']],
    ['$[0]', 'x'],
    ['$[*]', { a: 1 }],
    ['$.a', null],
    ['$.a', undefined],
  ] as const)
    expect(every(path, value), path).toBeUndefined()
  expect(every('$.__proto__', JSON.parse('{"__proto__":1}'))).toEqual([1])
})

test('a thousand elements are read and one more is none', () => {
  const list = (length: number) => Array.from({ length }, () => 1)
  expect(every('$[*]', list(MAX_ITEMS))).toHaveLength(MAX_ITEMS)
  expect(every('$[*]', list(MAX_ITEMS + 1))).toBeUndefined()
  expect(every('$[*][*]', [list(600), list(600)])).toBeUndefined()
})

test('texts, numbers and booleans are text; a path lies inside those that begin it', () => {
  expect([scalarText('a'), scalarText(0), scalarText(false), scalarText(null), scalarText({})]).toEqual([
    'a',
    '0',
    'false',
    undefined,
    undefined,
  ])
  const inside = (outer: string, inner: string) => contains(compileBodyPath(outer), compileBodyPath(inner))
  expect([
    inside('$.a', '$.a.b'),
    inside('$.a', '$.a'),
    inside('$.a.b', '$.a'),
    inside('$.a', '$.ab'),
    inside('$.a.b', '$.a.c'),
  ]).toEqual([true, true, false, false, false])
})
