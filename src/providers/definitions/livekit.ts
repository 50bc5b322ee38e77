import { defineProvider } from '../definition.ts'

export const livekit = defineProvider({
  id: 'livekit',
  name: 'LiveKit',
  category: 'communication',
  docs: 'https://docs.livekit.io/server/webhooks/',
  schemes: [
    {
      family: 'jwt',
      name: 'jwt',
      token: { in: 'header', name: 'Authorization' },
      algorithms: ['HS256'],
      key: { decode: 'utf8' },
      claims: {
        issuerSetting: 'apiKey',
        // A token without it would stay good for ever.
        required: ['exp'],
        clockToleranceSeconds: 10,
        bodyHash: { claim: 'sha256', encoding: 'base64' },
      },
    },
  ],
  keyForm: 'The API secret that belongs to the API key, as text.',
  settings: [
    {
      name: 'apiKey',
      what: 'The API key that signs the webhooks, as chosen in the project’s webhook settings or in the server’s configuration.',
      example: 'APIpostern123',
      required: true,
    },
  ],
  setup: [
    'In LiveKit Cloud open Settings, Webhooks, add the receive URL and choose the API key that signs.',
    'On a server of your own set webhook.api_key and webhook.urls in its configuration and restart it.',
    'Give the integration that API key as setting and its API secret as key.',
  ],
  rotation:
    'Create a second API key and let the webhooks sign with it. The key is named in the token: change setting and secret here in one step, or run a second integration until the first falls silent.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.id',
    type: 'body:$.event',
    subject: 'body:$.room.name | body:$.egressInfo.egressId | body:$.ingressInfo.ingressId',
    occurredAt: 'body:$.createdAt',
  },
  delivery: { success: '2xx', retries: 'several, with growing pauses' },
  pitfalls: [
    'The token stands alone in Authorization, with no Bearer before it. Older servers wrote the header Authorize and are refused.',
    'The body’s hash is base64 in the claim sha256; a valid token of another body proves nothing.',
    'The content type is application/webhook+json.',
  ],
  sample: {
    type: 'room_started',
    idPrefix: 'EV_',
    contentType: 'application/webhook+json',
    body: '{"event":"{{type}}","room":{"sid":"RM_hycBMAjmt6Ub","name":"Demo Room","emptyTimeout":300,"creationTime":"{{seconds}}"},"id":"{{id}}","createdAt":"{{seconds}}"}',
  },
  vectors: {
    accepted: [
      {
        why: 'an event',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaGEyNTYiOiI1b0lVVUpnK0Njak1ESGd2MzRDbkFHR20wbzhqWGVjUkJnQnQ0MFJPTHNrPSIsImlzcyI6IkFQSXBvc3Rlcm4xMjMiLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMH0.Knmk7TKWyQ9nFnI9NKMHhAXDFkch784CbXQ6wrvNhmM',
          ],
        ],
        body: '{"event":"room_started","id":"EV_1","createdAt":"1767225600"}',
        key: 'livekit_test_api_secret_32_bytes_long',
        settings: {
          apiKey: 'APIpostern123',
        },
        at: 1767225605,
      },
      {
        why: 'pretty-printed, UTF-8, escapes, and text that a template must not expand',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaGEyNTYiOiJFK0FvNVkyMGF6c1VDQ1dqcDhwRm8wNkZlRW1VSmJvLzJUVGhsL2ExQTAwPSIsImlzcyI6IkFQSXBvc3Rlcm4xMjMiLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMH0.oD3qedWP9TkqVexjfUQ4PFC9VYHfNDULtYvAVkMUzOU',
          ],
        ],
        body: '{\n  "event": "participant_joined",\n  "id": "EV_2",\n  "participant": { "name": "Grüße 🚀 $& $1 \\u00e9\\/" }\n}\n',
        key: 'livekit_test_api_secret_32_bytes_long',
        settings: {
          apiKey: 'APIpostern123',
        },
        at: 1767225605,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaGEyNTYiOiI1b0lVVUpnK0Njak1ESGd2MzRDbkFHR20wbzhqWGVjUkJnQnQ0MFJPTHNrPSIsImlzcyI6IkFQSXBvc3Rlcm4xMjMiLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMH0.Knmk7TKWyQ9nFnI9NKMHhAXDFkch784CbXQ6wrvNhmM',
          ],
        ],
        body: '{"event":"room_started","id":"EV_2","createdAt":"1767225600"}',
        key: 'livekit_test_api_secret_32_bytes_long',
        settings: {
          apiKey: 'APIpostern123',
        },
        at: 1767225605,
      },
      {
        why: 'one space more',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaGEyNTYiOiI1b0lVVUpnK0Njak1ESGd2MzRDbkFHR20wbzhqWGVjUkJnQnQ0MFJPTHNrPSIsImlzcyI6IkFQSXBvc3Rlcm4xMjMiLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMH0.Knmk7TKWyQ9nFnI9NKMHhAXDFkch784CbXQ6wrvNhmM',
          ],
        ],
        body: '{"event":"room_started","id":"EV_1","createdAt":"1767225600"} ',
        key: 'livekit_test_api_secret_32_bytes_long',
        settings: {
          apiKey: 'APIpostern123',
        },
        at: 1767225605,
      },
      {
        why: 'no hash of the body',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJBUElwb3N0ZXJuMTIzIiwiZXhwIjoxNzY3MjI1OTAwLCJuYmYiOjE3NjcyMjU2MDB9.tWZEpdhFe-uilv8XOP0x8Lk7WrUxh7aAw83-wQtVeiw',
          ],
        ],
        body: '{"event":"room_started","id":"EV_1","createdAt":"1767225600"}',
        key: 'livekit_test_api_secret_32_bytes_long',
        settings: {
          apiKey: 'APIpostern123',
        },
        at: 1767225605,
      },
      {
        why: 'the hash as hex',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaGEyNTYiOiJlNjgyMTQ1MDk4M2UwOWM4Y2MwYzc4MmZkZjgwYTcwMDYxYTZkMjhmMjM1ZGU3MTEwNjAwNmRlMzQ0NGUyZWM5IiwiaXNzIjoiQVBJcG9zdGVybjEyMyIsImV4cCI6MTc2NzIyNTkwMCwibmJmIjoxNzY3MjI1NjAwfQ.wFCgzRKy_3vbtspjcm9_ahvQ9cb5o8lrUCiB6tHYMkU',
          ],
        ],
        body: '{"event":"room_started","id":"EV_1","createdAt":"1767225600"}',
        key: 'livekit_test_api_secret_32_bytes_long',
        settings: {
          apiKey: 'APIpostern123',
        },
        at: 1767225605,
      },
      {
        why: 'another API key as issuer',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaGEyNTYiOiI1b0lVVUpnK0Njak1ESGd2MzRDbkFHR20wbzhqWGVjUkJnQnQ0MFJPTHNrPSIsImlzcyI6IkFQSW90aGVyIiwiZXhwIjoxNzY3MjI1OTAwLCJuYmYiOjE3NjcyMjU2MDB9.a1B7EAZqRP5c9__wjxuF5itqpXMVjH7i3XpOIBriQRw',
          ],
        ],
        body: '{"event":"room_started","id":"EV_1","createdAt":"1767225600"}',
        key: 'livekit_test_api_secret_32_bytes_long',
        settings: {
          apiKey: 'APIpostern123',
        },
        at: 1767225605,
      },
      {
        why: 'no issuer',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaGEyNTYiOiI1b0lVVUpnK0Njak1ESGd2MzRDbkFHR20wbzhqWGVjUkJnQnQ0MFJPTHNrPSIsImV4cCI6MTc2NzIyNTkwMCwibmJmIjoxNzY3MjI1NjAwfQ.8mBzb6vK4lyd5QZXiIkNwzVuv6IZotgxuT6aifZ8vhI',
          ],
        ],
        body: '{"event":"room_started","id":"EV_1","createdAt":"1767225600"}',
        key: 'livekit_test_api_secret_32_bytes_long',
        settings: {
          apiKey: 'APIpostern123',
        },
        at: 1767225605,
      },
      {
        why: 'the API key is not set here',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaGEyNTYiOiI1b0lVVUpnK0Njak1ESGd2MzRDbkFHR20wbzhqWGVjUkJnQnQ0MFJPTHNrPSIsImlzcyI6IkFQSXBvc3Rlcm4xMjMiLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMH0.Knmk7TKWyQ9nFnI9NKMHhAXDFkch784CbXQ6wrvNhmM',
          ],
        ],
        body: '{"event":"room_started","id":"EV_1","createdAt":"1767225600"}',
        key: 'livekit_test_api_secret_32_bytes_long',
        settings: {},
        at: 1767225605,
      },
      {
        why: 'Bearer before it',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaGEyNTYiOiI1b0lVVUpnK0Njak1ESGd2MzRDbkFHR20wbzhqWGVjUkJnQnQ0MFJPTHNrPSIsImlzcyI6IkFQSXBvc3Rlcm4xMjMiLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMH0.Knmk7TKWyQ9nFnI9NKMHhAXDFkch784CbXQ6wrvNhmM',
          ],
        ],
        body: '{"event":"room_started","id":"EV_1","createdAt":"1767225600"}',
        key: 'livekit_test_api_secret_32_bytes_long',
        settings: {
          apiKey: 'APIpostern123',
        },
        at: 1767225605,
      },
      {
        why: 'under the name of older servers',
        headers: [
          [
            'Authorize',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaGEyNTYiOiI1b0lVVUpnK0Njak1ESGd2MzRDbkFHR20wbzhqWGVjUkJnQnQ0MFJPTHNrPSIsImlzcyI6IkFQSXBvc3Rlcm4xMjMiLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMH0.Knmk7TKWyQ9nFnI9NKMHhAXDFkch784CbXQ6wrvNhmM',
          ],
        ],
        body: '{"event":"room_started","id":"EV_1","createdAt":"1767225600"}',
        key: 'livekit_test_api_secret_32_bytes_long',
        settings: {
          apiKey: 'APIpostern123',
        },
        at: 1767225605,
      },
      {
        why: 'signed with another secret',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaGEyNTYiOiI1b0lVVUpnK0Njak1ESGd2MzRDbkFHR20wbzhqWGVjUkJnQnQ0MFJPTHNrPSIsImlzcyI6IkFQSXBvc3Rlcm4xMjMiLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMH0.g0oPbeTtfs9g4-BXOjIm4qSIWmXSNP4YZXJeO4XodH4',
          ],
        ],
        body: '{"event":"room_started","id":"EV_1","createdAt":"1767225600"}',
        key: 'livekit_test_api_secret_32_bytes_long',
        settings: {
          apiKey: 'APIpostern123',
        },
        at: 1767225605,
      },
      {
        why: 'alg none',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzaGEyNTYiOiI1b0lVVUpnK0Njak1ESGd2MzRDbkFHR20wbzhqWGVjUkJnQnQ0MFJPTHNrPSIsImlzcyI6IkFQSXBvc3Rlcm4xMjMiLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMH0.',
          ],
        ],
        body: '{"event":"room_started","id":"EV_1","createdAt":"1767225600"}',
        key: 'livekit_test_api_secret_32_bytes_long',
        settings: {
          apiKey: 'APIpostern123',
        },
        at: 1767225605,
      },
      {
        why: 'an empty header',
        headers: [['Authorization', '']],
        body: '{"event":"room_started","id":"EV_1","createdAt":"1767225600"}',
        key: 'livekit_test_api_secret_32_bytes_long',
        settings: {
          apiKey: 'APIpostern123',
        },
        at: 1767225605,
      },
      {
        why: 'no header',
        headers: [],
        body: '{"event":"room_started","id":"EV_1","createdAt":"1767225600"}',
        key: 'livekit_test_api_secret_32_bytes_long',
        settings: {
          apiKey: 'APIpostern123',
        },
        at: 1767225605,
      },
      {
        why: 'no time of expiry',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaGEyNTYiOiI1b0lVVUpnK0Njak1ESGd2MzRDbkFHR20wbzhqWGVjUkJnQnQ0MFJPTHNrPSIsImlzcyI6IkFQSXBvc3Rlcm4xMjMiLCJuYmYiOjE3NjcyMjU2MDB9.dpOlwohV8KqzkDx9MckrX8DALf-oakNwrkxx8Ewit8Y',
          ],
        ],
        body: '{"event":"room_started","id":"EV_1","createdAt":"1767225600"}',
        key: 'livekit_test_api_secret_32_bytes_long',
        settings: {
          apiKey: 'APIpostern123',
        },
        at: 1767225605,
      },
      {
        why: 'expired',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaGEyNTYiOiI1b0lVVUpnK0Njak1ESGd2MzRDbkFHR20wbzhqWGVjUkJnQnQ0MFJPTHNrPSIsImlzcyI6IkFQSXBvc3Rlcm4xMjMiLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMH0.Knmk7TKWyQ9nFnI9NKMHhAXDFkch784CbXQ6wrvNhmM',
          ],
        ],
        body: '{"event":"room_started","id":"EV_1","createdAt":"1767225600"}',
        key: 'livekit_test_api_secret_32_bytes_long',
        settings: {
          apiKey: 'APIpostern123',
        },
        at: 1767225960,
      },
      {
        why: 'before its time',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaGEyNTYiOiI1b0lVVUpnK0Njak1ESGd2MzRDbkFHR20wbzhqWGVjUkJnQnQ0MFJPTHNrPSIsImlzcyI6IkFQSXBvc3Rlcm4xMjMiLCJleHAiOjE3NjcyMjU5MDAsIm5iZiI6MTc2NzIyNTYwMH0.Knmk7TKWyQ9nFnI9NKMHhAXDFkch784CbXQ6wrvNhmM',
          ],
        ],
        body: '{"event":"room_started","id":"EV_1","createdAt":"1767225600"}',
        key: 'livekit_test_api_secret_32_bytes_long',
        settings: {
          apiKey: 'APIpostern123',
        },
        at: 1767225540,
      },
    ],
  },
})
