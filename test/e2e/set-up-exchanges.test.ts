/** What providers ask of a new endpoint before they send, and what stands in for a signature where there is none. */
import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findProvider } from '../../src/providers/registry.ts'
import { sampleEvent } from '../../src/providers/sample.ts'
import { aGateway, type TestGateway } from '../support/gateway.ts'

const SECRET = 'b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81'
const OTHER = 'c0ffee07f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae5000'

describe('a secret that comes with the greeting', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await aGateway()
  })
  afterAll(async () => gateway[Symbol.asyncDispose]())

  const greet = (path: string, secret: string) =>
    gateway.send(path, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json', 'x-hook-secret': secret },
    })
  const event = (path: string, secret: string) => {
    const body = '{"events":[{"action":"changed","resource":{"gid":"1","resource_type":"task"}}]}'
    const signature = createHmac('sha256', secret).update(body).digest('hex')
    return gateway.send(path, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'x-hook-signature': signature },
    })
  }

  test('is kept, activates the integration and verifies from the next request on', async () => {
    const { id, receivePath, status } = await gateway.integrate({ provider: 'asana', name: 'captured' })
    expect(status).toBe('pending')
    const answer = await greet(receivePath, SECRET)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-hook-secret')).toBe(SECRET)
    expect((await gateway.api('GET', `/api/v1/integrations/${id}`)).json).toMatchObject({ status: 'active' })
    expect((await event(receivePath, SECRET)).status).toBeLessThan(300)
    expect((await event(receivePath, OTHER)).status).toBe(401)
  })

  test('is never replaced by greeting again', async () => {
    const { id, receivePath } = await gateway.integrate({ provider: 'asana', name: 'once' })
    await greet(receivePath, SECRET)
    const again = await greet(receivePath, OTHER)
    expect(again.status).toBe(401)
    expect(again.headers.get('x-hook-secret')).toBeNull()
    expect((await event(receivePath, OTHER)).status).toBe(401)
    expect((await gateway.api('GET', `/api/v1/integrations/${id}`)).json.keys).toHaveLength(1)
  })

  test('ten greetings at once with ten secrets leave one key, and one of them was answered', async () => {
    const { id, receivePath } = await gateway.integrate({ provider: 'asana', name: 'raced' })
    const secrets = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(4) + SECRET.slice(4))
    const answers = await Promise.all(secrets.map((secret) => greet(receivePath, secret)))
    const winners = answers.flatMap((answer, index) => (answer.status === 200 ? [secrets[index] ?? ''] : []))
    expect(winners).toHaveLength(1)
    expect(answers.every(({ status }) => [200, 401, 409].includes(status))).toBe(true)
    expect((await gateway.api('GET', `/api/v1/integrations/${id}`)).json.keys).toHaveLength(1)
    expect((await event(receivePath, winners[0] ?? '')).status).toBeLessThan(300)
  })

  test('that is no key leaves the integration pending, and nothing that is kept shows the secret', async () => {
    const { id, receivePath } = await gateway.integrate({ provider: 'asana', name: 'short' })
    expect((await greet(receivePath, 'short')).status).toBe(400)
    expect((await gateway.api('GET', `/api/v1/integrations/${id}`)).json).toMatchObject({ status: 'pending', keys: [] })
    const audit = await gateway.api('GET', '/api/v1/audit-entries?pageSize=100')
    expect(audit.text).toContain('key.captured')
    for (const secret of [SECRET, OTHER, 'short\\b']) {
      expect(audit.text).not.toContain(secret)
      expect(gateway.logLines().join('\n')).not.toContain(secret)
    }
  })
})

describe('a client certificate that the proxy verified', () => {
  const FINGERPRINT = 'ab'.repeat(32)
  const definition = findProvider('salesforce')
  if (definition === undefined) throw new Error('no salesforce')
  const orgId = definition.settings?.find(({ name }) => name === 'orgId')?.example ?? ''
  const { body, contentType } = sampleEvent(definition, { id: 'a1', now: Date.now() })
  const receive = (gateway: TestGateway, path: string, headers: readonly (readonly [string, string])[]) =>
    gateway.send(path, { method: 'POST', body, headers: [['content-type', contentType], ...headers] })
  const fields = { provider: 'salesforce', name: 'org', secret: FINGERPRINT, settings: { orgId } }

  test('is believed from a trusted proxy, said once, and matching', async () => {
    await using gateway = await aGateway({
      config: { POSTERN_TRUSTED_PROXIES: '127.0.0.1/32,::1/128', POSTERN_CLIENT_CERT_HEADER: 'X-Client-Cert' },
    })
    const { receivePath } = await gateway.integrate(fields)
    const answer = await receive(gateway, receivePath, [['x-client-cert', FINGERPRINT.toUpperCase()]])
    expect(answer.status, answer.text).toBe(200)
    expect(answer.text).toContain('Ack')
    for (const headers of [
      [],
      [['x-client-cert', 'cd'.repeat(32)]],
      [['x-client-cert', '']],
      [['client-cert', FINGERPRINT]],
      [
        ['x-client-cert', FINGERPRINT],
        ['x-client-cert', FINGERPRINT],
      ],
    ] as const)
      expect((await receive(gateway, receivePath, headers)).status).toBe(401)
    const foreign = body.toString().replace(orgId, `${orgId.slice(0, -1)}X`)
    const other = await gateway.send(receivePath, {
      method: 'POST',
      body: foreign,
      headers: { 'content-type': contentType, 'x-client-cert': FINGERPRINT },
    })
    expect(other.status).toBe(401)
  })

  test('is not believed from anybody else', async () => {
    await using gateway = await aGateway({ config: { POSTERN_CLIENT_CERT_HEADER: 'X-Client-Cert' } })
    const { receivePath } = await gateway.integrate(fields)
    expect((await receive(gateway, receivePath, [['x-client-cert', FINGERPRINT]])).status).toBe(401)
  })
})
