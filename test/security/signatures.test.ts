/** What counts as proof of the sender, asked of a running gateway. The schemes one by one are in src/providers. */
import { createHmac, generateKeyPairSync, sign as signBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allowedMethods, type Scheme } from '../../src/providers/definition.ts'
import type { SignedRequest } from '../../src/providers/sign-request.ts'
import { openDatabase } from '../../src/resources/store/database.ts'
import { fromGithub, fromSlack, fromStripe } from '../e2e/senders.ts'
import { aGateway, type TestGateway } from '../support/gateway.ts'
import { aSigned, keyOf, proofParts, SCHEME_CASES, type SchemeCase, settingsOf } from '../support/signed-requests.ts'
import { exchange, rawRequest } from './raw-http.ts'

/** In which the proxy in front, here these tests, names the client certificate. */
const CERTIFICATE_HEADER = 'client-cert'
let gateway: TestGateway
beforeAll(async () => {
  gateway = await aGateway({
    config: { POSTERN_CLIENT_CERT_HEADER: CERTIFICATE_HEADER, POSTERN_TRUSTED_PROXIES: '127.0.0.0/8,::1/128' },
  })
})
afterAll(() => gateway[Symbol.asyncDispose]())

const STRIPE = 'whsec_secret_of_the_signatures_012'
const GITHUB = 'github-secret-of-the-signatures'
const JSON_TYPE = { 'content-type': 'application/json' }
const now = () => Math.floor(Date.now() / 1000)
const hmac = (key: string | Buffer, ...parts: (string | Buffer)[]) => {
  const mac = createHmac('sha256', key)
  for (const part of parts) mac.update(part)
  return mac.digest('hex')
}
const eventsOf = async (id: string) => (await gateway.api('GET', `/api/v1/events?integrationId=${id}`)).json.data

/** What makes one way of proving differ from another as far as a request on the wire shows it. */
function shapeOf({ scheme }: SchemeCase): string {
  if (!('signature' in scheme))
    return 'token' in scheme
      ? `${scheme.family} in ${scheme.token.in}${'prefix' in scheme.token ? ' behind a prefix' : ''}`
      : scheme.family
  const { parse, encoding, ...place } = scheme.signature
  const timed =
    typeof scheme.timestamp?.in === 'object' ? Object.keys(scheme.timestamp.in).join() : scheme.timestamp?.in
  return `${scheme.family} in ${Object.keys(place).join('+')} as ${parse.kind} in ${encoding}, time in ${timed}`
}

/**
 * One provider of each shape, by its recommended scheme: a gateway takes its time, and the engine is asked about every
 * provider in src/providers. What a provider's API has to confirm is left to the tests of asking it.
 */
const shapes = new Map(
  SCHEME_CASES.filter(({ definition, scheme }) => definition.schemes[0] === scheme && scheme.family !== 'fetch-back')
    .reverse()
    .map((each) => [shapeOf(each), each] as const),
)

test('the shapes are those of all recommended schemes, and many fewer', () => {
  const families = new Set(
    SCHEME_CASES.filter(({ definition, scheme }) => definition.schemes[0] === scheme).map(
      ({ scheme }) => scheme.family,
    ),
  )
  families.delete('fetch-back')
  expect(new Set([...shapes.values()].map(({ scheme }) => scheme.family))).toEqual(families)
  expect(shapes.size).toBeGreaterThan(20)
  expect(shapes.size).toBeLessThan(60)
})

