import { defineProvider } from '../definition.ts'

export const googleChannels = defineProvider({
  id: 'google-channels',
  name: 'Google push channels (Drive, Calendar)',
  category: 'cloud',
  docs: 'https://developers.google.com/workspace/drive/api/guides/push',
  schemes: [
    {
      family: 'token',
      name: 'token',
      token: { in: 'header', name: 'X-Goog-Channel-Token' },
      weakness: 'The token covers nothing: who sees one request can make any other.',
    },
  ],
  keyForm: 'The `token` that you give when you open the channel: a long random text, 256 characters at most.',
  setup: [
    'Make a long random token and paste it here as the key of the integration.',
    'Call the API’s `watch` method (`files.watch`, `changes.watch`, `events.watch`) with `type: "web_hook"`, a new UUID as `id`, the URL of the integration as `address`, and the token as `token`.',
    'Google sends a message with the state `sync` at once; it is answered and leaves no event.',
    'Note `expiration` in the answer and open a new channel before it: channels are not renewed.',
  ],
  rotation:
    'Add the new token here as a second key, open a channel with it, stop the old channel with `channels.stop`, then remove the old key.',
  payload: [{ kind: 'empty' }, { kind: 'json-object' }],
  methods: ['POST'],
  // Messages are numbered within their channel.
  event: {
    id: 'header:X-Goog-Channel-ID + header:X-Goog-Message-Number',
    type: 'header:X-Goog-Resource-State',
    tenant: 'header:X-Goog-Channel-ID',
    subject: 'header:X-Goog-Resource-ID',
  },
  handshakes: [
    {
      name: 'sync',
      when: { methods: ['POST'], match: { 'header:X-Goog-Resource-State': 'sync' } },
      signed: true,
      respond: { status: 200 },
    },
  ],
  delivery: { success: '2xx', retries: 'with growing pauses on 500, 502, 503 and 504' },
  pitfalls: [
    'A message says that something changed, not what: ask the API.',
    'A channel opened without a token is refused here.',
    'Channels end by themselves, and nobody is told.',
    'The numbers of messages grow but have gaps.',
  ],
  sample: {
    type: 'update',
    contentType: 'application/json',
    headers: [
      ['X-Goog-Channel-ID', '4ba78bf0-6a47-11e2-bcfd-0800200c9a66'],
      ['X-Goog-Message-Number', '10'],
      ['X-Goog-Resource-ID', 'ret08u3rv24htgh289g'],
      ['X-Goog-Resource-URI', 'https://www.googleapis.com/drive/v3/files/sample?alt=json'],
    ],
    body: '',
  },
  vectors: {
    accepted: [
      {
        why: 'the right token',
        headers: [
          ['X-Goog-Channel-ID', '4ba78bf0'],
          ['X-Goog-Message-Number', '10'],
          ['X-Goog-Resource-State', 'update'],
          ['X-Goog-Channel-Token', 'google_test_channel_token_0123456789'],
        ],
        body: '',
        key: 'google_test_channel_token_0123456789',
      },
      {
        why: 'with a body, as the Admin SDK sends',
        headers: [
          ['X-Goog-Channel-ID', '4ba78bf0'],
          ['X-Goog-Message-Number', '10'],
          ['X-Goog-Resource-State', 'update'],
          ['X-Goog-Channel-Token', 'google_test_channel_token_0123456789'],
        ],
        body: '{"kind":"admin#directory#user","id":"1","name":"Grüße $&"}',
        key: 'google_test_channel_token_0123456789',
      },
    ],
    refused: [
      {
        why: 'another token',
        headers: [
          ['X-Goog-Channel-ID', '4ba78bf0'],
          ['X-Goog-Message-Number', '10'],
          ['X-Goog-Resource-State', 'update'],
          ['X-Goog-Channel-Token', 'google_test_channel_token_012345678z'],
        ],
        body: '',
        key: 'google_test_channel_token_0123456789',
      },
      {
        why: 'one character more',
        headers: [
          ['X-Goog-Channel-ID', '4ba78bf0'],
          ['X-Goog-Message-Number', '10'],
          ['X-Goog-Resource-State', 'update'],
          ['X-Goog-Channel-Token', 'google_test_channel_token_0123456789x'],
        ],
        body: '',
        key: 'google_test_channel_token_0123456789',
      },
      {
        why: 'the last character missing',
        headers: [
          ['X-Goog-Channel-ID', '4ba78bf0'],
          ['X-Goog-Message-Number', '10'],
          ['X-Goog-Resource-State', 'update'],
          ['X-Goog-Channel-Token', 'google_test_channel_token_012345678'],
        ],
        body: '',
        key: 'google_test_channel_token_0123456789',
      },
      {
        why: 'no token',
        headers: [
          ['X-Goog-Channel-ID', '4ba78bf0'],
          ['X-Goog-Message-Number', '10'],
          ['X-Goog-Resource-State', 'update'],
        ],
        body: '',
        key: 'google_test_channel_token_0123456789',
      },
      {
        why: 'an empty token',
        headers: [
          ['X-Goog-Channel-ID', '4ba78bf0'],
          ['X-Goog-Message-Number', '10'],
          ['X-Goog-Resource-State', 'update'],
          ['X-Goog-Channel-Token', ''],
        ],
        body: '',
        key: 'google_test_channel_token_0123456789',
      },
      {
        why: 'the token twice',
        headers: [
          ['X-Goog-Channel-ID', '4ba78bf0'],
          ['X-Goog-Message-Number', '10'],
          ['X-Goog-Resource-State', 'update'],
          ['X-Goog-Channel-Token', 'google_test_channel_token_0123456789'],
          ['X-Goog-Channel-Token', 'google_test_channel_token_0123456789'],
        ],
        body: '',
        key: 'google_test_channel_token_0123456789',
      },
    ],
  },
})
