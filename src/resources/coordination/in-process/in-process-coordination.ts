/**
 * Coordination inside one process: for an installation with one gateway, which needs no other service for it.
 *
 * Every answer is given synchronously: the hot path waits for nothing.
 */
import { LRUCache } from 'lru-cache'
import type { Coordination, Decision, Marker, Seen } from '../coordination.ts'
import { REMEMBER_FOR_MS } from '../coordination.ts'
import { boundedKey } from '../key.ts'
import { createLimiter } from './limiter.ts'

/** About 6 MB when full. A key that is pushed out early costs one look-up in the database. */
const MAX_MARKERS = 20_000

export interface InProcessCoordination extends Coordination {
  allow(key: string, limitPerMinute: number, now?: number): Decision
  seen(key: string): Seen | undefined
  remember(markers: readonly Marker[]): void
}

export interface InProcessOptions {
  readonly now?: () => number
  readonly rememberForMs?: number
  readonly maxMarkers?: number
}

export function openInProcessCoordination(options: InProcessOptions = {}): InProcessCoordination {
  const clock = options.now ?? Date.now
  const limiter = createLimiter()
  const markers = new LRUCache<string, Seen>({
    max: options.maxMarkers ?? MAX_MARKERS,
    ttl: options.rememberForMs ?? REMEMBER_FOR_MS,
    ttlResolution: 0,
    perf: { now: clock },
  })

  return {
    degraded: false,
    allow: (key, limitPerMinute, now = clock()) => limiter.take(key, limitPerMinute, now),
    seen: (key) => markers.get(boundedKey(key)),
    remember(entries) {
      for (const { key, eventId, fingerprint } of entries) markers.set(boundedKey(key), { eventId, fingerprint })
    },
    async close() {
      markers.clear()
    },
  }
}
