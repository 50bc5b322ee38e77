import { defineProvider } from '../definition.ts'
import { standardWebhooksScheme } from '../shapes.ts'

export const replicate = defineProvider({
  id: 'replicate',
  name: 'Replicate',
  category: 'ai',
  docs: 'https://replicate.com/docs/topics/webhooks/verify-webhook',
  schemes: [standardWebhooksScheme()],
  keyForm: 'The signing secret of the account’s default webhook, `whsec_` and base64.',
  setup: [
    'Fetch the secret: GET https://api.replicate.com/v1/webhooks/default/secret with the API token; the answer has it under `key`.',
    'Create the integration with it.',
    'Give the public URL as `webhook` when a prediction is created, with `webhook_events_filter` set to ["completed"] or more.',
  ],
  rotation:
    'The secret belongs to the account and signs for all its predictions. When it changes, fetch it again, add it as a second key, and retire the old key when requests match the new one.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // The id header is inside the signed bytes and stays the same over retries.
  event: {
    id: 'signed:id',
    type: 'body:$.status',
    tenant: 'body:$.model',
    subject: 'body:$.id',
    occurredAt: 'body:$.completed_at | body:$.started_at | body:$.created_at',
  },
  delivery: { success: '2xx', retries: 'a few within minutes, for finished predictions' },
  pitfalls: [
    'The body is the prediction itself: its id stays the same while its status changes, so the webhook-id names the event.',
    'There is no event type; the status stands for it.',
    'Output links expire after an hour: fetch the files at once.',
  ],
  sample: {
    type: 'succeeded',
    idPrefix: 'msg_',
    contentType: 'application/json',
    body: '{"id":"ufawqhfynnddngldkgtslldrkq","model":"postern/sample","version":"5c7d5dc6","status":"{{type}}","input":{"text":"Ada"},"output":"hello Ada","error":null,"created_at":"{{iso}}","completed_at":"{{iso}}"}',
  },
  vectors: {
    accepted: [
      {
        why: 'one event',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,b1qrVqe17n3Qn8BDVxd772n807k2YNDKB/MgwF3Cnsk='],
        ],
        body: '{"id":"pred1","status":"succeeded","output":"hello"}',
        key: 'whsec_cmVwbGljYXRlLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,FqQc7cUXbqV3qHVD/x4gMwcWvqk6iQdFErIh3atqOk8='],
        ],
        body: '{\n  "id": "pred1",\n  "status": "failed",\n  "error": "Grüße 🚀 $& $1"\n}\n',
        key: 'whsec_cmVwbGljYXRlLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'rotation: the second of two signatures is right, an unknown version beside',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          [
            'webhook-signature',
            'v1,8v4cs/AGx5ZRx382JrhjSGPls6hodj78RZSzvZ3TvK8= v1,b1qrVqe17n3Qn8BDVxd772n807k2YNDKB/MgwF3Cnsk= v2,b1qrVqe17n3Qn8BDVxd772n807k2YNDKB/MgwF3Cnsk=',
          ],
        ],
        body: '{"id":"pred1","status":"succeeded","output":"hello"}',
        key: 'whsec_cmVwbGljYXRlLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,b1qrVqe17n3Qn8BDVxd772n807k2YNDKB/MgwF3Cnsk='],
        ],
        body: '{"id":"pred1","status":"succeeded","output":"hello"}',
        key: 'whsec_cmVwbGljYXRlLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225900,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,b1qrVqe17n3Qn8BDVxd772n807k2YNDKB/MgwF3Cnsk='],
        ],
        body: '{"id":"pred1","status":"succeeded","output":"hallo"}',
        key: 'whsec_cmVwbGljYXRlLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'another secret',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,8v4cs/AGx5ZRx382JrhjSGPls6hodj78RZSzvZ3TvK8='],
        ],
        body: '{"id":"pred1","status":"succeeded","output":"hello"}',
        key: 'whsec_cmVwbGljYXRlLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'the secret’s text as the key',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,L4t2dsLDmdnvpjhPhSIORnWCaRw3A3IKP7/gIun3JJc='],
        ],
        body: '{"id":"pred1","status":"succeeded","output":"hello"}',
        key: 'whsec_cmVwbGljYXRlLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'the id changed',
        headers: [
          ['webhook-id', 'msg_other'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,b1qrVqe17n3Qn8BDVxd772n807k2YNDKB/MgwF3Cnsk='],
        ],
        body: '{"id":"pred1","status":"succeeded","output":"hello"}',
        key: 'whsec_cmVwbGljYXRlLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'no id',
        headers: [
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,b1qrVqe17n3Qn8BDVxd772n807k2YNDKB/MgwF3Cnsk='],
        ],
        body: '{"id":"pred1","status":"succeeded","output":"hello"}',
        key: 'whsec_cmVwbGljYXRlLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-signature', 'v1,b1qrVqe17n3Qn8BDVxd772n807k2YNDKB/MgwF3Cnsk='],
        ],
        body: '{"id":"pred1","status":"succeeded","output":"hello"}',
        key: 'whsec_cmVwbGljYXRlLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'no version before the signature',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'b1qrVqe17n3Qn8BDVxd772n807k2YNDKB/MgwF3Cnsk='],
        ],
        body: '{"id":"pred1","status":"succeeded","output":"hello"}',
        key: 'whsec_cmVwbGljYXRlLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'the right digest under another version',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v2,b1qrVqe17n3Qn8BDVxd772n807k2YNDKB/MgwF3Cnsk='],
        ],
        body: '{"id":"pred1","status":"succeeded","output":"hello"}',
        key: 'whsec_cmVwbGljYXRlLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'hex in place of base64',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,6f5aab56a7b5ee7dd09fc04357177bef69fcd3b93660d0ca07f320c05dc29ec9'],
        ],
        body: '{"id":"pred1","status":"succeeded","output":"hello"}',
        key: 'whsec_cmVwbGljYXRlLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'the svix-* names',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,b1qrVqe17n3Qn8BDVxd772n807k2YNDKB/MgwF3Cnsk='],
        ],
        body: '{"id":"pred1","status":"succeeded","output":"hello"}',
        key: 'whsec_cmVwbGljYXRlLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,b1qrVqe17n3Qn8BDVxd772n807k2YNDKB/MgwF3Cnsk='],
        ],
        body: '{"id":"pred1","status":"succeeded","output":"hello"}',
        key: 'whsec_cmVwbGljYXRlLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['webhook-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['webhook-timestamp', '1767225600'],
          ['webhook-signature', 'v1,b1qrVqe17n3Qn8BDVxd772n807k2YNDKB/MgwF3Cnsk='],
        ],
        body: '{"id":"pred1","status":"succeeded","output":"hello"}',
        key: 'whsec_cmVwbGljYXRlLXRlc3Qtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Ng==',
        at: 1767225299,
      },
    ],
  },
})
