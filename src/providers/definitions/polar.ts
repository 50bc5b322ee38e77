import { defineProvider } from '../definition.ts'
import { standardWebhooksScheme } from '../shapes.ts'

export const polar = defineProvider({
  id: 'polar',
  name: 'Polar',
  category: 'billing',
  docs: 'https://polar.sh/docs/integrate/webhooks/delivery',
  // The headers are those of Standard Webhooks; the secret is not decoded from base64.
  schemes: [standardWebhooksScheme({ key: { decode: 'utf8' } })],
  keyForm: 'The endpoint’s secret as the dashboard shows it, whole: it is used as text.',
  setup: [
    'In the Polar dashboard open the organization’s Settings, then Webhooks, and choose Add Endpoint.',
    'Give this integration’s public URL and leave the format at Raw.',
    'Enter or generate a secret, choose the events and save.',
    'Paste the secret here as it is shown, without decoding anything.',
  ],
  rotation:
    'Add the new secret here as a second one, reset it at the endpoint, and remove the old one when older deliveries have stopped being retried.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'signed:id',
    type: 'body:$.type',
    tenant: 'body:$.data.organization_id | body:$.data.product.organization_id',
    subject: 'body:$.data.id',
    occurredAt: 'body:$.timestamp',
  },
  delivery: { success: '2xx', timeoutSeconds: 10, retries: '10 with growing pauses' },
  pitfalls: [
    'A library for Standard Webhooks expects base64 and needs the secret encoded first; here it is pasted as it is.',
    'A format other than Raw (Discord, Slack) sends messages for people and no events.',
  ],
  sample: {
    type: 'order.created',
    idPrefix: 'msg_',
    contentType: 'application/json',
    body: '{"type":"{{type}}","timestamp":"{{iso}}","data":{"id":"57107b74-8400-4d80-a2fc-54c2b4239cb3","status":"paid","total_amount":1999,"currency":"eur","customer_id":"992fae2a-2a17-4b7a-8d9e-e287cf90131b"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,mEDBdg3sBeisZLAp3LxnQYWJJ8rNdOGQBVIN9FtwJDY='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'polar_test_plain_text_secret',
        at: 1767225605,
      },
      {
        why: 'the exact bytes: indented, UTF-8, text that looks like a replacement pattern',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,0k6nE31z4N4H8P3V5FDoLvv2oMQYRnKuwugj7lOnqKg='],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'polar_test_plain_text_secret',
        at: 1767225605,
      },
      {
        why: 'rotation: the second of two signatures is right',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
          [
            'webhook-signature',
            'v1,j1bjSaJ3kGPiWNP10PP7EnIgFVLC9P9gjMnjgbptvgo= v1,mEDBdg3sBeisZLAp3LxnQYWJJ8rNdOGQBVIN9FtwJDY=',
          ],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'polar_test_plain_text_secret',
        at: 1767225605,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,mEDBdg3sBeisZLAp3LxnQYWJJ8rNdOGQBVIN9FtwJDY='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":9999}',
        key: 'polar_test_plain_text_secret',
        at: 1767225605,
      },
      {
        why: 'the id changed',
        headers: [
          ['webhook-id', 'msg_test_2'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,mEDBdg3sBeisZLAp3LxnQYWJJ8rNdOGQBVIN9FtwJDY='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'polar_test_plain_text_secret',
        at: 1767225605,
      },
      {
        why: 'the secret decoded from base64 first',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,/5COqJy6lT4c0i7LWcwOp/LMCK05YY7KoDJPyFtVsN8='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'polar_test_plain_text_secret',
        at: 1767225605,
      },
      {
        why: 'no signature',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'polar_test_plain_text_secret',
        at: 1767225605,
      },
      {
        why: 'another version',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v2,mEDBdg3sBeisZLAp3LxnQYWJJ8rNdOGQBVIN9FtwJDY='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'polar_test_plain_text_secret',
        at: 1767225605,
      },
      {
        why: 'hex in place of base64',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,9840c1760dec05e8ac64b029dcbc6741858927cacd74e19005520df45b702436'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'polar_test_plain_text_secret',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,mEDBdg3sBeisZLAp3LxnQYWJJ8rNdOGQBVIN9FtwJDY='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'polar_test_plain_text_secret',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,mEDBdg3sBeisZLAp3LxnQYWJJ8rNdOGQBVIN9FtwJDY='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'polar_test_plain_text_secret',
        at: 1767225299,
      },
    ],
  },
})
