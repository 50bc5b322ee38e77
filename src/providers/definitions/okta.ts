import { defineProvider } from '../definition.ts'

export const okta = defineProvider({
  id: 'okta',
  name: 'Okta event hooks',
  category: 'identity',
  docs: 'https://developer.okta.com/docs/concepts/event-hooks/',
  schemes: [
    {
      family: 'token',
      name: 'token',
      token: { in: 'header', name: 'Authorization', nameSetting: 'headerName' },
      weakness: 'The token does not cover the body: who sees one request can make any other.',
    },
  ],
  keyForm: 'The authentication secret of the hook, whole. Generate it: at least 24 random characters.',
  settings: [
    {
      name: 'headerName',
      what: 'The authentication field of the hook, where it is another header than Authorization.',
      example: 'Authorization',
    },
  ],
  setup: [
    'Generate a long random secret and create the integration with it.',
    'In the Admin Console open Workflow, Event Hooks, and create one with the public URL.',
    'Enter the header name as the authentication field, the secret as the authentication secret, and subscribe to events.',
    'Save and press Verify: Okta sends one GET with a challenge, which is answered here.',
  ],
  rotation:
    'Add the new secret as a second key, change the authentication secret of the hook, verify it again, and retire the old key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.data.events[0].uuid',
    type: 'body:$.data.events[0].eventType',
    tenant: 'body:$.source',
    subject: 'body:$.data.events[0].target[0].id',
    occurredAt: 'body:$.data.events[0].published',
    dedupe: 'content',
  },
  handshakes: [
    {
      name: 'verification',
      when: { methods: ['GET'], match: { 'header:X-Okta-Verification-Challenge': true } },
      signed: false,
      respond: {
        status: 200,
        json: { object: { verification: { from: 'header:X-Okta-Verification-Challenge' } } },
      },
    },
  ],
  delivery: { success: '200 or 204', timeoutSeconds: 3, retries: '1' },
  answers: { accepted: { status: 200 } },
  pitfalls: [
    'The header carries the secret as it was entered, with no `Bearer` before it unless it was typed in.',
    'There is one retry only, after a timeout or a 5xx: what fails twice is lost and must be read from the System Log.',
    'One request may carry several events.',
  ],
  sample: {
    type: 'user.lifecycle.create',
    contentType: 'application/json',
    body: '{"eventType":"com.okta.event_hook","eventTypeVersion":"1.0","source":"https://postern.okta.com/api/v1/eventhooks/who1","eventId":"{{id}}","eventTime":"{{iso}}","contentType":"application/json","data":{"events":[{"uuid":"{{id}}","published":"{{iso}}","eventType":"{{type}}","severity":"INFO","target":[{"id":"00u1","type":"User"}]}]}}',
  },
  vectors: {
    accepted: [
      {
        why: 'the right token',
        headers: [['Authorization', 'okta-test-shared-secret-0001']],
        body: '{"data":{"events":[{"uuid":"u-1","eventType":"user.session.start","displayMessage":"x"}]}}',
        key: 'okta-test-shared-secret-0001',
      },
      {
        why: 'the header’s name in lower case, UTF-8 and `$&` in the body',
        headers: [['authorization', 'okta-test-shared-secret-0001']],
        body: '{\n  "data": {\n    "events": [\n      {\n        "uuid": "u-1",\n        "eventType": "user.session.start",\n        "displayMessage": "Grüße 🚀 $& $1"\n      }\n    ]\n  }\n}\n',
        key: 'okta-test-shared-secret-0001',
      },
      {
        why: 'another header, where the hook names one',
        headers: [['X-Okta-Hook', 'okta-test-shared-secret-0001']],
        body: '{"data":{"events":[{"uuid":"u-1","eventType":"user.session.start","displayMessage":"x"}]}}',
        key: 'okta-test-shared-secret-0001',
        settings: { headerName: 'X-Okta-Hook' },
      },
    ],
    refused: [
      {
        why: 'one character more',
        headers: [['Authorization', 'okta-test-shared-secret-0001x']],
        body: '{"data":{"events":[{"uuid":"u-1","eventType":"user.session.start","displayMessage":"x"}]}}',
        key: 'okta-test-shared-secret-0001',
      },
      {
        why: 'one character less',
        headers: [['Authorization', 'okta-test-shared-secret-000']],
        body: '{"data":{"events":[{"uuid":"u-1","eventType":"user.session.start","displayMessage":"x"}]}}',
        key: 'okta-test-shared-secret-0001',
      },
      {
        why: 'in upper case',
        headers: [['Authorization', 'OKTA-TEST-SHARED-SECRET-0001']],
        body: '{"data":{"events":[{"uuid":"u-1","eventType":"user.session.start","displayMessage":"x"}]}}',
        key: 'okta-test-shared-secret-0001',
      },
      {
        why: 'no header',
        headers: [],
        body: '{"data":{"events":[{"uuid":"u-1","eventType":"user.session.start","displayMessage":"x"}]}}',
        key: 'okta-test-shared-secret-0001',
      },
      {
        why: 'an empty header',
        headers: [['Authorization', '']],
        body: '{"data":{"events":[{"uuid":"u-1","eventType":"user.session.start","displayMessage":"x"}]}}',
        key: 'okta-test-shared-secret-0001',
      },
      {
        why: 'the header twice',
        headers: [
          ['Authorization', 'okta-test-shared-secret-0001'],
          ['Authorization', 'okta-test-shared-secret-0001'],
        ],
        body: '{"data":{"events":[{"uuid":"u-1","eventType":"user.session.start","displayMessage":"x"}]}}',
        key: 'okta-test-shared-secret-0001',
      },
      {
        why: 'Bearer added',
        headers: [['Authorization', 'Bearer okta-test-shared-secret-0001']],
        body: '{"data":{"events":[{"uuid":"u-1","eventType":"user.session.start","displayMessage":"x"}]}}',
        key: 'okta-test-shared-secret-0001',
      },
      {
        why: 'the default header, where the hook names another',
        headers: [['Authorization', 'okta-test-shared-secret-0001']],
        body: '{"data":{"events":[{"uuid":"u-1","eventType":"user.session.start","displayMessage":"x"}]}}',
        key: 'okta-test-shared-secret-0001',
        settings: { headerName: 'X-Okta-Hook' },
      },
    ],
  },
})
