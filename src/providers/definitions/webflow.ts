import { defineProvider } from '../definition.ts'

export const webflow = defineProvider({
  id: 'webflow',
  name: 'Webflow',
  category: 'cms',
  docs: 'https://developers.webflow.com/data/docs/working-with-webhooks',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'x-webflow-signature', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['{ts}:{body}'] }],
      timestamp: {
        in: { header: 'x-webflow-timestamp' },
        unit: 'ms',
        toleranceSeconds: 300,
        toleranceDocumented: true,
      },
    },
  ],
  keyForm:
    'The client secret of the app that created the webhook or, where creating it answered with a `secretKey`, that one.',
  setup: [
    'Register an app in the workspace settings and authorise it for the site.',
    'Create the webhook through the API with the app’s access token: POST /v2/sites/{site_id}/webhooks with `triggerType` and the address of this integration as `url`.',
    'Paste the app’s client secret here, or the `secretKey` of the answer when it has one.',
    'Submit a form on the site and look for `form_submission`.',
  ],
  rotation:
    'Add the new secret here before it is in use, then regenerate it for the app or create the webhook anew, and remove the old one when its last retries are in.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // Ids in the payload name the form, item or order, and no event.
  event: {
    type: 'body:$.triggerType',
    tenant: 'body:$.payload.siteId | body:$.payload.site',
    subject: 'body:$.payload.id | body:$.payload.orderId | body:$.payload.pageId',
    occurredAt: 'body:$.payload.submittedAt | body:$.payload.lastUpdated | body:$.payload.publishedOn',
    dedupe: 'signed',
  },
  delivery: { success: '2xx', retries: 'repeated a few times, then the webhook may be switched off' },
  pitfalls: [
    'Webhooks made in the dashboard are not signed: they are refused here. Create them through the API.',
    'The time is in milliseconds and signed as it stands, with a colon behind it.',
    'Events have no id of their own: a retry that is signed anew counts as another event.',
    'Webflow’s own sample writes the parsed JSON again; only the bytes as sent have the signature.',
  ],
  sample: {
    type: 'form_submission',
    contentType: 'application/json',
    body: '{"triggerType":"{{type}}","payload":{"name":"Contact Us","siteId":"65427cf400e02b306eaa049c","data":{"First Name":"Zaphod","email":"zaphod@example.com"},"submittedAt":"{{iso}}","id":"{{id}}","formId":"65429eadebe8a9f3a30f62d0"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['x-webflow-timestamp', '1767225600000'],
          ['x-webflow-signature', '6e7c7cc819723622517b6d1e7b159b9e3ab310670abc874a62d19e084c1ce7bf'],
        ],
        body: '{"triggerType":"form_submission","payload":{"id":"sub1","siteId":"site1","data":{"name":"Ann"}}}',
        key: 'webflow_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'the exact bytes: line breaks, UTF-8, escapes and `$&`',
        headers: [
          ['x-webflow-timestamp', '1767225600000'],
          ['x-webflow-signature', '36fb64e3601dcade7c473fd65d805fd0116d3d5134902ce102c1131462dd2a00'],
        ],
        body: '{\n  "triggerType": "form_submission",\n  "payload": { "name": "Grüße 🚀 $& $$ \\u00e9" }\n}\n',
        key: 'webflow_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: [
          ['x-webflow-timestamp', '1767225600000'],
          ['x-webflow-signature', '6e7c7cc819723622517b6d1e7b159b9e3ab310670abc874a62d19e084c1ce7bf'],
        ],
        body: '{"triggerType":"form_submission","payload":{"id":"sub1","siteId":"site1","data":{"name":"Ann"}}}',
        key: 'webflow_test_client_secret',
        at: 1767225900,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['x-webflow-timestamp', '1767225600000'],
          ['x-webflow-signature', '6e7c7cc819723622517b6d1e7b159b9e3ab310670abc874a62d19e084c1ce7bf'],
        ],
        body: '{"triggerType":"form_submission","payload":{"id":"sub1","siteId":"site1","data":{"name":"Amy"}}}',
        key: 'webflow_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'signed with another key',
        headers: [
          ['x-webflow-timestamp', '1767225600000'],
          ['x-webflow-signature', 'cab65c9811f9842a908b5f0aa10b62a29dd7ac30e4f1757f1980bd27245f8c9b'],
        ],
        body: '{"triggerType":"form_submission","payload":{"id":"sub1","siteId":"site1","data":{"name":"Ann"}}}',
        key: 'webflow_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['x-webflow-timestamp', '1767225600001'],
          ['x-webflow-signature', '6e7c7cc819723622517b6d1e7b159b9e3ab310670abc874a62d19e084c1ce7bf'],
        ],
        body: '{"triggerType":"form_submission","payload":{"id":"sub1","siteId":"site1","data":{"name":"Ann"}}}',
        key: 'webflow_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [['x-webflow-signature', '6e7c7cc819723622517b6d1e7b159b9e3ab310670abc874a62d19e084c1ce7bf']],
        body: '{"triggerType":"form_submission","payload":{"id":"sub1","siteId":"site1","data":{"name":"Ann"}}}',
        key: 'webflow_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'no signature',
        headers: [['x-webflow-timestamp', '1767225600000']],
        body: '{"triggerType":"form_submission","payload":{"id":"sub1","siteId":"site1","data":{"name":"Ann"}}}',
        key: 'webflow_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'an empty signature',
        headers: [
          ['x-webflow-timestamp', '1767225600000'],
          ['x-webflow-signature', ''],
        ],
        body: '{"triggerType":"form_submission","payload":{"id":"sub1","siteId":"site1","data":{"name":"Ann"}}}',
        key: 'webflow_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'seconds in place of milliseconds, signed so',
        headers: [
          ['x-webflow-timestamp', '1767225600'],
          ['x-webflow-signature', 'e25570e02f272ea88ea06e9cbe22329bb051abc30048939e9e9416ec4ddbe1fb'],
        ],
        body: '{"triggerType":"form_submission","payload":{"id":"sub1","siteId":"site1","data":{"name":"Ann"}}}',
        key: 'webflow_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'base64 in place of hex',
        headers: [
          ['x-webflow-timestamp', '1767225600000'],
          ['x-webflow-signature', 'bnx8yBlyNiJRe20eexWbnjqzEGcKvIdKYtGeCEwc578='],
        ],
        body: '{"triggerType":"form_submission","payload":{"id":"sub1","siteId":"site1","data":{"name":"Ann"}}}',
        key: 'webflow_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'a dot in place of the colon',
        headers: [
          ['x-webflow-timestamp', '1767225600000'],
          ['x-webflow-signature', 'cbacb9282e8c5556f1478dbdb1449f34d591f3fae6b925d7299d21615c2064cc'],
        ],
        body: '{"triggerType":"form_submission","payload":{"id":"sub1","siteId":"site1","data":{"name":"Ann"}}}',
        key: 'webflow_test_client_secret',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['x-webflow-timestamp', '1767225600000'],
          ['x-webflow-signature', '6e7c7cc819723622517b6d1e7b159b9e3ab310670abc874a62d19e084c1ce7bf'],
        ],
        body: '{"triggerType":"form_submission","payload":{"id":"sub1","siteId":"site1","data":{"name":"Ann"}}}',
        key: 'webflow_test_client_secret',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['x-webflow-timestamp', '1767225600000'],
          ['x-webflow-signature', '6e7c7cc819723622517b6d1e7b159b9e3ab310670abc874a62d19e084c1ce7bf'],
        ],
        body: '{"triggerType":"form_submission","payload":{"id":"sub1","siteId":"site1","data":{"name":"Ann"}}}',
        key: 'webflow_test_client_secret',
        at: 1767225299,
      },
    ],
  },
})
