import { defineProvider } from '../definition.ts'

export const asana = defineProvider({
  id: 'asana',
  name: 'Asana',
  category: 'productivity',
  docs: 'https://developers.asana.com/docs/webhooks-guide',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'X-Hook-Signature', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The secret that Asana sent in X-Hook-Secret when the webhook was made, as text.',
  setup: [
    'Leave the integration here pending: only then is the secret taken and echoed.',
    'Create the webhook: POST /api/1.0/webhooks with `resource` and the address of this integration as `target`. Asana greets that address before it answers the call.',
    'Check that the call succeeded, then activate the integration here with the secret it has taken.',
    'Use one integration for each webhook: every webhook has a secret of its own.',
  ],
  rotation:
    'A webhook keeps its secret for life. Create a second webhook to a second integration, then delete the first (DELETE /api/1.0/webhooks/{gid}). What happens meanwhile arrives at both.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // A post holds many events and no id; the first stands for all.
  event: {
    type: 'body:$.events[0].resource.resource_type + body:$.events[0].action',
    subject: 'body:$.events[0].resource.gid',
    occurredAt: 'body:$.events[0].created_at',
    dedupe: 'content',
  },
  handshakes: [
    {
      name: 'x-hook-secret',
      when: { methods: ['POST'], match: { 'header:X-Hook-Secret': true } },
      // It brings the key, so that nothing can have signed it.
      signed: false,
      pendingOnly: true,
      capture: { name: 'secret', value: { from: 'header:X-Hook-Secret' } },
      respond: { status: 200, headers: { 'X-Hook-Secret': { from: 'header:X-Hook-Secret' } } },
    },
  ],
  delivery: {
    success: '200 or 204',
    timeoutSeconds: 10,
    retries: 'for 24 hours with growing pauses, then the webhook is deleted',
  },
  answers: { accepted: { status: 200 } },
  pitfalls: [
    'The greeting must be answered while the call that creates the webhook is still open.',
    'A greeting that arrives when the integration is no longer pending is refused: it would replace the key.',
    'Every eight hours comes a heartbeat, a signed `{"events":[]}`. It is always the same bytes.',
    'Answering 410 deletes the webhook.',
    'One post holds many events; destinations must read the whole list.',
    'The address alone tells webhooks apart; the body does not name the workspace.',
  ],
  sample: {
    type: 'task.changed',
    contentType: 'application/json',
    body: '{"events":[{"user":{"gid":"12345","resource_type":"user"},"created_at":"{{iso}}","action":"changed","resource":{"gid":"{{id}}","resource_type":"task","resource_subtype":"default_task"},"parent":null,"change":{"field":"due_at","action":"changed"}}]}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['X-Hook-Signature', '5a3960d06cb4463e30d2d1b404e608ceecefb4bcc3b4899955dcaea3b12ba460']],
        body: '{"events":[{"action":"added","resource":{"gid":"1","resource_type":"task"}}]}',
        key: 'asana_test_hook_secret',
      },
      {
        why: 'the exact bytes: line breaks, UTF-8, escapes and `$&`',
        headers: [['X-Hook-Signature', '72767c80f8871431f30aa269c086331dc1ebee2b84995b139e75aaafc097dde1']],
        body: '{\n  "events": [],\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'asana_test_hook_secret',
      },
      {
        why: 'a heartbeat',
        headers: [['X-Hook-Signature', '5fd62e1e66dc2e8830666c02d92d9ce41fffe32e31aafcb5dec12bb930e922af']],
        body: '{"events":[]}',
        key: 'asana_test_hook_secret',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-Hook-Signature', '5a3960d06cb4463e30d2d1b404e608ceecefb4bcc3b4899955dcaea3b12ba460']],
        body: '{"events":[{"action":"added","resource":{"gid":"2","resource_type":"task"}}]}',
        key: 'asana_test_hook_secret',
      },
      {
        why: 'a line break added to the body',
        headers: [['X-Hook-Signature', '5a3960d06cb4463e30d2d1b404e608ceecefb4bcc3b4899955dcaea3b12ba460']],
        body: '{"events":[{"action":"added","resource":{"gid":"1","resource_type":"task"}}]}\n',
        key: 'asana_test_hook_secret',
      },
      {
        why: 'signed with another key',
        headers: [['X-Hook-Signature', '51ba9a1f0bf17418e730b2ee7eae8a63b04540180f120d9af30b3a88ff59b282']],
        body: '{"events":[{"action":"added","resource":{"gid":"1","resource_type":"task"}}]}',
        key: 'asana_test_hook_secret',
      },
      {
        why: 'no signature',
        headers: [['Content-Type', 'application/json']],
        body: '{"events":[{"action":"added","resource":{"gid":"1","resource_type":"task"}}]}',
        key: 'asana_test_hook_secret',
      },
      {
        why: 'an empty signature',
        headers: [['X-Hook-Signature', '']],
        body: '{"events":[{"action":"added","resource":{"gid":"1","resource_type":"task"}}]}',
        key: 'asana_test_hook_secret',
      },
      {
        why: 'base64 in place of hex',
        headers: [['X-Hook-Signature', 'Wjlg0Gy0Rj4w0tG0BOYIzuzvtLzDtImZVdyuo7ErpGA=']],
        body: '{"events":[{"action":"added","resource":{"gid":"1","resource_type":"task"}}]}',
        key: 'asana_test_hook_secret',
      },
      {
        why: 'SHA-1',
        headers: [['X-Hook-Signature', '77831fc03d08c6cbd80a77a9023d0c609953d1f9']],
        body: '{"events":[{"action":"added","resource":{"gid":"1","resource_type":"task"}}]}',
        key: 'asana_test_hook_secret',
      },
      {
        why: 'a prefix where none belongs',
        headers: [['X-Hook-Signature', 'sha256=5a3960d06cb4463e30d2d1b404e608ceecefb4bcc3b4899955dcaea3b12ba460']],
        body: '{"events":[{"action":"added","resource":{"gid":"1","resource_type":"task"}}]}',
        key: 'asana_test_hook_secret',
      },
      {
        why: 'two signature headers',
        headers: [
          ['X-Hook-Signature', '5a3960d06cb4463e30d2d1b404e608ceecefb4bcc3b4899955dcaea3b12ba460'],
          ['X-Hook-Signature', '5a3960d06cb4463e30d2d1b404e608ceecefb4bcc3b4899955dcaea3b12ba460'],
        ],
        body: '{"events":[{"action":"added","resource":{"gid":"1","resource_type":"task"}}]}',
        key: 'asana_test_hook_secret',
      },
      {
        why: 'a greeting with the secret in it is no proof',
        headers: [['X-Hook-Secret', 'asana_test_hook_secret']],
        body: '{}',
        key: 'asana_test_hook_secret',
      },
    ],
  },
})
