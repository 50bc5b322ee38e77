import { defineProvider } from '../definition.ts'

export const huggingface = defineProvider({
  id: 'huggingface',
  name: 'Hugging Face',
  category: 'ai',
  docs: 'https://huggingface.co/docs/hub/webhooks',
  schemes: [
    {
      family: 'token',
      name: 'token',
      token: { in: 'header', name: 'X-Webhook-Secret' },
      weakness: 'The secret is sent as it is and does not cover the body: who sees one request can make any other.',
    },
  ],
  keyForm: 'The webhook’s secret, as text.',
  setup: [
    'Open your settings on the Hub, then Webhooks, then Add a new webhook.',
    'Name the repositories, users or organisations to watch and enter the URL of the integration.',
    'Fill in Secret with a long random text of ASCII characters: without it the request carries no proof.',
    'Paste the same text here as the key of the integration; the Activity tab can replay a delivery.',
  ],
  rotation: 'Add the new secret here as a second key, change it in the webhook, then remove the old key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // There is no event id, so dedupe is by the body.
  event: {
    type: 'body:$.event.scope + body:$.event.action',
    tenant: 'body:$.repo.name',
    subject: 'body:$.discussion.id | body:$.repo.headSha | body:$.repo.id',
  },
  delivery: { success: '2xx', retries: 'unknown; rely on none' },
  pitfalls: [
    'The secret travels with every request: nothing about the body is proved.',
    'A replay from the Activity tab has the same body and counts as a copy.',
    'Anyone’s repository can be watched, so names in the payload are other people’s text.',
  ],
  sample: {
    type: 'discussion.create',
    contentType: 'application/json',
    body: '{"event":{"action":"create","scope":"discussion"},"repo":{"type":"model","name":"postern/sample","id":"621ffdc036468d709f17434d","private":false,"headSha":"c379e821c9c95d613899e8c4343e4bfee2b0c600"},"discussion":{"id":"{{id}}","title":"Update co2 emissions","num":6,"status":"open"},"webhook":{"id":"6390e855e30d9209411de93b","version":3}}',
  },
  vectors: {
    accepted: [
      {
        why: 'the right token',
        headers: [['X-Webhook-Secret', 'hf-test-webhook-secret-0123']],
        body: '{"event":{"action":"create","scope":"discussion"},"repo":{"name":"postern/sample"}}',
        key: 'hf-test-webhook-secret-0123',
      },
      {
        why: 'whatever the body says: it is not covered',
        headers: [['X-Webhook-Secret', 'hf-test-webhook-secret-0123']],
        body: '{"event":{"action":"delete","scope":"repo"},"repo":{"name":"Grüße $&"}}',
        key: 'hf-test-webhook-secret-0123',
      },
    ],
    refused: [
      {
        why: 'another token',
        headers: [['X-Webhook-Secret', 'hf-test-webhook-secret-012z']],
        body: '{"event":{"action":"create","scope":"discussion"},"repo":{"name":"postern/sample"}}',
        key: 'hf-test-webhook-secret-0123',
      },
      {
        why: 'one character more',
        headers: [['X-Webhook-Secret', 'hf-test-webhook-secret-0123x']],
        body: '{"event":{"action":"create","scope":"discussion"},"repo":{"name":"postern/sample"}}',
        key: 'hf-test-webhook-secret-0123',
      },
      {
        why: 'the last character missing',
        headers: [['X-Webhook-Secret', 'hf-test-webhook-secret-012']],
        body: '{"event":{"action":"create","scope":"discussion"},"repo":{"name":"postern/sample"}}',
        key: 'hf-test-webhook-secret-0123',
      },
      {
        why: 'no token',
        headers: [],
        body: '{"event":{"action":"create","scope":"discussion"},"repo":{"name":"postern/sample"}}',
        key: 'hf-test-webhook-secret-0123',
      },
      {
        why: 'an empty token',
        headers: [['X-Webhook-Secret', '']],
        body: '{"event":{"action":"create","scope":"discussion"},"repo":{"name":"postern/sample"}}',
        key: 'hf-test-webhook-secret-0123',
      },
      {
        why: 'the token twice',
        headers: [
          ['X-Webhook-Secret', 'hf-test-webhook-secret-0123'],
          ['X-Webhook-Secret', 'hf-test-webhook-secret-0123'],
        ],
        body: '{"event":{"action":"create","scope":"discussion"},"repo":{"name":"postern/sample"}}',
        key: 'hf-test-webhook-secret-0123',
      },
      {
        why: 'in other letter case',
        headers: [['X-Webhook-Secret', 'HF-TEST-WEBHOOK-SECRET-0123']],
        body: '{"event":{"action":"create","scope":"discussion"},"repo":{"name":"postern/sample"}}',
        key: 'hf-test-webhook-secret-0123',
      },
      {
        why: 'in the URL',
        headers: [],
        body: '{"event":{"action":"create","scope":"discussion"},"repo":{"name":"postern/sample"}}',
        key: 'hf-test-webhook-secret-0123',
        url: 'https://hooks.example.com/in/1?secret=hf-test-webhook-secret-0123',
      },
    ],
  },
})
