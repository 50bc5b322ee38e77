import { defineProvider } from '../definition.ts'

export const hookdeck = defineProvider({
  id: 'hookdeck',
  name: 'Hookdeck (forwarded)',
  category: 'generic',
  docs: 'https://hookdeck.com/docs/guides/how-to-verify-incoming-webhooks',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: {
        header: 'x-hookdeck-signature',
        also: ['x-hookdeck-signature-2'],
        parse: { kind: 'raw' },
        encoding: 'base64',
      },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The project’s signing secret, as text.',
  setup: [
    'Open the Hookdeck project’s settings, then Secrets, and copy the signing secret.',
    'Paste it here as the key of the integration.',
    'Make a destination of the kind HTTP with the URL of the integration, and leave its authentication on Hookdeck signature.',
    'Let the source verify the original sender’s signature: what arrives here is signed by Hookdeck alone.',
  ],
  rotation:
    'Roll the secret in the project’s settings and add the new one here as a second key at once; both sign until the old one ends, then remove the old key.',
  payload: [
    { kind: 'json' },
    { kind: 'form' },
    { kind: 'opaque', contentTypes: ['text/plain', 'text/xml', 'application/xml', 'application/octet-stream'] },
    { kind: 'empty' },
  ],
  methods: ['POST', 'PUT'],
  // The event’s id is a header beside the signature, so dedupe is by the body.
  event: {
    id: 'header:x-hookdeck-eventid',
    type: 'body:$.type | body:$.event | header:x-hookdeck-source-name',
    tenant: 'header:x-hookdeck-source-name',
    subject: 'body:$.data.id | body:$.id',
  },
  delivery: { success: '2xx', retries: 'as the connection’s retry rule says' },
  pitfalls: [
    'A match proves that Hookdeck sent this, not that the original sender did: x-hookdeck-verified is not signed.',
    'A transformation changes the body; the signature is over the changed one.',
    'During a change of secret there are two signatures, the second in x-hookdeck-signature-2.',
    'No time is signed: a captured delivery stays valid until the secret changes.',
  ],
  sample: {
    type: 'order.paid',
    idPrefix: 'evt_',
    contentType: 'application/json',
    headers: [
      ['x-hookdeck-source-name', 'shop-orders'],
      ['x-hookdeck-verified', 'true'],
    ],
    body: '{"type":"{{type}}","id":"{{id}}","created":"{{iso}}","data":{"id":"ord_1","amount":1999,"currency":"eur"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['x-hookdeck-eventid', 'evt_1'],
          ['x-hookdeck-signature', 'z7mKbHX0/jauUxs0uEfqVJuNr2TUi9RB78QFiIMCKDQ='],
        ],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'hookdeck_test_signing_secret_0123',
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`: the bytes as they are',
        headers: [
          ['x-hookdeck-eventid', 'evt_1'],
          ['x-hookdeck-signature', 'mp2N1c6Xq+LuhmV9eW8PViFWl3zSs6h+E9OeVrM9hAs='],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $1 \\u00e9",\n  "n": 1\n}\n',
        key: 'hookdeck_test_signing_secret_0123',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['x-hookdeck-eventid', 'evt_1'],
          ['x-hookdeck-signature', 'z7mKbHX0/jauUxs0uEfqVJuNr2TUi9RB78QFiIMCKDQ='],
        ],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":9999}}',
        key: 'hookdeck_test_signing_secret_0123',
      },
      {
        why: 'parsed and written again',
        headers: [
          ['x-hookdeck-eventid', 'evt_1'],
          ['x-hookdeck-signature', 'mp2N1c6Xq+LuhmV9eW8PViFWl3zSs6h+E9OeVrM9hAs='],
        ],
        body: '{"id":"evt_2","note":"Grüße 🚀 $& $1 é","n":1}',
        key: 'hookdeck_test_signing_secret_0123',
      },
      {
        why: 'signed with another key',
        headers: [
          ['x-hookdeck-eventid', 'evt_1'],
          ['x-hookdeck-signature', 'BdFeWYXHnwowCxGVihu97HC33xwExqNrTCUTk6cFSF8='],
        ],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'hookdeck_test_signing_secret_0123',
      },
      {
        why: 'no signature',
        headers: [['x-hookdeck-eventid', 'evt_1']],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'hookdeck_test_signing_secret_0123',
      },
      {
        why: 'an empty signature',
        headers: [
          ['x-hookdeck-eventid', 'evt_1'],
          ['x-hookdeck-signature', ''],
        ],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'hookdeck_test_signing_secret_0123',
      },
      {
        why: 'hex in place of base64',
        headers: [
          ['x-hookdeck-eventid', 'evt_1'],
          ['x-hookdeck-signature', 'cfb98a6c75f4fe36ae531b34b847ea549b8daf64d48bd441efc4058883022834'],
        ],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'hookdeck_test_signing_secret_0123',
      },
      {
        why: 'SHA-1 of the same bytes',
        headers: [
          ['x-hookdeck-eventid', 'evt_1'],
          ['x-hookdeck-signature', 'qK/ospi6SnI0TV3gGxVv1VkFJb4='],
        ],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'hookdeck_test_signing_secret_0123',
      },
      {
        why: 'the header twice',
        headers: [
          ['x-hookdeck-eventid', 'evt_1'],
          ['x-hookdeck-signature', 'z7mKbHX0/jauUxs0uEfqVJuNr2TUi9RB78QFiIMCKDQ='],
          ['x-hookdeck-signature', 'z7mKbHX0/jauUxs0uEfqVJuNr2TUi9RB78QFiIMCKDQ='],
        ],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'hookdeck_test_signing_secret_0123',
      },
      {
        why: 'padding left out',
        headers: [
          ['x-hookdeck-eventid', 'evt_1'],
          ['x-hookdeck-signature', 'z7mKbHX0/jauUxs0uEfqVJuNr2TUi9RB78QFiIMCKDQ'],
        ],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'hookdeck_test_signing_secret_0123',
      },
      {
        why: 'a prefix that is not Hookdeck’s',
        headers: [
          ['x-hookdeck-eventid', 'evt_1'],
          ['x-hookdeck-signature', 'sha256=z7mKbHX0/jauUxs0uEfqVJuNr2TUi9RB78QFiIMCKDQ='],
        ],
        body: '{"id":"evt_1","type":"order.paid","data":{"amount":1999}}',
        key: 'hookdeck_test_signing_secret_0123',
      },
    ],
  },
})
