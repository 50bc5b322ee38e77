import { defineProvider } from '../definition.ts'

export const airtable = defineProvider({
  id: 'airtable',
  name: 'Airtable',
  category: 'productivity',
  docs: 'https://airtable.com/developers/web/api/webhooks-overview',
  schemes: [
    {
      family: 'hmac',
      name: 'content-mac',
      algorithm: 'sha256',
      key: { decode: 'base64' },
      signature: {
        header: 'X-Airtable-Content-MAC',
        parse: { kind: 'prefix', prefix: 'hmac-sha256=' },
        encoding: 'hex',
      },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The `macSecretBase64` of the webhook, base64 as it was given.',
  setup: [
    'Make a personal access token with the scope webhook:manage and access to the base.',
    'Create the webhook: POST /v0/bases/{baseId}/webhooks with the address of this integration as `notificationUrl` and a `specification`.',
    'Paste `macSecretBase64` of the answer here at once: it is shown this one time.',
    'Renew the webhook before it expires (POST …/webhooks/{webhookId}/refresh).',
  ],
  rotation:
    'A webhook keeps its secret for life. Create a second webhook with the same specification and address, add its secret here, then delete the first webhook.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // A notification only says that a webhook has news; its time tells one from the next.
  event: {
    id: 'body:$.webhook.id + body:$.timestamp',
    type: 'text:ping',
    tenant: 'body:$.base.id',
    subject: 'body:$.webhook.id',
    occurredAt: 'body:$.timestamp',
  },
  delivery: {
    success: '200 or 204 with an empty body',
    timeoutSeconds: 25,
    retries: '13 over about a day',
  },
  answers: { accepted: { status: 204 } },
  pitfalls: [
    'The secret is base64 and must be decoded before use; as text it never matches.',
    'A notification holds no changes: fetch them with the cursor of the webhook’s payload list.',
    'Webhooks made with a token expire after a week unless they are renewed.',
    'No timestamp is checked: a captured notification stays valid, and can only make you look again.',
  ],
  sample: {
    type: 'ping',
    contentType: 'application/json',
    body: '{"base":{"id":"app00000000000000"},"webhook":{"id":"ach{{id}}"},"timestamp":"{{iso}}"}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['X-Airtable-Content-MAC', 'hmac-sha256=20e657a4ddee472f989b476ebf142bea3cca2fbb46898156f897fc025965fc5c'],
        ],
        body: '{"base":{"id":"app1"},"webhook":{"id":"ach1"},"timestamp":"2026-01-01T00:00:00.000Z"}',
        key: 'cG9zdGVybi1haXJ0YWJsZS10ZXN0LW1hYy1zZWNyZXQ=',
      },
      {
        why: 'the exact bytes: line breaks, UTF-8, escapes and `$&`',
        headers: [
          ['X-Airtable-Content-MAC', 'hmac-sha256=fe86992cbf3d398d5e8df7c0cce1e4b05e6221577f964746a399967435147271'],
        ],
        body: '{\n  "base": { "id": "app1" },\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'cG9zdGVybi1haXJ0YWJsZS10ZXN0LW1hYy1zZWNyZXQ=',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['X-Airtable-Content-MAC', 'hmac-sha256=20e657a4ddee472f989b476ebf142bea3cca2fbb46898156f897fc025965fc5c'],
        ],
        body: '{"base":{"id":"app2"},"webhook":{"id":"ach1"},"timestamp":"2026-01-01T00:00:00.000Z"}',
        key: 'cG9zdGVybi1haXJ0YWJsZS10ZXN0LW1hYy1zZWNyZXQ=',
      },
      {
        why: 'a line break added to the body',
        headers: [
          ['X-Airtable-Content-MAC', 'hmac-sha256=20e657a4ddee472f989b476ebf142bea3cca2fbb46898156f897fc025965fc5c'],
        ],
        body: '{"base":{"id":"app1"},"webhook":{"id":"ach1"},"timestamp":"2026-01-01T00:00:00.000Z"}\n',
        key: 'cG9zdGVybi1haXJ0YWJsZS10ZXN0LW1hYy1zZWNyZXQ=',
      },
      {
        why: 'signed with another key',
        headers: [
          ['X-Airtable-Content-MAC', 'hmac-sha256=da30cc668185eed4880a2d116dcdb4d408685796c37194fe1cfae29827375266'],
        ],
        body: '{"base":{"id":"app1"},"webhook":{"id":"ach1"},"timestamp":"2026-01-01T00:00:00.000Z"}',
        key: 'cG9zdGVybi1haXJ0YWJsZS10ZXN0LW1hYy1zZWNyZXQ=',
      },
      {
        why: 'no signature',
        headers: [['Content-Type', 'application/json']],
        body: '{"base":{"id":"app1"},"webhook":{"id":"ach1"},"timestamp":"2026-01-01T00:00:00.000Z"}',
        key: 'cG9zdGVybi1haXJ0YWJsZS10ZXN0LW1hYy1zZWNyZXQ=',
      },
      {
        why: 'an empty signature',
        headers: [['X-Airtable-Content-MAC', '']],
        body: '{"base":{"id":"app1"},"webhook":{"id":"ach1"},"timestamp":"2026-01-01T00:00:00.000Z"}',
        key: 'cG9zdGVybi1haXJ0YWJsZS10ZXN0LW1hYy1zZWNyZXQ=',
      },
      {
        why: 'base64 in place of hex',
        headers: [['X-Airtable-Content-MAC', 'hmac-sha256=IOZXpN3uRy+Ym0duvxQr6jzKL7tGiYFW+Jf8Alll/Fw=']],
        body: '{"base":{"id":"app1"},"webhook":{"id":"ach1"},"timestamp":"2026-01-01T00:00:00.000Z"}',
        key: 'cG9zdGVybi1haXJ0YWJsZS10ZXN0LW1hYy1zZWNyZXQ=',
      },
      {
        why: 'SHA-1',
        headers: [['X-Airtable-Content-MAC', 'hmac-sha256=a58e40d26e0579082ba9b1f03f57e5b8e1050bb0']],
        body: '{"base":{"id":"app1"},"webhook":{"id":"ach1"},"timestamp":"2026-01-01T00:00:00.000Z"}',
        key: 'cG9zdGVybi1haXJ0YWJsZS10ZXN0LW1hYy1zZWNyZXQ=',
      },
      {
        why: 'the prefix left out',
        headers: [['X-Airtable-Content-MAC', '20e657a4ddee472f989b476ebf142bea3cca2fbb46898156f897fc025965fc5c']],
        body: '{"base":{"id":"app1"},"webhook":{"id":"ach1"},"timestamp":"2026-01-01T00:00:00.000Z"}',
        key: 'cG9zdGVybi1haXJ0YWJsZS10ZXN0LW1hYy1zZWNyZXQ=',
      },
      {
        why: 'two signature headers',
        headers: [
          ['X-Airtable-Content-MAC', 'hmac-sha256=20e657a4ddee472f989b476ebf142bea3cca2fbb46898156f897fc025965fc5c'],
          ['X-Airtable-Content-MAC', 'hmac-sha256=20e657a4ddee472f989b476ebf142bea3cca2fbb46898156f897fc025965fc5c'],
        ],
        body: '{"base":{"id":"app1"},"webhook":{"id":"ach1"},"timestamp":"2026-01-01T00:00:00.000Z"}',
        key: 'cG9zdGVybi1haXJ0YWJsZS10ZXN0LW1hYy1zZWNyZXQ=',
      },
      {
        why: 'the secret used as text',
        headers: [
          ['X-Airtable-Content-MAC', 'hmac-sha256=e295eeee1ce4a1333afb45036beb2d8595b80c91995661fb97378c83ada32bdc'],
        ],
        body: '{"base":{"id":"app1"},"webhook":{"id":"ach1"},"timestamp":"2026-01-01T00:00:00.000Z"}',
        key: 'cG9zdGVybi1haXJ0YWJsZS10ZXN0LW1hYy1zZWNyZXQ=',
      },
      {
        why: 'another prefix',
        headers: [
          ['X-Airtable-Content-MAC', 'sha256=20e657a4ddee472f989b476ebf142bea3cca2fbb46898156f897fc025965fc5c'],
        ],
        body: '{"base":{"id":"app1"},"webhook":{"id":"ach1"},"timestamp":"2026-01-01T00:00:00.000Z"}',
        key: 'cG9zdGVybi1haXJ0YWJsZS10ZXN0LW1hYy1zZWNyZXQ=',
      },
    ],
  },
})
