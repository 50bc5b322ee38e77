/** The parts as processes of their own, and the program as a child that is killed. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { aDataDirectory } from '../support/cluster.ts'
import { freshDatabase } from '../support/database.ts'
import { aGatewayProcess, aSink } from '../support/gateway.ts'
import { fromAcme } from './senders.ts'

const SECRET = 'acme-secret-of-the-processes'
const event = (n: number) => fromAcme(SECRET, JSON.stringify({ eventId: `p-${n}`, eventType: 'order.paid' }))

test('ingress with api in one process and the worker in another: events flow, and wait while the worker is away', async () => {
  await using sink = await aSink()
  await using db = await freshDatabase()
  await using folder = await aDataDirectory()
  const config = { DATABASE_URL: db.ownerUrl, POSTERN_MASTER_KEY: createHash('sha256').update('m').digest('hex') }
  await using front = await aGatewayProcess({ roles: ['ingress', 'api'], config, dataDir: `${folder.path}/front` })
  const { receivePath } = await front.integrate({ provider: 'acme', secret: SECRET, destination: sink.destination })
  const first = await front.send(receivePath, event(1))
  expect(first.status).toBe(202)
  expect(sink.requests).toHaveLength(0)
  expect((await front.api('GET', `/api/v1/events/${first.json.eventId}`)).json.status).toBe('pending')

  await using worker = await aGatewayProcess({ roles: ['worker'], config, dataDir: `${folder.path}/worker` })
  await expect.poll(() => sink.requests.length, { timeout: 15_000 }).toBe(1)
  await front.send(receivePath, event(2))
  await expect.poll(() => sink.requests.length, { timeout: 15_000 }).toBe(2)
  await expect
    .poll(async () => (await front.api('GET', `/api/v1/events/${first.json.eventId}`)).json.status)
    .toBe('processed')

  // A worker has no door for webhooks or management, and is watched by its health.
  expect((await worker.send(receivePath, event(3))).status).toBe(404)
  expect((await worker.api('GET', '/api/v1/integrations')).status).toBe(404)
  expect((await worker.send('/readyz', { method: 'GET' })).status).toBe(200)
}, 120_000)

test('killed right after its 202s the program loses nothing: started again it delivers all of them by itself', async () => {
  await using sink = await aSink()
  // Without a worker, so that no lease of a dead one has to end first.
  await using gateway = await aGatewayProcess({ roles: ['ingress', 'api'] })
  const { receivePath } = await gateway.integrate({ provider: 'acme', secret: SECRET, destination: sink.destination })
  const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => gateway.send(receivePath, event(n))))
  gateway.kill('SIGKILL')
  expect(await gateway.exited).toBe('SIGKILL')
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]))

  const again = await gateway.restart()
  const delivered = () => new Set(sink.requests.map((request) => request.headers['x-event-id']))
  await expect.poll(() => delivered().size, { timeout: 60_000 }).toBe(40)
  expect(delivered()).toEqual(new Set(answers.map((answer) => answer.json.eventId)))
  expect((await again.send(receivePath, event(7))).json).toMatchObject({ duplicate: true })

  again.kill('SIGTERM')
  expect(await again.exited).toBe(0)
}, 180_000)
