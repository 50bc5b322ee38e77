import { defineProvider } from '../definition.ts'

export const whatsapp = defineProvider({
  id: 'whatsapp',
  name: 'WhatsApp Cloud API',
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
  keyForm: 'The app secret of the Meta app: App settings, Basic. It is used as text, although it looks like hex.',
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
    'In the app dashboard open WhatsApp, Configuration, and enter the receive URL and the verify token.',
    'Subscribe to the field messages, and to others that you want.',
    'Subscribe the app to the WhatsApp Business Account (subscribed_apps).',
  ],
  rotation:
    'Resetting the app secret ends the old one at once, for API calls too. Add the new secret here right away and keep the old one for the 7 days in which retries may come.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // A batch, and a message brings several statuses under one id: the body is the identity.
  event: {
    id: 'body:$.entry[0].changes[0].value.messages[0].id | body:$.entry[0].changes[0].value.statuses[0].id',
    type: 'body:$.object + body:$.entry[0].changes[0].field | body:$.object',
    tenant: 'body:$.entry[0].id',
    subject: 'body:$.entry[0].changes[0].value.metadata.phone_number_id',
    occurredAt:
      'body:$.entry[0].changes[0].value.messages[0].timestamp | body:$.entry[0].changes[0].value.statuses[0].timestamp | body:$.entry[0].time',
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
  delivery: { success: '200', timeoutSeconds: 10, retries: 'for up to 7 days' },
  answers: { accepted: { status: 200 } },
  pitfalls: [
    'Meta signs what it sends, with \\u00e4 and \\/ written as escapes. Parsed and written anew, the body no longer verifies.',
    'The query names of the challenge hold dots, hub.mode. Some parsers turn them into hub_mode.',
    'The challenge is the caller’s own text: it goes out as text/plain.',
    'One request may hold up to 1000 changes.',
    'Sent, delivered and read arrive under the same message id.',
    'The secret is the app’s: one app that serves several business accounts signs for all of them.',
  ],
  sample: {
    type: 'whatsapp_business_account.messages',
    idPrefix: 'wamid.',
    contentType: 'application/json',
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"messages":[{"from":"16505551234","id":"{{id}}","timestamp":"{{seconds}}","type":"text","text":{"body":"Does it come in another color?"}}]}}]}]}',
  },
  vectors: {
    accepted: [
      {
        why: 'a batch of one',
        headers: [['X-Hub-Signature-256', 'sha256=d1db2f22ddba092f734f687a57094d50382d89f204a202a22695c8167b947289']],
        body: '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages"}]}]}',
        key: 'whatsapp_test_app_secret_01',
      },
      {
        why: 'escapes as Meta writes them, and text that a template must not expand',
        headers: [['X-Hub-Signature-256', 'sha256=1ad21e81b0e1216ec2fc3f7cc2bdb898931aa338b3ac5e159f0bb61dcc7b871c']],
        body: '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":"\\u00e4\\u00f6 \\ud83d\\ude80 <a>\\/b $& $1"}]}]}',
        key: 'whatsapp_test_app_secret_01',
      },
      {
        why: 'hex in upper case',
        headers: [['X-Hub-Signature-256', 'sha256=D1DB2F22DDBA092F734F687A57094D50382D89F204A202A22695C8167B947289']],
        body: '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages"}]}]}',
        key: 'whatsapp_test_app_secret_01',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-Hub-Signature-256', 'sha256=d1db2f22ddba092f734f687a57094d50382d89f204a202a22695c8167b947289']],
        body: '{"object":"whatsapp_business_account","entry":[{"id":"2","changes":[{"field":"messages"}]}]}',
        key: 'whatsapp_test_app_secret_01',
      },
      {
        why: 'one space more',
        headers: [['X-Hub-Signature-256', 'sha256=d1db2f22ddba092f734f687a57094d50382d89f204a202a22695c8167b947289']],
        body: '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages"}]}]} ',
        key: 'whatsapp_test_app_secret_01',
      },
      {
        why: 'parsed and written anew: the escapes are gone',
        headers: [['X-Hub-Signature-256', 'sha256=1ad21e81b0e1216ec2fc3f7cc2bdb898931aa338b3ac5e159f0bb61dcc7b871c']],
        body: '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":"äö 🚀 <a>/b $& $1"}]}]}',
        key: 'whatsapp_test_app_secret_01',
      },
      {
        why: 'signed with another secret',
        headers: [['X-Hub-Signature-256', 'sha256=fcdd53fa8f26c6a569bbe0621a9fae4e16fa7aa7c71082ecd7bc3931c3efb69e']],
        body: '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages"}]}]}',
        key: 'whatsapp_test_app_secret_01',
      },
      {
        why: 'no prefix',
        headers: [['X-Hub-Signature-256', 'd1db2f22ddba092f734f687a57094d50382d89f204a202a22695c8167b947289']],
        body: '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages"}]}]}',
        key: 'whatsapp_test_app_secret_01',
      },
      {
        why: 'base64 in place of hex',
        headers: [['X-Hub-Signature-256', 'sha256=0dsvIt26CS9zT2h6VwlNUDgtifIEogKiJpXIFnuUcok=']],
        body: '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages"}]}]}',
        key: 'whatsapp_test_app_secret_01',
      },
      {
        why: 'only the older SHA-1 header',
        headers: [['X-Hub-Signature', 'sha1=6b18f01f32e6eb27099af9398c3bec086c76d49b']],
        body: '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages"}]}]}',
        key: 'whatsapp_test_app_secret_01',
      },
      {
        why: 'SHA-1 in the newer header',
        headers: [['X-Hub-Signature-256', 'sha1=6b18f01f32e6eb27099af9398c3bec086c76d49b']],
        body: '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages"}]}]}',
        key: 'whatsapp_test_app_secret_01',
      },
      {
        why: 'an empty header',
        headers: [['X-Hub-Signature-256', '']],
        body: '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages"}]}]}',
        key: 'whatsapp_test_app_secret_01',
      },
      {
        why: 'no header',
        headers: [],
        body: '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages"}]}]}',
        key: 'whatsapp_test_app_secret_01',
      },
      {
        why: 'the header twice',
        headers: [
          ['X-Hub-Signature-256', 'sha256=d1db2f22ddba092f734f687a57094d50382d89f204a202a22695c8167b947289'],
          ['X-Hub-Signature-256', 'sha256=d1db2f22ddba092f734f687a57094d50382d89f204a202a22695c8167b947289'],
        ],
        body: '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages"}]}]}',
        key: 'whatsapp_test_app_secret_01',
      },
    ],
  },
})
