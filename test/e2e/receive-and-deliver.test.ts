/** The acceptance of the product: what vendors' own libraries sign is received, kept byte for byte, and delivered signed. */
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aGateway, aSink, runPostern, type Sink, type TestGateway } from '../support/gateway.ts'
import { fromAcme, fromGithub, fromStripe, fromTwilio, oneByteChanged, type Signed } from './senders.ts'

let gateway: TestGateway
let sink: Sink
beforeAll(async () => {
  gateway = await aGateway()
  sink = await aSink()
})
afterAll(async () => {
  await sink[Symbol.asyncDispose]()
  await gateway[Symbol.asyncDispose]()
})

const STRIPE_SECRET = 'whsec_acceptance_of_stripe_0123456789'
const GITHUB_SECRET = "It's a Secret to Everybody"

const cli = (...args: string[]) =>
  runPostern(args, {
    env: { POSTERN_URL: gateway.address, MANAGEMENT_API_KEY: gateway.managementKey, POSTERN_DATA_DIR: gateway.dataDir },
  })

/** Sends a genuine request and follows it to the sink; the caller says what the provider expects. */
async function followed(receivePath: string, signingSecret: string, signed: Signed) {
  const before = sink.requests.length
  const answer = await gateway.send(receivePath, signed)
  expect(answer.json, answer.text).toMatchObject({ status: 'accepted', duplicate: false })
  expect(answer.status).toBe(202)
  await expect.poll(() => sink.requests.length, { timeout: 10_000 }).toBe(before + 1)
  const delivered = sink.requests.at(-1)!
  expect(delivered.body.equals(signed.body)).toBe(true)
  expect(delivered.headers['x-event-id']).toBe(answer.json.eventId)
  expect(delivered.headers['x-correlation-id']).toBe(answer.json.correlationId)
  const verifier = new Webhook(signingSecret)
  const sentAt = new Date(Number(delivered.headers['webhook-timestamp']) * 1000)
  expect(delivered.headers['webhook-signature']).toBe(
    verifier.sign(delivered.headers['webhook-id']!, sentAt, signed.body.toString()),
  )
  // The library parses what it has verified, and a form is no JSON.
  if (delivered.headers['content-type'] === 'application/json') verifier.verify(delivered.body, delivered.headers)
  return { eventId: String(answer.json.eventId), delivered }
}

async function integrateTo(fields: Record<string, unknown>) {
  const integration = await gateway.integrate({ ...fields, destination: sink.destination })
  const rotated = await gateway.api('POST', `/api/v1/destinations/${integration.destinations[0]!.id}/signing-secret`)
  expect(rotated.status).toBe(201)
  return { ...integration, signingSecret: String(rotated.json.secret) }
}

test('an event signed by the SDK of Stripe is received, delivered and shown, raw bytes equal', async () => {
  const { receivePath, signingSecret, id } = await integrateTo({ provider: 'stripe', secret: STRIPE_SECRET })
  const signed = fromStripe(STRIPE_SECRET, {
    id: 'evt_acceptance_1',
    object: 'event',
    created: 1767225600,
    type: 'invoice.paid',
    data: { object: { id: 'in_1', note: 'Grüße 👋 \u2028' } },
  })
  const { eventId, delivered } = await followed(receivePath, signingSecret, signed)
  expect(delivered.headers['x-integration-provider']).toBe('stripe')
  expect(delivered.headers).not.toHaveProperty('stripe-signature')

  await expect.poll(async () => (await gateway.api('GET', `/api/v1/events/${eventId}`)).json.status).toBe('processed')
  const shown = await gateway.api('GET', `/api/v1/events/${eventId}`)
  expect(shown.json).toMatchObject({
    provider: 'stripe',
    integrationId: id,
    type: 'invoice.paid',
    externalEventId: 'evt_acceptance_1',
    subject: 'in_1',
    occurredAt: '2026-01-01T00:00:00.000Z',
    verification: { scheme: 'v1' },
    deliveries: [{ attemptNo: 1, status: 'success', httpStatus: 200 }],
  })
  const raw = await gateway.api('GET', `/api/v1/events/${eventId}/raw`)
  expect(raw.bytes.equals(signed.body)).toBe(true)

  const listed = await cli('events', 'list', '--provider', 'stripe', '--json')
  expect(JSON.parse(listed.stdout.toString()).data).toMatchObject([{ id: eventId, status: 'processed' }])
  const bytes = await cli('events', 'show', eventId, '--raw')
  expect(bytes).toMatchObject({ code: 0, stderr: '' })
  expect(bytes.stdout.equals(signed.body)).toBe(true)
  const table = await cli('events', 'show', eventId)
  expect(table.stdout.toString()).toContain('invoice.paid')
  expect(table.stdout.toString()).toMatch(/1\s+success/)
})

