import { defineProvider } from '../definition.ts'

export const buildkite = defineProvider({
  id: 'buildkite',
  name: 'Buildkite',
  category: 'developer tools',
  docs: 'https://buildkite.com/docs/apis/webhooks',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: {
        header: 'X-Buildkite-Signature',
        parse: {
          kind: 'pairs',
          itemSeparator: ',',
          valueSeparator: '=',
          signatureKey: 'signature',
          timestampKey: 'timestamp',
        },
        encoding: 'hex',
      },
      signed: [{ templates: ['{ts}.{body}'] }],
      timestamp: { in: 'signature', unit: 's', toleranceSeconds: 300, toleranceDocumented: false },
    },
    {
      family: 'token',
      name: 'token',
      token: { in: 'header', name: 'X-Buildkite-Token' },
      weakness: 'The token does not cover the body: who sees one request can make any other.',
    },
  ],
  keyForm: 'The token of the webhook notification service, as text. Both schemes use it.',
  setup: [
    'Open Organization Settings, then Notification Services, and add a Webhook.',
    'Enter the URL of the integration, and copy the token shown there.',
    'Choose “Send an HMAC signature in the X-Buildkite-Signature header”; the plain token is the other choice and is weaker.',
    'Choose events and pipelines and save, and paste the token here as the key of the integration.',
  ],
  rotation:
    'Add a second notification service with the same events, add its token here as a second key, then delete the first service and its key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // The request’s id is a header beside the signature: under `signature` dedupe is by the body, under `token` by the id.
  event: {
    id: 'header:X-Buildkite-Request',
    type: 'body:$.event | header:X-Buildkite-Event',
    tenant: 'body:$.build.pipeline.id | body:$.pipeline.id',
    subject: 'body:$.job.id | body:$.build.id | body:$.agent.id',
    occurredAt: 'body:$.build.finished_at | body:$.build.started_at | body:$.build.created_at',
  },
  delivery: { success: '2xx', retries: 'unknown; rely on none' },
  pitfalls: [
    'No window is documented; 300 seconds is ours.',
    'Where the signature is configured, a request with only X-Buildkite-Token is refused.',
    'The token is the key of the signature: do not send it in the other header as well.',
  ],
  sample: {
    type: 'build.finished',
    contentType: 'application/json',
    body: '{"event":"{{type}}","build":{"id":"{{id}}","number":27,"state":"passed","branch":"main","created_at":"{{iso}}","finished_at":"{{iso}}","pipeline":{"id":"849411f9-9e6d-4739-a0d8-e247088e9b52","slug":"postern"}},"sender":{"name":"Ada"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['X-Buildkite-Event', 'build.finished'],
          [
            'X-Buildkite-Signature',
            'timestamp=1767225600,signature=602075e8f3f95d0f3f7d042cb05baa446869bca081af4f2784da5910b9089e9e',
          ],
        ],
        body: '{"event":"build.finished","build":{"id":"f62a","n":1}}',
        key: 'buildkite_test_token_0123456789',
        at: 1767225605,
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`: the bytes as they are',
        headers: [
          ['X-Buildkite-Event', 'build.finished'],
          [
            'X-Buildkite-Signature',
            'timestamp=1767225600,signature=c79e7e1c8550b57d39a675fd9e10ab1526403463496e5296b95fbc31c28bd1f2',
          ],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $1 \\u00e9",\n  "n": 1\n}\n',
        key: 'buildkite_test_token_0123456789',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: [
          ['X-Buildkite-Event', 'build.finished'],
          [
            'X-Buildkite-Signature',
            'timestamp=1767225600,signature=602075e8f3f95d0f3f7d042cb05baa446869bca081af4f2784da5910b9089e9e',
          ],
        ],
        body: '{"event":"build.finished","build":{"id":"f62a","n":1}}',
        key: 'buildkite_test_token_0123456789',
        at: 1767225900,
      },
      {
        why: 'token: the right token',
        scheme: 'token',
        headers: [['X-Buildkite-Token', 'buildkite_test_token_0123456789']],
        body: '{"event":"build.finished","build":{"id":"f62a","n":1}}',
        key: 'buildkite_test_token_0123456789',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['X-Buildkite-Event', 'build.finished'],
          [
            'X-Buildkite-Signature',
            'timestamp=1767225600,signature=602075e8f3f95d0f3f7d042cb05baa446869bca081af4f2784da5910b9089e9e',
          ],
        ],
        body: '{"event":"build.finished","build":{"id":"f62a","n":2}}',
        key: 'buildkite_test_token_0123456789',
        at: 1767225605,
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['X-Buildkite-Event', 'build.finished'],
          [
            'X-Buildkite-Signature',
            'timestamp=1767225601,signature=602075e8f3f95d0f3f7d042cb05baa446869bca081af4f2784da5910b9089e9e',
          ],
        ],
        body: '{"event":"build.finished","build":{"id":"f62a","n":1}}',
        key: 'buildkite_test_token_0123456789',
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [
          ['X-Buildkite-Event', 'build.finished'],
          ['X-Buildkite-Signature', 'signature=602075e8f3f95d0f3f7d042cb05baa446869bca081af4f2784da5910b9089e9e'],
        ],
        body: '{"event":"build.finished","build":{"id":"f62a","n":1}}',
        key: 'buildkite_test_token_0123456789',
        at: 1767225605,
      },
      {
        why: 'two timestamps',
        headers: [
          ['X-Buildkite-Event', 'build.finished'],
          [
            'X-Buildkite-Signature',
            'timestamp=1767225600,timestamp=1767225600,signature=602075e8f3f95d0f3f7d042cb05baa446869bca081af4f2784da5910b9089e9e',
          ],
        ],
        body: '{"event":"build.finished","build":{"id":"f62a","n":1}}',
        key: 'buildkite_test_token_0123456789',
        at: 1767225605,
      },
      {
        why: 'signed over the body alone',
        headers: [
          ['X-Buildkite-Event', 'build.finished'],
          [
            'X-Buildkite-Signature',
            'timestamp=1767225600,signature=0129c26d553a6d635c290d731eb6511c1e10e6f04d1cffe95948118756fa7bb5',
          ],
        ],
        body: '{"event":"build.finished","build":{"id":"f62a","n":1}}',
        key: 'buildkite_test_token_0123456789',
        at: 1767225605,
      },
      {
        why: 'signed with another token',
        headers: [
          ['X-Buildkite-Event', 'build.finished'],
          [
            'X-Buildkite-Signature',
            'timestamp=1767225600,signature=7bafe66e91f0df43ebc07378e697bf25b869103cbdc342376974c80d5aa19ee1',
          ],
        ],
        body: '{"event":"build.finished","build":{"id":"f62a","n":1}}',
        key: 'buildkite_test_token_0123456789',
        at: 1767225605,
      },
      {
        why: 'base64 in place of hex',
        headers: [
          ['X-Buildkite-Event', 'build.finished'],
          ['X-Buildkite-Signature', 'timestamp=1767225600,signature=YCB16PP5XQ8/fQQssFuqRGhpvKCBr08nhNpZELkInp4='],
        ],
        body: '{"event":"build.finished","build":{"id":"f62a","n":1}}',
        key: 'buildkite_test_token_0123456789',
        at: 1767225605,
      },
      {
        why: 'no signature',
        headers: [['X-Buildkite-Event', 'build.finished']],
        body: '{"event":"build.finished","build":{"id":"f62a","n":1}}',
        key: 'buildkite_test_token_0123456789',
        at: 1767225605,
      },
      {
        why: 'the plain token where a signature is configured',
        headers: [['X-Buildkite-Token', 'buildkite_test_token_0123456789']],
        body: '{"event":"build.finished","build":{"id":"f62a","n":1}}',
        key: 'buildkite_test_token_0123456789',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['X-Buildkite-Event', 'build.finished'],
          [
            'X-Buildkite-Signature',
            'timestamp=1767225600,signature=602075e8f3f95d0f3f7d042cb05baa446869bca081af4f2784da5910b9089e9e',
          ],
        ],
        body: '{"event":"build.finished","build":{"id":"f62a","n":1}}',
        key: 'buildkite_test_token_0123456789',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['X-Buildkite-Event', 'build.finished'],
          [
            'X-Buildkite-Signature',
            'timestamp=1767225600,signature=602075e8f3f95d0f3f7d042cb05baa446869bca081af4f2784da5910b9089e9e',
          ],
        ],
        body: '{"event":"build.finished","build":{"id":"f62a","n":1}}',
        key: 'buildkite_test_token_0123456789',
        at: 1767225299,
      },
      {
        why: 'token: another token',
        scheme: 'token',
        headers: [['X-Buildkite-Token', 'buildkite_test_token_012345678z']],
        body: '{"event":"build.finished","build":{"id":"f62a","n":1}}',
        key: 'buildkite_test_token_0123456789',
      },
      {
        why: 'token: no token',
        scheme: 'token',
        headers: [],
        body: '{"event":"build.finished","build":{"id":"f62a","n":1}}',
        key: 'buildkite_test_token_0123456789',
      },
      {
        why: 'token: an empty token',
        scheme: 'token',
        headers: [['X-Buildkite-Token', '']],
        body: '{"event":"build.finished","build":{"id":"f62a","n":1}}',
        key: 'buildkite_test_token_0123456789',
      },
    ],
  },
})
