import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { processorClock } from './processor-clock.ts'

test('it goes on with the work of its thread', () => {
  const clock = processorClock()
  const start = clock()
  while (clock() - start < 50);
  expect(clock()).toBeGreaterThanOrEqual(start + 50)
})

test.runIf(existsSync('/proc/thread-self/schedstat'))('it stands still while its thread waits', () => {
  const clock = processorClock()
  const start = clock()
  const startOfWall = performance.now()
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
  const waited = performance.now() - startOfWall
  expect(clock() - start).toBeLessThan(waited / 2)
})
