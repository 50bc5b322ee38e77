import { defineProvider } from '../definition.ts'

const PUBLIC_KEY =
  '-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAjNc/LkOvMKl0utmwqNIT\nDoPON1KJGM56/6W73F5+g8R96K8SN9u5QDdeDHvKS59IAz7brCl9/+ABO4sHf6Dw\nrubqsGDG795eH0pPlnrOCqMX7ln4dEp4n7YDR1dD9zNnIzSad0dZ638P4XD5NZLd\nv9HA5jzFvoCrNuEnqQ8d2pO+onn5cSFlQPuTtOW/9hF0vFbqbPU532mKvwQOlux0\nv9B370PaBNZNUrAkVvzeJmaxOcUQJHNCevigUlxf2oG9+wcwVpK3wKi0KvfjxDG7\n8eFecMQbVN3w2rj3dVXBkFxwL+gwb9r4JChWyJTtYTPaN8gateSQuES09p5AHUEy\nLQIDAQAB\n-----END PUBLIC KEY-----\n'
const SIGNATURE =
  'Hq45nkFzaDqwSkRC3gcme7DSzu/M/cRMArDqa6JB128UGKU4ktWkAEZS2E5wfPNdyj0IPy6TmjdWbbM2cSMbVJS6gDmVGi408qFrtvpojkqORaQUOIJNgQel+gW6wjUdhbeGPIcLJv79S9CKIpaFeRUsn7+xcGgQCsHpjz2AIUX1iLvfkfPaQv+QkIM/CAI6o8bdHz+zF9r0+wASeWeuIW43L4GUh0JdbXpQ9vC+yppayOJUG0GXMvc7hX9EqOkU55aLJZKhzzMfzpT27V3qlsJ9ivdqA+6V2i0H8lAeWkgVoY6yzLH+EJYz8FqnlznwQ5lUzXr1D0oAM2T8vbsXdA=='

