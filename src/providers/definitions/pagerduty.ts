import { defineProvider } from '../definition.ts'

export const pagerduty = defineProvider({
  id: 'pagerduty',
  name: 'PagerDuty (v3)',
  category: 'observability',
  docs: 'https://docs.pagerduty.com/developer/verifying-webhook-signatures',
  schemes: [
    {
      family: 'hmac',
      name: 'v1',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: {
        header: 'X-PagerDuty-Signature',
        parse: { kind: 'pairs', itemSeparator: ',', valueSeparator: '=', signatureKey: 'v1' },
        encoding: 'hex',
      },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The signing secret of the webhook subscription, as text.',
  setup: [
    'Open Integrations, then Generic Webhooks (v3), then New Webhook; or create a webhook subscription by REST API.',
    'Enter the URL of the integration, choose the scope and the event types, and save.',
    'Copy the signing secret at once, it is shown only then, and paste it here as the key of the integration.',
    'Press Send Test Event and look for `pagey.ping`.',
  ],
  rotation:
    'While a secret is being changed PagerDuty signs with both, so add the new one here as a second key and remove the old one later.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.event.id',
    type: 'body:$.event.event_type',
    tenant: 'header:x-webhook-subscription',
    subject: 'body:$.event.data.id',
    occurredAt: 'body:$.event.occurred_at',
  },
  delivery: {
    success: '2xx; 202 is advised',
    timeoutSeconds: 5,
    retries: '48 hours on 5xx, 429 and timeouts; a 4xx is final',
  },
  // A 4xx ends the delivery; a 5xx on a bad signature would bring it back for two days.
  answers: { accepted: { status: 202 }, unauthorized: { status: 401 } },
  pitfalls: [
    'During a change of secret there are several `v1`, with a comma and no space between; any of them may be the right one.',
    'A 4xx is final, so a wrong key here loses events: press Send Test Event after every change.',
    'Older extensions (v1, v2) are unsigned and are refused.',
    'No time is signed: a captured delivery stays valid until the secret changes.',
  ],
  sample: {
    type: 'incident.triggered',
    contentType: 'application/json',
    headers: [['x-webhook-subscription', 'PF9KMXH']],
    body: '{"event":{"id":"{{id}}","event_type":"{{type}}","resource_type":"incident","occurred_at":"{{iso}}","agent":null,"client":null,"data":{"id":"PGR0VU2","type":"incident","number":2,"status":"triggered","title":"The door is open","urgency":"high"}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['X-PagerDuty-Signature', 'v1=b6b0aeb63ebbd5cea58ab446fcfc82cfcedada0da4d30d9d3fc12646944547be']],
        body: '{"event":{"id":"01BZ","event_type":"incident.triggered","n":1}}',
        key: 'pagerduty_test_secret_0123',
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`: the bytes as they are',
        headers: [['X-PagerDuty-Signature', 'v1=0a436eb16af15749f5dfac071adad3c292a3781a3ad10c62afb8023d1c9beedf']],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $1 \\u00e9",\n  "n": 1\n}\n',
        key: 'pagerduty_test_secret_0123',
      },
      {
        why: 'two signatures during a change of secret, the second is right',
        headers: [
          [
            'X-PagerDuty-Signature',
            'v1=baa96255fdc4ebed721073956e1076aba2c3a5b2d2463a262a8fada9febe40f0,v1=b6b0aeb63ebbd5cea58ab446fcfc82cfcedada0da4d30d9d3fc12646944547be',
          ],
        ],
        body: '{"event":{"id":"01BZ","event_type":"incident.triggered","n":1}}',
        key: 'pagerduty_test_secret_0123',
      },
      {
        why: 'an unknown version before',
        headers: [
          ['X-PagerDuty-Signature', 'v2=abc,v1=b6b0aeb63ebbd5cea58ab446fcfc82cfcedada0da4d30d9d3fc12646944547be'],
        ],
        body: '{"event":{"id":"01BZ","event_type":"incident.triggered","n":1}}',
        key: 'pagerduty_test_secret_0123',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-PagerDuty-Signature', 'v1=b6b0aeb63ebbd5cea58ab446fcfc82cfcedada0da4d30d9d3fc12646944547be']],
        body: '{"event":{"id":"01BZ","event_type":"incident.triggered","n":2}}',
        key: 'pagerduty_test_secret_0123',
      },
      {
        why: 'signed with another key',
        headers: [['X-PagerDuty-Signature', 'v1=778344af50d1838a5ec9982261933047209c53a5716397672f68e5dcc241eb39']],
        body: '{"event":{"id":"01BZ","event_type":"incident.triggered","n":1}}',
        key: 'pagerduty_test_secret_0123',
      },
      {
        why: 'no signature',
        headers: [],
        body: '{"event":{"id":"01BZ","event_type":"incident.triggered","n":1}}',
        key: 'pagerduty_test_secret_0123',
      },
      {
        why: 'base64 in place of hex',
        headers: [['X-PagerDuty-Signature', 'v1=trCutj671c6lirRG/PyCz87a2g2k0w2dP8EmRpRFR74=']],
        body: '{"event":{"id":"01BZ","event_type":"incident.triggered","n":1}}',
        key: 'pagerduty_test_secret_0123',
      },
      {
        why: 'SHA-1 of the same bytes',
        headers: [['X-PagerDuty-Signature', 'v1=5b8a3d86ffea1ff57bad8a80b273e6aec306cf35']],
        body: '{"event":{"id":"01BZ","event_type":"incident.triggered","n":1}}',
        key: 'pagerduty_test_secret_0123',
      },
      {
        why: 'the header twice',
        headers: [
          ['X-PagerDuty-Signature', 'v1=b6b0aeb63ebbd5cea58ab446fcfc82cfcedada0da4d30d9d3fc12646944547be'],
          ['X-PagerDuty-Signature', 'v1=b6b0aeb63ebbd5cea58ab446fcfc82cfcedada0da4d30d9d3fc12646944547be'],
        ],
        body: '{"event":{"id":"01BZ","event_type":"incident.triggered","n":1}}',
        key: 'pagerduty_test_secret_0123',
      },
      {
        why: 'the right digest under another version',
        headers: [['X-PagerDuty-Signature', 'v2=b6b0aeb63ebbd5cea58ab446fcfc82cfcedada0da4d30d9d3fc12646944547be']],
        body: '{"event":{"id":"01BZ","event_type":"incident.triggered","n":1}}',
        key: 'pagerduty_test_secret_0123',
      },
      {
        why: 'no version',
        headers: [['X-PagerDuty-Signature', 'b6b0aeb63ebbd5cea58ab446fcfc82cfcedada0da4d30d9d3fc12646944547be']],
        body: '{"event":{"id":"01BZ","event_type":"incident.triggered","n":1}}',
        key: 'pagerduty_test_secret_0123',
      },
      {
        why: 'a space after the comma',
        headers: [
          ['X-PagerDuty-Signature', 'v2=abc, v1=b6b0aeb63ebbd5cea58ab446fcfc82cfcedada0da4d30d9d3fc12646944547be'],
        ],
        body: '{"event":{"id":"01BZ","event_type":"incident.triggered","n":1}}',
        key: 'pagerduty_test_secret_0123',
      },
    ],
  },
})
