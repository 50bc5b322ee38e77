import { defineProvider } from '../definition.ts'

export const meta = defineProvider({
  id: 'meta',
  name: 'Meta Graph (Facebook Pages, Messenger, Instagram, Threads)',
  category: 'communication',
  docs: 'https://developers.facebook.com/docs/graph-api/webhooks/getting-started',
  schemes: [
    {
      family: 'hmac',
      name: 'sha256',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'X-Hub-Signature-256', parse: { kind: 'prefix', prefix: 'sha256=' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The app secret: App settings, Basic. It is used as text, although it looks like hex.',
  settings: [
    {
      name: 'verifyToken',
      what: 'A text of your choice; it is repeated in the app’s webhook form and proves only that the callback URL was entered by you.',
      example: 'postern-verify-1',
      required: true,
    },
  ],
  setup: [
    'Copy the app secret from App settings, Basic, and make up a verify token; create the integration with both.',
    'In the app dashboard open Webhooks, choose the object, and enter the receive URL and the verify token.',
    'Subscribe to the fields that you want.',
    'For a Page, install the app on it as well (subscribed_apps), or nothing is sent.',
  ],
  rotation:
    'Resetting the app secret ends the old one at once, for API calls too. Add the new secret here right away and keep the old one for the 36 hours in which retries may come.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // A batch of up to 1000 changes: the first names it, the body is its identity.
  event: {
    id: 'body:$.entry[0].messaging[0].message.mid | body:$.entry[0].changes[0].value.messages[0].id',
    type: 'body:$.object + body:$.entry[0].changes[0].field | body:$.object',
    tenant: 'body:$.entry[0].id',
    subject: 'body:$.entry[0].messaging[0].sender.id | body:$.entry[0].changes[0].value.id',
    occurredAt: 'body:$.entry[0].messaging[0].timestamp | body:$.entry[0].time',
    dedupe: 'content',
  },
  handshakes: [
    {
      name: 'hub.challenge',
      when: { methods: ['GET'], match: { 'query:hub.mode': 'subscribe' } },
      signed: false,
      check: [{ value: { from: 'query:hub.verify_token' }, equals: { setting: 'verifyToken' } }],
      respond: { status: 200, text: { from: 'query:hub.challenge' } },
      otherwise: { status: 403 },
    },
  ],
  delivery: { success: '200', timeoutSeconds: 10, retries: 'for 36 hours' },
  answers: { accepted: { status: 200 } },
  pitfalls: [
    'Meta signs what it sends, with \\u00e4 and \\/ written as escapes. Parsed and written anew, the body no longer verifies.',
    'The query names of the challenge hold dots, hub.mode. Some parsers turn them into hub_mode.',
    'The challenge is the caller’s own text: it goes out as text/plain.',
    'One request may hold up to 1000 changes, and of several objects.',
    'The X-Hub-Signature header with SHA-1 still comes along and is ignored.',
    'Client certificates (CN client.webhooks.fbclientcerts.com) can be asked for in front, beside the signature.',
  ],
  sample: {
    type: 'page.feed',
    contentType: 'application/json',
    body: '{"object":"page","entry":[{"id":"1234567890","time":{{seconds}},"changes":[{"field":"feed","value":{"item":"status","verb":"add","post_id":"{{id}}","message":"Hello"}}]}]}',
  },
  vectors: {
    accepted: [
      {
        why: 'a batch of one',
        headers: [['X-Hub-Signature-256', 'sha256=898402d8786bbe5bb1ca56b47c3b8ab503161c66d96635ccbd396523ee61edef']],
        body: '{"object":"page","entry":[{"id":"1","time":1767225600,"changes":[{"field":"feed"}]}]}',
        key: 'meta_test_app_secret_01',
      },
      {
        why: 'escapes as Meta writes them, and text that a template must not expand',
        headers: [['X-Hub-Signature-256', 'sha256=fef62ec37520faabdcbd3c10b7cd1eb919663786bbf2ad5f6bc24794214fd4b3']],
        body: '{"object":"page","entry":[{"id":"1","messaging":[{"message":{"text":"\\u00e4\\u00f6 \\ud83d\\ude80 <a>\\/b $& $1"}}]}]}',
        key: 'meta_test_app_secret_01',
      },
      {
        why: 'hex in upper case',
        headers: [['X-Hub-Signature-256', 'sha256=898402D8786BBE5BB1CA56B47C3B8AB503161C66D96635CCBD396523EE61EDEF']],
        body: '{"object":"page","entry":[{"id":"1","time":1767225600,"changes":[{"field":"feed"}]}]}',
        key: 'meta_test_app_secret_01',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-Hub-Signature-256', 'sha256=898402d8786bbe5bb1ca56b47c3b8ab503161c66d96635ccbd396523ee61edef']],
        body: '{"object":"page","entry":[{"id":"2","time":1767225600,"changes":[{"field":"feed"}]}]}',
        key: 'meta_test_app_secret_01',
      },
      {
        why: 'one space more',
        headers: [['X-Hub-Signature-256', 'sha256=898402d8786bbe5bb1ca56b47c3b8ab503161c66d96635ccbd396523ee61edef']],
        body: '{"object":"page","entry":[{"id":"1","time":1767225600,"changes":[{"field":"feed"}]}]} ',
        key: 'meta_test_app_secret_01',
      },
      {
        why: 'parsed and written anew: the escapes are gone',
        headers: [['X-Hub-Signature-256', 'sha256=fef62ec37520faabdcbd3c10b7cd1eb919663786bbf2ad5f6bc24794214fd4b3']],
        body: '{"object":"page","entry":[{"id":"1","messaging":[{"message":{"text":"äö 🚀 <a>/b $& $1"}}]}]}',
        key: 'meta_test_app_secret_01',
      },
      {
        why: 'signed with another secret',
        headers: [['X-Hub-Signature-256', 'sha256=7590d2ac8815833dc6c4f238312641bbf7015bea7e93d14e1021df1ef1c13e44']],
        body: '{"object":"page","entry":[{"id":"1","time":1767225600,"changes":[{"field":"feed"}]}]}',
        key: 'meta_test_app_secret_01',
      },
      {
        why: 'no prefix',
        headers: [['X-Hub-Signature-256', '898402d8786bbe5bb1ca56b47c3b8ab503161c66d96635ccbd396523ee61edef']],
        body: '{"object":"page","entry":[{"id":"1","time":1767225600,"changes":[{"field":"feed"}]}]}',
        key: 'meta_test_app_secret_01',
      },
      {
        why: 'base64 in place of hex',
        headers: [['X-Hub-Signature-256', 'sha256=iYQC2Hhrvluxyla0fDuKtQMWHGbZZjXMvTllI+5h7e8=']],
        body: '{"object":"page","entry":[{"id":"1","time":1767225600,"changes":[{"field":"feed"}]}]}',
        key: 'meta_test_app_secret_01',
      },
      {
        why: 'only the older SHA-1 header',
        headers: [['X-Hub-Signature', 'sha1=f91bb2f9d20541455f5fa05df8a7cf579bae717d']],
        body: '{"object":"page","entry":[{"id":"1","time":1767225600,"changes":[{"field":"feed"}]}]}',
        key: 'meta_test_app_secret_01',
      },
      {
        why: 'SHA-1 in the newer header',
        headers: [['X-Hub-Signature-256', 'sha1=f91bb2f9d20541455f5fa05df8a7cf579bae717d']],
        body: '{"object":"page","entry":[{"id":"1","time":1767225600,"changes":[{"field":"feed"}]}]}',
        key: 'meta_test_app_secret_01',
      },
      {
        why: 'an empty header',
        headers: [['X-Hub-Signature-256', '']],
        body: '{"object":"page","entry":[{"id":"1","time":1767225600,"changes":[{"field":"feed"}]}]}',
        key: 'meta_test_app_secret_01',
      },
      {
        why: 'no header',
        headers: [],
        body: '{"object":"page","entry":[{"id":"1","time":1767225600,"changes":[{"field":"feed"}]}]}',
        key: 'meta_test_app_secret_01',
      },
      {
        why: 'the header twice',
        headers: [
          ['X-Hub-Signature-256', 'sha256=898402d8786bbe5bb1ca56b47c3b8ab503161c66d96635ccbd396523ee61edef'],
          ['X-Hub-Signature-256', 'sha256=898402d8786bbe5bb1ca56b47c3b8ab503161c66d96635ccbd396523ee61edef'],
        ],
        body: '{"object":"page","entry":[{"id":"1","time":1767225600,"changes":[{"field":"feed"}]}]}',
        key: 'meta_test_app_secret_01',
      },
    ],
  },
})
