/**
 * What the end of an attempt means: done, try again at T, or give up. The one place where that is decided.
 *
 * Every failure is tried again until the attempts are used up, but for those that no later attempt can mend. A 401,
 * 404 or even 400 is mostly a receiver's deployment or configuration that is put right within hours, and a lost
 * event costs more than a dozen requests a day; Standard Webhooks says the same, with 410 as the exception.
 */
import { jitteredBackoff } from '../../base/lib/backoff.ts'
import type { RetryPolicy } from '../../base/model/destination.ts'
import type { AttemptOutcome, HeaderList } from '../../base/model/event.ts'
import { OUTCOMES } from './outcome-table.ts'
import { readRetryAfter } from './retry-after.ts'

/** How an attempt ended: with an answer, or without. */
export type AttemptEnd =
  /** `null`: taken, by something that answers without a status. */
  | { readonly ok: true; readonly status: number | null; readonly headers: HeaderList }
  | { readonly ok: false; readonly outcome: AttemptOutcome; readonly detail: string }

export interface AttemptContext {
  /** The number of this attempt in its job's own budget, from 1. */
  readonly attempt: number
  readonly retry: RetryPolicy
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly random: () => number
}

export type Decision = { readonly outcome: AttemptOutcome } & (
  | { readonly verdict: 'done' }
  | { readonly verdict: 'retry'; readonly runAt: number }
  | { readonly verdict: 'give_up'; readonly disableDestination: boolean }
)

export function decideOutcome(end: AttemptEnd, context: AttemptContext): Decision {
  const outcome = end.ok ? outcomeOf(end.status) : end.outcome
  if (outcome === 'delivered') return { outcome, verdict: 'done' }
  const used = context.attempt >= context.retry.maxAttempts
  if (used || !OUTCOMES[outcome].retried || (end.ok && !isRetried(end.status ?? 0, context.retry.retryOn)))
    return { outcome, verdict: 'give_up', disableDestination: outcome === 'gone' }
  return { outcome, verdict: 'retry', runAt: context.now + delay(end, outcome, context) }
}

function outcomeOf(status: number | null): AttemptOutcome {
  if (status === null || (status >= 200 && status < 300)) return 'delivered'
  if (status >= 300 && status < 400) return 'redirect'
  return status === 410 ? 'gone' : 'http_error'
}

/** @param retryOn Classes such as `5xx`, and statuses. */
function isRetried(status: number, retryOn: readonly string[]): boolean {
  return retryOn.includes(String(status)) || retryOn.includes(`${Math.floor(status / 100)}xx`)
}

/** What the policy says, or longer if the receiver asks for it, but never above the policy's cap. */
function delay(end: AttemptEnd, outcome: AttemptOutcome, { attempt, retry, now, random }: AttemptContext): number {
  // We ended it ourselves, to stop: the next worker may begin at once.
  if (outcome === 'interrupted') return 0
  const asked =
    end.ok && (end.status === 429 || end.status === 503)
      ? readRetryAfter(headerValue(end.headers, 'retry-after'), now)
      : undefined
  return Math.min(retry.maxDelayMs, Math.max(policyDelay(attempt, retry, random), asked ?? 0))
}

function policyDelay(attempt: number, retry: RetryPolicy, random: () => number): number {
  const { strategy, baseDelayMs, maxDelayMs, scheduleMs } = retry
  switch (strategy) {
    case 'exponential':
      return jitteredBackoff(attempt, { baseMs: baseDelayMs, capMs: maxDelayMs }, random)
    case 'linear':
      return spread(baseDelayMs * attempt, random)
    case 'schedule':
      return spread(scheduleMs[Math.min(attempt, scheduleMs.length) - 1] ?? baseDelayMs, random)
  }
}

/** A tenth to either side: those that failed together do not come back together. */
function spread(ms: number, random: () => number): number {
  return Math.round(ms * (0.9 + 0.2 * random()))
}

/** Answers to what was sent; every other one says how the receiver is. */
const ABOUT_THE_MESSAGE: ReadonlySet<number> = new Set([400, 413, 414, 415, 422, 431])

/**
 * What an outcome says about the destination, for its circuit. Whatever we did not send, or ended ourselves, says
 * nothing; and one event that a receiver refuses is no reason to stop sending it the others.
 */
export function saysOfDestination(outcome: AttemptOutcome, status: number | null): 'well' | 'ill' | 'nothing' {
  if (outcome === 'delivered') return 'well'
  if (status !== null && ABOUT_THE_MESSAGE.has(status)) return 'nothing'
  return OUTCOMES[outcome].blames ? 'ill' : 'nothing'
}

function headerValue(headers: HeaderList, lowerName: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === lowerName)?.[1]
}
