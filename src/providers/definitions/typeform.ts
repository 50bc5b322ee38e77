import { defineProvider } from '../definition.ts'

export const typeform = defineProvider({
  id: 'typeform',
  name: 'Typeform',
  category: 'forms',
  docs: 'https://www.typeform.com/developers/webhooks/secure-your-webhooks/',
  schemes: [
    {
      family: 'hmac',
      name: 'sha256',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'Typeform-Signature', parse: { kind: 'prefix', prefix: 'sha256=' }, encoding: 'base64' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'Free text, chosen in the webhook’s settings.',
  setup: [
    'Open the form, then Connect, Webhooks, and add the address of this integration.',
    'Edit the webhook, enter a long random secret, and paste the same here. Through the API: PUT /forms/{form_id}/webhooks/{tag} with `secret`.',
    'Switch the webhook on and send a test request.',
  ],
  rotation:
    'A webhook has one secret. Add the new one here, change it in the webhook’s settings, and remove the old one here when its last retries are in.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.event_id',
    type: 'body:$.event_type',
    tenant: 'body:$.form_response.form_id',
    subject: 'body:$.form_response.token',
    occurredAt: 'body:$.form_response.submitted_at',
  },
  delivery: {
    success: '2xx',
    timeoutSeconds: 30,
    retries: 'every 2 to 3 minutes for 10 hours after 408, 423, 429 or 503; 404 and 410 switch the webhook off',
  },
  pitfalls: [
    'Behind `sha256=` stands base64, not hex.',
    'A webhook without a secret is not signed and is refused here.',
    'No timestamp is signed: the signed event id is what makes a repeat harmless.',
  ],
  sample: {
    type: 'form_response',
    contentType: 'application/json',
    body: '{"event_id":"{{id}}","event_type":"{{type}}","form_response":{"form_id":"lT4Z3j","token":"a3a12ec67a1365927098a606107fac15","landed_at":"{{iso}}","submitted_at":"{{iso}}","answers":[{"type":"text","text":"Sample","field":{"id":"JwWggjAKtOkA","type":"short_text","ref":"name"}}]}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['Typeform-Signature', 'sha256=sap7riGrAFfMJ7WvrOQ8JmLiSRQDM512z1EMz630FDw=']],
        body: '{"event_id":"evt-1","event_type":"form_response","form_response":{"form_id":"f1"}}',
        key: 'typeform_test_secret',
      },
      {
        why: 'the exact bytes: line breaks, UTF-8, escapes and `$&`',
        headers: [['Typeform-Signature', 'sha256=9mttHjRnM2+pGxwfRDBL1lWdqvm8U+gDywiqAzj/XY8=']],
        body: '{\n  "event_id": "evt-2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'typeform_test_secret',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['Typeform-Signature', 'sha256=sap7riGrAFfMJ7WvrOQ8JmLiSRQDM512z1EMz630FDw=']],
        body: '{"event_id":"evt-1","event_type":"form_response","form_response":{"form_id":"f2"}}',
        key: 'typeform_test_secret',
      },
      {
        why: 'a line break added to the body',
        headers: [['Typeform-Signature', 'sha256=sap7riGrAFfMJ7WvrOQ8JmLiSRQDM512z1EMz630FDw=']],
        body: '{"event_id":"evt-1","event_type":"form_response","form_response":{"form_id":"f1"}}\n',
        key: 'typeform_test_secret',
      },
      {
        why: 'signed with another key',
        headers: [['Typeform-Signature', 'sha256=EH3UeGXvfxbbE3RnLrgY1Wf3Umo59KzSJDl7E4NNbzw=']],
        body: '{"event_id":"evt-1","event_type":"form_response","form_response":{"form_id":"f1"}}',
        key: 'typeform_test_secret',
      },
      {
        why: 'no signature',
        headers: [['Content-Type', 'application/json']],
        body: '{"event_id":"evt-1","event_type":"form_response","form_response":{"form_id":"f1"}}',
        key: 'typeform_test_secret',
      },
      {
        why: 'an empty signature',
        headers: [['Typeform-Signature', '']],
        body: '{"event_id":"evt-1","event_type":"form_response","form_response":{"form_id":"f1"}}',
        key: 'typeform_test_secret',
      },
      {
        why: 'hex in place of base64',
        headers: [['Typeform-Signature', 'sha256=b1aa7bae21ab0057cc27b5aface43c2662e2491403339d76cf510ccfadf4143c']],
        body: '{"event_id":"evt-1","event_type":"form_response","form_response":{"form_id":"f1"}}',
        key: 'typeform_test_secret',
      },
      {
        why: 'SHA-1',
        headers: [['Typeform-Signature', 'sha256=IcCE0aLn0T4KPQ+qr6eNkiokSNk=']],
        body: '{"event_id":"evt-1","event_type":"form_response","form_response":{"form_id":"f1"}}',
        key: 'typeform_test_secret',
      },
      {
        why: 'the prefix left out',
        headers: [['Typeform-Signature', 'sap7riGrAFfMJ7WvrOQ8JmLiSRQDM512z1EMz630FDw=']],
        body: '{"event_id":"evt-1","event_type":"form_response","form_response":{"form_id":"f1"}}',
        key: 'typeform_test_secret',
      },
      {
        why: 'two signature headers',
        headers: [
          ['Typeform-Signature', 'sha256=sap7riGrAFfMJ7WvrOQ8JmLiSRQDM512z1EMz630FDw='],
          ['Typeform-Signature', 'sha256=sap7riGrAFfMJ7WvrOQ8JmLiSRQDM512z1EMz630FDw='],
        ],
        body: '{"event_id":"evt-1","event_type":"form_response","form_response":{"form_id":"f1"}}',
        key: 'typeform_test_secret',
      },
      {
        why: 'padding left out',
        headers: [['Typeform-Signature', 'sha256=sap7riGrAFfMJ7WvrOQ8JmLiSRQDM512z1EMz630FDw']],
        body: '{"event_id":"evt-1","event_type":"form_response","form_response":{"form_id":"f1"}}',
        key: 'typeform_test_secret',
      },
    ],
  },
})
