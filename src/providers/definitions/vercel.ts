import { defineProvider } from '../definition.ts'

export const vercel = defineProvider({
  id: 'vercel',
  name: 'Vercel',
  category: 'developer tools',
  docs: 'https://vercel.com/docs/webhooks',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      // SHA-1, also in new webhooks and in drains.
      algorithm: 'sha1',
      key: { decode: 'utf8' },
      signature: { header: 'x-vercel-signature', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm:
    'The webhook’s secret; for webhooks of an integration its client secret, for a drain its signature secret. As text.',
  settings: [
    {
      name: 'verifyToken',
      what: 'For drains only: the value that the dialog asks your endpoint to return in `x-vercel-verify`.',
      example: 'vercel_test_verify_token',
      schemes: ['signature'],
    },
  ],
  setup: [
    'Open the team’s Settings, then Webhooks, and create one with the URL of the integration and the events you want.',
    'Copy the secret at once, it is shown only then, and paste it here as the key of the integration.',
    'For a drain: open Settings, then Drains, add one with this URL, and copy its signature secret.',
    'For a drain, set `verifyToken` here to the value that the dialog shows before you press Verify.',
  ],
  rotation:
    'Create a second webhook with the same events, add its secret here as a second key, then delete the first webhook and its key.',
  payload: [{ kind: 'json' }, { kind: 'opaque', contentTypes: ['application/x-ndjson', 'application/ndjson'] }],
  methods: ['POST'],
  // A drain sends batches without an id of their own: their body is their identity.
  event: {
    id: 'body:$.id',
    type: 'body:$.type | body:$[0].source',
    tenant: 'body:$.payload.team.id',
    subject: 'body:$.payload.deployment.id | body:$.payload.project.id | body:$[0].projectId',
    occurredAt: 'body:$.createdAt | body:$[0].timestamp',
  },
  handshakes: [
    {
      name: 'log-drain-verify',
      when: { methods: ['GET', 'POST'], match: { 'header:x-vercel-signature': false }, emptyBody: true },
      signed: false,
      check: [{ value: { setting: 'verifyToken' }, matches: '[!-~]{1,256}' }],
      respond: { status: 200, headers: { 'x-vercel-verify': { setting: 'verifyToken' } } },
      otherwise: { status: 401 },
    },
    {
      name: 'log-drain-verify-post',
      // Some checks bring a test entry; answered without being kept, and only until the integration is in use.
      when: { methods: ['POST'], match: { 'header:x-vercel-signature': false } },
      signed: false,
      pendingOnly: true,
      check: [{ value: { setting: 'verifyToken' }, matches: '[!-~]{1,256}' }],
      respond: { status: 200, headers: { 'x-vercel-verify': { setting: 'verifyToken' } } },
      otherwise: { status: 401 },
    },
  ],
  delivery: { success: '2xx', timeoutSeconds: 30, retries: 'for 24 hours' },
  pitfalls: [
    'The digest is SHA-1; a SHA-256 of the same body is refused.',
    'The check of a drain’s URL is unsigned. It is answered with the token alone and never becomes an event.',
    'A drain may send JSON arrays or one JSON text a line; the second is passed on unread.',
    'No time is signed: a captured delivery stays valid until the secret changes.',
  ],
  sample: {
    type: 'deployment.created',
    contentType: 'application/json',
    body: '{"id":"{{id}}","type":"{{type}}","createdAt":{{seconds}}000,"region":"fra1","payload":{"team":{"id":"team_postern"},"user":{"id":"user_1"},"project":{"id":"prj_1"},"deployment":{"id":"dpl_1","name":"postern","url":"postern-sample.vercel.app"}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['x-vercel-signature', '49c7a4f39a8e53f9dbada3d3af2055c491f30996']],
        body: '{"id":"uev_1","type":"deployment.created","createdAt":1767225600000,"payload":{"team":{"id":"team_1"},"n":1}}',
        key: 'vercel_test_secret_0123',
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`: the bytes as they are',
        headers: [['x-vercel-signature', 'dd54b477e668db0099be7b4c30e3055622697c49']],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $1 \\u00e9",\n  "n": 1\n}\n',
        key: 'vercel_test_secret_0123',
      },
      {
        why: 'a drain, one JSON text a line',
        headers: [
          ['Content-Type', 'application/x-ndjson'],
          ['x-vercel-signature', 'd93642c861dfd40deb3d511598c07a03a12f75b7'],
        ],
        body: '{"id":"1","message":"a"}\n{"id":"2","message":"b"}\n',
        key: 'vercel_test_secret_0123',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['x-vercel-signature', '49c7a4f39a8e53f9dbada3d3af2055c491f30996']],
        body: '{"id":"uev_1","type":"deployment.created","createdAt":1767225600000,"payload":{"team":{"id":"team_1"},"n":2}}',
        key: 'vercel_test_secret_0123',
      },
      {
        why: 'parsed and written again',
        headers: [['x-vercel-signature', 'dd54b477e668db0099be7b4c30e3055622697c49']],
        body: '{"id":"evt_2","note":"Grüße 🚀 $& $1 é","n":1}',
        key: 'vercel_test_secret_0123',
      },
      {
        why: 'signed with another key',
        headers: [['x-vercel-signature', '04cc9e92f2a1f403cd559a8ea3895256c7bf0909']],
        body: '{"id":"uev_1","type":"deployment.created","createdAt":1767225600000,"payload":{"team":{"id":"team_1"},"n":1}}',
        key: 'vercel_test_secret_0123',
      },
      {
        why: 'no signature',
        headers: [],
        body: '{"id":"uev_1","type":"deployment.created","createdAt":1767225600000,"payload":{"team":{"id":"team_1"},"n":1}}',
        key: 'vercel_test_secret_0123',
      },
      {
        why: 'an empty signature',
        headers: [['x-vercel-signature', '']],
        body: '{"id":"uev_1","type":"deployment.created","createdAt":1767225600000,"payload":{"team":{"id":"team_1"},"n":1}}',
        key: 'vercel_test_secret_0123',
      },
      {
        why: 'base64 in place of hex',
        headers: [['x-vercel-signature', 'Scek85qOU/nbraPTryBVxJHzCZY=']],
        body: '{"id":"uev_1","type":"deployment.created","createdAt":1767225600000,"payload":{"team":{"id":"team_1"},"n":1}}',
        key: 'vercel_test_secret_0123',
      },
      {
        why: 'SHA-256 of the same bytes',
        headers: [['x-vercel-signature', 'da145ca523a52f255af50deaca502a3bfdbeb3c08e373521338f38e2e877b299']],
        body: '{"id":"uev_1","type":"deployment.created","createdAt":1767225600000,"payload":{"team":{"id":"team_1"},"n":1}}',
        key: 'vercel_test_secret_0123',
      },
      {
        why: 'the header twice',
        headers: [
          ['x-vercel-signature', '49c7a4f39a8e53f9dbada3d3af2055c491f30996'],
          ['x-vercel-signature', '49c7a4f39a8e53f9dbada3d3af2055c491f30996'],
        ],
        body: '{"id":"uev_1","type":"deployment.created","createdAt":1767225600000,"payload":{"team":{"id":"team_1"},"n":1}}',
        key: 'vercel_test_secret_0123',
      },
      {
        why: 'cut to half',
        headers: [['x-vercel-signature', '49c7a4f39a8e53f9dbad']],
        body: '{"id":"uev_1","type":"deployment.created","createdAt":1767225600000,"payload":{"team":{"id":"team_1"},"n":1}}',
        key: 'vercel_test_secret_0123',
      },
    ],
  },
})
