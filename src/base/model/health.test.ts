import { expect, test } from 'vitest'
import { HEALTHY, type Health, type HealthPolicy, healthAfter } from './health.ts'

const NOW = new Date('2026-01-01T00:00:00Z')
const after = (ms: number) => new Date(NOW.getTime() + ms)
const policy: HealthPolicy = { breaker: { failures: 3, openMs: 1_000 }, disableAfterHours: 2 }
const fail = (health: Health, failures = 1, now = NOW) => healthAfter(health, policy, { successes: 0, failures }, now)
const succeed = (health: Health) => healthAfter(health, policy, { successes: 1, failures: 5 }, NOW)

test('the circuit opens at the third failure in a row, once', () => {
  const second = fail(HEALTHY, 2)
  expect(second).toMatchObject({ health: { failures: 2, failingSince: NOW, openUntil: null } })
  const third = fail(second.health)
  expect(third).toMatchObject({ health: { failures: 3, openUntil: after(1_000), trips: 1 } })
  expect(fail(third.health, 7)).toMatchObject({ health: { openUntil: after(1_000), trips: 1 } })
})

test('a probe that fails opens it for twice as long, up to a quarter of an hour', () => {
  let { health } = fail(HEALTHY, 3)
  const spans: number[] = []
  for (let probe = 0; probe < 12; probe++) {
    const at = health.openUntil!
    health = fail(health, 1, at).health
    spans.push(health.openUntil!.getTime() - at.getTime())
  }
  expect(spans.slice(0, 3)).toEqual([2_000, 4_000, 8_000])
  expect(spans.at(-1)).toBe(15 * 60_000)
})

test('one success closes it and forgets everything', () => {
  expect(succeed(fail(HEALTHY, 9).health)).toEqual({ health: HEALTHY, disable: false })
})

test('it is disabled after two hours without a success, and not before', () => {
  const { health } = fail(HEALTHY)
  expect(fail(health, 1, after(2 * 3_600_000 - 1)).disable).toBe(false)
  expect(fail(health, 1, after(2 * 3_600_000)).disable).toBe(true)
  const patient = { ...policy, disableAfterHours: null }
  expect(healthAfter(health, patient, { successes: 0, failures: 1 }, after(1e12)).disable).toBe(false)
})

test('without a breaker it never opens, and what blames nobody changes nothing', () => {
  const none = { ...policy, breaker: { failures: 0, openMs: 1_000 } }
  expect(healthAfter(HEALTHY, none, { successes: 0, failures: 100 }, NOW).health.openUntil).toBeNull()
  const open = fail(HEALTHY, 3).health
  expect(healthAfter(open, policy, { successes: 0, failures: 0 }, NOW).health).toBe(open)
})
