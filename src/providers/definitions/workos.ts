import { defineProvider } from '../definition.ts'

export const workos = defineProvider({
  id: 'workos',
  name: 'WorkOS',
  category: 'identity',
  docs: 'https://workos.com/docs/events/data-syncing/webhooks',
  schemes: [
    {
      family: 'hmac',
      name: 'v1',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: {
        header: 'WorkOS-Signature',
        parse: {
          kind: 'pairs',
          itemSeparator: ',',
          valueSeparator: '=',
          signatureKey: 'v1',
          timestampKey: 't',
          spaced: true,
        },
        encoding: 'hex',
      },
      signed: [{ templates: ['{ts}.{body}'] }],
      timestamp: { in: 'signature', unit: 'ms', toleranceSeconds: 180, toleranceDocumented: true },
    },
  ],
  keyForm: 'The secret of the webhook endpoint, as text.',
  setup: [
    'In the WorkOS dashboard open Webhooks and create an endpoint with the public URL.',
    'Choose the events and save.',
    'Copy the endpoint’s secret and create the integration with it.',
    'Send a test event from the endpoint’s page.',
  ],
  rotation:
    'Create a second endpoint with the same URL and events, add its secret as a second key, then delete the first endpoint and its key. Events that both endpoints send are recognised by their id.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.id',
    type: 'body:$.event',
    tenant: 'body:$.data.organization_id',
    subject: 'body:$.data.id',
    occurredAt: 'body:$.created_at',
  },
  delivery: {
    success: '2xx',
    retries: 'with growing pauses, over several days',
    addresses: 'https://workos.com/docs/events/data-syncing/webhooks',
  },
  pitfalls: [
    'The timestamp is in milliseconds, and the header has a space after the comma.',
    'WorkOS’s own library writes the parsed payload as JSON again before it checks; the signature is over the bytes as sent.',
    'That library also accepts any time in the future; here the window has two sides.',
  ],
  sample: {
    type: 'user.created',
    idPrefix: 'event_',
    contentType: 'application/json',
    body: '{"id":"{{id}}","event":"{{type}}","data":{"id":"user_PosternSample","object":"user","email":"ada@example.com"},"created_at":"{{iso}}"}',
  },
  vectors: {
    accepted: [
      {
        why: 'one event',
        headers: [
          ['WorkOS-Signature', 't=1767225600000, v1=c4894447a78f2fbd936bfa4a4fee2bbf337a8b8a45f29a5e84ad0045e21e9b02'],
        ],
        body: '{"id":"event_1","event":"user.created","data":{"id":"user_1"}}',
        key: 'workos-test-endpoint-secret-1',
        at: 1767225605,
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`',
        headers: [
          ['WorkOS-Signature', 't=1767225600000, v1=633bd0282b0ea5ccf6cbda1e61fd01b8b03b283280138f0db76ceaa0ad7c80c1'],
        ],
        body: '{\n  "id": "event_2",\n  "event": "user.updated",\n  "data": {\n    "name": "Grüße 🚀 $& $1"\n  }\n}\n',
        key: 'workos-test-endpoint-secret-1',
        at: 1767225605,
      },
      {
        why: 'two signatures: the second is right',
        headers: [
          [
            'WorkOS-Signature',
            't=1767225600000, v1=f456143f56c9ac55c414c45ab3c519ae403cfdc261fea1b91aa9e47f095c1c6f, v1=c4894447a78f2fbd936bfa4a4fee2bbf337a8b8a45f29a5e84ad0045e21e9b02',
          ],
        ],
        body: '{"id":"event_1","event":"user.created","data":{"id":"user_1"}}',
        key: 'workos-test-endpoint-secret-1',
        at: 1767225605,
      },
      {
        why: 'no space after the comma',
        headers: [
          ['WorkOS-Signature', 't=1767225600000,v1=c4894447a78f2fbd936bfa4a4fee2bbf337a8b8a45f29a5e84ad0045e21e9b02'],
        ],
        body: '{"id":"event_1","event":"user.created","data":{"id":"user_1"}}',
        key: 'workos-test-endpoint-secret-1',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: [
          ['WorkOS-Signature', 't=1767225600000, v1=c4894447a78f2fbd936bfa4a4fee2bbf337a8b8a45f29a5e84ad0045e21e9b02'],
        ],
        body: '{"id":"event_1","event":"user.created","data":{"id":"user_1"}}',
        key: 'workos-test-endpoint-secret-1',
        at: 1767225780,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['WorkOS-Signature', 't=1767225600000, v1=c4894447a78f2fbd936bfa4a4fee2bbf337a8b8a45f29a5e84ad0045e21e9b02'],
        ],
        body: '{"id":"event_1","event":"user.created","data":{"id":"user_2"}}',
        key: 'workos-test-endpoint-secret-1',
        at: 1767225605,
      },
      {
        why: 'another secret',
        headers: [
          ['WorkOS-Signature', 't=1767225600000, v1=f456143f56c9ac55c414c45ab3c519ae403cfdc261fea1b91aa9e47f095c1c6f'],
        ],
        body: '{"id":"event_1","event":"user.created","data":{"id":"user_1"}}',
        key: 'workos-test-endpoint-secret-1',
        at: 1767225605,
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['WorkOS-Signature', 't=1767225600001, v1=c4894447a78f2fbd936bfa4a4fee2bbf337a8b8a45f29a5e84ad0045e21e9b02'],
        ],
        body: '{"id":"event_1","event":"user.created","data":{"id":"user_1"}}',
        key: 'workos-test-endpoint-secret-1',
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [['WorkOS-Signature', 'v1=c4894447a78f2fbd936bfa4a4fee2bbf337a8b8a45f29a5e84ad0045e21e9b02']],
        body: '{"id":"event_1","event":"user.created","data":{"id":"user_1"}}',
        key: 'workos-test-endpoint-secret-1',
        at: 1767225605,
      },
      {
        why: 'two timestamps',
        headers: [
          [
            'WorkOS-Signature',
            't=1767225600000, t=1767225600000, v1=c4894447a78f2fbd936bfa4a4fee2bbf337a8b8a45f29a5e84ad0045e21e9b02',
          ],
        ],
        body: '{"id":"event_1","event":"user.created","data":{"id":"user_1"}}',
        key: 'workos-test-endpoint-secret-1',
        at: 1767225605,
      },
      {
        why: 'the timestamp in seconds',
        headers: [
          ['WorkOS-Signature', 't=1767225600, v1=2233b5c70ad5e8285d11d520443e525a991dcbae80d397d8f3f1f9999d3dc107'],
        ],
        body: '{"id":"event_1","event":"user.created","data":{"id":"user_1"}}',
        key: 'workos-test-endpoint-secret-1',
        at: 1767225605,
      },
      {
        why: 'another version',
        headers: [
          ['WorkOS-Signature', 't=1767225600000, v0=c4894447a78f2fbd936bfa4a4fee2bbf337a8b8a45f29a5e84ad0045e21e9b02'],
        ],
        body: '{"id":"event_1","event":"user.created","data":{"id":"user_1"}}',
        key: 'workos-test-endpoint-secret-1',
        at: 1767225605,
      },
      {
        why: 'base64 in place of hex',
        headers: [['WorkOS-Signature', 't=1767225600000, v1=xIlER6ePL72Ta/pKT+4rvzN6i4pF8ppehK0AReIemwI=']],
        body: '{"id":"event_1","event":"user.created","data":{"id":"user_1"}}',
        key: 'workos-test-endpoint-secret-1',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['WorkOS-Signature', 't=1767225600000, v1=c4894447a78f2fbd936bfa4a4fee2bbf337a8b8a45f29a5e84ad0045e21e9b02'],
        ],
        body: '{"id":"event_1","event":"user.created","data":{"id":"user_1"}}',
        key: 'workos-test-endpoint-secret-1',
        at: 1767225781,
      },
      {
        why: 'one second too early',
        headers: [
          ['WorkOS-Signature', 't=1767225600000, v1=c4894447a78f2fbd936bfa4a4fee2bbf337a8b8a45f29a5e84ad0045e21e9b02'],
        ],
        body: '{"id":"event_1","event":"user.created","data":{"id":"user_1"}}',
        key: 'workos-test-endpoint-secret-1',
        at: 1767225419,
      },
    ],
  },
})
