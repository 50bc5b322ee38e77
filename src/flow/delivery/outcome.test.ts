import { describe, expect, test } from 'vitest'
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from '../../base/model/destination.ts'
import { ATTEMPT_OUTCOMES, type AttemptOutcome } from '../../base/model/event.ts'
import { type AttemptContext, type AttemptEnd, decideOutcome, saysOfDestination } from './outcome.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')
const retry = { ...DEFAULT_RETRY_POLICY, maxAttempts: 5, baseDelayMs: 5_000, maxDelayMs: 60_000 }

const decide = (end: AttemptEnd, context: Partial<AttemptContext> = {}) =>
  decideOutcome(end, { attempt: 1, retry, now: NOW, random: () => 0.5, ...context })
const answer = (status: number, retryAfter?: string): AttemptEnd => ({
  ok: true,
  status,
  headers: retryAfter === undefined ? [] : [['Retry-After', retryAfter]],
})
const failure = (outcome: AttemptOutcome): AttemptEnd => ({ ok: false, outcome, detail: '' })

test.each([200, 201, 202, 204, 226, 299])('%d is a delivery', (status) => {
  expect(decide(answer(status))).toEqual({ outcome: 'delivered', verdict: 'done' })
})

test.each([300, 301, 302, 303, 307, 308, 304])('%d is a failed attempt, never followed', (status) => {
  expect(decide(answer(status))).toMatchObject({ outcome: 'redirect', verdict: 'retry' })
})

test.each([
  400, 401, 403, 404, 408, 409, 413, 422, 425, 429, 500, 502, 503, 504, 599,
])('%d is tried again', (status) => {
  expect(decide(answer(status))).toMatchObject({ outcome: 'http_error', verdict: 'retry' })
})

test('410 gives up at once and disables the destination', () => {
  expect(decide(answer(410))).toEqual({ outcome: 'gone', verdict: 'give_up', disableDestination: true })
})

test.each([
  'timeout',
  'connection_refused',
  'connection_reset',
  'dns_failed',
  'tls_failed',
  'secret_unavailable',
] as const)('%s is tried again', (outcome) => {
  expect(decide(failure(outcome))).toMatchObject({ outcome, verdict: 'retry' })
})

test.each(['payload_missing', 'destination_disabled'] as const)('%s is given up: no retry can mend it', (outcome) => {
  expect(decide(failure(outcome))).toEqual({ outcome, verdict: 'give_up', disableDestination: false })
})

test('the schedule of waits is exact: exponential, capped, drawn by the random source', () => {
  const waits = [1, 2, 3, 4].map((attempt) => decide(answer(500), { attempt, random: () => 0.5 }))
  expect(waits.map((decision) => decision.verdict === 'retry' && decision.runAt - NOW)).toEqual([
    2_500, 5_000, 10_000, 20_000,
  ])
  const ten = { ...retry, maxAttempts: 20 }
  expect(decide(answer(500), { attempt: 10, retry: ten, random: () => 0.999 })).toMatchObject({ runAt: NOW + 59_940 })
})

test('the last attempt is given up, whatever failed', () => {
  for (const outcome of ATTEMPT_OUTCOMES) {
    if (outcome === 'delivered') continue
    expect(decide(failure(outcome), { attempt: retry.maxAttempts })).toMatchObject({ verdict: 'give_up' })
  }
})

test('Retry-After on 429 and 503 lengthens the wait, in seconds or as a date', () => {
  for (const status of [429, 503]) {
    expect(decide(answer(status, '30'))).toMatchObject({ runAt: NOW + 30_000 })
    expect(decide(answer(status, 'Thu, 01 Jan 2026 00:00:40 GMT'))).toMatchObject({ runAt: NOW + 40_000 })
  }
})

