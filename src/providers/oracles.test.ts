/**
 * Vendors' own libraries as judges, in both directions: what they sign we accept, what we sign they accept.
 */
import { sign as signWebhook, verify as verifyWebhook } from '@octokit/webhooks-methods'
import sendgridLibrary from '@sendgrid/eventwebhook'
import { verifyKey } from 'discord-interactions'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import Stripe from 'stripe'
import { Webhook as SvixWebhook } from 'svix'
import twilioLibrary from 'twilio'
import { expect, test } from 'vitest'
import type { HeaderList } from '../base/model/event.ts'
import { findProvider } from './registry.ts'
import { headerValue } from './request.ts'
import { sampleEvent } from './sample.ts'
import { generateSigningKey, signAs } from './sign.ts'
import { judge } from './vectors.ts'

const now = Math.floor(Date.now() / 1000) * 1000
const at = now / 1000
const url = 'https://hooks.example.com/in/1?env=prod&x=%2F'
const TRICKY = '{"id":"evt_1","type":"order.paid","note":"Grüße 👋 $& $1 \\u00e9\\/"}\n'

function ours(provider: string, body?: string) {
  const definition = findProvider(provider)!
  const key = generateSigningKey(definition.schemes[0])
  const sample = sampleEvent(definition, { id: 'a1', now })
  const text = body ?? sample.body.toString()
  const signed = signAs(definition, { ...sample, body: Buffer.from(text), key: key.signing, now, url })
  return {
    key,
    text,
    header: (name: string) => headerValue(signed.headers, name.toLowerCase()) ?? '',
    all: Object.fromEntries(signed.headers),
  }
}

function judged(provider: string, key: string, headers: HeaderList, body: string, more: { url?: string } = {}) {
  return judge(findProvider(provider)!, { headers, body, key, at, ...more })?.ok
}

test('stripe', () => {
  const secret = 'whsec_test_postern'
  const header = Stripe.webhooks.generateTestHeaderString({ payload: TRICKY, secret, timestamp: at })
  expect(judged('stripe', secret, [['Stripe-Signature', header]], TRICKY)).toBe(true)
  expect(judged('stripe', `${secret}x`, [['Stripe-Signature', header]], TRICKY)).toBe(false)
  const sent = ours('stripe', TRICKY)
  expect(Stripe.webhooks.constructEvent(sent.text, sent.header('Stripe-Signature'), sent.key.verifying).id).toBe(
    'evt_1',
  )
})

test('@octokit/webhooks-methods', async () => {
  const secret = "It's a Secret to Everybody"
  const header = await signWebhook(secret, TRICKY)
  expect(judged('github', secret, [['X-Hub-Signature-256', header]], TRICKY)).toBe(true)
  const sent = ours('github', TRICKY)
  expect(await verifyWebhook(sent.key.verifying, sent.text, sent.header('X-Hub-Signature-256'))).toBe(true)
})

test('standardwebhooks', () => {
  const { key, all, text } = ours('standard-webhooks', TRICKY)
  expect(new StandardWebhook(key.verifying).verify(text, all)).toMatchObject({ id: 'evt_1' })
  const signature = new StandardWebhook(key.verifying).sign('msg_1', new Date(now), TRICKY)
  const headers = [
    ['webhook-id', 'msg_1'],
    ['webhook-timestamp', String(at)],
    ['webhook-signature', signature],
  ] as const
  expect(judged('standard-webhooks', key.verifying, headers, TRICKY)).toBe(true)
  expect(judged('gitlab', key.verifying, headers, TRICKY)).toBe(true)
})

test('svix', () => {
  const { key, all, text } = ours('svix', TRICKY)
  expect(new SvixWebhook(key.verifying).verify(text, all)).toMatchObject({ id: 'evt_1' })
  const signature = new SvixWebhook(key.verifying).sign('msg_1', new Date(now), TRICKY)
  for (const brand of ['svix', 'webhook']) {
    const headers = [
      [`${brand}-id`, 'msg_1'],
      [`${brand}-timestamp`, String(at)],
      [`${brand}-signature`, signature],
    ] as const
    expect(judged('svix', key.verifying, headers, TRICKY)).toBe(true)
  }
})

