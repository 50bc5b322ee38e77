import { defineProvider } from '../definition.ts'

export const gitlab = defineProvider({
  id: 'gitlab',
  name: 'GitLab',
  category: 'developer tools',
  docs: 'https://docs.gitlab.com/user/project/integrations/webhooks/',
  schemes: [
    {
      family: 'hmac',
      name: 'signing-token',
      algorithm: 'sha256',
      key: { decode: 'base64', stripPrefix: ['whsec_'] },
      signature: {
        header: 'webhook-signature',
        parse: { kind: 'list', itemSeparator: ' ', versionSeparator: ',', version: 'v1' },
        encoding: 'base64',
      },
      signed: [{ templates: ['{id}.{ts}.{body}'] }],
      timestamp: {
        in: { header: 'webhook-timestamp' },
        unit: 's',
        toleranceSeconds: 300,
        toleranceDocumented: true,
      },
      id: { header: 'webhook-id', forbid: '.' },
    },
    {
      family: 'token',
      name: 'token',
      token: { in: 'header', name: 'X-Gitlab-Token' },
      weakness: 'The token does not cover the body: who sees one request can make any other.',
    },
  ],
  keyForm: 'The signing token, `whsec_` and base64; for the scheme `token` the secret token as free text.',
  setup: [
    'In the project or group open Settings, Webhooks, and add one with the receive path.',
    'Create a signing token (`whsec_…`) and give it to the integration; older versions only have a secret token, for which the scheme is `token`.',
    'Choose the triggers and send a test.',
  ],
  rotation:
    'Add the new token here, change it in the webhook’s settings, and end the old one here when deliveries match the new one.',
  payload: [{ kind: 'json-object' }, { kind: 'empty' }],
  methods: ['POST'],
  // With the signing token the id is covered; with the plain token nothing is.
  event: {
    id: 'signed:id | header:Idempotency-Key | header:X-Gitlab-Event-UUID',
    type: 'header:X-Gitlab-Event',
    tenant: 'body:$.project.id | header:X-Gitlab-Instance',
    subject: 'body:$.project.path_with_namespace',
  },
  delivery: { success: '2xx', timeoutSeconds: 10, retries: 'none; disabled after repeated failures' },
  pitfalls: [
    'The plain token is what the form offers first; it is weak. Choose a signing token where the version has one.',
    'Where a signing token is configured, a request with only X-Gitlab-Token is refused.',
    'webhook-id and Idempotency-Key are the same.',
  ],
  sample: {
    type: 'Push Hook',
    contentType: 'application/json',
    headers: [['User-Agent', 'GitLab/postern']],
    body: '{"object_kind":"push","event_name":"push","ref":"refs/heads/main","checkout_sha":"da1560886d4f094c3e6c9ef40349f7d38b5d27d7","user_username":"jsmith","project":{"id":15,"name":"Diaspora","path_with_namespace":"mike/diaspora"},"commits":[],"total_commits_count":0}',
  },
  vectors: {
    accepted: [
      {
        why: 'signing token',
        headers: [
          ['X-Gitlab-Event', 'Push Hook'],
          ['webhook-id', 'f5e5f430-f57b-4e6e-9fac-d9128cd7232f'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,ihnoPjddTSpUmeHA5XhKNe7Z0bHYkMMkSXXmRJ4d3VE='],
        ],
        body: '{"object_kind":"push","project":{"id":15,"path_with_namespace":"mike/diaspora"}}',
        key: 'whsec_cG9zdGVybi1naXRsYWItc2lnbmluZy10b2tlbi0zMg==',
        at: 1767225605,
      },
      {
        why: 'plain token, its name in lower case',
        scheme: 'token',
        headers: [['x-gitlab-token', 'gitlab-plain-token-1']],
        body: '{"object_kind":"push","project":{"id":15,"path_with_namespace":"mike/diaspora"}}',
        key: 'gitlab-plain-token-1',
      },
      {
        why: 'plain token, empty body',
        scheme: 'token',
        headers: [['X-Gitlab-Token', 'gitlab-plain-token-1']],
        body: '',
        key: 'gitlab-plain-token-1',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['X-Gitlab-Event', 'Push Hook'],
          ['webhook-id', 'f5e5f430-f57b-4e6e-9fac-d9128cd7232f'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,ihnoPjddTSpUmeHA5XhKNe7Z0bHYkMMkSXXmRJ4d3VE='],
        ],
        body: '{"object_kind":"push","project":{"id":16,"path_with_namespace":"mike/diaspora"}}',
        key: 'whsec_cG9zdGVybi1naXRsYWItc2lnbmluZy10b2tlbi0zMg==',
        at: 1767225605,
      },
      {
        why: 'only a plain token where a signing token is configured',
        headers: [['X-Gitlab-Token', 'whsec_cG9zdGVybi1naXRsYWItc2lnbmluZy10b2tlbi0zMg==']],
        body: '{"object_kind":"push","project":{"id":15,"path_with_namespace":"mike/diaspora"}}',
        key: 'whsec_cG9zdGVybi1naXRsYWItc2lnbmluZy10b2tlbi0zMg==',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['X-Gitlab-Event', 'Push Hook'],
          ['webhook-id', 'f5e5f430-f57b-4e6e-9fac-d9128cd7232f'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,ihnoPjddTSpUmeHA5XhKNe7Z0bHYkMMkSXXmRJ4d3VE='],
        ],
        body: '{"object_kind":"push","project":{"id":15,"path_with_namespace":"mike/diaspora"}}',
        key: 'whsec_cG9zdGVybi1naXRsYWItc2lnbmluZy10b2tlbi0zMg==',
        at: 1767225901,
      },
      {
        why: 'the id changed',
        headers: [
          ['X-Gitlab-Event', 'Push Hook'],
          ['webhook-id', 'f5e5f430-f57b-4e6e-9fac-d9128cd72320'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,ihnoPjddTSpUmeHA5XhKNe7Z0bHYkMMkSXXmRJ4d3VE='],
        ],
        body: '{"object_kind":"push","project":{"id":15,"path_with_namespace":"mike/diaspora"}}',
        key: 'whsec_cG9zdGVybi1naXRsYWItc2lnbmluZy10b2tlbi0zMg==',
        at: 1767225605,
      },
      {
        why: 'a token with one more character',
        scheme: 'token',
        headers: [['X-Gitlab-Token', 'gitlab-plain-token-11']],
        body: '{"object_kind":"push","project":{"id":15,"path_with_namespace":"mike/diaspora"}}',
        key: 'gitlab-plain-token-1',
      },
      {
        why: 'a signature where a plain token is configured',
        scheme: 'token',
        headers: [
          ['X-Gitlab-Event', 'Push Hook'],
          ['webhook-id', 'f5e5f430-f57b-4e6e-9fac-d9128cd7232f'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,ihnoPjddTSpUmeHA5XhKNe7Z0bHYkMMkSXXmRJ4d3VE='],
        ],
        body: '{"object_kind":"push","project":{"id":15,"path_with_namespace":"mike/diaspora"}}',
        key: 'gitlab-plain-token-1',
      },
    ],
  },
})
