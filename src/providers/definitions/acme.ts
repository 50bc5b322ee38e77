import { defineProvider } from '../definition.ts'

export const acme = defineProvider({
  id: 'acme',
  name: 'Acme (example)',
  category: 'examples',
  docs: 'docs/providers/acme.md',
  schemes: [
    {
      family: 'hmac',
      name: 'hmac',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'x-acme-signature', parse: { kind: 'raw' }, encoding: 'hex-lower' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'Free text.',
  setup: [
    'Create an integration with a secret of at least eight characters, the same that Acme was given.',
    'Give Acme the receive path; it sends `x-acme-signature`, the hex HMAC-SHA256 of the body.',
  ],
  rotation: 'Add the new secret here, change it at Acme, then end the old one here.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.eventId',
    type: 'body:$.eventType',
    subject: 'body:$.subject | body:$.data.id',
    occurredAt: 'body:$.occurredAt',
  },
  delivery: { success: '2xx', retries: 'a second delivery has the same bytes' },
  pitfalls: [
    'No timestamp is signed: a captured request stays valid until the secret changes. Dedupe on the signed event id is what stops a replay.',
    'The digest is lower-case hex with nothing before it; upper case and a `sha256=` prefix are refused.',
  ],
  sample: {
    type: 'order.paid',
    idPrefix: 'evt-',
    contentType: 'application/json',
    body: '{"eventId":"{{id}}","eventType":"{{type}}","occurredAt":"{{iso}}","data":{"id":"order-7","amount":1999,"currency":"EUR"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['x-acme-signature', 'b5e85f6b7442cd296e59068b7f8729fca6bc1d98e14ba3c41773fe54b71af23b']],
        body: '{"eventId":"evt-1001","eventType":"order.paid","occurredAt":"2026-01-01T00:00:00Z","data":{"id":"order-7","amount":1999}}',
        key: 'acme-demo-secret',
      },
      {
        why: 'bytes that are not UTF-8 are signed as they are',
        headers: [['x-acme-signature', 'c497a4abaa63aa1c6927d0cebd01fd2c9b001d46e84b1052a7107e6e1f5b5c46']],
        bodyBase64: 'eyJub3RlIjoi//4ifQ==',
        key: 'acme-demo-secret',
      },
      {
        why: 'a byte order mark is part of the signed bytes',
        headers: [['x-acme-signature', 'f4540ee5a0af26c7d566ae3734568d129e124df62ba4e0b4fc6dc4cac78de579']],
        bodyBase64: '77u/e30=',
        key: 'acme-demo-secret',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['x-acme-signature', 'b5e85f6b7442cd296e59068b7f8729fca6bc1d98e14ba3c41773fe54b71af23b']],
        body: '{"eventId":"evt-1001","eventType":"order.paid","occurredAt":"2026-01-01T00:00:00Z","data":{"id":"order-7","amount":1998}}',
        key: 'acme-demo-secret',
      },
      {
        why: 'upper-case hex',
        headers: [['x-acme-signature', 'B5E85F6B7442CD296E59068B7F8729FCA6BC1D98E14BA3C41773FE54B71AF23B']],
        body: '{"eventId":"evt-1001","eventType":"order.paid","occurredAt":"2026-01-01T00:00:00Z","data":{"id":"order-7","amount":1999}}',
        key: 'acme-demo-secret',
      },
      {
        why: 'a prefix before the digest',
        headers: [['x-acme-signature', 'sha256=b5e85f6b7442cd296e59068b7f8729fca6bc1d98e14ba3c41773fe54b71af23b']],
        body: '{"eventId":"evt-1001","eventType":"order.paid","occurredAt":"2026-01-01T00:00:00Z","data":{"id":"order-7","amount":1999}}',
        key: 'acme-demo-secret',
      },
      {
        why: 'no signature header',
        headers: [],
        body: '{"eventId":"evt-1001","eventType":"order.paid","occurredAt":"2026-01-01T00:00:00Z","data":{"id":"order-7","amount":1999}}',
        key: 'acme-demo-secret',
      },
      {
        why: 'the digest of the lossy decoding',
        headers: [['x-acme-signature', 'df5473002825afde93ad92deaed36587f6d89332dae5c982d28938945d1b06ed']],
        bodyBase64: 'eyJub3RlIjoi//4ifQ==',
        key: 'acme-demo-secret',
      },
    ],
  },
})
