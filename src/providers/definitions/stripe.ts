import { defineProvider } from '../definition.ts'

export const stripe = defineProvider({
  id: 'stripe',
  name: 'Stripe',
  category: 'payments',
  docs: 'https://docs.stripe.com/webhooks/signature',
  schemes: [
    {
      family: 'hmac',
      name: 'v1',
      algorithm: 'sha256',
      // The whole text is the key: the same `whsec_` that others decode from base64.
      key: { decode: 'utf8', label: 'whsec_' },
      signature: {
        header: 'Stripe-Signature',
        parse: { kind: 'pairs', itemSeparator: ',', valueSeparator: '=', signatureKey: 'v1', timestampKey: 't' },
        encoding: 'hex',
      },
      signed: [{ templates: ['{ts}.{body}'] }],
      timestamp: { in: 'signature', unit: 's', toleranceSeconds: 300, toleranceDocumented: true },
    },
  ],
  keyForm: 'The signing secret of the endpoint, `whsec_…`, whole.',
  setup: [
    'In the Stripe Dashboard open Developers, Webhooks, and add an endpoint with the receive path.',
    'Choose the events it shall send.',
    'Reveal the endpoint’s signing secret (`whsec_…`) and give it to the integration.',
  ],
  rotation:
    'Roll the secret in the endpoint’s settings with an overlap of up to 24 hours: Stripe signs with both meanwhile. Add the new one here before the old one ends.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // A retry is signed anew, with a new `t`; the id in the body stays and is covered.
  event: {
    id: 'body:$.id',
    type: 'body:$.type',
    tenant: 'body:$.account',
    subject: 'body:$.data.object.id | body:$.related_object.id',
    occurredAt: 'body:$.created',
  },
  delivery: {
    success: '2xx',
    retries: 'up to 3 days with growing pauses in live mode',
    addresses: 'https://stripe.com/files/ips/ips_webhooks.json',
  },
  pitfalls: [
    'While a secret is being rolled there are several `v1`; any of them may be the right one.',
    '`v0` is for test events and never counts as a match.',
    'Stripe’s own libraries refuse old timestamps but accept any in the future; here the window has two sides.',
  ],
  sample: {
    type: 'invoice.paid',
    idPrefix: 'evt_',
    contentType: 'application/json; charset=utf-8',
    body: '{"id":"{{id}}","object":"event","api_version":"2025-11-17.clover","created":{{seconds}},"livemode":false,"pending_webhooks":1,"type":"{{type}}","data":{"object":{"id":"in_1PosternSample","object":"invoice","amount_paid":1999,"currency":"eur","customer":"cus_PosternSample","status":"paid"}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['Stripe-Signature', 't=1767225600,v1=36484451c01b3dd0380d4473090d0a730859d90511a6d8c5f034a449b2c6a8be'],
        ],
        body: '{"id":"evt_1PosternTest","object":"event","created":1767225600,"type":"invoice.paid","data":{"object":{"id":"in_1","object":"invoice"}}}',
        key: 'whsec_test_postern_stripe_0123456789',
        at: 1767225605,
      },
      {
        why: 'rolled secret: the second of two signatures is right',
        headers: [
          [
            'Stripe-Signature',
            't=1767225600,v1=de568dfe7f936bd04a74a7dda9c8404b43aaf8cd132579eacf36b773ac84802b,v1=36484451c01b3dd0380d4473090d0a730859d90511a6d8c5f034a449b2c6a8be',
          ],
        ],
        body: '{"id":"evt_1PosternTest","object":"event","created":1767225600,"type":"invoice.paid","data":{"object":{"id":"in_1","object":"invoice"}}}',
        key: 'whsec_test_postern_stripe_0123456789',
        at: 1767225605,
      },
      {
        why: 'a v0 beside the v1 is skipped',
        headers: [
          [
            'Stripe-Signature',
            't=1767225600,v0=de568dfe7f936bd04a74a7dda9c8404b43aaf8cd132579eacf36b773ac84802b,v1=36484451c01b3dd0380d4473090d0a730859d90511a6d8c5f034a449b2c6a8be',
          ],
        ],
        body: '{"id":"evt_1PosternTest","object":"event","created":1767225600,"type":"invoice.paid","data":{"object":{"id":"in_1","object":"invoice"}}}',
        key: 'whsec_test_postern_stripe_0123456789',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: [
          ['Stripe-Signature', 't=1767225600,v1=36484451c01b3dd0380d4473090d0a730859d90511a6d8c5f034a449b2c6a8be'],
        ],
        body: '{"id":"evt_1PosternTest","object":"event","created":1767225600,"type":"invoice.paid","data":{"object":{"id":"in_1","object":"invoice"}}}',
        key: 'whsec_test_postern_stripe_0123456789',
        at: 1767225900,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['Stripe-Signature', 't=1767225600,v1=36484451c01b3dd0380d4473090d0a730859d90511a6d8c5f034a449b2c6a8be'],
        ],
        body: '{"id":"evt_1PosternTest","object":"event","created":1767225600,"type":"invoice.paid","data":{"object":{"id":"in_2","object":"invoice"}}}',
        key: 'whsec_test_postern_stripe_0123456789',
        at: 1767225605,
      },
      {
        why: 'only a v0, with the right digest',
        headers: [
          ['Stripe-Signature', 't=1767225600,v0=36484451c01b3dd0380d4473090d0a730859d90511a6d8c5f034a449b2c6a8be'],
        ],
        body: '{"id":"evt_1PosternTest","object":"event","created":1767225600,"type":"invoice.paid","data":{"object":{"id":"in_1","object":"invoice"}}}',
        key: 'whsec_test_postern_stripe_0123456789',
        at: 1767225605,
      },
      {
        why: 'the timestamp is missing',
        headers: [['Stripe-Signature', 'v1=36484451c01b3dd0380d4473090d0a730859d90511a6d8c5f034a449b2c6a8be']],
        body: '{"id":"evt_1PosternTest","object":"event","created":1767225600,"type":"invoice.paid","data":{"object":{"id":"in_1","object":"invoice"}}}',
        key: 'whsec_test_postern_stripe_0123456789',
        at: 1767225605,
      },
      {
        why: 'two timestamps',
        headers: [
          [
            'Stripe-Signature',
            't=1767225600,t=1767225601,v1=36484451c01b3dd0380d4473090d0a730859d90511a6d8c5f034a449b2c6a8be',
          ],
        ],
        body: '{"id":"evt_1PosternTest","object":"event","created":1767225600,"type":"invoice.paid","data":{"object":{"id":"in_1","object":"invoice"}}}',
        key: 'whsec_test_postern_stripe_0123456789',
        at: 1767225605,
      },
      {
        why: 'signed over the body alone',
        headers: [
          ['Stripe-Signature', 't=1767225600,v1=5e7f0af0bf5ae5e01cb78c4edde992d2d4e3ffb77243e36d5bf45d00ffae6636'],
        ],
        body: '{"id":"evt_1PosternTest","object":"event","created":1767225600,"type":"invoice.paid","data":{"object":{"id":"in_1","object":"invoice"}}}',
        key: 'whsec_test_postern_stripe_0123456789',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['Stripe-Signature', 't=1767225600,v1=36484451c01b3dd0380d4473090d0a730859d90511a6d8c5f034a449b2c6a8be'],
        ],
        body: '{"id":"evt_1PosternTest","object":"event","created":1767225600,"type":"invoice.paid","data":{"object":{"id":"in_1","object":"invoice"}}}',
        key: 'whsec_test_postern_stripe_0123456789',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['Stripe-Signature', 't=1767225600,v1=36484451c01b3dd0380d4473090d0a730859d90511a6d8c5f034a449b2c6a8be'],
        ],
        body: '{"id":"evt_1PosternTest","object":"event","created":1767225600,"type":"invoice.paid","data":{"object":{"id":"in_1","object":"invoice"}}}',
        key: 'whsec_test_postern_stripe_0123456789',
        at: 1767225299,
      },
      {
        why: 'the secret decoded from base64 first',
        headers: [
          ['Stripe-Signature', 't=1767225600,v1=7700c86f95a2e7673c3de29676898e4e83c38cf61f3363246334916fcfbad6ef'],
        ],
        body: '{"id":"evt_1PosternTest","object":"event","created":1767225600,"type":"invoice.paid","data":{"object":{"id":"in_1","object":"invoice"}}}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1767225605,
      },
    ],
  },
})
