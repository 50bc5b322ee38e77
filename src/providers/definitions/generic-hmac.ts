import { defineProvider } from '../definition.ts'

export const genericHmac = defineProvider({
  id: 'generic-hmac',
  name: 'Generic HMAC',
  category: 'generic',
  docs: 'https://www.rfc-editor.org/rfc/rfc2104',
  schemes: [
    {
      family: 'hmac',
      name: 'hmac-sha256',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: {
        header: 'X-Signature-256',
        parse: { kind: 'prefix', prefix: 'sha256=', optional: true },
        encoding: 'hex',
      },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'Any text that both sides know: make a long random one.',
  setup: [
    'Make a long random secret, for example with `openssl rand -hex 32`, and paste it here as the key of the integration.',
    'Give the sender the same secret, as text, and the URL of the integration.',
    'Let it send the HMAC-SHA256 of the raw body, in hex, as `X-Signature-256: sha256=…`; the prefix may be left out.',
    'Try it with `postern send`, which signs in the same way.',
  ],
  rotation: 'Add the new secret here as a second key, change it at the sender, then remove the old key.',
  payload: [
    { kind: 'json' },
    { kind: 'form' },
    { kind: 'opaque', contentTypes: ['text/plain', 'text/xml', 'application/xml', 'application/octet-stream'] },
    { kind: 'empty' },
  ],
  methods: ['POST', 'PUT'],
  // Nobody knows what this sender means by `id`; it may name a thing that has many events.
  event: {
    id: 'body:$.id | form:id',
    type: 'body:$.type | body:$.event | form:type | form:event',
    occurredAt: 'body:$.timestamp | body:$.created_at',
    dedupe: 'content',
  },
  delivery: { success: '2xx', retries: 'the sender’s choice' },
  pitfalls: [
    'Two events with the same bytes count as one: let the sender put a time or a number into the body.',
    'No time is signed: a captured request stays valid until the secret changes. A sender of your own had better sign as Standard Webhooks says.',
    'The signature is over the bytes as sent; a proxy that rewrites bodies breaks it.',
  ],
  sample: {
    type: 'order.paid',
    contentType: 'application/json',
    body: '{"id":"{{id}}","type":"{{type}}","timestamp":"{{iso}}","data":{"amount":1999,"currency":"eur"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['X-Signature-256', 'sha256=ad2790c14506535ef1ef6f2e0159a0aa0fe3cecd88a7027812117161fa2f9eab']],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'generic_test_secret_0123456789',
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`: the bytes as they are',
        headers: [['X-Signature-256', 'sha256=d00304363fb365e1c85eeef8a73d30ee7ec138cd6cd674f1b57f8b27200626ea']],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $1 \\u00e9",\n  "n": 1\n}\n',
        key: 'generic_test_secret_0123456789',
      },
      {
        why: 'without the prefix',
        headers: [['X-Signature-256', 'ad2790c14506535ef1ef6f2e0159a0aa0fe3cecd88a7027812117161fa2f9eab']],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'generic_test_secret_0123456789',
      },
      {
        why: 'hex in upper case',
        headers: [['X-Signature-256', 'sha256=AD2790C14506535EF1EF6F2E0159A0AA0FE3CECD88A7027812117161FA2F9EAB']],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'generic_test_secret_0123456789',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-Signature-256', 'sha256=ad2790c14506535ef1ef6f2e0159a0aa0fe3cecd88a7027812117161fa2f9eab']],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":9999}}',
        key: 'generic_test_secret_0123456789',
      },
      {
        why: 'parsed and written again',
        headers: [['X-Signature-256', 'sha256=d00304363fb365e1c85eeef8a73d30ee7ec138cd6cd674f1b57f8b27200626ea']],
        body: '{"id":"evt_2","note":"Grüße 🚀 $& $1 é","n":1}',
        key: 'generic_test_secret_0123456789',
      },
      {
        why: 'signed with another key',
        headers: [['X-Signature-256', 'sha256=ab4724d09ba571437b24839ff6f3f4db3ee361956c3909d827dff375144f8628']],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'generic_test_secret_0123456789',
      },
      {
        why: 'no signature',
        headers: [],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'generic_test_secret_0123456789',
      },
      {
        why: 'an empty signature',
        headers: [['X-Signature-256', '']],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'generic_test_secret_0123456789',
      },
      {
        why: 'base64 in place of hex',
        headers: [['X-Signature-256', 'sha256=rSeQwUUGU17x728uAVmgqg/jzs2IpwJ4EhFxYfovnqs=']],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'generic_test_secret_0123456789',
      },
      {
        why: 'SHA-1 of the same bytes',
        headers: [['X-Signature-256', 'sha1=ee4ccb44d07e6fda1e5e37953178753647c38cd5']],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'generic_test_secret_0123456789',
      },
      {
        why: 'the header twice',
        headers: [
          ['X-Signature-256', 'sha256=ad2790c14506535ef1ef6f2e0159a0aa0fe3cecd88a7027812117161fa2f9eab'],
          ['X-Signature-256', 'sha256=ad2790c14506535ef1ef6f2e0159a0aa0fe3cecd88a7027812117161fa2f9eab'],
        ],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'generic_test_secret_0123456789',
      },
      {
        why: 'the prefix twice',
        headers: [
          ['X-Signature-256', 'sha256=sha256=ad2790c14506535ef1ef6f2e0159a0aa0fe3cecd88a7027812117161fa2f9eab'],
        ],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'generic_test_secret_0123456789',
      },
      {
        why: 'another prefix before the right digest',
        headers: [['X-Signature-256', 'sha512=ad2790c14506535ef1ef6f2e0159a0aa0fe3cecd88a7027812117161fa2f9eab']],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'generic_test_secret_0123456789',
      },
    ],
  },
})
