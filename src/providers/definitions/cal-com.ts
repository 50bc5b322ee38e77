import { defineProvider } from '../definition.ts'

export const calCom = defineProvider({
  id: 'cal-com',
  name: 'Cal.com',
  category: 'scheduling',
  docs: 'https://cal.com/docs/developing/guides/automation/webhooks',
  schemes: [
    {
      family: 'hmac',
      name: 'sha256',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'X-Cal-Signature-256', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'Free text, chosen in the webhook’s settings.',
  setup: [
    'In Cal.com open Settings, Developer, Webhooks, and create a webhook with the address of this integration.',
    'Enter a long random secret and paste the same here.',
    'Choose the triggers and leave the payload template as it is.',
    'Use “Ping test”, then save.',
  ],
  rotation:
    'A webhook has one secret. Add the new one here, change it in the webhook’s settings, then remove the old one here.',
  payload: [{ kind: 'json' }, { kind: 'form' }],
  methods: ['POST'],
  // Each guest of a seated event and each change of a booking repeats its uid.
  event: {
    id: 'body:$.payload.uid + body:$.triggerEvent',
    type: 'body:$.triggerEvent',
    tenant: 'body:$.payload.organizer.id',
    subject: 'body:$.payload.uid | body:$.payload.bookingUid',
    occurredAt: 'body:$.createdAt',
    dedupe: 'content',
  },
  delivery: { success: '2xx', retries: 'none that can be relied on' },
  pitfalls: [
    'A webhook without a secret sends the text `no-secret-provided` as its signature: refused.',
    'A payload template of your own can make the body something other than JSON; it then comes as a form and has no type.',
    'No timestamp is signed: a captured request stays valid until the secret changes.',
  ],
  sample: {
    type: 'BOOKING_CREATED',
    contentType: 'application/json',
    body: '{"triggerEvent":"{{type}}","createdAt":"{{iso}}","payload":{"type":"30min","title":"Sample","uid":"{{id}}","organizer":{"id":5,"name":"Postern","email":"organizer@example.com"},"attendees":[{"name":"Jon Sample","email":"jon@example.com"}],"status":"ACCEPTED"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['X-Cal-Signature-256', '93817119af27b226837a85b5e31e6239c832a48ca470ad6d9ed198c5439a06dd']],
        body: '{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"b1"}}',
        key: 'cal_test_webhook_secret',
      },
      {
        why: 'the exact bytes: line breaks, UTF-8, escapes and `$&`',
        headers: [['X-Cal-Signature-256', 'd55ae1687057e544ed7ad2af94e37ca0b20cdcc3ee9da09cabe0fc257355e6a5']],
        body: '{\n  "triggerEvent": "BOOKING_CREATED",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'cal_test_webhook_secret',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-Cal-Signature-256', '93817119af27b226837a85b5e31e6239c832a48ca470ad6d9ed198c5439a06dd']],
        body: '{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"b2"}}',
        key: 'cal_test_webhook_secret',
      },
      {
        why: 'a line break added to the body',
        headers: [['X-Cal-Signature-256', '93817119af27b226837a85b5e31e6239c832a48ca470ad6d9ed198c5439a06dd']],
        body: '{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"b1"}}\n',
        key: 'cal_test_webhook_secret',
      },
      {
        why: 'signed with another key',
        headers: [['X-Cal-Signature-256', '89215ca796a606da1c0a59e2da43b56243860b3d0cf1a50c6ae15cc6610fd8b3']],
        body: '{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"b1"}}',
        key: 'cal_test_webhook_secret',
      },
      {
        why: 'no signature',
        headers: [['Content-Type', 'application/json']],
        body: '{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"b1"}}',
        key: 'cal_test_webhook_secret',
      },
      {
        why: 'an empty signature',
        headers: [['X-Cal-Signature-256', '']],
        body: '{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"b1"}}',
        key: 'cal_test_webhook_secret',
      },
      {
        why: 'base64 in place of hex',
        headers: [['X-Cal-Signature-256', 'k4FxGa8nsiaDeoW14x5iOcgypIykcK1tntGYxUOaBt0=']],
        body: '{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"b1"}}',
        key: 'cal_test_webhook_secret',
      },
      {
        why: 'SHA-1',
        headers: [['X-Cal-Signature-256', '52375ad23a7daa69036d3b68d1fa7c98220c44f0']],
        body: '{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"b1"}}',
        key: 'cal_test_webhook_secret',
      },
      {
        why: 'a prefix where none belongs',
        headers: [['X-Cal-Signature-256', 'sha256=93817119af27b226837a85b5e31e6239c832a48ca470ad6d9ed198c5439a06dd']],
        body: '{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"b1"}}',
        key: 'cal_test_webhook_secret',
      },
      {
        why: 'two signature headers',
        headers: [
          ['X-Cal-Signature-256', '93817119af27b226837a85b5e31e6239c832a48ca470ad6d9ed198c5439a06dd'],
          ['X-Cal-Signature-256', '93817119af27b226837a85b5e31e6239c832a48ca470ad6d9ed198c5439a06dd'],
        ],
        body: '{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"b1"}}',
        key: 'cal_test_webhook_secret',
      },
      {
        why: 'the text sent where no secret is set',
        headers: [['X-Cal-Signature-256', 'no-secret-provided']],
        body: '{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"b1"}}',
        key: 'cal_test_webhook_secret',
      },
    ],
  },
})
