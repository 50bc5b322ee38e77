import { defineProvider } from '../definition.ts'

export const mollie = defineProvider({
  id: 'mollie',
  name: 'Mollie',
  category: 'payments',
  docs: 'https://docs.mollie.com/reference/webhooks-new',
  schemes: [
    {
      family: 'hmac',
      name: 'next-gen',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: {
        header: 'X-Mollie-Signature',
        repeated: true,
        parse: { kind: 'prefix', prefix: 'sha256=' },
        encoding: 'hex',
      },
      signed: [{ templates: ['{body}'] }],
    },
    {
      family: 'fetch-back',
      name: 'classic',
      id: { source: 'form:id', pattern: 'tr_[A-Za-z0-9]{4,64}' },
      call: {
        method: 'GET',
        origins: [{ environment: 'production', origin: 'https://api.mollie.com' }],
        path: '/v2/payments/{id}',
        headers: { Authorization: 'Bearer {key}' },
      },
      confirms: { path: '$.id', equals: 'id' },
      // Every change of a payment brings the same request.
      state: '$.status',
      keyForm: 'The API key of the profile, live or test: Mollie is asked for the payment with it.',
      weakness:
        'Nothing is signed. Mollie’s API confirms that the payment exists, not who sent the request or when: anybody who knows an id can repeat it.',
    },
  ],
  keyForm: 'The signing secret of the webhook.',
  setup: [
    'In the Mollie Dashboard open Developers, then Webhooks, and create a webhook with this integration’s public URL and the event types.',
    'Copy the signing secret, which is shown once, and paste it here.',
    'For payments made with webhookUrl (classic), choose the scheme classic here, paste the API key and give this URL as webhookUrl.',
  ],
  rotation:
    'Renew the secret and add the new one here: while both are valid the header comes once for each. Remove the old one after 26 hours, when retries have run out.',
  payload: [{ kind: 'json-object' }, { kind: 'form' }],
  methods: ['POST'],
  // A classic request names the payment and not the change, so its id does not tell one event from the next.
  event: {
    id: 'body:$.id | form:id',
    type: 'body:$.type | text:payment',
    tenant: 'body:$.profileId',
    subject: 'body:$.entityId | form:id',
    occurredAt: 'body:$.createdAt',
    dedupe: 'content',
  },
  delivery: { success: '200', timeoutSeconds: 15, retries: '10 over 26 hours' },
  pitfalls: [
    'Classic webhooks are forms with an id and no signature: what happened is known only after the payment was fetched.',
    'Mollie’s PHP helper takes a missing header for a classic request; here it is a refusal wherever signing is configured.',
    'During a rotation the header comes more than once; any of them may match.',
  ],
  sample: {
    type: 'payment-link.paid',
    idPrefix: 'event_',
    contentType: 'application/json',
    body: '{"resource":"event","id":"{{id}}","type":"{{type}}","entityId":"pl_PosternTest","createdAt":"{{iso}}","_embedded":{"entity":{"resource":"payment-link","id":"pl_PosternTest","amount":{"currency":"EUR","value":"19.99"}}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['X-Mollie-Signature', 'sha256=6d484dfc25471637bf354a3efa10c215424c15cba2a58243c40cf13aa1335e47']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'mollie_test_signing_secret',
      },
      {
        why: 'the exact bytes: indented, UTF-8, text that looks like a replacement pattern',
        headers: [['X-Mollie-Signature', 'sha256=1d49eb76ea8abd5d3477d03c5995eed97a52422c3ababd9be4037167bf37d19c']],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'mollie_test_signing_secret',
      },
      {
        why: 'rotation: the second of two headers is right',
        headers: [
          ['X-Mollie-Signature', 'sha256=519222aba16fa1cc54ce12db0b700142c4ee540b2e81a1b9978c731d20aa1e23'],
          ['X-Mollie-Signature', 'sha256=6d484dfc25471637bf354a3efa10c215424c15cba2a58243c40cf13aa1335e47'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'mollie_test_signing_secret',
      },
      {
        why: 'classic: Mollie knows the payment',
        scheme: 'classic',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'id=tr_5B8cwPMGnU6qLbRvo7qEZo',
        key: 'mollie_test_api_key',
        remote: {
          'https://api.mollie.com/v2/payments/tr_5B8cwPMGnU6qLbRvo7qEZo':
            '{"resource":"payment","id":"tr_5B8cwPMGnU6qLbRvo7qEZo","status":"paid"}',
        },
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-Mollie-Signature', 'sha256=6d484dfc25471637bf354a3efa10c215424c15cba2a58243c40cf13aa1335e47']],
        body: '{"id":"evt_1","type":"order.paid","amount":9999}',
        key: 'mollie_test_signing_secret',
      },
      {
        why: 'one space more',
        headers: [['X-Mollie-Signature', 'sha256=6d484dfc25471637bf354a3efa10c215424c15cba2a58243c40cf13aa1335e47']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999} ',
        key: 'mollie_test_signing_secret',
      },
      {
        why: 'signed with another secret',
        headers: [['X-Mollie-Signature', 'sha256=519222aba16fa1cc54ce12db0b700142c4ee540b2e81a1b9978c731d20aa1e23']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'mollie_test_signing_secret',
      },
      {
        why: 'no signature',
        headers: [],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'mollie_test_signing_secret',
      },
      {
        why: 'an empty signature',
        headers: [['X-Mollie-Signature', '']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'mollie_test_signing_secret',
      },
      {
        why: 'base64 in place of hex',
        headers: [['X-Mollie-Signature', 'sha256=bUhN/CVHFje/NUo++hDCFUJMFcuipYJDxAzxOqEzXkc=']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'mollie_test_signing_secret',
      },
      {
        why: 'a SHA-1 digest',
        headers: [['X-Mollie-Signature', 'sha256=f87102f8f3ce83eb9f0f36d790e661e323467cd1']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'mollie_test_signing_secret',
      },
      {
        why: 'no prefix',
        headers: [['X-Mollie-Signature', '6d484dfc25471637bf354a3efa10c215424c15cba2a58243c40cf13aa1335e47']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'mollie_test_signing_secret',
      },
      {
        why: 'a classic request where signing is configured',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'id=tr_5B8cwPMGnU6qLbRvo7qEZo',
        key: 'mollie_test_signing_secret',
      },
      {
        why: 'classic: Mollie does not know the payment',
        scheme: 'classic',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'id=tr_5B8cwPMGnU6qLbRvo7qEZo',
        key: 'mollie_test_api_key',
        remote: {},
      },
      {
        why: 'classic: Mollie names another payment',
        scheme: 'classic',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'id=tr_5B8cwPMGnU6qLbRvo7qEZo',
        key: 'mollie_test_api_key',
        remote: {
          'https://api.mollie.com/v2/payments/tr_5B8cwPMGnU6qLbRvo7qEZo': '{"resource":"payment","id":"tr_another"}',
        },
      },
      {
        why: 'classic: an id that would be another path',
        scheme: 'classic',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'id=tr_1%2F..%2F..%2Fprofiles',
        key: 'mollie_test_api_key',
        remote: {
          'https://api.mollie.com/v2/payments/tr_5B8cwPMGnU6qLbRvo7qEZo':
            '{"resource":"payment","id":"tr_5B8cwPMGnU6qLbRvo7qEZo","status":"paid"}',
        },
      },
      {
        why: 'classic: no id',
        scheme: 'classic',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'payment=tr_5B8cwPMGnU6qLbRvo7qEZo',
        key: 'mollie_test_api_key',
        remote: {
          'https://api.mollie.com/v2/payments/tr_5B8cwPMGnU6qLbRvo7qEZo':
            '{"resource":"payment","id":"tr_5B8cwPMGnU6qLbRvo7qEZo","status":"paid"}',
        },
      },
    ],
  },
})
