/** Brokers and tables as destinations, on real servers; and what stands in their place. */
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect as connectNats } from '@nats-io/transport-node'
import { connect as connectAmqp } from 'amqplib'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Brokers, openBrokers, type PublishRequest } from '../../src/resources/outbound/brokers/open.ts'
import { openDatabase } from '../../src/resources/store/database.ts'
import {
  behindPort,
  describeWithBroker,
  type RunningBroker,
  startNatsServer,
  startRabbitServer,
  startRedisServer,
} from '../support/brokers.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { tcpFarSide } from '../support/far-side.ts'

let opened: Brokers[] = []
function brokersOf(lookup: Readonly<Record<string, readonly string[]>> = {}): Brokers {
  const brokers = openBrokers({ ports: [443], allowHttp: false, lookup: async (host) => lookup[host] ?? [] })
  opened.push(brokers)
  return brokers
}
afterEach(async () => {
  await Promise.all(opened.map((brokers) => brokers.close()))
  opened = []
})

const body = Buffer.from([0, 255, 10, 13])
let deliveries = 0
type Wanted = Pick<PublishRequest, 'kind' | 'url' | 'settings'> & Partial<PublishRequest>
const request = (fields: Wanted): PublishRequest => ({
  allowCidrs: ['127.0.0.1/32'],
  timeoutMs: 10_000,
  message: {
    deliveryId: `job_${++deliveries}`,
    eventId: 'evt_1',
    contentType: 'application/json',
    headers: { 'webhook-signature': 'v1,abc', 'x-event-id': 'evt_1' },
    body,
  },
  ...fields,
})

describe('the door', () => {
  const rabbit = { kind: 'rabbitmq', settings: { routingKey: 'q' } } as const
  test.each([
    ['amqp://169.254.169.254/', 'metadata'],
    ['amqp://127.0.0.2/', 'loopback'],
    ['amqp://[::1]/', 'loopback'],
    ['amqp://2130706433/', 'address_spelling'],
    ['amqp://user:secret@127.0.0.1/', 'userinfo'],
    ['amqp://127.0.0.1/?frameMax=1', 'not_a_url'],
    ['amqp://127.0.0.1/#a', 'fragment'],
    ['http://127.0.0.1/', 'scheme'],
    ['redis://127.0.0.1/', 'scheme'],
    ['amqp://', 'not_a_url'],
    ['', 'scheme'],
  ])('%s is not called', async (url, detail) => {
    expect(await brokersOf().publish(request({ ...rabbit, url }))).toMatchObject({
      ok: false,
      outcome: 'address_blocked',
      detail,
    })
  })

  test('a name that leads to a forbidden address, or to one beside an allowed one, is not called (S-54)', async () => {
    await using far = await tcpFarSide((socket) => socket.end())
    const brokers = brokersOf({ 'evil.test': ['10.0.0.1'], 'mixed.test': ['127.0.0.1', '169.254.169.254'] })
    for (const host of ['evil.test', 'mixed.test'])
      expect(await brokers.publish(request({ ...rabbit, url: `amqp://${host}:${far.port}/` }))).toMatchObject({
        outcome: 'address_blocked',
      })
    expect(await brokers.publish(request({ ...rabbit, url: 'amqp://nowhere.test/' }))).toMatchObject({
      outcome: 'dns_failed',
    })
    expect(far.sockets).toHaveLength(0)
  })

  test.each([
    ['rabbitmq', 'amqp', { routingKey: 'q' }],
    ['nats', 'nats', { subject: 's' }],
    ['redis', 'redis', { stream: 's' }],
    ['postgres', 'postgres', { table: 't' }],
  ] as const)('%s: nobody there, silence, noise and hanging up each end in a failure that says so', async (kind, scheme, settings) => {
    const brokers = brokersOf()
    const to = (port: number, timeoutMs = 10_000) =>
      brokers.publish(request({ kind, url: `${scheme}://127.0.0.1:${port}/db`, settings, timeoutMs }))
    await using gone = await tcpFarSide((socket) => socket.destroy())
    await using silent = await tcpFarSide(() => undefined)
    await using noisy = await tcpFarSide((socket) => socket.end(Buffer.alloc(100_000, 'HTTP/1.1 400\r\n\r\n')))
    expect(await to(9)).toMatchObject({ ok: false, outcome: 'connection_refused' })
    expect(await to(silent.port, 300)).toMatchObject({ ok: false, outcome: 'timeout' })
    expect(await to(gone.port, 2_000)).toMatchObject({ ok: false })
    expect(await to(noisy.port, 2_000)).toMatchObject({ ok: false })
  })
})

