import { defineProvider } from '../definition.ts'

export const webex = defineProvider({
  id: 'webex',
  name: 'Cisco Webex',
  category: 'communication',
  docs: 'https://developer.webex.com/docs/receive-and-verify-webhooks',
  schemes: [
    {
      family: 'hmac',
      name: 'sha1',
      algorithm: 'sha1',
      key: { decode: 'utf8' },
      signature: { header: 'X-Spark-Signature', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The secret that you gave the webhook when you created it, as text.',
  setup: [
    'Make up a long random secret.',
    'Create the webhook through the API (POST /v1/webhooks) with the receive URL as targetUrl, the resource, the event and that secret.',
    'Post a message where the webhook listens and look for the event here.',
  ],
  rotation:
    'Add the new secret here, change it with PUT /v1/webhooks/{id}, and end the old one when events arrive under the new one.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // `id` is the webhook and `data.id` the thing that changed, which may change again: the body is the identity.
  event: {
    id: 'body:$.id + body:$.data.id',
    type: 'body:$.resource + body:$.event',
    tenant: 'body:$.orgId',
    subject: 'body:$.data.id',
    occurredAt: 'body:$.data.updated | body:$.data.created',
    dedupe: 'content',
  },
  delivery: { success: '2xx', retries: 'none documented; the webhook is switched off after repeated failures' },
  pitfalls: [
    'A webhook created without a secret is not signed and is refused.',
    'Messages come without their text: read them through the API.',
    'The id at the top is that of the webhook, not of the event.',
    'The signature holds no time: a captured request verifies until the secret changes.',
  ],
  sample: {
    type: 'messages.created',
    contentType: 'application/json',
    body: '{"id":"Y2lzY29zcGFyazovL3VzL1dFQkhPT0svMQ","name":"New message in room","resource":"messages","event":"created","orgId":"OTZhYmMyYWEtM2RjYy0xMWU1","actorId":"Y2lzY29zcGFyazovL3VzL1BFT1BMRS8x","data":{"id":"{{id}}","roomId":"Y2lzY29zcGFyazovL3VzL1JPT00vMQ","personEmail":"person@example.com","created":"{{iso}}"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'an event',
        headers: [['X-Spark-Signature', '38ea50128ed93d6975cc2d56ece904e672fc3f59']],
        body: '{"id":"Y2lzY29zcGFyazovL3VzL1dFQkhPT0sx","resource":"messages","event":"created","data":{"id":"M1"}}',
        key: 'webex_test_webhook_secret',
      },
      {
        why: 'pretty-printed, UTF-8, escapes, and text that a template must not expand',
        headers: [['X-Spark-Signature', '91991d3802a98db2a8b6b486f2d45bbae223989a']],
        body: '{\n  "resource": "messages",\n  "event": "created",\n  "name": "Grüße 🚀 $& $1 \\u00e9\\/"\n}\n',
        key: 'webex_test_webhook_secret',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-Spark-Signature', '38ea50128ed93d6975cc2d56ece904e672fc3f59']],
        body: '{"id":"Y2lzY29zcGFyazovL3VzL1dFQkhPT0sx","resource":"messages","event":"created","data":{"id":"M2"}}',
        key: 'webex_test_webhook_secret',
      },
      {
        why: 'one space more',
        headers: [['X-Spark-Signature', '38ea50128ed93d6975cc2d56ece904e672fc3f59']],
        body: '{"id":"Y2lzY29zcGFyazovL3VzL1dFQkhPT0sx","resource":"messages","event":"created","data":{"id":"M1"}} ',
        key: 'webex_test_webhook_secret',
      },
      {
        why: 'signed with another secret',
        headers: [['X-Spark-Signature', '2daf7050be5e0797819ba990ea8f80f57cc58a70']],
        body: '{"id":"Y2lzY29zcGFyazovL3VzL1dFQkhPT0sx","resource":"messages","event":"created","data":{"id":"M1"}}',
        key: 'webex_test_webhook_secret',
      },
      {
        why: 'SHA-256',
        headers: [['X-Spark-Signature', '9a27dd7ea6f893b127c1c6451aa3a16e9cad66092be0c365d1689dd972cc4dc0']],
        body: '{"id":"Y2lzY29zcGFyazovL3VzL1dFQkhPT0sx","resource":"messages","event":"created","data":{"id":"M1"}}',
        key: 'webex_test_webhook_secret',
      },
      {
        why: 'base64 in place of hex',
        headers: [['X-Spark-Signature', 'OOpQEo7ZPWl1zC1W7OkE5nL8P1k=']],
        body: '{"id":"Y2lzY29zcGFyazovL3VzL1dFQkhPT0sx","resource":"messages","event":"created","data":{"id":"M1"}}',
        key: 'webex_test_webhook_secret',
      },
      {
        why: 'a prefix before it',
        headers: [['X-Spark-Signature', 'sha1=38ea50128ed93d6975cc2d56ece904e672fc3f59']],
        body: '{"id":"Y2lzY29zcGFyazovL3VzL1dFQkhPT0sx","resource":"messages","event":"created","data":{"id":"M1"}}',
        key: 'webex_test_webhook_secret',
      },
      {
        why: 'cut by one byte',
        headers: [['X-Spark-Signature', '38ea50128ed93d6975cc2d56ece904e672fc3f']],
        body: '{"id":"Y2lzY29zcGFyazovL3VzL1dFQkhPT0sx","resource":"messages","event":"created","data":{"id":"M1"}}',
        key: 'webex_test_webhook_secret',
      },
      {
        why: 'an empty header',
        headers: [['X-Spark-Signature', '']],
        body: '{"id":"Y2lzY29zcGFyazovL3VzL1dFQkhPT0sx","resource":"messages","event":"created","data":{"id":"M1"}}',
        key: 'webex_test_webhook_secret',
      },
      {
        why: 'no header',
        headers: [],
        body: '{"id":"Y2lzY29zcGFyazovL3VzL1dFQkhPT0sx","resource":"messages","event":"created","data":{"id":"M1"}}',
        key: 'webex_test_webhook_secret',
      },
      {
        why: 'the header twice',
        headers: [
          ['X-Spark-Signature', '38ea50128ed93d6975cc2d56ece904e672fc3f59'],
          ['X-Spark-Signature', '38ea50128ed93d6975cc2d56ece904e672fc3f59'],
        ],
        body: '{"id":"Y2lzY29zcGFyazovL3VzL1dFQkhPT0sx","resource":"messages","event":"created","data":{"id":"M1"}}',
        key: 'webex_test_webhook_secret',
      },
    ],
  },
})
