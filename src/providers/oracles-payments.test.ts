/** Libraries of payment providers as judges; `test/support/oracle.ts` says how. Over 300 lines because nine stand here, each alike. */
import { hmacValidator as AdyenValidator } from '@adyen/api-library'
import { Paddle } from '@paddle/paddle-node-sdk'
import braintreeLibrary from 'braintree'
import coinbaseLibrary from 'coinbase-commerce-node'
import * as gocardless from 'gocardless-nodejs/webhooks'
import { SignatureValidator as MollieValidator } from 'mollie-api-typescript/utils/webhooks/signature_validator'
import Razorpay from 'razorpay'
import { WebhooksHelper as SquareHelper } from 'square'
import Stripe from 'stripe'
import { expect, test } from 'vitest'
import {
  accepts,
  describeFrozen,
  describeOracle,
  flip,
  HOUR,
  header,
  NOW,
  NOW_SECONDS,
  newKey,
  RECEIVER,
  send,
  TRICKY,
  verdict,
  withLast,
} from '../../test/support/oracle.ts'
import { answerHandshake } from './handshake.ts'
import { parseKey } from './keys.ts'
import { findProvider } from './registry.ts'

const webhook = (name: string, value: string) => ({ headers: [[name, value]] as const })

describeOracle(
  'stripe',
  {
    provider: 'stripe',
    verify: (request, key) => Stripe.webhooks.constructEvent(request.body, header(request, 'Stripe-Signature'), key),
    sign: (payload, secret) =>
      webhook(
        'Stripe-Signature',
        Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: NOW_SECONDS }),
      ),
    refusesStale: true,
  },
  ({ sent, laxer }) => {
    laxer('a timestamp an hour ahead', () => sent({ now: NOW + HOUR }), 'signature_future')
  },
)

describeOracle(
  '@paddle/paddle-node-sdk',
  {
    provider: 'paddle',
    verify: (request, key) =>
      new Paddle('key').webhooks.isSignatureValid(request.body, key, header(request, 'Paddle-Signature')),
    refusesStale: true,
  },
  ({ sent, ours, theirs, laxer }) => {
    const withText = (change: (value: string) => string) => {
      const { request, key } = sent()
      return { key, request: withLast(request, change) }
    }
    laxer('a timestamp an hour ahead', () => sent({ now: NOW + HOUR }), 'signature_future')
    laxer('letters after the timestamp', () => withText((value) => value.replace(';', 'abc;')), 'timestamp_malformed')

    test('of several h1 the library reads the last one; here any may match, as during a rotation', async () => {
      const { request, key } = withText((value) => `${value};h1=${'0'.repeat(64)}`)
      expect(await theirs(request, key.verifying)).toBe(false)
      expect(ours(request, key.verifying)).toBe('accepted')
    })
  },
)

describeOracle('square', {
  provider: 'square',
  verify: (request, key) =>
    SquareHelper.isValidWebhookEventSignature(
      request.body,
      header(request, 'x-square-hmacsha256-signature'),
      key,
      request.url ?? '',
    ),
})

describeOracle(
  'razorpay',
  {
    provider: 'razorpay',
    verify: (request, key) =>
      Razorpay.validateWebhookSignature(request.body, header(request, 'X-Razorpay-Signature'), key),
  },
  () => {
    test('bytes that are no UTF-8: the library takes them for U+FFFD; here they are other bytes', () => {
      const { request, key } = send('razorpay', { body: '{"a":"\ufffd"}' })
      const raw = Buffer.from('{"a":"\xff"}', 'latin1')
      const signature = header(request, 'X-Razorpay-Signature')
      // Its types ask for text; its own documentation hands it the raw body.
      expect(Razorpay.validateWebhookSignature(raw as unknown as string, signature, key.verifying)).toBe(true)
      expect(verdict('razorpay', { ...request, body: raw }, key.verifying)).toBe('signature_mismatch')
    })
  },
)

describeOracle('coinbase-commerce-node', {
  provider: 'coinbase-commerce',
  verify: (request, key) =>
    coinbaseLibrary.Webhook.verifySigHeader(request.body, header(request, 'X-CC-Webhook-Signature'), key),
  sign: (body, key) => webhook('X-CC-Webhook-Signature', coinbaseLibrary.Webhook.computeSignature(body, key)),
})

describeOracle(
  'gocardless-nodejs',
  {
    provider: 'gocardless',
    verify: (request, key) => gocardless.verifySignature(request.body, key, header(request, 'Webhook-Signature')),
  },
  ({ sent, laxer }) => {
    const { request, key } = sent()
    laxer(
      'text after the digits',
      () => ({ key, request: withLast(request, (value) => `${value} and more`) }),
      'signature_malformed',
    )
  },
)

