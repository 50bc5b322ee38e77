import { defineProvider } from '../definition.ts'

export const upstashQstash = defineProvider({
  id: 'upstash-qstash',
  name: 'Upstash QStash',
  category: 'cloud',
  docs: 'https://upstash.com/docs/qstash/howto/signature',
  schemes: [
    {
      family: 'jwt',
      name: 'jwt',
      token: { in: 'header', name: 'Upstash-Signature' },
      algorithms: ['HS256'],
      key: { decode: 'utf8', label: 'sig_' },
      claims: {
        issuers: ['Upstash'],
        subjectIsUrl: true,
        required: ['exp', 'nbf'],
        bodyHash: { claim: 'body', encoding: 'base64url' },
      },
      slots: [
        {
          slot: 'nextSigningKey',
          what: 'The next signing key, shown beside the current one: it signs once the keys are rolled.',
        },
      ],
    },
  ],
  keyForm: 'The current signing key, `sig_…`, whole.',
  setup: [
    'In the Upstash console open QStash and copy the current and the next signing key.',
    'Create the integration with both, and with the public URL exactly as messages will name it: it is signed.',
    'Publish to that URL: POST https://qstash.upstash.io/v2/publish/URL with the QStash token.',
  ],
  rotation:
    'Roll the keys in the console: the next key becomes the current one and signs at once, which the stored next key already covers. Then store the new next key.',
  payload: [
    { kind: 'json' },
    { kind: 'form' },
    { kind: 'opaque', contentTypes: ['text/plain', 'application/octet-stream', 'text/xml', 'application/xml'] },
    { kind: 'empty' },
  ],
  methods: ['POST', 'PUT', 'GET'],
  // A schedule sends the same bytes again and again, so content is no identity, and the message id is outside the token.
  // A retry has a token of its own and counts as another event.
  event: { id: 'claim:jti', type: 'body:$.type | text:message', subject: 'header:Upstash-Message-Id' },
  delivery: {
    success: '2xx',
    retries: 'as set by the publisher and allowed by the plan, 3 by default, with growing pauses',
  },
  pitfalls: [
    'There are two keys: the next one signs from the moment the keys are rolled.',
    'The token names the destination URL. It must be the public URL as it was published to.',
    'The token is good for five minutes and holds the hash of the body, often with `=` padding.',
    'Upstash-Message-Id stays the same over retries but is not signed; use it downstream to recognise a retry.',
    'The body is whatever the publisher sent.',
  ],
  sample: {
    type: 'order.paid',
    idPrefix: 'msg_',
    contentType: 'application/json',
    body: '{"id":"{{id}}","type":"{{type}}","createdAt":"{{iso}}","data":{"amount":1999}}',
  },
  vectors: {
    accepted: [
      {
        why: 'the current key',
        url: 'https://hooks.example.com/qstash',
        headers: [
          ['Upstash-Message-Id', 'msg_1'],
          [
            'Upstash-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJVcHN0YXNoIiwic3ViIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9xc3Rhc2giLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMCwiaWF0IjoxNzY3MjI1NjAwLCJqdGkiOiJqd3RfMSIsImJvZHkiOiJ0SzRSSGEzazNFRklCcU56T0JEWE1vM25vRWluV2ZxMm4tU3FfdmZTODZvIn0.DKKmHTfHooiSOwE0PRRnewU_vv9D3IoFADpRAicOG6I',
          ],
        ],
        body: '{"id":"1","type":"order.paid"}',
        key: 'sig_test_current_0123456789',
        slots: { nextSigningKey: 'sig_test_next_0123456789' },
        at: 1767225605,
      },
      {
        why: 'the next key',
        url: 'https://hooks.example.com/qstash',
        headers: [
          ['Upstash-Message-Id', 'msg_1'],
          [
            'Upstash-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJVcHN0YXNoIiwic3ViIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9xc3Rhc2giLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMCwiaWF0IjoxNzY3MjI1NjAwLCJqdGkiOiJqd3RfMSIsImJvZHkiOiJ0SzRSSGEzazNFRklCcU56T0JEWE1vM25vRWluV2ZxMm4tU3FfdmZTODZvIn0.2FDsuiy6ZDeezdJz_e37rafToOUk6y_LDJ3B0WNQwpU',
          ],
        ],
        body: '{"id":"1","type":"order.paid"}',
        key: 'sig_test_current_0123456789',
        slots: { nextSigningKey: 'sig_test_next_0123456789' },
        at: 1767225605,
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`',
        url: 'https://hooks.example.com/qstash',
        headers: [
          ['Upstash-Message-Id', 'msg_1'],
          [
            'Upstash-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJVcHN0YXNoIiwic3ViIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9xc3Rhc2giLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMCwiaWF0IjoxNzY3MjI1NjAwLCJqdGkiOiJqd3RfMSIsImJvZHkiOiJabW9JSWhpLTNiTll2Q0UxTjk3WGlkY1E1UWFXcWxpTlZrNFhEYlBlV21RIn0.csMronEWe4RB3aC2mtw89ptJ2PIDzs5tjAi_XeVBSDM',
          ],
        ],
        body: '{\n  "id": "2",\n  "text": "Grüße 🚀 $& $1"\n}\n',
        key: 'sig_test_current_0123456789',
        slots: { nextSigningKey: 'sig_test_next_0123456789' },
        at: 1767225605,
      },
      {
        why: 'the hash with padding, as the documentation shows it',
        url: 'https://hooks.example.com/qstash',
        headers: [
          ['Upstash-Message-Id', 'msg_1'],
          [
            'Upstash-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJVcHN0YXNoIiwic3ViIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9xc3Rhc2giLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMCwiaWF0IjoxNzY3MjI1NjAwLCJqdGkiOiJqd3RfMSIsImJvZHkiOiJ0SzRSSGEzazNFRklCcU56T0JEWE1vM25vRWluV2ZxMm4tU3FfdmZTODZvPSJ9.HC0rTsPrI_Cl77ER0bOhiOYD4jB-C8Zd4U-wN7RzJuY',
          ],
        ],
        body: '{"id":"1","type":"order.paid"}',
        key: 'sig_test_current_0123456789',
        slots: { nextSigningKey: 'sig_test_next_0123456789' },
        at: 1767225605,
      },
      {
        why: 'an empty body',
        url: 'https://hooks.example.com/qstash',
        headers: [
          ['Upstash-Message-Id', 'msg_1'],
          [
            'Upstash-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJVcHN0YXNoIiwic3ViIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9xc3Rhc2giLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMCwiaWF0IjoxNzY3MjI1NjAwLCJqdGkiOiJqd3RfMSIsImJvZHkiOiI0N0RFUXBqOEhCU2EtX1RJbVctNUpDZXVRZVJrbTVOTXBKV1pHM2hTdUZVIn0.EcJRloXG2BY0T7DkC1CP3M_dItiTyO7SxQ_MiOv-ZOQ',
          ],
        ],
        body: '',
        key: 'sig_test_current_0123456789',
        slots: { nextSigningKey: 'sig_test_next_0123456789' },
        at: 1767225605,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        url: 'https://hooks.example.com/qstash',
        headers: [
          ['Upstash-Message-Id', 'msg_1'],
          [
            'Upstash-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJVcHN0YXNoIiwic3ViIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9xc3Rhc2giLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMCwiaWF0IjoxNzY3MjI1NjAwLCJqdGkiOiJqd3RfMSIsImJvZHkiOiJ0SzRSSGEzazNFRklCcU56T0JEWE1vM25vRWluV2ZxMm4tU3FfdmZTODZvIn0.DKKmHTfHooiSOwE0PRRnewU_vv9D3IoFADpRAicOG6I',
          ],
        ],
        body: '{"id":"2","type":"order.paid"}',
        key: 'sig_test_current_0123456789',
        slots: { nextSigningKey: 'sig_test_next_0123456789' },
        at: 1767225605,
      },
      {
        why: 'another key',
        url: 'https://hooks.example.com/qstash',
        headers: [
          ['Upstash-Message-Id', 'msg_1'],
          [
            'Upstash-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJVcHN0YXNoIiwic3ViIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9xc3Rhc2giLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMCwiaWF0IjoxNzY3MjI1NjAwLCJqdGkiOiJqd3RfMSIsImJvZHkiOiJ0SzRSSGEzazNFRklCcU56T0JEWE1vM25vRWluV2ZxMm4tU3FfdmZTODZvIn0.cWP4fIuM82tz5kCf-PdtwdgROm1ESqi-Rx7VSBrEd2I',
          ],
        ],
        body: '{"id":"1","type":"order.paid"}',
        key: 'sig_test_current_0123456789',
        slots: { nextSigningKey: 'sig_test_next_0123456789' },
        at: 1767225605,
      },
      {
        why: 'another URL',
        url: 'https://hooks.example.com/qstash',
        headers: [
          ['Upstash-Message-Id', 'msg_1'],
          [
            'Upstash-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJVcHN0YXNoIiwic3ViIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9vdGhlciIsImV4cCI6MTc2NzIyNTkwMCwibmJmIjoxNzY3MjI1NjAwLCJpYXQiOjE3NjcyMjU2MDAsImp0aSI6Imp3dF8xIiwiYm9keSI6InRLNFJIYTNrM0VGSUJxTnpPQkRYTW8zbm9FaW5XZnEybi1TcV92ZlM4Nm8ifQ.HQaazDOIV-XxX1-0eZnNKaK02979EMM-MdnVOJZ83h4',
          ],
        ],
        body: '{"id":"1","type":"order.paid"}',
        key: 'sig_test_current_0123456789',
        slots: { nextSigningKey: 'sig_test_next_0123456789' },
        at: 1767225605,
      },
      {
        why: 'another issuer',
        url: 'https://hooks.example.com/qstash',
        headers: [
          ['Upstash-Message-Id', 'msg_1'],
          [
            'Upstash-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJPdGhlciIsInN1YiI6Imh0dHBzOi8vaG9va3MuZXhhbXBsZS5jb20vcXN0YXNoIiwiZXhwIjoxNzY3MjI1OTAwLCJuYmYiOjE3NjcyMjU2MDAsImlhdCI6MTc2NzIyNTYwMCwianRpIjoiand0XzEiLCJib2R5IjoidEs0UkhhM2szRUZJQnFOek9CRFhNbzNub0VpbldmcTJuLVNxX3ZmUzg2byJ9.aJt3wNlKQoTn03ldgdQs2KsDdEBOmzKg6e2qNUaauA0',
          ],
        ],
        body: '{"id":"1","type":"order.paid"}',
        key: 'sig_test_current_0123456789',
        slots: { nextSigningKey: 'sig_test_next_0123456789' },
        at: 1767225605,
      },
      {
        why: 'no hash of the body',
        url: 'https://hooks.example.com/qstash',
        headers: [
          ['Upstash-Message-Id', 'msg_1'],
          [
            'Upstash-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJVcHN0YXNoIiwic3ViIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9xc3Rhc2giLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMCwiaWF0IjoxNzY3MjI1NjAwLCJqdGkiOiJqd3RfMSJ9.Do8lUWrI2Nfwh99e8r97L1_8JQ_9wtvbt79x2oJwrxs',
          ],
        ],
        body: '{"id":"1","type":"order.paid"}',
        key: 'sig_test_current_0123456789',
        slots: { nextSigningKey: 'sig_test_next_0123456789' },
        at: 1767225605,
      },
      {
        why: 'expired',
        url: 'https://hooks.example.com/qstash',
        headers: [
          ['Upstash-Message-Id', 'msg_1'],
          [
            'Upstash-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJVcHN0YXNoIiwic3ViIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9xc3Rhc2giLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMCwiaWF0IjoxNzY3MjI1NjAwLCJqdGkiOiJqd3RfMSIsImJvZHkiOiJ0SzRSSGEzazNFRklCcU56T0JEWE1vM25vRWluV2ZxMm4tU3FfdmZTODZvIn0.DKKmHTfHooiSOwE0PRRnewU_vv9D3IoFADpRAicOG6I',
          ],
        ],
        body: '{"id":"1","type":"order.paid"}',
        key: 'sig_test_current_0123456789',
        slots: { nextSigningKey: 'sig_test_next_0123456789' },
        at: 1767225901,
      },
      {
        why: 'not valid yet',
        url: 'https://hooks.example.com/qstash',
        headers: [
          ['Upstash-Message-Id', 'msg_1'],
          [
            'Upstash-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJVcHN0YXNoIiwic3ViIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9xc3Rhc2giLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMCwiaWF0IjoxNzY3MjI1NjAwLCJqdGkiOiJqd3RfMSIsImJvZHkiOiJ0SzRSSGEzazNFRklCcU56T0JEWE1vM25vRWluV2ZxMm4tU3FfdmZTODZvIn0.DKKmHTfHooiSOwE0PRRnewU_vv9D3IoFADpRAicOG6I',
          ],
        ],
        body: '{"id":"1","type":"order.paid"}',
        key: 'sig_test_current_0123456789',
        slots: { nextSigningKey: 'sig_test_next_0123456789' },
        at: 1767225599,
      },
      {
        why: 'no expiry',
        url: 'https://hooks.example.com/qstash',
        headers: [
          ['Upstash-Message-Id', 'msg_1'],
          [
            'Upstash-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJVcHN0YXNoIiwic3ViIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9xc3Rhc2giLCJuYmYiOjE3NjcyMjU2MDAsImlhdCI6MTc2NzIyNTYwMCwianRpIjoiand0XzEiLCJib2R5IjoidEs0UkhhM2szRUZJQnFOek9CRFhNbzNub0VpbldmcTJuLVNxX3ZmUzg2byJ9.yPOYECsphoRju5K3ZCyFj4-JWdgSXPF3dMheciH58NU',
          ],
        ],
        body: '{"id":"1","type":"order.paid"}',
        key: 'sig_test_current_0123456789',
        slots: { nextSigningKey: 'sig_test_next_0123456789' },
        at: 1767225605,
      },
      {
        why: 'HS512',
        url: 'https://hooks.example.com/qstash',
        headers: [
          ['Upstash-Message-Id', 'msg_1'],
          [
            'Upstash-Signature',
            'eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJVcHN0YXNoIiwic3ViIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9xc3Rhc2giLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMCwiaWF0IjoxNzY3MjI1NjAwLCJqdGkiOiJqd3RfMSIsImJvZHkiOiJ0SzRSSGEzazNFRklCcU56T0JEWE1vM25vRWluV2ZxMm4tU3FfdmZTODZvIn0.MPu1JSxrRKoScF9h-GSUntV5w0c065eeDktbkwhsTDEkQPDT4i_OB7ry24P-N9KAM-CQGIp008wJe244dneT0Q',
          ],
        ],
        body: '{"id":"1","type":"order.paid"}',
        key: 'sig_test_current_0123456789',
        slots: { nextSigningKey: 'sig_test_next_0123456789' },
        at: 1767225605,
      },
      {
        why: 'alg none',
        url: 'https://hooks.example.com/qstash',
        headers: [
          ['Upstash-Message-Id', 'msg_1'],
          [
            'Upstash-Signature',
            'eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJpc3MiOiJVcHN0YXNoIiwic3ViIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9xc3Rhc2giLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMCwiaWF0IjoxNzY3MjI1NjAwLCJqdGkiOiJqd3RfMSIsImJvZHkiOiJ0SzRSSGEzazNFRklCcU56T0JEWE1vM25vRWluV2ZxMm4tU3FfdmZTODZvIn0.',
          ],
        ],
        body: '{"id":"1","type":"order.paid"}',
        key: 'sig_test_current_0123456789',
        slots: { nextSigningKey: 'sig_test_next_0123456789' },
        at: 1767225605,
      },
      {
        why: 'no token',
        url: 'https://hooks.example.com/qstash',
        headers: [['Upstash-Message-Id', 'msg_1']],
        body: '{"id":"1","type":"order.paid"}',
        key: 'sig_test_current_0123456789',
        slots: { nextSigningKey: 'sig_test_next_0123456789' },
        at: 1767225605,
      },
      {
        why: 'an empty token',
        url: 'https://hooks.example.com/qstash',
        headers: [
          ['Upstash-Message-Id', 'msg_1'],
          ['Upstash-Signature', ''],
        ],
        body: '{"id":"1","type":"order.paid"}',
        key: 'sig_test_current_0123456789',
        slots: { nextSigningKey: 'sig_test_next_0123456789' },
        at: 1767225605,
      },
    ],
  },
})
