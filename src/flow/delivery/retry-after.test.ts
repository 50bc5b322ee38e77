import { expect, test } from 'vitest'
import { readRetryAfter } from './retry-after.ts'

const NOW = Date.parse('1994-11-06T08:49:00Z')

test.each([
  ['120', 120_000],
  ['0', 0],
  ['  7 ', 7_000],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 37_000],
  ['Sun Nov  6 08:49:37 1994', 37_000],
  ['Sun, 06 Nov 1994 08:00:00 GMT', 0],
])('%j asks for %d ms', (text, expected) => {
  expect(readRetryAfter(text, NOW)).toBe(expected)
})

test.each([
  undefined,
  '',
  '-1',
  '1.5',
  'tomorrow',
  '1994-11-06T08:49:37Z',
  'Sun, 99 Nov 1994 08:49:37 GMT',
])('%j asks for nothing', (text) => {
  expect(readRetryAfter(text, NOW)).toBeUndefined()
})