describe.each([...shapes].map(([shape, each]) => ({ shape, each, id: each.definition.id })))('$id: $shape', ({
  id,
  each,
}) => {
  const { definition, scheme } = each
  const key = keyOf(scheme)
  const publicUrl = `https://hooks.example.com/${id}`
  const refused = definition.answers?.unauthorized?.status ?? 401
  let path: string
  let signed: SignedRequest
  beforeAll(async () => {
    const settings = settingsOf(each)
    path = (await gateway.integrate({ provider: id, secret: key.verifying, publicUrl, settings })).receivePath
    signed = aSigned(each, { id: 'security-1', now: Date.now(), url: publicUrl }).request
  })
  const post = ({ url, method, headers, body, clientCertificate }: SignedRequest) =>
    gateway.send(path + url.slice(publicUrl.length), {
      method,
      headers: [
        ...headers,
        ...(clientCertificate === undefined ? [] : [[CERTIFICATE_HEADER, clientCertificate] as const]),
      ] as [string, string][],
      body,
    })

  test('S-03 each subset of the proof is refused, and all of it is accepted', async () => {
    expect(allowedMethods(definition)).toContain(signed.method)
    // Other headers say what a request is about; they prove nothing.
    const proof = proofParts(each, signed)
    expect(proof.length).toBeGreaterThan(0)
    for (let mask = 0; mask < 2 ** proof.length - 1; mask++) {
      const gone = proof.filter((_, index) => !((mask >> index) & 1))
      const answer = await post(gone.reduce((request, part) => part.write(request, undefined), signed))
      expect(answer.status, `${id} without ${gone.map(({ label }) => label)}`).toBe(refused)
    }
    const whole = await post(signed)
    expect(whole.status, whole.text).toBe(definition.answers?.accepted?.status ?? 202)
  })

  test('S-01 a proof that is empty, one byte, cut or lengthened is refused', async () => {
    const part = proofParts(each, signed)[0]!
    const value = part.read(signed) ?? ''
    for (const wrong of [
      '',
      'x',
      value.slice(0, -1),
      value.slice(0, value.length / 2),
      `${value}0`,
      `${value}ff`,
      value.slice(1),
    ]) {
      const answer = await post(part.write(signed, wrong))
      expect(answer.status, `${id} ${part.label}: ${wrong}`).toBe(refused)
    }
  })

  test('S-22 another spelling of the same proof is refused, and text behind it as well (S-11)', async () => {
    const part = proofParts(each, signed)[0]!
    const value = part.read(signed) ?? ''
    for (const wrong of [
      `${value},junk`,
      `${value} junk`,
      `${value}=`,
      `"${value}"`,
      `${value};a=b`,
      `%${value.slice(1)}`,
    ]) {
      // Signatures told apart by their order: text behind a comma is one more, which matches nothing.
      if (wrong.endsWith(',junk') && listsByOrder(scheme)) continue
      const answer = await post(part.write(signed, wrong))
      expect(answer.status, `${id} ${part.label}: ${wrong}`).toBe(refused)
    }
  })
})

function listsByOrder(scheme: Scheme): boolean {
  return 'signature' in scheme && scheme.signature.parse.kind === 'positional'
}

describe('keys', () => {
  test.each([
    '',
    ' ',
    '\t\n',
    'whsec_',
    'whsec_c2hvcnQ=',
    'changeme',
    'your-secret-here',
  ])('S-02 S-04 %j is no secret', async (secret) => {
    // Base64 of five bytes; as text it is fourteen, which Stripe's own form of secret allows.
    for (const provider of secret === 'whsec_c2hvcnQ='
      ? ['standard-webhooks', 'svix']
      : ['standard-webhooks', 'stripe', 'acme', 'globex']) {
      const answer = await gateway.api('POST', '/api/v1/integrations', {
        provider,
        name: `k ${provider} ${secret}`,
        secret,
      })
      expect(answer.status, provider).toBe(400)
      expect(answer.json.code).toBe('VALIDATION_ERROR')
    }
  })

  test('S-02 S-05 rows that were edited by hand so that nothing can be verified refuse traffic with 503, and only theirs', async () => {
    const sound = await gateway.integrate({ provider: 'stripe', secret: STRIPE })
    const emptied = await gateway.integrate({ provider: 'stripe', secret: STRIPE })
    const renamed = await gateway.integrate({ provider: 'stripe', secret: STRIPE })
    const noScheme = await gateway.integrate({ provider: 'stripe', secret: STRIPE })
    const owner = openDatabase({ url: gateway.databaseUrl, onError: () => undefined })
    const uuid = (id: string) => id.slice(4).replace(/(.{8})(.{4})(.{4})(.{4})(.*)/, '$1-$2-$3-$4-$5')
    await owner.query(
      "update integration_keys set reference = 'env:POSTERN_TEST_EMPTY', sealed = null where integration_id = $1",
      [uuid(emptied.id)],
    )
    await owner.query("update integrations set provider = 'noop' where id = $1", [uuid(renamed.id)])
    await owner.query("update integrations set scheme = 'none' where id = $1", [uuid(noScheme.id)])
    await owner.query("select pg_notify('postern_integrations', '')")
    await owner.close()
    const signed = (n: number) => fromStripe(STRIPE, { id: `evt_row_${n}`, type: 'a' })
    const paths = [
      emptied.receivePath,
      renamed.receivePath.replace('stripe', 'noop'),
      renamed.receivePath,
      noScheme.receivePath,
    ]
    for (const [n, path] of paths.entries()) {
      await expect.poll(async () => (await gateway.send(path, signed(n))).status).toBe(503)
      const bare = await gateway.send(path, { body: '{}', headers: JSON_TYPE })
      expect(bare.status).toBe(503)
      expect(bare.headers.get('retry-after')).toMatch(/^\d+$/)
    }
    expect((await gateway.send(sound.receivePath, signed(9))).status).toBe(202)
    expect(
      gateway
        .logLines()
        .filter((line) => line.includes('"error"'))
        .join(),
    ).toMatch(/cannot be opened|not known/)
  })
})

