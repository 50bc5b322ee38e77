import { defineProvider } from '../definition.ts'

export const clickup = defineProvider({
  id: 'clickup',
  name: 'ClickUp',
  category: 'productivity',
  docs: 'https://developer.clickup.com/docs/webhooksignature',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'X-Signature', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The `secret` of the webhook, as text.',
  setup: [
    'Get an API token for the workspace.',
    'Create the webhook: POST /api/v2/team/{team_id}/webhook with the address of this integration as `endpoint` and a list of `events`.',
    'Paste `webhook.secret` of the answer here.',
    'Create a task and look for `taskCreated`.',
  ],
  rotation:
    'A webhook keeps its secret for life. Create a second webhook to the same address, add its secret here, then delete the first. What happens meanwhile arrives twice, under the id of either webhook.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // One post may list several changes, and a deletion lists none: the signed bytes are the identity.
  event: {
    id: 'body:$.webhook_id + body:$.history_items[0].id',
    type: 'body:$.event',
    tenant: 'body:$.team_id',
    subject: 'body:$.task_id | body:$.list_id | body:$.folder_id | body:$.space_id | body:$.goal_id',
    occurredAt: 'body:$.history_items[0].date',
    dedupe: 'content',
  },
  delivery: { success: '2xx', timeoutSeconds: 7, retries: '5; the webhook is suspended after 100 failures' },
  pitfalls: [
    'The secret belongs to the one webhook and is given when it is made.',
    'The header is called X-Signature, as with other senders: choose the right provider for the integration.',
    'No timestamp is signed: a captured request stays valid as long as the webhook.',
  ],
  sample: {
    type: 'taskUpdated',
    contentType: 'application/json',
    body: '{"event":"{{type}}","history_items":[{"id":"{{id}}","type":1,"date":"{{seconds}}000","field":"status","parent_id":"162641062","user":{"id":183,"username":"postern"},"before":{"status":"to do"},"after":{"status":"in progress"}}],"task_id":"1vj38vv","team_id":"108","webhook_id":"7fa3ec74-69a8-4530-a251-8a13730bd204"}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['X-Signature', '9e4fbe8d16ff8bbd49270d9f3a3ada4bada8508f1d24643d2eae33665f913d05']],
        body: '{"event":"taskCreated","task_id":"t1","webhook_id":"w1"}',
        key: 'clickup_test_webhook_secret',
      },
      {
        why: 'the exact bytes: line breaks, UTF-8, escapes and `$&`',
        headers: [['X-Signature', '0d6fd526a1e314b385e2ef53ddb074a831f6d8eb2148cf284ec09aff5468562b']],
        body: '{\n  "event": "taskUpdated",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'clickup_test_webhook_secret',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-Signature', '9e4fbe8d16ff8bbd49270d9f3a3ada4bada8508f1d24643d2eae33665f913d05']],
        body: '{"event":"taskDeleted","task_id":"t1","webhook_id":"w1"}',
        key: 'clickup_test_webhook_secret',
      },
      {
        why: 'a line break added to the body',
        headers: [['X-Signature', '9e4fbe8d16ff8bbd49270d9f3a3ada4bada8508f1d24643d2eae33665f913d05']],
        body: '{"event":"taskCreated","task_id":"t1","webhook_id":"w1"}\n',
        key: 'clickup_test_webhook_secret',
      },
      {
        why: 'signed with another key',
        headers: [['X-Signature', '88fea63705bc23ccebe1eccee11ae8b363b1015d12616cb23503c002f24bc45f']],
        body: '{"event":"taskCreated","task_id":"t1","webhook_id":"w1"}',
        key: 'clickup_test_webhook_secret',
      },
      {
        why: 'no signature',
        headers: [['Content-Type', 'application/json']],
        body: '{"event":"taskCreated","task_id":"t1","webhook_id":"w1"}',
        key: 'clickup_test_webhook_secret',
      },
      {
        why: 'an empty signature',
        headers: [['X-Signature', '']],
        body: '{"event":"taskCreated","task_id":"t1","webhook_id":"w1"}',
        key: 'clickup_test_webhook_secret',
      },
      {
        why: 'base64 in place of hex',
        headers: [['X-Signature', 'nk++jRb/i71JJw2fOjraS62oUI8dJGQ9Lq4zZl+RPQU=']],
        body: '{"event":"taskCreated","task_id":"t1","webhook_id":"w1"}',
        key: 'clickup_test_webhook_secret',
      },
      {
        why: 'SHA-1',
        headers: [['X-Signature', '4bcc74226b7a4a92f4918f8fe69c63009214fe74']],
        body: '{"event":"taskCreated","task_id":"t1","webhook_id":"w1"}',
        key: 'clickup_test_webhook_secret',
      },
      {
        why: 'a prefix where none belongs',
        headers: [['X-Signature', 'sha256=9e4fbe8d16ff8bbd49270d9f3a3ada4bada8508f1d24643d2eae33665f913d05']],
        body: '{"event":"taskCreated","task_id":"t1","webhook_id":"w1"}',
        key: 'clickup_test_webhook_secret',
      },
      {
        why: 'two signature headers',
        headers: [
          ['X-Signature', '9e4fbe8d16ff8bbd49270d9f3a3ada4bada8508f1d24643d2eae33665f913d05'],
          ['X-Signature', '9e4fbe8d16ff8bbd49270d9f3a3ada4bada8508f1d24643d2eae33665f913d05'],
        ],
        body: '{"event":"taskCreated","task_id":"t1","webhook_id":"w1"}',
        key: 'clickup_test_webhook_secret',
      },
    ],
  },
})
