/** The retry policy of a destination, out of JSON that older versions or hands may have written. */
import { DEFAULT_RETRY_POLICY, RETRY_STRATEGIES, type RetryPolicy } from '../../base/model/destination.ts'

/** What is not sensible is the default: a policy that cannot be read must not keep events from being delivered. */
export function readRetryPolicy(value: unknown): RetryPolicy {
  const fields =
    typeof value === 'object' && value !== null ? new Map<string, unknown>(Object.entries(value)) : new Map()
  const whole = (name: 'maxAttempts' | 'baseDelayMs' | 'maxDelayMs', least: number) => {
    const given = fields.get(name)
    return isWhole(given, least) ? given : DEFAULT_RETRY_POLICY[name]
  }
  const list = <T>(name: string, fits: (item: unknown) => item is T, fallback: readonly T[]): readonly T[] => {
    const given: unknown = fields.get(name)
    return Array.isArray(given) && given.every(fits) ? given : fallback
  }
  const scheduleMs = list('scheduleMs', (item): item is number => isWhole(item, 0), [])
  const strategy = RETRY_STRATEGIES.find((each) => each === fields.get('strategy')) ?? DEFAULT_RETRY_POLICY.strategy
  return {
    strategy: strategy === 'schedule' && scheduleMs.length === 0 ? DEFAULT_RETRY_POLICY.strategy : strategy,
    maxAttempts: whole('maxAttempts', 1),
    baseDelayMs: whole('baseDelayMs', 0),
    maxDelayMs: whole('maxDelayMs', 0),
    scheduleMs,
    retryOn: list('retryOn', (item): item is string => typeof item === 'string', DEFAULT_RETRY_POLICY.retryOn),
  }
}

function isWhole(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least
}
