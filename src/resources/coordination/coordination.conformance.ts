/**
 * What every driver must hold. Two gateways share one coordination; in one process they are the same object.
 */
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { rateKeyAddress } from '../../base/lib/source-address.ts'
import { newId } from '../../base/model/ids.ts'
import type { Coordination } from './coordination.ts'
import { joinKey } from './key.ts'

export interface Shared extends AsyncDisposable {
  readonly gateways: readonly [Coordination, Coordination]
}

export function coordinationConformance(open: (options?: { rememberForMs: number }) => Promise<Shared>): void {
  const start = 1_800_000_000_000
  const aKey = (...parts: string[]) => joinKey('conformance', newId(), ...parts)

  async function allowedOf(coordination: Coordination, key: string, limit: number, times: readonly number[]) {
    const allowed: number[] = []
    for (const time of times) if ((await coordination.allow(key, limit, time)).allowed) allowed.push(time)
    return allowed
  }

  test('64 simultaneous requests at two gateways with a limit of 10: exactly 10 are let through', async () => {
    await using shared = await open()
    const key = aKey()
    const decisions = await Promise.all(
      Array.from({ length: 64 }, (_, index) => shared.gateways[index % 2 === 0 ? 0 : 1].allow(key, 10)),
    )
    expect(decisions.filter((decision) => decision.allowed)).toHaveLength(10)
    expect(decisions.filter((decision) => !decision.allowed).every((d) => d.retryAfterSeconds >= 1)).toBe(true)
  })

  test('what one gateway counted the other one knows', async () => {
    await using shared = await open()
    const [left, right] = shared.gateways
    const key = aKey()
    expect(await left.allow(key, 2, start)).toMatchObject({
      allowed: true,
      limit: 2,
      remaining: 1,
      retryAfterSeconds: 0,
    })
    expect(await right.allow(key, 2, start)).toMatchObject({ allowed: true, remaining: 0 })
    expect(await left.allow(key, 2, start)).toMatchObject({ allowed: false, remaining: 0 })
    expect(await right.allow(key, 2, start)).toMatchObject({ allowed: false, remaining: 0 })
  })

  test('a burst at the end of a minute leaves nothing for the next minute until it has aged', async () => {
    await using shared = await open()
    const [gateway] = shared.gateways
    for (const edge of [0, 1, 3_999, 4_000, 59_999]) {
      const key = aKey()
      const burst = start + edge
      expect(await allowedOf(gateway, key, 20, Array(40).fill(burst))).toHaveLength(20)
      const minute = Array.from({ length: 60 }, (_, second) => burst + second * 1_000)
      expect(await allowedOf(gateway, key, 20, [...minute, burst + 60_000 - 1])).toEqual([])
      expect(await allowedOf(gateway, key, 20, Array(40).fill(burst + 64_000))).toHaveLength(20)
    }
  })

  test('no span of 60 seconds exceeds the limit, and none is refused unless 64 seconds held the limit', async () => {
    await using shared = await open()
    const gaps = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 40_000 }))
    const arrivals = fc.array(gaps, { minLength: 1, maxLength: 120 })
    await fc.assert(
      fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 12 }), fc.nat(64_000), async (waits, limit, offset) => {
        const key = aKey()
        const allowed: number[] = []
        let now = start + offset
        for (const [index, wait] of waits.entries()) {
          now += wait
          const decision = await shared.gateways[index % 2 === 0 ? 0 : 1].allow(key, limit, now)
          if (decision.allowed) {
            allowed.push(now)
            expect(allowed.filter((time) => now - time <= 60_000).length).toBeLessThanOrEqual(limit)
          } else {
            expect(allowed.filter((time) => now - time < 64_000).length).toBeGreaterThanOrEqual(limit)
          }
        }
      }),
      { numRuns: 40 },
    )
  })

  test('a sender at an even 15/16 of the limit is never refused', async () => {
    await using shared = await open()
    const sparse = Array.from({ length: 300 }, (_, index) => start + 777 + index * 4_000)
    expect(await allowedOf(shared.gateways[0], aKey(), 16, sparse)).toHaveLength(300)
    const even = Array.from({ length: 300 }, (_, index) => start + index * 1_000)
    expect(await allowedOf(shared.gateways[0], aKey(), 64, even)).toHaveLength(300)
  })

  test('who waits as long as he was told is let in, and after the reset the whole limit is free', async () => {
    await using shared = await open()
    const [gateway] = shared.gateways
    const key = aKey()
    await allowedOf(gateway, key, 4, [start, start + 9_000, start + 18_000, start + 27_000])
    const refused = await gateway.allow(key, 4, start + 30_500)
    expect(refused).toMatchObject({ allowed: false })
    const reset = start + 30_500 + refused.resetSeconds * 1_000
    expect(await allowedOf(gateway, key, 4, [start + 30_500 + refused.retryAfterSeconds * 1_000])).toHaveLength(1)

    const other = aKey()
    await allowedOf(gateway, other, 4, [start, start + 9_000, start + 18_000, start + 27_000])
    expect(await allowedOf(gateway, other, 4, Array(8).fill(reset))).toHaveLength(4)
  })

  test('refused requests do not prolong the refusal', async () => {
    await using shared = await open()
    const [gateway] = shared.gateways
    const key = aKey()
    await gateway.allow(key, 1, start)
    const knocks = Array.from({ length: 59 }, (_, second) => start + (second + 1) * 1_000)
    expect(await allowedOf(gateway, key, 1, knocks)).toEqual([])
    expect(await gateway.allow(key, 1, start + 64_000)).toMatchObject({ allowed: true })
  })

  test('a changed limit holds at once; a limit of 0 lets nothing through', async () => {
    await using shared = await open()
    const [gateway] = shared.gateways
    const key = aKey()
    await allowedOf(gateway, key, 10, [start, start, start + 8_000])
    const lowered = await gateway.allow(key, 1, start + 8_000)
    expect(lowered).toMatchObject({ allowed: false, limit: 1 })
    // The two of the first slot ageing is not enough: the third still fills the lowered limit.
    expect(await gateway.allow(key, 1, start + 64_000)).toMatchObject({ allowed: false })
    expect(await gateway.allow(key, 1, start + 8_000 + lowered.retryAfterSeconds * 1_000)).toMatchObject({
      allowed: true,
    })
    expect(await gateway.allow(key, 10, start + 72_000)).toMatchObject({ allowed: true })
    expect(await gateway.allow(aKey(), 0, start)).toMatchObject({ allowed: false, remaining: 0 })
  })

  test('a clock that steps back does not free the limit', async () => {
    await using shared = await open()
    const key = aKey()
    expect(await allowedOf(shared.gateways[0], key, 5, Array(5).fill(start + 30_000))).toHaveLength(5)
    expect(await allowedOf(shared.gateways[1], key, 5, Array(5).fill(start))).toEqual([])
  })

  test('keys are apart: parts do not run together, hostile and very long ones are ordinary keys', async () => {
    await using shared = await open()
    const [gateway] = shared.gateways
    const id = newId()
    const long = 'x'.repeat(100_000)
    const keys = [
      joinKey(id, 'ab', 'c'),
      joinKey(id, 'a', 'bc'),
      joinKey(id, 'abc'),
      joinKey(id, '1:a', ''),
      joinKey(id, '1:a'),
      joinKey(id, '\r\nFLUSHALL\r\n'),
      joinKey(id, '\u0000'),
      joinKey(id, '\ud800'),
      joinKey(id, '\ud801'),
      joinKey(id, long, '\ud800'),
      joinKey(id, long, '\ud801'),
      joinKey(id, '__proto__'),
      `#${id}`,
      `##${id}`,
    ]
    for (const key of keys)
      expect(await allowedOf(gateway, key, 1, [start, start]), JSON.stringify(key)).toHaveLength(1)
  })

  test('addresses of one /64 share a limit, those of another do not', async () => {
    await using shared = await open()
    const [gateway] = shared.gateways
    const integration = newId()
    const from = async (address: string) =>
      (await gateway.allow(joinKey(integration, rateKeyAddress(address)), 2, start)).allowed
    expect(await from('2001:db8:1:2::1')).toBe(true)
    expect(await from('2001:db8:1:2:ffff:ffff:ffff:ffff')).toBe(true)
    expect(await from('2001:db8:1:2:1234::9')).toBe(false)
    expect(await from('2001:db8:1:3::1')).toBe(true)
  })

  test('what one gateway remembers the other one has seen', async () => {
    await using shared = await open()
    const [left, right] = shared.gateways
    const markers = [1, 2, 3].map(() => ({ key: newId(), eventId: newId(), fingerprint: newId() }))
    expect(await right.seen(markers[0]!.key)).toBeUndefined()
    await left.remember(markers)
    for (const { key, eventId, fingerprint } of markers) expect(await right.seen(key)).toEqual({ eventId, fingerprint })
    expect(await right.seen(newId())).toBeUndefined()
    await left.remember([])
  })

  test('a marker is forgotten when its time is over', async () => {
    await using shared = await open({ rememberForMs: 100 })
    const [left, right] = shared.gateways
    const marker = { key: newId(), eventId: newId(), fingerprint: newId() }
    await left.remember([marker])
    await vi.waitFor(async () => expect(await right.seen(marker.key)).toBeUndefined(), { timeout: 10_000 })
  })

  test('after close it still answers, still within the limit', async () => {
    const shared = await open()
    await shared[Symbol.asyncDispose]()
    const key = aKey()
    expect(await allowedOf(shared.gateways[0], key, 3, Array(9).fill(start))).toHaveLength(3)
    await shared.gateways[0].remember([{ key, eventId: newId(), fingerprint: newId() }])
    await shared.gateways[0].close()
  })
}
