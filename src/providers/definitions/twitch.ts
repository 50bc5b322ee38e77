import { defineProvider } from '../definition.ts'

export const twitch = defineProvider({
  id: 'twitch',
  name: 'Twitch EventSub',
  category: 'social',
  docs: 'https://dev.twitch.tv/docs/eventsub/handling-webhook-events/',
  schemes: [
    {
      family: 'hmac',
      name: 'sha256',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: {
        header: 'Twitch-Eventsub-Message-Signature',
        parse: { kind: 'prefix', prefix: 'sha256=' },
        encoding: 'hex',
      },
      signed: [{ templates: ['{id}{ts}{body}'] }],
      timestamp: {
        in: { header: 'Twitch-Eventsub-Message-Timestamp' },
        unit: 'iso8601',
        toleranceSeconds: 600,
        toleranceDocumented: true,
      },
      // No sign stands between id and time, but only one cut leaves a time behind.
      id: { header: 'Twitch-Eventsub-Message-Id' },
    },
  ],
  keyForm: 'The secret that you gave the subscription: 10 to 100 ASCII characters, as text.',
  setup: [
    'Make up a random secret of 10 to 100 ASCII characters and create the integration with it first: Twitch checks the URL at once.',
    'Create the subscription with POST /helix/eventsub/subscriptions, transport webhook, the receive URL as callback and that secret. The callback must be https on port 443.',
    'The challenge is answered here; afterwards the subscription is enabled.',
  ],
  rotation:
    'A subscription keeps its secret. Add the new secret here, create the subscription again with it, and delete the old one.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // The message id is inside the signed bytes and a retry repeats it. The header that names the type is not signed; the
  // body says it too.
  event: {
    id: 'signed:id',
    type: 'body:$.subscription.type | header:Twitch-Eventsub-Subscription-Type',
    tenant:
      'body:$.subscription.condition.broadcaster_user_id | body:$.subscription.condition.user_id | body:$.subscription.condition.client_id',
    subject: 'body:$.event.broadcaster_user_id | body:$.event.user_id',
    occurredAt: 'header:Twitch-Eventsub-Message-Timestamp',
  },
  handshakes: [
    {
      name: 'webhook_callback_verification',
      when: {
        methods: ['POST'],
        match: { 'header:Twitch-Eventsub-Message-Type': 'webhook_callback_verification', 'body:$.challenge': true },
      },
      signed: true,
      respond: { status: 200, text: { from: 'body:$.challenge' } },
    },
  ],
  delivery: { success: '2xx', timeoutSeconds: 10, retries: 'several; a subscription that fails too often is revoked' },
  pitfalls: [
    'The time has nanoseconds and is signed as it arrived: written anew it gives another signature.',
    'A revocation is signed like an event and has the same type; subscription.status tells it apart.',
    'The header Twitch-Eventsub-Message-Type is not signed.',
  ],
  sample: {
    type: 'stream.online',
    contentType: 'application/json',
    headers: [['Twitch-Eventsub-Message-Type', 'notification']],
    body: '{"subscription":{"id":"f1c2a387-161a-49f9-a165-0f21d7a4e1c4","status":"enabled","type":"{{type}}","version":"1","condition":{"broadcaster_user_id":"1337"},"transport":{"method":"webhook","callback":"https://hooks.example.com"},"created_at":"{{iso}}"},"event":{"id":"9001","broadcaster_user_id":"1337","broadcaster_user_login":"cool_user","type":"live","started_at":"{{iso}}"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'a notification',
        headers: [
          ['Twitch-Eventsub-Message-Id', 'e76c6bd4-55c9-4987-8304-da1588d8988b'],
          ['Twitch-Eventsub-Message-Timestamp', '2026-01-01T00:00:00.123456789Z'],
          [
            'Twitch-Eventsub-Message-Signature',
            'sha256=60bc4026383feb168b30bb48fe757d77a7df51400f3be6fd4b40ac69f164b9e6',
          ],
        ],
        body: '{"subscription":{"type":"stream.online","status":"enabled"},"event":{"broadcaster_user_id":"1337"}}',
        key: 'twitch_test_secret',
        at: 1767225605,
      },
      {
        why: 'pretty-printed, UTF-8, escapes, and text that a template must not expand',
        headers: [
          ['Twitch-Eventsub-Message-Id', 'e76c6bd4-55c9-4987-8304-da1588d8988b'],
          ['Twitch-Eventsub-Message-Timestamp', '2026-01-01T00:00:00.123456789Z'],
          [
            'Twitch-Eventsub-Message-Signature',
            'sha256=ec860206db079651f767c0a1cbb3f2cc5c2c0b51a44ccb5ca68501e197ab47ac',
          ],
        ],
        body: '{\n  "subscription": { "type": "channel.update" },\n  "event": { "title": "Grüße 🚀 $& $1 \\u00e9\\/" }\n}\n',
        key: 'twitch_test_secret',
        at: 1767225605,
      },
      {
        why: 'within the last second of the window',
        headers: [
          ['Twitch-Eventsub-Message-Id', 'e76c6bd4-55c9-4987-8304-da1588d8988b'],
          ['Twitch-Eventsub-Message-Timestamp', '2026-01-01T00:00:00.123456789Z'],
          [
            'Twitch-Eventsub-Message-Signature',
            'sha256=60bc4026383feb168b30bb48fe757d77a7df51400f3be6fd4b40ac69f164b9e6',
          ],
        ],
        body: '{"subscription":{"type":"stream.online","status":"enabled"},"event":{"broadcaster_user_id":"1337"}}',
        key: 'twitch_test_secret',
        at: 1767226200,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['Twitch-Eventsub-Message-Id', 'e76c6bd4-55c9-4987-8304-da1588d8988b'],
          ['Twitch-Eventsub-Message-Timestamp', '2026-01-01T00:00:00.123456789Z'],
          [
            'Twitch-Eventsub-Message-Signature',
            'sha256=60bc4026383feb168b30bb48fe757d77a7df51400f3be6fd4b40ac69f164b9e6',
          ],
        ],
        body: '{"subscription":{"type":"stream.online","status":"enabled"},"event":{"broadcaster_user_id":"1338"}}',
        key: 'twitch_test_secret',
        at: 1767225605,
      },
      {
        why: 'the id changed',
        headers: [
          ['Twitch-Eventsub-Message-Id', 'other'],
          ['Twitch-Eventsub-Message-Timestamp', '2026-01-01T00:00:00.123456789Z'],
          [
            'Twitch-Eventsub-Message-Signature',
            'sha256=60bc4026383feb168b30bb48fe757d77a7df51400f3be6fd4b40ac69f164b9e6',
          ],
        ],
        body: '{"subscription":{"type":"stream.online","status":"enabled"},"event":{"broadcaster_user_id":"1337"}}',
        key: 'twitch_test_secret',
        at: 1767225605,
      },
      {
        why: 'the time changed',
        headers: [
          ['Twitch-Eventsub-Message-Id', 'e76c6bd4-55c9-4987-8304-da1588d8988b'],
          ['Twitch-Eventsub-Message-Timestamp', '2026-01-01T00:00:00.123456788Z'],
          [
            'Twitch-Eventsub-Message-Signature',
            'sha256=60bc4026383feb168b30bb48fe757d77a7df51400f3be6fd4b40ac69f164b9e6',
          ],
        ],
        body: '{"subscription":{"type":"stream.online","status":"enabled"},"event":{"broadcaster_user_id":"1337"}}',
        key: 'twitch_test_secret',
        at: 1767225605,
      },
      {
        why: 'the time written anew, without its nanoseconds',
        headers: [
          ['Twitch-Eventsub-Message-Id', 'e76c6bd4-55c9-4987-8304-da1588d8988b'],
          ['Twitch-Eventsub-Message-Timestamp', '2026-01-01T00:00:00.123Z'],
          [
            'Twitch-Eventsub-Message-Signature',
            'sha256=60bc4026383feb168b30bb48fe757d77a7df51400f3be6fd4b40ac69f164b9e6',
          ],
        ],
        body: '{"subscription":{"type":"stream.online","status":"enabled"},"event":{"broadcaster_user_id":"1337"}}',
        key: 'twitch_test_secret',
        at: 1767225605,
      },
      {
        why: 'a piece of the time moved into the id',
        headers: [
          ['Twitch-Eventsub-Message-Id', 'e76c6bd4-55c9-4987-8304-da1588d8988b2'],
          ['Twitch-Eventsub-Message-Timestamp', '026-01-01T00:00:00.123456789Z'],
          [
            'Twitch-Eventsub-Message-Signature',
            'sha256=60bc4026383feb168b30bb48fe757d77a7df51400f3be6fd4b40ac69f164b9e6',
          ],
        ],
        body: '{"subscription":{"type":"stream.online","status":"enabled"},"event":{"broadcaster_user_id":"1337"}}',
        key: 'twitch_test_secret',
        at: 1767225605,
      },
      {
        why: 'no id',
        headers: [
          ['Twitch-Eventsub-Message-Timestamp', '2026-01-01T00:00:00.123456789Z'],
          [
            'Twitch-Eventsub-Message-Signature',
            'sha256=b6c76f8cab5becc24eaf3ddc6969742b1fcccc26adcf69273ca6479fde6d3898',
          ],
        ],
        body: '{"subscription":{"type":"stream.online","status":"enabled"},"event":{"broadcaster_user_id":"1337"}}',
        key: 'twitch_test_secret',
        at: 1767225605,
      },
      {
        why: 'no time',
        headers: [
          ['Twitch-Eventsub-Message-Id', 'e76c6bd4-55c9-4987-8304-da1588d8988b'],
          [
            'Twitch-Eventsub-Message-Signature',
            'sha256=e3958848637ff7220f9b176a4a415e679097bf21b836433cab6dd06aabc700a6',
          ],
        ],
        body: '{"subscription":{"type":"stream.online","status":"enabled"},"event":{"broadcaster_user_id":"1337"}}',
        key: 'twitch_test_secret',
        at: 1767225605,
      },
      {
        why: 'no signature',
        headers: [
          ['Twitch-Eventsub-Message-Id', 'e76c6bd4-55c9-4987-8304-da1588d8988b'],
          ['Twitch-Eventsub-Message-Timestamp', '2026-01-01T00:00:00.123456789Z'],
        ],
        body: '{"subscription":{"type":"stream.online","status":"enabled"},"event":{"broadcaster_user_id":"1337"}}',
        key: 'twitch_test_secret',
        at: 1767225605,
      },
      {
        why: 'an empty signature',
        headers: [
          ['Twitch-Eventsub-Message-Id', 'e76c6bd4-55c9-4987-8304-da1588d8988b'],
          ['Twitch-Eventsub-Message-Timestamp', '2026-01-01T00:00:00.123456789Z'],
          ['Twitch-Eventsub-Message-Signature', ''],
        ],
        body: '{"subscription":{"type":"stream.online","status":"enabled"},"event":{"broadcaster_user_id":"1337"}}',
        key: 'twitch_test_secret',
        at: 1767225605,
      },
      {
        why: 'no prefix',
        headers: [
          ['Twitch-Eventsub-Message-Id', 'e76c6bd4-55c9-4987-8304-da1588d8988b'],
          ['Twitch-Eventsub-Message-Timestamp', '2026-01-01T00:00:00.123456789Z'],
          ['Twitch-Eventsub-Message-Signature', '60bc4026383feb168b30bb48fe757d77a7df51400f3be6fd4b40ac69f164b9e6'],
        ],
        body: '{"subscription":{"type":"stream.online","status":"enabled"},"event":{"broadcaster_user_id":"1337"}}',
        key: 'twitch_test_secret',
        at: 1767225605,
      },
      {
        why: 'signed with another secret',
        headers: [
          ['Twitch-Eventsub-Message-Id', 'e76c6bd4-55c9-4987-8304-da1588d8988b'],
          ['Twitch-Eventsub-Message-Timestamp', '2026-01-01T00:00:00.123456789Z'],
          [
            'Twitch-Eventsub-Message-Signature',
            'sha256=b37ee920e8860b29c39caafad4179973f1ada39bbe2b1c09922497d939cec9b7',
          ],
        ],
        body: '{"subscription":{"type":"stream.online","status":"enabled"},"event":{"broadcaster_user_id":"1337"}}',
        key: 'twitch_test_secret',
        at: 1767225605,
      },
      {
        why: 'base64 in place of hex',
        headers: [
          ['Twitch-Eventsub-Message-Id', 'e76c6bd4-55c9-4987-8304-da1588d8988b'],
          ['Twitch-Eventsub-Message-Timestamp', '2026-01-01T00:00:00.123456789Z'],
          ['Twitch-Eventsub-Message-Signature', 'sha256=YLxAJjg/6xaLMLtI/nV9d6ffUUAPO+b9S0CsafFkueY='],
        ],
        body: '{"subscription":{"type":"stream.online","status":"enabled"},"event":{"broadcaster_user_id":"1337"}}',
        key: 'twitch_test_secret',
        at: 1767225605,
      },
      {
        why: 'a second too old',
        headers: [
          ['Twitch-Eventsub-Message-Id', 'e76c6bd4-55c9-4987-8304-da1588d8988b'],
          ['Twitch-Eventsub-Message-Timestamp', '2026-01-01T00:00:00.123456789Z'],
          [
            'Twitch-Eventsub-Message-Signature',
            'sha256=60bc4026383feb168b30bb48fe757d77a7df51400f3be6fd4b40ac69f164b9e6',
          ],
        ],
        body: '{"subscription":{"type":"stream.online","status":"enabled"},"event":{"broadcaster_user_id":"1337"}}',
        key: 'twitch_test_secret',
        at: 1767226201,
      },
      {
        why: 'a second too early',
        headers: [
          ['Twitch-Eventsub-Message-Id', 'e76c6bd4-55c9-4987-8304-da1588d8988b'],
          ['Twitch-Eventsub-Message-Timestamp', '2026-01-01T00:00:00.123456789Z'],
          [
            'Twitch-Eventsub-Message-Signature',
            'sha256=60bc4026383feb168b30bb48fe757d77a7df51400f3be6fd4b40ac69f164b9e6',
          ],
        ],
        body: '{"subscription":{"type":"stream.online","status":"enabled"},"event":{"broadcaster_user_id":"1337"}}',
        key: 'twitch_test_secret',
        at: 1767225000,
      },
    ],
  },
})
