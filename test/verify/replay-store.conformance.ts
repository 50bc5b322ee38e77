/** What every replay store promises, asked of each. */
import { expect, test } from 'vitest'
import type { ReplayStore } from '../../src/verify/replay-store.ts'

export interface StoreUnderTest {
  readonly store: ReplayStore
  /** Lets so much time pass that every lease ends and no confirmation does. */
  readonly pastLease: () => unknown
}

let unique = 0
const aKey = () => `key-${process.pid}-${unique++}`

export function replayStoreConformance(open: () => StoreUnderTest): void {
  test('a key is claimed once: busy while it is handled, seen when it is done', async () => {
    const { store } = open()
    const key = aKey()
    expect(await store.claim(key, 'a')).toBe('new')
    expect(await store.claim(key, 'b')).toBe('busy')
    await store.confirm(key)
    expect(await store.claim(key, 'c')).toBe('seen')
    expect(await store.claim(aKey(), 'd')).toBe('new')
  })

  test('of sixty-four simultaneous claims exactly one is new', async () => {
    const { store } = open()
    const key = aKey()
    const claims = await Promise.all(Array.from({ length: 64 }, (_, index) => store.claim(key, `owner-${index}`)))
    expect(claims.filter((each) => each === 'new')).toHaveLength(1)
    expect(new Set(claims)).toEqual(new Set(['new', 'busy']))
  })

  test('what failed is released, and the retry is new', async () => {
    const { store } = open()
    const key = aKey()
    await store.claim(key, 'a')
    await store.release(key, 'a')
    expect(await store.claim(key, 'b')).toBe('new')
  })

  test('nobody releases what another holds, or what is done', async () => {
    const { store } = open()
    const key = aKey()
    await store.claim(key, 'a')
    await store.release(key, 'b')
    expect(await store.claim(key, 'c')).toBe('busy')
    await store.confirm(key)
    await store.release(key, 'a')
    expect(await store.claim(key, 'd')).toBe('seen')
  })

  test('who dies while handling has released it when the lease ends, to one of many; what is done stays', async () => {
    const { store, pastLease } = open()
    const [dead, done] = [aKey(), aKey()]
    await store.claim(dead, 'a')
    await store.claim(done, 'a')
    await store.confirm(done)
    await pastLease()
    const claims = await Promise.all(Array.from({ length: 16 }, (_, index) => store.claim(dead, `owner-${index}`)))
    expect(claims.filter((each) => each === 'new')).toHaveLength(1)
    expect(await store.claim(done, 'b')).toBe('seen')
  })

  test('who comes back after its lease has passed to another releases nothing, and may still confirm', async () => {
    const { store, pastLease } = open()
    const key = aKey()
    await store.claim(key, 'slow')
    await pastLease()
    expect(await store.claim(key, 'next')).toBe('new')
    await store.release(key, 'slow')
    expect(await store.claim(key, 'third')).toBe('busy')
    await store.confirm(key)
    await store.release(key, 'next')
    expect(await store.claim(key, 'fourth')).toBe('seen')
  })
}
