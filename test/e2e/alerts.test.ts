/** From what goes wrong to who is told, over the whole gateway, and from the command line. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/flow.ts'
import { aGateway, aSink, runPostern, type Sink, type TestGateway } from '../support/gateway.ts'
import { fromAcme } from './senders.ts'

let gateway: TestGateway
let chat: Sink
beforeAll(async () => {
  gateway = await aGateway()
  chat = await aSink()
})
afterAll(async () => {
  await chat[Symbol.asyncDispose]()
  await gateway[Symbol.asyncDispose]()
})

const SECRET = 'acme-alerting-secret'
const postern = (args: readonly string[], { input = '', env = {} } = {}) =>
  runPostern(args, {
    input,
    env: { POSTERN_URL: gateway.address, MANAGEMENT_API_KEY: gateway.managementKey, ...env },
  })
const printed = async (args: readonly string[]) => JSON.parse((await postern([...args, '--json'])).stdout.toString())

test('forgeries, and a destination that is gone, are told of, and that it is over as well', async () => {
  const empty = await postern(['alert-channels', 'list'])
  expect(empty.stdout.toString()).toContain('postern alert-channels add')
  const added = await postern(['alert-channels', 'add', 'slack', '--url', 'env:CHAT', '--allow-cidr', '127.0.0.1/32'], {
    env: { CHAT: `${chat.url}-hush` },
  })
  expect(added, added.stderr).toMatchObject({ code: 0 })
  expect(added.stdout.toString()).not.toContain('hush')
  const [channel] = (await printed(['alert-channels', 'list'])).data
  expect(await postern(['alert-channels', 'test', channel.id])).toMatchObject({ code: 0 })
  expect(chat.requests).toHaveLength(1)

  expect(await postern(['alert-rules', 'set', 'signature_failures', '--set', 'count=3'])).toMatchObject({ code: 0 })
  await using gone = await aSink()
  gone.answerWith({ status: 410 })
  const { id, receivePath } = await gateway.integrate({
    provider: 'acme',
    secret: SECRET,
    destination: gone.destination,
  })
  const body = (n: number) =>
    JSON.stringify({ eventId: `e-${n}`, eventType: 'order.paid', occurredAt: '2026-01-02T03:04:05Z', data: {} })
  for (let n = 0; n < 3; n++)
    expect((await gateway.send(receivePath, fromAcme('not-the-secret-at-all', body(n)))).status).toBe(401)
  expect((await gateway.send(receivePath, fromAcme(SECRET, body(4)))).status).toBe(202)

  const kinds = async () =>
    (await gateway.api('GET', '/api/v1/alerts?status=open')).json.data.map(({ kind }: { kind: string }) => kind)
  const expected = ['dead_letters', 'destination_disabled', 'signature_failures']
  await until(async () => (await kinds()).sort().join() === expected.join())
  await until(() => chat.requests.length === 4)
  const said = chat.requests.map((request) => request.body.toString()).join()
  expect(said).toContain(id)
  expect(said).not.toMatch(/hush|acme-alerting-secret/)

  const [disabled] = (await printed(['alerts', 'list', '--kind', 'destination_disabled'])).data
  const shown = await postern(['alerts', 'show', disabled.id])
  expect(shown.stdout.toString()).toMatch(/opened\s+sent/)
  expect(await postern(['alerts', 'acknowledge', disabled.id])).toMatchObject({ code: 0 })
  await gateway.api('PATCH', `/api/v1/destinations/${disabled.destinationId}`, { status: 'active' })
  await until(() => chat.requests.some((request) => request.body.toString().includes('Resolved: ')))
  // Counted after it was recorded, which is after it was sent.
  await until(async () => {
    const { text } = await gateway.api('GET', '/metrics')
    return (
      text.includes('postern_alerts_total{rule="destination_disabled",transition="resolved"} 1') &&
      text.includes('postern_alert_notifications_total{channel="slack",outcome="sent"} 4')
    )
  })

  const update = ['alert-channels', 'update', channel.id]
  const told = chat.requests.length
  expect(
    await postern([...update, '--name', 'night shift', '--rule', 'queue_age', '--rate-per-hour', '5']),
  ).toMatchObject({ code: 0 })
  expect((await printed(['alert-channels', 'list'])).data).toMatchObject([
    { name: 'night shift', rules: ['queue_age'], ratePerHour: 5, allowCidrs: ['127.0.0.1/32'] },
  ])
  const moved = await postern([...update, '--url', 'env:CHAT', '--all-rules'], {
    env: { CHAT: `${chat.url}-elsewhere` },
  })
  expect(moved, moved.stderr).toMatchObject({ code: 0 })
  expect(moved.stdout.toString()).not.toContain('elsewhere')
  expect((await printed(['alert-channels', 'list'])).data).toMatchObject([{ name: 'night shift', rules: null }])
  expect(await postern(['alert-channels', 'test', channel.id])).toMatchObject({ code: 0 })
  expect(chat.requests).toHaveLength(told + 1)
  expect(chat.requests.at(-1)?.url).toContain('elsewhere')

  for (const command of ['disable', 'enable', 'delete'])
    expect(await postern(['alert-channels', command, channel.id])).toMatchObject({ code: 0 })
  expect((await printed(['alert-channels', 'list'])).data).toEqual([])
}, 120_000)

test.each([
  [['alerts', 'show', 'nonsense'], 1, /no alert/i],
  [['alerts', 'list', '--status', 'nonsense'], 2, /open, acknowledged, resolved/],
  [['alert-rules', 'set', 'queue_age'], 2, /--set/],
  [['alert-rules', 'set', 'nonsense', '--off'], 1, /queue_age/],
  [['alert-rules', 'set', 'queue_age', '--set', 'seconds=many'], 2, /whole number/],
  [['alert-rules', 'set', 'queue_age', '--set', 'seconds=1'], 2, /from 5 to/],
  [['alert-rules', 'set', 'queue_age', '--set', 'seconds'], 2, /name=value/],
  [['alert-rules', 'set', 'queue_age', '--on', '--off'], 2, /--on or --off/],
  [['alert-rules', 'set', 'queue_age', '--mute-until', 'soon'], 2, /mutedUntil/],
  [['alert-channels', 'add', 'pager'], 2, /slack, teams/],
  [['alert-channels', 'add', 'slack'], 2, /url/],
  [['alert-channels', 'add', 'slack', '--url', 'env:NOT_SET_ANYWHERE'], 2, /not set/],
  [['alert-channels', 'add', 'slack', '--url', 'https://127.0.0.1/'], 2, /ADDRESS_BLOCKED/],
  [['alert-channels', 'add', 'email', '--server', 'smtps://mail.example.com'], 2, /from/],
  [['alert-channels', 'test', 'nonsense'], 1, /no alertChannel/i],
  [['alert-channels', 'update', `alc_${'f'.repeat(32)}`, '--name', 'x'], 1, /no alertChannel/i],
  [['alert-channels', 'update', `alc_${'f'.repeat(32)}`], 2, /change something/],
  [['alert-channels', 'update', `alc_${'f'.repeat(32)}`, '--url', 'env:NOT_SET_ANYWHERE'], 2, /not set/],
  [['alert-channels', 'delete', `alc_${'f'.repeat(32)}`], 1, /no alertChannel/i],
])('postern %j says what is wrong', async (args, code, message) => {
  const result = await postern(args)
  expect(result.code, result.stderr).toBe(code)
  expect(result.stderr).toMatch(message)
  expect(result.stdout.toString()).toBe('')
})
