import { defineProvider } from '../definition.ts'

export const xTwitter = defineProvider({
  id: 'x-twitter',
  name: 'X (Twitter)',
  category: 'social',
  docs: 'https://docs.x.com/x-api/webhooks/quickstart',
  schemes: [
    {
      family: 'hmac',
      name: 'sha256',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: {
        header: 'x-twitter-webhooks-signature',
        parse: { kind: 'prefix', prefix: 'sha256=' },
        encoding: 'base64',
      },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The consumer secret (API key secret) of the app, as text.',
  setup: [
    'Copy the API key secret from the app’s Keys and tokens page and create the integration with it first: X checks the URL at once.',
    'Register the receive URL with POST /2/webhooks; it must be https and carry no port.',
    'Subscribe users to it through the Account Activity API.',
  ],
  rotation:
    'Regenerating the consumer secret ends the old one at once and breaks API calls until they use it. Add the new one here right away: challenges are answered with the newest key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // What kind of activity it is stands in a member name and in no value; a request may hold several, so that the body
  // is the identity.
  event: {
    id: 'body:$.tweet_create_events[0].id_str | body:$.tweet_delete_events[0].status.id | body:$.favorite_events[0].id | body:$.direct_message_events[0].id',
    type: 'member:$.tweet_create_events | member:$.tweet_delete_events | member:$.favorite_events | member:$.follow_events | member:$.block_events | member:$.mute_events | member:$.direct_message_events | member:$.direct_message_indicate_typing_events | member:$.direct_message_mark_read_events | member:$.user_event | text:activity',
    tenant: 'body:$.for_user_id',
    subject: 'body:$.tweet_create_events[0].user.id_str | body:$.favorite_events[0].user.id_str',
    occurredAt:
      'body:$.tweet_create_events[0].timestamp_ms | body:$.favorite_events[0].timestamp_ms | body:$.direct_message_events[0].created_timestamp',
    dedupe: 'content',
  },
  handshakes: [
    {
      name: 'crc',
      when: { methods: ['GET'], match: { 'query:crc_token': true } },
      signed: false,
      respond: {
        status: 200,
        json: {
          object: {
            response_token: {
              join: [{ text: 'sha256=' }, { hmac: 'sha256', encoding: 'base64', of: [{ from: 'query:crc_token' }] }],
            },
          },
        },
      },
    },
  ],
  delivery: { success: '200', timeoutSeconds: 10, retries: 'not documented' },
  answers: { accepted: { status: 200 } },
  pitfalls: [
    'The signature is base64, although sha256= stands before it.',
    'The URL may not carry a port.',
    'The challenge comes at registration, every hour, and whenever it is asked for; without an answer within about 3 seconds the webhook is switched off.',
    'The signature holds no time: a captured request verifies until the secret changes.',
  ],
  sample: {
    type: 'tweet_create_events',
    contentType: 'application/json',
    body: '{"for_user_id":"2244994945","tweet_create_events":[{"id_str":"{{id}}","created_at":"{{iso}}","timestamp_ms":"{{seconds}}000","text":"Hello","user":{"id_str":"2244994945","screen_name":"XDevelopers"}}]}',
  },
  vectors: {
    accepted: [
      {
        why: 'an activity',
        headers: [['x-twitter-webhooks-signature', 'sha256=OorStwvMksIdPyWfA3PZwbvAZcnpGhBuBPq7mCJk0xE=']],
        body: '{"for_user_id":"2244994945","tweet_create_events":[{"id_str":"1"}]}',
        key: 'x_test_consumer_secret_01',
      },
      {
        why: 'pretty-printed, UTF-8, escapes, and text that a template must not expand',
        headers: [['x-twitter-webhooks-signature', 'sha256=/V5xFWBeL975x7zRAfkotHxwXrLV0+rSpEDZCJBPGnE=']],
        body: '{\n  "for_user_id": "2244994945",\n  "text": "Grüße 🚀 $& $1 \\u00e9\\/"\n}\n',
        key: 'x_test_consumer_secret_01',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['x-twitter-webhooks-signature', 'sha256=OorStwvMksIdPyWfA3PZwbvAZcnpGhBuBPq7mCJk0xE=']],
        body: '{"for_user_id":"2244994946","tweet_create_events":[{"id_str":"1"}]}',
        key: 'x_test_consumer_secret_01',
      },
      {
        why: 'one space more',
        headers: [['x-twitter-webhooks-signature', 'sha256=OorStwvMksIdPyWfA3PZwbvAZcnpGhBuBPq7mCJk0xE=']],
        body: '{"for_user_id":"2244994945","tweet_create_events":[{"id_str":"1"}]} ',
        key: 'x_test_consumer_secret_01',
      },
      {
        why: 'signed with another secret',
        headers: [['x-twitter-webhooks-signature', 'sha256=wsqM7Or5FlBujpS8bm6z9GjaMk/H2Xhbv/KvqfZKi9I=']],
        body: '{"for_user_id":"2244994945","tweet_create_events":[{"id_str":"1"}]}',
        key: 'x_test_consumer_secret_01',
      },
      {
        why: 'hex in place of base64',
        headers: [
          ['x-twitter-webhooks-signature', 'sha256=3a8ad2b70bcc92c21d3f259f0373d9c1bbc065c9e91a106e04fabb982264d311'],
        ],
        body: '{"for_user_id":"2244994945","tweet_create_events":[{"id_str":"1"}]}',
        key: 'x_test_consumer_secret_01',
      },
      {
        why: 'no prefix',
        headers: [['x-twitter-webhooks-signature', 'OorStwvMksIdPyWfA3PZwbvAZcnpGhBuBPq7mCJk0xE=']],
        body: '{"for_user_id":"2244994945","tweet_create_events":[{"id_str":"1"}]}',
        key: 'x_test_consumer_secret_01',
      },
      {
        why: 'padding left out',
        headers: [['x-twitter-webhooks-signature', 'sha256=OorStwvMksIdPyWfA3PZwbvAZcnpGhBuBPq7mCJk0xE']],
        body: '{"for_user_id":"2244994945","tweet_create_events":[{"id_str":"1"}]}',
        key: 'x_test_consumer_secret_01',
      },
      {
        why: 'SHA-1 under the prefix of SHA-256',
        headers: [['x-twitter-webhooks-signature', 'sha256=+rkA/CUTV+KOXd70RfOGSZhwAus=']],
        body: '{"for_user_id":"2244994945","tweet_create_events":[{"id_str":"1"}]}',
        key: 'x_test_consumer_secret_01',
      },
      {
        why: 'only the prefix',
        headers: [['x-twitter-webhooks-signature', 'sha256=']],
        body: '{"for_user_id":"2244994945","tweet_create_events":[{"id_str":"1"}]}',
        key: 'x_test_consumer_secret_01',
      },
      {
        why: 'an empty header',
        headers: [['x-twitter-webhooks-signature', '']],
        body: '{"for_user_id":"2244994945","tweet_create_events":[{"id_str":"1"}]}',
        key: 'x_test_consumer_secret_01',
      },
      {
        why: 'no header',
        headers: [],
        body: '{"for_user_id":"2244994945","tweet_create_events":[{"id_str":"1"}]}',
        key: 'x_test_consumer_secret_01',
      },
      {
        why: 'the header twice',
        headers: [
          ['x-twitter-webhooks-signature', 'sha256=OorStwvMksIdPyWfA3PZwbvAZcnpGhBuBPq7mCJk0xE='],
          ['x-twitter-webhooks-signature', 'sha256=OorStwvMksIdPyWfA3PZwbvAZcnpGhBuBPq7mCJk0xE='],
        ],
        body: '{"for_user_id":"2244994945","tweet_create_events":[{"id_str":"1"}]}',
        key: 'x_test_consumer_secret_01',
      },
    ],
  },
})
