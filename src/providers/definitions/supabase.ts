import { defineProvider } from '../definition.ts'
import { standardWebhooksScheme } from '../shapes.ts'

export const supabase = defineProvider({
  id: 'supabase',
  name: 'Supabase',
  category: 'developer tools',
  docs: 'https://supabase.com/docs/guides/auth/auth-hooks',
  schemes: [
    {
      ...standardWebhooksScheme({
        name: 'auth-hooks',
        key: { decode: 'base64', stripPrefix: ['v1,whsec_', 'whsec_'] },
        keyForm: 'The secret of the auth hook, `v1,whsec_…`, whole.',
      }),
      // Supabase joins its signatures with a comma and a space where Standard Webhooks has the space alone.
      signature: {
        header: 'webhook-signature',
        parse: { kind: 'list', itemSeparator: ', ', versionSeparator: ',', version: 'v1' },
        encoding: 'base64',
      },
    },
    {
      family: 'token',
      name: 'database-webhooks',
      token: { in: 'header', name: 'X-Webhook-Token', nameSetting: 'headerName' },
      keyForm: 'The value of the header that you added to the database webhook, as text.',
      weakness:
        'Database webhooks are unsigned. The token does not cover the body: who sees one request can make any other.',
    },
  ],
  keyForm: 'The secret of the auth hook, `v1,whsec_…`; for `database-webhooks` the value of a header of your own.',
  settings: [
    {
      name: 'headerName',
      what: 'For database webhooks: the name of the header, where it is not `X-Webhook-Token`.',
      example: 'X-Webhook-Token',
      schemes: ['database-webhooks'],
    },
  ],
  setup: [
    'Auth hooks: open Authentication, then Hooks, add one of the kind HTTPS with the URL of the integration, and press Generate secret.',
    'Copy the secret with its `v1,whsec_` and paste it here as the key.',
    'Database webhooks: open Integrations, then Database Webhooks, create one with the URL of the integration.',
    'For those, add the header `X-Webhook-Token` with a long random text, take the scheme `database-webhooks` here, and paste that text as the key.',
  ],
  rotation:
    'Auth hooks sign with every secret that stands in the hook’s list: add the new one there and here, then remove the old one on both sides. For database webhooks add the second key here first.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // The id of an auth hook is signed but new with every retry; database webhooks have none. The body is the identity of both.
  event: {
    id: 'signed:id',
    type: 'body:$.type | body:$.metadata.name',
    tenant: 'body:$.schema + body:$.table',
    subject: 'body:$.record.id | body:$.old_record.id | body:$.user.id',
    dedupe: 'content',
  },
  delivery: {
    success: '200, 202 or 204 for auth hooks; database webhooks do not wait for an answer',
    timeoutSeconds: 5,
    retries:
      'auth hooks: up to 3 calls in all, after a timeout or on 429 and 503 with Retry-After; database webhooks: none',
  },
  answers: { accepted: { status: 200, contentType: 'application/json', body: '{}' } },
  pitfalls: [
    'The secret is shown as `v1,whsec_…`; what follows is base64 and is decoded.',
    'webhook-id changes from one call to the next, also when the same hook is called again.',
    'An auth hook waits for its answer. A gateway suits those that may be answered with `{}`; one that changes claims or rejects a user needs your own code.',
    'Database webhooks carry no signature: without a header of your own every request is refused here.',
    'Two changes of a table that leave the same row count as one event: give the table a column such as `updated_at`.',
  ],
  sample: {
    type: 'before-user-created',
    contentType: 'application/json',
    body: '{"metadata":{"uuid":"{{id}}","time":"{{iso}}","name":"{{type}}","ip_address":"203.0.113.7"},"user":{"id":"ff7fc9ae-3b1b-4642-9241-64adb9848a03","aud":"authenticated","email":"ada@example.com","created_at":"{{iso}}"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['webhook-id', '0b4f6f5e-0d5e-4a2b-9d7e-000000000001'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,nzjGOd5mmexYx31ht0nDAzjc3nCNw824e9eJ+naHC70='],
        ],
        body: '{"metadata":{"name":"before-user-created"},"user":{"id":"ff7f","n":1}}',
        key: 'v1,whsec_c3VwYWJhc2UtdGVzdC1hdXRoLWhvb2stc2VjcmV0LTMy',
        at: 1767225605,
      },
      {
        why: 'UTF-8 and `$&`',
        headers: [
          ['webhook-id', '0b4f6f5e-0d5e-4a2b-9d7e-000000000001'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,S8N50lqfxA6xmcoDTSuCqXo/h7lo9ZR4PLM5MMVbmh8='],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $1 \\u00e9",\n  "n": 1\n}\n',
        key: 'v1,whsec_c3VwYWJhc2UtdGVzdC1hdXRoLWhvb2stc2VjcmV0LTMy',
        at: 1767225605,
      },
      {
        why: 'rotation: the second of two signatures is right, a later version beside',
        headers: [
          ['webhook-id', '0b4f6f5e-0d5e-4a2b-9d7e-000000000001'],
          ['webhook-timestamp', '1767225600'],
          [
            'webhook-signature',
            'v1,1itMmKqV2LQYRUhlgKmsqpAljgTpcVlquUphQpOJFDM=, v2,AAAA, v1,nzjGOd5mmexYx31ht0nDAzjc3nCNw824e9eJ+naHC70=',
          ],
        ],
        body: '{"metadata":{"name":"before-user-created"},"user":{"id":"ff7f","n":1}}',
        key: 'v1,whsec_c3VwYWJhc2UtdGVzdC1hdXRoLWhvb2stc2VjcmV0LTMy',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: [
          ['webhook-id', '0b4f6f5e-0d5e-4a2b-9d7e-000000000001'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,nzjGOd5mmexYx31ht0nDAzjc3nCNw824e9eJ+naHC70='],
        ],
        body: '{"metadata":{"name":"before-user-created"},"user":{"id":"ff7f","n":1}}',
        key: 'v1,whsec_c3VwYWJhc2UtdGVzdC1hdXRoLWhvb2stc2VjcmV0LTMy',
        at: 1767225900,
      },
      {
        why: 'the secret pasted without `v1,`',
        headers: [
          ['webhook-id', '0b4f6f5e-0d5e-4a2b-9d7e-000000000001'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,nzjGOd5mmexYx31ht0nDAzjc3nCNw824e9eJ+naHC70='],
        ],
        body: '{"metadata":{"name":"before-user-created"},"user":{"id":"ff7f","n":1}}',
        key: 'whsec_c3VwYWJhc2UtdGVzdC1hdXRoLWhvb2stc2VjcmV0LTMy',
        at: 1767225605,
      },
      {
        why: 'database: the right token',
        scheme: 'database-webhooks',
        headers: [['X-Webhook-Token', 'supabase_test_token_0123456789']],
        body: '{"type":"INSERT","schema":"public","table":"doors","record":{"id":1,"name":"Grüße $&"}}',
        key: 'supabase_test_token_0123456789',
      },
      {
        why: 'database: a header of another name, as set',
        scheme: 'database-webhooks',
        headers: [['X-Door-Key', 'supabase_test_token_0123456789']],
        body: '{"type":"INSERT","schema":"public","table":"doors","record":{"id":1,"name":"Grüße $&"}}',
        key: 'supabase_test_token_0123456789',
        settings: { headerName: 'X-Door-Key' },
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['webhook-id', '0b4f6f5e-0d5e-4a2b-9d7e-000000000001'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,nzjGOd5mmexYx31ht0nDAzjc3nCNw824e9eJ+naHC70='],
        ],
        body: '{"metadata":{"name":"before-user-created"},"user":{"id":"ff7f","n":2}}',
        key: 'v1,whsec_c3VwYWJhc2UtdGVzdC1hdXRoLWhvb2stc2VjcmV0LTMy',
        at: 1767225605,
      },
      {
        why: 'another id',
        headers: [
          ['webhook-id', 'msg_3test'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,nzjGOd5mmexYx31ht0nDAzjc3nCNw824e9eJ+naHC70='],
        ],
        body: '{"metadata":{"name":"before-user-created"},"user":{"id":"ff7f","n":1}}',
        key: 'v1,whsec_c3VwYWJhc2UtdGVzdC1hdXRoLWhvb2stc2VjcmV0LTMy',
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [
          ['webhook-id', '0b4f6f5e-0d5e-4a2b-9d7e-000000000001'],
          ['webhook-signature', 'v1,nzjGOd5mmexYx31ht0nDAzjc3nCNw824e9eJ+naHC70='],
        ],
        body: '{"metadata":{"name":"before-user-created"},"user":{"id":"ff7f","n":1}}',
        key: 'v1,whsec_c3VwYWJhc2UtdGVzdC1hdXRoLWhvb2stc2VjcmV0LTMy',
        at: 1767225605,
      },
      {
        why: 'no signature',
        headers: [
          ['webhook-id', '0b4f6f5e-0d5e-4a2b-9d7e-000000000001'],
          ['webhook-timestamp', '1767225600'],
        ],
        body: '{"metadata":{"name":"before-user-created"},"user":{"id":"ff7f","n":1}}',
        key: 'v1,whsec_c3VwYWJhc2UtdGVzdC1hdXRoLWhvb2stc2VjcmV0LTMy',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['webhook-id', '0b4f6f5e-0d5e-4a2b-9d7e-000000000001'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,nzjGOd5mmexYx31ht0nDAzjc3nCNw824e9eJ+naHC70='],
        ],
        body: '{"metadata":{"name":"before-user-created"},"user":{"id":"ff7f","n":1}}',
        key: 'v1,whsec_c3VwYWJhc2UtdGVzdC1hdXRoLWhvb2stc2VjcmV0LTMy',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['webhook-id', '0b4f6f5e-0d5e-4a2b-9d7e-000000000001'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,nzjGOd5mmexYx31ht0nDAzjc3nCNw824e9eJ+naHC70='],
        ],
        body: '{"metadata":{"name":"before-user-created"},"user":{"id":"ff7f","n":1}}',
        key: 'v1,whsec_c3VwYWJhc2UtdGVzdC1hdXRoLWhvb2stc2VjcmV0LTMy',
        at: 1767225299,
      },
      {
        why: 'the secret used as text',
        headers: [
          ['webhook-id', '0b4f6f5e-0d5e-4a2b-9d7e-000000000001'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,mikPhF/+zRxt/9XUOrWha9l9Po4mn1UJ1jzswVPC/AY='],
        ],
        body: '{"metadata":{"name":"before-user-created"},"user":{"id":"ff7f","n":1}}',
        key: 'v1,whsec_c3VwYWJhc2UtdGVzdC1hdXRoLWhvb2stc2VjcmV0LTMy',
        at: 1767225605,
      },
      {
        why: 'only a later version, with the right digest',
        headers: [
          ['webhook-id', '0b4f6f5e-0d5e-4a2b-9d7e-000000000001'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v2,nzjGOd5mmexYx31ht0nDAzjc3nCNw824e9eJ+naHC70='],
        ],
        body: '{"metadata":{"name":"before-user-created"},"user":{"id":"ff7f","n":1}}',
        key: 'v1,whsec_c3VwYWJhc2UtdGVzdC1hdXRoLWhvb2stc2VjcmV0LTMy',
        at: 1767225605,
      },
      {
        why: 'database: another token',
        scheme: 'database-webhooks',
        headers: [['X-Webhook-Token', 'supabase_test_token_012345678z']],
        body: '{"type":"INSERT","schema":"public","table":"doors","record":{"id":1,"name":"Grüße $&"}}',
        key: 'supabase_test_token_0123456789',
      },
      {
        why: 'database: no token',
        scheme: 'database-webhooks',
        headers: [],
        body: '{"type":"INSERT","schema":"public","table":"doors","record":{"id":1,"name":"Grüße $&"}}',
        key: 'supabase_test_token_0123456789',
      },
      {
        why: 'database: an empty token',
        scheme: 'database-webhooks',
        headers: [['X-Webhook-Token', '']],
        body: '{"type":"INSERT","schema":"public","table":"doors","record":{"id":1,"name":"Grüße $&"}}',
        key: 'supabase_test_token_0123456789',
      },
      {
        why: 'database: the usual name where another is set',
        scheme: 'database-webhooks',
        headers: [['X-Webhook-Token', 'supabase_test_token_0123456789']],
        body: '{"type":"INSERT","schema":"public","table":"doors","record":{"id":1,"name":"Grüße $&"}}',
        key: 'supabase_test_token_0123456789',
        settings: { headerName: 'X-Door-Key' },
      },
    ],
  },
})
