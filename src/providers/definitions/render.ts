import { defineProvider } from '../definition.ts'
import { standardWebhooksScheme } from '../shapes.ts'

export const render = defineProvider({
  id: 'render',
  name: 'Render',
  category: 'developer tools',
  docs: 'https://render.com/docs/webhooks',
  schemes: [standardWebhooksScheme()],
  keyForm: 'The signing secret of the webhook, `whsec_…`.',
  setup: [
    'Open the workspace’s Integrations, then Webhooks, then Create Webhook; this needs a paid workspace.',
    'Enter the URL of the integration and choose the events.',
    'Open the webhook’s page, copy the signing secret, and paste it here as the key of the integration.',
  ],
  rotation:
    'Create a second webhook with the same events, add its secret here as a second key, then delete the first webhook and its key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'signed:id',
    type: 'body:$.type',
    subject: 'body:$.data.serviceId',
    occurredAt: 'body:$.timestamp',
  },
  delivery: { success: '2xx', retries: 'yes, number not stated' },
  pitfalls: [
    'The secret is base64 and is decoded; `whsec_` is no part of it.',
    'The body says little: ask Render’s API for the event’s details by its id.',
    'Headers and signature are those of Standard Webhooks, so an id with a dot is refused.',
  ],
  sample: {
    type: 'deploy_ended',
    idPrefix: 'evt-',
    contentType: 'application/json',
    body: '{"type":"{{type}}","timestamp":"{{iso}}","data":{"id":"{{id}}","serviceId":"srv-cukouhrtq21c73e9scng","serviceName":"postern","status":"succeeded"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['webhook-id', 'evt-cph1rs3idesc73a2b2mg'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,JmFdmAW3Ul2QFhd5Nzm63RlVGjuxP2TSWc7SqL20C9o='],
        ],
        body: '{"type":"deploy_ended","timestamp":"2026-01-01T00:00:00Z","data":{"id":"evt-1","serviceId":"srv-1","n":1}}',
        key: 'whsec_cmVuZGVyLXRlc3Qtc2lnbmluZy1zZWNyZXQtMzJieXRl',
        at: 1767225605,
      },
      {
        why: 'UTF-8 and `$&`',
        headers: [
          ['webhook-id', 'evt-cph1rs3idesc73a2b2mg'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,B9qiugxjsTe/a1HDfzMiv0OvdA3qq7EhNT2/bp8tZuI='],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $1 \\u00e9",\n  "n": 1\n}\n',
        key: 'whsec_cmVuZGVyLXRlc3Qtc2lnbmluZy1zZWNyZXQtMzJieXRl',
        at: 1767225605,
      },
      {
        why: 'rotation: the second of two signatures is right, a later version beside',
        headers: [
          ['webhook-id', 'evt-cph1rs3idesc73a2b2mg'],
          ['webhook-timestamp', '1767225600'],
          [
            'webhook-signature',
            'v1,HKosBWBP0+jYcf/uzBe05dMM44ATCI+pdHAxrkrLXJQ= v2,AAAA v1,JmFdmAW3Ul2QFhd5Nzm63RlVGjuxP2TSWc7SqL20C9o=',
          ],
        ],
        body: '{"type":"deploy_ended","timestamp":"2026-01-01T00:00:00Z","data":{"id":"evt-1","serviceId":"srv-1","n":1}}',
        key: 'whsec_cmVuZGVyLXRlc3Qtc2lnbmluZy1zZWNyZXQtMzJieXRl',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: [
          ['webhook-id', 'evt-cph1rs3idesc73a2b2mg'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,JmFdmAW3Ul2QFhd5Nzm63RlVGjuxP2TSWc7SqL20C9o='],
        ],
        body: '{"type":"deploy_ended","timestamp":"2026-01-01T00:00:00Z","data":{"id":"evt-1","serviceId":"srv-1","n":1}}',
        key: 'whsec_cmVuZGVyLXRlc3Qtc2lnbmluZy1zZWNyZXQtMzJieXRl',
        at: 1767225900,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['webhook-id', 'evt-cph1rs3idesc73a2b2mg'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,JmFdmAW3Ul2QFhd5Nzm63RlVGjuxP2TSWc7SqL20C9o='],
        ],
        body: '{"type":"deploy_ended","timestamp":"2026-01-01T00:00:00Z","data":{"id":"evt-1","serviceId":"srv-1","n":2}}',
        key: 'whsec_cmVuZGVyLXRlc3Qtc2lnbmluZy1zZWNyZXQtMzJieXRl',
        at: 1767225605,
      },
      {
        why: 'another id',
        headers: [
          ['webhook-id', 'msg_3test'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,JmFdmAW3Ul2QFhd5Nzm63RlVGjuxP2TSWc7SqL20C9o='],
        ],
        body: '{"type":"deploy_ended","timestamp":"2026-01-01T00:00:00Z","data":{"id":"evt-1","serviceId":"srv-1","n":1}}',
        key: 'whsec_cmVuZGVyLXRlc3Qtc2lnbmluZy1zZWNyZXQtMzJieXRl',
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [
          ['webhook-id', 'evt-cph1rs3idesc73a2b2mg'],
          ['webhook-signature', 'v1,JmFdmAW3Ul2QFhd5Nzm63RlVGjuxP2TSWc7SqL20C9o='],
        ],
        body: '{"type":"deploy_ended","timestamp":"2026-01-01T00:00:00Z","data":{"id":"evt-1","serviceId":"srv-1","n":1}}',
        key: 'whsec_cmVuZGVyLXRlc3Qtc2lnbmluZy1zZWNyZXQtMzJieXRl',
        at: 1767225605,
      },
      {
        why: 'no signature',
        headers: [
          ['webhook-id', 'evt-cph1rs3idesc73a2b2mg'],
          ['webhook-timestamp', '1767225600'],
        ],
        body: '{"type":"deploy_ended","timestamp":"2026-01-01T00:00:00Z","data":{"id":"evt-1","serviceId":"srv-1","n":1}}',
        key: 'whsec_cmVuZGVyLXRlc3Qtc2lnbmluZy1zZWNyZXQtMzJieXRl',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['webhook-id', 'evt-cph1rs3idesc73a2b2mg'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,JmFdmAW3Ul2QFhd5Nzm63RlVGjuxP2TSWc7SqL20C9o='],
        ],
        body: '{"type":"deploy_ended","timestamp":"2026-01-01T00:00:00Z","data":{"id":"evt-1","serviceId":"srv-1","n":1}}',
        key: 'whsec_cmVuZGVyLXRlc3Qtc2lnbmluZy1zZWNyZXQtMzJieXRl',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['webhook-id', 'evt-cph1rs3idesc73a2b2mg'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,JmFdmAW3Ul2QFhd5Nzm63RlVGjuxP2TSWc7SqL20C9o='],
        ],
        body: '{"type":"deploy_ended","timestamp":"2026-01-01T00:00:00Z","data":{"id":"evt-1","serviceId":"srv-1","n":1}}',
        key: 'whsec_cmVuZGVyLXRlc3Qtc2lnbmluZy1zZWNyZXQtMzJieXRl',
        at: 1767225299,
      },
      {
        why: 'the secret used as text',
        headers: [
          ['webhook-id', 'evt-cph1rs3idesc73a2b2mg'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,XYnCHZlPCUR0TFRWkCBlVB4OECkx6lUAFzbZdfh0Bn4='],
        ],
        body: '{"type":"deploy_ended","timestamp":"2026-01-01T00:00:00Z","data":{"id":"evt-1","serviceId":"srv-1","n":1}}',
        key: 'whsec_cmVuZGVyLXRlc3Qtc2lnbmluZy1zZWNyZXQtMzJieXRl',
        at: 1767225605,
      },
      {
        why: 'only a later version, with the right digest',
        headers: [
          ['webhook-id', 'evt-cph1rs3idesc73a2b2mg'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v2,JmFdmAW3Ul2QFhd5Nzm63RlVGjuxP2TSWc7SqL20C9o='],
        ],
        body: '{"type":"deploy_ended","timestamp":"2026-01-01T00:00:00Z","data":{"id":"evt-1","serviceId":"srv-1","n":1}}',
        key: 'whsec_cmVuZGVyLXRlc3Qtc2lnbmluZy1zZWNyZXQtMzJieXRl',
        at: 1767225605,
      },
    ],
  },
})
