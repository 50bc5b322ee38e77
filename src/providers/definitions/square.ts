import { defineProvider } from '../definition.ts'

export const square = defineProvider({
  id: 'square',
  name: 'Square',
  category: 'payments',
  docs: 'https://developer.squareup.com/docs/webhooks/step3validate',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'x-square-hmacsha256-signature', parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [{ templates: ['{url}{body}'] }],
    },
  ],
  keyForm: 'The signature key of the webhook subscription, as text.',
  setup: [
    'Open the application in Square’s Developer Dashboard and choose Webhooks, then Subscriptions.',
    'Add a subscription with this integration’s public URL, an API version and the events to receive.',
    'Open the subscription, choose Show beside Signature Key and paste the key here.',
    'Choose Send test event and look for it here.',
  ],
  rotation:
    'Add the new signature key here as a second one as soon as Square shows it; remove the old one after a day, when its retries have run out.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.event_id',
    type: 'body:$.type',
    tenant: 'body:$.merchant_id',
    subject: 'body:$.data.id',
    occurredAt: 'body:$.created_at',
  },
  delivery: { success: '2xx', timeoutSeconds: 10, retries: 'up to 11 over 24 hours' },
  pitfalls: [
    'The URL is signed as it was registered, query included: not as a proxy rewrote it.',
    'Nothing in the signature says when it was made; only the event id keeps a captured request from counting twice.',
    'The older x-square-signature is HMAC-SHA1 and is never accepted.',
  ],
  sample: {
    type: 'payment.updated',
    contentType: 'application/json',
    body: '{"merchant_id":"MLPOSTERNTEST","type":"{{type}}","event_id":"{{id}}","created_at":"{{iso}}","data":{"type":"payment","id":"hYy9pRFVxpDsO1FB05SunFWUe9JZY","object":{"payment":{"id":"hYy9pRFVxpDsO1FB05SunFWUe9JZY","status":"COMPLETED","amount_money":{"amount":1999,"currency":"EUR"}}}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'URL with a query and compact JSON',
        url: 'https://hooks.example.com/in/square?tenant=acme',
        headers: [['x-square-hmacsha256-signature', 'QNV1wngPuVwirJOugSsypBtQ9TuTCKB8RResdkjBmDQ=']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'square_test_signature_key',
      },
      {
        why: 'the exact bytes: indented, UTF-8, text that looks like a replacement pattern',
        url: 'https://hooks.example.com/in/square?tenant=acme',
        headers: [['x-square-hmacsha256-signature', 'Fp4VE/mmTe2G0RZ2iCqfWOuZlBsai3Up1ayEpNshcYg=']],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'square_test_signature_key',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        url: 'https://hooks.example.com/in/square?tenant=acme',
        headers: [['x-square-hmacsha256-signature', 'QNV1wngPuVwirJOugSsypBtQ9TuTCKB8RResdkjBmDQ=']],
        body: '{"id":"evt_1","type":"order.paid","amount":9999}',
        key: 'square_test_signature_key',
      },
      {
        why: 'another query in the URL',
        url: 'https://hooks.example.com/in/square?tenant=globex',
        headers: [['x-square-hmacsha256-signature', 'QNV1wngPuVwirJOugSsypBtQ9TuTCKB8RResdkjBmDQ=']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'square_test_signature_key',
      },
      {
        why: 'the body signed without the URL',
        url: 'https://hooks.example.com/in/square?tenant=acme',
        headers: [['x-square-hmacsha256-signature', 'KITQrUVr79C4tFi2IuzHN3QQr68mibdNs3FUvto9Vxo=']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'square_test_signature_key',
      },
      {
        why: 'signed with another key',
        url: 'https://hooks.example.com/in/square?tenant=acme',
        headers: [['x-square-hmacsha256-signature', 'zCe4KpdZjB7sNoFI9VsJ2RapDLMEx3snBeoLMEobKI0=']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'square_test_signature_key',
      },
      {
        why: 'no signature',
        url: 'https://hooks.example.com/in/square?tenant=acme',
        headers: [],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'square_test_signature_key',
      },
      {
        why: 'hex in place of base64',
        url: 'https://hooks.example.com/in/square?tenant=acme',
        headers: [
          ['x-square-hmacsha256-signature', '40d575c2780fb95c22ac93ae812b32a41b50f53b9308a07c4517ac7648c19834'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'square_test_signature_key',
      },
      {
        why: 'only the older SHA-1 header',
        url: 'https://hooks.example.com/in/square?tenant=acme',
        headers: [['x-square-signature', '7oQ4eA6CqOUYiF+d0hWTjb9w5F0=']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'square_test_signature_key',
      },
      {
        why: 'the signature came twice',
        url: 'https://hooks.example.com/in/square?tenant=acme',
        headers: [
          ['x-square-hmacsha256-signature', 'QNV1wngPuVwirJOugSsypBtQ9TuTCKB8RResdkjBmDQ='],
          ['x-square-hmacsha256-signature', 'QNV1wngPuVwirJOugSsypBtQ9TuTCKB8RResdkjBmDQ='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'square_test_signature_key',
      },
    ],
  },
})
