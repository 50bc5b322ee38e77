import { defineProvider } from '../definition.ts'

export const cloudevents = defineProvider({
  id: 'cloudevents',
  name: 'CloudEvents (HTTP webhook)',
  category: 'generic',
  docs: 'https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md',
  schemes: [
    {
      family: 'token',
      name: 'bearer',
      token: { in: 'header', name: 'Authorization', prefix: 'Bearer ' },
      weakness: 'The token does not cover the body: who sees one request can make any other.',
    },
    {
      family: 'token',
      name: 'query',
      token: { in: 'query', name: 'access_token' },
      weakness:
        'The token stands in the URL, covers no byte of the body, and is written down wherever URLs are logged.',
    },
  ],
  keyForm: 'The token that the sender is given for this receiver, as text, without `Bearer`.',
  settings: [
    {
      name: 'allowedOrigins',
      what: 'The senders that may ask for permission first: values of WebHook-Request-Origin, with commas between.',
      example: 'eventemitter.example.com',
    },
  ],
  setup: [
    'Make a long random token and paste it here as the key of the integration.',
    'Give the sender the URL of the integration and the token, to be sent as `Authorization: Bearer …`.',
    'A sender that can only put it into the URL appends `?access_token=…`; take the scheme `query` here.',
    'If the sender asks for permission with OPTIONS first, set `allowedOrigins` to the name it gives in WebHook-Request-Origin.',
  ],
  rotation: 'Add the new token here as a second key, change it at the sender, then remove the old key.',
  payload: [
    { kind: 'json' },
    { kind: 'opaque', contentTypes: ['text/plain', 'text/xml', 'application/xml', 'application/octet-stream'] },
    { kind: 'empty' },
  ],
  methods: ['POST'],
  // An id is unique only together with its source. A batch has no id of its own: its body is its identity.
  event: {
    id: 'header:ce-source + header:ce-id | body:$.source + body:$.id',
    type: 'header:ce-type | body:$.type | body:$[0].type',
    tenant: 'header:ce-source | body:$.source | body:$[0].source',
    subject: 'header:ce-subject | body:$.subject | body:$[0].subject',
    occurredAt: 'header:ce-time | body:$.time | body:$[0].time',
  },
  handshakes: [
    {
      name: 'abuse-protection',
      when: { methods: ['OPTIONS'], match: { 'header:WebHook-Request-Origin': true } },
      signed: false,
      check: [{ value: { from: 'header:WebHook-Request-Origin' }, inSetting: 'allowedOrigins' }],
      respond: {
        status: 200,
        headers: {
          'WebHook-Allowed-Origin': { from: 'header:WebHook-Request-Origin' },
          'WebHook-Allowed-Rate': { from: 'header:WebHook-Request-Rate | text:*' },
          Allow: { text: 'POST' },
        },
      },
    },
  ],
  delivery: {
    success: '200, 201, 202 or 204',
    retries: 'the sender’s choice; 410 and 415 are final, 429 comes with Retry-After',
  },
  pitfalls: [
    'Two sources may use one id, so source and id together tell events apart.',
    'An event may stand in headers (binary mode), in the body (structured mode), or be one of a batch; all three are read.',
    'The URL in WebHook-Request-Callback is the sender’s own text and is never called: permission is given in the answer or not at all.',
    'The rate that a sender asks for is granted as asked; limit it at the proxy if it is too much.',
  ],
  sample: {
    type: 'com.example.order.paid',
    contentType: 'application/cloudevents+json',
    body: '{"specversion":"1.0","id":"{{id}}","source":"/postern/sample","type":"{{type}}","time":"{{iso}}","subject":"order/1","datacontenttype":"application/json","data":{"amount":1999,"currency":"eur"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'the right token',
        headers: [
          ['Content-Type', 'application/cloudevents+json'],
          ['Authorization', 'Bearer cloudevents_test_token_0123456789'],
        ],
        body: '{"specversion":"1.0","id":"A234","source":"/door","type":"com.example.opened","data":{"n":1}}',
        key: 'cloudevents_test_token_0123456789',
      },
      {
        why: 'binary mode, with UTF-8 and `$&`',
        headers: [
          ['ce-specversion', '1.0'],
          ['ce-id', 'A235'],
          ['ce-source', '/door'],
          ['ce-type', 'com.example.opened'],
          ['Content-Type', 'application/json'],
          ['Authorization', 'Bearer cloudevents_test_token_0123456789'],
        ],
        body: '{"note":"Grüße 🚀 $&"}',
        key: 'cloudevents_test_token_0123456789',
      },
      {
        why: 'query: the right token',
        scheme: 'query',
        url: 'https://hooks.example.com/in/1?access_token=cloudevents_test_token_0123456789',
        headers: [['Content-Type', 'application/cloudevents+json']],
        body: '{"specversion":"1.0","id":"A234","source":"/door","type":"com.example.opened","data":{"n":1}}',
        key: 'cloudevents_test_token_0123456789',
      },
    ],
    refused: [
      {
        why: 'another token',
        headers: [
          ['Content-Type', 'application/cloudevents+json'],
          ['Authorization', 'Bearer cloudevents_test_token_012345678z'],
        ],
        body: '{"specversion":"1.0","id":"A234","source":"/door","type":"com.example.opened","data":{"n":1}}',
        key: 'cloudevents_test_token_0123456789',
      },
      {
        why: 'one character more',
        headers: [
          ['Content-Type', 'application/cloudevents+json'],
          ['Authorization', 'Bearer cloudevents_test_token_0123456789x'],
        ],
        body: '{"specversion":"1.0","id":"A234","source":"/door","type":"com.example.opened","data":{"n":1}}',
        key: 'cloudevents_test_token_0123456789',
      },
      {
        why: 'the last character missing',
        headers: [
          ['Content-Type', 'application/cloudevents+json'],
          ['Authorization', 'Bearer cloudevents_test_token_012345678'],
        ],
        body: '{"specversion":"1.0","id":"A234","source":"/door","type":"com.example.opened","data":{"n":1}}',
        key: 'cloudevents_test_token_0123456789',
      },
      {
        why: 'no token',
        headers: [['Content-Type', 'application/cloudevents+json']],
        body: '{"specversion":"1.0","id":"A234","source":"/door","type":"com.example.opened","data":{"n":1}}',
        key: 'cloudevents_test_token_0123456789',
      },
      {
        why: 'an empty token',
        headers: [
          ['Content-Type', 'application/cloudevents+json'],
          ['Authorization', 'Bearer '],
        ],
        body: '{"specversion":"1.0","id":"A234","source":"/door","type":"com.example.opened","data":{"n":1}}',
        key: 'cloudevents_test_token_0123456789',
      },
      {
        why: 'the token twice',
        headers: [
          ['Content-Type', 'application/cloudevents+json'],
          ['Authorization', 'Bearer cloudevents_test_token_0123456789'],
          ['Authorization', 'Bearer cloudevents_test_token_0123456789'],
        ],
        body: '{"specversion":"1.0","id":"A234","source":"/door","type":"com.example.opened","data":{"n":1}}',
        key: 'cloudevents_test_token_0123456789',
      },
      {
        why: 'no prefix',
        headers: [
          ['Content-Type', 'application/cloudevents+json'],
          ['Authorization', 'cloudevents_test_token_0123456789'],
        ],
        body: '{"specversion":"1.0","id":"A234","source":"/door","type":"com.example.opened","data":{"n":1}}',
        key: 'cloudevents_test_token_0123456789',
      },
      {
        why: 'another scheme',
        headers: [
          ['Content-Type', 'application/cloudevents+json'],
          ['Authorization', 'Basic cloudevents_test_token_0123456789'],
        ],
        body: '{"specversion":"1.0","id":"A234","source":"/door","type":"com.example.opened","data":{"n":1}}',
        key: 'cloudevents_test_token_0123456789',
      },
      {
        why: 'the token in the URL where the header is configured',
        headers: [['Content-Type', 'application/cloudevents+json']],
        body: '{"specversion":"1.0","id":"A234","source":"/door","type":"com.example.opened","data":{"n":1}}',
        key: 'cloudevents_test_token_0123456789',
        url: 'https://hooks.example.com/in/1?access_token=cloudevents_test_token_0123456789',
      },
      {
        why: 'query: another token',
        scheme: 'query',
        url: 'https://hooks.example.com/in/1?access_token=cloudevents_test_token_012345678z',
        headers: [['Content-Type', 'application/cloudevents+json']],
        body: '{"specversion":"1.0","id":"A234","source":"/door","type":"com.example.opened","data":{"n":1}}',
        key: 'cloudevents_test_token_0123456789',
      },
      {
        why: 'query: one character more',
        scheme: 'query',
        url: 'https://hooks.example.com/in/1?access_token=cloudevents_test_token_0123456789x',
        headers: [['Content-Type', 'application/cloudevents+json']],
        body: '{"specversion":"1.0","id":"A234","source":"/door","type":"com.example.opened","data":{"n":1}}',
        key: 'cloudevents_test_token_0123456789',
      },
      {
        why: 'query: no token',
        scheme: 'query',
        url: 'https://hooks.example.com/in/1',
        headers: [['Content-Type', 'application/cloudevents+json']],
        body: '{"specversion":"1.0","id":"A234","source":"/door","type":"com.example.opened","data":{"n":1}}',
        key: 'cloudevents_test_token_0123456789',
      },
      {
        why: 'query: an empty token',
        scheme: 'query',
        url: 'https://hooks.example.com/in/1?access_token=',
        headers: [['Content-Type', 'application/cloudevents+json']],
        body: '{"specversion":"1.0","id":"A234","source":"/door","type":"com.example.opened","data":{"n":1}}',
        key: 'cloudevents_test_token_0123456789',
      },
      {
        why: 'query: the token twice',
        scheme: 'query',
        url: 'https://hooks.example.com/in/1?access_token=cloudevents_test_token_0123456789&access_token=cloudevents_test_token_0123456789',
        headers: [['Content-Type', 'application/cloudevents+json']],
        body: '{"specversion":"1.0","id":"A234","source":"/door","type":"com.example.opened","data":{"n":1}}',
        key: 'cloudevents_test_token_0123456789',
      },
    ],
  },
})
