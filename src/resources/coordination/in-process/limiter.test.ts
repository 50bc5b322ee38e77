import { expect, test } from 'vitest'
import { createLimiter } from './limiter.ts'

const start = 1_800_000_000_000

test('300,000 different keys hold no more than 100,000 entries', () => {
  const limiter = createLimiter()
  for (let index = 0; index < 300_000; index++) limiter.take(`key-${index}`, 10, start)
  expect(limiter.size).toBe(100_000)
})

test('a key in use is not pushed out by fewer new keys than the bound, and so gains no fresh limit', () => {
  const limiter = createLimiter(1_000)
  limiter.take('attacker', 1, start)
  for (let round = 0; round < 20; round++) {
    for (let index = 0; index < 999; index++) limiter.take(`${round}-${index}`, 1, start)
    expect(limiter.take('attacker', 1, start).allowed).toBe(false)
  }
})

test('what was given back can be used again, once', () => {
  const limiter = createLimiter()
  expect(limiter.take('key', 1, start).allowed).toBe(true)
  limiter.release('key', start)
  expect(limiter.take('key', 1, start).allowed).toBe(true)
  expect(limiter.take('key', 1, start).allowed).toBe(false)
})

test('giving back what nobody took, or what has aged, frees nothing', () => {
  const limiter = createLimiter()
  limiter.release('key', start)
  limiter.take('key', 2, start)
  limiter.take('key', 2, start + 30_000)
  limiter.release('key', start - 5_000)
  limiter.release('key', start + 90_000)
  expect(limiter.take('key', 2, start + 30_000).allowed).toBe(false)
  limiter.take('key', 2, start + 64_000)
  limiter.release('key', start)
  expect(limiter.take('key', 2, start + 64_000).allowed).toBe(false)
})

test('a clock set back by hours does not lock a sender out', () => {
  const limiter = createLimiter()
  limiter.take('key', 1, start)
  expect(limiter.take('key', 1, start - 3_600_000).allowed).toBe(true)
  expect(limiter.take('key', 1, start - 3_600_000).allowed).toBe(false)
})

test('a limit that is not a number lets nothing through', () => {
  expect(createLimiter().take('key', Number.NaN, start).allowed).toBe(false)
})
