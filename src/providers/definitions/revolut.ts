import { defineProvider } from '../definition.ts'

export const revolut = defineProvider({
  id: 'revolut',
  name: 'Revolut',
  category: 'fintech',
  docs: 'https://developer.revolut.com/docs/guides/manage-accounts/webhooks/verify-the-payload-signature',
  schemes: [
    {
      family: 'hmac',
      name: 'v1',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: {
        header: 'Revolut-Signature',
        parse: { kind: 'pairs', itemSeparator: ',', valueSeparator: '=', signatureKey: 'v1' },
        encoding: 'hex',
      },
      signed: [{ templates: ['v1.{ts}.{body}'] }],
      timestamp: {
        in: { header: 'Revolut-Request-Timestamp' },
        unit: 'ms',
        toleranceSeconds: 300,
        toleranceDocumented: true,
      },
    },
  ],
  keyForm: 'The signing secret of the webhook, `wsk_…`, whole.',
  setup: [
    'Create the webhook through the API (Business or Merchant) with this integration’s public URL and the events to receive.',
    'Take signing_secret from the answer, or ask the API for the webhook’s details later, and paste it here.',
    'Let the published sender addresses through if a firewall stands in front.',
  ],
  rotation:
    'Rotate the secret through the API with an expiration_period and add the new one here: until the old one expires, every request carries a signature of each.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // There is no event id: the body identifies the event.
  event: {
    type: 'body:$.event',
    subject: 'body:$.order_id | body:$.data.id | body:$.payout_id | body:$.dispute_id',
    occurredAt: 'body:$.timestamp',
    dedupe: 'signed',
  },
  delivery: {
    success: '2xx',
    retries: '3, ten minutes apart',
    addresses: 'https://developer.revolut.com/docs/api/merchant/operations/webhook-webhook-event',
  },
  pitfalls: [
    'The timestamp is in milliseconds.',
    'While two secrets are active the header holds two signatures; either may match.',
    'Events have no id. Two of one name about one order may have the same bytes and are told apart by the signed time, so a retry signed anew counts twice.',
  ],
  sample: {
    type: 'ORDER_COMPLETED',
    contentType: 'application/json',
    body: '{"event":"{{type}}","order_id":"9fc01989-3f61-4484-a5d9-ffe768531be9","merchant_order_ext_ref":"{{id}}"}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['Revolut-Request-Timestamp', '1767225600000'],
          ['Revolut-Signature', 'v1=c316bbbf59b858fba73bb88957a317b7e1aa5442b5a1f19271ef6e8a7b397fbf'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'wsk_test_postern_revolut',
        at: 1767225605,
      },
      {
        why: 'the exact bytes: indented, UTF-8, text that looks like a replacement pattern',
        headers: [
          ['Revolut-Request-Timestamp', '1767225600000'],
          ['Revolut-Signature', 'v1=28cb315178504fb038c1198cc70026057e1c381a9ce2eb7a5fc8c13458684b1f'],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'wsk_test_postern_revolut',
        at: 1767225605,
      },
      {
        why: 'rotation: the second of two signatures is right',
        headers: [
          ['Revolut-Request-Timestamp', '1767225600000'],
          [
            'Revolut-Signature',
            'v1=08e17e6b9296337d89b48948a0bc237f2cd0cafa705c77a2b4f87eb60c47e781,v1=c316bbbf59b858fba73bb88957a317b7e1aa5442b5a1f19271ef6e8a7b397fbf',
          ],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'wsk_test_postern_revolut',
        at: 1767225605,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['Revolut-Request-Timestamp', '1767225600000'],
          ['Revolut-Signature', 'v1=c316bbbf59b858fba73bb88957a317b7e1aa5442b5a1f19271ef6e8a7b397fbf'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":9999}',
        key: 'wsk_test_postern_revolut',
        at: 1767225605,
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['Revolut-Request-Timestamp', '1767225600001'],
          ['Revolut-Signature', 'v1=c316bbbf59b858fba73bb88957a317b7e1aa5442b5a1f19271ef6e8a7b397fbf'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'wsk_test_postern_revolut',
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [['Revolut-Signature', 'v1=c316bbbf59b858fba73bb88957a317b7e1aa5442b5a1f19271ef6e8a7b397fbf']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'wsk_test_postern_revolut',
        at: 1767225605,
      },
      {
        why: 'the time in seconds',
        headers: [
          ['Revolut-Request-Timestamp', '1767225600'],
          ['Revolut-Signature', 'v1=27110b5df4c99cda33761a79089575269597dbbebe4e7e4edf407bc4d128c193'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'wsk_test_postern_revolut',
        at: 1767225605,
      },
      {
        why: 'signed with another secret',
        headers: [
          ['Revolut-Request-Timestamp', '1767225600000'],
          ['Revolut-Signature', 'v1=08e17e6b9296337d89b48948a0bc237f2cd0cafa705c77a2b4f87eb60c47e781'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'wsk_test_postern_revolut',
        at: 1767225605,
      },
      {
        why: 'no signature',
        headers: [['Revolut-Request-Timestamp', '1767225600000']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'wsk_test_postern_revolut',
        at: 1767225605,
      },
      {
        why: 'another version',
        headers: [
          ['Revolut-Request-Timestamp', '1767225600000'],
          ['Revolut-Signature', 'v2=2cd0c4848fb771f500abf3b94c00785a33e8143b97ab831f5a5af8df3fb906fb'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'wsk_test_postern_revolut',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['Revolut-Request-Timestamp', '1767225600000'],
          ['Revolut-Signature', 'v1=c316bbbf59b858fba73bb88957a317b7e1aa5442b5a1f19271ef6e8a7b397fbf'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'wsk_test_postern_revolut',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['Revolut-Request-Timestamp', '1767225600000'],
          ['Revolut-Signature', 'v1=c316bbbf59b858fba73bb88957a317b7e1aa5442b5a1f19271ef6e8a7b397fbf'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'wsk_test_postern_revolut',
        at: 1767225299,
      },
    ],
  },
})
