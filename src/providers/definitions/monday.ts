import { defineProvider } from '../definition.ts'

export const monday = defineProvider({
  id: 'monday',
  name: 'monday.com',
  category: 'productivity',
  docs: 'https://developer.monday.com/apps/docs/integration-authorization',
  schemes: [
    {
      family: 'jwt',
      name: 'jwt',
      token: { in: 'header', name: 'Authorization', prefix: 'Bearer ', prefixOptional: true },
      algorithms: ['HS256'],
      key: { decode: 'utf8' },
      claims: {},
      weakness: 'The token does not cover the body: who sees one request can send any other while the token lasts.',
    },
  ],
  keyForm: 'The app’s signing secret, as text.',
  setup: [
    'Open the Developer Center and choose the app that will create the webhooks.',
    'Copy the signing secret from its Basic Information and paste it here.',
    'Create the webhook with the app’s own token: mutation `create_webhook` with the address of this integration. monday posts a challenge first, which is echoed.',
    'Change an item on the board and look for its event.',
  ],
  rotation:
    'An app has one signing secret. Add the new one here before the app starts to use it, and remove the old one when its last retries are in.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.event.triggerUuid | body:$.runtimeMetadata.actionUuid',
    type: 'body:$.event.type | body:$.type | body:$.payload.blockKind',
    tenant: 'claim:accountId',
    subject: 'body:$.event.pulseId | body:$.event.itemId | body:$.event.boardId',
    occurredAt: 'body:$.event.triggerTime',
  },
  handshakes: [
    {
      name: 'challenge',
      when: { methods: ['POST'], match: { 'body:$.challenge': true, 'body:$.event.type': false } },
      signed: false,
      respond: { status: 200, json: { object: { challenge: { from: 'body:$.challenge' } } } },
    },
  ],
  delivery: { success: '200', retries: 'every minute for half an hour' },
  answers: { accepted: { status: 200 } },
  pitfalls: [
    'Webhooks made with a personal token carry no token at all and are refused here: create them with an app’s token.',
    'The token holds no digest of the body. Fetch the item before acting on anything that matters.',
    'The token may come with or without “Bearer”.',
    'Only HS256 is accepted, whatever the token’s own header says.',
    'Calls about an app’s life cycle are signed with its client secret: give them an integration of their own.',
  ],
  sample: {
    type: 'create_pulse',
    contentType: 'application/json',
    body: '{"event":{"userId":9603417,"boardId":1771812698,"pulseId":1772099344,"pulseName":"Sample","groupId":"topics","type":"{{type}}","triggerTime":"{{iso}}","subscriptionId":73759690,"triggerUuid":"{{id}}"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'the bare token',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhY2NvdW50SWQiOjE4MjU1MjgsInVzZXJJZCI6NDAxMjY4OSwiYXVkIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9pbi9tb25kYXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTkwMH0.TAbJIEVsvYtH9NiDLh8ZkCY5NitWDEc5NE0eWMsE2Tc',
          ],
        ],
        body: '{"event":{"type":"create_pulse","triggerUuid":"evt-1","boardId":1}}',
        key: 'monday_test_signing_secret',
        at: 1767225605,
      },
      {
        why: 'behind “Bearer”',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhY2NvdW50SWQiOjE4MjU1MjgsInVzZXJJZCI6NDAxMjY4OSwiYXVkIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9pbi9tb25kYXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTkwMH0.TAbJIEVsvYtH9NiDLh8ZkCY5NitWDEc5NE0eWMsE2Tc',
          ],
        ],
        body: '{"event":{"type":"create_pulse","triggerUuid":"evt-1","boardId":1}}',
        key: 'monday_test_signing_secret',
        at: 1767225605,
      },
      {
        why: 'the body is not covered: line breaks, UTF-8, escapes and `$&`',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhY2NvdW50SWQiOjE4MjU1MjgsInVzZXJJZCI6NDAxMjY4OSwiYXVkIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9pbi9tb25kYXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTkwMH0.TAbJIEVsvYtH9NiDLh8ZkCY5NitWDEc5NE0eWMsE2Tc',
          ],
        ],
        body: '{\n  "event": { "type": "update_name", "note": "Grüße 🚀 $& $$ \\u00e9" }\n}\n',
        key: 'monday_test_signing_secret',
        at: 1767225605,
      },
    ],
    refused: [
      {
        why: 'signed with another key',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhY2NvdW50SWQiOjE4MjU1MjgsInVzZXJJZCI6NDAxMjY4OSwiYXVkIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9pbi9tb25kYXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTkwMH0.djkfKuG88MFCYwxmbuhlzwRCetfcRDe4gPT3WPfki-g',
          ],
        ],
        body: '{"event":{"type":"create_pulse","triggerUuid":"evt-1","boardId":1}}',
        key: 'monday_test_signing_secret',
        at: 1767225605,
      },
      {
        why: 'a claim changed',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhY2NvdW50SWQiOjEsInVzZXJJZCI6NDAxMjY4OSwiYXVkIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9pbi9tb25kYXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTkwMH0.TAbJIEVsvYtH9NiDLh8ZkCY5NitWDEc5NE0eWMsE2Tc',
          ],
        ],
        body: '{"event":{"type":"create_pulse","triggerUuid":"evt-1","boardId":1}}',
        key: 'monday_test_signing_secret',
        at: 1767225605,
      },
      {
        why: 'no token',
        headers: [['Content-Type', 'application/json']],
        body: '{"event":{"type":"create_pulse","triggerUuid":"evt-1","boardId":1}}',
        key: 'monday_test_signing_secret',
        at: 1767225605,
      },
      {
        why: 'an empty token',
        headers: [['Authorization', '']],
        body: '{"event":{"type":"create_pulse","triggerUuid":"evt-1","boardId":1}}',
        key: 'monday_test_signing_secret',
        at: 1767225605,
      },
      {
        why: 'the algorithm none',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJhY2NvdW50SWQiOjE4MjU1MjgsInVzZXJJZCI6NDAxMjY4OSwiYXVkIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9pbi9tb25kYXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTkwMH0.',
          ],
        ],
        body: '{"event":{"type":"create_pulse","triggerUuid":"evt-1","boardId":1}}',
        key: 'monday_test_signing_secret',
        at: 1767225605,
      },
      {
        why: 'another algorithm, signed so',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJhY2NvdW50SWQiOjE4MjU1MjgsInVzZXJJZCI6NDAxMjY4OSwiYXVkIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9pbi9tb25kYXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTkwMH0.nWuzrQreq27f1YU9EHlQszAra3U9L4FBCBxrw3BALa_DUVbwno-uca8sa_IVl2DLWdbrcaA39cSxdGiMtH0uEg',
          ],
        ],
        body: '{"event":{"type":"create_pulse","triggerUuid":"evt-1","boardId":1}}',
        key: 'monday_test_signing_secret',
        at: 1767225605,
      },
      {
        why: 'the signature left out',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhY2NvdW50SWQiOjE4MjU1MjgsInVzZXJJZCI6NDAxMjY4OSwiYXVkIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9pbi9tb25kYXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTkwMH0.',
          ],
        ],
        body: '{"event":{"type":"create_pulse","triggerUuid":"evt-1","boardId":1}}',
        key: 'monday_test_signing_secret',
        at: 1767225605,
      },
      {
        why: 'expired',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhY2NvdW50SWQiOjE4MjU1MjgsInVzZXJJZCI6NDAxMjY4OSwiYXVkIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9pbi9tb25kYXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTkwMH0.TAbJIEVsvYtH9NiDLh8ZkCY5NitWDEc5NE0eWMsE2Tc',
          ],
        ],
        body: '{"event":{"type":"create_pulse","triggerUuid":"evt-1","boardId":1}}',
        key: 'monday_test_signing_secret',
        at: 1767229500,
      },
      {
        why: 'not valid yet',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhY2NvdW50SWQiOjE4MjU1MjgsInVzZXJJZCI6NDAxMjY4OSwiYXVkIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9pbi9tb25kYXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIzMjgwMCwibmJmIjoxNzY3MjI5MjAwfQ.lO7GcdoVAO2FWaxy8eJMXCwxEPGMZ1CtH-ri-Dd57q4',
          ],
        ],
        body: '{"event":{"type":"create_pulse","triggerUuid":"evt-1","boardId":1}}',
        key: 'monday_test_signing_secret',
        at: 1767225605,
      },
      {
        why: 'the secret itself',
        headers: [['Authorization', 'monday_test_signing_secret']],
        body: '{"event":{"type":"create_pulse","triggerUuid":"evt-1","boardId":1}}',
        key: 'monday_test_signing_secret',
        at: 1767225605,
      },
      {
        why: 'two tokens',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhY2NvdW50SWQiOjE4MjU1MjgsInVzZXJJZCI6NDAxMjY4OSwiYXVkIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9pbi9tb25kYXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTkwMH0.TAbJIEVsvYtH9NiDLh8ZkCY5NitWDEc5NE0eWMsE2Tc',
          ],
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhY2NvdW50SWQiOjE4MjU1MjgsInVzZXJJZCI6NDAxMjY4OSwiYXVkIjoiaHR0cHM6Ly9ob29rcy5leGFtcGxlLmNvbS9pbi9tb25kYXkiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNTkwMH0.TAbJIEVsvYtH9NiDLh8ZkCY5NitWDEc5NE0eWMsE2Tc',
          ],
        ],
        body: '{"event":{"type":"create_pulse","triggerUuid":"evt-1","boardId":1}}',
        key: 'monday_test_signing_secret',
        at: 1767225605,
      },
    ],
  },
})
