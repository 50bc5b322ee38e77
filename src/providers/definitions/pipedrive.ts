import { defineProvider } from '../definition.ts'

export const pipedrive = defineProvider({
  id: 'pipedrive',
  name: 'Pipedrive',
  category: 'crm',
  docs: 'https://pipedrive.readme.io/docs/guide-for-webhooks-v2',
  schemes: [
    {
      family: 'basic',
      name: 'basic',
      usernameSetting: 'username',
      weakness: 'The credentials do not cover the body: who sees one request can make any other.',
    },
  ],
  keyForm: 'The HTTP auth password of the webhook, or user and password joined with a colon.',
  settings: [{ name: 'username', what: 'The HTTP auth user name of the webhook.', example: 'postern' }],
  setup: [
    'Choose a user name, generate a long random password, and create the integration with them.',
    'In Pipedrive open Tools and apps, Webhooks, and create a webhook with version 2.0.',
    'Choose action and object, enter the public URL, and the user name and password under HTTP Auth.',
    'Change such an object and look for the event.',
  ],
  rotation:
    'A webhook cannot be changed: create a second one with a new password, add that as a second key, then delete the first webhook and its key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // In version 1 `meta.id` is the object’s id, the same for all its changes; version 1 has no `meta.entity`.
  event: {
    id: 'body:$.meta.entity + body:$.meta.id',
    type: 'body:$.meta.action + body:$.meta.entity | body:$.meta.action + body:$.meta.object',
    tenant: 'body:$.meta.company_id',
    subject: 'body:$.meta.entity_id | body:$.data.id',
    occurredAt: 'body:$.meta.timestamp',
  },
  delivery: { success: '2xx', timeoutSeconds: 10, retries: '3, after 3, 30 and 150 seconds' },
  pitfalls: [
    'Nothing is signed. Without HTTP Auth in the webhook nothing is accepted.',
    'After the retries the event is dropped, and a webhook that fails for three days is deleted.',
    'meta.correlation_id is shared by all events of one change.',
  ],
  sample: {
    type: 'change.deal',
    contentType: 'application/json',
    body: '{"data":{"id":42,"title":"Postern","value":1999,"currency":"EUR"},"previous":{"value":1899},"meta":{"action":"change","entity":"deal","entity_id":"42","id":"{{id}}","company_id":"7","correlation_id":"cor-1","timestamp":"{{iso}}","type":"general","version":"2.0","attempt":1}}',
  },
  vectors: {
    accepted: [
      {
        why: 'a password with a colon and an umlaut',
        headers: [['Authorization', 'Basic aG9vay11c2VyOnBpcGVkcml2ZS10ZXN0OnDDpHNzd29yZA==']],
        body: '{"meta":{"action":"change","entity":"deal","id":"e1"}}',
        key: 'pipedrive-test:pässword',
        settings: { username: 'hook-user' },
      },
      {
        why: 'UTF-8 and `$&` in the body',
        headers: [['Authorization', 'Basic aG9vay11c2VyOnBpcGVkcml2ZS10ZXN0OnDDpHNzd29yZA==']],
        body: '{\n  "meta": {\n    "action": "create",\n    "entity": "person",\n    "id": "e2"\n  },\n  "data": {\n    "name": "Grüße 🚀 $& $1"\n  }\n}\n',
        key: 'pipedrive-test:pässword',
        settings: { username: 'hook-user' },
      },
      {
        why: 'user and password in the key',
        headers: [['Authorization', 'Basic aG9vay11c2VyOnBpcGVkcml2ZS10ZXN0LTI=']],
        body: '{"meta":{"action":"change","entity":"deal","id":"e1"}}',
        key: 'hook-user:pipedrive-test-2',
      },
    ],
    refused: [
      {
        why: 'another user',
        headers: [['Authorization', 'Basic d3Jvbmc6cGlwZWRyaXZlLXRlc3Q6cMOkc3N3b3Jk']],
        body: '{"meta":{"action":"change","entity":"deal","id":"e1"}}',
        key: 'pipedrive-test:pässword',
        settings: { username: 'hook-user' },
      },
      {
        why: 'another password',
        headers: [['Authorization', 'Basic aG9vay11c2VyOnBpcGVkcml2ZS10ZXN0OnDDpHNzd29yZHg=']],
        body: '{"meta":{"action":"change","entity":"deal","id":"e1"}}',
        key: 'pipedrive-test:pässword',
        settings: { username: 'hook-user' },
      },
      {
        why: 'an empty password',
        headers: [['Authorization', 'Basic aG9vay11c2VyOg==']],
        body: '{"meta":{"action":"change","entity":"deal","id":"e1"}}',
        key: 'pipedrive-test:pässword',
        settings: { username: 'hook-user' },
      },
      {
        why: 'no colon',
        headers: [['Authorization', 'Basic aG9vay11c2VycGlwZWRyaXZlLXRlc3Rww6Rzc3dvcmQ=']],
        body: '{"meta":{"action":"change","entity":"deal","id":"e1"}}',
        key: 'pipedrive-test:pässword',
        settings: { username: 'hook-user' },
      },
      {
        why: 'no header',
        headers: [],
        body: '{"meta":{"action":"change","entity":"deal","id":"e1"}}',
        key: 'pipedrive-test:pässword',
        settings: { username: 'hook-user' },
      },
      {
        why: 'the credentials not encoded',
        headers: [['Authorization', 'Basic hook-user:pipedrive-test:password']],
        body: '{"meta":{"action":"change","entity":"deal","id":"e1"}}',
        key: 'pipedrive-test:pässword',
        settings: { username: 'hook-user' },
      },
      {
        why: 'Bearer in place of Basic',
        headers: [['Authorization', 'Bearer aG9vay11c2VyOnBpcGVkcml2ZS10ZXN0OnDDpHNzd29yZA==']],
        body: '{"meta":{"action":"change","entity":"deal","id":"e1"}}',
        key: 'pipedrive-test:pässword',
        settings: { username: 'hook-user' },
      },
      {
        why: 'the header twice',
        headers: [
          ['Authorization', 'Basic aG9vay11c2VyOnBpcGVkcml2ZS10ZXN0OnDDpHNzd29yZA=='],
          ['Authorization', 'Basic aG9vay11c2VyOnBpcGVkcml2ZS10ZXN0OnDDpHNzd29yZA=='],
        ],
        body: '{"meta":{"action":"change","entity":"deal","id":"e1"}}',
        key: 'pipedrive-test:pässword',
        settings: { username: 'hook-user' },
      },
    ],
  },
})