describeWithBroker('redis', () => {
  let server: RunningBroker
  beforeAll(async () => {
    server = await startRedisServer(['--requirepass', 'hush'])
  })
  afterAll(() => server[Symbol.asyncDispose]())
  const to = (fields: Partial<PublishRequest> = {}) =>
    request({
      kind: 'redis',
      url: `redis://127.0.0.1:${server.port}`,
      settings: { stream: 'hooks' },
      password: 'hush',
      ...fields,
    })

  test('each delivery is an entry of the stream, bytes and signature as they are', async () => {
    const brokers = brokersOf()
    expect(await brokers.publish(to())).toMatchObject({ ok: true })
    const redis = new Redis({ port: server.port, password: 'hush' })
    const [[, fields]] = (await redis.xrangeBuffer('hooks', '-', '+')) as unknown as [[Buffer, Buffer[]]]
    const named = Object.fromEntries(
      fields.flatMap((name, i) => (i % 2 === 0 ? [[name.toString(), fields[i + 1]]] : [])),
    )
    expect(named['body']).toEqual(body)
    expect(JSON.parse(named['headers']!.toString())).toMatchObject({ 'webhook-signature': 'v1,abc' })
    expect(named['eventId']!.toString()).toBe('evt_1')
    await redis.set('text', 'no stream')
    expect(await brokers.publish(to({ settings: { stream: 'text' } }))).toMatchObject({
      ok: false,
      outcome: 'broker_refused',
      detail: 'wrongtype',
    })
    redis.disconnect()
  })

  test('another password is refused, and keeps nobody else from theirs', async () => {
    const brokers = brokersOf()
    expect(await brokers.publish(to({ password: 'wrong' }))).toMatchObject({ ok: false, outcome: 'auth_failed' })
    expect(await brokers.publish(to())).toMatchObject({ ok: true })
  })
})

describeWithBroker('nats', () => {
  let server: RunningBroker
  beforeAll(async () => {
    server = await startNatsServer(['--auth', 'hush'])
    const connection = await connectNats({ servers: `127.0.0.1:${server.port}`, token: 'hush' })
    await (await jetstreamManager(connection)).streams.add({ name: 'HOOKS', subjects: ['hooks.>'] })
    await connection.close()
  })
  afterAll(() => server[Symbol.asyncDispose]())
  const to = (fields: Partial<PublishRequest> = {}) =>
    request({
      kind: 'nats',
      url: `nats://127.0.0.1:${server.port}`,
      settings: { subject: 'hooks.orders' },
      token: 'hush',
      ...fields,
    })

  test('a message is kept by the stream once, however often its delivery is tried', async () => {
    const brokers = brokersOf()
    const once = to()
    for (let n = 0; n < 3; n++) expect(await brokers.publish(once)).toMatchObject({ ok: true })
    const connection = await connectNats({ servers: `127.0.0.1:${server.port}`, token: 'hush' })
    const manager = await jetstreamManager(connection)
    expect((await manager.streams.info('HOOKS')).state.messages).toBe(1)
    const message = await manager.streams.getMessage('HOOKS', { last_by_subj: 'hooks.orders' })
    expect(Buffer.from(message!.data)).toEqual(body)
    expect(message!.header.get('webhook-signature')).toBe('v1,abc')
    expect(jetstream(connection)).toBeDefined()
    await connection.close()
  })

  test('a subject that no stream keeps is a failure, and so is another token', async () => {
    const brokers = brokersOf()
    expect(await brokers.publish(to({ settings: { subject: 'elsewhere' } }))).toMatchObject({
      outcome: 'broker_refused',
      detail: 'no_stream',
    })
    expect(await brokers.publish(to({ token: 'wrong' }))).toMatchObject({ ok: false, outcome: 'auth_failed' })
  })
})

