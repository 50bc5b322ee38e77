/** Standard Webhooks and those who send it under their own name; `test/support/oracle.ts` says how. */
import OpenAI from 'openai'
import { Resend } from 'resend'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { expect, test } from 'vitest'
import {
  describeOracle,
  HOUR,
  header,
  headerRecord,
  type Judges,
  NOW,
  NOW_SECONDS,
  type Sent,
  TRICKY,
  verdict,
  withHeader,
  withLast,
} from '../../test/support/oracle.ts'

const ID = 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W'

function headersOf(brand: string, signature: string) {
  return [
    [`${brand}-id`, ID],
    [`${brand}-timestamp`, String(NOW_SECONDS)],
    [`${brand}-signature`, signature],
  ] as const
}

/** What holds for every scheme of this kind. */
function standardTests({ sent, ours, theirs }: Judges, brand: string) {
  test('an hour ahead: both refuse', async () => {
    const { request, key } = sent({ now: NOW + HOUR })
    expect(ours(request, key.verifying)).toBe('signature_future')
    expect(await theirs(request, key.verifying)).toBe(false)
  })

  test('id and timestamp are signed: changed, both refuse', async () => {
    const { request, key } = sent()
    for (const changed of [
      withHeader(request, `${brand}-id`, (value) => `${value}1`),
      withHeader(request, `${brand}-timestamp`, (value) => String(Number(value) + 1)),
    ]) {
      expect(ours(changed, key.verifying)).toBe('signature_mismatch')
      expect(await theirs(changed, key.verifying)).toBe(false)
    }
  })

  test('the right signature may stand anywhere in the list', async () => {
    const { request, key } = sent()
    const other = `v1,${Buffer.alloc(32, 7).toString('base64')}`
    for (const list of [
      `v1a,AAAA ${header(request, `${brand}-signature`)}`,
      `${header(request, `${brand}-signature`)} ${other}`,
    ]) {
      const listed = withLast(request, () => list)
      expect(ours(listed, key.verifying)).toBe('accepted')
      expect(await theirs(listed, key.verifying)).toBe(true)
    }
  })
}

const changed = ({ request, key }: Sent, name: string, change: (value: string) => string): Sent => ({
  key,
  request: withHeader(request, name, change),
})

for (const provider of ['standard-webhooks', 'gitlab'] as const) {
  describeOracle(
    'standardwebhooks',
    {
      provider,
      verify: (request, key) => new StandardWebhook(key).verify(request.body, headerRecord(request)),
      sign: (body, key) => ({
        headers: headersOf('webhook', new StandardWebhook(key).sign(ID, new Date(NOW), body)),
      }),
      refusesStale: true,
    },
    (judges) => {
      const { sent, laxer } = judges
      standardTests(judges, 'webhook')
      laxer(
        'letters after the timestamp',
        () => changed(sent(), 'webhook-timestamp', (value) => `${value}abc`),
        'timestamp_malformed',
      )
      laxer(
        'a third part in the signature',
        () => changed(sent(), 'webhook-signature', (value) => `${value},more`),
        'signature_malformed',
      )

      test('bytes that are no UTF-8: the library takes them for U+FFFD; here they are other bytes', async () => {
        const { request, key } = sent({ body: '{"a":"\ufffd"}' })
        const raw = Buffer.from('{"a":"\xff"}', 'latin1')
        expect(new StandardWebhook(key.verifying).verify(raw, headerRecord(request))).toBeDefined()
        expect(verdict(provider, { ...request, body: raw }, key.verifying)).toBe('signature_mismatch')
      })
    },
  )
}

describeOracle(
  'svix',
  {
    provider: 'svix',
    verify: (request, key) => new SvixWebhook(key).verify(request.body, headerRecord(request)),
    sign: (body, key) => ({ headers: headersOf('svix', new SvixWebhook(key).sign(ID, new Date(NOW), body)) }),
    refusesStale: true,
  },
  (judges) => {
    const { sent, laxer } = judges
    standardTests(judges, 'svix')
    laxer(
      'letters after the timestamp',
      () => changed(sent(), 'svix-timestamp', (value) => `${value}abc`),
      'timestamp_malformed',
    )

    test('its headers may also be called webhook-*', () => {
      const { key } = sent()
      const signature = new SvixWebhook(key.verifying).sign(ID, new Date(NOW), TRICKY)
      const request = { headers: headersOf('webhook', signature), body: TRICKY }
      expect(verdict('svix', request, key.verifying)).toBe('accepted')
      expect(new SvixWebhook(key.verifying).verify(TRICKY, headerRecord(request))).toBeDefined()
    })
  },
)

describeOracle(
  'resend',
  {
    provider: 'resend',
    verify: (request, webhookSecret) =>
      new Resend('re_none').webhooks.verify({
        payload: request.body,
        headers: {
          id: header(request, 'svix-id'),
          timestamp: header(request, 'svix-timestamp'),
          signature: header(request, 'svix-signature'),
        },
        webhookSecret,
      }),
    refusesStale: true,
  },
  (judges) => {
    const { sent, laxer } = judges
    standardTests(judges, 'svix')
    laxer(
      'letters after the timestamp',
      () => changed(sent(), 'svix-timestamp', (value) => `${value}abc`),
      'timestamp_malformed',
    )
  },
)

const openai = new OpenAI({ apiKey: 'none' })
describeOracle(
  'openai',
  {
    provider: 'openai',
    verify: async (request, key) => {
      await openai.webhooks.verifySignature(request.body, headerRecord(request), key)
      return true
    },
    refusesStale: true,
  },
  (judges) => {
    const { sent, laxer } = judges
    standardTests(judges, 'webhook')
    laxer(
      'a signature without v1,',
      () => changed(sent(), 'webhook-signature', (value) => value.replace('v1,', '')),
      'signature_malformed',
    )
    laxer(
      'base64 without its padding',
      () => changed(sent(), 'webhook-signature', (value) => value.replace(/=+$/, '')),
      'signature_malformed',
    )
  },
)
