/** S-78, B2, B4: after a run in which every secret was used, and misused, none is in an answer, a log line or the trail. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fromAcme, fromStripe } from '../e2e/senders.ts'
import { testApi } from '../support/api.ts'
import { aGateway, aSink, type Reply, type Sink, type TestGateway } from '../support/gateway.ts'

let gateway: TestGateway
let sink: Sink
beforeAll(async () => {
  gateway = await aGateway({ config: { POSTERN_MASTER_KEY: 'c0ffee'.repeat(11).slice(0, 64) } })
  sink = await aSink()
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await sink[Symbol.asyncDispose]()
})

const SECRETS = {
  acme: 'acme-tell-nobody-8c1f0d',
  acmeNext: 'acme-tell-nobody-next-77aa',
  stripe: 'whsec_tell_nobody_0f9e8d7c6b5a',
  globex: 'globex-tell-nobody-token-41d2',
  refused: 'x',
  bearer: 'bearer-tell-nobody-5e5e',
  cookie: 'cookie-tell-nobody-6f6f',
  query: 'query-tell-nobody-7a7a',
  wrongKey: 'wrong-key-tell-nobody-8b8b',
  signing: `whsec_${Buffer.alloc(32, 'tell-nobody-').toString('base64')}`,
  master: 'c0ffee'.repeat(11).slice(0, 64),
}

test('S-78 B2 B4 no secret of the run is in any response, log line, audit entry or kept header', async () => {
  const replies: Reply[] = []
  const keep = async (reply: Promise<Reply>) => {
    const answer = await reply
    replies.push(answer)
    return answer
  }
  const api = (method: string, path: string, body?: unknown) => keep(gateway.api(method, path, body))
  const json = { 'content-type': 'application/json' }

  // Everything is made, used, rotated, refused and delivered.
  const acme = await api('POST', '/api/v1/integrations', {
    provider: 'acme',
    name: 'a',
    secret: SECRETS.acme,
    destination: {
      ...sink.destination,
      signingSecret: SECRETS.signing,
      retry: { maxAttempts: 2, baseDelayMs: 100, maxDelayMs: 100 },
    },
  })
  const stripe = await api('POST', '/api/v1/integrations', { provider: 'stripe', name: 's', secret: SECRETS.stripe })
  const globex = await api('POST', '/api/v1/integrations', {
    provider: 'globex',
    name: 'g',
    secret: SECRETS.globex,
    destination: sink.destination,
  })
  for (const made of [acme, stripe, globex]) expect(made.status, made.text).toBe(201)
  await api('POST', `/api/v1/integrations/${acme.json.id}/keys`, { secret: SECRETS.acmeNext })
  await api('POST', `/api/v1/integrations/${acme.json.id}/keys`, { secret: SECRETS.refused })
  await api('POST', '/api/v1/integrations', { provider: 'stripe', name: 'bad', secret: ` ${SECRETS.stripe}` })
  await api('POST', '/api/v1/integrations', { provider: 'acme', name: 'bad', secret: { nested: SECRETS.acme } })
  await api('POST', '/api/v1/integrations', {
    provider: 'acme',
    name: 'bad',
    destination: { url: `https://u:${SECRETS.bearer}@example.com/` },
  })

  // The far side echoes what it was sent, as debugging endpoints do.
  sink.answerWith((request) => ({ status: 500, headers: { 'x-echo': 'y' }, body: JSON.stringify(request.headers) }))
  const extras = {
    authorization: `Bearer ${SECRETS.bearer}`,
    cookie: `session=${SECRETS.cookie}`,
    'x-api-key': SECRETS.bearer,
    'x-internal-api-key': SECRETS.wrongKey,
  }
  const query = `?access_token=${SECRETS.query}&token=${SECRETS.query}`
  const { receivePath } = acme.json
  const accepted: Reply[] = []
  const signedAcme = fromAcme(SECRETS.acme, '{"eventId":"s-1","eventType":"a"}')
  accepted.push(
    await keep(gateway.send(receivePath + query, { ...signedAcme, headers: { ...signedAcme.headers, ...extras } })),
  )
  accepted.push(await keep(gateway.send(stripe.json.receivePath, fromStripe(SECRETS.stripe, { id: 's-2', type: 'a' }))))
  const token = {
    body: '{"eventId":"s-3","eventType":"a"}',
    headers: { ...json, 'x-globex-token': SECRETS.globex, ...extras },
  }
  accepted.push(await keep(gateway.send(globex.json.receivePath + query, token)))
  for (const answer of accepted) expect(answer.status, answer.text).toBe(202)

  await keep(
    gateway.send(receivePath + query, {
      body: '{}',
      headers: { ...json, ...extras, 'x-acme-signature': 'f'.repeat(64) },
    }),
  )
  await keep(
    gateway.send(globex.json.receivePath, { body: '{}', headers: { ...json, 'x-globex-token': `${SECRETS.globex}x` } }),
  )
  await keep(gateway.send(`/api/v1/webhooks/${SECRETS.query}${query}`, { body: '{}', headers: { ...json, ...extras } }))
  await keep(gateway.send(`/api/v1/events/${SECRETS.query}${query}`, { method: 'GET', headers: extras }))
  await keep(
    gateway.send(`/api/v1/events${query}`, { method: 'GET', headers: { 'x-internal-api-key': gateway.managementKey } }),
  )
  const eventId = accepted[0]!.json.eventId
  await expect
    .poll(async () => (await api('GET', `/api/v1/events/${eventId}`)).json.status, { timeout: 15_000 })
    .toBe('failed')
  await api('POST', `/api/v1/events/${eventId}/replay`, { reason: 'once more, please' })
  const rotated = await gateway.api('POST', `/api/v1/destinations/${acme.json.destinations[0].id}/signing-secret`)
  expect(rotated.status).toBe(201)
  await expect.poll(async () => (await api('GET', '/api/v1/quarantine')).json.data.length).toBeGreaterThan(1)

  // Every route that reads, from the table.
  const table = await testApi(gateway.db)
  const ids: Record<string, string> = { integrationId: acme.json.id, eventId, keyId: acme.json.keys[0].id }
  for (const { method, url } of table.api.accessTable) {
    if (method === 'GET')
      await api(
        'GET',
        url.replace(/:(\w+)/g, (_, name: string) => ids[name] ?? 'none'),
      )
  }
  await table.api.close()

  const places = {
    responses: replies.map(({ text, headers }) => text + JSON.stringify([...headers])).join('\n'),
    log: gateway.logLines().join('\n'),
    audit: JSON.stringify((await gateway.db.query('select * from audit_entries')).rows),
    kept: JSON.stringify(
      (
        await gateway.db.query(
          'select target, headers from event_payloads union all select target, headers from quarantine',
        )
      ).rows,
    ),
    deliveries: JSON.stringify(
      (await gateway.db.query("select error, convert_from(response_body, 'UTF8') as body from delivery_attempts")).rows,
    ),
    integrations: JSON.stringify(
      (
        await gateway.db.query(
          'select i.*, k.* from integrations i left join integration_keys k on k.integration_id = i.id',
        )
      ).rows,
    ),
  }
  for (const [place, text] of Object.entries(places)) expect(text.length, place).toBeGreaterThan(100)
  const { refused: _, ...searched } = SECRETS
  const all = { ...searched, management: gateway.managementKey, rotated: rotated.json.secret as string }
  for (const [name, secret] of Object.entries(all)) {
    const spellings = [
      secret,
      secret.replace(/^whsec_/, ''),
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('hex'),
      encodeURIComponent(secret),
    ]
    for (const [place, text] of Object.entries(places)) {
      for (const spelling of spellings) expect(text.includes(spelling), `${name} in ${place}`).toBe(false)
    }
  }
  // The signature itself stays in what is kept: it proves, and signs nothing new.
  expect(places.kept).toContain(signedAcme.headers['x-acme-signature'])
  // Nothing of it went downstream.
  const sunk = JSON.stringify(sink.requests.map(({ headers }) => headers))
  for (const secret of [SECRETS.globex, SECRETS.bearer, SECRETS.cookie, SECRETS.query, SECRETS.wrongKey])
    expect(sunk.includes(secret)).toBe(false)
})
