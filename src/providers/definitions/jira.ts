import { defineProvider } from '../definition.ts'

export const jira = defineProvider({
  id: 'jira',
  name: 'Jira',
  category: 'developer tools',
  docs: 'https://developer.atlassian.com/cloud/jira/platform/webhooks/',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'X-Hub-Signature', parse: { kind: 'prefix', prefix: 'sha256=' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
      keyForm: 'The webhook’s secret, as text.',
    },
    {
      family: 'jwt',
      name: 'connect',
      token: { in: 'header', name: 'Authorization', prefix: 'JWT ' },
      algorithms: ['HS256'],
      key: { decode: 'utf8' },
      claims: { required: ['iss', 'qsh'], queryHash: { claim: 'qsh', encoding: 'hex' } },
      keyForm: 'The `sharedSecret` that the site sent when it installed the app, as text.',
      weakness:
        'The token covers method, path and query, and no byte of the body: who sees one request can send another body.',
    },
  ],
  keyForm: 'The webhook’s secret, as text; for the scheme `connect` the `sharedSecret` of the installation.',
  setup: [
    'Open Jira’s system settings as an administrator, then WebHooks, then Create a WebHook; or register one by REST API.',
    'Enter the URL of the integration and a secret of your own; a webhook without one is unsigned.',
    'Choose the events and save, and paste the secret here as the key of the integration.',
    'For a Connect app take the scheme `connect`: each installation has its own `sharedSecret`, so each site needs its own integration.',
    'For `connect` the app’s `baseUrl` is the bare origin, so that the whole path of the integration is what Jira hashes.',
  ],
  rotation:
    'Add the new secret here as a second key, change it in the webhook (or let the Connect app be installed again), then remove the old key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // The identifier stays the same over retries, but is a header beside the signature: dedupe is by the body.
  event: {
    id: 'header:X-Atlassian-Webhook-Identifier',
    type: 'body:$.webhookEvent',
    tenant: 'claim:iss',
    subject: 'body:$.issue.key | body:$.project.key',
    occurredAt: 'body:$.timestamp',
  },
  delivery: {
    success: '2xx',
    retries: '5, after 5 to 15 minutes each',
    addresses: 'https://ip-ranges.atlassian.com/',
  },
  pitfalls: [
    'Webhooks made in the user interface are unsigned unless a secret is filled in.',
    'The header has no `-256` in its name and holds SHA-256 all the same.',
    'X-Atlassian-Webhook-Identifier is the same on every retry.',
    'A Connect token with the word `context-qsh` in place of the hash comes from a browser and is refused.',
  ],
  sample: {
    type: 'jira:issue_updated',
    contentType: 'application/json',
    body: '{"timestamp":{{seconds}}000,"webhookEvent":"{{type}}","issue_event_type_name":"issue_generic","user":{"accountId":"{{id}}","displayName":"Ada"},"issue":{"id":"10002","self":"https://postern.atlassian.net/rest/api/2/issue/10002","key":"PST-1","fields":{"summary":"Door sticks"}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['X-Hub-Signature', 'sha256=628cb70641784a7acb0d4eb93f8c5c651698dc02fe362f7b59f26ceb2865c278']],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_test_secret_0123',
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`: the bytes as they are',
        headers: [['X-Hub-Signature', 'sha256=cb2f6319b2ac275a8eefab95b8dc3f6611ba0b640621f68ba5b87427639d6324']],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $1 \\u00e9",\n  "n": 1\n}\n',
        key: 'jira_test_secret_0123',
      },
      {
        why: 'the values published in the documentation',
        headers: [['X-Hub-Signature', 'sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9']],
        body: 'Hello World!',
        key: "It's a Secret to Everybody",
      },
      {
        why: 'connect: the query sorted and escaped before it is hashed',
        scheme: 'connect',
        url: 'https://hooks.example.com/in/jira?tenant=a%20b&event=issue',
        headers: [
          [
            'Authorization',
            'JWT eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJiNmYxZDBmNC10ZXN0LWNsaWVudC1rZXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTc4MCwicXNoIjoiMTMzMjYxN2VlNTg5MWZlM2JkYjk2Yjk1MGMzZDQxYjAxNGQ2YTgzY2JhNzMxZGZjMDM1ZTBjNTkxZjdhZDQ3MyJ9.7mTG3LzyQ3NhAcFCJKbdnco5g2SHydb_oCQ2KgX3NXQ',
          ],
        ],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_connect_test_shared_secret_0123456789',
        at: 1767225605,
      },
      {
        why: 'connect: no query',
        scheme: 'connect',
        url: 'https://hooks.example.com/in/jira',
        headers: [
          [
            'Authorization',
            'JWT eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJiNmYxZDBmNC10ZXN0LWNsaWVudC1rZXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTc4MCwicXNoIjoiOTBkZjBlNjJiZDIxOTJmYzQwNzMxZDNlNzA4ZTY3MjU3MzU5MDAyMzZkYWQyOTUzOTlkNGRhY2M2NjI4MjM1NyJ9.3mqrvKN-GqiXWEnZWWSkN0KNczOnwLMn7SY9C5kRYRI',
          ],
        ],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_connect_test_shared_secret_0123456789',
        at: 1767225605,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-Hub-Signature', 'sha256=628cb70641784a7acb0d4eb93f8c5c651698dc02fe362f7b59f26ceb2865c278']],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":2}}',
        key: 'jira_test_secret_0123',
      },
      {
        why: 'signed with another key',
        headers: [['X-Hub-Signature', 'sha256=85371e43369176c0b8b3d15675d771ce171464c8e37ec37d1b1369b87fd6ed6d']],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_test_secret_0123',
      },
      {
        why: 'no signature',
        headers: [],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_test_secret_0123',
      },
      {
        why: 'SHA-1 of the same bytes',
        headers: [['X-Hub-Signature', 'sha1=d55f949097954dda08a878d2081ae300741c4737']],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_test_secret_0123',
      },
      {
        why: 'no prefix',
        headers: [['X-Hub-Signature', '628cb70641784a7acb0d4eb93f8c5c651698dc02fe362f7b59f26ceb2865c278']],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_test_secret_0123',
      },
      {
        why: 'under the name that GitHub uses',
        headers: [['X-Hub-Signature-256', 'sha256=628cb70641784a7acb0d4eb93f8c5c651698dc02fe362f7b59f26ceb2865c278']],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_test_secret_0123',
      },
      {
        why: 'connect: a token for another path',
        scheme: 'connect',
        url: 'https://hooks.example.com/in/jira?tenant=a%20b&event=issue',
        headers: [
          [
            'Authorization',
            'JWT eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJiNmYxZDBmNC10ZXN0LWNsaWVudC1rZXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTc4MCwicXNoIjoiYjQwMzk1MmVhYTcwMzg4ODBlY2E2MmU5ZDMzZDdmZmRlZDZiOWZmMDg0NmY4MzI5MTdkMmUxNTY3OTQzNjMxZSJ9.DQvwyanmxIqri3U6r7G0WpJMWKXtHcHCZn-M8C6bdMM',
          ],
        ],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_connect_test_shared_secret_0123456789',
        at: 1767225605,
      },
      {
        why: 'connect: a token for another method',
        scheme: 'connect',
        url: 'https://hooks.example.com/in/jira?tenant=a%20b&event=issue',
        headers: [
          [
            'Authorization',
            'JWT eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJiNmYxZDBmNC10ZXN0LWNsaWVudC1rZXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTc4MCwicXNoIjoiMGZlZGNhNzdiODQ0MmQwNzZiNzUzYzg3YzFkMzQ2YzU2ZDVjMmU1Y2MwNTA4MDVkZDY5ZDg2NDg3NmIyY2YzOSJ9.pc7g4xxxJ1HBrflUevlYZ8sZMzgQuE8R_8FcW-SlOFI',
          ],
        ],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_connect_test_shared_secret_0123456789',
        at: 1767225605,
      },
      {
        why: 'connect: the query changed',
        scheme: 'connect',
        url: 'https://hooks.example.com/in/jira?tenant=a%20b&event=project',
        headers: [
          [
            'Authorization',
            'JWT eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJiNmYxZDBmNC10ZXN0LWNsaWVudC1rZXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTc4MCwicXNoIjoiMTMzMjYxN2VlNTg5MWZlM2JkYjk2Yjk1MGMzZDQxYjAxNGQ2YTgzY2JhNzMxZGZjMDM1ZTBjNTkxZjdhZDQ3MyJ9.7mTG3LzyQ3NhAcFCJKbdnco5g2SHydb_oCQ2KgX3NXQ',
          ],
        ],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_connect_test_shared_secret_0123456789',
        at: 1767225605,
      },
      {
        why: 'connect: a token out of a browser',
        scheme: 'connect',
        url: 'https://hooks.example.com/in/jira?tenant=a%20b&event=issue',
        headers: [
          [
            'Authorization',
            'JWT eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJiNmYxZDBmNC10ZXN0LWNsaWVudC1rZXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTc4MCwicXNoIjoiY29udGV4dC1xc2gifQ.Yk2_Ow7G_dEuFB7e2V0aX0Kz3rYNnrR2cXu-IWsDdBI',
          ],
        ],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_connect_test_shared_secret_0123456789',
        at: 1767225605,
      },
      {
        why: 'connect: no hash of the query',
        scheme: 'connect',
        url: 'https://hooks.example.com/in/jira?tenant=a%20b&event=issue',
        headers: [
          [
            'Authorization',
            'JWT eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJiNmYxZDBmNC10ZXN0LWNsaWVudC1rZXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTc4MH0.AhB9Iz5YxlxfZ6uEoS184BtfVFtrY0yI7t9mOXQT1tM',
          ],
        ],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_connect_test_shared_secret_0123456789',
        at: 1767225605,
      },
      {
        why: 'connect: no issuer',
        scheme: 'connect',
        url: 'https://hooks.example.com/in/jira?tenant=a%20b&event=issue',
        headers: [
          [
            'Authorization',
            'JWT eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTc4MCwicXNoIjoiMTMzMjYxN2VlNTg5MWZlM2JkYjk2Yjk1MGMzZDQxYjAxNGQ2YTgzY2JhNzMxZGZjMDM1ZTBjNTkxZjdhZDQ3MyJ9.vOdNzNxs684VBDLxoXPvcafYGJiBjn1b9hVngOvMT-4',
          ],
        ],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_connect_test_shared_secret_0123456789',
        at: 1767225605,
      },
      {
        why: 'connect: signed with another secret',
        scheme: 'connect',
        url: 'https://hooks.example.com/in/jira?tenant=a%20b&event=issue',
        headers: [
          [
            'Authorization',
            'JWT eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJiNmYxZDBmNC10ZXN0LWNsaWVudC1rZXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTc4MCwicXNoIjoiMTMzMjYxN2VlNTg5MWZlM2JkYjk2Yjk1MGMzZDQxYjAxNGQ2YTgzY2JhNzMxZGZjMDM1ZTBjNTkxZjdhZDQ3MyJ9.UIbgrBAtADAe7Pr7nHU9ZcyHvrWvJ0EHrt6NX9ejb-Q',
          ],
        ],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_connect_test_shared_secret_0123456789',
        at: 1767225605,
      },
      {
        why: 'connect: the algorithm “none”',
        scheme: 'connect',
        url: 'https://hooks.example.com/in/jira?tenant=a%20b&event=issue',
        headers: [
          [
            'Authorization',
            'JWT eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJpc3MiOiJiNmYxZDBmNC10ZXN0LWNsaWVudC1rZXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTc4MCwicXNoIjoiMTMzMjYxN2VlNTg5MWZlM2JkYjk2Yjk1MGMzZDQxYjAxNGQ2YTgzY2JhNzMxZGZjMDM1ZTBjNTkxZjdhZDQ3MyJ9.',
          ],
        ],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_connect_test_shared_secret_0123456789',
        at: 1767225605,
      },
      {
        why: 'connect: HS512, which is not agreed on',
        scheme: 'connect',
        url: 'https://hooks.example.com/in/jira?tenant=a%20b&event=issue',
        headers: [
          [
            'Authorization',
            'JWT eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJiNmYxZDBmNC10ZXN0LWNsaWVudC1rZXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTc4MCwicXNoIjoiMTMzMjYxN2VlNTg5MWZlM2JkYjk2Yjk1MGMzZDQxYjAxNGQ2YTgzY2JhNzMxZGZjMDM1ZTBjNTkxZjdhZDQ3MyJ9.2x1J89ha_z6HQvwjsOcBui55cAZEHt33NgpKYV5oB0S6vykJz8gn-vl5JZqdcNJE7kwPKHJwKxdaZm_UHh1jig',
          ],
        ],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_connect_test_shared_secret_0123456789',
        at: 1767225605,
      },
      {
        why: 'connect: run out long ago',
        scheme: 'connect',
        url: 'https://hooks.example.com/in/jira?tenant=a%20b&event=issue',
        headers: [
          [
            'Authorization',
            'JWT eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJiNmYxZDBmNC10ZXN0LWNsaWVudC1rZXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTc4MCwicXNoIjoiMTMzMjYxN2VlNTg5MWZlM2JkYjk2Yjk1MGMzZDQxYjAxNGQ2YTgzY2JhNzMxZGZjMDM1ZTBjNTkxZjdhZDQ3MyJ9.7mTG3LzyQ3NhAcFCJKbdnco5g2SHydb_oCQ2KgX3NXQ',
          ],
        ],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_connect_test_shared_secret_0123456789',
        at: 1767229200,
      },
      {
        why: 'connect: under another word than JWT',
        scheme: 'connect',
        url: 'https://hooks.example.com/in/jira?tenant=a%20b&event=issue',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJiNmYxZDBmNC10ZXN0LWNsaWVudC1rZXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTc4MCwicXNoIjoiMTMzMjYxN2VlNTg5MWZlM2JkYjk2Yjk1MGMzZDQxYjAxNGQ2YTgzY2JhNzMxZGZjMDM1ZTBjNTkxZjdhZDQ3MyJ9.7mTG3LzyQ3NhAcFCJKbdnco5g2SHydb_oCQ2KgX3NXQ',
          ],
        ],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_connect_test_shared_secret_0123456789',
        at: 1767225605,
      },
      {
        why: 'connect: no token',
        scheme: 'connect',
        url: 'https://hooks.example.com/in/jira?tenant=a%20b&event=issue',
        headers: [],
        body: '{"timestamp":1767225600000,"webhookEvent":"jira:issue_updated","issue":{"key":"PST-1","n":1}}',
        key: 'jira_connect_test_shared_secret_0123456789',
        at: 1767225605,
      },
    ],
  },
})
