/**
 * Chooses the driver: Redis or Valkey when an address is given, this process otherwise.
 */
import type { Logger } from '../../observability/log.ts'
import type { Coordination } from './coordination.ts'
import { openInProcessCoordination } from './in-process/in-process-coordination.ts'
import { openRedisCoordination } from './redis/redis-coordination.ts'

export interface CoordinationOptions {
  /** `redis:`, `rediss:` or `unix:`. Without it, coordination ends at the border of this process. */
  readonly redisUrl?: string | undefined
  readonly log: Logger
  readonly now?: () => number
}

/** Returns at once and never fails: until Redis is reached, each gateway keeps the limits for itself. */
export function openCoordination({ redisUrl, log, now }: CoordinationOptions): Coordination {
  const clock = now === undefined ? {} : { now }
  return redisUrl === undefined
    ? openInProcessCoordination(clock)
    : openRedisCoordination({ url: redisUrl, log, ...clock })
}