describeOracle(
  'mollie-api-typescript',
  {
    provider: 'mollie',
    scheme: 'next-gen',
    verify: (request, key) => MollieValidator.validate(request.body, key, header(request, 'X-Mollie-Signature')),
    sign: async (body, key) =>
      webhook('X-Mollie-Signature', `sha256=${await MollieValidator.createSignature(body, key)}`),
  },
  ({ sent, laxer }) => {
    const { request, key } = sent()
    laxer(
      'a signature without sha256=',
      () => ({ key, request: withLast(request, (value) => value.replace('sha256=', '')) }),
      'signature_malformed',
    )
  },
)

describeOracle(
  '@adyen/api-library',
  {
    provider: 'adyen',
    scheme: 'platform-header',
    verify: (request, key) =>
      new AdyenValidator().validateHMACSignature(key, header(request, 'hmacsignature'), request.body),
    sign: (body, key) => webhook('hmacsignature', new AdyenValidator().calculateHmac(body, key)),
  },
  ({ sent, laxer }) => {
    const { request, key } = sent()
    laxer(
      'spaces inside the base64',
      () => ({ key, request: withLast(request, (value) => `${value.slice(0, 8)} ${value.slice(8)}`) }),
      'signature_malformed',
    )

    test('a key that is no hex: the library computes with what it can read of it; here no key is left', async () => {
      const wrong = 'zz not hex'
      const signature = new AdyenValidator().calculateHmac(TRICKY, '')
      expect(new AdyenValidator().validateHMACSignature(wrong, signature, TRICKY)).toBe(true)
      expect(
        verdict('adyen', { headers: [['hmacsignature', signature]], body: TRICKY }, wrong, {
          scheme: 'platform-header',
        }),
      ).toBe('no_active_key')
    })
  },
)

describeFrozen('@adyen/api-library and adyen payments-item', () => {
  const validator = new AdyenValidator()
  const item = {
    pspReference: '7914073381342284',
    originalReference: '',
    merchantAccountCode: 'TestMerchant',
    merchantReference: 'Grüße:1',
    amount: { value: 1130, currency: 'EUR' },
    eventCode: 'AUTHORISATION',
    success: 'true',
    eventDate: '2027-01-01T00:00:00+01:00',
    paymentMethod: 'visa',
  }
  // The library's types want enumerations and classes where the wire has JSON.
  type Item = Parameters<typeof validator.validateHMAC>[0]
  const asItem = (value: unknown) => value as Item
  const signedItem = (key: string, change: object = {}) => {
    const changed = { ...item, ...change }
    return { ...changed, additionalData: { hmacSignature: validator.calculateHmac(asItem(changed), key) } }
  }
  const bodyOf = (...items: readonly object[]) =>
    JSON.stringify({ live: 'false', notificationItems: items.map((each) => ({ NotificationRequestItem: each })) })

  test('what it signs we accept; each of the eight fields changed is refused by both', () => {
    const { verifying } = newKey('adyen')
    const signed = signedItem(verifying)
    expect(verdict('adyen', { headers: [], body: bodyOf(signed) }, verifying)).toBe('accepted')
    for (const change of [
      { pspReference: '7914073381342285' },
      { originalReference: '1' },
      { merchantAccountCode: 'Another' },
      { merchantReference: 'Grüße:2' },
      { amount: { value: 1131, currency: 'EUR' } },
      { amount: { value: 1130, currency: 'USD' } },
      { eventCode: 'REFUND' },
      { success: 'false' },
    ]) {
      const changed = { ...signed, ...change }
      expect(validator.validateHMAC(asItem(changed), verifying)).toBe(false)
      expect(verdict('adyen', { headers: [], body: bodyOf(changed) }, verifying)).toBe('signature_mismatch')
    }
  })

  test('what we sign it accepts', () => {
    const { request, key } = send('adyen')
    const { notificationItems } = JSON.parse(request.body.toString())
    expect(validator.validateHMAC(notificationItems[0].NotificationRequestItem, key.verifying)).toBe(true)
  })

  test('the library judges one item; here one unsigned or wrong item refuses the whole body', async () => {
    const { verifying } = newKey('adyen')
    const good = signedItem(verifying)
    const second = signedItem(verifying, { pspReference: '2' })
    expect(verdict('adyen', { headers: [], body: bodyOf(good, second) }, verifying)).toBe('accepted')
    for (const bad of [item, { ...second, success: 'false' }]) {
      expect(validator.validateHMAC(asItem(good), verifying)).toBe(true)
      expect(await accepts(() => validator.validateHMAC(asItem(bad), verifying))).toBe(false)
      expect(verdict('adyen', { headers: [], body: bodyOf(good, bad) }, verifying)).not.toBe('accepted')
    }
  })

  test('both leave the other fields unsigned, as the scheme has it', () => {
    const { verifying } = newKey('adyen')
    const changed = { ...signedItem(verifying), paymentMethod: 'mc' }
    expect(validator.validateHMAC(asItem(changed), verifying)).toBe(true)
    expect(verdict('adyen', { headers: [], body: bodyOf(changed) }, verifying)).toBe('accepted')
  })
})

