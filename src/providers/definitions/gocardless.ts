import { defineProvider } from '../definition.ts'

export const gocardless = defineProvider({
  id: 'gocardless',
  name: 'GoCardless',
  category: 'payments',
  docs: 'https://developer.gocardless.com/api-reference/#webhooks-overview',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'Webhook-Signature', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The secret of the webhook endpoint, as text.',
  setup: [
    'In the GoCardless Dashboard open Developers, choose Create, then Webhook endpoint.',
    'Give this integration’s public URL; leave the secret empty to have one made, or enter one of your own.',
    'Open the endpoint, copy its secret and paste it here.',
    'Send a test web hook from the endpoint’s page.',
  ],
  rotation:
    'Create a second endpoint with its own secret beside the first, add that secret here, then disable the old endpoint.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // A body is a batch: the first event names it, its bytes identify it.
  event: {
    id: 'body:$.events[0].id',
    type: 'body:$.events[0].resource_type + body:$.events[0].action',
    tenant: 'body:$.events[0].links.organisation',
    subject:
      'body:$.events[0].links.payment | body:$.events[0].links.mandate | body:$.events[0].links.payout | body:$.events[0].links.subscription',
    occurredAt: 'body:$.events[0].created_at',
    dedupe: 'content',
  },
  delivery: { success: '2xx', timeoutSeconds: 10, retries: '8' },
  answers: { unauthorized: { status: 498 } },
  pitfalls: [
    'The header is called like the one of Standard Webhooks and holds something else: bare hex.',
    'One body holds many events; id and type here are those of the first.',
    'The customary answer to a bad signature is 498.',
  ],
  sample: {
    type: 'payments.confirmed',
    idPrefix: 'EV',
    contentType: 'application/json',
    body: '{"events":[{"id":"{{id}}","created_at":"{{iso}}","resource_type":"payments","action":"confirmed","links":{"payment":"PMPOSTERNTEST","organisation":"ORPOSTERNTEST"},"details":{"origin":"gocardless","cause":"payment_confirmed","description":"Enough time has passed since the payment was submitted."}}],"meta":{"webhook_id":"WBPOSTERNTEST"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['Webhook-Signature', 'dca2685d327e605bf3a7353bf4c41ab40f3e8f5cb46e0d70c280031f90838fcf']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'gocardless_test_endpoint_secret',
      },
      {
        why: 'the exact bytes: indented, UTF-8, text that looks like a replacement pattern',
        headers: [['Webhook-Signature', '110b40d93c59b97f5960c21680e6099e7235d428003c6df5316bc8890b8abddb']],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'gocardless_test_endpoint_secret',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['Webhook-Signature', 'dca2685d327e605bf3a7353bf4c41ab40f3e8f5cb46e0d70c280031f90838fcf']],
        body: '{"id":"evt_1","type":"order.paid","amount":9999}',
        key: 'gocardless_test_endpoint_secret',
      },
      {
        why: 'one space more',
        headers: [['Webhook-Signature', 'dca2685d327e605bf3a7353bf4c41ab40f3e8f5cb46e0d70c280031f90838fcf']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999} ',
        key: 'gocardless_test_endpoint_secret',
      },
      {
        why: 'signed with another secret',
        headers: [['Webhook-Signature', '3e3f117e07e3c607b6087013ce7c69bbe914ac465ab91d6ad6401eddfaa99c65']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'gocardless_test_endpoint_secret',
      },
      {
        why: 'no signature',
        headers: [],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'gocardless_test_endpoint_secret',
      },
      {
        why: 'an empty signature',
        headers: [['Webhook-Signature', '']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'gocardless_test_endpoint_secret',
      },
      {
        why: 'base64 in place of hex',
        headers: [['Webhook-Signature', '3KJoXTJ+YFvzpzU79MQatA8+j1y0bg1wwoADH5CDj88=']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'gocardless_test_endpoint_secret',
      },
      {
        why: 'a SHA-1 digest',
        headers: [['Webhook-Signature', '5f181d19dc685512f05bb80ad81241248176a2e3']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'gocardless_test_endpoint_secret',
      },
      {
        why: 'the signature came twice',
        headers: [
          ['Webhook-Signature', 'dca2685d327e605bf3a7353bf4c41ab40f3e8f5cb46e0d70c280031f90838fcf'],
          ['Webhook-Signature', 'dca2685d327e605bf3a7353bf4c41ab40f3e8f5cb46e0d70c280031f90838fcf'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'gocardless_test_endpoint_secret',
      },
      {
        why: 'written in the form of Standard Webhooks',
        headers: [['Webhook-Signature', 'v1,3KJoXTJ+YFvzpzU79MQatA8+j1y0bg1wwoADH5CDj88=']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'gocardless_test_endpoint_secret',
      },
    ],
  },
})
