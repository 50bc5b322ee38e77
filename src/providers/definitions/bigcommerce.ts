import { defineProvider } from '../definition.ts'
import { standardWebhooksScheme } from '../shapes.ts'

export const bigcommerce = defineProvider({
  id: 'bigcommerce',
  name: 'BigCommerce',
  category: 'commerce',
  docs: 'https://docs.bigcommerce.com/developer/docs/integrations/webhooks/https',
  schemes: [
    standardWebhooksScheme({
      name: 'standard',
      key: { decode: 'utf8' },
      keyForm: 'The client secret of the API account that created the webhook, as text.',
    }),
    {
      family: 'token',
      name: 'custom-header',
      token: { in: 'header', name: 'X-Webhook-Token', nameSetting: 'headerName' },
      keyForm: 'The value given to the header when the webhook was created.',
      weakness: 'The header’s value does not cover the body: who sees one request can make any other.',
    },
  ],
  keyForm: 'The client secret of the API account that created the webhook, as text.',
  settings: [
    {
      name: 'headerName',
      what: 'The header in which BigCommerce repeats the value, as named in `headers` when the webhook was created.',
      example: 'X-Webhook-Token',
      schemes: ['custom-header'],
    },
  ],
  setup: [
    'Create an API account in the store’s control panel under Settings, Store-level API accounts; keep its client secret and access token.',
    'Create the webhook with POST /stores/{store_hash}/v3/hooks: scope, this integration’s public URL as destination, is_active true.',
    'Paste the client secret here.',
    'Only where deliveries come unsigned: add a header with a random value in the same request and choose the scheme custom-header.',
  ],
  rotation:
    'A client secret belongs to its API account: create a second account, create the webhook again with it, add its secret here, then delete the old webhook.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'signed:id | body:$.hash',
    type: 'body:$.scope',
    tenant: 'body:$.store_id | body:$.producer',
    subject: 'body:$.data.id',
    occurredAt: 'body:$.created_at',
  },
  delivery: { success: '200', retries: 'for 48 hours, then the webhook is deactivated' },
  pitfalls: [
    'Older webhooks carry no signature, only the headers that were given when they were created.',
    'The body names a scope and an id; the object itself is fetched from the API.',
    'The secret is used as text. A library for Standard Webhooks needs it encoded in base64 first.',
  ],
  sample: {
    type: 'store/order/created',
    idPrefix: 'msg_',
    contentType: 'application/json',
    body: '{"scope":"{{type}}","store_id":"1025646","data":{"type":"order","id":250},"hash":"{{id}}","created_at":{{seconds}},"producer":"stores/posterntest"}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,DbyYhnkGyegy2xxGMD+JgDnb/GQLMXBiqPA6xdyfNv8='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'bigcommerce_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'the exact bytes: indented, UTF-8, text that looks like a replacement pattern',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,Qkjw4eyjJBA/d08hzjUfo4fN+ob/28VqA+MrsL1CRAE='],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'bigcommerce_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'rotation: the second of two signatures is right',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
          [
            'webhook-signature',
            'v1,LATCfgYAVHAPckAxgfIWmJpEisgqkcZDwHXw6BuXmBQ= v1,DbyYhnkGyegy2xxGMD+JgDnb/GQLMXBiqPA6xdyfNv8=',
          ],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'bigcommerce_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'a custom header',
        scheme: 'custom-header',
        headers: [['x-webhook-token', 'bigcommerce-test-token-1']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'bigcommerce-test-token-1',
      },
      {
        why: 'a custom header under another name',
        scheme: 'custom-header',
        headers: [['X-Our-Hook', 'bigcommerce-test-token-1']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'bigcommerce-test-token-1',
        settings: { headerName: 'X-Our-Hook' },
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,DbyYhnkGyegy2xxGMD+JgDnb/GQLMXBiqPA6xdyfNv8='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":9999}',
        key: 'bigcommerce_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'the id changed',
        headers: [
          ['webhook-id', 'msg_test_2'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,DbyYhnkGyegy2xxGMD+JgDnb/GQLMXBiqPA6xdyfNv8='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'bigcommerce_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'the secret decoded from base64 first',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,MMyL9v+gxMQ2Un4+VON5+rfownywjOtBFlI5XUe1n0c='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'bigcommerce_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'no signature',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'bigcommerce_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'another version',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v2,DbyYhnkGyegy2xxGMD+JgDnb/GQLMXBiqPA6xdyfNv8='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'bigcommerce_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'hex in place of base64',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,0dbc98867906c9e832db1c46303f898039dbfc640b317062a8f03ac5dc9f36ff'],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'bigcommerce_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,DbyYhnkGyegy2xxGMD+JgDnb/GQLMXBiqPA6xdyfNv8='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'bigcommerce_test_client_secret',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['webhook-id', 'msg_test_1'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,DbyYhnkGyegy2xxGMD+JgDnb/GQLMXBiqPA6xdyfNv8='],
        ],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'bigcommerce_test_client_secret',
        at: 1767225299,
      },
      {
        why: 'another token',
        scheme: 'custom-header',
        headers: [['X-Webhook-Token', 'bigcommerce-test-token-11']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'bigcommerce-test-token-1',
      },
      {
        why: 'no token',
        scheme: 'custom-header',
        headers: [],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'bigcommerce-test-token-1',
      },
      {
        why: 'an empty token',
        scheme: 'custom-header',
        headers: [['X-Webhook-Token', '']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'bigcommerce-test-token-1',
      },
      {
        why: 'the token under a name that is not the configured one',
        scheme: 'custom-header',
        headers: [['X-Webhook-Token', 'bigcommerce-test-token-1']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'bigcommerce-test-token-1',
        settings: { headerName: 'X-Our-Hook' },
      },
    ],
  },
})