describe('Stripe', () => {
  let path: string
  let id: string
  beforeAll(async () => {
    const made = await gateway.integrate({ provider: 'stripe', secret: STRIPE })
    path = made.receivePath
    id = made.id
  })
  const body = (n: string) => JSON.stringify({ id: `evt_${n}`, type: 'a' })
  const post = async (text: string | Buffer, signature: string) =>
    (await gateway.send(path, { body: text, headers: { ...JSON_TYPE, 'stripe-signature': signature } })).status

  test('S-08 a v0, and versions nobody knows, prove nothing', async () => {
    const text = body('v0')
    const mac = hmac(STRIPE, `${now()}.`, text)
    for (const version of ['v0', 'v1a', 'v2', 'V1', ' v1', 'v01'])
      expect(await post(text, `t=${now()},${version}=${mac}`)).toBe(401)
    const t = now()
    expect(await post(text, `t=${t},v0=${'0'.repeat(64)},v1=${hmac(STRIPE, `${t}.`, text)}`)).toBe(202)
  })

  test('S-10 a timestamp that is not plain digits of seconds is refused, never a 5xx', async () => {
    const text = body('ts')
    const wrong = [
      '',
      ' ',
      `${now()}abc`,
      ` ${now()}`,
      `-${now()}`,
      `+${now()}`,
      `${now()}.0`,
      '0x65',
      '1e9',
      `${now()}000`,
      'NaN',
      '９９９',
      '9'.repeat(400),
    ]
    for (const t of wrong)
      expect(await post(text, `t=${Buffer.from(t).toString('latin1')},v1=${hmac(STRIPE, `${t}.`, text)}`), t).toBe(401)
    expect(await post(text, `t=${now()},t=${now()},v1=${hmac(STRIPE, `${now()}.`, text)}`)).toBe(401)
  })

  test('S-14 S-15 the window is closed on both sides', async () => {
    const text = body('window')
    const at = (t: number) => post(text, `t=${t},v1=${hmac(STRIPE, `${t}.`, text)}`)
    expect(await at(now() - 302)).toBe(401)
    expect(await at(now() + 305)).toBe(401)
    expect(await at(now() + 10 ** 9)).toBe(401)
    expect(await at(now() - 250)).toBe(202)
    expect(await at(now() + 250)).toBe(200)
  })

  test('S-09 bytes are what is signed: not what they decode to', async () => {
    const cases: [received: Buffer, signed: Buffer][] = [
      [Buffer.from([0x7b, 0xff, 0x7d]), Buffer.from('{\ufffd}')],
      [Buffer.from('{"a":"\u0000"}'), Buffer.from('{"a":""}')],
      [Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('{}')]), Buffer.from('{}')],
      [Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), Buffer.from('"\ufffd\ufffd\ufffd"')],
    ]
    for (const [received, signed] of cases) {
      const t = now()
      expect(await post(received, `t=${t},v1=${hmac(STRIPE, `${t}.`, signed)}`)).toBe(401)
    }
  })

  test('S-19 what stands in the query is neither verified nor merged into the event', async () => {
    const signed = fromStripe(STRIPE, { id: 'evt_query', type: 'invoice.paid' })
    const answer = await gateway.send(`${path}?id=evt_other&type=charge.refunded&access_token=hidden-token`, signed)
    expect(answer.status).toBe(202)
    const shown = await gateway.api('GET', `/api/v1/events/${answer.json.eventId}`)
    expect(shown.json).toMatchObject({ externalEventId: 'evt_query', type: 'invoice.paid' })
    const raw = await gateway.api('GET', `/api/v1/events/${answer.json.eventId}/raw`)
    expect(raw.bytes.equals(signed.body)).toBe(true)
  })

  test('S-21 an event belongs to the integration whose path and secret it came with, whatever it says of itself', async () => {
    const other = await gateway.integrate({ provider: 'stripe', secret: 'whsec_secret_of_another_account_3' })
    const claim = {
      id: 'evt_claim',
      type: 'a',
      account: 'acct_other',
      integrationId: other.id,
      tenantId: `ten_${'1'.repeat(32)}`,
    }
    const signed = fromStripe(STRIPE, claim)
    expect((await gateway.send(other.receivePath, signed)).status).toBe(401)
    const answer = await gateway.send(path, signed)
    expect((await gateway.api('GET', `/api/v1/events/${answer.json.eventId}`)).json.integrationId).toBe(id)
    expect(await eventsOf(other.id)).toEqual([])
  })
})

