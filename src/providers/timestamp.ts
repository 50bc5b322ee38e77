/**
 * Timestamps: signed as the text that arrived, read as a number only for the window.
 */
import type { TimestampRule } from './definition.ts'

/**
 * `parseInt` takes " 1700000000abc"; these do not. Twelve digits of seconds reach the year 33658 and leave a
 * timestamp in milliseconds (13 digits) outside.
 */
const SECONDS = /^[0-9]{1,12}$/
/** Thirteen digits since 2001: what is shorter is a time in seconds. */
const MILLISECONDS = /^[1-9][0-9]{12,14}$/
/** RFC 3339 section 5.6, upper-case T and Z; fractions beyond milliseconds are signed but not read. */
const ISO8601 = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/

/** @returns Milliseconds since the epoch, or `undefined` when the text is not a timestamp of this unit. */
export function readTimestamp(text: string, unit: TimestampRule['unit']): number | undefined {
  switch (unit) {
    case 's':
      return SECONDS.test(text) ? Number(text) * 1000 : undefined
    case 'ms':
      return MILLISECONDS.test(text) ? Number(text) : undefined
    case 'iso8601': {
      const parts = ISO8601.exec(text)
      if (parts === null) return undefined
      const at = Date.parse(`${parts[1]}${(parts[2] ?? '').slice(0, 4)}${parts[3]}`)
      return Number.isNaN(at) ? undefined : at
    }
  }
}

export function writeTimestamp(now: number, unit: TimestampRule['unit']): string {
  if (unit === 's') return String(Math.floor(now / 1000))
  return unit === 'ms' ? String(Math.floor(now)) : new Date(now).toISOString()
}

/** Both directions, inclusive at exactly the tolerance. */
export function windowProblem(
  signedAt: number,
  now: number,
  toleranceSeconds: number,
  aheadSeconds = toleranceSeconds,
): 'signature_stale' | 'signature_future' | undefined {
  const age = now - signedAt
  if (age > toleranceSeconds * 1000) return 'signature_stale'
  if (-age > Math.min(toleranceSeconds, aheadSeconds) * 1000) return 'signature_future'
  return undefined
}
