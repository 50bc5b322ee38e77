import { defineProvider } from '../definition.ts'

export const zoom = defineProvider({
  id: 'zoom',
  name: 'Zoom',
  category: 'communication',
  docs: 'https://developers.zoom.us/docs/api/webhooks',
  schemes: [
    {
      family: 'hmac',
      name: 'v0',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'x-zm-signature', parse: { kind: 'prefix', prefix: 'v0=' }, encoding: 'hex' },
      signed: [{ templates: ['v0:{ts}:{body}'] }],
      timestamp: {
        in: { header: 'x-zm-request-timestamp' },
        unit: 's',
        toleranceSeconds: 300,
        toleranceDocumented: false,
      },
    },
  ],
  keyForm: 'The secret token of the app, as text.',
  setup: [
    'Open the app in the Zoom App Marketplace, then Features, Access, and copy the secret token.',
    'Create the integration with it before the next step: Zoom validates the URL at once.',
    'Add an event subscription with the receive URL, press Validate, and choose the event types.',
    'Activate the app.',
  ],
  rotation:
    'Regenerate the secret token in the app, add it here at once, and keep the old one until no event matches it. The validation is answered with the newest key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // No event has an id, and two people may join one meeting in one millisecond: the body is the identity.
  event: {
    id: 'body:$.event + body:$.event_ts + body:$.payload.object.uuid | body:$.event + body:$.event_ts + body:$.payload.object.id',
    type: 'body:$.event',
    tenant: 'body:$.payload.account_id',
    subject: 'body:$.payload.object.uuid | body:$.payload.object.id',
    occurredAt: 'body:$.event_ts',
    dedupe: 'content',
  },
  handshakes: [
    {
      name: 'endpoint.url_validation',
      when: { methods: ['POST'], match: { 'body:$.event': 'endpoint.url_validation' } },
      signed: true,
      respond: {
        status: 200,
        json: {
          object: {
            plainToken: { from: 'body:$.payload.plainToken' },
            encryptedToken: { hmac: 'sha256', encoding: 'hex', of: [{ from: 'body:$.payload.plainToken' }] },
          },
        },
      },
    },
  ],
  delivery: {
    success: '200 or 204 within 3 seconds',
    timeoutSeconds: 3,
    retries: '3, after 5, 20 and 60 minutes',
    addresses: 'https://developers.zoom.us/docs/api/webhooks',
  },
  answers: { accepted: { status: 200 } },
  pitfalls: [
    'The URL is validated again every 72 hours; six failures in a row switch the endpoint off.',
    'The validation is signed like any event and is verified first.',
    'The older verification token in the Authorization header is retired and proves nothing.',
    'No window is documented; 300 seconds is ours.',
  ],
  sample: {
    type: 'meeting.started',
    contentType: 'application/json',
    body: '{"event":"{{type}}","event_ts":{{seconds}}000,"payload":{"account_id":"AAAAAABBBB","object":{"id":"1234567890","uuid":"{{id}}","topic":"My Meeting","host_id":"x1yCzABCDEfg23HiJKl4mN","start_time":"{{iso}}","timezone":"UTC"}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'an event',
        headers: [
          ['x-zm-request-timestamp', '1767225600'],
          ['x-zm-signature', 'v0=db638d3e2f92ae56ac15ed41f4a782cb405b64780a09a10e0ad6a87f4b59f795'],
        ],
        body: '{"event":"meeting.started","event_ts":1767225600123,"payload":{"account_id":"AAAAAABBBB","object":{"uuid":"4444AAAiAAAAAiAiAiiAii=="}}}',
        key: 'zoom_test_secret_token',
        at: 1767225605,
      },
      {
        why: 'pretty-printed, UTF-8, escapes, and text that a template must not expand',
        headers: [
          ['x-zm-request-timestamp', '1767225600'],
          ['x-zm-signature', 'v0=6fd6f4819b4d63e8afcc3fb8f9848090725bb002561e6803d4a45d51a66c9fbb'],
        ],
        body: '{\n  "event": "meeting.started",\n  "payload": { "object": { "topic": "Grüße $& $1 \\u00e9\\/ 🚀" } }\n}\n',
        key: 'zoom_test_secret_token',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: [
          ['x-zm-request-timestamp', '1767225600'],
          ['x-zm-signature', 'v0=db638d3e2f92ae56ac15ed41f4a782cb405b64780a09a10e0ad6a87f4b59f795'],
        ],
        body: '{"event":"meeting.started","event_ts":1767225600123,"payload":{"account_id":"AAAAAABBBB","object":{"uuid":"4444AAAiAAAAAiAiAiiAii=="}}}',
        key: 'zoom_test_secret_token',
        at: 1767225900,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['x-zm-request-timestamp', '1767225600'],
          ['x-zm-signature', 'v0=db638d3e2f92ae56ac15ed41f4a782cb405b64780a09a10e0ad6a87f4b59f795'],
        ],
        body: '{"event":"meeting.started","event_ts":1767225600123,"payload":{"account_id":"AAAAAABBBC","object":{"uuid":"4444AAAiAAAAAiAiAiiAii=="}}}',
        key: 'zoom_test_secret_token',
        at: 1767225605,
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['x-zm-request-timestamp', '1767225601'],
          ['x-zm-signature', 'v0=db638d3e2f92ae56ac15ed41f4a782cb405b64780a09a10e0ad6a87f4b59f795'],
        ],
        body: '{"event":"meeting.started","event_ts":1767225600123,"payload":{"account_id":"AAAAAABBBB","object":{"uuid":"4444AAAiAAAAAiAiAiiAii=="}}}',
        key: 'zoom_test_secret_token',
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [['x-zm-signature', 'v0=db638d3e2f92ae56ac15ed41f4a782cb405b64780a09a10e0ad6a87f4b59f795']],
        body: '{"event":"meeting.started","event_ts":1767225600123,"payload":{"account_id":"AAAAAABBBB","object":{"uuid":"4444AAAiAAAAAiAiAiiAii=="}}}',
        key: 'zoom_test_secret_token',
        at: 1767225605,
      },
      {
        why: 'no signature',
        headers: [['x-zm-request-timestamp', '1767225600']],
        body: '{"event":"meeting.started","event_ts":1767225600123,"payload":{"account_id":"AAAAAABBBB","object":{"uuid":"4444AAAiAAAAAiAiAiiAii=="}}}',
        key: 'zoom_test_secret_token',
        at: 1767225605,
      },
      {
        why: 'an empty signature',
        headers: [
          ['x-zm-request-timestamp', '1767225600'],
          ['x-zm-signature', ''],
        ],
        body: '{"event":"meeting.started","event_ts":1767225600123,"payload":{"account_id":"AAAAAABBBB","object":{"uuid":"4444AAAiAAAAAiAiAiiAii=="}}}',
        key: 'zoom_test_secret_token',
        at: 1767225605,
      },
      {
        why: 'signed with another secret',
        headers: [
          ['x-zm-request-timestamp', '1767225600'],
          ['x-zm-signature', 'v0=1e2c56230204ab2efdd373d54da3e91de7682131a189872652a5e2e8f2fe0a08'],
        ],
        body: '{"event":"meeting.started","event_ts":1767225600123,"payload":{"account_id":"AAAAAABBBB","object":{"uuid":"4444AAAiAAAAAiAiAiiAii=="}}}',
        key: 'zoom_test_secret_token',
        at: 1767225605,
      },
      {
        why: 'another version',
        headers: [
          ['x-zm-request-timestamp', '1767225600'],
          ['x-zm-signature', 'v1=ec8f0bc63964710ea2a27e46c85e6c5ab9bf0e221c0c4835d674a2d89ea003ad'],
        ],
        body: '{"event":"meeting.started","event_ts":1767225600123,"payload":{"account_id":"AAAAAABBBB","object":{"uuid":"4444AAAiAAAAAiAiAiiAii=="}}}',
        key: 'zoom_test_secret_token',
        at: 1767225605,
      },
      {
        why: 'no version',
        headers: [
          ['x-zm-request-timestamp', '1767225600'],
          ['x-zm-signature', 'db638d3e2f92ae56ac15ed41f4a782cb405b64780a09a10e0ad6a87f4b59f795'],
        ],
        body: '{"event":"meeting.started","event_ts":1767225600123,"payload":{"account_id":"AAAAAABBBB","object":{"uuid":"4444AAAiAAAAAiAiAiiAii=="}}}',
        key: 'zoom_test_secret_token',
        at: 1767225605,
      },
      {
        why: 'base64 in place of hex',
        headers: [
          ['x-zm-request-timestamp', '1767225600'],
          ['x-zm-signature', 'v0=22ONPi+SrlasFe1B9KeCy0BbZHgKCaEOCtaof0tZ95U='],
        ],
        body: '{"event":"meeting.started","event_ts":1767225600123,"payload":{"account_id":"AAAAAABBBB","object":{"uuid":"4444AAAiAAAAAiAiAiiAii=="}}}',
        key: 'zoom_test_secret_token',
        at: 1767225605,
      },
      {
        why: 'signed over the body alone',
        headers: [
          ['x-zm-request-timestamp', '1767225600'],
          ['x-zm-signature', 'v0=e355a45d8dac5495373c1269cc9d60fcc88e99a0a2ff072a34c9ca3227de852a'],
        ],
        body: '{"event":"meeting.started","event_ts":1767225600123,"payload":{"account_id":"AAAAAABBBB","object":{"uuid":"4444AAAiAAAAAiAiAiiAii=="}}}',
        key: 'zoom_test_secret_token',
        at: 1767225605,
      },
      {
        why: 'the timestamp in milliseconds',
        headers: [
          ['x-zm-request-timestamp', '1767225600000'],
          ['x-zm-signature', 'v0=65904f99c2d9ddbd6003b254b1a16c084b76d8c0d18965af55ae77b4007727c1'],
        ],
        body: '{"event":"meeting.started","event_ts":1767225600123,"payload":{"account_id":"AAAAAABBBB","object":{"uuid":"4444AAAiAAAAAiAiAiiAii=="}}}',
        key: 'zoom_test_secret_token',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['x-zm-request-timestamp', '1767225600'],
          ['x-zm-signature', 'v0=db638d3e2f92ae56ac15ed41f4a782cb405b64780a09a10e0ad6a87f4b59f795'],
        ],
        body: '{"event":"meeting.started","event_ts":1767225600123,"payload":{"account_id":"AAAAAABBBB","object":{"uuid":"4444AAAiAAAAAiAiAiiAii=="}}}',
        key: 'zoom_test_secret_token',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['x-zm-request-timestamp', '1767225600'],
          ['x-zm-signature', 'v0=db638d3e2f92ae56ac15ed41f4a782cb405b64780a09a10e0ad6a87f4b59f795'],
        ],
        body: '{"event":"meeting.started","event_ts":1767225600123,"payload":{"account_id":"AAAAAABBBB","object":{"uuid":"4444AAAiAAAAAiAiAiiAii=="}}}',
        key: 'zoom_test_secret_token',
        at: 1767225299,
      },
    ],
  },
})