describe('GitHub', () => {
  test('S-07 a right SHA-1 alone proves nothing', async () => {
    const { receivePath } = await gateway.integrate({ provider: 'github', secret: GITHUB })
    const body = '{"zen":"x"}'
    const sha1 = createHmac('sha1', GITHUB).update(body).digest('hex')
    const post = (headers: Record<string, string>) =>
      gateway.send(receivePath, { body, headers: { ...JSON_TYPE, 'x-github-event': 'push', ...headers } })
    for (const headers of [
      { 'x-hub-signature': `sha1=${sha1}` },
      { 'x-hub-signature-256': `sha1=${sha1}` },
      { 'x-hub-signature-256': sha1 },
    ]) {
      expect((await post(headers as Record<string, string>)).status).toBe(401)
    }
    expect(
      (await post({ 'x-hub-signature-256': `sha256=${hmac(GITHUB, body)}`, 'x-hub-signature': 'sha1=junk' })).status,
    ).toBe(202)
  })

  test('S-13 a captured delivery under another, unsigned id is the same event', async () => {
    const { receivePath, id } = await gateway.integrate({ provider: 'github', secret: GITHUB })
    const signed = await fromGithub(GITHUB, 'issues', { action: 'opened', n: 13 }, 'guid-1')
    const first = await gateway.send(receivePath, signed)
    for (const [delivery, event] of [
      ['guid-2', 'issues'],
      ['guid-3', 'issues'],
    ] as const) {
      const replayed = await gateway.send(receivePath, {
        ...signed,
        headers: { ...signed.headers, 'x-github-delivery': delivery, 'x-github-event': event },
      })
      expect(replayed.status).toBe(200)
      expect(replayed.json).toMatchObject({ eventId: first.json.eventId, duplicate: true })
    }
    const { 'x-github-delivery': _, ...without } = signed.headers
    expect((await gateway.send(receivePath, { ...signed, headers: without })).json.duplicate).toBe(true)
    expect(await eventsOf(id)).toHaveLength(1)
    const next = await fromGithub(GITHUB, 'issues', { action: 'closed', n: 13 }, 'guid-1')
    expect((await gateway.send(receivePath, next)).status).toBe(202)
  })

  test('S-14 where no time is signed, the same bytes days later are still a copy, and the interface says what is covered', async () => {
    const { receivePath, id } = await gateway.integrate({ provider: 'github', secret: GITHUB })
    const signed = await fromGithub(GITHUB, 'push', { ref: 'refs/heads/main' }, 'guid-4')
    await gateway.send(receivePath, signed)
    // The marker in memory is gone; the constraint is not.
    await using later = await aGateway({ config: { DATABASE_URL: gateway.databaseUrl }, dataDir: gateway.dataDir })
    expect((await later.send(receivePath, signed)).json).toMatchObject({ duplicate: true })
    const shown = await gateway.api('GET', `/api/v1/integrations/${id}`)
    expect(shown.json).toMatchObject({ coverage: 'body', toleranceSeconds: null })
  })
})

