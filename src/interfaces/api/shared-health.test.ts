import { afterEach, expect, test, vi } from 'vitest'
import { shareHealth } from './shared-health.ts'

afterEach(() => vi.useRealTimers())

test('a hundred who ask at once cost one check, and the next one asks anew', async () => {
  let checks = 0
  const health = shareHealth(async () => {
    checks++
    return checks === 1 ? 'degraded' : 'ok'
  })
  expect(new Set(await Promise.all(Array.from({ length: 100 }, health)))).toEqual(new Set(['degraded']))
  expect(await health()).toBe('ok')
  expect(checks).toBe(2)
})

test('a check that throws, rejects or hangs is degraded', async () => {
  vi.useFakeTimers()
  const thrown = shareHealth(() => {
    throw new Error('connect ECONNREFUSED')
  })
  expect(await thrown()).toBe('degraded')
  expect(await shareHealth(() => Promise.reject(new Error('down')))()).toBe('degraded')
  const hanging = shareHealth(() => new Promise(() => undefined))()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await hanging).toBe('degraded')
})
