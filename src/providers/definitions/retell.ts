import { defineProvider } from '../definition.ts'

export const retell = defineProvider({
  id: 'retell',
  name: 'Retell AI',
  category: 'ai',
  docs: 'https://docs.retellai.com/features/secure-webhook',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8', label: 'key_' },
      signature: {
        header: 'x-retell-signature',
        parse: { kind: 'pairs', itemSeparator: ',', valueSeparator: '=', signatureKey: 'd', timestampKey: 'v' },
        encoding: 'hex',
      },
      signed: [{ templates: ['{body}{ts}'] }],
      timestamp: { in: 'signature', unit: 'ms', toleranceSeconds: 300, toleranceDocumented: true },
    },
  ],
  keyForm: 'The API key with the webhook badge beside it, whole.',
  setup: [
    'In the Retell dashboard open API Keys and copy the key that has the webhook badge; no other key signs.',
    'Create the integration with that key.',
    'Enter the public URL under Settings, Webhooks, for the account, or as the webhook URL of one agent.',
    'Make a test call and look for call_started.',
  ],
  rotation:
    'Add the new API key here as a second key before it takes over the webhook badge, and retire the old key when requests match the new one.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // transcript_updated comes many times for one call, so call and event together do not name one event.
  event: {
    id: 'body:$.call.call_id + body:$.event | body:$.chat.chat_id + body:$.event',
    type: 'body:$.event',
    tenant: 'body:$.call.agent_id | body:$.chat.agent_id',
    subject: 'body:$.call.call_id | body:$.chat.chat_id',
    occurredAt: 'body:$.call.end_timestamp | body:$.call.start_timestamp',
    dedupe: 'content',
  },
  delivery: {
    success: '2xx',
    timeoutSeconds: 10,
    retries: 'up to 3',
    addresses: 'https://docs.retellai.com/features/secure-webhook',
  },
  pitfalls: [
    'The header is v=<milliseconds>,d=<hex>: `v` is the time, not a version.',
    'The time is appended to the body, not put before it.',
    'The key is an API key and can do more than sign: treat it so.',
    'A webhook URL on an agent replaces the account’s for that agent.',
  ],
  sample: {
    type: 'call_ended',
    contentType: 'application/json',
    body: '{"event":"{{type}}","call":{"call_type":"phone_call","call_id":"{{id}}","agent_id":"agent_1","call_status":"ended","start_timestamp":{{seconds}}000,"end_timestamp":{{seconds}}500,"disconnection_reason":"user_hangup"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'one event',
        headers: [
          ['x-retell-signature', 'v=1767225600000,d=8244cd7407866ff9e9ab5d4d813a5bd72600d8a467f8b944e71466b5fbc40752'],
        ],
        body: '{"event":"call_ended","call":{"call_id":"c1"}}',
        key: 'key_test_retell_00000001',
        at: 1767225605,
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`',
        headers: [
          ['x-retell-signature', 'v=1767225600000,d=ee0b84b6031dde9bbbab608061d3e249fd08386a722e588a6f2caef8ddc5e0e1'],
        ],
        body: '{\n  "event": "call_analyzed",\n  "call": {\n    "call_id": "c3",\n    "transcript": "Grüße 🚀 $& $1"\n  }\n}\n',
        key: 'key_test_retell_00000001',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: [
          ['x-retell-signature', 'v=1767225600000,d=8244cd7407866ff9e9ab5d4d813a5bd72600d8a467f8b944e71466b5fbc40752'],
        ],
        body: '{"event":"call_ended","call":{"call_id":"c1"}}',
        key: 'key_test_retell_00000001',
        at: 1767225900,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['x-retell-signature', 'v=1767225600000,d=8244cd7407866ff9e9ab5d4d813a5bd72600d8a467f8b944e71466b5fbc40752'],
        ],
        body: '{"event":"call_ended","call":{"call_id":"c2"}}',
        key: 'key_test_retell_00000001',
        at: 1767225605,
      },
      {
        why: 'another API key',
        headers: [
          ['x-retell-signature', 'v=1767225600000,d=620466ff0327e952451358ef5acea9ebe2f1d589474fed1470a2204ced6b2ad6'],
        ],
        body: '{"event":"call_ended","call":{"call_id":"c1"}}',
        key: 'key_test_retell_00000001',
        at: 1767225605,
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['x-retell-signature', 'v=1767225600001,d=8244cd7407866ff9e9ab5d4d813a5bd72600d8a467f8b944e71466b5fbc40752'],
        ],
        body: '{"event":"call_ended","call":{"call_id":"c1"}}',
        key: 'key_test_retell_00000001',
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [['x-retell-signature', 'd=8244cd7407866ff9e9ab5d4d813a5bd72600d8a467f8b944e71466b5fbc40752']],
        body: '{"event":"call_ended","call":{"call_id":"c1"}}',
        key: 'key_test_retell_00000001',
        at: 1767225605,
      },
      {
        why: 'two timestamps',
        headers: [
          [
            'x-retell-signature',
            'v=1767225600000,v=1767225600000,d=8244cd7407866ff9e9ab5d4d813a5bd72600d8a467f8b944e71466b5fbc40752',
          ],
        ],
        body: '{"event":"call_ended","call":{"call_id":"c1"}}',
        key: 'key_test_retell_00000001',
        at: 1767225605,
      },
      {
        why: 'the timestamp before the body',
        headers: [
          ['x-retell-signature', 'v=1767225600000,d=da16953c61d6e98b91957883e39cd4e979a0869ecc97dd72324e1e1d2f19fbc8'],
        ],
        body: '{"event":"call_ended","call":{"call_id":"c1"}}',
        key: 'key_test_retell_00000001',
        at: 1767225605,
      },
      {
        why: 'the timestamp in seconds',
        headers: [
          ['x-retell-signature', 'v=1767225600,d=0a2ed113ef15a2e27e3f23a59b072e81a3941fdd46c25e3f111484d4c84e9ea7'],
        ],
        body: '{"event":"call_ended","call":{"call_id":"c1"}}',
        key: 'key_test_retell_00000001',
        at: 1767225605,
      },
      {
        why: 'base64 in place of hex',
        headers: [['x-retell-signature', 'v=1767225600000,d=gkTNdAeGb/npq11NgTpb1yYA2KRn+LlE5xRmtfvEB1I=']],
        body: '{"event":"call_ended","call":{"call_id":"c1"}}',
        key: 'key_test_retell_00000001',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['x-retell-signature', 'v=1767225600000,d=8244cd7407866ff9e9ab5d4d813a5bd72600d8a467f8b944e71466b5fbc40752'],
        ],
        body: '{"event":"call_ended","call":{"call_id":"c1"}}',
        key: 'key_test_retell_00000001',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['x-retell-signature', 'v=1767225600000,d=8244cd7407866ff9e9ab5d4d813a5bd72600d8a467f8b944e71466b5fbc40752'],
        ],
        body: '{"event":"call_ended","call":{"call_id":"c1"}}',
        key: 'key_test_retell_00000001',
        at: 1767225299,
      },
    ],
  },
})
