import { defineProvider } from '../definition.ts'

export const paystack = defineProvider({
  id: 'paystack',
  name: 'Paystack',
  category: 'payments',
  docs: 'https://paystack.com/docs/payments/webhooks/',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha512',
      key: { decode: 'utf8' },
      signature: { header: 'x-paystack-signature', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The secret key of the account’s API, the one for live or for test mode; there is none only for webhooks.',
  setup: [
    'In the Paystack Dashboard open Settings, then API Keys & Webhooks.',
    'Enter this integration’s public URL as the webhook URL of the mode (test or live) and save.',
    'Copy the secret key of the same mode from that page and paste it here.',
  ],
  rotation:
    'A new secret key changes API access as well. Add it here as a second key first, generate it in the dashboard, and remove the old one after three days.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // There is no event id: the body identifies the event.
  event: {
    type: 'body:$.event',
    tenant: 'body:$.data.integration',
    subject: 'body:$.data.reference | body:$.data.id',
    occurredAt: 'body:$.data.paid_at | body:$.data.created_at',
  },
  delivery: {
    success: '200',
    retries: 'live: every 3 minutes for the first 4 tries, then hourly for 72 hours',
    addresses: 'https://paystack.com/docs/payments/webhooks/',
  },
  pitfalls: [
    'SHA-512, not SHA-256.',
    'The documentation’s sample writes the parsed JSON out again before it signs; only the bytes as received are sure to match.',
    'The key that checks webhooks also moves money: keep it out of everything that does not need it.',
    'Events have no id; two deliveries are the same event when their bytes are.',
  ],
  sample: {
    type: 'charge.success',
    contentType: 'application/json',
    body: '{"event":"{{type}}","data":{"id":302961,"domain":"test","status":"success","reference":"{{id}}","amount":1999,"currency":"NGN","paid_at":"{{iso}}","created_at":"{{iso}}","channel":"card","customer":{"id":68324,"email":"jon@example.com"}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          [
            'x-paystack-signature',
            '75f0749d27f7599a82c5c13c8e49ffc1b382801a7a9543ac799bc603e5ec27691d3ba5384c2c1eff52397c46f9c6b931752882de78784f6558c7e62ec55180e6',
          ],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'paystack_test_secret_key',
      },
      {
        why: 'the exact bytes: indented, UTF-8, text that looks like a replacement pattern',
        headers: [
          [
            'x-paystack-signature',
            'c559dcc69f906e95c903e5e52c366ea3e73b927676653589200a183933b6a27044c27ec2a7e06de4cc2b9e3550a84f8cf61961f0397a4fafddbe8d3a46542d26',
          ],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'paystack_test_secret_key',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          [
            'x-paystack-signature',
            '75f0749d27f7599a82c5c13c8e49ffc1b382801a7a9543ac799bc603e5ec27691d3ba5384c2c1eff52397c46f9c6b931752882de78784f6558c7e62ec55180e6',
          ],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":9999}',
        key: 'paystack_test_secret_key',
      },
      {
        why: 'one space more',
        headers: [
          [
            'x-paystack-signature',
            '75f0749d27f7599a82c5c13c8e49ffc1b382801a7a9543ac799bc603e5ec27691d3ba5384c2c1eff52397c46f9c6b931752882de78784f6558c7e62ec55180e6',
          ],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999} ',
        key: 'paystack_test_secret_key',
      },
      {
        why: 'signed with another secret',
        headers: [
          [
            'x-paystack-signature',
            'ec9034517d57339869c4275ffeddb75224d7c87adf27f69db78bfd953ef6ddc5ce49605913eafdde0a3a21e6ee4efd68021c7530b43696924ae3d14c50e5de67',
          ],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'paystack_test_secret_key',
      },
      {
        why: 'no signature',
        headers: [],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'paystack_test_secret_key',
      },
      {
        why: 'an empty signature',
        headers: [['x-paystack-signature', '']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'paystack_test_secret_key',
      },
      {
        why: 'base64 in place of hex',
        headers: [
          [
            'x-paystack-signature',
            'dfB0nSf3WZqCxcE8jkn/wbOCgBp6lUOseZvGA+XsJ2kdO6U4TCwe/1I5fEb5xrkxdSiC3nh4T2VYx+YuxVGA5g==',
          ],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'paystack_test_secret_key',
      },
      {
        why: 'a SHA-256 digest',
        headers: [['x-paystack-signature', '62bc0abf418c4f3c5fba330996ffe184fef02a1bf71d37b3e9b84a0a96c2a8a4']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'paystack_test_secret_key',
      },
      {
        why: 'the signature came twice',
        headers: [
          [
            'x-paystack-signature',
            '75f0749d27f7599a82c5c13c8e49ffc1b382801a7a9543ac799bc603e5ec27691d3ba5384c2c1eff52397c46f9c6b931752882de78784f6558c7e62ec55180e6',
          ],
          [
            'x-paystack-signature',
            '75f0749d27f7599a82c5c13c8e49ffc1b382801a7a9543ac799bc603e5ec27691d3ba5384c2c1eff52397c46f9c6b931752882de78784f6558c7e62ec55180e6',
          ],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'paystack_test_secret_key',
      },
    ],
  },
})
