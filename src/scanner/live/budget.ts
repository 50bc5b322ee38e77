/**
 * How much a run may do: requests in all, requests a second, seconds in all. Whoever sends asks here first.
 *
 * The rate is an average over a bucket that starts full, so that fifty copies can go at once and are paid for
 * before they go.
 */
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Limits {
  readonly maxRequests: number
  readonly perSecond: number
  readonly maxSeconds: number
}

export const DEFAULT_LIMITS: Limits = { maxRequests: 1_000, perSecond: 100, maxSeconds: 120 }

export type EndReason = 'requests' | 'time' | 'interrupted' | 'target-lost'

/** The run is over, whatever was still to be asked. Caught by the run loop and by nobody else. */
export class RunEnded extends Error {
  readonly reason: EndReason

  constructor(reason: EndReason) {
    super(END_TEXT[reason])
    this.name = 'RunEnded'
    this.reason = reason
  }
}

export const END_TEXT: Readonly<Record<EndReason, string>> = {
  requests: 'The request budget was used up (limits.requests).',
  time: 'The time for the whole run was used up (limits.seconds).',
  interrupted: 'The run was interrupted.',
  'target-lost': 'The target stopped answering.',
}

export interface Budget {
  /** Waits for the rate. @throws RunEnded */
  take(requests: number): Promise<void>
  /** @throws RunEnded when the run is over already. */
  check(): void
  end(reason: EndReason): void
  readonly ended: EndReason | undefined
  readonly used: number
  readonly requestsLeft: number
  /** Of the time for the whole run. */
  readonly secondsLeft: number
  /** Aborted when the run ends. */
  readonly signal: AbortSignal
  close(): void
}

/** @param now Milliseconds from any fixed point. @param interrupt Of the caller, such as Ctrl-C. */
export function createBudget(limits: Limits, now: () => number, interrupt?: AbortSignal): Budget {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal) // every request under way listens; Node warns at eleven
  const startedAt = now()
  let used = 0
  let ended: EndReason | undefined
  let tokens = limits.perSecond
  let filledAt = startedAt

  const end = (reason: EndReason): void => {
    if (ended !== undefined) return
    ended = reason
    controller.abort()
  }
  const onInterrupt = () => end('interrupted')
  if (interrupt?.aborted === true) end('interrupted')
  interrupt?.addEventListener('abort', onInterrupt, { once: true })
  const timer = setTimeout(() => end('time'), limits.maxSeconds * 1_000)

  const check = (): void => {
    if (ended !== undefined) throw new RunEnded(ended)
  }

  return {
    async take(requests) {
      check()
      if (used + requests > limits.maxRequests) {
        end('requests')
        check()
      }
      used += requests
      const at = now()
      tokens = Math.min(limits.perSecond, tokens + ((at - filledAt) / 1_000) * limits.perSecond) - requests
      filledAt = at
      if (tokens < 0) {
        await sleep((-tokens / limits.perSecond) * 1_000, undefined, { signal: controller.signal }).catch(
          () => undefined,
        )
        check()
      }
    },
    check,
    end,
    get ended() {
      return ended
    },
    get used() {
      return used
    },
    get requestsLeft() {
      return Math.max(0, limits.maxRequests - used)
    },
    get secondsLeft() {
      return Math.max(0, limits.maxSeconds - (now() - startedAt) / 1_000)
    },
    signal: controller.signal,
    close() {
      clearTimeout(timer)
      interrupt?.removeEventListener('abort', onInterrupt)
    },
  }
}
