import type { FreshnessCheck, Origin } from '../flow/facts.ts'
import { originKey } from '../flow/value.ts'
import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const staleWindowTooWide = defineRule({
  id: 'stale-window-too-wide',
  control: 'freshness-window',
  title: 'The time window is too wide or open on one side',
  severity: 'medium',
  confidence: 'high',
  cwe: [613, 294],
  owasp: ['API2', 'API10'],
  styles: ['webhook'],
  why: 'A window of hours gives a recorded request hours; one that only refuses the past accepts a timestamp of next year, and with it a replay until then.',
  fix: {
    any: 'Compare the absolute difference with at most 600 seconds.',
  },
  limits: 'A provider’s own library with its default window is believed.',
  when: ({ facts }) => {
    const windows = facts.freshness.flatMap(({ at, sides, toleranceSeconds, timestamp }) => {
      if (toleranceSeconds !== undefined && toleranceSeconds > 600)
        return [{ at, message: `A request may be ${Math.round(toleranceSeconds)} seconds old; 600 are enough.` }]
      return sides === 'past' && !isClosedElsewhere(timestamp, facts.freshness)
        ? [{ at, message: 'Only the past is bounded: a time in the future is always accepted.' }]
        : []
    })
    const verifiers = facts.checks.flatMap(({ at, name, kind, toleranceSeconds }) =>
      kind === 'verifier' && toleranceSeconds !== undefined && toleranceSeconds > 600
        ? [{ at, message: `${name} is told to accept requests that are ${toleranceSeconds} seconds old.` }]
        : [],
    )
    return oncePerPlace([...windows, ...verifiers]).slice(0, 1)
  },
})

/** The other side is bounded by a comparison of its own. */
function isClosedElsewhere(timestamp: readonly Origin[], all: readonly FreshnessCheck[]): boolean {
  const keys = timestamp.map(originKey)
  return all.some((one) => one.sides === 'both' && one.timestamp.some((origin) => keys.includes(originKey(origin))))
}
