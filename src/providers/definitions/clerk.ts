import { defineProvider } from '../definition.ts'
import { standardWebhooksScheme } from '../shapes.ts'

export const clerk = defineProvider({
  id: 'clerk',
  name: 'Clerk',
  category: 'identity',
  docs: 'https://clerk.com/docs/webhooks/overview',
  schemes: [standardWebhooksScheme({ brand: 'svix' })],
  keyForm: 'The signing secret of the endpoint, `whsec_` and base64.',
  setup: [
    'In the Clerk dashboard open Configure, Webhooks, and add an endpoint with the public URL.',
    'Choose the events and create it.',
    'Copy the signing secret from the endpoint’s page and create the integration with it.',
    'On the tab Testing send an example event.',
  ],
  rotation:
    'Rotate the secret on the endpoint’s page: for 24 hours every request carries a signature by each. Add the new one as a second key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // The id header is inside the signed bytes and stays the same over retries.
  event: {
    id: 'signed:id',
    type: 'body:$.type',
    tenant: 'body:$.instance_id',
    subject: 'body:$.data.id',
    occurredAt: 'body:$.timestamp',
  },
  delivery: { success: '2xx', timeoutSeconds: 15, retries: '8 over 28 hours' },
  pitfalls: [
    'Deliveries use the svix-* header names, also where a page of the documentation says webhook-*.',
    'Each endpoint and each instance (development, production) has a secret of its own.',
  ],
  sample: {
    type: 'user.created',
    idPrefix: 'msg_',
    contentType: 'application/json',
    body: '{"type":"{{type}}","object":"event","instance_id":"ins_PosternSample","timestamp":{{seconds}}000,"data":{"id":"user_PosternSample","object":"user","first_name":"Ada"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'one event',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,qT/YAap2N8c8mMiNwdgU3Mi3ZHkQIVf6DkenN96k/y4='],
        ],
        body: '{"type":"user.created","data":{"id":"user_1"}}',
        key: 'whsec_Y2xlcmstdGVzdC1zaWduaW5nLXNlY3JldC0wMTIzNDU2',
        at: 1767225605,
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,GSh1gciN7jHELgMrt+hOj1GR1WxXqp+wCmyp+/vRYYo='],
        ],
        body: '{\n  "type": "user.updated",\n  "data": {\n    "id": "user_1",\n    "name": "Grüße 🚀 $& $1"\n  }\n}\n',
        key: 'whsec_Y2xlcmstdGVzdC1zaWduaW5nLXNlY3JldC0wMTIzNDU2',
        at: 1767225605,
      },
      {
        why: 'rotation: the second of two signatures is right, an unknown version beside',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          [
            'svix-signature',
            'v1,OIG6sGAX2B76jRdIlxe8X9m+VvCY0kOUVoUYPf3WRKM= v1,qT/YAap2N8c8mMiNwdgU3Mi3ZHkQIVf6DkenN96k/y4= v2,qT/YAap2N8c8mMiNwdgU3Mi3ZHkQIVf6DkenN96k/y4=',
          ],
        ],
        body: '{"type":"user.created","data":{"id":"user_1"}}',
        key: 'whsec_Y2xlcmstdGVzdC1zaWduaW5nLXNlY3JldC0wMTIzNDU2',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,qT/YAap2N8c8mMiNwdgU3Mi3ZHkQIVf6DkenN96k/y4='],
        ],
        body: '{"type":"user.created","data":{"id":"user_1"}}',
        key: 'whsec_Y2xlcmstdGVzdC1zaWduaW5nLXNlY3JldC0wMTIzNDU2',
        at: 1767225900,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,qT/YAap2N8c8mMiNwdgU3Mi3ZHkQIVf6DkenN96k/y4='],
        ],
        body: '{"type":"user.created","data":{"id":"user_2"}}',
        key: 'whsec_Y2xlcmstdGVzdC1zaWduaW5nLXNlY3JldC0wMTIzNDU2',
        at: 1767225605,
      },
      {
        why: 'another secret',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,OIG6sGAX2B76jRdIlxe8X9m+VvCY0kOUVoUYPf3WRKM='],
        ],
        body: '{"type":"user.created","data":{"id":"user_1"}}',
        key: 'whsec_Y2xlcmstdGVzdC1zaWduaW5nLXNlY3JldC0wMTIzNDU2',
        at: 1767225605,
      },
      {
        why: 'the secret’s text as the key',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,GklHQYQ09rwpKDRJOKU+5prApmKvAtArDvC3BBudLbU='],
        ],
        body: '{"type":"user.created","data":{"id":"user_1"}}',
        key: 'whsec_Y2xlcmstdGVzdC1zaWduaW5nLXNlY3JldC0wMTIzNDU2',
        at: 1767225605,
      },
      {
        why: 'the id changed',
        headers: [
          ['svix-id', 'msg_other'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,qT/YAap2N8c8mMiNwdgU3Mi3ZHkQIVf6DkenN96k/y4='],
        ],
        body: '{"type":"user.created","data":{"id":"user_1"}}',
        key: 'whsec_Y2xlcmstdGVzdC1zaWduaW5nLXNlY3JldC0wMTIzNDU2',
        at: 1767225605,
      },
      {
        why: 'no id',
        headers: [
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,qT/YAap2N8c8mMiNwdgU3Mi3ZHkQIVf6DkenN96k/y4='],
        ],
        body: '{"type":"user.created","data":{"id":"user_1"}}',
        key: 'whsec_Y2xlcmstdGVzdC1zaWduaW5nLXNlY3JldC0wMTIzNDU2',
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-signature', 'v1,qT/YAap2N8c8mMiNwdgU3Mi3ZHkQIVf6DkenN96k/y4='],
        ],
        body: '{"type":"user.created","data":{"id":"user_1"}}',
        key: 'whsec_Y2xlcmstdGVzdC1zaWduaW5nLXNlY3JldC0wMTIzNDU2',
        at: 1767225605,
      },
      {
        why: 'no version before the signature',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'qT/YAap2N8c8mMiNwdgU3Mi3ZHkQIVf6DkenN96k/y4='],
        ],
        body: '{"type":"user.created","data":{"id":"user_1"}}',
        key: 'whsec_Y2xlcmstdGVzdC1zaWduaW5nLXNlY3JldC0wMTIzNDU2',
        at: 1767225605,
      },
      {
        why: 'the right digest under another version',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v2,qT/YAap2N8c8mMiNwdgU3Mi3ZHkQIVf6DkenN96k/y4='],
        ],
        body: '{"type":"user.created","data":{"id":"user_1"}}',
        key: 'whsec_Y2xlcmstdGVzdC1zaWduaW5nLXNlY3JldC0wMTIzNDU2',
        at: 1767225605,
      },
      {
        why: 'hex in place of base64',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,a93fd801aa7637c73c98c88dc1d814dcc8b76479102157fa0e47a737dea4ff2e'],
        ],
        body: '{"type":"user.created","data":{"id":"user_1"}}',
        key: 'whsec_Y2xlcmstdGVzdC1zaWduaW5nLXNlY3JldC0wMTIzNDU2',
        at: 1767225605,
      },
      {
        why: 'the webhook-* names',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,qT/YAap2N8c8mMiNwdgU3Mi3ZHkQIVf6DkenN96k/y4='],
        ],
        body: '{"type":"user.created","data":{"id":"user_1"}}',
        key: 'whsec_Y2xlcmstdGVzdC1zaWduaW5nLXNlY3JldC0wMTIzNDU2',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,qT/YAap2N8c8mMiNwdgU3Mi3ZHkQIVf6DkenN96k/y4='],
        ],
        body: '{"type":"user.created","data":{"id":"user_1"}}',
        key: 'whsec_Y2xlcmstdGVzdC1zaWduaW5nLXNlY3JldC0wMTIzNDU2',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,qT/YAap2N8c8mMiNwdgU3Mi3ZHkQIVf6DkenN96k/y4='],
        ],
        body: '{"type":"user.created","data":{"id":"user_1"}}',
        key: 'whsec_Y2xlcmstdGVzdC1zaWduaW5nLXNlY3JldC0wMTIzNDU2',
        at: 1767225299,
      },
    ],
  },
})
