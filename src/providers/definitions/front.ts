import { defineProvider } from '../definition.ts'

export const front = defineProvider({
  id: 'front',
  name: 'Front',
  category: 'support',
  docs: 'https://dev.frontapp.com/docs/application-webhooks',
  schemes: [
    {
      family: 'hmac',
      name: 'application',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'X-Front-Signature', parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [{ templates: ['{ts}:{body}'] }],
      timestamp: {
        in: { header: 'X-Front-Request-Timestamp' },
        unit: 'ms',
        toleranceSeconds: 300,
        toleranceDocumented: false,
      },
    },
  ],
  keyForm: 'The signing key of the application, as text.',
  setup: [
    'Open Settings, Developers in Front, create an app or open one, and copy its signing key.',
    'Add the feature Webhooks with the receive URL and choose the events.',
    'Save: Front sends a challenge to the URL, which is answered here.',
    'For an app that others install, add OAuth so that they can grant the events.',
  ],
  rotation:
    'Add the new signing key here beside the old one as soon as Front shows it, and end the old one when no event matches it any more.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.id | body:$.payload.id',
    type: 'body:$.type',
    tenant: 'body:$.authorization.id',
    subject: 'body:$.conversation.id | body:$.payload.conversation.id',
    occurredAt: 'body:$.emitted_at | body:$.payload.emitted_at',
  },
  handshakes: [
    {
      name: 'challenge',
      when: { methods: ['POST'], match: { 'header:X-Front-Challenge': true } },
      // Front sends it while the form is being saved, when the signing key may not have been brought here yet. All that
      // the sender gets back is its own header.
      signed: false,
      respond: { status: 200, text: { from: 'header:X-Front-Challenge' } },
    },
  ],
  delivery: { success: '2xx', retries: 'not documented' },
  pitfalls: [
    'The timestamp is in milliseconds.',
    'No window is documented for webhooks; 300 seconds is ours.',
    'Webhooks made in a rule are signed another way, with SHA-1 and the API secret, and are refused.',
    'The challenge comes again whenever the settings are saved.',
  ],
  sample: {
    type: 'inbound_received',
    idPrefix: 'evt_',
    contentType: 'application/json',
    body: '{"type":"{{type}}","authorization":{"id":"cmp_1"},"payload":{"id":"{{id}}","type":"inbound","emitted_at":{{seconds}}.125,"conversation":{"id":"cnv_1","subject":"Where is my order?","status":"unassigned"}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'an event',
        headers: [
          ['X-Front-Request-Timestamp', '1767225600123'],
          ['X-Front-Signature', 'EI/l/7lwtPgqDfXqY0A5fKUzZbQ8XDkHb1QqGLMtIcw='],
        ],
        body: '{"type":"inbound_received","authorization":{"id":"cmp_1"},"payload":{"id":"evt_1"}}',
        key: 'front_test_application_signing_key',
        at: 1767225605,
      },
      {
        why: 'pretty-printed, UTF-8, escapes, and text that a template must not expand',
        headers: [
          ['X-Front-Request-Timestamp', '1767225600123'],
          ['X-Front-Signature', 'wUg3qmXZVUY/WRuFG0wCzZsK7LR7wPaUyEcc1KcSZSA='],
        ],
        body: '{\n  "type": "new_comment_added",\n  "payload": { "id": "evt_2", "text": "Grüße 🚀 $& $1 \\u00e9\\/" }\n}\n',
        key: 'front_test_application_signing_key',
        at: 1767225605,
      },
      {
        why: 'within the last second of the window',
        headers: [
          ['X-Front-Request-Timestamp', '1767225600123'],
          ['X-Front-Signature', 'EI/l/7lwtPgqDfXqY0A5fKUzZbQ8XDkHb1QqGLMtIcw='],
        ],
        body: '{"type":"inbound_received","authorization":{"id":"cmp_1"},"payload":{"id":"evt_1"}}',
        key: 'front_test_application_signing_key',
        at: 1767225900,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['X-Front-Request-Timestamp', '1767225600123'],
          ['X-Front-Signature', 'EI/l/7lwtPgqDfXqY0A5fKUzZbQ8XDkHb1QqGLMtIcw='],
        ],
        body: '{"type":"inbound_received","authorization":{"id":"cmp_1"},"payload":{"id":"evt_2"}}',
        key: 'front_test_application_signing_key',
        at: 1767225605,
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['X-Front-Request-Timestamp', '1767225600124'],
          ['X-Front-Signature', 'EI/l/7lwtPgqDfXqY0A5fKUzZbQ8XDkHb1QqGLMtIcw='],
        ],
        body: '{"type":"inbound_received","authorization":{"id":"cmp_1"},"payload":{"id":"evt_1"}}',
        key: 'front_test_application_signing_key',
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [['X-Front-Signature', 'EI/l/7lwtPgqDfXqY0A5fKUzZbQ8XDkHb1QqGLMtIcw=']],
        body: '{"type":"inbound_received","authorization":{"id":"cmp_1"},"payload":{"id":"evt_1"}}',
        key: 'front_test_application_signing_key',
        at: 1767225605,
      },
      {
        why: 'no signature',
        headers: [['X-Front-Request-Timestamp', '1767225600123']],
        body: '{"type":"inbound_received","authorization":{"id":"cmp_1"},"payload":{"id":"evt_1"}}',
        key: 'front_test_application_signing_key',
        at: 1767225605,
      },
      {
        why: 'an empty signature',
        headers: [
          ['X-Front-Request-Timestamp', '1767225600123'],
          ['X-Front-Signature', ''],
        ],
        body: '{"type":"inbound_received","authorization":{"id":"cmp_1"},"payload":{"id":"evt_1"}}',
        key: 'front_test_application_signing_key',
        at: 1767225605,
      },
      {
        why: 'signed with another key',
        headers: [
          ['X-Front-Request-Timestamp', '1767225600123'],
          ['X-Front-Signature', '+ZyFdKX0bFg1DK89UIVs6W9k26LFKklbRC+Lalkc4qY='],
        ],
        body: '{"type":"inbound_received","authorization":{"id":"cmp_1"},"payload":{"id":"evt_1"}}',
        key: 'front_test_application_signing_key',
        at: 1767225605,
      },
      {
        why: 'body before timestamp',
        headers: [
          ['X-Front-Request-Timestamp', '1767225600123'],
          ['X-Front-Signature', 'gnwLwuj7cV4au/QO7OWz46ffFtEWbB8JYck6MHP4A+g='],
        ],
        body: '{"type":"inbound_received","authorization":{"id":"cmp_1"},"payload":{"id":"evt_1"}}',
        key: 'front_test_application_signing_key',
        at: 1767225605,
      },
      {
        why: 'a rule webhook: SHA-1 over the body',
        headers: [
          ['X-Front-Request-Timestamp', '1767225600123'],
          ['X-Front-Signature', 'B2QLH+4O4uP6kXuT+RVNn5CBCHg='],
        ],
        body: '{"type":"inbound_received","authorization":{"id":"cmp_1"},"payload":{"id":"evt_1"}}',
        key: 'front_test_application_signing_key',
        at: 1767225605,
      },
      {
        why: 'hex in place of base64',
        headers: [
          ['X-Front-Request-Timestamp', '1767225600123'],
          ['X-Front-Signature', '108fe5ffb970b4f82a0df5ea6340397ca53365b43c5c39076f542a18b32d21cc'],
        ],
        body: '{"type":"inbound_received","authorization":{"id":"cmp_1"},"payload":{"id":"evt_1"}}',
        key: 'front_test_application_signing_key',
        at: 1767225605,
      },
      {
        why: 'the timestamp in seconds',
        headers: [
          ['X-Front-Request-Timestamp', '1767225600'],
          ['X-Front-Signature', 'cMLXNvL72olXfAb1tKiZvnQuN0x0RkZzw/LgsXna/Nk='],
        ],
        body: '{"type":"inbound_received","authorization":{"id":"cmp_1"},"payload":{"id":"evt_1"}}',
        key: 'front_test_application_signing_key',
        at: 1767225605,
      },
      {
        why: 'a second too old',
        headers: [
          ['X-Front-Request-Timestamp', '1767225600123'],
          ['X-Front-Signature', 'EI/l/7lwtPgqDfXqY0A5fKUzZbQ8XDkHb1QqGLMtIcw='],
        ],
        body: '{"type":"inbound_received","authorization":{"id":"cmp_1"},"payload":{"id":"evt_1"}}',
        key: 'front_test_application_signing_key',
        at: 1767225901,
      },
      {
        why: 'a second too early',
        headers: [
          ['X-Front-Request-Timestamp', '1767225600123'],
          ['X-Front-Signature', 'EI/l/7lwtPgqDfXqY0A5fKUzZbQ8XDkHb1QqGLMtIcw='],
        ],
        body: '{"type":"inbound_received","authorization":{"id":"cmp_1"},"payload":{"id":"evt_1"}}',
        key: 'front_test_application_signing_key',
        at: 1767225300,
      },
    ],
  },
})
