/**
 * A replay store inside the process: for one instance, and gone with it.
 */
import { type ReplayStore, type ReplayTimes, replayTimes } from './replay-store.ts'

export interface MemoryReplayOptions extends ReplayTimes {
  /** About 200 bytes each. When they are used up, the oldest is forgotten; 100,000 when absent. */
  readonly maxEntries?: number
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

interface Entry {
  /** Absent once confirmed. */
  readonly owner?: string
  readonly until: number
}

export function memoryReplayStore(options: MemoryReplayOptions = {}): ReplayStore {
  const { ttlSeconds, leaseSeconds } = replayTimes(options)
  const { maxEntries = 100_000, now = Date.now } = options
  if (!Number.isInteger(maxEntries) || maxEntries < 1) throw new RangeError('maxEntries must be a whole number above 0')
  // A Map keeps the order of insertion: the first entry is the oldest.
  const entries = new Map<string, Entry>()

  function put(key: string, entry: Entry): void {
    entries.delete(key)
    entries.set(key, entry)
    for (const [oldest, { until }] of entries) {
      if (entries.size <= maxEntries && until > now()) break
      entries.delete(oldest)
    }
  }

  return {
    ttlSeconds,
    claim(key, owner) {
      const known = entries.get(key)
      if (known !== undefined && known.until > now()) return known.owner === undefined ? 'seen' : 'busy'
      put(key, { owner, until: now() + leaseSeconds * 1000 })
      return 'new'
    },
    confirm(key) {
      put(key, { until: now() + ttlSeconds * 1000 })
    },
    release(key, owner) {
      if (entries.get(key)?.owner === owner) entries.delete(key)
    },
  }
}
