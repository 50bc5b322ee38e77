import { defineProvider } from '../definition.ts'

export const globex = defineProvider({
  id: 'globex',
  name: 'Globex (example)',
  category: 'examples',
  docs: 'docs/providers/globex.md',
  schemes: [
    {
      family: 'token',
      name: 'token',
      token: { in: 'header', name: 'x-globex-token' },
      weakness: 'The token does not cover the body: who sees one request can make any other.',
    },
  ],
  keyForm: 'Free text.',
  setup: [
    'Create an integration with the shared token that Globex sends.',
    'Give Globex the receive path; it shows the token in `x-globex-token`.',
  ],
  rotation: 'Add the new token here, change it at Globex, then end the old one here.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: { id: 'body:$.id', type: 'body:$.type', subject: 'body:$.resource.id', occurredAt: 'body:$.timestamp' },
  delivery: { success: '2xx', retries: 'a second delivery has the same bytes' },
  pitfalls: [
    'A shared token proves the sender only as far as nobody else has seen it; nothing of the request is covered.',
  ],
  sample: {
    type: 'shipment.created',
    idPrefix: 'gx-',
    contentType: 'application/json',
    body: '{"id":"{{id}}","type":"{{type}}","timestamp":"{{iso}}","resource":{"id":"shp-9","carrier":"post"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'the token as it was given',
        headers: [['x-globex-token', 'globex-demo-secret']],
        body: '{"id":"gx-1","type":"shipment.created","timestamp":"2026-01-01T00:00:00Z","resource":{"id":"shp-9"}}',
        key: 'globex-demo-secret',
      },
      {
        why: 'header name in other case',
        headers: [['X-Globex-Token', 'globex-demo-secret']],
        body: '{"id":"gx-1","type":"shipment.created","timestamp":"2026-01-01T00:00:00Z","resource":{"id":"shp-9"}}',
        key: 'globex-demo-secret',
      },
    ],
    refused: [
      {
        why: 'a token with one more character',
        headers: [['x-globex-token', 'globex-demo-secretx']],
        body: '{"id":"gx-1","type":"shipment.created","timestamp":"2026-01-01T00:00:00Z","resource":{"id":"shp-9"}}',
        key: 'globex-demo-secret',
      },
      {
        why: 'a token cut by one character',
        headers: [['x-globex-token', 'globex-demo-secre']],
        body: '{"id":"gx-1","type":"shipment.created","timestamp":"2026-01-01T00:00:00Z","resource":{"id":"shp-9"}}',
        key: 'globex-demo-secret',
      },
      {
        why: 'an empty token',
        headers: [['x-globex-token', '']],
        body: '{"id":"gx-1","type":"shipment.created","timestamp":"2026-01-01T00:00:00Z","resource":{"id":"shp-9"}}',
        key: 'globex-demo-secret',
      },
      {
        why: 'no token',
        headers: [],
        body: '{"id":"gx-1","type":"shipment.created","timestamp":"2026-01-01T00:00:00Z","resource":{"id":"shp-9"}}',
        key: 'globex-demo-secret',
      },
      {
        why: 'the token twice',
        headers: [
          ['x-globex-token', 'globex-demo-secret'],
          ['x-globex-token', 'globex-demo-secret'],
        ],
        body: '{"id":"gx-1","type":"shipment.created","timestamp":"2026-01-01T00:00:00Z","resource":{"id":"shp-9"}}',
        key: 'globex-demo-secret',
      },
    ],
  },
})
