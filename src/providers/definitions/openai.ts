import { defineProvider } from '../definition.ts'
import { standardWebhooksScheme } from '../shapes.ts'

export const openai = defineProvider({
  id: 'openai',
  name: 'OpenAI',
  category: 'ai',
  docs: 'https://platform.openai.com/docs/guides/webhooks',
  schemes: [standardWebhooksScheme()],
  keyForm: 'The signing secret of the endpoint, `whsec_` and base64.',
  setup: [
    'In the OpenAI platform choose the project and open Settings, Webhooks.',
    'Create an endpoint with the public URL and the event types.',
    'Copy the signing secret, which is shown once, and create the integration with it.',
  ],
  rotation:
    'Rotate the secret in the webhook settings and add the new one as a second key; retire the old key when requests match the new one.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // The id header is inside the signed bytes and stays the same over retries.
  event: { id: 'signed:id', type: 'body:$.type', subject: 'body:$.data.id', occurredAt: 'body:$.created_at' },
  delivery: { success: '2xx', retries: 'for 72 hours, with growing pauses' },
  pitfalls: [
    'OpenAI’s own library accepts a signature without `v1,` before it; here the version must be there.',
    'Events are thin: they name a response or a batch to fetch through the API.',
    'The endpoint belongs to one project. Other projects have other secrets.',
  ],
  sample: {
    type: 'response.completed',
    idPrefix: 'wh_',
    contentType: 'application/json',
    body: '{"id":"evt_PosternSample","object":"event","created_at":{{seconds}},"type":"{{type}}","data":{"id":"resp_PosternSample"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'one event',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,g6D7ApvzuOJMxdKmR0Po6b5eMspbD++0QRw7tF8vDJA='],
        ],
        body: '{"id":"evt_1","type":"response.completed","data":{"id":"resp_1"}}',
        key: 'whsec_b3BlbmFpLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,0fR+XkDPbG2DBFxXnBcMNmw0+0KUWj8GyY6B4i5DtlU='],
        ],
        body: '{\n  "type": "batch.completed",\n  "data": {\n    "id": "batch_1",\n    "note": "Grüße 🚀 $& $1"\n  }\n}\n',
        key: 'whsec_b3BlbmFpLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'rotation: the second of two signatures is right, an unknown version beside',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          [
            'webhook-signature',
            'v1,lVepcWNlj3n8dKChc6FcGJn04iNvyIuV+Gzb8SLkMmo= v1,g6D7ApvzuOJMxdKmR0Po6b5eMspbD++0QRw7tF8vDJA= v2,g6D7ApvzuOJMxdKmR0Po6b5eMspbD++0QRw7tF8vDJA=',
          ],
        ],
        body: '{"id":"evt_1","type":"response.completed","data":{"id":"resp_1"}}',
        key: 'whsec_b3BlbmFpLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,g6D7ApvzuOJMxdKmR0Po6b5eMspbD++0QRw7tF8vDJA='],
        ],
        body: '{"id":"evt_1","type":"response.completed","data":{"id":"resp_1"}}',
        key: 'whsec_b3BlbmFpLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225900,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,g6D7ApvzuOJMxdKmR0Po6b5eMspbD++0QRw7tF8vDJA='],
        ],
        body: '{"id":"evt_1","type":"response.completed","data":{"id":"resp_2"}}',
        key: 'whsec_b3BlbmFpLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'another secret',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,lVepcWNlj3n8dKChc6FcGJn04iNvyIuV+Gzb8SLkMmo='],
        ],
        body: '{"id":"evt_1","type":"response.completed","data":{"id":"resp_1"}}',
        key: 'whsec_b3BlbmFpLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'the secret’s text as the key',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,Ski6R39GE12KACzojuv2qaXWp4IAqQ/kL9NpbXIIdPM='],
        ],
        body: '{"id":"evt_1","type":"response.completed","data":{"id":"resp_1"}}',
        key: 'whsec_b3BlbmFpLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'the id changed',
        headers: [
          ['webhook-id', 'msg_other'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,g6D7ApvzuOJMxdKmR0Po6b5eMspbD++0QRw7tF8vDJA='],
        ],
        body: '{"id":"evt_1","type":"response.completed","data":{"id":"resp_1"}}',
        key: 'whsec_b3BlbmFpLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'no id',
        headers: [
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,g6D7ApvzuOJMxdKmR0Po6b5eMspbD++0QRw7tF8vDJA='],
        ],
        body: '{"id":"evt_1","type":"response.completed","data":{"id":"resp_1"}}',
        key: 'whsec_b3BlbmFpLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-signature', 'v1,g6D7ApvzuOJMxdKmR0Po6b5eMspbD++0QRw7tF8vDJA='],
        ],
        body: '{"id":"evt_1","type":"response.completed","data":{"id":"resp_1"}}',
        key: 'whsec_b3BlbmFpLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'no version before the signature',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'g6D7ApvzuOJMxdKmR0Po6b5eMspbD++0QRw7tF8vDJA='],
        ],
        body: '{"id":"evt_1","type":"response.completed","data":{"id":"resp_1"}}',
        key: 'whsec_b3BlbmFpLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'the right digest under another version',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v2,g6D7ApvzuOJMxdKmR0Po6b5eMspbD++0QRw7tF8vDJA='],
        ],
        body: '{"id":"evt_1","type":"response.completed","data":{"id":"resp_1"}}',
        key: 'whsec_b3BlbmFpLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'hex in place of base64',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,83a0fb029bf3b8e24cc5d2a64743e8e9be5e32ca5b0fefb4411c3bb45f2f0c90'],
        ],
        body: '{"id":"evt_1","type":"response.completed","data":{"id":"resp_1"}}',
        key: 'whsec_b3BlbmFpLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'the svix-* names',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,g6D7ApvzuOJMxdKmR0Po6b5eMspbD++0QRw7tF8vDJA='],
        ],
        body: '{"id":"evt_1","type":"response.completed","data":{"id":"resp_1"}}',
        key: 'whsec_b3BlbmFpLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,g6D7ApvzuOJMxdKmR0Po6b5eMspbD++0QRw7tF8vDJA='],
        ],
        body: '{"id":"evt_1","type":"response.completed","data":{"id":"resp_1"}}',
        key: 'whsec_b3BlbmFpLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,g6D7ApvzuOJMxdKmR0Po6b5eMspbD++0QRw7tF8vDJA='],
        ],
        body: '{"id":"evt_1","type":"response.completed","data":{"id":"resp_1"}}',
        key: 'whsec_b3BlbmFpLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225299,
      },
    ],
  },
})
