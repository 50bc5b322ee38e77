import { defineProvider } from '../definition.ts'

export const sentry = defineProvider({
  id: 'sentry',
  name: 'Sentry',
  category: 'observability',
  docs: 'https://docs.sentry.io/organization/integrations/integration-platform/webhooks/',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'Sentry-Hook-Signature', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
      aliases: [{ 'Sentry-Hook-Signature': 'Sentry-App-Signature' }],
    },
  ],
  keyForm: 'The integration’s client secret, as text.',
  setup: [
    'Open Settings, then Developer Settings, and create an internal integration (or a public one).',
    'Enter the URL of the integration as Webhook URL and switch on Alert Rule Action if alerts are to be sent.',
    'Give it read access to what you want to hear of, choose the resources (issue, error, comment…) and save.',
    'Copy the client secret from the bottom of the page and paste it here as the key of the integration.',
  ],
  rotation:
    'Press Rotate client secret and add the new one here as a second key at once; remove the old key when nothing signed with it arrives any more.',
  payload: [{ kind: 'json-object' }, { kind: 'empty' }],
  methods: ['POST'],
  // Request-ID and resource are headers beside the signature, so dedupe is by the body.
  event: {
    id: 'header:Request-ID',
    type: 'header:Sentry-Hook-Resource + body:$.action | header:Sentry-Hook-Resource',
    tenant: 'body:$.installation.uuid',
    subject: 'body:$.data.issue.id | body:$.data.event.issue_id | body:$.data.error.issue_id',
  },
  delivery: { success: '2xx', timeoutSeconds: 1, retries: 'none; repeated failures can switch the webhook off' },
  pitfalls: [
    'Sentry signs JSON with `\\u` escapes. Code that parses and writes it again fails at the first accent or emoji; the raw bytes do not.',
    'Sentry-Hook-Timestamp is not signed and proves nothing.',
    'Empty bodies occur and are signed as such.',
    'The answer must come within one second, and nothing is sent again.',
  ],
  sample: {
    type: 'issue.created',
    contentType: 'application/json',
    headers: [['Sentry-Hook-Resource', 'issue']],
    body: '{"action":"created","installation":{"uuid":"a8e5d37a-696c-4c54-adb5-b3f28d64c7de"},"data":{"issue":{"id":"1170820242","title":"ReferenceError: door is not defined","level":"error","firstSeen":"{{iso}}","shortId":"POSTERN-1","eventId":"{{id}}"}},"actor":{"type":"application","id":"sentry","name":"Sentry"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['Sentry-Hook-Resource', 'issue'],
          ['Sentry-Hook-Signature', 'b1384401e5b024d38cc70a7a32bed9083d4702a41892147c3602d327e6ed337b'],
        ],
        body: '{"action":"created","data":{"issue":{"title":"Gr\\u00fc\\u00dfe \\ud83d\\ude80","n":1}}}',
        key: 'sentry_test_client_secret_0123',
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`: the bytes as they are',
        headers: [
          ['Sentry-Hook-Resource', 'issue'],
          ['Sentry-Hook-Signature', '824e54e187984f960bc0bb4b04080edd0c4cdfb963819409413df7f56f120282'],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $1 \\u00e9",\n  "n": 1\n}\n',
        key: 'sentry_test_client_secret_0123',
      },
      {
        why: 'an empty body',
        headers: [
          ['Sentry-Hook-Resource', 'issue'],
          ['Sentry-Hook-Signature', 'f2eb1922cba59428e6819a7ce3dada0a5ab27b27beb96bf7e9c0eae2abfd5e2d'],
        ],
        body: '',
        key: 'sentry_test_client_secret_0123',
      },
      {
        why: 'the older name of the header',
        headers: [
          ['Sentry-Hook-Resource', 'issue'],
          ['Sentry-App-Signature', 'b1384401e5b024d38cc70a7a32bed9083d4702a41892147c3602d327e6ed337b'],
        ],
        body: '{"action":"created","data":{"issue":{"title":"Gr\\u00fc\\u00dfe \\ud83d\\ude80","n":1}}}',
        key: 'sentry_test_client_secret_0123',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['Sentry-Hook-Resource', 'issue'],
          ['Sentry-Hook-Signature', 'b1384401e5b024d38cc70a7a32bed9083d4702a41892147c3602d327e6ed337b'],
        ],
        body: '{"action":"created","data":{"issue":{"title":"Gr\\u00fc\\u00dfe \\ud83d\\ude80","n":2}}}',
        key: 'sentry_test_client_secret_0123',
      },
      {
        why: 'parsed and written again',
        headers: [
          ['Sentry-Hook-Resource', 'issue'],
          ['Sentry-Hook-Signature', '824e54e187984f960bc0bb4b04080edd0c4cdfb963819409413df7f56f120282'],
        ],
        body: '{"id":"evt_2","note":"Grüße 🚀 $& $1 é","n":1}',
        key: 'sentry_test_client_secret_0123',
      },
      {
        why: 'signed with another key',
        headers: [
          ['Sentry-Hook-Resource', 'issue'],
          ['Sentry-Hook-Signature', 'e35d19fc94079c6afc109abc0d9aa4eb0026da9495531dd578bb07aa943b299f'],
        ],
        body: '{"action":"created","data":{"issue":{"title":"Gr\\u00fc\\u00dfe \\ud83d\\ude80","n":1}}}',
        key: 'sentry_test_client_secret_0123',
      },
      {
        why: 'no signature',
        headers: [['Sentry-Hook-Resource', 'issue']],
        body: '{"action":"created","data":{"issue":{"title":"Gr\\u00fc\\u00dfe \\ud83d\\ude80","n":1}}}',
        key: 'sentry_test_client_secret_0123',
      },
      {
        why: 'an empty signature',
        headers: [
          ['Sentry-Hook-Resource', 'issue'],
          ['Sentry-Hook-Signature', ''],
        ],
        body: '{"action":"created","data":{"issue":{"title":"Gr\\u00fc\\u00dfe \\ud83d\\ude80","n":1}}}',
        key: 'sentry_test_client_secret_0123',
      },
      {
        why: 'base64 in place of hex',
        headers: [
          ['Sentry-Hook-Resource', 'issue'],
          ['Sentry-Hook-Signature', 'sThEAeWwJNOMxwp6Mr7ZCD1HAqQYkhR8NgLTJ+btM3s='],
        ],
        body: '{"action":"created","data":{"issue":{"title":"Gr\\u00fc\\u00dfe \\ud83d\\ude80","n":1}}}',
        key: 'sentry_test_client_secret_0123',
      },
      {
        why: 'SHA-1 of the same bytes',
        headers: [
          ['Sentry-Hook-Resource', 'issue'],
          ['Sentry-Hook-Signature', 'f143d6e84a4063fab3b1ae7c9c457c06b6ce2ec6'],
        ],
        body: '{"action":"created","data":{"issue":{"title":"Gr\\u00fc\\u00dfe \\ud83d\\ude80","n":1}}}',
        key: 'sentry_test_client_secret_0123',
      },
      {
        why: 'the header twice',
        headers: [
          ['Sentry-Hook-Resource', 'issue'],
          ['Sentry-Hook-Signature', 'b1384401e5b024d38cc70a7a32bed9083d4702a41892147c3602d327e6ed337b'],
          ['Sentry-Hook-Signature', 'b1384401e5b024d38cc70a7a32bed9083d4702a41892147c3602d327e6ed337b'],
        ],
        body: '{"action":"created","data":{"issue":{"title":"Gr\\u00fc\\u00dfe \\ud83d\\ude80","n":1}}}',
        key: 'sentry_test_client_secret_0123',
      },
      {
        why: 'escapes written out, as after parsing',
        headers: [
          ['Sentry-Hook-Resource', 'issue'],
          ['Sentry-Hook-Signature', 'd19c8631b5a1828026afb0fe392ff4985f908e574f755250b6eb7799b2970d5a'],
        ],
        body: '{"action":"created","data":{"issue":{"title":"Gr\\u00fc\\u00dfe \\ud83d\\ude80","n":1}}}',
        key: 'sentry_test_client_secret_0123',
      },
      {
        why: 'the signature of an empty body',
        headers: [
          ['Sentry-Hook-Resource', 'issue'],
          ['Sentry-Hook-Signature', 'f2eb1922cba59428e6819a7ce3dada0a5ab27b27beb96bf7e9c0eae2abfd5e2d'],
        ],
        body: '{"action":"created","data":{"issue":{"title":"Gr\\u00fc\\u00dfe \\ud83d\\ude80","n":1}}}',
        key: 'sentry_test_client_secret_0123',
      },
    ],
  },
})
