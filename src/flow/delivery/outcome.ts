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
import { readRetryAfter } from './retry-after.ts'

/** How an attempt ended: with an answer, or without. */
export type AttemptEnd =
  | { readonly ok: true; readonly status: number; readonly headers: HeaderList }
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

/** Closed: a new outcome does not compile until somebody has said whether it is worth another try. */
const RETRYABLE: Readonly<Record<AttemptOutcome, boolean>> = {
  delivered: false,
  http_error: true,
  // Never followed: the place it names was not vetted. The receiver may correct its address.
  redirect: true,
  // "Likely permanent" (RFC 9110 section 15.5.11); the receiver asks not to be called again.
  gone: false,
  timeout: true,
  connection_refused: true,
  connection_reset: true,
  dns_failed: true,
  tls_failed: true,
  // Nothing was sent. A name may resolve elsewhere again, and an operator may allow the range.
  address_blocked: true,
  // The master key or the secret's file may be put back.
  secret_unavailable: true,
  // The bytes are not kept any more; they will not come back.
  payload_missing: false,
  // A replay, once it is enabled again, is somebody's decision; a retry would not be.
  destination_disabled: false,
  interrupted: true,
  internal: true,
}

export function decideOutcome(end: AttemptEnd, context: AttemptContext): Decision {
  const outcome = end.ok ? outcomeOf(end.status) : end.outcome
  if (outcome === 'delivered') return { outcome, verdict: 'done' }
  const used = context.attempt >= context.retry.maxAttempts
  if (used || !RETRYABLE[outcome]) return { outcome, verdict: 'give_up', disableDestination: outcome === 'gone' }
  return { outcome, verdict: 'retry', runAt: context.now + delay(end, outcome, context) }
}

function outcomeOf(status: number): AttemptOutcome {
  if (status >= 200 && status < 300) return 'delivered'
  if (status >= 300 && status < 400) return 'redirect'
  return status === 410 ? 'gone' : 'http_error'
}

/** The backoff of the policy, or longer if the receiver asks for it, but never above the policy's cap. */
function delay(end: AttemptEnd, outcome: AttemptOutcome, { attempt, retry, now, random }: AttemptContext): number {
  // We ended it ourselves, to stop: the next worker may begin at once.
  if (outcome === 'interrupted') return 0
  const backoff = jitteredBackoff(attempt, { baseMs: retry.baseDelayMs, capMs: retry.maxDelayMs }, random)
  const asked =
    end.ok && (end.status === 429 || end.status === 503)
      ? readRetryAfter(headerValue(end.headers, 'retry-after'), now)
      : undefined
  return Math.min(retry.maxDelayMs, Math.max(backoff, asked ?? 0))
}

function headerValue(headers: HeaderList, lowerName: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === lowerName)?.[1]
}
