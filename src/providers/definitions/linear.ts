import { defineProvider } from '../definition.ts'

export const linear = defineProvider({
  id: 'linear',
  name: 'Linear',
  category: 'productivity',
  docs: 'https://linear.app/developers/webhooks',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8', label: 'lin_wh_' },
      signature: { header: 'Linear-Signature', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
      // The header Linear-Timestamp says the same and is not signed.
      timestamp: {
        in: { body: '$.webhookTimestamp' },
        unit: 'ms',
        toleranceSeconds: 60,
        toleranceDocumented: true,
      },
    },
  ],
  keyForm: 'The signing secret of the webhook, `lin_wh_…`, whole.',
  setup: [
    'In Linear open Settings, API (for an OAuth application: its own page) and create a webhook.',
    'Give the address of this integration and choose the teams and data changes.',
    'Copy the signing secret from the webhook’s page and paste it here.',
    'Create an issue and look for `Issue.create`.',
  ],
  rotation:
    'Each webhook has its own secret. Create a second webhook to the same address, add its secret here beside the first, then delete the first webhook. What happens meanwhile arrives twice.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // A retry has a new webhookTimestamp, so that neither its bytes nor the unsigned delivery id make an identity. What
  // happened to which object, and when, stays.
  event: {
    id: 'body:$.webhookId + body:$.data.id + body:$.action + body:$.createdAt | header:Linear-Delivery',
    type: 'body:$.type + body:$.action | body:$.type',
    tenant: 'body:$.organizationId',
    subject: 'body:$.data.id',
    occurredAt: 'body:$.createdAt',
  },
  delivery: {
    success: '200',
    timeoutSeconds: 5,
    retries: '3, after a minute, an hour and six hours',
    addresses: 'https://linear.app/developers/webhooks',
  },
  answers: { accepted: { status: 200 } },
  pitfalls: [
    'The time that counts stands in the signed body and is read only once the signature matched; a body without it is refused.',
    'The window is 60 seconds on both sides: the receiver’s clock must be right.',
    'Linear-Delivery, Linear-Event and Linear-Timestamp are not signed.',
    'An endpoint that keeps failing may be switched off.',
  ],
  sample: {
    type: 'Issue.create',
    contentType: 'application/json; charset=utf-8',
    headers: [['Linear-Event', 'Issue']],
    body: '{"action":"create","type":"Issue","createdAt":"{{iso}}","data":{"id":"{{id}}","title":"Sample","identifier":"POS-1"},"url":"https://linear.app/postern/issue/POS-1","organizationId":"0f1d2c3b-0000-4000-8000-000000000001","webhookId":"0f1d2c3b-0000-4000-8000-000000000002","webhookTimestamp":{{seconds}}000}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        at: 1767225605,
        headers: [['Linear-Signature', 'e0f3c5f9dabe20c265f0ffc241eb69671f6e9bdd0f6d81cf99d0e934b4ab4e5e']],
        body: '{"action":"create","type":"Issue","data":{"id":"i1","title":"x"},"webhookTimestamp":1767225600000}',
        key: 'lin_wh_test_postern',
      },
      {
        why: 'the exact bytes: line breaks, UTF-8, escapes and `$&`',
        at: 1767225605,
        headers: [['Linear-Signature', 'e7232fd5bb0db7d1aaae4230827983e1bc6c9a3fbdde39dc4f5af5a197636122']],
        body: '{\n  "action": "update",\n  "type": "Comment",\n  "data": { "body": "Grüße 🚀 $& $$ \\u00e9" },\n  "webhookTimestamp": 1767225600000\n}\n',
        key: 'lin_wh_test_postern',
      },
      {
        why: 'exactly at the end of the window',
        at: 1767225660,
        headers: [['Linear-Signature', 'e0f3c5f9dabe20c265f0ffc241eb69671f6e9bdd0f6d81cf99d0e934b4ab4e5e']],
        body: '{"action":"create","type":"Issue","data":{"id":"i1","title":"x"},"webhookTimestamp":1767225600000}',
        key: 'lin_wh_test_postern',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        at: 1767225605,
        headers: [['Linear-Signature', 'e0f3c5f9dabe20c265f0ffc241eb69671f6e9bdd0f6d81cf99d0e934b4ab4e5e']],
        body: '{"action":"create","type":"Issue","data":{"id":"i1","title":"y"},"webhookTimestamp":1767225600000}',
        key: 'lin_wh_test_postern',
      },
      {
        why: 'a line break added to the body',
        at: 1767225605,
        headers: [['Linear-Signature', 'e0f3c5f9dabe20c265f0ffc241eb69671f6e9bdd0f6d81cf99d0e934b4ab4e5e']],
        body: '{"action":"create","type":"Issue","data":{"id":"i1","title":"x"},"webhookTimestamp":1767225600000}\n',
        key: 'lin_wh_test_postern',
      },
      {
        why: 'signed with another key',
        at: 1767225605,
        headers: [['Linear-Signature', '599fd20b0c7597951a8c30df33a05f01f2c10ba55c4820321b7a083bd17e90cf']],
        body: '{"action":"create","type":"Issue","data":{"id":"i1","title":"x"},"webhookTimestamp":1767225600000}',
        key: 'lin_wh_test_postern',
      },
      {
        why: 'no signature',
        at: 1767225605,
        headers: [['Content-Type', 'application/json']],
        body: '{"action":"create","type":"Issue","data":{"id":"i1","title":"x"},"webhookTimestamp":1767225600000}',
        key: 'lin_wh_test_postern',
      },
      {
        why: 'an empty signature',
        at: 1767225605,
        headers: [['Linear-Signature', '']],
        body: '{"action":"create","type":"Issue","data":{"id":"i1","title":"x"},"webhookTimestamp":1767225600000}',
        key: 'lin_wh_test_postern',
      },
      {
        why: 'base64 in place of hex',
        at: 1767225605,
        headers: [['Linear-Signature', '4PPF+dq+IMJl8P/CQetpZx9um90PbYHPmdDpNLSrTl4=']],
        body: '{"action":"create","type":"Issue","data":{"id":"i1","title":"x"},"webhookTimestamp":1767225600000}',
        key: 'lin_wh_test_postern',
      },
      {
        why: 'SHA-1',
        at: 1767225605,
        headers: [['Linear-Signature', '4e2230653fcf0b5fc94a27cd438fb5d605188df3']],
        body: '{"action":"create","type":"Issue","data":{"id":"i1","title":"x"},"webhookTimestamp":1767225600000}',
        key: 'lin_wh_test_postern',
      },
      {
        why: 'a prefix where none belongs',
        at: 1767225605,
        headers: [['Linear-Signature', 'sha256=e0f3c5f9dabe20c265f0ffc241eb69671f6e9bdd0f6d81cf99d0e934b4ab4e5e']],
        body: '{"action":"create","type":"Issue","data":{"id":"i1","title":"x"},"webhookTimestamp":1767225600000}',
        key: 'lin_wh_test_postern',
      },
      {
        why: 'two signature headers',
        at: 1767225605,
        headers: [
          ['Linear-Signature', 'e0f3c5f9dabe20c265f0ffc241eb69671f6e9bdd0f6d81cf99d0e934b4ab4e5e'],
          ['Linear-Signature', 'e0f3c5f9dabe20c265f0ffc241eb69671f6e9bdd0f6d81cf99d0e934b4ab4e5e'],
        ],
        body: '{"action":"create","type":"Issue","data":{"id":"i1","title":"x"},"webhookTimestamp":1767225600000}',
        key: 'lin_wh_test_postern',
      },
      {
        why: 'one second too old',
        at: 1767225661,
        headers: [['Linear-Signature', 'e0f3c5f9dabe20c265f0ffc241eb69671f6e9bdd0f6d81cf99d0e934b4ab4e5e']],
        body: '{"action":"create","type":"Issue","data":{"id":"i1","title":"x"},"webhookTimestamp":1767225600000}',
        key: 'lin_wh_test_postern',
      },
      {
        why: 'one second too early',
        at: 1767225539,
        headers: [['Linear-Signature', 'e0f3c5f9dabe20c265f0ffc241eb69671f6e9bdd0f6d81cf99d0e934b4ab4e5e']],
        body: '{"action":"create","type":"Issue","data":{"id":"i1","title":"x"},"webhookTimestamp":1767225600000}',
        key: 'lin_wh_test_postern',
      },
      {
        why: 'no time in the body, a fresh one in the header',
        at: 1767225605,
        headers: [
          ['Linear-Signature', 'd0791317d831fc2c4e039bda03bd03f77e4a3d76a2deb0f5b971a36c7995a7a7'],
          ['Linear-Timestamp', '1767225600000'],
        ],
        body: '{"action":"create","type":"Issue","data":{"id":"i1"}}',
        key: 'lin_wh_test_postern',
      },
      {
        why: 'a time that is none',
        at: 1767225605,
        headers: [['Linear-Signature', 'c11551f597f910a5430911b3371bdf4ab4ea6058c7c9afebcade996a96d37f38']],
        body: '{"action":"create","type":"Issue","data":{"id":"i1"},"webhookTimestamp":"soon"}',
        key: 'lin_wh_test_postern',
      },
    ],
  },
})
