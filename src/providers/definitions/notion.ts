import { defineProvider } from '../definition.ts'

export const notion = defineProvider({
  id: 'notion',
  name: 'Notion',
  category: 'productivity',
  docs: 'https://developers.notion.com/reference/webhooks',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8', label: 'secret_' },
      signature: { header: 'X-Notion-Signature', parse: { kind: 'prefix', prefix: 'sha256=' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The verification token that Notion sent when the subscription was made, `secret_…`, whole.',
  setup: [
    'Leave the integration here pending: only then is the verification token taken.',
    'In the Notion integration’s settings open Webhooks and create a subscription with the address of this integration.',
    'Notion posts the verification token at once. Take it from here, paste it into Notion’s “Verify” box, and keep it as the key.',
    'Activate the integration here, so that no later post can offer another token.',
    'Share a page with the Notion integration and change it.',
  ],
  rotation:
    'A subscription keeps its token. Create a second subscription through a second integration here, then delete the first. Events of both have the same ids in Notion.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.id',
    type: 'body:$.type',
    tenant: 'body:$.workspace_id',
    subject: 'body:$.entity.id',
    occurredAt: 'body:$.timestamp',
  },
  handshakes: [
    {
      name: 'verification_token',
      when: { methods: ['POST'], match: { 'body:$.verification_token': true } },
      // It brings the key, so that nothing can have signed it. Whoever posts first while the integration is pending
      // is believed; the operator’s paste into Notion is what proves the token.
      signed: false,
      pendingOnly: true,
      capture: { name: 'secret', value: { from: 'body:$.verification_token' } },
      respond: { status: 200 },
    },
  ],
  delivery: { success: '2xx', retries: '8 over 24 hours' },
  pitfalls: [
    'The first post is unsigned and a stranger may send it too: compare the token with what Notion accepts before you activate.',
    'A token that arrives after activation is refused like any unsigned request.',
    'Events are thin: fetch the page or database they name.',
    'No timestamp is checked: a captured request stays valid until the subscription is made anew. The signed id makes a repeat harmless.',
  ],
  sample: {
    type: 'page.content_updated',
    contentType: 'application/json',
    body: '{"id":"{{id}}","timestamp":"{{iso}}","workspace_id":"13950b26-c203-4f3b-b97d-93ec06319565","workspace_name":"Postern","subscription_id":"29d75c0d-5546-4414-8459-7b7a92f1fc4b","type":"{{type}}","authors":[],"attempt_number":1,"entity":{"id":"153104cd-477e-809d-8dc4-ff2d96ae3090","type":"page"},"data":{}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['X-Notion-Signature', 'sha256=a6f364b9d5cdc743107b4c9fceba607e2015252891a1281225c3afb3011b2d0d']],
        body: '{"id":"evt-1","type":"page.created","entity":{"id":"p1","type":"page"}}',
        key: 'secret_test_postern_notion',
      },
      {
        why: 'the exact bytes: line breaks, UTF-8, escapes and `$&`',
        headers: [['X-Notion-Signature', 'sha256=3796d4deed31a0835465179d26fee9121a8d8d08b26db932680b97bd53ac6f52']],
        body: '{\n  "id": "evt-2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'secret_test_postern_notion',
      },
      {
        why: 'hex in upper case',
        headers: [['X-Notion-Signature', 'sha256=A6F364B9D5CDC743107B4C9FCEBA607E2015252891A1281225C3AFB3011B2D0D']],
        body: '{"id":"evt-1","type":"page.created","entity":{"id":"p1","type":"page"}}',
        key: 'secret_test_postern_notion',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-Notion-Signature', 'sha256=a6f364b9d5cdc743107b4c9fceba607e2015252891a1281225c3afb3011b2d0d']],
        body: '{"id":"evt-1","type":"page.deleted","entity":{"id":"p1","type":"page"}}',
        key: 'secret_test_postern_notion',
      },
      {
        why: 'a line break added to the body',
        headers: [['X-Notion-Signature', 'sha256=a6f364b9d5cdc743107b4c9fceba607e2015252891a1281225c3afb3011b2d0d']],
        body: '{"id":"evt-1","type":"page.created","entity":{"id":"p1","type":"page"}}\n',
        key: 'secret_test_postern_notion',
      },
      {
        why: 'signed with another key',
        headers: [['X-Notion-Signature', 'sha256=0a44ac52d8c5106637ec615672fc69c344f7c66dcdefd6aea19abd02af055efc']],
        body: '{"id":"evt-1","type":"page.created","entity":{"id":"p1","type":"page"}}',
        key: 'secret_test_postern_notion',
      },
      {
        why: 'no signature',
        headers: [['Content-Type', 'application/json']],
        body: '{"id":"evt-1","type":"page.created","entity":{"id":"p1","type":"page"}}',
        key: 'secret_test_postern_notion',
      },
      {
        why: 'an empty signature',
        headers: [['X-Notion-Signature', '']],
        body: '{"id":"evt-1","type":"page.created","entity":{"id":"p1","type":"page"}}',
        key: 'secret_test_postern_notion',
      },
      {
        why: 'base64 in place of hex',
        headers: [['X-Notion-Signature', 'sha256=pvNkudXNx0MQe0yfzrpgfiAVJSiRoSgSJcOvswEbLQ0=']],
        body: '{"id":"evt-1","type":"page.created","entity":{"id":"p1","type":"page"}}',
        key: 'secret_test_postern_notion',
      },
      {
        why: 'SHA-1',
        headers: [['X-Notion-Signature', 'sha256=13117e6d9aa47ce92506503d9b19b7fd4208dc1e']],
        body: '{"id":"evt-1","type":"page.created","entity":{"id":"p1","type":"page"}}',
        key: 'secret_test_postern_notion',
      },
      {
        why: 'the prefix left out',
        headers: [['X-Notion-Signature', 'a6f364b9d5cdc743107b4c9fceba607e2015252891a1281225c3afb3011b2d0d']],
        body: '{"id":"evt-1","type":"page.created","entity":{"id":"p1","type":"page"}}',
        key: 'secret_test_postern_notion',
      },
      {
        why: 'two signature headers',
        headers: [
          ['X-Notion-Signature', 'sha256=a6f364b9d5cdc743107b4c9fceba607e2015252891a1281225c3afb3011b2d0d'],
          ['X-Notion-Signature', 'sha256=a6f364b9d5cdc743107b4c9fceba607e2015252891a1281225c3afb3011b2d0d'],
        ],
        body: '{"id":"evt-1","type":"page.created","entity":{"id":"p1","type":"page"}}',
        key: 'secret_test_postern_notion',
      },
    ],
  },
})
