/** Libraries for messages, mail and calls as judges; `test/support/oracle.ts` says how. */
import { createHmac } from 'node:crypto'
import { validateSignature as validateLine } from '@line/bot-sdk'
import sendgridLibrary from '@sendgrid/eventwebhook'
import { verifySlackRequest } from '@slack/bolt'
import { verifyKey } from 'discord-interactions'
import Telnyx from 'telnyx'
import twilioLibrary from 'twilio'
import { expect, test } from 'vitest'
import XHubSignature from 'x-hub-signature'
import {
  describeFrozen,
  describeOracle,
  HOUR,
  header,
  headerRecord,
  NOW,
  newKey,
  RECEIVER,
  send,
  TRICKY,
  verdict,
  withLast,
} from '../../test/support/oracle.ts'

describeOracle(
  '@slack/bolt',
  {
    provider: 'slack',
    verify: (request, key) => verifySlack(request, key),
    refusesStale: true,
  },
  ({ sent, laxer }) => {
    laxer('a timestamp an hour ahead', () => sent({ now: NOW + HOUR }), 'signature_future')
    laxer(
      'text after a second = in the signature',
      () => {
        const { request, key } = sent()
        return { key, request: withLast(request, (value) => `${value}=more`) }
      },
      'signature_malformed',
    )

    test('a timestamp that is no number: the library accepts it; here it is timestamp_malformed', () => {
      const { verifying } = newKey('slack')
      const signature = `v0=${createHmac('sha256', verifying).update(`v0:soon:${TRICKY}`).digest('hex')}`
      const request = {
        headers: [
          ['X-Slack-Request-Timestamp', 'soon'],
          ['X-Slack-Signature', signature],
        ] as const,
        body: TRICKY,
      }
      expect(() => verifySlack(request, verifying)).not.toThrow()
      expect(verdict('slack', request, verifying)).toBe('timestamp_malformed')
    })
  },
)

/** @throws Error when it refuses. */
function verifySlack(request: Parameters<typeof headerRecord>[0] & { readonly body: string }, key: string): void {
  const headers = headerRecord(request)
  verifySlackRequest({
    signingSecret: key,
    body: request.body,
    headers: {
      'x-slack-signature': headers['x-slack-signature'] ?? '',
      // A number in its types, the header's text in its receivers.
      'x-slack-request-timestamp': headers['x-slack-request-timestamp'] as unknown as number,
    },
  })
}

describeOracle(
  'discord-interactions',
  {
    provider: 'discord',
    verify: (request, key) =>
      verifyKey(request.body, header(request, 'X-Signature-Ed25519'), header(request, 'X-Signature-Timestamp'), key),
  },
  ({ sent, laxer }) => {
    laxer('an hour old', () => sent({ now: NOW - HOUR }), 'signature_stale')
    laxer('a timestamp an hour ahead', () => sent({ now: NOW + HOUR }), 'signature_future')
  },
)

const sendgrid = new sendgridLibrary.EventWebhook()
describeOracle(
  '@sendgrid/eventwebhook',
  {
    provider: 'sendgrid',
    verify: (request, key) =>
      sendgrid.verifySignature(
        sendgrid.convertPublicKeyToECDSA(key),
        request.body,
        header(request, 'X-Twilio-Email-Event-Webhook-Signature'),
        header(request, 'X-Twilio-Email-Event-Webhook-Timestamp'),
      ),
  },
  ({ sent, laxer }) => {
    laxer('an hour old', () => sent({ now: NOW - HOUR }), 'signature_stale')
    laxer('a timestamp an hour ahead', () => sent({ now: NOW + HOUR }), 'signature_future')
  },
)

describeOracle(
  'telnyx',
  {
    provider: 'telnyx',
    verify: (request, key) =>
      new Telnyx({ apiKey: 'none' }).webhooks.unwrap(request.body, { headers: headerRecord(request), key }),
    refusesStale: true,
  },
  ({ sent, ours, theirs, laxer }) => {
    laxer(
      'stray bits in the last character of the base64',
      () => {
        const { request, key } = sent()
        return { key, request: withLast(request, withStrayBits) }
      },
      'signature_malformed',
    )

    test('an hour ahead: both refuse', async () => {
      const { request, key } = sent({ now: NOW + HOUR })
      expect(await theirs(request, key.verifying)).toBe(false)
      expect(ours(request, key.verifying)).toBe('signature_future')
    })
  },
)

