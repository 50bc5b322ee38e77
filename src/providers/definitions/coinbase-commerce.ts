import { defineProvider } from '../definition.ts'

export const coinbaseCommerce = defineProvider({
  id: 'coinbase-commerce',
  name: 'Coinbase Commerce',
  category: 'payments',
  docs: 'https://docs.cdp.coinbase.com/commerce/api-arcitecture/webhooks-security',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'X-CC-Webhook-Signature', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The webhook shared secret of the Commerce account.',
  setup: [
    'In Coinbase Commerce open Settings, then Notifications, and find Webhook subscriptions.',
    'Choose Add an endpoint and give this integration’s public URL; pick the events or leave all.',
    'Choose Show shared secret and paste it here.',
  ],
  rotation:
    'One secret serves all endpoints of the account. Add the new one here as a second key before the old one is retired; remove the old one after three days, when its retries have run out.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.event.id',
    type: 'body:$.event.type',
    subject: 'body:$.event.data.code | body:$.event.data.id',
    occurredAt: 'body:$.event.created_at',
  },
  delivery: { success: '200', retries: 'up to 3 days with pauses that grow to an hour' },
  pitfalls: [
    'The id at the top of the body names the delivery; the event’s id is inside event.',
    'Nothing in the signature says when it was made; only the event id keeps a captured request from counting twice.',
  ],
  sample: {
    type: 'charge:confirmed',
    contentType: 'application/json',
    body: '{"id":"delivery-{{id}}","scheduled_for":"{{iso}}","attempt_number":1,"event":{"id":"{{id}}","resource":"event","type":"{{type}}","api_version":"2018-03-22","created_at":"{{iso}}","data":{"code":"66BEOV2A","name":"Sample order","pricing_type":"fixed_price","pricing":{"local":{"amount":"19.99","currency":"EUR"}}}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['X-CC-Webhook-Signature', 'd5a9f4745e479ad6cbc40313ab57be71e7372d8d976f53f962ec1ab4e1dea057']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'coinbase_test_shared_secret',
      },
      {
        why: 'the exact bytes: indented, UTF-8, text that looks like a replacement pattern',
        headers: [['X-CC-Webhook-Signature', 'b96f862256ac5e747eefbad2c49f323bc2b1a4fb73866461a0c220bd0992d6d4']],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'coinbase_test_shared_secret',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-CC-Webhook-Signature', 'd5a9f4745e479ad6cbc40313ab57be71e7372d8d976f53f962ec1ab4e1dea057']],
        body: '{"id":"evt_1","type":"order.paid","amount":9999}',
        key: 'coinbase_test_shared_secret',
      },
      {
        why: 'one space more',
        headers: [['X-CC-Webhook-Signature', 'd5a9f4745e479ad6cbc40313ab57be71e7372d8d976f53f962ec1ab4e1dea057']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999} ',
        key: 'coinbase_test_shared_secret',
      },
      {
        why: 'signed with another secret',
        headers: [['X-CC-Webhook-Signature', '3375849fb7d7bf422055b23c86ea7bac111ab07a8dd18af6e82b5a6b1f45030d']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'coinbase_test_shared_secret',
      },
      {
        why: 'no signature',
        headers: [],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'coinbase_test_shared_secret',
      },
      {
        why: 'an empty signature',
        headers: [['X-CC-Webhook-Signature', '']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'coinbase_test_shared_secret',
      },
      {
        why: 'base64 in place of hex',
        headers: [['X-CC-Webhook-Signature', '1an0dF5HmtbLxAMTq1e+cec3LY2Xb1P5YuwatOHeoFc=']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'coinbase_test_shared_secret',
      },
      {
        why: 'a SHA-512 digest',
        headers: [
          [
            'X-CC-Webhook-Signature',
            '671cc7efd63b1e9788c8d0da3467bdf2526571d5c733928c52a0a49488a5a490acb89595905031f6f4c94cd0f54348354c32939fa57e6c7277790401a1477974',
          ],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'coinbase_test_shared_secret',
      },
      {
        why: 'the signature came twice',
        headers: [
          ['X-CC-Webhook-Signature', 'd5a9f4745e479ad6cbc40313ab57be71e7372d8d976f53f962ec1ab4e1dea057'],
          ['X-CC-Webhook-Signature', 'd5a9f4745e479ad6cbc40313ab57be71e7372d8d976f53f962ec1ab4e1dea057'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'coinbase_test_shared_secret',
      },
    ],
  },
})
