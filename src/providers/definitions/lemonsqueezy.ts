import { defineProvider } from '../definition.ts'

export const lemonsqueezy = defineProvider({
  id: 'lemonsqueezy',
  name: 'Lemon Squeezy',
  category: 'billing',
  docs: 'https://docs.lemonsqueezy.com/help/webhooks/signing-requests',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'X-Signature', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The signing secret of the webhook: 6 to 40 characters of your choice.',
  setup: [
    'In Lemon Squeezy open Settings, then Webhooks, and choose the plus.',
    'Give this integration’s public URL and make up a signing secret of 40 random characters.',
    'Choose the events, save, and paste the same secret here.',
  ],
  rotation:
    'Add the new secret here as a second one, change it at the webhook, and remove the old one a few minutes later: retries end after about three minutes.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // There is no event id: the body identifies the event. The name in the signed body counts before the one in the header.
  event: {
    type: 'body:$.meta.event_name | header:X-Event-Name',
    tenant: 'body:$.data.attributes.store_id',
    subject: 'body:$.data.id',
    occurredAt: 'body:$.data.attributes.updated_at',
  },
  delivery: { success: '200', retries: '3, after 5, 25 and 125 seconds' },
  pitfalls: [
    'Events have no id; two deliveries are the same event when their bytes are.',
    'X-Event-Name is not signed; meta.event_name in the body is.',
    'Only three retries within minutes: an outage longer than that loses events, which are then resent by hand.',
    'X-Signature is a common name: a delivery that fails here may come from another sender.',
  ],
  sample: {
    type: 'order_created',
    contentType: 'application/json',
    body: '{"meta":{"event_name":"{{type}}","test_mode":true,"custom_data":{"ref":"{{id}}"}},"data":{"type":"orders","id":"1","attributes":{"store_id":1,"customer_id":1,"order_number":1,"user_email":"jon@example.com","currency":"EUR","total":1999,"status":"paid","created_at":"{{iso}}","updated_at":"{{iso}}"}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['X-Event-Name', 'order_created'],
          ['X-Signature', 'db5204c4fcca7df3ca1a6e97f8bcb5aecf64b78d4a67842b3c79dcc618f4abf6'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'lemonsqueezy_test_secret',
      },
      {
        why: 'the exact bytes: indented, UTF-8, text that looks like a replacement pattern',
        headers: [
          ['X-Event-Name', 'order_created'],
          ['X-Signature', 'aa47b418a3da05ddb9e64b03e1d010d32184334255ad506a1283f80f27499f8f'],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'lemonsqueezy_test_secret',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['X-Event-Name', 'order_created'],
          ['X-Signature', 'db5204c4fcca7df3ca1a6e97f8bcb5aecf64b78d4a67842b3c79dcc618f4abf6'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":9999}',
        key: 'lemonsqueezy_test_secret',
      },
      {
        why: 'one space more',
        headers: [
          ['X-Event-Name', 'order_created'],
          ['X-Signature', 'db5204c4fcca7df3ca1a6e97f8bcb5aecf64b78d4a67842b3c79dcc618f4abf6'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999} ',
        key: 'lemonsqueezy_test_secret',
      },
      {
        why: 'signed with another secret',
        headers: [
          ['X-Event-Name', 'order_created'],
          ['X-Signature', '39baa2db27feffe53c9c9bb2e92278d292bbaa6d55c68faf3eaa20e2e0dbc514'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'lemonsqueezy_test_secret',
      },
      {
        why: 'no signature',
        headers: [['X-Event-Name', 'order_created']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'lemonsqueezy_test_secret',
      },
      {
        why: 'an empty signature',
        headers: [
          ['X-Event-Name', 'order_created'],
          ['X-Signature', ''],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'lemonsqueezy_test_secret',
      },
      {
        why: 'base64 in place of hex',
        headers: [
          ['X-Event-Name', 'order_created'],
          ['X-Signature', '21IExPzKffPKGm6X+Ly1rs9kt41KZ4QrPHncxhj0q/Y='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'lemonsqueezy_test_secret',
      },
      {
        why: 'a SHA-1 digest',
        headers: [
          ['X-Event-Name', 'order_created'],
          ['X-Signature', '612688c7244d74dbdaff9f03e53df24b60c520a1'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'lemonsqueezy_test_secret',
      },
      {
        why: 'the signature came twice',
        headers: [
          ['X-Event-Name', 'order_created'],
          ['X-Signature', 'db5204c4fcca7df3ca1a6e97f8bcb5aecf64b78d4a67842b3c79dcc618f4abf6'],
          ['X-Signature', 'db5204c4fcca7df3ca1a6e97f8bcb5aecf64b78d4a67842b3c79dcc618f4abf6'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'lemonsqueezy_test_secret',
      },
    ],
  },
})
