/** Suites that need Redis: run against the run's own, or skipped with the command that would enable them. */
import { describe, inject, test } from 'vitest'

/** Shared by all files of the run: use keys of your own. */
export function testRedisUrl(): string {
  const url = inject('redisUrl')
  if (url === undefined) throw new Error(HOW_TO_ENABLE)
  return url
}

const HOW_TO_ENABLE = 'needs Redis: `apt-get install redis-server`, or set REDIS_URL'

export function describeWithRedis(name: string, suite: () => void): void {
  if (inject('redisUrl') !== undefined) {
    describe(name, suite)
    return
  }
  console.warn(`SKIPPED ${name}: ${HOW_TO_ENABLE}`)
  describe(name, () => test.skip(HOW_TO_ENABLE, () => undefined))
}