test('a delivery signed by the library of GitHub is received and delivered; a redelivery is a duplicate', async () => {
  const { receivePath, signingSecret } = await integrateTo({ provider: 'github', secret: GITHUB_SECRET })
  const payload = { action: 'opened', issue: { number: 7 }, repository: { full_name: 'octo/cat' } }
  const signed = await fromGithub(GITHUB_SECRET, 'issues', payload, '72d3162e-cc78-11e3-81ab-4c9367dc0958')
  const { eventId } = await followed(receivePath, signingSecret, signed)
  expect((await gateway.api('GET', `/api/v1/events/${eventId}`)).json).toMatchObject({
    type: 'issues',
    subject: 'octo/cat',
    externalEventId: '72d3162e-cc78-11e3-81ab-4c9367dc0958',
  })
  const again = await gateway.send(receivePath, signed)
  expect(again.status).toBe(200)
  expect(again.json).toMatchObject({ eventId, duplicate: true })
})

test('a form signed by the SDK of Twilio is received at the public address it was given', async () => {
  const token = 'twilio-auth-token-0123456789'
  const publicUrl = 'https://hooks.example.com/twilio/status'
  const { receivePath, signingSecret } = await integrateTo({ provider: 'twilio', secret: token, publicUrl })
  const fields = { MessageSid: 'SM1', MessageStatus: 'delivered', Body: 'Grüße & more + 100%', AccountSid: 'AC1' }
  const signed = fromTwilio(token, publicUrl, fields)
  const { eventId } = await followed(receivePath, signingSecret, signed)
  expect((await gateway.api('GET', `/api/v1/events/${eventId}`)).json).toMatchObject({
    type: 'delivered',
    subject: 'SM1',
  })

  const elsewhere = fromTwilio(token, `${gateway.address}${receivePath}`, { ...fields, MessageSid: 'SM2' })
  expect((await gateway.send(receivePath, elsewhere)).status).toBe(401)
  const query = fromTwilio(token, `${publicUrl}?foo=1`, { ...fields, MessageSid: 'SM3' })
  const before = sink.requests.length
  expect((await gateway.send(`${receivePath}?foo=1`, query)).status).toBe(202)
  // Before the next test counts what arrives.
  await expect.poll(() => sink.requests.length, { timeout: 10_000 }).toBe(before + 1)
  expect((await gateway.send(`${receivePath}?foo=2`, query)).status).toBe(401)
})

test('the same request again is 200 with the same event, and is delivered once', async () => {
  const { receivePath, signingSecret } = await integrateTo({ provider: 'stripe', secret: STRIPE_SECRET })
  const event = { id: 'evt_acceptance_2', type: 'charge.succeeded', created: 1767225600 }
  const signed = fromStripe(STRIPE_SECRET, event)
  const { eventId } = await followed(receivePath, signingSecret, signed)
  const before = sink.requests.length
  for (const copy of [signed, signed, fromStripe(STRIPE_SECRET, event)]) {
    const answer = await gateway.send(receivePath, copy)
    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({ eventId, status: 'duplicate', duplicate: true })
  }
  const last = await followed(
    receivePath,
    signingSecret,
    fromStripe(STRIPE_SECRET, { ...event, id: 'evt_acceptance_3' }),
  )
  expect(last.eventId).not.toBe(eventId)
  expect(sink.requests).toHaveLength(before + 1)
})

test('one changed byte is 401 and leaves no event', async () => {
  const { receivePath, id } = await integrateTo({ provider: 'stripe', secret: STRIPE_SECRET })
  const signed = fromStripe(STRIPE_SECRET, { id: 'evt_acceptance_4', type: 'charge.succeeded' })
  const refused = await gateway.send(receivePath, oneByteChanged(signed))
  expect(refused.status).toBe(401)
  expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(refused.json).toMatchObject({ code: 'UNAUTHORIZED', status: 401 })
  expect((await gateway.api('GET', `/api/v1/events?integrationId=${id}`)).json.data).toEqual([])
  expect((await gateway.send(receivePath, signed)).status).toBe(202)
})

