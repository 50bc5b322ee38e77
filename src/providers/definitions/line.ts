import { defineProvider } from '../definition.ts'

export const line = defineProvider({
  id: 'line',
  name: 'LINE Messaging API',
  category: 'communication',
  docs: 'https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'x-line-signature', parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The channel secret: Basic settings of the channel. It is used as text, although it looks like hex.',
  setup: [
    'Open the channel in the LINE Developers Console and copy the channel secret from Basic settings.',
    'Under Messaging API enter the receive URL as webhook URL and press Verify; that request is signed and answered here.',
    'Switch on Use webhook, and Webhook redelivery if you want repeats.',
  ],
  rotation:
    'Issue a new channel secret in the console, add it here at once, and keep the old one for redeliveries that are on their way.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // A batch: the first event names it, the body is its identity.
  event: {
    id: 'body:$.events[0].webhookEventId',
    type: 'body:$.events[0].type',
    tenant: 'body:$.destination',
    subject: 'body:$.events[0].source.userId | body:$.events[0].source.groupId | body:$.events[0].source.roomId',
    occurredAt: 'body:$.events[0].timestamp',
    dedupe: 'content',
  },
  handshakes: [
    {
      // Pressing Verify sends no events; every event has a type.
      name: 'verify',
      when: { methods: ['POST'], match: { 'body:$.destination': true, 'body:$.events[0].type': false } },
      signed: true,
      respond: { status: 200 },
    },
  ],
  delivery: { success: '200', retries: 'none unless redelivery is switched on' },
  answers: { accepted: { status: 200 } },
  pitfalls: [
    'The request of the Verify button holds an empty list of events.',
    'One request may hold several events.',
    'A redelivery says so inside the body (isRedelivery), so that its bytes differ from the first attempt: compare webhookEventId where it matters.',
    'The signature holds no time: a captured request verifies until the secret changes.',
  ],
  sample: {
    type: 'message',
    contentType: 'application/json; charset=utf-8',
    body: '{"destination":"U00000000000000000000000000000000","events":[{"type":"{{type}}","mode":"active","timestamp":{{seconds}}000,"webhookEventId":"{{id}}","deliveryContext":{"isRedelivery":false},"source":{"type":"user","userId":"U11111111111111111111111111111111"},"message":{"id":"444573844083572737","type":"text","text":"Hello"}}]}',
  },
  vectors: {
    accepted: [
      {
        why: 'an event',
        headers: [['x-line-signature', 'Lhp4lpnJCCdHhmMrrNymM+ifNiZL3iX0jBpRT8kn85s=']],
        body: '{"destination":"Uaaa","events":[{"type":"follow","webhookEventId":"01H000000000000000000001"}]}',
        key: 'line_test_channel_secret',
      },
      {
        why: 'pretty-printed, UTF-8, escapes, and text that a template must not expand',
        headers: [['x-line-signature', 'N/uwigp2shbJ1yNrqHcy61cPy3d01wmgT4TmuCStdd0=']],
        body: '{\n  "destination": "Uaaa",\n  "events": [{ "type": "message", "message": { "text": "日本語 🚀 $& \\u00e9\\/" } }]\n}\n',
        key: 'line_test_channel_secret',
      },
      {
        why: 'the Verify button: no events',
        headers: [['x-line-signature', 'bw/ywN7PLwbL8zQZkln2epkki1BaHvLSlLXZ0R+2MbU=']],
        body: '{"destination":"Uaaa","events":[]}',
        key: 'line_test_channel_secret',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['x-line-signature', 'Lhp4lpnJCCdHhmMrrNymM+ifNiZL3iX0jBpRT8kn85s=']],
        body: '{"destination":"Uaab","events":[{"type":"follow","webhookEventId":"01H000000000000000000001"}]}',
        key: 'line_test_channel_secret',
      },
      {
        why: 'one space more',
        headers: [['x-line-signature', 'Lhp4lpnJCCdHhmMrrNymM+ifNiZL3iX0jBpRT8kn85s=']],
        body: '{"destination":"Uaaa","events":[{"type":"follow","webhookEventId":"01H000000000000000000001"}]} ',
        key: 'line_test_channel_secret',
      },
      {
        why: 'signed with another secret',
        headers: [['x-line-signature', '+y86BTo3QDU4U6TO4tGNsalW+OAlfZbsedcAq92zPd0=']],
        body: '{"destination":"Uaaa","events":[{"type":"follow","webhookEventId":"01H000000000000000000001"}]}',
        key: 'line_test_channel_secret',
      },
      {
        why: 'hex in place of base64',
        headers: [['x-line-signature', '2e1a789699c908274786632bacdca633e89f36264bde25f48c1a514fc927f39b']],
        body: '{"destination":"Uaaa","events":[{"type":"follow","webhookEventId":"01H000000000000000000001"}]}',
        key: 'line_test_channel_secret',
      },
      {
        why: 'padding left out',
        headers: [['x-line-signature', 'Lhp4lpnJCCdHhmMrrNymM+ifNiZL3iX0jBpRT8kn85s']],
        body: '{"destination":"Uaaa","events":[{"type":"follow","webhookEventId":"01H000000000000000000001"}]}',
        key: 'line_test_channel_secret',
      },
      {
        why: 'SHA-1',
        headers: [['x-line-signature', 'zYqQWg7MB8zwOmcD0ybLYTl9XtM=']],
        body: '{"destination":"Uaaa","events":[{"type":"follow","webhookEventId":"01H000000000000000000001"}]}',
        key: 'line_test_channel_secret',
      },
      {
        why: 'an empty header',
        headers: [['x-line-signature', '']],
        body: '{"destination":"Uaaa","events":[{"type":"follow","webhookEventId":"01H000000000000000000001"}]}',
        key: 'line_test_channel_secret',
      },
      {
        why: 'no header',
        headers: [],
        body: '{"destination":"Uaaa","events":[{"type":"follow","webhookEventId":"01H000000000000000000001"}]}',
        key: 'line_test_channel_secret',
      },
      {
        why: 'the header twice',
        headers: [
          ['x-line-signature', 'Lhp4lpnJCCdHhmMrrNymM+ifNiZL3iX0jBpRT8kn85s='],
          ['x-line-signature', 'Lhp4lpnJCCdHhmMrrNymM+ifNiZL3iX0jBpRT8kn85s='],
        ],
        body: '{"destination":"Uaaa","events":[{"type":"follow","webhookEventId":"01H000000000000000000001"}]}',
        key: 'line_test_channel_secret',
      },
    ],
  },
})