/** The base64 of 64 bytes ends in one character of which four bits are unused, and `==`. */
function withStrayBits(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const last = alphabet.indexOf(text.at(-3) ?? '')
  return `${text.slice(0, -3)}${alphabet[last + 1]}==`
}

describeOracle(
  '@line/bot-sdk',
  {
    provider: 'line',
    verify: (request, key) => validateLine(request.body, key, header(request, 'x-line-signature')),
  },
  ({ sent, laxer }) => {
    const { request, key } = sent()
    laxer(
      'a space inside the base64',
      () => ({ key, request: withLast(request, (value) => `${value.slice(0, 8)} ${value.slice(8)}`) }),
      'signature_malformed',
    )
    laxer(
      'base64 without its padding',
      () => ({ key, request: withLast(request, (value) => value.replace(/=+$/, '')) }),
      'signature_malformed',
    )
  },
)

for (const [provider, algorithm, name] of [
  ['meta', 'sha256', 'X-Hub-Signature-256'],
  ['whatsapp', 'sha256', 'X-Hub-Signature-256'],
  ['intercom', 'sha1', 'X-Hub-Signature'],
] as const) {
  describeOracle('x-hub-signature', {
    provider,
    verify: (request, key) => new XHubSignature(algorithm, key).verify(header(request, name), request.body),
    sign: (body, key) => ({ headers: [[name, new XHubSignature(algorithm, key).sign(body)]] }),
  })
}

describeFrozen('twilio', () => {
  const token = 'twilio-auth-token-0123456789'
  const parameters = {
    Body: 'Grüße & more + 100%',
    MediaUrl: ['https://b', 'https://a', 'https://b'],
    Empty: '',
    MessageSid: 'SM1',
    '10': 'x',
    '9': 'y',
  }
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    [value].flat().map((each): [string, string] => [name, each]),
  )
  const form = new URLSearchParams(pairs).toString()
  const judged = (signature: string, body: string, url = RECEIVER) =>
    verdict(
      'twilio',
      {
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Twilio-Signature', signature],
        ],
        body,
        url,
      },
      token,
    )

  test('forms: what it signs we accept, with the port written out or not', () => {
    for (const signedUrl of [RECEIVER, RECEIVER.replace('.com/', '.com:443/')]) {
      const signature = twilioLibrary.getExpectedTwilioSignature(token, signedUrl, parameters)
      expect(judged(signature, form)).toBe('accepted')
      expect(judged(signature, `${form}&More=1`)).toBe('signature_mismatch')
      expect(judged(signature, form, RECEIVER.replace('prod', 'test'))).toBe('signature_mismatch')
    }
  })

  test('forms: what we sign it accepts; changed, both refuse', () => {
    const { request, key } = send('twilio')
    const signature = header(request, 'X-Twilio-Signature')
    const fields = Object.fromEntries(new URLSearchParams(request.body.toString()))
    expect(twilioLibrary.validateRequest(key.verifying, signature, RECEIVER, fields)).toBe(true)
    expect(twilioLibrary.validateRequest(key.verifying, signature, RECEIVER, { ...fields, More: '1' })).toBe(false)
    expect(twilioLibrary.validateRequest(`${key.verifying}x`, signature, RECEIVER, fields)).toBe(false)
  })

  test('JSON: its hash is in the signed URL, and both hold it against the body', () => {
    const { request, key } = send('twilio', { scheme: 'json', body: TRICKY, contentType: 'application/json' })
    const valid = (body: string) =>
      twilioLibrary.validateRequestWithBody(key.verifying, header(request, 'X-Twilio-Signature'), request.url, body)
    expect(valid(TRICKY)).toBe(true)
    expect(verdict('twilio', request, key.verifying)).toBe('accepted')
    expect(valid(`${TRICKY} `)).toBe(false)
    expect(verdict('twilio', { ...request, body: `${TRICKY} ` }, key.verifying)).toBe('requirement_failed')
  })
})
