import { defineProvider } from '../definition.ts'

export const figma = defineProvider({
  id: 'figma',
  name: 'Figma',
  category: 'productivity',
  docs: 'https://developers.figma.com/docs/rest-api/webhooks-security',
  schemes: [
    {
      family: 'token',
      name: 'passcode',
      token: { in: 'body', path: '$.passcode' },
      weakness: 'The passcode stands in the body and covers nothing: who sees one request can make any other.',
    },
  ],
  keyForm: 'The passcode that was given when the webhook was made, as text.',
  setup: [
    'Make up a long random passcode (up to 100 characters) and paste it here.',
    'Create the webhook: POST /v2/webhooks with `event_type`, `context`, `context_id`, the address of this integration as `endpoint`, and the same `passcode`.',
    'Figma sends a PING at once; it is checked and answered.',
    'Create one webhook for each event type.',
  ],
  rotation:
    'Add the new passcode here, change it with PUT /v2/webhooks/{webhook_id}, and remove the old one here when its last retries are in.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // The time has whole seconds, and publishing a library sends several events at once: webhook and time name no event.
  event: {
    id: 'body:$.webhook_id + body:$.timestamp',
    type: 'body:$.event_type',
    tenant: 'body:$.team_id',
    subject: 'body:$.file_key',
    occurredAt: 'body:$.timestamp',
    dedupe: 'content',
  },
  handshakes: [
    {
      name: 'PING',
      when: { methods: ['POST'], match: { 'body:$.event_type': 'PING' } },
      signed: true,
      respond: { status: 200 },
    },
  ],
  delivery: { success: '200; 400 stops the retries', retries: '3, after 5 minutes, 30 minutes and 3 hours' },
  answers: { accepted: { status: 200 } },
  pitfalls: [
    'The passcode travels in every payload: redact `passcode` before storing or forwarding.',
    'The passcode must be a JSON text. `true`, a number or a list is refused.',
    'A library that is published sends one event for each kind of asset.',
    'Nothing is signed and no time is checked: fetch the file before acting on anything that matters.',
  ],
  sample: {
    type: 'FILE_UPDATE',
    contentType: 'application/json',
    body: '{"event_type":"{{type}}","file_key":"{{id}}","file_name":"Sample","passcode":"","timestamp":"{{iso}}","webhook_id":"22"}',
  },
  vectors: {
    accepted: [
      {
        why: 'the passcode as it was given',
        headers: [['Content-Type', 'application/json']],
        body: '{"event_type":"FILE_UPDATE","file_key":"f1","passcode":"figma_test_passcode","timestamp":"2026-01-01T00:00:00Z","webhook_id":"22"}',
        key: 'figma_test_passcode',
      },
      {
        why: 'line breaks, UTF-8, escapes and `$&` around it',
        headers: [['Content-Type', 'application/json']],
        body: '{\n  "note": "Grüße 🚀 $& $$ \\u00e9",\n  "passcode": "figma_test_passcode"\n}\n',
        key: 'figma_test_passcode',
      },
      {
        why: 'letters of it escaped',
        headers: [['Content-Type', 'application/json']],
        body: '{"event_type":"FILE_UPDATE","passcode":"\\u0066igma_test_passcode","webhook_id":"22"}',
        key: 'figma_test_passcode',
      },
    ],
    refused: [
      {
        why: 'one character more',
        headers: [['Content-Type', 'application/json']],
        body: '{"event_type":"FILE_UPDATE","passcode":"figma_test_passcodex","webhook_id":"22"}',
        key: 'figma_test_passcode',
      },
      {
        why: 'one character less',
        headers: [['Content-Type', 'application/json']],
        body: '{"event_type":"FILE_UPDATE","passcode":"figma_test_passcod","webhook_id":"22"}',
        key: 'figma_test_passcode',
      },
      {
        why: 'an empty passcode',
        headers: [['Content-Type', 'application/json']],
        body: '{"event_type":"FILE_UPDATE","passcode":"","webhook_id":"22"}',
        key: 'figma_test_passcode',
      },
      {
        why: 'no passcode',
        headers: [['Content-Type', 'application/json']],
        body: '{"event_type":"FILE_UPDATE","webhook_id":"22"}',
        key: 'figma_test_passcode',
      },
      {
        why: 'the boolean true',
        headers: [['Content-Type', 'application/json']],
        body: '{"event_type":"FILE_UPDATE","passcode":true,"webhook_id":"22"}',
        key: 'figma_test_passcode',
      },
      {
        why: 'a list that holds it',
        headers: [['Content-Type', 'application/json']],
        body: '{"event_type":"FILE_UPDATE","passcode":["figma_test_passcode"],"webhook_id":"22"}',
        key: 'figma_test_passcode',
      },
      {
        why: 'the passcode one level down',
        headers: [['Content-Type', 'application/json']],
        body: '{"event_type":"FILE_UPDATE","data":{"passcode":"figma_test_passcode"}}',
        key: 'figma_test_passcode',
      },
      {
        why: 'no JSON',
        headers: [['Content-Type', 'application/json']],
        body: 'passcode=figma_test_passcode',
        key: 'figma_test_passcode',
      },
      {
        why: 'the passcode in a header only',
        headers: [['passcode', 'figma_test_passcode']],
        body: '{"event_type":"FILE_UPDATE"}',
        key: 'figma_test_passcode',
      },
    ],
  },
})
