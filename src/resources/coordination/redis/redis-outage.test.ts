import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Redis } from 'ioredis'
import { expect, test, vi } from 'vitest'
import { describeWithRedis, testRedisUrl } from '../../../../test/support/redis.ts'
import { startOwnRedis } from '../../../../test/support/redis-server.ts'
import { newId } from '../../../base/model/ids.ts'
import { createLogger } from '../../../observability/log.ts'
import type { Coordination } from '../coordination.ts'
import { openCoordination } from '../open.ts'
import { openRedisCoordination } from './redis-coordination.ts'

interface Relay extends AsyncDisposable {
  readonly url: string
  /** Where new connections lead; without a target they are dropped at once. Open ones are cut. */
  target(url: string | undefined): void
  /** Keeps connections open and lets nothing through, as a stopped process or a dead switch does. */
  hang(hanging: boolean): void
}

async function openRelay(first: string | undefined): Promise<Relay> {
  const open = new Set<Socket>()
  let upstreamUrl = first
  let hung = false
  const server = createServer((client) => {
    if (upstreamUrl === undefined) return void client.destroy()
    const { protocol, pathname, hostname, port } = new URL(upstreamUrl)
    const upstream = protocol === 'unix:' ? connect(pathname) : connect(Number(port || 6379), hostname)
    for (const [from, to] of [[client, upstream] as const, [upstream, client] as const]) {
      open.add(from)
      from.on('data', (data) => hung || to.write(data))
      from.on('error', () => undefined)
      from.on('close', () => {
        open.delete(from)
        to.destroy()
      })
    }
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const cut = () => {
    for (const socket of open) socket.destroy()
  }
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    target(url) {
      upstreamUrl = url
      cut()
    },
    hang(hanging) {
      hung = hanging
    },
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Gateway extends AsyncDisposable {
  readonly coordination: Coordination
  readonly lines: { readonly level: string; readonly msg: string }[]
}

function openGateway(url: string): Gateway {
  const lines: Gateway['lines'] = []
  const log = createLogger({ level: 'info', destination: { write: (line) => void lines.push(JSON.parse(line)) } })
  // More patient than by default: on a busy machine a late answer would be an outage that the test did not make.
  const coordination = openRedisCoordination({ url, log, answerWithinMs: 1_000 })
  return { coordination, lines, [Symbol.asyncDispose]: () => coordination.close() }
}

async function untilDegraded({ coordination }: Gateway, degraded: boolean): Promise<void> {
  await vi.waitFor(() => expect(coordination.degraded).toBe(degraded), { timeout: 15_000, interval: 20 })
}

async function allowedOf(coordination: Coordination, key: string, limit: number, count: number): Promise<number> {
  const decisions = await Promise.all(Array.from({ length: count }, () => coordination.allow(key, limit)))
  return decisions.filter(({ allowed }) => allowed).length
}

const levels = ({ lines }: Gateway) => lines.map(({ level }) => level)

describeWithRedis('coordination while Redis is away', () => {
  test('Redis killed with requests under way: still limited, nothing thrown; an empty new one takes over', async (context) => {
    const before = await startOwnRedis()
    if (before === undefined) return context.skip('needs a redis-server on PATH')
    await using relay = await openRelay(before.url)
    await using gateway = openGateway(relay.url)
    await untilDegraded(gateway, false)
    const key = newId()
    expect(await allowedOf(gateway.coordination, key, 10, 4)).toBe(4)

    const underWay = allowedOf(gateway.coordination, key, 10, 64)
    await before.close()
    expect(await underWay).toBe(6)
    await untilDegraded(gateway, true)
    const other = newId()
    expect(await allowedOf(gateway.coordination, key, 10, 64)).toBe(0)
    expect(await allowedOf(gateway.coordination, other, 10, 64)).toBe(10)
    expect(await gateway.coordination.seen(key)).toBeUndefined()
    await gateway.coordination.remember([{ key, eventId: newId(), fingerprint: newId() }])

    const after = await startOwnRedis()
    relay.target(after?.url)
    await untilDegraded(gateway, false)
    expect(await gateway.coordination.seen(key)).toBeUndefined()
    expect(await allowedOf(gateway.coordination, key, 10, 64)).toBe(0)
    expect(await allowedOf(gateway.coordination, other, 10, 64)).toBe(0)
    expect(await allowedOf(gateway.coordination, newId(), 10, 64)).toBe(10)
    expect(levels(gateway)).toEqual(['warn', 'info'])
    await after?.close()
  })

  test('a hanging Redis delays the first requests only; later ones do not wait; one warning, one recovery', async () => {
    await using relay = await openRelay(testRedisUrl())
    await using gateway = openGateway(relay.url)
    await untilDegraded(gateway, false)
    const marker = { key: newId(), eventId: newId(), fingerprint: newId() }
    await gateway.coordination.remember([marker])

    relay.hang(true)
    const key = newId()
    expect(await allowedOf(gateway.coordination, key, 10, 64)).toBe(10)
    expect(gateway.coordination.degraded).toBe(true)
    for (let count = 0; count < 1_000; count++) {
      expect(gateway.coordination.allow(key, 10)).toMatchObject({ allowed: false })
      expect(gateway.coordination.seen(marker.key)).toBeUndefined()
    }
    // Long enough for several probes and for the silent connection to be given up.
    await new Promise((resolve) => setTimeout(resolve, 3_500))
    expect(gateway.coordination.degraded).toBe(true)
    expect(levels(gateway)).toEqual(['warn'])

    relay.hang(false)
    await untilDegraded(gateway, false)
    expect(await gateway.coordination.seen(marker.key)).toEqual({
      eventId: marker.eventId,
      fingerprint: marker.fingerprint,
    })
    expect(levels(gateway)).toEqual(['warn', 'info'])
  })

  test('a second outage is warned of again', async () => {
    await using relay = await openRelay(testRedisUrl())
    await using gateway = openGateway(relay.url)
    for (let outage = 0; outage < 2; outage++) {
      await untilDegraded(gateway, false)
      relay.target(undefined)
      await untilDegraded(gateway, true)
      relay.target(testRedisUrl())
    }
    await untilDegraded(gateway, false)
    expect(levels(gateway)).toEqual(['warn', 'info', 'warn', 'info'])
  })

  test('a Redis that answers PING but takes no writes is away, too', async (context) => {
    const server = await startOwnRedis()
    if (server === undefined) return context.skip('needs a redis-server on PATH')
    const admin = new Redis(new URL(server.url).pathname)
    await using gateway = openGateway(server.url)
    await untilDegraded(gateway, false)
    await admin.config('SET', 'maxmemory', '1')
    expect(await allowedOf(gateway.coordination, newId(), 10, 64)).toBe(10)
    expect(gateway.coordination.degraded).toBe(true)
    // Several probes later: PING would have called this recovered.
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    expect(levels(gateway)).toEqual(['warn'])
    await admin.config('SET', 'maxmemory', '0')
    await untilDegraded(gateway, false)
    admin.disconnect()
    await gateway.coordination.close()
    await server.close()
  })

  test('markers that cannot be stored are dropped', async (context) => {
    const server = await startOwnRedis()
    if (server === undefined) return context.skip('needs a redis-server on PATH')
    const admin = new Redis(new URL(server.url).pathname)
    await using gateway = openGateway(server.url)
    await untilDegraded(gateway, false)
    await admin.config('SET', 'maxmemory', '1')
    await gateway.coordination.remember([{ key: newId(), eventId: newId(), fingerprint: newId() }])
    expect(gateway.coordination.degraded).toBe(true)
    admin.disconnect()
    await server.close()
  })
})

test('a Redis that was never there: limited from the first request on, one warning', async () => {
  await using relay = await openRelay(undefined)
  await using gateway = openGateway(relay.url)
  const key = newId()
  expect(await allowedOf(gateway.coordination, key, 10, 64)).toBe(10)
  await vi.waitFor(() => expect(levels(gateway)).toEqual(['warn']), { timeout: 10_000 })
  expect(await allowedOf(gateway.coordination, key, 10, 64)).toBe(0)
  expect(gateway.coordination.degraded).toBe(true)
})

test('with an address, coordination is shared', async () => {
  await using relay = await openRelay(undefined)
  const coordination = openCoordination({ redisUrl: relay.url, log: createLogger({ level: 'silent' }) })
  expect(coordination.degraded).toBe(true)
  expect(coordination.allow('key', 1)).toMatchObject({ allowed: true })
  expect(coordination.allow('key', 1)).toMatchObject({ allowed: false })
  await coordination.close()
})

test('without an address, coordination is in-process and answers are values', async () => {
  const log = createLogger({ level: 'silent' })
  const coordination = openCoordination({ log, now: () => 1_800_000_000_000 })
  expect(coordination.allow('key', 1)).toMatchObject({ allowed: true })
  expect(coordination.allow('key', 1)).toMatchObject({ allowed: false, retryAfterSeconds: 64 })
  await coordination.close()
})
