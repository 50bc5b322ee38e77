import { defineProvider } from '../definition.ts'

export const standardWebhooksAsymmetric = defineProvider({
  id: 'standard-webhooks-asymmetric',
  name: 'Standard Webhooks (Ed25519, v1a)',
  category: 'generic',
  docs: 'https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md',
  schemes: [
    {
      family: 'asymmetric',
      name: 'v1a',
      algorithm: 'ed25519',
      key: { format: 'raw-base64', stripPrefix: ['whpk_'] },
      signature: {
        header: 'webhook-signature',
        parse: { kind: 'list', itemSeparator: ' ', versionSeparator: ',', version: 'v1a' },
        encoding: 'base64',
      },
      signed: [{ templates: ['{id}.{ts}.{body}'] }],
      timestamp: {
        in: { header: 'webhook-timestamp' },
        unit: 's',
        toleranceSeconds: 300,
        toleranceDocumented: true,
      },
      id: { header: 'webhook-id', forbid: '.' },
    },
  ],
  keyForm: 'The sender’s public key: base64 of 32 bytes, with or without `whpk_` before it.',
  setup: [
    'Ask the sender for an endpoint with the receive path and signature version `v1a`.',
    'Copy its public key, `whpk_` and base64, into the integration.',
  ],
  rotation: 'Add the new public key here before the sender changes to it; end the old one here afterwards.',
  payload: [{ kind: 'json' }, { kind: 'empty' }],
  methods: ['POST'],
  // The id header is inside the signed bytes and stays the same over retries.
  event: { id: 'signed:id', type: 'body:$.type', subject: 'body:$.data.id', occurredAt: 'body:$.timestamp' },
  delivery: { success: '2xx; 410 disables the endpoint', timeoutSeconds: 15, retries: 'several, growing to days' },
  pitfalls: ['That the key is a public one comes from the integration: a `v1` entry is never tried with it.'],
  sample: {
    type: 'contact.created',
    idPrefix: 'msg_',
    contentType: 'application/json',
    body: '{"type":"{{type}}","timestamp":"{{iso}}","data":{"id":"con_1","email":"ada@example.com"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'the reference example',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          [
            'webhook-signature',
            'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
          ],
        ],
        body: '{"test": 2432232314}',
        key: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=',
        at: 1614265331,
      },
      {
        why: 'a symmetric entry beside it',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          [
            'webhook-signature',
            'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
          ],
        ],
        body: '{"test": 2432232314}',
        key: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=',
        at: 1614265331,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          [
            'webhook-signature',
            'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
          ],
        ],
        body: '{"test": 2432232314} ',
        key: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=',
        at: 1614265331,
      },
      {
        why: 'algorithm confusion: HMAC keyed with the public key',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          ['webhook-signature', 'v1a,aq/Av15OlX2MgScQjKXGZkGsLRP8vw0+IjKU5rUsRTc='],
        ],
        body: '{"test": 2432232314}',
        key: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=',
        at: 1614265331,
      },
      {
        why: 'labelled as symmetric',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          [
            'webhook-signature',
            'v1,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
          ],
        ],
        body: '{"test": 2432232314}',
        key: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=',
        at: 1614265331,
      },
      {
        why: '63 bytes of signature',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          [
            'webhook-signature',
            'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TB',
          ],
        ],
        body: '{"test": 2432232314}',
        key: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=',
        at: 1614265331,
      },
      {
        why: '65 bytes of signature',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          [
            'webhook-signature',
            'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAgA=',
          ],
        ],
        body: '{"test": 2432232314}',
        key: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=',
        at: 1614265331,
      },
      {
        why: 'one second too old',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          [
            'webhook-signature',
            'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
          ],
        ],
        body: '{"test": 2432232314}',
        key: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=',
        at: 1614265631,
      },
    ],
  },
})
