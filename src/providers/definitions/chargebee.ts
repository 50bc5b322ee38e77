import { defineProvider } from '../definition.ts'

export const chargebee = defineProvider({
  id: 'chargebee',
  name: 'Chargebee',
  category: 'billing',
  docs: 'https://www.chargebee.com/docs/2.0/events_and_webhooks.html',
  schemes: [
    {
      family: 'basic',
      name: 'basic',
      usernameSetting: 'username',
      weakness: 'The password does not cover the body: who sees one request can make any other.',
    },
  ],
  keyForm: 'The password of the webhook’s basic authentication; `user:password` while no user name is set here.',
  settings: [{ name: 'username', what: 'The user name of the webhook’s basic authentication.', example: 'hook-user' }],
  setup: [
    'In Chargebee open Settings, Configure Chargebee, API Keys and Webhooks, then Webhooks, and choose Add Webhook.',
    'Give this integration’s public URL and tick Protect webhook URL with basic authentication.',
    'Make up a user name and a long random password, enter both there and paste them here.',
    'Choose the API version and the events, then send a test.',
  ],
  rotation:
    'Add the new password here as a second key, change it at the webhook, and remove the old one after two days, when retries have run out.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.id',
    type: 'body:$.event_type',
    subject: 'body:$.content.subscription.id | body:$.content.invoice.id | body:$.content.customer.id',
    occurredAt: 'body:$.occurred_at',
  },
  delivery: { success: '2xx', timeoutSeconds: 20, retries: '7 over 2 days' },
  pitfalls: [
    'Nothing is signed; the password is all there is. Without it anybody can post events.',
    'Where money depends on it, fetch the event by its id from the API before acting.',
  ],
  sample: {
    type: 'subscription_created',
    idPrefix: 'ev_',
    contentType: 'application/json',
    body: '{"id":"{{id}}","occurred_at":{{seconds}},"source":"admin_console","object":"event","api_version":"v2","content":{"subscription":{"id":"postern-sub-1","plan_id":"basic","status":"active"},"customer":{"id":"postern-cust-1"}},"event_type":"{{type}}","webhook_status":"scheduled"}',
  },
  vectors: {
    accepted: [
      {
        why: 'user and password; the password holds a colon and UTF-8',
        headers: [['Authorization', 'Basic aG9vay11c2VyOnBAc3M6d8O2cmQtdGVzdA==']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'p@ss:wörd-test',
        settings: { username: 'hook-user' },
      },
      {
        why: 'without a user name in the settings both stand in the key',
        headers: [['Authorization', 'Basic aG9vay11c2VyOnBAc3M6d8O2cmQtdGVzdA==']],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'hook-user:p@ss:wörd-test',
      },
    ],
    refused: [
      {
        why: 'another password',
        headers: [['Authorization', 'Basic aG9vay11c2VyOndyb25n']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'p@ss:wörd-test',
        settings: { username: 'hook-user' },
      },
      {
        why: 'another user',
        headers: [['Authorization', 'Basic aG9vay11c2VyMjpwQHNzOnfDtnJkLXRlc3Q=']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'p@ss:wörd-test',
        settings: { username: 'hook-user' },
      },
      {
        why: 'no credentials',
        headers: [],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'p@ss:wörd-test',
        settings: { username: 'hook-user' },
      },
      {
        why: 'another scheme',
        headers: [['Authorization', 'Bearer aG9vay11c2VyOnBAc3M6d8O2cmQtdGVzdA==']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'p@ss:wörd-test',
        settings: { username: 'hook-user' },
      },
      {
        why: 'user and password without the colon between them',
        headers: [['Authorization', 'Basic aG9vay11c2VycEBzczp3w7ZyZC10ZXN0']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'p@ss:wörd-test',
        settings: { username: 'hook-user' },
      },
      {
        why: 'empty credentials',
        headers: [['Authorization', 'Basic ']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'p@ss:wörd-test',
        settings: { username: 'hook-user' },
      },
    ],
  },
})
