import { expect, test } from 'vitest'
import { backoffCeiling, jitteredBackoff } from './backoff.ts'

const policy = { baseMs: 5_000, capMs: 60_000 }

test('the ceiling doubles with each failed try and stops at the cap', () => {
  const ceilings = [1, 2, 3, 4, 5, 6].map((attempt) => backoffCeiling(attempt, policy))
  expect(ceilings).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000])
})

test('a very late try still waits the cap, not infinity', () => {
  expect(backoffCeiling(100_000, policy)).toBe(60_000)
  expect(backoffCeiling(100_000, { baseMs: 1, capMs: Number.MAX_SAFE_INTEGER })).toBeLessThanOrEqual(
    Number.MAX_SAFE_INTEGER,
  )
})

test('nonsense counts as the first try', () => {
  expect(backoffCeiling(0, policy)).toBe(5_000)
  expect(backoffCeiling(-3, policy)).toBe(5_000)
})

test('jitter covers the whole interval and never reaches the ceiling', () => {
  expect(jitteredBackoff(3, policy, () => 0)).toBe(0)
  expect(jitteredBackoff(3, policy, () => 0.5)).toBe(10_000)
  expect(jitteredBackoff(3, policy, () => 1 - Number.EPSILON)).toBeLessThan(20_000)
})
