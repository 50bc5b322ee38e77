import { defineProvider } from '../definition.ts'

export const customerIo = defineProvider({
  id: 'customer-io',
  name: 'Customer.io',
  category: 'marketing',
  docs: 'https://docs.customer.io/integrations/api/webhooks/',
  schemes: [
    {
      family: 'hmac',
      name: 'v0',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'X-CIO-Signature', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['v0:{ts}:{body}'] }],
      timestamp: {
        in: { header: 'X-CIO-Timestamp' },
        unit: 's',
        toleranceSeconds: 300,
        toleranceDocumented: false,
      },
    },
  ],
  keyForm: 'The webhook signing key, as text.',
  setup: [
    'In Customer.io open Integrations, Reporting Webhooks, and add a webhook with the address of this integration.',
    'Choose the metrics to report.',
    'Copy the signing key from the webhook’s page and paste it here.',
    'Send a test and look for its event.',
  ],
  rotation:
    'Create a second reporting webhook to the same address, add its key here if it differs, then delete the first. What arrives twice has one event id.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.event_id',
    type: 'body:$.object_type + body:$.metric',
    subject: 'body:$.data.identifiers.id | body:$.data.customer_id',
    occurredAt: 'body:$.timestamp',
  },
  delivery: { success: '2xx', timeoutSeconds: 4, retries: 'for 7 days with growing pauses' },
  pitfalls: [
    'The version `v0` and the colons are part of what is signed, and of no header.',
    'No window is documented; 300 seconds is ours.',
    'The answer must come within 4 seconds.',
    'The body names the person and no workspace: give each workspace an integration of its own.',
  ],
  sample: {
    type: 'email.sent',
    contentType: 'application/json',
    body: '{"event_id":"{{id}}","object_type":"email","metric":"sent","timestamp":{{seconds}},"data":{"customer_id":"0200102","identifiers":{"id":"0200102","email":"jon@example.com"},"delivery_id":"RPILAgUBcRhIBqSfeiIwdIYJKxTY","subject":"Sample"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['X-CIO-Timestamp', '1767225600'],
          ['X-CIO-Signature', 'f0366faaa930f77e5f67add0868300becb68a441b0522d9f1c589433c9ad3966'],
        ],
        body: '{"event_id":"01E4C4CT6","object_type":"email","metric":"sent","timestamp":1767225600}',
        key: 'customerio_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'the exact bytes: line breaks, UTF-8, escapes and `$&`',
        headers: [
          ['X-CIO-Timestamp', '1767225600'],
          ['X-CIO-Signature', 'bd19fd9edaa10f3fed16935811187bc36e913a922aef82903674baa934cfd554'],
        ],
        body: '{\n  "event_id": "01E4C4CT7",\n  "subject": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'customerio_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: [
          ['X-CIO-Timestamp', '1767225600'],
          ['X-CIO-Signature', 'f0366faaa930f77e5f67add0868300becb68a441b0522d9f1c589433c9ad3966'],
        ],
        body: '{"event_id":"01E4C4CT6","object_type":"email","metric":"sent","timestamp":1767225600}',
        key: 'customerio_test_signing_key',
        at: 1767225900,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['X-CIO-Timestamp', '1767225600'],
          ['X-CIO-Signature', 'f0366faaa930f77e5f67add0868300becb68a441b0522d9f1c589433c9ad3966'],
        ],
        body: '{"event_id":"01E4C4CT6","object_type":"email","metric":"open","timestamp":1767225600}',
        key: 'customerio_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'signed with another key',
        headers: [
          ['X-CIO-Timestamp', '1767225600'],
          ['X-CIO-Signature', 'd03a11b6681599d202d75d8e1b9ab37927f063334e74251ffc4d77ec1a9b3af8'],
        ],
        body: '{"event_id":"01E4C4CT6","object_type":"email","metric":"sent","timestamp":1767225600}',
        key: 'customerio_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['X-CIO-Timestamp', '1767225601'],
          ['X-CIO-Signature', 'f0366faaa930f77e5f67add0868300becb68a441b0522d9f1c589433c9ad3966'],
        ],
        body: '{"event_id":"01E4C4CT6","object_type":"email","metric":"sent","timestamp":1767225600}',
        key: 'customerio_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [['X-CIO-Signature', 'f0366faaa930f77e5f67add0868300becb68a441b0522d9f1c589433c9ad3966']],
        body: '{"event_id":"01E4C4CT6","object_type":"email","metric":"sent","timestamp":1767225600}',
        key: 'customerio_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'no signature',
        headers: [['X-CIO-Timestamp', '1767225600']],
        body: '{"event_id":"01E4C4CT6","object_type":"email","metric":"sent","timestamp":1767225600}',
        key: 'customerio_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'an empty signature',
        headers: [
          ['X-CIO-Timestamp', '1767225600'],
          ['X-CIO-Signature', ''],
        ],
        body: '{"event_id":"01E4C4CT6","object_type":"email","metric":"sent","timestamp":1767225600}',
        key: 'customerio_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'another version signed',
        headers: [
          ['X-CIO-Timestamp', '1767225600'],
          ['X-CIO-Signature', '2008faad46f840f37d7bf0a995da329abcdb54199cc0bb9951d5e424b6e87e4d'],
        ],
        body: '{"event_id":"01E4C4CT6","object_type":"email","metric":"sent","timestamp":1767225600}',
        key: 'customerio_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'the version written before the digest',
        headers: [
          ['X-CIO-Timestamp', '1767225600'],
          ['X-CIO-Signature', 'v0=f0366faaa930f77e5f67add0868300becb68a441b0522d9f1c589433c9ad3966'],
        ],
        body: '{"event_id":"01E4C4CT6","object_type":"email","metric":"sent","timestamp":1767225600}',
        key: 'customerio_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'base64 in place of hex',
        headers: [
          ['X-CIO-Timestamp', '1767225600'],
          ['X-CIO-Signature', '8DZvqqkw935fZ63QhoMAvstopEGwUi2fHFiUM8mtOWY='],
        ],
        body: '{"event_id":"01E4C4CT6","object_type":"email","metric":"sent","timestamp":1767225600}',
        key: 'customerio_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['X-CIO-Timestamp', '1767225600'],
          ['X-CIO-Signature', 'f0366faaa930f77e5f67add0868300becb68a441b0522d9f1c589433c9ad3966'],
        ],
        body: '{"event_id":"01E4C4CT6","object_type":"email","metric":"sent","timestamp":1767225600}',
        key: 'customerio_test_signing_key',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['X-CIO-Timestamp', '1767225600'],
          ['X-CIO-Signature', 'f0366faaa930f77e5f67add0868300becb68a441b0522d9f1c589433c9ad3966'],
        ],
        body: '{"event_id":"01E4C4CT6","object_type":"email","metric":"sent","timestamp":1767225600}',
        key: 'customerio_test_signing_key',
        at: 1767225299,
      },
    ],
  },
})
