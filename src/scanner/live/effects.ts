/**
 * Counting effects: whether an event that was answered with 200 did anything, and how often.
 *
 * An oracle only counts; when to look is decided here. Effects may come later than the answer (queues, workers), so
 * the run first learns how long a genuine event takes to show, and then waits a few times that before it says that
 * nothing happened.
 */
import { PosternError } from '../../base/model/errors.ts'

export const ORACLE_KINDS = ['sink', 'status', 'hook'] as const
export type OracleKind = (typeof ORACLE_KINDS)[number]

export interface Oracle {
  readonly kind: OracleKind
  /** In words, for reports: where it looks. */
  readonly describes: string
  /** False when it counts what all events did together, so that one thing can be watched at a time. */
  readonly perEvent: boolean
  /** @throws PosternError `DEPENDENCY_UNAVAILABLE` when it cannot be asked or does not answer with a count. */
  count(eventId: string): Promise<number>
  close(): Promise<void>
}

export interface Effects {
  readonly oracle: Oracle
  /** How many effects `action` had. Waits until they must have shown. */
  during<T>(eventId: string, action: () => Promise<T>): Promise<{ readonly result: T; readonly effects: number }>
  /** The same for an event that ought to have one; learns how long that takes. */
  firstOf<T>(eventId: string, action: () => Promise<T>): Promise<{ readonly result: T; readonly effects: number }>
}

export interface Timing {
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
  /** The longest an effect of a genuine event is waited for. */
  readonly patienceMs: number
}

const POLL_MS = 25
/** Even a target that acts before it answers may have a sink that is a moment behind. */
const LEAST_QUIET_MS = 150
const QUIET_FACTOR = 3

export function createEffects(oracle: Oracle, { now, wait, patienceMs }: Timing): Effects {
  let quietMs = LEAST_QUIET_MS

  async function baseline(eventId: string): Promise<number> {
    return oracle.perEvent ? 0 : await oracle.count(eventId)
  }

  return {
    oracle,
    async during(eventId, action) {
      const before = await baseline(eventId)
      const result = await action()
      await wait(quietMs)
      return { result, effects: (await oracle.count(eventId)) - before }
    },
    async firstOf(eventId, action) {
      const before = await baseline(eventId)
      const result = await action()
      const startedAt = now()
      let effects = (await oracle.count(eventId)) - before
      while (effects < 1 && now() - startedAt < patienceMs) {
        await wait(POLL_MS)
        effects = (await oracle.count(eventId)) - before
      }
      if (effects > 0)
        quietMs = Math.min(patienceMs, Math.max(quietMs, LEAST_QUIET_MS + QUIET_FACTOR * (now() - startedAt)))
      return { result, effects }
    },
  }
}

export function oracleFailed(what: string, cause?: unknown): PosternError {
  return new PosternError(
    'DEPENDENCY_UNAVAILABLE',
    `The oracle does not count: ${what}`,
    cause === undefined ? {} : { cause },
  )
}