describeFrozen('braintree', () => {
  const settings = { publicKey: 'braintree_test_public_key' }
  const gatewayWith = (privateKey: string) =>
    new braintreeLibrary.BraintreeGateway({
      environment: braintreeLibrary.Environment.Sandbox,
      merchantId: 'postern',
      publicKey: settings.publicKey,
      privateKey,
    })
  const form = (fields: Readonly<Record<string, string>>) => ({
    headers: [['Content-Type', 'application/x-www-form-urlencoded']] as const,
    body: new URLSearchParams(fields).toString(),
  })
  const key = newKey('braintree').verifying
  const gateway = gatewayWith(key)
  const ours = (fields: Readonly<Record<string, string>>) => verdict('braintree', form(fields), key, { settings })
  const theirs = (signature: string, payload: string, by = gateway) =>
    accepts(() => by.webhookNotification.parse(signature, payload))

  test('what it signs we accept, with and without the line break at the end; changed, both refuse', async () => {
    const { bt_signature, bt_payload } = gateway.webhookTesting.sampleNotification('check', 'my_id')
    for (const payload of [bt_payload, bt_payload.trimEnd()]) {
      expect(await theirs(bt_signature, payload)).toBe(true)
      expect(ours({ bt_signature, bt_payload: payload })).toBe('accepted')
    }
    for (const [signature, payload] of [
      [bt_signature, flip(bt_payload)],
      [flip(bt_signature), bt_payload],
      [bt_signature.replace('|', '2|'), bt_payload],
      [bt_signature.slice(0, -1), bt_payload],
      [bt_signature, ` ${bt_payload}`],
    ] as const) {
      expect(await theirs(signature, payload)).toBe(false)
      expect(ours({ bt_signature: signature, bt_payload: payload })).not.toBe('accepted')
    }
    expect(await theirs(bt_signature, bt_payload, gatewayWith(`${key}1`))).toBe(false)
  })

  test('what we sign it accepts', async () => {
    const { request } = send('braintree', { key: { signing: key, verifying: key }, settings })
    const fields = new URLSearchParams(request.body.toString())
    expect(await theirs(fields.get('bt_signature') ?? '', fields.get('bt_payload') ?? '')).toBe(true)
  })

  test('its challenge is answered with the library’s own answer', () => {
    const definition = findProvider('braintree')!
    const parsed = parseKey(definition.schemes[0], key)
    if (!parsed.ok || parsed.kind !== 'secret') throw new Error('no secret')
    const challenge = '20f9f8ed05f77439fe955c977e4c8a53'
    const request = { method: 'GET', url: `${RECEIVER}&bt_challenge=${challenge}`, headers: [], body: Buffer.alloc(0) }
    const context = { status: 'active', settings, key: parsed.key } as const
    expect(answerHandshake(definition, request, undefined, context, undefined)).toMatchObject({
      status: 200,
      body: gateway.webhookNotification.verify(challenge),
    })
  })

  test('zero bytes after the signature: the library accepts them; here they are signature_malformed', async () => {
    const { bt_signature, bt_payload } = gateway.webhookTesting.sampleNotification('check', 'my_id')
    const padded = `${bt_signature}\0\0`
    expect(await theirs(padded, bt_payload)).toBe(true)
    expect(ours({ bt_signature: padded, bt_payload })).toBe('signature_malformed')
  })
})

test('square signs the URL as registered: another spelling of it is refused by both', () => {
  const { request, key } = send('square', { body: TRICKY })
  const signature = header(request, 'x-square-hmacsha256-signature')
  for (const url of [RECEIVER.replace('%2F', '/'), RECEIVER.replace('.com', '.com:443'), `${RECEIVER}#`]) {
    expect(SquareHelper.isValidWebhookEventSignature(TRICKY, signature, key.verifying, url)).toBe(false)
    expect(verdict('square', { ...request, url }, key.verifying)).toBe('signature_mismatch')
  }
})
