/** What an operator asks of events, seen from the provider's side and from the command line. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aGateway, runPostern, type TestGateway } from '../support/gateway.ts'
import { fromAcme } from './senders.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await aGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const SECRET = 'acme-secret-in-use'
const acme = (id: string, more: object = {}) =>
  fromAcme(SECRET, JSON.stringify({ eventId: id, eventType: 'order.paid', ...more }))
const cli = (args: readonly string[], input = '') =>
  runPostern(args, { input, env: { POSTERN_URL: gateway.address, MANAGEMENT_API_KEY: gateway.managementKey } })

const asked = (integrationId: string, policy: string) =>
  gateway.api('PUT', '/api/v1/schemas', {
    integrationId,
    eventType: 'order.paid',
    jsonSchema: { type: 'object', required: ['total'], properties: { total: { type: 'integer' } } },
    policy,
  })

test('an event that is not as asked is parked with its reason, or refused, or let through, by policy', async () => {
  const { id, receivePath } = await gateway.integrate({ provider: 'acme', secret: SECRET })
  await asked(id, 'park')
  expect((await gateway.send(receivePath, acme('s-1', { total: 5 }))).json).toMatchObject({ status: 'accepted' })
  const parked = await gateway.send(receivePath, acme('s-2', { total: 'five' }))
  expect(parked.json).toMatchObject({ status: 'parked' })
  const shown = await gateway.api('GET', `/api/v1/events/${parked.json.eventId}`)
  expect(shown.json).toMatchObject({ status: 'parked', statusReason: 'schema_mismatch', deliveries: [] })

  await asked(id, 'refuse')
  const refused = await gateway.send(receivePath, acme('s-3', { total: 'five' }))
  expect(refused.status).toBe(400)
  expect(refused.json).toMatchObject({
    code: 'VALIDATION_ERROR',
    errors: [{ path: '/total', message: 'must be integer' }],
  })
  expect((await gateway.send(receivePath, acme('s-4', { total: 5 }))).status).toBe(202)

  await asked(id, 'accept')
  expect((await gateway.send(receivePath, acme('s-5'))).json).toMatchObject({ status: 'accepted' })
})

test('a forged request is refused before anybody looks at its shape', async () => {
  const { id, receivePath } = await gateway.integrate({ provider: 'acme', secret: SECRET })
  await asked(id, 'refuse')
  const forged = fromAcme('another-secret-altogether', JSON.stringify({ eventId: 'f-1', eventType: 'order.paid' }))
  expect((await gateway.send(receivePath, forged)).status).toBe(401)
})

test('the command line sets, lists, shows and compares', async () => {
  const { id } = await gateway.integrate({ provider: 'acme', secret: SECRET })
  const set = [
    'schemas',
    'set',
    '--integration',
    id,
    '--type',
    'order.paid',
    '--schema',
    '-',
    '--policy',
    'park',
    '--json',
  ]
  const answer = await cli(set, '{"type": "object"}')
  expect(answer.code, answer.stderr).toBe(0)
  const schema = JSON.parse(answer.stdout.toString()).id
  expect((await cli(['schemas', 'list', '--integration', id])).stdout.toString()).toContain(schema)
  expect((await cli(['schemas', 'show', schema])).stdout.toString()).toContain('order.paid')
  const diff = await cli(['schemas', 'diff', schema])
  expect([diff.code, diff.stdout.toString()]).toEqual([0, 'Nothing has changed since this type was learnt.\n'])
  expect((await cli(set, '{"type": "nonsense"}')).code).toBe(2)
  expect((await cli(set, 'not json')).code).toBe(2)
})
