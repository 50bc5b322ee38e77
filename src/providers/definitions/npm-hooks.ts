import { defineProvider } from '../definition.ts'

export const npmHooks = defineProvider({
  id: 'npm-hooks',
  name: 'npm hooks',
  category: 'developer tools',
  docs: 'https://github.com/npm/npm-hook-receiver',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'x-npm-signature', parse: { kind: 'prefix', prefix: 'sha256=' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'Free text, chosen when the hook is made.',
  setup: [
    'Make a long random secret and paste it here as the key of the integration.',
    'Run `npm hook add <package, @scope or ~user> <URL of the integration> <secret>` with an npm that still has the command.',
    'Run `npm hook ls` to see the hook and when it was last called.',
  ],
  rotation:
    'Add the new secret here as a second key, run `npm hook update <id> <url> <new secret>`, then remove the old key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // There is no id. The body holds the time of the change and is its identity.
  event: {
    type: 'body:$.event',
    tenant: 'body:$.name',
    subject: 'body:$.name',
    occurredAt: 'body:$.time',
  },
  delivery: { success: '2xx', retries: 'unknown; rely on none' },
  pitfalls: [
    'There is no event id.',
    'The body holds the whole package document, which is large for packages with many versions: raise `maxBodyBytes`.',
    'No time is checked: a captured delivery stays valid until the secret changes.',
  ],
  sample: {
    type: 'package:publish',
    contentType: 'application/json',
    body: '{"event":"{{type}}","name":"@postern/sample","type":"package","version":"1.0.0","hookOwner":{"username":"ada"},"payload":{"_id":"{{id}}"},"change":{"version":"1.0.1"},"time":{{seconds}}000}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['x-npm-signature', 'sha256=4dd203b0141c19c53994fbd027b7af53be1efc8792d7adfe00200eef3ff22c2f']],
        body: '{"event":"package:publish","name":"@postern/sample","n":1}',
        key: 'npm_test_secret_0123456789',
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`: the bytes as they are',
        headers: [['x-npm-signature', 'sha256=f26d492caa0077173e90291d66698fb12291b01da3561d38085200b64e450448']],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $1 \\u00e9",\n  "n": 1\n}\n',
        key: 'npm_test_secret_0123456789',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['x-npm-signature', 'sha256=4dd203b0141c19c53994fbd027b7af53be1efc8792d7adfe00200eef3ff22c2f']],
        body: '{"event":"package:publish","name":"@postern/sample","n":2}',
        key: 'npm_test_secret_0123456789',
      },
      {
        why: 'parsed and written again',
        headers: [['x-npm-signature', 'sha256=f26d492caa0077173e90291d66698fb12291b01da3561d38085200b64e450448']],
        body: '{"id":"evt_2","note":"Grüße 🚀 $& $1 é","n":1}',
        key: 'npm_test_secret_0123456789',
      },
      {
        why: 'signed with another key',
        headers: [['x-npm-signature', 'sha256=48ded68f2ffbd2f916f5dd93570f1e3af8120a1ff89e689ef2ec4d274e1e6557']],
        body: '{"event":"package:publish","name":"@postern/sample","n":1}',
        key: 'npm_test_secret_0123456789',
      },
      {
        why: 'no signature',
        headers: [],
        body: '{"event":"package:publish","name":"@postern/sample","n":1}',
        key: 'npm_test_secret_0123456789',
      },
      {
        why: 'an empty signature',
        headers: [['x-npm-signature', '']],
        body: '{"event":"package:publish","name":"@postern/sample","n":1}',
        key: 'npm_test_secret_0123456789',
      },
      {
        why: 'base64 in place of hex',
        headers: [['x-npm-signature', 'sha256=TdIDsBQcGcU5lPvQJ7evU74e/IeS163+ACAO7z/yLC8=']],
        body: '{"event":"package:publish","name":"@postern/sample","n":1}',
        key: 'npm_test_secret_0123456789',
      },
      {
        why: 'SHA-1 of the same bytes',
        headers: [['x-npm-signature', 'sha1=1325f2cc36f376abb2345a46729a9ece21b2b618']],
        body: '{"event":"package:publish","name":"@postern/sample","n":1}',
        key: 'npm_test_secret_0123456789',
      },
      {
        why: 'the header twice',
        headers: [
          ['x-npm-signature', 'sha256=4dd203b0141c19c53994fbd027b7af53be1efc8792d7adfe00200eef3ff22c2f'],
          ['x-npm-signature', 'sha256=4dd203b0141c19c53994fbd027b7af53be1efc8792d7adfe00200eef3ff22c2f'],
        ],
        body: '{"event":"package:publish","name":"@postern/sample","n":1}',
        key: 'npm_test_secret_0123456789',
      },
      {
        why: 'no prefix',
        headers: [['x-npm-signature', '4dd203b0141c19c53994fbd027b7af53be1efc8792d7adfe00200eef3ff22c2f']],
        body: '{"event":"package:publish","name":"@postern/sample","n":1}',
        key: 'npm_test_secret_0123456789',
      },
    ],
  },
})