test('Retry-After never shortens the wait and never exceeds the cap', () => {
  expect(decide(answer(429, '0'))).toMatchObject({ runAt: NOW + 2_500 })
  expect(decide(answer(429, '999999999'))).toMatchObject({ runAt: NOW + retry.maxDelayMs })
  expect(decide(answer(503, 'Fri, 01 Jan 2999 00:00:00 GMT'))).toMatchObject({ runAt: NOW + retry.maxDelayMs })
  expect(decide(answer(503, 'Thu, 01 Jan 1970 00:00:00 GMT'))).toMatchObject({ runAt: NOW + 2_500 })
})

test('Retry-After elsewhere, or in no known form, is not listened to', () => {
  expect(decide(answer(500, '30'))).toMatchObject({ runAt: NOW + 2_500 })
  for (const nonsense of ['', 'soon', '-5', '1e9', '30s', '2026-01-01', '9'.repeat(40)]) {
    expect(decide(answer(429, nonsense))).toMatchObject({ runAt: NOW + 2_500 })
  }
})

test('what we interrupted ourselves goes on at once', () => {
  expect(decide(failure('interrupted'))).toMatchObject({ verdict: 'retry', runAt: NOW })
})

describe('a policy', () => {
  const waitsOf = (policy: Partial<RetryPolicy>, random = 0.5) =>
    [1, 2, 3, 4].map((attempt) => {
      const decision = decide(answer(500), { attempt, random: () => random, retry: { ...retry, ...policy } })
      return decision.verdict === 'retry' ? decision.runAt - NOW : decision.verdict
    })

  test('may wait longer by the same each time, give or take a tenth', () => {
    expect(waitsOf({ strategy: 'linear', baseDelayMs: 1_000 })).toEqual([1_000, 2_000, 3_000, 4_000])
    expect(waitsOf({ strategy: 'linear', baseDelayMs: 1_000 }, 0)).toEqual([900, 1_800, 2_700, 3_600])
  })

  test('may have a schedule, whose last wait goes on', () => {
    expect(waitsOf({ strategy: 'schedule', scheduleMs: [5_000, 30_000] })).toEqual([5_000, 30_000, 30_000, 30_000])
    expect(waitsOf({ strategy: 'schedule', scheduleMs: [5_000], maxAttempts: 3 })).toEqual([
      5_000,
      5_000,
      'give_up',
      'give_up',
    ])
  })

  test('never waits longer than its cap', () => {
    expect(waitsOf({ strategy: 'linear', baseDelayMs: 30_000 })).toEqual([30_000, 60_000, 60_000, 60_000])
    expect(waitsOf({ strategy: 'schedule', scheduleMs: [90_000] })[0]).toBe(60_000)
  })

  test('says which answers are worth another try; what failed without one always is', () => {
    const only = { ...retry, retryOn: ['5xx', '429'] }
    expect(decide(answer(503), { retry: only }).verdict).toBe('retry')
    expect(decide(answer(429), { retry: only }).verdict).toBe('retry')
    expect(decide(answer(404), { retry: only })).toEqual({
      outcome: 'http_error',
      verdict: 'give_up',
      disableDestination: false,
    })
    expect(decide(failure('timeout'), { retry: only }).verdict).toBe('retry')
    expect(decide(answer(200), { retry: { ...retry, retryOn: [] } }).verdict).toBe('done')
  })
})

test('what an outcome says of the destination: a refused message blames nobody, and neither does what we did not send', () => {
  expect(saysOfDestination('delivered', 204)).toBe('well')
  for (const status of [401, 404, 408, 429, 500, 503]) expect(saysOfDestination('http_error', status)).toBe('ill')
  for (const status of [400, 413, 422]) expect(saysOfDestination('http_error', status)).toBe('nothing')
  for (const outcome of ['timeout', 'tls_failed', 'dns_failed'] as const)
    expect(saysOfDestination(outcome, null)).toBe('ill')
  for (const outcome of ['interrupted', 'payload_missing', 'secret_unavailable', 'internal'] as const)
    expect(saysOfDestination(outcome, null)).toBe('nothing')
})