test('the same signed id with another body is stored beside the first, parked and audited, never dropped', async () => {
  const { receivePath, signingSecret, id } = await integrateTo({ provider: 'acme', secret: 'acme-acceptance-secret' })
  const first = fromAcme('acme-acceptance-secret', '{"eventId":"e-1","eventType":"order.paid","amount":1}')
  const second = fromAcme('acme-acceptance-secret', '{"eventId":"e-1","eventType":"order.paid","amount":9}')
  const { eventId } = await followed(receivePath, signingSecret, first)
  const delivered = sink.requests.length
  const conflict = await gateway.send(receivePath, second)
  expect(conflict.status).toBe(202)
  expect(conflict.json).toMatchObject({ status: 'parked', duplicate: false })
  expect(conflict.json.eventId).not.toBe(eventId)

  const shown = await gateway.api('GET', `/api/v1/events/${conflict.json.eventId}`)
  expect(shown.json).toMatchObject({ status: 'parked', statusReason: 'conflict', conflictOf: eventId })
  expect((await gateway.api('GET', `/api/v1/events/${conflict.json.eventId}/raw`)).bytes.equals(second.body)).toBe(true)
  const audited = await gateway.api('GET', '/api/v1/audit-entries?action=event.conflict')
  expect(audited.json.data).toMatchObject([{ entityId: conflict.json.eventId, details: { conflictsWith: eventId } }])
  expect(gateway.logLines().some((line) => line.includes('"warn"') && line.includes('another body'))).toBe(true)

  // The provider's retry of either is recognised.
  expect((await gateway.send(receivePath, second)).json).toMatchObject({
    eventId: conflict.json.eventId,
    duplicate: true,
  })
  expect((await gateway.send(receivePath, first)).json).toMatchObject({ eventId, duplicate: true })
  expect((await gateway.api('GET', `/api/v1/events?integrationId=${id}`)).json.data).toHaveLength(2)
  expect(sink.requests).toHaveLength(delivered)
})

test('a destination that fails is tried again, with one id, a new attempt number and a new signature', async () => {
  const own = await aSink()
  try {
    own.answerWith((request) => ({ status: request.headers['x-postern-attempt'] === '1' ? 500 : 204 }))
    const { receivePath } = await gateway.integrate({
      provider: 'acme',
      secret: 'acme-acceptance-secret',
      destination: { ...own.destination, retry: { maxAttempts: 3, baseDelayMs: 100, maxDelayMs: 200 } },
    })
    const answer = await gateway.send(
      receivePath,
      fromAcme('acme-acceptance-secret', '{"eventId":"e-2","eventType":"a"}'),
    )
    await expect.poll(() => own.requests.length, { timeout: 10_000 }).toBe(2)
    expect(own.requests.map((request) => request.headers['webhook-id'])).toEqual([
      answer.json.eventId,
      answer.json.eventId,
    ])
    await expect
      .poll(async () => (await gateway.api('GET', `/api/v1/events/${answer.json.eventId}`)).json.status)
      .toBe('processed')
    const listed = await cli('deliveries', 'list', '--event', answer.json.eventId, '--json')
    expect(JSON.parse(listed.stdout.toString()).data).toMatchObject([
      { attemptNo: 2, status: 'success', httpStatus: 204 },
      { attemptNo: 1, status: 'failed', httpStatus: 500 },
    ])
  } finally {
    await own[Symbol.asyncDispose]()
  }
})

test('GET /api/v1/%69ntegrations without a key is 401, as is the plain path', async () => {
  for (const path of ['/api/v1/integrations', '/api/v1/%69ntegrations']) {
    expect((await gateway.send(path, { method: 'GET' })).status).toBe(401)
    expect((await gateway.api('GET', path)).status).toBe(200)
  }
})

test('what was received and delivered is counted, for the operator and nobody else', async () => {
  const { receivePath, signingSecret } = await integrateTo({ provider: 'acme', secret: 'acme-counted-secret' })
  const signed = fromAcme('acme-counted-secret', JSON.stringify({ eventId: 'counted_1', eventType: 'order.counted' }))
  await followed(receivePath, signingSecret, signed)
  expect((await gateway.send(receivePath, signed)).json).toMatchObject({ duplicate: true })
  expect((await gateway.send(receivePath, oneByteChanged(signed))).status).toBe(401)

  const text = async () => (await gateway.api('GET', '/metrics')).text
  expect(await text()).toMatch(/^postern_webhooks_total\{provider="acme",outcome="accepted"\} [1-9]/m)
  expect(await text()).toMatch(/^postern_webhooks_total\{provider="acme",outcome="duplicate"\} [1-9]/m)
  expect(await text()).toMatch(/^postern_signature_failures_total\{provider="acme",reason="\w+"\} [1-9]/m)
  expect(await text()).toMatch(/^postern_commit_rows_count [1-9]/m)
  await expect.poll(text).toMatch(/^postern_delivery_attempts_total\{outcome="delivered"\} [1-9]/m)
  expect(await text()).not.toContain('counted_1')
  expect((await gateway.send('/metrics', { method: 'GET' })).status).toBe(401)
})
