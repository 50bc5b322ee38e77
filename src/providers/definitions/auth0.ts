import { defineProvider } from '../definition.ts'

export const auth0 = defineProvider({
  id: 'auth0',
  name: 'Auth0 log streams',
  category: 'identity',
  docs: 'https://auth0.com/docs/customize/log-streams/custom-log-streams',
  schemes: [
    {
      family: 'token',
      name: 'token',
      token: { in: 'header', name: 'Authorization', prefix: 'Bearer ' },
      weakness: 'The token does not cover the body: who sees one request can make any other.',
    },
    {
      family: 'token',
      name: 'whole-value',
      token: { in: 'header', name: 'Authorization' },
      keyForm: 'The authorization token of the stream exactly as it was entered, with everything before and after it.',
      weakness: 'The value does not cover the body: who sees one request can make any other.',
    },
  ],
  keyForm: 'The token after `Bearer ` in the stream’s authorization field. Generate it: at least 24 random characters.',
  setup: [
    'Generate a long random token and create the integration with it.',
    'In the Auth0 dashboard open Monitoring, Streams, and create a stream of the type Custom Webhook.',
    'Enter the public URL as the payload URL, `Bearer ` and the token as the authorization token, content type application/json, content format JSON Array.',
    'Choose the event categories, save, and check the tab Health.',
  ],
  rotation:
    'Add the new token as a second key, change the authorization token of the stream, and retire the old key once deliveries use the new one.',
  payload: [{ kind: 'json' }, { kind: 'empty' }],
  methods: ['POST'],
  event: {
    id: 'body:$[0].log_id | body:$.log_id',
    type: 'body:$[0].data.type | body:$.data.type',
    tenant: 'body:$[0].data.tenant_name | body:$.data.tenant_name',
    subject: 'body:$[0].data.user_id | body:$.data.user_id',
    occurredAt: 'body:$[0].data.date | body:$.data.date',
    dedupe: 'content',
  },
  delivery: { success: '2xx', retries: '3; after a day of failures the stream is paused' },
  pitfalls: [
    'Auth0 sends the authorization field as it was typed: without `Bearer ` in it, choose the scheme `whole-value`.',
    'Choose JSON Array or JSON Object. JSON Lines is not one JSON document and is refused.',
    'One request carries several log entries.',
  ],
  sample: {
    type: 's',
    contentType: 'application/json',
    body: '[{"log_id":"{{id}}","data":{"log_id":"{{id}}","date":"{{iso}}","type":"{{type}}","client_id":"cli_1","user_id":"auth0|1","tenant_name":"postern"}}]',
  },
  vectors: {
    accepted: [
      {
        why: 'the right token',
        headers: [['Authorization', 'Bearer auth0-test-stream-token-0001']],
        body: '[{"log_id":"1","data":{"type":"s"}}]',
        key: 'auth0-test-stream-token-0001',
      },
      {
        why: 'the header’s name in lower case, UTF-8 and `$&` in the body',
        headers: [['authorization', 'Bearer auth0-test-stream-token-0001']],
        body: '[\n  {\n    "log_id": "1",\n    "data": {\n      "type": "Grüße 🚀 $& $1"\n    }\n  }\n]\n',
        key: 'auth0-test-stream-token-0001',
      },
      {
        why: 'the right token, an empty body',
        headers: [['Authorization', 'Bearer auth0-test-stream-token-0001']],
        body: '',
        key: 'auth0-test-stream-token-0001',
      },
      {
        why: 'the whole value, without Bearer',
        scheme: 'whole-value',
        headers: [['Authorization', 'auth0-test-stream-token-0001']],
        body: '[{"log_id":"1","data":{"type":"s"}}]',
        key: 'auth0-test-stream-token-0001',
      },
      {
        why: 'the whole value, another word before the token',
        scheme: 'whole-value',
        headers: [['Authorization', 'Token auth0-test-stream-token-0001']],
        body: '[{"log_id":"1","data":{"type":"s"}}]',
        key: 'Token auth0-test-stream-token-0001',
      },
    ],
    refused: [
      {
        why: 'one character more',
        headers: [['Authorization', 'Bearer auth0-test-stream-token-0001x']],
        body: '[{"log_id":"1","data":{"type":"s"}}]',
        key: 'auth0-test-stream-token-0001',
      },
      {
        why: 'one character less',
        headers: [['Authorization', 'Bearer auth0-test-stream-token-000']],
        body: '[{"log_id":"1","data":{"type":"s"}}]',
        key: 'auth0-test-stream-token-0001',
      },
      {
        why: 'in upper case',
        headers: [['Authorization', 'Bearer AUTH0-TEST-STREAM-TOKEN-0001']],
        body: '[{"log_id":"1","data":{"type":"s"}}]',
        key: 'auth0-test-stream-token-0001',
      },
      {
        why: 'no header',
        headers: [],
        body: '[{"log_id":"1","data":{"type":"s"}}]',
        key: 'auth0-test-stream-token-0001',
      },
      {
        why: 'an empty header',
        headers: [['Authorization', '']],
        body: '[{"log_id":"1","data":{"type":"s"}}]',
        key: 'auth0-test-stream-token-0001',
      },
      {
        why: 'the header twice',
        headers: [
          ['Authorization', 'Bearer auth0-test-stream-token-0001'],
          ['Authorization', 'Bearer auth0-test-stream-token-0001'],
        ],
        body: '[{"log_id":"1","data":{"type":"s"}}]',
        key: 'auth0-test-stream-token-0001',
      },
      {
        why: 'no Bearer before it',
        headers: [['Authorization', 'auth0-test-stream-token-0001']],
        body: '[{"log_id":"1","data":{"type":"s"}}]',
        key: 'auth0-test-stream-token-0001',
      },
      {
        why: 'only Bearer',
        headers: [['Authorization', 'Bearer ']],
        body: '[{"log_id":"1","data":{"type":"s"}}]',
        key: 'auth0-test-stream-token-0001',
      },
      {
        why: 'whole value: Bearer added',
        scheme: 'whole-value',
        headers: [['Authorization', 'Bearer auth0-test-stream-token-0001']],
        body: '[{"log_id":"1","data":{"type":"s"}}]',
        key: 'auth0-test-stream-token-0001',
      },
    ],
  },
})
