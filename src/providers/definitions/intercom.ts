import { defineProvider } from '../definition.ts'

export const intercom = defineProvider({
  id: 'intercom',
  name: 'Intercom',
  category: 'support',
  docs: 'https://developers.intercom.com/docs/references/webhooks/webhook-models',
  schemes: [
    {
      family: 'hmac',
      name: 'sha1',
      algorithm: 'sha1',
      key: { decode: 'utf8' },
      signature: { header: 'X-Hub-Signature', parse: { kind: 'prefix', prefix: 'sha1=' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The app’s client secret, as text.',
  setup: [
    'In the Intercom Developer Hub open the app.',
    'Copy the client secret from Basic Information and paste it here.',
    'Under Webhooks enter the address of this integration and choose topics. Intercom checks it with a HEAD.',
    'Send a test request and look for the topic `ping`.',
  ],
  rotation:
    'An app has one client secret. Add the new one here before you regenerate it, and remove the old one when its last retries are in.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.id',
    type: 'body:$.topic',
    tenant: 'body:$.app_id',
    subject: 'body:$.data.item.id',
    occurredAt: 'body:$.created_at',
  },
  handshakes: [{ name: 'head', when: { methods: ['HEAD'] }, signed: false, respond: { status: 200 } }],
  delivery: { success: '2xx; 410 disables the webhook', timeoutSeconds: 5, retries: 'once, after a minute' },
  pitfalls: [
    'SHA-1 is all that Intercom offers; a `sha256=` value is refused.',
    'There is one retry only: answer quickly and process later.',
    'Answering 410 switches the webhook off.',
    'No timestamp is signed: the signed notification id is what makes a repeat harmless.',
  ],
  sample: {
    type: 'conversation.user.created',
    idPrefix: 'notif_',
    contentType: 'application/json',
    body: '{"type":"notification_event","app_id":"postern0","data":{"type":"notification_event_data","item":{"type":"conversation","id":"147","title":"Sample"}},"id":"{{id}}","topic":"{{type}}","delivery_attempts":1,"first_sent_at":{{seconds}},"created_at":{{seconds}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['X-Hub-Signature', 'sha1=c549e5b2c007ddf5ad5b27559d816c92f757596e']],
        body: '{"type":"notification_event","id":"notif-1","topic":"ping","app_id":"a1"}',
        key: 'intercom_test_client_secret',
      },
      {
        why: 'the exact bytes: line breaks, UTF-8, escapes and `$&`',
        headers: [['X-Hub-Signature', 'sha1=5700e1295160944a7e14c5ef3c7ddf165a90131c']],
        body: '{\n  "id": "notif-3",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'intercom_test_client_secret',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-Hub-Signature', 'sha1=c549e5b2c007ddf5ad5b27559d816c92f757596e']],
        body: '{"type":"notification_event","id":"notif-2","topic":"ping","app_id":"a1"}',
        key: 'intercom_test_client_secret',
      },
      {
        why: 'a line break added to the body',
        headers: [['X-Hub-Signature', 'sha1=c549e5b2c007ddf5ad5b27559d816c92f757596e']],
        body: '{"type":"notification_event","id":"notif-1","topic":"ping","app_id":"a1"}\n',
        key: 'intercom_test_client_secret',
      },
      {
        why: 'signed with another key',
        headers: [['X-Hub-Signature', 'sha1=b5564233b65a53767763f2f3aa47012e9d5f915c']],
        body: '{"type":"notification_event","id":"notif-1","topic":"ping","app_id":"a1"}',
        key: 'intercom_test_client_secret',
      },
      {
        why: 'no signature',
        headers: [['Content-Type', 'application/json']],
        body: '{"type":"notification_event","id":"notif-1","topic":"ping","app_id":"a1"}',
        key: 'intercom_test_client_secret',
      },
      {
        why: 'an empty signature',
        headers: [['X-Hub-Signature', '']],
        body: '{"type":"notification_event","id":"notif-1","topic":"ping","app_id":"a1"}',
        key: 'intercom_test_client_secret',
      },
      {
        why: 'base64 in place of hex',
        headers: [['X-Hub-Signature', 'sha1=xUnlssAH3fWtWydVnYFskvdXWW4=']],
        body: '{"type":"notification_event","id":"notif-1","topic":"ping","app_id":"a1"}',
        key: 'intercom_test_client_secret',
      },
      {
        why: 'SHA-256',
        headers: [['X-Hub-Signature', 'sha1=63469432ab67270237ec9bbb1ed04d466f4aeca47017809102e70e5c533c19fc']],
        body: '{"type":"notification_event","id":"notif-1","topic":"ping","app_id":"a1"}',
        key: 'intercom_test_client_secret',
      },
      {
        why: 'the prefix left out',
        headers: [['X-Hub-Signature', 'c549e5b2c007ddf5ad5b27559d816c92f757596e']],
        body: '{"type":"notification_event","id":"notif-1","topic":"ping","app_id":"a1"}',
        key: 'intercom_test_client_secret',
      },
      {
        why: 'two signature headers',
        headers: [
          ['X-Hub-Signature', 'sha1=c549e5b2c007ddf5ad5b27559d816c92f757596e'],
          ['X-Hub-Signature', 'sha1=c549e5b2c007ddf5ad5b27559d816c92f757596e'],
        ],
        body: '{"type":"notification_event","id":"notif-1","topic":"ping","app_id":"a1"}',
        key: 'intercom_test_client_secret',
      },
      {
        why: 'a sha256= value',
        headers: [['X-Hub-Signature', 'sha256=63469432ab67270237ec9bbb1ed04d466f4aeca47017809102e70e5c533c19fc']],
        body: '{"type":"notification_event","id":"notif-1","topic":"ping","app_id":"a1"}',
        key: 'intercom_test_client_secret',
      },
    ],
  },
})
