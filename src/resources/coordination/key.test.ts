import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundedKey, joinKey } from './key.ts'

const part = fc.string({ unit: fc.constantFrom('a', '1', ':', ',', '#', '\ud800'), maxLength: 6 })

test('different parts make different keys', () => {
  const parts = fc.array(part, { maxLength: 4 })
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      const same = one.length === other.length && one.every((text, index) => text === other[index])
      expect(boundedKey(joinKey(...one)) === boundedKey(joinKey(...other))).toBe(same)
    }),
    { numRuns: 2_000 },
  )
})

test('a key is never longer than 200 characters, and long keys stay apart', () => {
  const keys = ['a', 'b', '\ud800', '\ud801', '\ufffd'].map((end) => boundedKey('x'.repeat(1_000) + end))
  expect(new Set(keys).size).toBe(5)
  expect(keys.every((key) => key.length <= 200)).toBe(true)
})

test('a short key cannot be mistaken for the digest of a long one', () => {
  const digested = boundedKey('x'.repeat(1_000))
  expect(boundedKey(digested)).not.toBe(digested)
})
