/** Our own trouble is ours: 503 with Retry-After while the database is away, never a 4xx, and no help needed afterwards. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fromAcme } from '../e2e/senders.ts'
import { aDatabaseCluster, type DatabaseCluster } from '../support/cluster.ts'
import { aGateway, aSink, type Sink, type TestGateway } from '../support/gateway.ts'

const SECRET = 'acme-secret-of-the-outages'
let cluster: DatabaseCluster
let gateway: TestGateway
let sink: Sink
let path: string
beforeAll(async () => {
  cluster = await aDatabaseCluster()
  sink = await aSink()
  gateway = await aGateway({ config: { DATABASE_URL: cluster.ownerUrl, POSTERN_COMMIT_TIMEOUT_MS: '800' } })
  path = (await gateway.integrate({ provider: 'acme', secret: SECRET, destination: sink.destination })).receivePath
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await sink[Symbol.asyncDispose]()
  await cluster[Symbol.asyncDispose]()
})

const event = (id: string) => fromAcme(SECRET, JSON.stringify({ eventId: id, eventType: 'a' }))
const send = (id: string) => gateway.send(path, event(id))
const delivered = () => new Set(sink.requests.map((request) => request.headers['x-event-id']))

async function signalServer(signal: NodeJS.Signals): Promise<void> {
  const pid = await cluster.pid()
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'))
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number)
  for (const each of signal === 'SIGSTOP' ? [pid, ...children] : [...children, pid]) process.kill(each, signal)
}

test('S-97 S-98 a database that hangs: webhooks are 503 with Retry-After, health says so, and all is well when it goes on', async () => {
  expect((await send('before')).status).toBe(202)
  await signalServer('SIGSTOP')
  try {
    const refused = await Promise.all(Array.from({ length: 20 }, (_, n) => send(`hang-${n}`)))
    for (const answer of refused) {
      expect(answer.status).toBe(503)
      expect(answer.json).toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE', status: 503 })
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(answer.text).not.toMatch(/postgres|sql|socket|timeout exceeded/i)
    }
    // Who cannot prove who he is gets the same as ever.
    expect((await gateway.send(path, fromAcme('another-secret-entirely', '{}'))).status).toBe(401)
    expect((await gateway.send('/livez', { method: 'GET' })).status).toBe(200)
    const ready = await gateway.send('/readyz', { method: 'GET' })
    expect(ready.status).toBe(503)
    expect(ready.json).toEqual({ status: 'degraded' })
  } finally {
    await signalServer('SIGCONT')
  }
  await expect.poll(async () => (await send('after')).status, { timeout: 20_000 }).toBeLessThan(300)
  // What was refused is retried by the provider; what was committed after all is then a copy. One event either way.
  for (let n = 0; n < 20; n++) expect((await send(`hang-${n}`)).status).toBeLessThan(300)
  const { rows } = await gateway.db.query<{ n: number }>(
    "select count(*) as n from events where external_id like 'hang-%'",
  )
  expect(rows[0]?.n).toBe(20)
  await expect.poll(() => delivered().size, { timeout: 20_000 }).toBe(22)
}, 90_000)

test('S-97 a database that is killed and comes back: each answer is 2xx or 503, and each 2xx is stored and delivered', async () => {
  const before = delivered().size
  const acknowledged = new Set<string>()
  const statuses = new Set<number>()
  let killed = false
  for (let n = 0; n < 200 || !statuses.has(503); n++) {
    if (n === 50 && !killed) {
      killed = true
      process.kill(await cluster.pid(), 'SIGKILL')
    }
    const answer = await send(`kill-${n}`)
    statuses.add(answer.status)
    if (answer.status < 300) acknowledged.add(answer.json.eventId)
    else expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    if (n > 2_000) break
  }
  expect([...statuses].filter((status) => status !== 202 && status !== 503)).toEqual([])
  await expect.poll(async () => (await send('kill-again')).status, { timeout: 30_000 }).toBeLessThan(300)
  await expect.poll(() => [...acknowledged].filter((id) => !delivered().has(id)).length, { timeout: 30_000 }).toBe(0)
  expect(delivered().size).toBeGreaterThan(before)
}, 120_000)
