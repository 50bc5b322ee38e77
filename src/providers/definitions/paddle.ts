import { defineProvider } from '../definition.ts'

export const paddle = defineProvider({
  id: 'paddle',
  name: 'Paddle Billing',
  category: 'billing',
  docs: 'https://developer.paddle.com/webhooks/signature-verification',
  schemes: [
    {
      family: 'hmac',
      name: 'h1',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: {
        header: 'Paddle-Signature',
        parse: { kind: 'pairs', itemSeparator: ';', valueSeparator: '=', signatureKey: 'h1', timestampKey: 'ts' },
        encoding: 'hex',
      },
      signed: [{ templates: ['{ts}:{body}'] }],
      timestamp: { in: 'signature', unit: 's', toleranceSeconds: 5, toleranceDocumented: true },
    },
  ],
  keyForm: 'The secret key of the notification destination, `pdl_ntfset_…`, whole.',
  setup: [
    'In Paddle open Developer tools, then Notifications, and choose New destination.',
    'Choose the type webhook, give this integration’s public URL, and select the events.',
    'Save, edit the destination again, copy its secret key and paste it here.',
    'Widen the tolerance of this integration if deliveries take longer than 5 seconds to arrive.',
  ],
  rotation:
    'Create a second destination with its own key, add that key here, then deactivate the first. While a key is rolled the header may hold several h1; any may match.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.event_id',
    type: 'body:$.event_type',
    subject: 'body:$.data.id',
    occurredAt: 'body:$.occurred_at',
  },
  delivery: {
    success: '200',
    timeoutSeconds: 5,
    retries: 'live: 60 over 3 days; sandbox: fewer',
    addresses: 'https://developer.paddle.com/webhooks/about/respond-to-webhooks',
  },
  pitfalls: [
    'The parts of the header are separated by semicolons.',
    'The documented window is 5 seconds: a queue in front, or a clock that drifts, refuses everything.',
    'Paddle’s own library accepts any timestamp in the future; here the window has two sides.',
  ],
  sample: {
    type: 'transaction.completed',
    idPrefix: 'evt_',
    contentType: 'application/json',
    body: '{"event_id":"{{id}}","event_type":"{{type}}","occurred_at":"{{iso}}","notification_id":"ntf_01posterntest","data":{"id":"txn_01posterntest","status":"completed","currency_code":"EUR","customer_id":"ctm_01posterntest","custom_data":null}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['Paddle-Signature', 'ts=1767225600;h1=67654eab47ac4d3a335ac80cce54f2a1ce9f3b8770ca4a68b0cc9ef4de59fd18'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'pdl_ntfset_test_postern_secret',
        at: 1767225602,
      },
      {
        why: 'the exact bytes: indented, UTF-8, text that looks like a replacement pattern',
        headers: [
          ['Paddle-Signature', 'ts=1767225600;h1=50d58574cedb0f7213754c2ca3d778b57b92fb3ad680510b67d771bfa189296a'],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'pdl_ntfset_test_postern_secret',
        at: 1767225602,
      },
      {
        why: 'rotation: the second of two signatures is right',
        headers: [
          [
            'Paddle-Signature',
            'ts=1767225600;h1=c93cdfaa1c1a66b8db120fd4e09947625f744160ae514b349e430848ef71c806;h1=67654eab47ac4d3a335ac80cce54f2a1ce9f3b8770ca4a68b0cc9ef4de59fd18',
          ],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'pdl_ntfset_test_postern_secret',
        at: 1767225602,
      },
      {
        why: 'exactly at the end of the window',
        headers: [
          ['Paddle-Signature', 'ts=1767225600;h1=67654eab47ac4d3a335ac80cce54f2a1ce9f3b8770ca4a68b0cc9ef4de59fd18'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'pdl_ntfset_test_postern_secret',
        at: 1767225605,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['Paddle-Signature', 'ts=1767225600;h1=67654eab47ac4d3a335ac80cce54f2a1ce9f3b8770ca4a68b0cc9ef4de59fd18'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":9999}',
        key: 'pdl_ntfset_test_postern_secret',
        at: 1767225602,
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['Paddle-Signature', 'ts=1767225601;h1=67654eab47ac4d3a335ac80cce54f2a1ce9f3b8770ca4a68b0cc9ef4de59fd18'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'pdl_ntfset_test_postern_secret',
        at: 1767225602,
      },
      {
        why: 'a dot in place of the colon',
        headers: [
          ['Paddle-Signature', 'ts=1767225600;h1=8622b0c0adbcfcade5d895542bf175115a5fd3f8b8d374e730d16add3640aa52'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'pdl_ntfset_test_postern_secret',
        at: 1767225602,
      },
      {
        why: 'signed with another key',
        headers: [
          ['Paddle-Signature', 'ts=1767225600;h1=c93cdfaa1c1a66b8db120fd4e09947625f744160ae514b349e430848ef71c806'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'pdl_ntfset_test_postern_secret',
        at: 1767225602,
      },
      {
        why: 'commas in place of semicolons',
        headers: [
          ['Paddle-Signature', 'ts=1767225600,h1=67654eab47ac4d3a335ac80cce54f2a1ce9f3b8770ca4a68b0cc9ef4de59fd18'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'pdl_ntfset_test_postern_secret',
        at: 1767225602,
      },
      {
        why: 'no timestamp',
        headers: [['Paddle-Signature', 'h1=67654eab47ac4d3a335ac80cce54f2a1ce9f3b8770ca4a68b0cc9ef4de59fd18']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'pdl_ntfset_test_postern_secret',
        at: 1767225602,
      },
      {
        why: 'no signature',
        headers: [],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'pdl_ntfset_test_postern_secret',
        at: 1767225602,
      },
      {
        why: 'one second too old',
        headers: [
          ['Paddle-Signature', 'ts=1767225600;h1=67654eab47ac4d3a335ac80cce54f2a1ce9f3b8770ca4a68b0cc9ef4de59fd18'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'pdl_ntfset_test_postern_secret',
        at: 1767225606,
      },
      {
        why: 'one second too early',
        headers: [
          ['Paddle-Signature', 'ts=1767225600;h1=67654eab47ac4d3a335ac80cce54f2a1ce9f3b8770ca4a68b0cc9ef4de59fd18'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'pdl_ntfset_test_postern_secret',
        at: 1767225594,
      },
    ],
  },
})
