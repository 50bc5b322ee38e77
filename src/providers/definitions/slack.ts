import { defineProvider } from '../definition.ts'

export const slack = defineProvider({
  id: 'slack',
  name: 'Slack',
  category: 'communication',
  docs: 'https://docs.slack.dev/authentication/verifying-requests-from-slack',
  schemes: [
    {
      family: 'hmac',
      name: 'v0',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'X-Slack-Signature', parse: { kind: 'prefix', prefix: 'v0=' }, encoding: 'hex' },
      signed: [{ templates: ['v0:{ts}:{body}'] }],
      timestamp: {
        in: { header: 'X-Slack-Request-Timestamp' },
        unit: 's',
        toleranceSeconds: 300,
        toleranceDocumented: true,
      },
    },
  ],
  keyForm: 'The app’s signing secret: 32 characters that look like hex and are used as text.',
  setup: [
    'At api.slack.com open the app, Basic Information, and copy the signing secret into the integration.',
    'Under Event Subscriptions enter the receive path as request URL; Slack sends a signed challenge that is answered here.',
    'Subscribe to the events and install the app anew.',
  ],
  rotation:
    'Regenerate the signing secret under Basic Information; Slack signs with the new one at once. Add it here in the same minute: what failed meanwhile is retried.',
  payload: [{ kind: 'json-object' }, { kind: 'form', json: 'payload' }],
  methods: ['POST'],
  // The Events API keeps `event_id` over retries; commands and interactions have a trigger id. All are in the signed body.
  event: {
    id: 'body:$.event_id | body:$.trigger_id | form:trigger_id',
    type: 'body:$.event.type | body:$.type | form:command',
    tenant: 'body:$.team_id | body:$.authorizations[0].team_id | body:$.team.id | form:team_id',
    subject: 'body:$.event.channel | body:$.channel.id | form:channel_id',
    occurredAt: 'body:$.event_time',
  },
  handshakes: [
    {
      name: 'url_verification',
      when: { methods: ['POST'], match: { 'body:$.type': 'url_verification' } },
      signed: true,
      respond: { status: 200, text: { from: 'body:$.challenge' } },
    },
  ],
  delivery: { success: '2xx', timeoutSeconds: 3, retries: '3, numbered in X-Slack-Retry-Num' },
  pitfalls: [
    'Commands and interactions are forms; the signature is over the raw form.',
    'url_verification is signed like any event and is verified first.',
    'Slack’s own library accepts any timestamp in the future; here the window has two sides.',
    'Legacy payloads carry a `token`: never treat it as proof, and redact it.',
  ],
  sample: {
    type: 'app_mention',
    idPrefix: 'Ev',
    contentType: 'application/json',
    body: '{"token":"redacted","team_id":"T0POSTERN","api_app_id":"A0POSTERN","event":{"type":"{{type}}","user":"U061F7AUR","text":"is it safe in here?","ts":"{{seconds}}.000100","channel":"C0LAN2Q65"},"type":"event_callback","event_id":"{{id}}","event_time":{{seconds}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'the example printed in the documentation, a slash command',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Slack-Request-Timestamp', '1531420618'],
          ['X-Slack-Signature', 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503'],
        ],
        body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
        key: '8f742231b10e8888abcd99yyyzzz85a5',
        at: 1531420620,
      },
      {
        why: 'an event',
        headers: [
          ['X-Slack-Request-Timestamp', '1767225600'],
          ['X-Slack-Signature', 'v0=978e21a2c34fb7d4ba1c80c8539f6f61fd526bd902c5c48472534f3604f9f8c8'],
        ],
        body: '{"type":"event_callback","team_id":"T1","event_id":"Ev1","event_time":1767225600,"event":{"type":"app_mention","channel":"C1"}}',
        key: '8f742231b10e8888abcd99yyyzzz85a5',
        at: 1767225900,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['X-Slack-Request-Timestamp', '1767225600'],
          ['X-Slack-Signature', 'v0=978e21a2c34fb7d4ba1c80c8539f6f61fd526bd902c5c48472534f3604f9f8c8'],
        ],
        body: '{"type":"event_callback","team_id":"T1","event_id":"Ev2","event_time":1767225600,"event":{"type":"app_mention","channel":"C1"}}',
        key: '8f742231b10e8888abcd99yyyzzz85a5',
        at: 1767225605,
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['X-Slack-Request-Timestamp', '1767225601'],
          ['X-Slack-Signature', 'v0=978e21a2c34fb7d4ba1c80c8539f6f61fd526bd902c5c48472534f3604f9f8c8'],
        ],
        body: '{"type":"event_callback","team_id":"T1","event_id":"Ev1","event_time":1767225600,"event":{"type":"app_mention","channel":"C1"}}',
        key: '8f742231b10e8888abcd99yyyzzz85a5',
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [['X-Slack-Signature', 'v0=978e21a2c34fb7d4ba1c80c8539f6f61fd526bd902c5c48472534f3604f9f8c8']],
        body: '{"type":"event_callback","team_id":"T1","event_id":"Ev1","event_time":1767225600,"event":{"type":"app_mention","channel":"C1"}}',
        key: '8f742231b10e8888abcd99yyyzzz85a5',
        at: 1767225605,
      },
      {
        why: 'another version',
        headers: [
          ['X-Slack-Request-Timestamp', '1767225600'],
          ['X-Slack-Signature', 'v1=978e21a2c34fb7d4ba1c80c8539f6f61fd526bd902c5c48472534f3604f9f8c8'],
        ],
        body: '{"type":"event_callback","team_id":"T1","event_id":"Ev1","event_time":1767225600,"event":{"type":"app_mention","channel":"C1"}}',
        key: '8f742231b10e8888abcd99yyyzzz85a5',
        at: 1767225605,
      },
      {
        why: 'no version',
        headers: [
          ['X-Slack-Request-Timestamp', '1767225600'],
          ['X-Slack-Signature', '978e21a2c34fb7d4ba1c80c8539f6f61fd526bd902c5c48472534f3604f9f8c8'],
        ],
        body: '{"type":"event_callback","team_id":"T1","event_id":"Ev1","event_time":1767225600,"event":{"type":"app_mention","channel":"C1"}}',
        key: '8f742231b10e8888abcd99yyyzzz85a5',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['X-Slack-Request-Timestamp', '1767225600'],
          ['X-Slack-Signature', 'v0=978e21a2c34fb7d4ba1c80c8539f6f61fd526bd902c5c48472534f3604f9f8c8'],
        ],
        body: '{"type":"event_callback","team_id":"T1","event_id":"Ev1","event_time":1767225600,"event":{"type":"app_mention","channel":"C1"}}',
        key: '8f742231b10e8888abcd99yyyzzz85a5',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['X-Slack-Request-Timestamp', '1767225600'],
          ['X-Slack-Signature', 'v0=978e21a2c34fb7d4ba1c80c8539f6f61fd526bd902c5c48472534f3604f9f8c8'],
        ],
        body: '{"type":"event_callback","team_id":"T1","event_id":"Ev1","event_time":1767225600,"event":{"type":"app_mention","channel":"C1"}}',
        key: '8f742231b10e8888abcd99yyyzzz85a5',
        at: 1767225299,
      },
      {
        why: 'the secret decoded from hex first',
        headers: [
          ['X-Slack-Request-Timestamp', '1767225600'],
          ['X-Slack-Signature', 'v0=e54866ffa778b64e5510761901775bbd1a5cc7b2d82f590f1f690bd9f423bf8c'],
        ],
        body: '{"type":"event_callback","team_id":"T1","event_id":"Ev1","event_time":1767225600,"event":{"type":"app_mention","channel":"C1"}}',
        key: '00112233445566778899aabbccddeeff',
        at: 1767225605,
      },
    ],
  },
})
