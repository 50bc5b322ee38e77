import { defineProvider } from '../definition.ts'

export const commercelayer = defineProvider({
  id: 'commercelayer',
  name: 'Commerce Layer',
  category: 'commerce',
  docs: 'https://docs.commercelayer.io/core/callbacks-security',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'X-CommerceLayer-Signature', parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The webhook’s `shared_secret`, as text.',
  setup: [
    'Create the webhook with `POST /api/webhooks` or in the dashboard: a topic such as `orders.place`, and the URL of the integration as `callback_url`.',
    'Copy `shared_secret` from the answer; it is none of your API credentials.',
    'Paste it here as the key of the integration.',
    'Place a test order and look for the event.',
  ],
  rotation:
    'Create a second webhook with its own secret, add that secret here as a second key, then delete the first webhook and its key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // `data.id` is the order or the shipment, not the event: every topic about it carries the same.
  event: {
    id: 'body:$.data.id',
    type: 'header:X-CommerceLayer-Topic',
    subject: 'body:$.data.id',
    occurredAt: 'body:$.data.attributes.updated_at',
    dedupe: 'content',
  },
  delivery: {
    success: '2xx',
    retries:
      'with growing pauses; after repeated failures the webhook’s circuit opens and stays open until it is reset',
  },
  pitfalls: [
    'The secret belongs to one webhook; another webhook of the same organisation has another.',
    'The topic is a header beside the signature and not covered by it.',
    'No time is signed: a captured delivery stays valid until the secret changes.',
  ],
  sample: {
    type: 'orders.place',
    contentType: 'application/vnd.api+json',
    body: '{"data":{"id":"{{id}}","type":"orders","attributes":{"number":1234,"status":"placed","currency_code":"EUR","total_amount_cents":1999,"updated_at":"{{iso}}"},"meta":{"mode":"test"}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['X-CommerceLayer-Topic', 'orders.place'],
          ['X-CommerceLayer-Signature', 'g9EcPtCN9MihXHY01Bx+ainiXAfyAiAfIsePi6icUbA='],
        ],
        body: '{"data":{"id":"wBXVhKzrnq","type":"orders","attributes":{"total_amount_cents":1999}}}',
        key: 'commercelayer_test_secret_0123',
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`: the bytes as they are',
        headers: [
          ['X-CommerceLayer-Topic', 'orders.place'],
          ['X-CommerceLayer-Signature', 'wwut42oOkLtKLfg1556IL6qiQUvOTExNG98llM1ET0Q='],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $1 \\u00e9",\n  "n": 1\n}\n',
        key: 'commercelayer_test_secret_0123',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['X-CommerceLayer-Topic', 'orders.place'],
          ['X-CommerceLayer-Signature', 'g9EcPtCN9MihXHY01Bx+ainiXAfyAiAfIsePi6icUbA='],
        ],
        body: '{"data":{"id":"wBXVhKzrnq","type":"orders","attributes":{"total_amount_cents":9999}}}',
        key: 'commercelayer_test_secret_0123',
      },
      {
        why: 'parsed and written again',
        headers: [
          ['X-CommerceLayer-Topic', 'orders.place'],
          ['X-CommerceLayer-Signature', 'wwut42oOkLtKLfg1556IL6qiQUvOTExNG98llM1ET0Q='],
        ],
        body: '{"id":"evt_2","note":"Grüße 🚀 $& $1 é","n":1}',
        key: 'commercelayer_test_secret_0123',
      },
      {
        why: 'signed with another key',
        headers: [
          ['X-CommerceLayer-Topic', 'orders.place'],
          ['X-CommerceLayer-Signature', 'Bg1b5ZQMBimCRPcv+NTeWmxPOdElOcuIgmE1D9f637k='],
        ],
        body: '{"data":{"id":"wBXVhKzrnq","type":"orders","attributes":{"total_amount_cents":1999}}}',
        key: 'commercelayer_test_secret_0123',
      },
      {
        why: 'no signature',
        headers: [['X-CommerceLayer-Topic', 'orders.place']],
        body: '{"data":{"id":"wBXVhKzrnq","type":"orders","attributes":{"total_amount_cents":1999}}}',
        key: 'commercelayer_test_secret_0123',
      },
      {
        why: 'an empty signature',
        headers: [
          ['X-CommerceLayer-Topic', 'orders.place'],
          ['X-CommerceLayer-Signature', ''],
        ],
        body: '{"data":{"id":"wBXVhKzrnq","type":"orders","attributes":{"total_amount_cents":1999}}}',
        key: 'commercelayer_test_secret_0123',
      },
      {
        why: 'hex in place of base64',
        headers: [
          ['X-CommerceLayer-Topic', 'orders.place'],
          ['X-CommerceLayer-Signature', '83d11c3ed08df4c8a15c7634d41c7e6a29e25c07f202201f22c78f8ba89c51b0'],
        ],
        body: '{"data":{"id":"wBXVhKzrnq","type":"orders","attributes":{"total_amount_cents":1999}}}',
        key: 'commercelayer_test_secret_0123',
      },
      {
        why: 'SHA-1 of the same bytes',
        headers: [
          ['X-CommerceLayer-Topic', 'orders.place'],
          ['X-CommerceLayer-Signature', 'JJmhKMRGw8Y2KUvMc7QHMJtKoEY='],
        ],
        body: '{"data":{"id":"wBXVhKzrnq","type":"orders","attributes":{"total_amount_cents":1999}}}',
        key: 'commercelayer_test_secret_0123',
      },
      {
        why: 'the header twice',
        headers: [
          ['X-CommerceLayer-Topic', 'orders.place'],
          ['X-CommerceLayer-Signature', 'g9EcPtCN9MihXHY01Bx+ainiXAfyAiAfIsePi6icUbA='],
          ['X-CommerceLayer-Signature', 'g9EcPtCN9MihXHY01Bx+ainiXAfyAiAfIsePi6icUbA='],
        ],
        body: '{"data":{"id":"wBXVhKzrnq","type":"orders","attributes":{"total_amount_cents":1999}}}',
        key: 'commercelayer_test_secret_0123',
      },
      {
        why: 'padding left out',
        headers: [
          ['X-CommerceLayer-Topic', 'orders.place'],
          ['X-CommerceLayer-Signature', 'g9EcPtCN9MihXHY01Bx+ainiXAfyAiAfIsePi6icUbA'],
        ],
        body: '{"data":{"id":"wBXVhKzrnq","type":"orders","attributes":{"total_amount_cents":1999}}}',
        key: 'commercelayer_test_secret_0123',
      },
    ],
  },
})
