import { expect, test } from 'vitest'
import { fitsPattern } from './glob.ts'

test.each([
  ['order.paid', 'order.paid', true],
  ['order.paid', 'order.paid.late', false],
  ['order.*', 'order.paid', true],
  ['order.*', 'order.', true],
  ['order.*', 'orders.paid', false],
  ['*.paid', 'order.paid', true],
  ['*.paid', '.paid', true],
  ['*.paid', 'paid', false],
  ['*', '', true],
  ['*', 'anything', true],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*bc*c', 'abc', false],
  ['a**c', 'abc', true],
  ['', '', true],
  ['', 'x', false],
  ['order.p?id', 'order.paid', false],
  ['(.*', '(.x', true],
])('%s on %s: %s', (pattern, text, fits) => {
  expect(fitsPattern(pattern, text)).toBe(fits)
})

test('many stars over a long text that fits nowhere end at once', () => {
  expect(fitsPattern(`${'*a'.repeat(90)}b`, 'a'.repeat(100_000))).toBe(false)
})
