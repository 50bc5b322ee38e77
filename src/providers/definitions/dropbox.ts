import { defineProvider } from '../definition.ts'

export const dropbox = defineProvider({
  id: 'dropbox',
  name: 'Dropbox',
  category: 'storage',
  docs: 'https://www.dropbox.com/developers/reference/webhooks',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'X-Dropbox-Signature', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The app secret, as text.',
  setup: [
    'Open the App Console and choose the app.',
    'Copy the app secret from the Settings tab and paste it here.',
    'Under Webhooks add the address of this integration. Dropbox sends a GET with a challenge at once and keeps the address only when it is echoed.',
    'Change a file in a connected account and look for the notification.',
  ],
  rotation:
    'An app has one secret and no second one beside it. Add the new secret here before Dropbox starts to use it, and leave the old one active until its last retries are in.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // A notification says only that something changed for these accounts; it has no id and no time.
  event: { type: 'text:ping', tenant: 'body:$.list_folder.accounts[0]', dedupe: 'content', repeatsAfterSeconds: 60 },
  handshakes: [
    {
      name: 'challenge',
      when: { methods: ['GET'], match: { 'query:challenge': true } },
      signed: false,
      respond: { status: 200, text: { from: 'query:challenge' } },
    },
  ],
  delivery: { success: '2xx', timeoutSeconds: 10, retries: 'repeated with growing pauses' },
  pitfalls: [
    'A notification names accounts and nothing else: read the changes with `list_folder/continue` and the stored cursor.',
    'Two changes of the same accounts can bring the same bytes: within a minute they are taken for one, later for another.',
    'The challenge is the caller’s text coming back; it is sent as plain text and must never be rendered.',
    'No timestamp is signed: a captured request stays valid until the secret changes. It can only make you look again.',
    'One notification can name many accounts; only the first becomes the tenant of the event.',
  ],
  sample: {
    type: 'ping',
    contentType: 'application/json',
    body: '{"list_folder":{"accounts":["dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc","dbid:{{id}}"]},"delta":{"users":[12345678]}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['X-Dropbox-Signature', 'd6a444abc4ebb016ad7d5e99bac94060e4fbc344bebfeb7c142c70bd3a05cf55']],
        body: '{"list_folder":{"accounts":["dbid:AAA1"]},"delta":{"users":[1]}}',
        key: 'dropbox_test_app_secret',
      },
      {
        why: 'the exact bytes: line breaks, UTF-8, escapes and `$&`',
        headers: [['X-Dropbox-Signature', 'fc0ba965b099bfa90ebc3f1218fe70663235b08509981f430f83fcc8e8cf505a']],
        body: '{\n  "list_folder": {\n    "accounts": ["dbid:AAA1"]\n  },\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'dropbox_test_app_secret',
      },
      {
        why: 'hex in upper case',
        headers: [['X-Dropbox-Signature', 'D6A444ABC4EBB016AD7D5E99BAC94060E4FBC344BEBFEB7C142C70BD3A05CF55']],
        body: '{"list_folder":{"accounts":["dbid:AAA1"]},"delta":{"users":[1]}}',
        key: 'dropbox_test_app_secret',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-Dropbox-Signature', 'd6a444abc4ebb016ad7d5e99bac94060e4fbc344bebfeb7c142c70bd3a05cf55']],
        body: '{"list_folder":{"accounts":["dbid:AAA2"]},"delta":{"users":[1]}}',
        key: 'dropbox_test_app_secret',
      },
      {
        why: 'a line break added to the body',
        headers: [['X-Dropbox-Signature', 'd6a444abc4ebb016ad7d5e99bac94060e4fbc344bebfeb7c142c70bd3a05cf55']],
        body: '{"list_folder":{"accounts":["dbid:AAA1"]},"delta":{"users":[1]}}\n',
        key: 'dropbox_test_app_secret',
      },
      {
        why: 'signed with another key',
        headers: [['X-Dropbox-Signature', '4a0d835efe5c2bb7d674a2c3e1aa09ed5d47742cea832d81022db537c334b785']],
        body: '{"list_folder":{"accounts":["dbid:AAA1"]},"delta":{"users":[1]}}',
        key: 'dropbox_test_app_secret',
      },
      {
        why: 'no signature',
        headers: [['Content-Type', 'application/json']],
        body: '{"list_folder":{"accounts":["dbid:AAA1"]},"delta":{"users":[1]}}',
        key: 'dropbox_test_app_secret',
      },
      {
        why: 'an empty signature',
        headers: [['X-Dropbox-Signature', '']],
        body: '{"list_folder":{"accounts":["dbid:AAA1"]},"delta":{"users":[1]}}',
        key: 'dropbox_test_app_secret',
      },
      {
        why: 'base64 in place of hex',
        headers: [['X-Dropbox-Signature', '1qREq8TrsBatfV6ZuslAYOT7w0S+v+t8FCxwvToFz1U=']],
        body: '{"list_folder":{"accounts":["dbid:AAA1"]},"delta":{"users":[1]}}',
        key: 'dropbox_test_app_secret',
      },
      {
        why: 'SHA-1',
        headers: [['X-Dropbox-Signature', '606d075b8a11ac63762c6fb0c244eea7b8639b8a']],
        body: '{"list_folder":{"accounts":["dbid:AAA1"]},"delta":{"users":[1]}}',
        key: 'dropbox_test_app_secret',
      },
      {
        why: 'a prefix where none belongs',
        headers: [['X-Dropbox-Signature', 'sha256=d6a444abc4ebb016ad7d5e99bac94060e4fbc344bebfeb7c142c70bd3a05cf55']],
        body: '{"list_folder":{"accounts":["dbid:AAA1"]},"delta":{"users":[1]}}',
        key: 'dropbox_test_app_secret',
      },
      {
        why: 'two signature headers',
        headers: [
          ['X-Dropbox-Signature', 'd6a444abc4ebb016ad7d5e99bac94060e4fbc344bebfeb7c142c70bd3a05cf55'],
          ['X-Dropbox-Signature', 'd6a444abc4ebb016ad7d5e99bac94060e4fbc344bebfeb7c142c70bd3a05cf55'],
        ],
        body: '{"list_folder":{"accounts":["dbid:AAA1"]},"delta":{"users":[1]}}',
        key: 'dropbox_test_app_secret',
      },
    ],
  },
})
