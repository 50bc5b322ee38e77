import { defineProvider } from '../definition.ts'

export const segment = defineProvider({
  id: 'segment',
  name: 'Segment',
  category: 'data',
  docs: 'https://segment.com/docs/connections/destinations/catalog/actions-webhook/',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha1',
      key: { decode: 'utf8' },
      signature: { header: 'X-Signature', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The shared secret of the webhook destination, as text.',
  setup: [
    'In Segment add the destination “Webhooks (Actions)” to a source.',
    'Enter a long random shared secret in its settings and paste the same here.',
    'Add a mapping with the address of this integration as URL, method POST, and the whole event as data.',
    'Enable the destination and send a test event.',
  ],
  rotation:
    'A destination has one shared secret. Add the new one here, change it in the destination’s settings, and remove the old one here when its last retries are in.',
  payload: [{ kind: 'json' }],
  methods: ['POST', 'PUT'],
  event: {
    id: 'body:$.messageId',
    type: 'body:$.type + body:$.event | body:$.type | body:$[0].type',
    tenant: 'body:$.projectId',
    subject: 'body:$.userId | body:$.anonymousId',
    occurredAt: 'body:$.timestamp',
  },
  delivery: { success: '2xx', retries: 'repeated for some hours with growing pauses' },
  pitfalls: [
    'SHA-1 in hex, with nothing before it. The header’s name is shared with other senders.',
    'A destination without a shared secret sends unsigned requests; they are refused here.',
    'The mapping decides what is in the body: keep `messageId` and `type`, or events have neither id nor type.',
    'With batching on, the body is a list and its bytes are the identity.',
    'No timestamp is signed: the signed messageId is what makes a repeat harmless.',
  ],
  sample: {
    type: 'identify',
    idPrefix: 'ajs-next-',
    contentType: 'application/json',
    body: '{"type":"{{type}}","messageId":"{{id}}","userId":"97980cfea0067","traits":{"plan":"sample"},"timestamp":"{{iso}}","projectId":"postern0"}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['X-Signature', '3b647c357e804e23a8d9101cb2c99bf3da1abfa5']],
        body: '{"type":"track","event":"Order Completed","messageId":"m1"}',
        key: 'segment_test_shared_secret',
      },
      {
        why: 'the exact bytes: line breaks, UTF-8, escapes and `$&`',
        headers: [['X-Signature', '8a9745d3c35cb06b1c5df00f4a9c16c8ad646a86']],
        body: '{\n  "type": "track",\n  "event": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'segment_test_shared_secret',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-Signature', '3b647c357e804e23a8d9101cb2c99bf3da1abfa5']],
        body: '{"type":"track","event":"Order Completed","messageId":"m2"}',
        key: 'segment_test_shared_secret',
      },
      {
        why: 'a line break added to the body',
        headers: [['X-Signature', '3b647c357e804e23a8d9101cb2c99bf3da1abfa5']],
        body: '{"type":"track","event":"Order Completed","messageId":"m1"}\n',
        key: 'segment_test_shared_secret',
      },
      {
        why: 'signed with another key',
        headers: [['X-Signature', '93ee13d28c84ac3b066c58e98a78c58c0c610940']],
        body: '{"type":"track","event":"Order Completed","messageId":"m1"}',
        key: 'segment_test_shared_secret',
      },
      {
        why: 'no signature',
        headers: [['Content-Type', 'application/json']],
        body: '{"type":"track","event":"Order Completed","messageId":"m1"}',
        key: 'segment_test_shared_secret',
      },
      {
        why: 'an empty signature',
        headers: [['X-Signature', '']],
        body: '{"type":"track","event":"Order Completed","messageId":"m1"}',
        key: 'segment_test_shared_secret',
      },
      {
        why: 'base64 in place of hex',
        headers: [['X-Signature', 'O2R8NX6ATiOo2RAcssmb89oav6U=']],
        body: '{"type":"track","event":"Order Completed","messageId":"m1"}',
        key: 'segment_test_shared_secret',
      },
      {
        why: 'SHA-256',
        headers: [['X-Signature', 'd82a735b72aad6ad7d4cf8fb7f202c50a737e5f263f43e2c164e9d7e69f8ba08']],
        body: '{"type":"track","event":"Order Completed","messageId":"m1"}',
        key: 'segment_test_shared_secret',
      },
      {
        why: 'a prefix where none belongs',
        headers: [['X-Signature', 'sha1=3b647c357e804e23a8d9101cb2c99bf3da1abfa5']],
        body: '{"type":"track","event":"Order Completed","messageId":"m1"}',
        key: 'segment_test_shared_secret',
      },
      {
        why: 'two signature headers',
        headers: [
          ['X-Signature', '3b647c357e804e23a8d9101cb2c99bf3da1abfa5'],
          ['X-Signature', '3b647c357e804e23a8d9101cb2c99bf3da1abfa5'],
        ],
        body: '{"type":"track","event":"Order Completed","messageId":"m1"}',
        key: 'segment_test_shared_secret',
      },
    ],
  },
})
