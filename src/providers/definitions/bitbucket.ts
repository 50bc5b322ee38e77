import { defineProvider } from '../definition.ts'

export const bitbucket = defineProvider({
  id: 'bitbucket',
  name: 'Bitbucket',
  category: 'developer tools',
  docs: 'https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'X-Hub-Signature', parse: { kind: 'prefix', prefix: 'sha256=' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'Free text, chosen or generated in the webhook’s settings.',
  setup: [
    'Open the repository’s or workspace’s settings, then Webhooks, then Add webhook.',
    'Enter the URL of the integration and fill in Secret: without one Bitbucket sends nothing that could be verified.',
    'Choose the triggers and save.',
    'Paste the same secret here as the key of the integration.',
  ],
  rotation: 'Add the new secret here as a second key, change it in the webhook’s settings, then remove the old key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // Neither the request’s id nor the event’s name is signed, so dedupe is by the body.
  event: {
    id: 'header:X-Request-UUID',
    type: 'header:X-Event-Key',
    tenant: 'body:$.repository.workspace.uuid',
    subject: 'body:$.repository.full_name',
  },
  delivery: {
    success: '2xx',
    timeoutSeconds: 10,
    retries: '2',
    addresses: 'https://ip-ranges.atlassian.com/',
  },
  pitfalls: [
    'The header has no `-256` in its name and holds SHA-256 all the same.',
    'A webhook without a secret is unsigned, and is refused here.',
    'Bitbucket Data Center signs in the same way, under the same name.',
    'No time is signed: a captured delivery stays valid until the secret changes.',
  ],
  sample: {
    type: 'repo:push',
    contentType: 'application/json',
    body: '{"actor":{"display_name":"Ada","type":"user"},"repository":{"full_name":"postern/sample","uuid":"{b7f1c2d3-0000-4000-8000-000000000001}","workspace":{"slug":"postern","uuid":"{b7f1c2d3-0000-4000-8000-000000000002}"}},"push":{"changes":[{"new":{"type":"branch","name":"main","target":{"hash":"{{id}}","date":"{{iso}}"}}}]}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['X-Event-Key', 'repo:push'],
          ['X-Hub-Signature', 'sha256=b23e48aba8a7beaa9f103443fdad3b13a74c6c8f8c2f6a8c0aea3afba58f4b98'],
        ],
        body: '{"repository":{"full_name":"postern/sample"},"push":{"n":1}}',
        key: 'bitbucket_test_secret_0123',
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`: the bytes as they are',
        headers: [
          ['X-Event-Key', 'repo:push'],
          ['X-Hub-Signature', 'sha256=1bc0cd8a2cdfa43b61670d157bf442b586f7d8b7ebfac507f14825d3bb0ef682'],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $1 \\u00e9",\n  "n": 1\n}\n',
        key: 'bitbucket_test_secret_0123',
      },
      {
        why: 'the values published in the documentation',
        headers: [['X-Hub-Signature', 'sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9']],
        body: 'Hello World!',
        key: "It's a Secret to Everybody",
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['X-Event-Key', 'repo:push'],
          ['X-Hub-Signature', 'sha256=b23e48aba8a7beaa9f103443fdad3b13a74c6c8f8c2f6a8c0aea3afba58f4b98'],
        ],
        body: '{"repository":{"full_name":"postern/sample"},"push":{"n":2}}',
        key: 'bitbucket_test_secret_0123',
      },
      {
        why: 'parsed and written again',
        headers: [
          ['X-Event-Key', 'repo:push'],
          ['X-Hub-Signature', 'sha256=1bc0cd8a2cdfa43b61670d157bf442b586f7d8b7ebfac507f14825d3bb0ef682'],
        ],
        body: '{"id":"evt_2","note":"Grüße 🚀 $& $1 é","n":1}',
        key: 'bitbucket_test_secret_0123',
      },
      {
        why: 'signed with another key',
        headers: [
          ['X-Event-Key', 'repo:push'],
          ['X-Hub-Signature', 'sha256=400e9245772b6b9bcc5f3181036067c7794f76052fe2e5634e29ee5eba44135f'],
        ],
        body: '{"repository":{"full_name":"postern/sample"},"push":{"n":1}}',
        key: 'bitbucket_test_secret_0123',
      },
      {
        why: 'no signature',
        headers: [['X-Event-Key', 'repo:push']],
        body: '{"repository":{"full_name":"postern/sample"},"push":{"n":1}}',
        key: 'bitbucket_test_secret_0123',
      },
      {
        why: 'an empty signature',
        headers: [
          ['X-Event-Key', 'repo:push'],
          ['X-Hub-Signature', ''],
        ],
        body: '{"repository":{"full_name":"postern/sample"},"push":{"n":1}}',
        key: 'bitbucket_test_secret_0123',
      },
      {
        why: 'base64 in place of hex',
        headers: [
          ['X-Event-Key', 'repo:push'],
          ['X-Hub-Signature', 'sha256=sj5Iq6invqqfEDRD/a07E6dMbI+ML2qMCuo6+6WPS5g='],
        ],
        body: '{"repository":{"full_name":"postern/sample"},"push":{"n":1}}',
        key: 'bitbucket_test_secret_0123',
      },
      {
        why: 'SHA-1 of the same bytes',
        headers: [
          ['X-Event-Key', 'repo:push'],
          ['X-Hub-Signature', 'sha1=3e0fabd450ac2cfca2d2403d568ae9f17cca0a4e'],
        ],
        body: '{"repository":{"full_name":"postern/sample"},"push":{"n":1}}',
        key: 'bitbucket_test_secret_0123',
      },
      {
        why: 'the header twice',
        headers: [
          ['X-Event-Key', 'repo:push'],
          ['X-Hub-Signature', 'sha256=b23e48aba8a7beaa9f103443fdad3b13a74c6c8f8c2f6a8c0aea3afba58f4b98'],
          ['X-Hub-Signature', 'sha256=b23e48aba8a7beaa9f103443fdad3b13a74c6c8f8c2f6a8c0aea3afba58f4b98'],
        ],
        body: '{"repository":{"full_name":"postern/sample"},"push":{"n":1}}',
        key: 'bitbucket_test_secret_0123',
      },
      {
        why: 'no prefix',
        headers: [
          ['X-Event-Key', 'repo:push'],
          ['X-Hub-Signature', 'b23e48aba8a7beaa9f103443fdad3b13a74c6c8f8c2f6a8c0aea3afba58f4b98'],
        ],
        body: '{"repository":{"full_name":"postern/sample"},"push":{"n":1}}',
        key: 'bitbucket_test_secret_0123',
      },
      {
        why: 'under the name that GitHub uses',
        headers: [
          ['X-Event-Key', 'repo:push'],
          ['X-Hub-Signature-256', 'sha256=b23e48aba8a7beaa9f103443fdad3b13a74c6c8f8c2f6a8c0aea3afba58f4b98'],
        ],
        body: '{"repository":{"full_name":"postern/sample"},"push":{"n":1}}',
        key: 'bitbucket_test_secret_0123',
      },
    ],
  },
})
