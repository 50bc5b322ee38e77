import { defineProvider } from '../definition.ts'

export const razorpay = defineProvider({
  id: 'razorpay',
  name: 'Razorpay',
  category: 'payments',
  docs: 'https://razorpay.com/docs/webhooks/validate-test/',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'X-Razorpay-Signature', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The secret typed in when the webhook was created; not the API key secret.',
  setup: [
    'In the Razorpay Dashboard open Account & Settings, then Webhooks, and choose Add New Webhook.',
    'Give this integration’s public URL and choose the active events.',
    'Make up a long random secret, enter it there and paste the same text here. Razorpay does not show it again.',
  ],
  rotation:
    'Add the new secret here as a second one, then edit the webhook. Retries of older events keep the old secret for 24 hours: remove it after that.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // The id is in a header that is not signed; dedupe is by the body.
  event: {
    id: 'header:x-razorpay-event-id',
    type: 'body:$.event',
    tenant: 'body:$.account_id',
    subject:
      'body:$.payload.payment.entity.id | body:$.payload.order.entity.id | body:$.payload.subscription.entity.id | body:$.payload.refund.entity.id',
    occurredAt: 'body:$.created_at',
  },
  delivery: {
    success: '2xx',
    timeoutSeconds: 5,
    retries: 'for 24 hours with growing pauses, then the webhook is disabled',
  },
  pitfalls: [
    'The webhook secret and the API key secret are two things.',
    'The event id stands only in a header, outside the signature.',
    'After a change of the secret, retries of older events are still signed with the old one.',
  ],
  sample: {
    type: 'payment.captured',
    idPrefix: 'evt_',
    contentType: 'application/json',
    body: '{"entity":"event","account_id":"acc_PosternTest","event":"{{type}}","contains":["payment"],"payload":{"payment":{"entity":{"id":"pay_PosternTest01","entity":"payment","amount":19900,"currency":"INR","status":"captured","notes":{"ref":"{{id}}"}}}},"created_at":{{seconds}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['x-razorpay-event-id', 'evt_1'],
          ['X-Razorpay-Signature', 'e461d92ce602376601b5b25ca823daa6284e1eeb2a39ade055257117056aaf35'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'razorpay_test_webhook_secret',
      },
      {
        why: 'the exact bytes: indented, UTF-8, text that looks like a replacement pattern',
        headers: [
          ['x-razorpay-event-id', 'evt_1'],
          ['X-Razorpay-Signature', '14b0e1bb619a5c588ec862436a19288984645d44038aace824a8be49355f5292'],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'razorpay_test_webhook_secret',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['x-razorpay-event-id', 'evt_1'],
          ['X-Razorpay-Signature', 'e461d92ce602376601b5b25ca823daa6284e1eeb2a39ade055257117056aaf35'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":9999}',
        key: 'razorpay_test_webhook_secret',
      },
      {
        why: 'one space more',
        headers: [
          ['x-razorpay-event-id', 'evt_1'],
          ['X-Razorpay-Signature', 'e461d92ce602376601b5b25ca823daa6284e1eeb2a39ade055257117056aaf35'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999} ',
        key: 'razorpay_test_webhook_secret',
      },
      {
        why: 'signed with another secret',
        headers: [
          ['x-razorpay-event-id', 'evt_1'],
          ['X-Razorpay-Signature', '61d7e099f10e29317049b802c89940a056fa49b51efac0a6aedead7e6c980d58'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'razorpay_test_webhook_secret',
      },
      {
        why: 'no signature',
        headers: [['x-razorpay-event-id', 'evt_1']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'razorpay_test_webhook_secret',
      },
      {
        why: 'an empty signature',
        headers: [
          ['x-razorpay-event-id', 'evt_1'],
          ['X-Razorpay-Signature', ''],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'razorpay_test_webhook_secret',
      },
      {
        why: 'base64 in place of hex',
        headers: [
          ['x-razorpay-event-id', 'evt_1'],
          ['X-Razorpay-Signature', '5GHZLOYCN2YBtbJcqCPapihOHusqOa3gVSVxFwVqrzU='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'razorpay_test_webhook_secret',
      },
      {
        why: 'a SHA-1 digest',
        headers: [
          ['x-razorpay-event-id', 'evt_1'],
          ['X-Razorpay-Signature', 'cc05c47809fec08dbfa0e48bb8e8002e632d420d'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'razorpay_test_webhook_secret',
      },
      {
        why: 'the signature came twice',
        headers: [
          ['x-razorpay-event-id', 'evt_1'],
          ['X-Razorpay-Signature', 'e461d92ce602376601b5b25ca823daa6284e1eeb2a39ade055257117056aaf35'],
          ['X-Razorpay-Signature', 'e461d92ce602376601b5b25ca823daa6284e1eeb2a39ade055257117056aaf35'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'razorpay_test_webhook_secret',
      },
    ],
  },
})
