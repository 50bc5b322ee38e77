/** What an operator sets on an integration, seen from the provider's side. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aGateway, type TestGateway } from '../support/gateway.ts'
import { aDiscordApp, fromAcme, fromSlack, oneByteChanged } from './senders.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await aGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const SECRET = 'acme-secret-in-use'
const acme = (id: string, type = 'order.paid', secret = SECRET) =>
  fromAcme(secret, JSON.stringify({ eventId: id, eventType: type }))

describe('keys', () => {
  test('old and new one match while a rotation lasts; the removed one never again', async () => {
    const { id, receivePath, keys } = await gateway.integrate({ provider: 'acme', secret: SECRET })
    const added = await gateway.api('POST', `/api/v1/integrations/${id}/keys`, { secret: 'acme-secret-to-come' })
    expect(added.status).toBe(201)
    const byOld = await gateway.send(receivePath, acme('r-1'))
    const byNew = await gateway.send(receivePath, acme('r-2', 'order.paid', 'acme-secret-to-come'))
    expect([byOld.status, byNew.status]).toEqual([202, 202])
    const keyOf = async (answer: typeof byOld) =>
      (await gateway.api('GET', `/api/v1/events/${answer.json.eventId}`)).json.verification.keyId
    expect([await keyOf(byOld), await keyOf(byNew)]).toEqual([keys[0]!.id, added.json.id])

    expect((await gateway.api('DELETE', `/api/v1/integrations/${id}/keys/${keys[0]!.id}`)).status).toBe(204)
    expect((await gateway.send(receivePath, acme('r-3'))).status).toBe(401)
    expect((await gateway.send(receivePath, acme('r-3', 'order.paid', 'acme-secret-to-come'))).status).toBe(202)
    const last = await gateway.api('DELETE', `/api/v1/integrations/${id}/keys/${added.json.id}`)
    expect(last.status).toBe(409)
  })

  test('a key whose time has not come, or is over, does not match', async () => {
    const { id, receivePath } = await gateway.integrate({ provider: 'acme', secret: SECRET })
    const notBefore = new Date(Date.now() + 3_600_000).toISOString()
    await gateway.api('POST', `/api/v1/integrations/${id}/keys`, { secret: 'acme-secret-of-tomorrow', notBefore })
    expect((await gateway.send(receivePath, acme('w-1', 'a', 'acme-secret-of-tomorrow'))).status).toBe(401)
    const notAfter = new Date(Date.now() + 300).toISOString()
    await gateway.api('POST', `/api/v1/integrations/${id}/keys`, { secret: 'acme-secret-of-today', notAfter })
    await expect
      .poll(async () => (await gateway.send(receivePath, acme('w-2', 'a', 'acme-secret-of-today'))).status)
      .toBe(401)
    expect((await gateway.send(receivePath, acme('w-2'))).status).toBe(202)
  })

  test('without one an integration is pending and lets nothing in; the first key activates it', async () => {
    const { id, receivePath, status } = await gateway.integrate({ provider: 'acme' })
    expect(status).toBe('pending')
    expect((await gateway.send(receivePath, acme('p-1'))).status).toBe(401)
    await gateway.api('POST', `/api/v1/integrations/${id}/keys`, { secret: SECRET })
    expect((await gateway.send(receivePath, acme('p-1'))).status).toBe(202)
  })
})

describe('accepted types', () => {
  test('an unlisted type is parked: stored, not delivered, shown with its reason', async () => {
    const { receivePath } = await gateway.integrate({ provider: 'acme', secret: SECRET, eventTypes: ['order.paid'] })
    expect((await gateway.send(receivePath, acme('t-1'))).json).toMatchObject({ status: 'accepted' })
    const parked = await gateway.send(receivePath, acme('t-2', 'order.refunded'))
    expect(parked.status).toBe(202)
    expect(parked.json).toMatchObject({ status: 'parked', duplicate: false })
    const shown = await gateway.api('GET', `/api/v1/events/${parked.json.eventId}`)
    expect(shown.json).toMatchObject({ status: 'parked', statusReason: 'unlisted_type', jobs: [], deliveries: [] })
  })

  test('or refused, when that is the policy', async () => {
    const fields = { provider: 'acme', secret: SECRET, eventTypes: ['order.paid'], unlistedPolicy: 'refuse' }
    const { id, receivePath } = await gateway.integrate(fields)
    const refused = await gateway.send(receivePath, acme('t-3', 'order.refunded'))
    expect(refused.status).toBe(400)
    expect(refused.json).toMatchObject({ code: 'VALIDATION_ERROR', errors: [{ path: 'type' }] })
    expect((await gateway.send(receivePath, acme('t-3'))).status).toBe(202)
    expect((await gateway.api('GET', `/api/v1/events?integrationId=${id}`)).json.data).toHaveLength(1)
  })
})

describe('the receive path', () => {
  test('without an id is that of the provider’s default integration', async () => {
    const own = await aGateway()
    try {
      expect((await own.send('/api/v1/webhooks/acme', acme('d-0'))).status).toBe(404)
      const first = await own.integrate({ provider: 'acme', secret: SECRET })
      const second = await own.integrate({ provider: 'acme', secret: 'the-secret-of-another-account' })
      const integrationOf = async (id: string) => (await own.api('GET', `/api/v1/events/${id}`)).json.integrationId
      const toFirst = await own.send('/api/v1/webhooks/acme', acme('d-1'))
      expect(await integrationOf(toFirst.json.eventId)).toBe(first.id)
      expect((await own.send('/api/v1/webhooks/ACME', acme('d-2'))).status).toBe(202)

      await own.api('PATCH', `/api/v1/integrations/${second.id}`, { isDefault: true })
      expect((await own.send('/api/v1/webhooks/acme', acme('d-3'))).status).toBe(401)
      const toSecond = await own.send('/api/v1/webhooks/acme', acme('d-3', 'a', 'the-secret-of-another-account'))
      expect(await integrationOf(toSecond.json.eventId)).toBe(second.id)
    } finally {
      await own[Symbol.asyncDispose]()
    }
  })

  test('of one that is disabled, unknown or another provider’s answers like any wrong path', async () => {
    const { id, receivePath } = await gateway.integrate({ provider: 'acme', secret: SECRET })
    const wrong = [
      '/api/v1/webhooks/nobody',
      `/api/v1/webhooks/acme/int_${'0'.repeat(32)}`,
      `/api/v1/webhooks/stripe/${id}`,
      `${receivePath}/`,
      `/api/v1/webhooks/acme/${id.toUpperCase()}`,
      '/api/v1/webhooks/__proto__',
    ]
    expect((await gateway.send(receivePath, acme('n-1'))).status).toBe(202)
    await gateway.api('PATCH', `/api/v1/integrations/${id}`, { status: 'disabled' })
    const bodies = new Set<string>()
    for (const path of [receivePath, ...wrong]) {
      const answer = await gateway.send(path, acme('n-2'))
      expect(answer.status, path).toBe(404)
      bodies.add(answer.text.replace(/cor_[0-9a-f]+/, ''))
    }
    expect(bodies.size).toBe(1)
    await gateway.api('PATCH', `/api/v1/integrations/${id}`, { status: 'active' })
    expect((await gateway.send(receivePath, acme('n-2'))).status).toBe(202)
  })
})

describe('handshakes', () => {
  test('Slack’s url_verification is answered with its challenge, only when it is signed, and makes no event', async () => {
    const secret = '8f742231b10e8888abcd99f1aa3785a5'
    const { id, receivePath } = await gateway.integrate({ provider: 'slack', secret })
    const greeting = fromSlack(secret, { type: 'url_verification', challenge: '<b>3eZbrw1aBm2rZgRNFdxV</b>' })
    const answer = await gateway.send(receivePath, greeting)
    expect(answer.status).toBe(200)
    expect(answer.text).toBe('<b>3eZbrw1aBm2rZgRNFdxV</b>')
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')

    const forged = await gateway.send(receivePath, oneByteChanged(greeting))
    expect(forged.status).toBe(401)
    expect(forged.text).not.toContain('3eZbrw1aBm2rZgRNFdx')
    const old = fromSlack(secret, { type: 'url_verification', challenge: 'old' }, Math.floor(Date.now() / 1000) - 301)
    expect((await gateway.send(receivePath, old)).status).toBe(401)
    const event = fromSlack(secret, { type: 'event_callback', event_id: 'Ev1', event: { type: 'app_mention' } })
    expect((await gateway.send(receivePath, event)).status).toBe(202)
    expect((await gateway.api('GET', `/api/v1/events?integrationId=${id}`)).json.data).toHaveLength(1)
  })

  test('Discord’s pings are answered, its forged ones are 401, its events 204', async () => {
    const app = aDiscordApp()
    const { receivePath } = await gateway.integrate({ provider: 'discord', secret: app.publicKey })
    const ping = await gateway.send(receivePath, app.sign({ version: 1, application_id: '1', type: 0 }))
    expect(ping.status).toBe(204)
    const interaction = await gateway.send(receivePath, app.sign({ id: '1', application_id: '1', type: 1, token: 't' }))
    expect(interaction.status).toBe(200)
    expect(interaction.json).toEqual({ type: 1 })
    expect((await gateway.send(receivePath, oneByteChanged(app.sign({ version: 1, type: 0 })))).status).toBe(401)
    const event = app.sign({
      version: 1,
      type: 1,
      event: { type: 'APPLICATION_AUTHORIZED', timestamp: '2026-01-01T00:00:00' },
    })
    expect((await gateway.send(receivePath, event)).status).toBe(204)
  })
})
