import { defineProvider } from '../definition.ts'

export const shopify = defineProvider({
  id: 'shopify',
  name: 'Shopify',
  category: 'commerce',
  docs: 'https://shopify.dev/docs/apps/build/webhooks/subscribe/https',
  schemes: [
    {
      family: 'hmac',
      name: 'webhooks',
      algorithm: 'sha256',
      key: { decode: 'utf8', label: 'shpss_' },
      signature: { header: 'X-Shopify-Hmac-Sha256', parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [{ templates: ['{body}'] }],
    },
    {
      family: 'hmac',
      name: 'events',
      algorithm: 'sha256',
      key: { decode: 'utf8', label: 'shpss_' },
      signature: { header: 'shopify-hmac-sha256', parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The app’s client secret, whole; for webhooks made in the store, the secret of the Notifications page.',
  setup: [
    'Open the app in the Partner Dashboard, or Settings, Notifications, Webhooks for webhooks made in a store.',
    'Copy the app’s client secret (or the secret shown on the Notifications page) into the integration.',
    'Register the webhook topics with the receive path.',
  ],
  rotation:
    'Rotate the client secret in the app’s settings; the old one may sign for up to an hour. Keep both here until then.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // Only the body is signed; ids, topic and shop are headers beside it, so dedupe is by the body.
  event: {
    id: 'header:X-Shopify-Webhook-Id | header:shopify-webhook-id | header:X-Shopify-Event-Id | header:shopify-event-id',
    type: 'header:X-Shopify-Topic | header:shopify-topic',
    tenant: 'header:X-Shopify-Shop-Domain | header:shopify-shop-domain',
    subject: 'body:$.admin_graphql_api_id | body:$.id',
    occurredAt: 'body:$.updated_at | header:X-Shopify-Triggered-At',
  },
  delivery: { success: '2xx', timeoutSeconds: 5, retries: '8 over 4 hours, then the subscription is removed' },
  answers: { unauthorized: { status: 401 } },
  pitfalls: [
    'Webhooks made by hand in a store are signed with the store’s secret, not the app’s.',
    'For up to an hour after a rotation the old secret still signs: keep both keys active.',
    'Topic and shop are not signed. Two topics about one object may carry the same bytes; give each topic its own integration where that matters.',
    'Compliance topics must be answered 401 on a bad signature.',
  ],
  sample: {
    type: 'orders/create',
    contentType: 'application/json',
    headers: [
      ['X-Shopify-Shop-Domain', 'postern.myshopify.com'],
      ['X-Shopify-API-Version', '2026-01'],
    ],
    body: '{"id":820982911946154508,"admin_graphql_api_id":"gid://shopify/Order/820982911946154508","note":"{{id}}","email":"jon@example.com","created_at":"{{iso}}","updated_at":"{{iso}}","currency":"EUR","total_price":"403.00"}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['X-Shopify-Hmac-Sha256', 'Lt4IJxMw7VJHxCptEYlNHetR4JA8wJTlQ5g5QifunZ4=']],
        body: '{"id":820982911946154508,"email":"jon@example.com","total_price":"403.00"}',
        key: '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',
      },
      {
        why: 'the newer names',
        scheme: 'events',
        headers: [['shopify-hmac-sha256', 'Lt4IJxMw7VJHxCptEYlNHetR4JA8wJTlQ5g5QifunZ4=']],
        body: '{"id":820982911946154508,"email":"jon@example.com","total_price":"403.00"}',
        key: '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',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-Shopify-Hmac-Sha256', 'Lt4IJxMw7VJHxCptEYlNHetR4JA8wJTlQ5g5QifunZ4=']],
        body: '{"id":820982911946154508,"email":"jon@example.com","total_price":"404.00"}',
        key: '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',
      },
      {
        why: 'one space more',
        headers: [['X-Shopify-Hmac-Sha256', 'Lt4IJxMw7VJHxCptEYlNHetR4JA8wJTlQ5g5QifunZ4=']],
        body: '{"id":820982911946154508,"email":"jon@example.com","total_price":"403.00"} ',
        key: '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',
      },
      {
        why: 'hex in place of base64',
        headers: [['X-Shopify-Hmac-Sha256', '2ede08271330ed5247c42a6d11894d1deb51e0903cc094e54398394227ee9d9e']],
        body: '{"id":820982911946154508,"email":"jon@example.com","total_price":"403.00"}',
        key: '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',
      },
      {
        why: 'SHA-1',
        headers: [['X-Shopify-Hmac-Sha256', 'tFjzuEP08Z/zn1ygYBGhzDs4yz8=']],
        body: '{"id":820982911946154508,"email":"jon@example.com","total_price":"403.00"}',
        key: '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',
      },
      {
        why: 'padding left out',
        headers: [['X-Shopify-Hmac-Sha256', 'Lt4IJxMw7VJHxCptEYlNHetR4JA8wJTlQ5g5QifunZ4']],
        body: '{"id":820982911946154508,"email":"jon@example.com","total_price":"403.00"}',
        key: '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',
      },
      {
        why: 'bits set behind the last byte',
        headers: [['X-Shopify-Hmac-Sha256', 'Lt4IJxMw7VJHxCptEYlNHetR4JA8wJTlQ5g5QifunZ5=']],
        body: '{"id":820982911946154508,"email":"jon@example.com","total_price":"403.00"}',
        key: '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',
      },
      {
        why: 'the newer name where the older is configured',
        headers: [['shopify-hmac-sha256', 'Lt4IJxMw7VJHxCptEYlNHetR4JA8wJTlQ5g5QifunZ4=']],
        body: '{"id":820982911946154508,"email":"jon@example.com","total_price":"403.00"}',
        key: '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',
      },
    ],
  },
})