export const wise = defineProvider({
  id: 'wise',
  name: 'Wise',
  category: 'fintech',
  docs: 'https://docs.wise.com/api-docs/features/webhooks-notifications/event-handling',
  schemes: [
    {
      family: 'asymmetric',
      name: 'signature',
      algorithm: 'rsa-sha256',
      key: { format: 'spki' },
      signature: { header: 'X-Signature-SHA256', parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm:
    'Wise’s public key for webhooks, PEM or its base64 without the frame; sandbox and production have different ones.',
  setup: [
    'Copy the public key of your environment from Wise’s documentation on event handling and paste it here.',
    'Create a subscription: in the account’s settings under Developer tools, Webhooks, or with the API for a profile or an application.',
    'Give this integration’s public URL, the trigger and schema version 2.0.0 or newer.',
    'Wise sends a test notification when the subscription is made; look for it here.',
  ],
  rotation:
    'The key is Wise’s own. When a new one is announced, add it here as a second key; remove the old one when Wise has retired it.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // The delivery id is a header that is not signed; dedupe is by the body.
  event: {
    id: 'header:X-Delivery-Id',
    type: 'body:$.event_type',
    tenant: 'body:$.data.resource.profile_id',
    subject: 'body:$.data.resource.id',
    occurredAt: 'body:$.data.occurred_at | body:$.sent_at',
  },
  delivery: { success: '2xx', timeoutSeconds: 5, retries: 'up to 25 over two weeks' },
  pitfalls: [
    'The sandbox signs with another key than production.',
    'The delivery id is outside the signature.',
    'Nothing in the signature says when it was made; a captured request is kept from counting twice by its body alone.',
  ],
  sample: {
    type: 'transfers#state-change',
    contentType: 'application/json',
    body: '{"data":{"resource":{"id":111,"profile_id":222,"account_id":333,"type":"transfer"},"current_state":"processing","previous_state":"incoming_payment_waiting","occurred_at":"{{iso}}"},"subscription_id":"{{id}}","event_type":"{{type}}","schema_version":"2.0.0","sent_at":"{{iso}}"}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['X-Signature-SHA256', SIGNATURE]],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: PUBLIC_KEY,
      },
      {
        why: 'the exact bytes: indented, UTF-8, text that looks like a replacement pattern',
        headers: [
          [
            'X-Signature-SHA256',
            'TeMeJKiZ36JEgMN21vyYEwaWGgAdJ6I+Gji3LLjAC2xgE1pAgl/WXBVt+Gta35eAqWnf+jwaDqMAqJI8ywt8xKB2q8vb0/dHLKcy0Vj9qgpcDxI6Mc49psbo8xviIEJl+EB06bf065Xj1+j0R5EyPzDvGKA33DapiNs7NQgDSfuPEtV5PCYEPgVESXjf0+o2fuyow7DVFumbU9r2iMVFatqeryRLtAyQSfocttYqtMILkIMlR1VDOI0XQ64DXoiLm5WJwW0iZckY5ssspl0i1bKVjK4lsUjN89OEGvtnnNET4NSs+cAeX2na9nMuoFLeWxhyDYTNHqnCibPZKvsVQw==',
          ],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: PUBLIC_KEY,
      },
      {
        why: 'the key without its frame',
        headers: [['X-Signature-SHA256', SIGNATURE]],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAjNc/LkOvMKl0utmwqNITDoPON1KJGM56/6W73F5+g8R96K8SN9u5QDdeDHvKS59IAz7brCl9/+ABO4sHf6DwrubqsGDG795eH0pPlnrOCqMX7ln4dEp4n7YDR1dD9zNnIzSad0dZ638P4XD5NZLdv9HA5jzFvoCrNuEnqQ8d2pO+onn5cSFlQPuTtOW/9hF0vFbqbPU532mKvwQOlux0v9B370PaBNZNUrAkVvzeJmaxOcUQJHNCevigUlxf2oG9+wcwVpK3wKi0KvfjxDG78eFecMQbVN3w2rj3dVXBkFxwL+gwb9r4JChWyJTtYTPaN8gateSQuES09p5AHUEyLQIDAQAB',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-Signature-SHA256', SIGNATURE]],
        body: '{"id":"evt_1","type":"order.paid","amount":9999}',
        key: PUBLIC_KEY,
      },
      {
        why: 'one space more',
        headers: [['X-Signature-SHA256', SIGNATURE]],
        body: '{"id":"evt_1","type":"order.paid","amount":1999} ',
        key: PUBLIC_KEY,
      },
      {
        why: 'SHA-1',
        headers: [
          [
            'X-Signature-SHA256',
            'Id55vpsrQNgdLec/rAYnnlZaZTPyp9k7tZO0xrTVCoQ1/Vxu/vYwdk42wq6jZ7aLyeHgj2tvkEFvHNgBtqRsRL12lwaY7MMHJZRmtuHd4UasWYloL4RahWNGOAw4fg42nDBNGgEG3N2v0vxqGLHrtqnchwh2ickJSi5ejerGx+zn0WnQB8K0dMvQ8IzLuy5gJdQslm7ffIvD5MBs0xHechCbUwl2nX5WgV6THFu8Bm9c/Tg0tQTU1BqNrFUBOrzwsz7OAR1+r7k42TIYeIdSGZ+8wiX8CxOkYVXjstc4Wn2H4GPV81dZ7gmqAHLPH8sCtjJ4+a9ZtRROtL+GmuGuaQ==',
          ],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: PUBLIC_KEY,
      },
      { why: 'no signature', headers: [], body: '{"id":"evt_1","type":"order.paid","amount":1999}', key: PUBLIC_KEY },
      {
        why: 'an empty signature',
        headers: [['X-Signature-SHA256', '']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: PUBLIC_KEY,
      },
      {
        why: 'hex in place of base64',
        headers: [
          [
            'X-Signature-SHA256',
            '1eae399e4173683ab04a4442de07267bb0d2ceefccfdc44c02b0ea6ba241d76f1418a53892d5a4004652d84e707cf35dca3d083f2e939a37566db33671231b5494ba8039951a2e34f2a16bb6fa688e4a8e45a41438824d8107a5fa05bac2351d85b7863c870b26fefd4bd08a22968579152c9fbfb17068100ac1e98f3d802145f588bbdf91f3da42ff9090833f08023aa3c6dd1f3fb317daf4fb00127967ae216e372f819487425d6d7a50f6f0beca9a5ac8e2541b419732f73b857f44a8e914e7968b2592a1cf331fce94f6ed5dea96c27d8af76a03ee95da2d07f2501e5a4815a18eb2ccb1fe109633f05aa79739f0439954cd7af50f4a003364fcbdbb1774',
          ],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: PUBLIC_KEY,
      },
      {
        why: 'algorithm confusion: HMAC keyed with the public key',
        headers: [['X-Signature-SHA256', 'KuCt6EpQiVXh2EAUM3s0C3t4vaycdmuZNZ7QtPWx4nQ=']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: PUBLIC_KEY,
      },
      {
        why: 'the signature came twice',
        headers: [
          ['X-Signature-SHA256', SIGNATURE],
          ['X-Signature-SHA256', SIGNATURE],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: PUBLIC_KEY,
      },
    ],
  },
})
