/** How much one sender may send, and who counts as one sender. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromAcme } from '../e2e/senders.ts'
import { aGateway, type TestGateway } from '../support/gateway.ts'
import { describeWithRedis } from '../support/redis.ts'
import { startOwnRedis } from '../support/redis-server.ts'
import { open } from './raw-http.ts'

const SECRET = 'acme-secret-of-the-limits'
const LIMIT = 10
let count = 0
const event = () => fromAcme(SECRET, JSON.stringify({ eventId: `limit-${++count}`, eventType: 'a' }))
const limited = (gateway: TestGateway) =>
  gateway.integrate({ provider: 'acme', secret: SECRET, rateLimitPerMinute: LIMIT })

/** Statuses of so many requests in turn; `forwarded` says what each claims about where it comes from. */
async function statuses(
  gateway: TestGateway,
  path: string,
  requests: number,
  forwarded: (n: number) => Record<string, string> = () => ({}),
) {
  const seen: number[] = []
  for (let n = 0; n < requests; n++) {
    const { body, headers } = event()
    seen.push((await gateway.send(path, { body, headers: { ...headers, ...forwarded(n) } })).status)
  }
  return seen
}
const accepted = (seen: readonly number[]) => seen.filter((status) => status === 202).length

describe('nobody is trusted to name the sender', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await aGateway()
  })
  afterAll(() => gateway[Symbol.asyncDispose]())

  test('S-43 B3 another X-Forwarded-For on each request frees nothing, and is not who sent it', async () => {
    const { receivePath, id } = await limited(gateway)
    const seen = await statuses(gateway, receivePath, 2 * LIMIT, (n) => ({
      'x-forwarded-for': `6.6.6.${n}`,
      'x-real-ip': `6.6.6.${n}`,
      forwarded: `for=6.6.6.${n}`,
      'x-client-ip': `6.6.6.${n}`,
      'cf-connecting-ip': `6.6.6.${n}`,
    }))
    expect(accepted(seen)).toBe(LIMIT)
    expect(seen.filter((status) => status === 429)).toHaveLength(LIMIT)
    const [{ id: eventId }] = (await gateway.api('GET', `/api/v1/events?integrationId=${id}&pageSize=1`)).json.data
    expect((await gateway.api('GET', `/api/v1/events/${eventId}`)).json.sourceIp).toBe('127.0.0.1')
  })

  test('S-41 over the limit it is 429 with when to come back, before the signature is looked at; others are not affected', async () => {
    const { receivePath } = await limited(gateway)
    const other = await limited(gateway)
    await statuses(gateway, receivePath, LIMIT)
    for (const signed of [event(), fromAcme('another-secret-entirely', '{}')]) {
      const refused = await gateway.send(receivePath, signed)
      expect(refused.status).toBe(429)
      expect(refused.json).toMatchObject({ code: 'RATE_LIMITED' })
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(64)
      expect(refused.headers.get('ratelimit-policy')).toContain(`q=${LIMIT}`)
      expect(refused.headers.get('ratelimit')).toContain('r=0')
    }
    expect(accepted(await statuses(gateway, other.receivePath, 3))).toBe(3)
  })

  test('B19 forgeries count as well, and paths that name nobody make no keys', async () => {
    const { receivePath } = await limited(gateway)
    for (let n = 0; n < LIMIT; n++)
      expect((await gateway.send(receivePath, fromAcme('another-secret-entirely', `{"n":${n}}`))).status).toBe(401)
    expect((await gateway.send(receivePath, event())).status).toBe(429)
    for (let n = 0; n < 2 * LIMIT; n++)
      expect((await gateway.send(`/api/v1/webhooks/provider-${n}`, event())).status).toBe(404)
  })
})

describe('behind a proxy that is trusted', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await aGateway({ config: { POSTERN_TRUSTED_PROXIES: '127.0.0.1/32,10.0.0.0/8' } })
  })
  afterAll(() => gateway[Symbol.asyncDispose]())

  test('S-43 the right-most hop that is no proxy is the sender; what stands left of it is hearsay', async () => {
    const { receivePath, id } = await limited(gateway)
    const spoofed = await statuses(gateway, receivePath, 2 * LIMIT, (n) => ({
      'x-forwarded-for': `6.6.6.${n}, 203.0.113.7, 10.0.0.${n}`,
    }))
    expect(accepted(spoofed)).toBe(LIMIT)
    const neighbour = await statuses(gateway, receivePath, 3, () => ({ 'x-forwarded-for': '203.0.113.8' }))
    expect(accepted(neighbour)).toBe(3)
    const sources = (
      await gateway.db.query<{ ip: string }>(
        "select distinct host(source_ip) as ip from events where integration_id = ('' || $1)::uuid",
        [id.slice(4)],
      )
    ).rows.map(({ ip }) => ip)
    expect(sources.sort()).toEqual(['203.0.113.7', '203.0.113.8'])
  })

  test('S-43 addresses of one /64 are one sender; junk in the header is the proxy itself, never an error', async () => {
    const { receivePath } = await limited(gateway)
    expect(
      accepted(
        await statuses(gateway, receivePath, 2 * LIMIT, (n) => ({
          'x-forwarded-for': `2001:db8:1:2::${n.toString(16)}`,
        })),
      ),
    ).toBe(LIMIT)
    const junk = [
      '',
      ',',
      'unknown',
      '999.1.1.1',
      '<script>',
      "' or 1=1 --",
      '::ffff:6.6.6.6%eth0',
      '1.2.3.4:99999',
      'a'.repeat(5000),
    ]
    for (const value of junk) {
      const { body, headers } = event()
      const { status } = await gateway.send(receivePath, { body, headers: { ...headers, 'x-forwarded-for': value } })
      expect([202, 429], value.slice(0, 30)).toContain(status)
    }
  })
})

test('S-33 connections of one address are capped: the next one is closed, and a place is free when one ends', async () => {
  await using gateway = await aGateway({ config: { POSTERN_MAX_CONNECTIONS_PER_ADDRESS: '8' } })
  const sockets = await Promise.all(Array.from({ length: 8 }, () => open(gateway.address)))
  const ninth = await open(gateway.address)
  await expect.poll(() => ninth.destroyed || ninth.readableEnded || ninth.closed).toBe(true)
  for (const socket of sockets) socket.destroy()
  await expect
    .poll(() =>
      gateway.send('/livez', { method: 'GET' }).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200)
})

describeWithRedis('with Redis', () => {
  test('S-41 killed in the middle: nothing is a 5xx, nothing is unlimited, and genuine requests are still accepted', async () => {
    const redis = (await startOwnRedis())!
    await using gateway = await aGateway({ config: { REDIS_URL: redis.url } })
    try {
      const before = await limited(gateway)
      const during = await limited(gateway)
      expect(accepted(await statuses(gateway, before.receivePath, LIMIT + 3))).toBe(LIMIT)
      const first = await gateway.send(during.receivePath, event())
      expect(first.status).toBe(202)
      await redis.close()
      const seen = await statuses(gateway, during.receivePath, 3 * LIMIT)
      expect(seen.filter((status) => status !== 202 && status !== 429)).toEqual([])
      expect(accepted(seen)).toBeGreaterThan(0)
      expect(accepted(seen)).toBeLessThanOrEqual(LIMIT)
      expect(seen.at(-1)).toBe(429)
    } finally {
      await redis.close()
    }
  })
})