describeWithBroker('rabbitmq', () => {
  let server: Awaited<ReturnType<typeof startRabbitServer>>
  beforeAll(async () => {
    server = await startRabbitServer()
  }, 120_000)
  afterAll(() => server?.[Symbol.asyncDispose](), 60_000)
  const to = (fields: Partial<PublishRequest> = {}) =>
    request({ kind: 'rabbitmq', url: `amqp://127.0.0.1:${server.port}`, settings: { routingKey: 'hooks' }, ...fields })

  test('a message is in its queue, persistent, when it counts as delivered; what has no queue is refused alone', async () => {
    const brokers = brokersOf()
    const connection = await connectAmqp({ hostname: '127.0.0.1', port: server.port })
    const channel = await connection.createChannel()
    await channel.assertQueue('hooks')
    const sent = await Promise.all([
      ...Array.from({ length: 20 }, () => brokers.publish(to())),
      brokers.publish(to({ settings: { routingKey: 'nobody' } })),
    ])
    expect(sent.slice(0, 20).every((each) => each.ok)).toBe(true)
    expect(sent[20]).toMatchObject({ ok: false, outcome: 'broker_refused', detail: 'no_route' })
    const { messageCount } = await channel.checkQueue('hooks')
    expect(messageCount).toBe(20)
    const message = await channel.get('hooks', { noAck: true })
    if (message === false) throw new Error('no message')
    expect(message.content).toEqual(body)
    expect(message.properties).toMatchObject({ deliveryMode: 2, contentType: 'application/json' })
    expect(message.properties.headers).toMatchObject({ 'webhook-signature': 'v1,abc' })
    await connection.close()
  }, 60_000)

  test('an exchange that is not there, a wrong password and a wrong virtual host are failures that say so', async () => {
    const brokers = brokersOf()
    expect(await brokers.publish(to({ settings: { exchange: 'nowhere', routingKey: 'x' } }))).toMatchObject({
      ok: false,
      outcome: 'broker_refused',
    })
    expect(await brokers.publish(to({ username: 'guest', password: 'wrong' }))).toMatchObject({
      outcome: 'auth_failed',
    })
    expect(await brokers.publish(to({ url: `amqp://127.0.0.1:${server.port}/nowhere` }))).toMatchObject({
      outcome: 'broker_refused',
    })
    expect(await brokers.publish(to({ settings: { routingKey: 'hooks' } }))).toMatchObject({ ok: true })
  }, 60_000)
})

describe('postgres', () => {
  let db: TestDatabase
  let server: RunningBroker
  let login: { username: string; password: string }
  let database: string
  beforeAll(async () => {
    db = await freshDatabase()
    const url = new URL(inject('databaseUrls').owner)
    login = { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }
    database = new URL(db.url).pathname.slice(1)
    server = await behindPort(`${url.searchParams.get('host')}/.s.PGSQL.${url.port || 5432}`)
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await db[Symbol.asyncDispose]()
  })
  const to = (fields: Partial<PublishRequest> = {}) =>
    request({
      kind: 'postgres',
      url: `postgres://127.0.0.1:${server.port}/${database}`,
      settings: { table: 'hooks.deliveries' },
      ...login,
      ...fields,
    })

  test('each delivery is one row, however often it is tried; a table that is not there says so', async () => {
    const owner = openDatabase({ url: db.ownerUrl, poolSize: 1, onError: () => undefined })
    await owner.query('create schema hooks')
    await owner.query(
      'create table hooks.deliveries (delivery_id text primary key, event_id text not null, content_type text, headers jsonb not null, body bytea not null)',
    )
    const brokers = brokersOf()
    const once = to()
    for (let n = 0; n < 3; n++) expect(await brokers.publish(once)).toMatchObject({ ok: true })
    const { rows } = await owner.query('select event_id, headers, body from hooks.deliveries')
    expect(rows).toEqual([{ event_id: 'evt_1', headers: once.message.headers, body }])
    expect(await brokers.publish(to({ settings: { table: 'hooks.nowhere' } }))).toMatchObject({
      outcome: 'broker_refused',
      detail: '42P01',
    })
    expect(await brokers.publish(to({ password: 'wrong' }))).toMatchObject({ outcome: 'auth_failed' })
    expect(await brokers.publish(once)).toMatchObject({ ok: true })
    await owner.close()
  })

  test('a name that would be SQL is a name', async () => {
    expect(await brokersOf().publish(to({ settings: { table: 'x"; drop table events; --' } }))).toMatchObject({
      outcome: 'broker_refused',
      detail: '42P01',
    })
  })
})
