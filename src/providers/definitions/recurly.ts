import { defineProvider } from '../definition.ts'

export const recurly = defineProvider({
  id: 'recurly',
  name: 'Recurly',
  category: 'billing',
  docs: 'https://docs.recurly.com/recurly-subscriptions/docs/signature-verification',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'recurly-signature', parse: { kind: 'positional', itemSeparator: ',' }, encoding: 'hex' },
      signed: [{ templates: ['{ts}.{body}'] }],
      timestamp: { in: 'signature', unit: 'ms', toleranceSeconds: 300, toleranceDocumented: false },
    },
    {
      family: 'basic',
      name: 'basic',
      usernameSetting: 'username',
      keyForm: 'The password of the endpoint’s HTTP authentication; `user:password` while no user name is set here.',
      weakness: 'The password does not cover the body: who sees one request can make any other.',
    },
  ],
  keyForm: 'The signing key of the webhook endpoint, as text.',
  settings: [
    {
      name: 'username',
      what: 'The user name of the endpoint’s HTTP authentication.',
      example: 'hook-user',
      schemes: ['basic'],
    },
  ],
  setup: [
    'In Recurly open Integrations, then Webhooks, and choose New Endpoint.',
    'Give this integration’s public URL, choose JSON as the format and select the events.',
    'Save, open the endpoint, reveal its signing key and paste it here.',
    'For XML, which is never signed, enter a user name and a password there and choose the scheme basic.',
  ],
  rotation:
    'Generate a new key at the endpoint and add it here: for 24 hours every notification carries a signature of each. Remove the old one after that.',
  // XML comes only to the scheme basic and is passed on unread.
  payload: [{ kind: 'json-object' }, { kind: 'opaque', contentTypes: ['application/xml', 'text/xml'] }],
  methods: ['POST'],
  // The notification id is a header that is not signed; dedupe is by the body.
  event: {
    id: 'header:recurly-notification-id',
    type: 'body:$.object_type + body:$.event_type | body:$.event_type',
    tenant: 'body:$.site_id',
    subject: 'body:$.id',
    occurredAt: 'body:$.event_time',
  },
  delivery: { success: '2xx', timeoutSeconds: 5, retries: '10 with growing pauses' },
  pitfalls: [
    'The time in the header is in milliseconds.',
    'XML notifications are never signed.',
    'For 24 hours after a key was regenerated there are two signatures; either may match.',
    'In the older JSON form the event’s name is the only member at the top and no value: such events arrive without a type.',
  ],
  sample: {
    type: 'charge_invoice.paid',
    contentType: 'application/json',
    body: '{"id":"posterntest01","uuid":"{{id}}","object_type":"charge_invoice","event_type":"paid","event_time":"{{iso}}","site_id":"posternsite","account_id":"posternaccount"}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['recurly-signature', '1767225600000,ca1c71f939ee97e82267b9efbf41eb78424f1bd96ae736f41836a5acc8ad782c'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'recurly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'the exact bytes: indented, UTF-8, text that looks like a replacement pattern',
        headers: [
          ['recurly-signature', '1767225600000,e78a62de0982bb7cf8b9cbdc43ea4505ebc55d482490ec90d18a6b121c5b7fc6'],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'recurly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'rotation: the second of two signatures is right',
        headers: [
          [
            'recurly-signature',
            '1767225600000,76c0bfd9e32a466c987f66dc01ab6ec736a374660ca235331b0b51d6e3ac37a9,ca1c71f939ee97e82267b9efbf41eb78424f1bd96ae736f41836a5acc8ad782c',
          ],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'recurly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'user and password; the password holds a colon and UTF-8',
        scheme: 'basic',
        headers: [['Authorization', 'Basic aG9vay11c2VyOnBAc3M6d8O2cmQtdGVzdA==']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'p@ss:wörd-test',
        settings: { username: 'hook-user' },
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['recurly-signature', '1767225600000,ca1c71f939ee97e82267b9efbf41eb78424f1bd96ae736f41836a5acc8ad782c'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":9999}',
        key: 'recurly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['recurly-signature', '1767225600001,ca1c71f939ee97e82267b9efbf41eb78424f1bd96ae736f41836a5acc8ad782c'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'recurly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'the time in seconds',
        headers: [['recurly-signature', '1767225600,84f98423887142bb314a7db2082b9c18052c2d270faed540317d446a09bad4a9']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'recurly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'signed with another key',
        headers: [
          ['recurly-signature', '1767225600000,76c0bfd9e32a466c987f66dc01ab6ec736a374660ca235331b0b51d6e3ac37a9'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'recurly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [['recurly-signature', 'ca1c71f939ee97e82267b9efbf41eb78424f1bd96ae736f41836a5acc8ad782c']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'recurly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'no signature',
        headers: [],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'recurly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'base64 in place of hex',
        headers: [['recurly-signature', '1767225600000,yhxx+Tnul+giZ7nvv0HreEJPG9lq5zb0GDalrMiteCw=']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'recurly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['recurly-signature', '1767225600000,ca1c71f939ee97e82267b9efbf41eb78424f1bd96ae736f41836a5acc8ad782c'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'recurly_test_signing_key',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['recurly-signature', '1767225600000,ca1c71f939ee97e82267b9efbf41eb78424f1bd96ae736f41836a5acc8ad782c'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'recurly_test_signing_key',
        at: 1767225299,
      },
      {
        why: 'another password',
        scheme: 'basic',
        headers: [['Authorization', 'Basic aG9vay11c2VyOndyb25n']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'p@ss:wörd-test',
        settings: { username: 'hook-user' },
      },
      {
        why: 'another user',
        scheme: 'basic',
        headers: [['Authorization', 'Basic aG9vay11c2VyMjpwQHNzOnfDtnJkLXRlc3Q=']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'p@ss:wörd-test',
        settings: { username: 'hook-user' },
      },
      {
        why: 'no credentials',
        scheme: 'basic',
        headers: [],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'p@ss:wörd-test',
        settings: { username: 'hook-user' },
      },
      {
        why: 'another scheme',
        scheme: 'basic',
        headers: [['Authorization', 'Bearer aG9vay11c2VyOnBAc3M6d8O2cmQtdGVzdA==']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'p@ss:wörd-test',
        settings: { username: 'hook-user' },
      },
    ],
  },
})