test('twilio, forms and JSON', () => {
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
  const type = ['Content-Type', 'application/x-www-form-urlencoded'] as const
  for (const signedUrl of [url, url.replace('.com/', '.com:443/')]) {
    const signature = twilioLibrary.getExpectedTwilioSignature(token, signedUrl, parameters)
    expect(judged('twilio', token, [type, ['X-Twilio-Signature', signature]], form, { url })).toBe(true)
    expect(judged('twilio', token, [type, ['X-Twilio-Signature', signature]], `${form}&More=1`, { url })).toBe(false)
  }
  const sent = ours('twilio')
  const fields = Object.fromEntries(new URLSearchParams(sent.text))
  expect(twilioLibrary.validateRequest(sent.key.verifying, sent.header('X-Twilio-Signature'), url, fields)).toBe(true)

  const json = signAs(findProvider('twilio')!, {
    scheme: 'json',
    key: token,
    body: Buffer.from(TRICKY),
    contentType: 'application/json',
    now,
    id: '',
    type: '',
    url,
  })
  const header = headerValue(json.headers, 'x-twilio-signature') ?? ''
  expect(twilioLibrary.validateRequestWithBody(token, header, json.url, TRICKY)).toBe(true)
  expect(judged('twilio', token, json.headers, TRICKY, { url: json.url })).toBe(true)
  expect(judged('twilio', token, json.headers, `${TRICKY} `, { url: json.url })).toBe(false)
})

test('discord-interactions', async () => {
  const { key, text, header } = ours('discord')
  const valid = (body: string) =>
    verifyKey(body, header('X-Signature-Ed25519'), header('X-Signature-Timestamp'), key.verifying)
  expect(await valid(text)).toBe(true)
  expect(await valid(`${text} `)).toBe(false)
})

test('@sendgrid/eventwebhook', () => {
  const library = new sendgridLibrary.EventWebhook()
  const { key, text, header } = ours('sendgrid')
  const valid = (body: string) =>
    library.verifySignature(
      library.convertPublicKeyToECDSA(key.verifying),
      body,
      header('X-Twilio-Email-Event-Webhook-Signature'),
      header('X-Twilio-Email-Event-Webhook-Timestamp'),
    )
  expect(valid(text)).toBe(true)
  expect(valid(text.trim())).toBe(false)
})

/** The places where their libraries are laxer than we are; each was seen on the versions in package.json. */
test('stricter than the libraries: far-future times, trailing junk, lossy bodies', () => {
  const secret = 'whsec_test_postern'
  const future = Stripe.webhooks.generateTestHeaderString({ payload: TRICKY, secret, timestamp: at + 86_400 })
  expect(Stripe.webhooks.constructEvent(TRICKY, future, secret).id).toBe('evt_1')
  expect(judged('stripe', secret, [['Stripe-Signature', future]], TRICKY)).toBe(false)

  const { key, all, text } = ours('standard-webhooks', TRICKY)
  const junk = {
    ...all,
    'webhook-timestamp': `${all['webhook-timestamp']}abc`,
    'webhook-signature': `${all['webhook-signature']},junk`,
  }
  expect(new StandardWebhook(key.verifying).verify(text, junk)).toMatchObject({ id: 'evt_1' })
  expect(judged('standard-webhooks', key.verifying, Object.entries(junk), text)).toBe(false)

  const raw = Buffer.from('{"a":"\xff"}', 'latin1')
  const signature = new StandardWebhook(key.verifying).sign('msg_1', new Date(now), raw.toString('utf8'))
  const headers = [
    ['webhook-id', 'msg_1'],
    ['webhook-timestamp', String(at)],
    ['webhook-signature', signature],
  ] as const
  expect(new StandardWebhook(key.verifying).verify(raw, Object.fromEntries(headers))).toBeDefined()
  expect(
    judge(findProvider('standard-webhooks')!, { headers, bodyBase64: raw.toString('base64'), key: key.verifying, at })
      ?.ok,
  ).toBe(false)
})
