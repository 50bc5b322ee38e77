import { defineProvider } from '../definition.ts'

export const woocommerce = defineProvider({
  id: 'woocommerce',
  name: 'WooCommerce',
  category: 'commerce',
  docs: 'https://woocommerce.com/document/webhooks/',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'X-WC-Webhook-Signature', parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The secret field of the webhook, as text.',
  setup: [
    'In WordPress open WooCommerce, Settings, Advanced, Webhooks and choose Add webhook.',
    'Choose a topic, give this integration’s public URL as the delivery URL and set the status to Active.',
    'Enter a secret of random letters and digits, save, and paste the same text here.',
    'Saving sends a ping to the URL; the webhook stays inactive unless it is answered 200.',
  ],
  rotation:
    'Add the new secret here as a second one, change it at the webhook, then remove the old one. A delivery that failed is not signed again.',
  // The form is the ping; events are JSON.
  payload: [{ kind: 'json-object' }, { kind: 'form' }],
  methods: ['POST'],
  // Only the body is signed; delivery id, topic and shop are headers beside it, so dedupe is by the body.
  event: {
    id: 'header:X-WC-Webhook-Delivery-ID',
    type: 'header:X-WC-Webhook-Topic',
    tenant: 'header:X-WC-Webhook-Source',
    subject: 'body:$.id',
    occurredAt: 'body:$.date_modified_gmt',
  },
  handshakes: [
    {
      name: 'ping',
      when: { methods: ['POST'], match: { 'form:webhook_id': true, 'header:X-WC-Webhook-Signature': false } },
      signed: false,
      check: [{ value: { from: 'form:webhook_id' }, matches: '[0-9]{1,20}' }],
      respond: { status: 200 },
    },
  ],
  delivery: { success: '2xx', retries: 'none; the webhook is disabled after 5 failures in a row' },
  pitfalls: [
    'The shop undoes HTML escapes in the secret before it signs: leave out &, <, > and quotes.',
    'Topic and shop are not signed. Give each topic its own integration where that matters.',
    'The first request is an unsigned ping, a form with webhook_id only. It is answered and never becomes an event.',
    'A plug-in can change the hash algorithm of a site; then nothing verifies here.',
  ],
  sample: {
    type: 'order.updated',
    contentType: 'application/json',
    headers: [
      ['X-WC-Webhook-Source', 'https://shop.example.com/'],
      ['X-WC-Webhook-ID', '5'],
    ],
    body: '{"id":727,"order_key":"wc_order_{{id}}","status":"processing","currency":"EUR","date_modified_gmt":"{{iso}}","total":"19.99","billing":{"email":"jon@example.com"},"line_items":[{"id":315,"name":"Postern sample","quantity":1}]}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['X-WC-Webhook-Topic', 'order.updated'],
          ['X-WC-Webhook-Signature', 'b+jpxB+MZJUe9Rf5UgyuRZrjgB+Yc9zdAGnwawYZPOE='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'woocommerce_test_secret',
      },
      {
        why: 'the exact bytes: indented, UTF-8, text that looks like a replacement pattern',
        headers: [
          ['X-WC-Webhook-Topic', 'order.updated'],
          ['X-WC-Webhook-Signature', 'hYhgzeGJ5bEZnor6bw8qYIYIKQylYQYfdcMtknxYYaM='],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'woocommerce_test_secret',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['X-WC-Webhook-Topic', 'order.updated'],
          ['X-WC-Webhook-Signature', 'b+jpxB+MZJUe9Rf5UgyuRZrjgB+Yc9zdAGnwawYZPOE='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":9999}',
        key: 'woocommerce_test_secret',
      },
      {
        why: 'one space more',
        headers: [
          ['X-WC-Webhook-Topic', 'order.updated'],
          ['X-WC-Webhook-Signature', 'b+jpxB+MZJUe9Rf5UgyuRZrjgB+Yc9zdAGnwawYZPOE='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999} ',
        key: 'woocommerce_test_secret',
      },
      {
        why: 'signed with another secret',
        headers: [
          ['X-WC-Webhook-Topic', 'order.updated'],
          ['X-WC-Webhook-Signature', 'EbMEe3+eNn/Nh6x/+/xPC1/6ccX2vsQ9OpRUyh7teFU='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'woocommerce_test_secret',
      },
      {
        why: 'no signature',
        headers: [['X-WC-Webhook-Topic', 'order.updated']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'woocommerce_test_secret',
      },
      {
        why: 'an empty signature',
        headers: [
          ['X-WC-Webhook-Topic', 'order.updated'],
          ['X-WC-Webhook-Signature', ''],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'woocommerce_test_secret',
      },
      {
        why: 'hex in place of base64',
        headers: [
          ['X-WC-Webhook-Topic', 'order.updated'],
          ['X-WC-Webhook-Signature', '6fe8e9c41f8c64951ef517f9520cae459ae3801f9873dcdd0069f06b06193ce1'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'woocommerce_test_secret',
      },
      {
        why: 'a SHA-1 digest',
        headers: [
          ['X-WC-Webhook-Topic', 'order.updated'],
          ['X-WC-Webhook-Signature', 'HZg00TdTv4nj1IO5P8sTQ0rl2tA='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'woocommerce_test_secret',
      },
      {
        why: 'the signature came twice',
        headers: [
          ['X-WC-Webhook-Topic', 'order.updated'],
          ['X-WC-Webhook-Signature', 'b+jpxB+MZJUe9Rf5UgyuRZrjgB+Yc9zdAGnwawYZPOE='],
          ['X-WC-Webhook-Signature', 'b+jpxB+MZJUe9Rf5UgyuRZrjgB+Yc9zdAGnwawYZPOE='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'woocommerce_test_secret',
      },
      {
        why: 'the ping is no event',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'webhook_id=5',
        key: 'woocommerce_test_secret',
      },
    ],
  },
})
