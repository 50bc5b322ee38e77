import { defineProvider } from '../definition.ts'

export const linkedin = defineProvider({
  id: 'linkedin',
  name: 'LinkedIn',
  category: 'social',
  docs: 'https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      // The prefix is part of what is signed; whether it also stands in the header, the documentation leaves open.
      signature: {
        header: 'X-LI-Signature',
        parse: { kind: 'prefix', prefix: 'hmacsha256=', optional: true },
        encoding: 'hex',
      },
      signed: [{ templates: ['hmacsha256={body}'] }],
    },
  ],
  keyForm: 'The client secret of the app, as text.',
  setup: [
    'Copy the client secret from the Auth tab of the app and create the integration with it first: LinkedIn checks the URL at once.',
    'Enter the receive URL in the Webhooks tab of the app; the challenge is answered here.',
    'Subscribe to the events, for organizations through eventSubscriptions.',
  ],
  rotation:
    'Generate a new client secret in the Auth tab and add it here at once, beside the old one. Challenges are answered with the newest key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // A request may hold several notifications: the first names it, the body is its identity.
  event: {
    id: 'body:$.notificationId | body:$.notifications[0].notificationId',
    type: 'body:$.type',
    tenant: 'body:$.organizationalEntity | body:$.notifications[0].organizationalEntity',
    subject: 'body:$.notifications[0].sourcePost',
    occurredAt: 'body:$.notifications[0].lastModifiedAt',
    dedupe: 'content',
  },
  handshakes: [
    {
      name: 'challengeCode',
      when: { methods: ['GET'], match: { 'query:challengeCode': true } },
      signed: false,
      respond: {
        status: 200,
        json: {
          object: {
            challengeCode: { from: 'query:challengeCode' },
            challengeResponse: { hmac: 'sha256', encoding: 'hex', of: [{ from: 'query:challengeCode' }] },
          },
        },
      },
    },
  ],
  delivery: { success: '2xx', timeoutSeconds: 3, retries: 'every 5 minutes for up to 8 hours' },
  pitfalls: [
    'The documentation can be read in two ways: the text hmacsha256= is signed before the body, or it only stands in the header. Signing it is what works here; check with a first real delivery.',
    'The URL is checked again every two hours and is blocked after three failures.',
    'The challenge of a parent app names the child in applicationId; give each app an integration of its own.',
  ],
  sample: {
    type: 'ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS',
    contentType: 'application/json',
    body: '{"type":"{{type}}","notifications":[{"notificationId":{{seconds}},"organizationalEntity":"urn:li:organization:1234","action":"COMMENT","sourcePost":"urn:li:share:6743","lastModifiedAt":{{seconds}}000,"subscriber":"urn:li:person:{{id}}"}]}',
  },
  vectors: {
    accepted: [
      {
        why: 'a notification',
        headers: [['X-LI-Signature', '9aa569b91bb74b8a247615847e52ccda69454c4e158440f611409c37ad5e3430']],
        body: '{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[{"notificationId":1}]}',
        key: 'linkedin_test_client_secret',
      },
      {
        why: 'the prefix also in the header',
        headers: [['X-LI-Signature', 'hmacsha256=9aa569b91bb74b8a247615847e52ccda69454c4e158440f611409c37ad5e3430']],
        body: '{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[{"notificationId":1}]}',
        key: 'linkedin_test_client_secret',
      },
      {
        why: 'pretty-printed, UTF-8, escapes, and text that a template must not expand',
        headers: [['X-LI-Signature', '21b281c22e637dc2ad9ddeba290b62a013a11c9933bef62eb3ccf3e8e0028920']],
        body: '{\n  "type": "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS",\n  "text": "Grüße 🚀 $& $1 \\u00e9\\/"\n}\n',
        key: 'linkedin_test_client_secret',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-LI-Signature', '9aa569b91bb74b8a247615847e52ccda69454c4e158440f611409c37ad5e3430']],
        body: '{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[{"notificationId":2}]}',
        key: 'linkedin_test_client_secret',
      },
      {
        why: 'one space more',
        headers: [['X-LI-Signature', '9aa569b91bb74b8a247615847e52ccda69454c4e158440f611409c37ad5e3430']],
        body: '{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[{"notificationId":1}]} ',
        key: 'linkedin_test_client_secret',
      },
      {
        why: 'signed over the body alone',
        headers: [['X-LI-Signature', '089a3c7b0bdafdbb524dbb31e317c2561f5f3876bbbe440daa0306ef95f596d7']],
        body: '{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[{"notificationId":1}]}',
        key: 'linkedin_test_client_secret',
      },
      {
        why: 'signed over the body alone, prefix in the header',
        headers: [['X-LI-Signature', 'hmacsha256=089a3c7b0bdafdbb524dbb31e317c2561f5f3876bbbe440daa0306ef95f596d7']],
        body: '{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[{"notificationId":1}]}',
        key: 'linkedin_test_client_secret',
      },
      {
        why: 'signed with another secret',
        headers: [['X-LI-Signature', '814311b103d82da4dc3bb1f54e9d2be235eb38f3b3fc426f1ee6ee2cfc6ab787']],
        body: '{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[{"notificationId":1}]}',
        key: 'linkedin_test_client_secret',
      },
      {
        why: 'another prefix',
        headers: [['X-LI-Signature', 'sha256=9aa569b91bb74b8a247615847e52ccda69454c4e158440f611409c37ad5e3430']],
        body: '{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[{"notificationId":1}]}',
        key: 'linkedin_test_client_secret',
      },
      {
        why: 'base64 in place of hex',
        headers: [['X-LI-Signature', 'mqVpuRu3S4okdhWEflLM2mlFTE4VhED2EUCcN61eNDA=']],
        body: '{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[{"notificationId":1}]}',
        key: 'linkedin_test_client_secret',
      },
      {
        why: 'SHA-1',
        headers: [['X-LI-Signature', 'c9268f87cebf41ca39f9b26fbc7b947d85f6048b']],
        body: '{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[{"notificationId":1}]}',
        key: 'linkedin_test_client_secret',
      },
      {
        why: 'only the prefix',
        headers: [['X-LI-Signature', 'hmacsha256=']],
        body: '{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[{"notificationId":1}]}',
        key: 'linkedin_test_client_secret',
      },
      {
        why: 'an empty header',
        headers: [['X-LI-Signature', '']],
        body: '{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[{"notificationId":1}]}',
        key: 'linkedin_test_client_secret',
      },
      {
        why: 'no header',
        headers: [],
        body: '{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[{"notificationId":1}]}',
        key: 'linkedin_test_client_secret',
      },
    ],
  },
})