describe('other families', () => {
  test('S-08 a public key is no shared secret: an HMAC under it proves nothing', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
    const { receivePath } = await gateway.integrate({ provider: 'discord', secret: raw.toString('hex') })
    const body = '{"id":"1","type":2}'
    const t = String(now())
    const post = async (signature: string) =>
      (
        await gateway.send(receivePath, {
          body,
          headers: { ...JSON_TYPE, 'x-signature-timestamp': t, 'x-signature-ed25519': signature },
        })
      ).status
    for (const key of [raw, raw.toString('hex')]) {
      expect(await post(hmac(key, t, body))).toBe(401)
      expect(await post(hmac(key, t, body).repeat(2))).toBe(401)
    }
    expect(await post('00'.repeat(64))).toBe(401)
    expect(await post(signBytes(null, Buffer.from(t + body), privateKey).toString('hex'))).toBe(204)
  })

  test('S-23 a timestamp or an id given twice is refused', async () => {
    const secret = '8f742231b10e8888abcd99f1aa3785a5'
    const slack = await gateway.integrate({ provider: 'slack', secret })
    const signed = fromSlack(secret, { type: 'event_callback', event_id: 'Ev23' })
    const headers = Object.entries(signed.headers)
    const doubled = rawRequest({
      target: slack.receivePath,
      body: signed.body,
      headers: [...headers, ['X-Slack-Request-Timestamp', signed.headers['x-slack-request-timestamp']!]],
    })
    expect((await exchange(gateway.address, doubled)).answers[0]?.status).toBe(401)
    expect((await gateway.send(slack.receivePath, signed)).status).toBe(202)
  })
})

describe('what a refused sender learns', () => {
  test('S-24 one answer for every reason', async () => {
    const active = await gateway.integrate({ provider: 'stripe', secret: STRIPE })
    const pending = await gateway.integrate({ provider: 'stripe' })
    const t = now()
    const wrong: [string, Record<string, string>][] = [
      [active.receivePath, {}],
      [active.receivePath, { 'stripe-signature': 'junk' }],
      [active.receivePath, { 'stripe-signature': `t=${t},v1=${'0'.repeat(64)}` }],
      [active.receivePath, { 'stripe-signature': `t=1,v1=${hmac(STRIPE, '1.', '{}')}` }],
      [active.receivePath, { 'stripe-signature': `t=${t},v0=${hmac(STRIPE, `${t}.`, '{}')}` }],
      [pending.receivePath, { 'stripe-signature': `t=${t},v1=${hmac(STRIPE, `${t}.`, '{}')}` }],
    ]
    const seen = new Set<string>()
    for (const [path, headers] of wrong) {
      const answer = await gateway.send(path, { body: '{}', headers: { ...JSON_TYPE, ...headers } })
      expect(answer.status).toBe(401)
      const names = [...answer.headers.keys()].filter((name) => name !== 'date').sort()
      seen.add(`${names} ${answer.text.replace(/cor_[0-9a-f]+/, '')}`)
    }
    expect(seen.size).toBe(1)
    expect([...seen][0]).not.toMatch(/stale|mismatch|missing|secret|version|pending/i)
  })

  test('S-25 a forgery of a known event is answered like one of an unknown event', async () => {
    const { receivePath, id } = await gateway.integrate({ provider: 'stripe', secret: STRIPE })
    await gateway.send(receivePath, fromStripe(STRIPE, { id: 'evt_known', type: 'a' }))
    const forge = async (event: string) => {
      const answer = await gateway.send(
        receivePath,
        fromStripe('whsec_not_the_secret_of_the_account', { id: event, type: 'a' }),
      )
      return `${answer.status} ${answer.text.replace(/cor_[0-9a-f]+/, '')}`
    }
    expect(await forge('evt_known')).toBe(await forge('evt_other'))
    expect(await eventsOf(id)).toHaveLength(1)
  })
})
