import { expect, test } from 'vitest'
import { fill, fillText, matches, names } from './fill.ts'

test('names are filled in wherever a text stands, and unknown ones stay to be seen', () => {
  const template = { a: '{{object}}', b: [{ c: 'x {{ object }} y' }, 7, null], d: '{{nobody}}' }
  expect(fill(template, { object: '1' })).toEqual({ a: '1', b: [{ c: 'x 1 y' }, 7, null], d: '{{nobody}}' })
  expect(names(template)).toEqual(new Set(['object', 'nobody']))
})

test('what is filled in is not read again, and names of every object’s own are nobody’s value', () => {
  expect(fillText('{{a}} {{constructor}} {{__proto__}}', { a: '{{b}}', b: 'secret' })).toBe(
    '{{b}} {{constructor}} {{__proto__}}',
  )
})

test.each([
  [{ type: 'order' }, { type: 'order', id: '1' }, true],
  [{ data: {} }, { data: { order: null } }, true],
  [{ data: { order: {} } }, { data: { order: null } }, false],
  [{}, 'text', false],
  ['text', 'text', true],
  [[{ a: 1 }], [{ a: 1, b: 2 }, 3], true],
  [[1, 2], [1], false],
  [{ toString: {} }, {}, false],
  [{ a: undefined as never }, { a: undefined }, true],
  [null, undefined, false],
])('%j in %j: %s', (expected, actual, answer) => {
  expect(matches(expected, actual)).toBe(answer)
})
