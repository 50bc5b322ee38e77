import { defineProvider } from '../definition.ts'

export const docusign = defineProvider({
  id: 'docusign',
  name: 'DocuSign Connect',
  category: 'e-sign',
  docs: 'https://developers.docusign.com/platform/webhooks/connect/validate/',
  schemes: [
    {
      family: 'hmac',
      name: 'hmac',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { headers: { prefix: 'X-DocuSign-Signature-', to: 100 }, parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [{ templates: ['{body}'] }],
    },
    {
      family: 'basic',
      name: 'basic',
      usernameSetting: 'username',
      keyForm: 'The password of the Connect configuration, or user and password joined with a colon.',
      weakness: 'The credentials do not cover the body: who sees one request can make any other.',
    },
    {
      family: 'mtls',
      name: 'mtls',
      keyForm:
        'The SHA-256 fingerprint (hex) of the DocuSign Connect client certificate, or the certificate itself as PEM.',
      weakness:
        'DocuSign presents the same certificate for every customer: it proves that DocuSign sent the message, not for which account.',
    },
  ],
  keyForm: 'An HMAC key of the account’s Connect settings, as text.',
  settings: [
    {
      name: 'username',
      what: 'The user name of the Connect configuration, for the scheme `basic`.',
      example: 'postern',
      schemes: ['basic'],
    },
  ],
  setup: [
    'In Settings open Connect, tab Connect Keys, add a secret key and copy it: it is shown once.',
    'Create the integration with that key.',
    'Under Connect, Configurations, add a custom configuration with the public URL and the data format REST v2.1 (JSON).',
    'In it, choose the events, switch on Include HMAC Signature, and save.',
  ],
  rotation:
    'Add a second key in Connect Keys: every message then carries a signature by each. Add it here too, then delete the old one in both places.',
  payload: [{ kind: 'json-object' }, { kind: 'opaque', contentTypes: ['text/xml', 'application/xml'] }],
  methods: ['POST'],
  // A retry keeps generatedDateTime and raises retryCount, so the content would not do.
  event: {
    id: 'body:$.event + body:$.data.envelopeId + body:$.data.recipientId + body:$.generatedDateTime | body:$.event + body:$.data.envelopeId + body:$.generatedDateTime',
    type: 'body:$.event',
    tenant: 'body:$.data.accountId',
    subject: 'body:$.data.envelopeId',
    occurredAt: 'body:$.generatedDateTime',
  },
  delivery: { success: '200', timeoutSeconds: 100, retries: 'for 15 days' },
  answers: { accepted: { status: 200 } },
  pitfalls: [
    'Each of up to 100 keys has a numbered header of its own; one right signature is enough.',
    'The signatures are base64, not hex.',
    'With documents included the bodies run to many megabytes: leave them out and fetch the documents through the API.',
    'Configurations in the older XML format arrive as they are, without an event type.',
  ],
  sample: {
    type: 'envelope-completed',
    contentType: 'application/json; charset=utf-8',
    body: '{"event":"{{type}}","apiVersion":"v2.1","uri":"/restapi/v2.1/accounts/acc-1/envelopes/{{id}}","retryCount":0,"configurationId":10418598,"generatedDateTime":"{{iso}}","data":{"accountId":"acc-1","userId":"user-1","envelopeId":"{{id}}"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'one key',
        headers: [['X-DocuSign-Signature-1', '5JTqgCQMT5Wcjc/gn31dZ0OuHmuliGvBV2GYo5NXnuk=']],
        body: '{"event":"envelope-completed","data":{"accountId":"acc-1","envelopeId":"env-1"}}',
        key: 'docusign-test-connect-key-1',
      },
      {
        why: 'two keys: the second signature is right',
        headers: [
          ['X-DocuSign-Signature-1', 'cq2ohf8x4j4/7dxV8hGw2CDZ+4AmeT7uN5D57AehO74='],
          ['X-DocuSign-Signature-2', '5JTqgCQMT5Wcjc/gn31dZ0OuHmuliGvBV2GYo5NXnuk='],
        ],
        body: '{"event":"envelope-completed","data":{"accountId":"acc-1","envelopeId":"env-1"}}',
        key: 'docusign-test-connect-key-1',
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`',
        headers: [['X-DocuSign-Signature-1', 'nuGQHJiNBtifg8GctQqJnan9u2SXOPgOrVn1WwoqmwE=']],
        body: '{\n  "event": "envelope-sent",\n  "data": {\n    "envelopeId": "env-3",\n    "subject": "Grüße 🚀 $& $1"\n  }\n}\n',
        key: 'docusign-test-connect-key-1',
      },
      {
        why: 'basic: a password with a colon and an umlaut',
        scheme: 'basic',
        headers: [['Authorization', 'Basic cG9zdGVybjpkb2N1c2lnbi10ZXN0OnDDpHNzd29yZA==']],
        body: '{"event":"envelope-completed","data":{"accountId":"acc-1","envelopeId":"env-1"}}',
        key: 'docusign-test:pässword',
        settings: { username: 'postern' },
      },
      {
        why: 'mtls: the pinned certificate',
        scheme: 'mtls',
        headers: [],
        body: '{"event":"envelope-completed","data":{"accountId":"acc-1","envelopeId":"env-1"}}',
        key: 'e0fffe069fee117f8a89f1fdb0ff6e19eb474603d0e885c7c9fe418f706ccdf7',
        clientCertificate: 'e0fffe069fee117f8a89f1fdb0ff6e19eb474603d0e885c7c9fe418f706ccdf7',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-DocuSign-Signature-1', '5JTqgCQMT5Wcjc/gn31dZ0OuHmuliGvBV2GYo5NXnuk=']],
        body: '{"event":"envelope-completed","data":{"accountId":"acc-1","envelopeId":"env-2"}}',
        key: 'docusign-test-connect-key-1',
      },
      {
        why: 'one space more',
        headers: [['X-DocuSign-Signature-1', '5JTqgCQMT5Wcjc/gn31dZ0OuHmuliGvBV2GYo5NXnuk=']],
        body: '{"event":"envelope-completed","data":{"accountId":"acc-1","envelopeId":"env-1"}} ',
        key: 'docusign-test-connect-key-1',
      },
      {
        why: 'another key',
        headers: [['X-DocuSign-Signature-1', 'cq2ohf8x4j4/7dxV8hGw2CDZ+4AmeT7uN5D57AehO74=']],
        body: '{"event":"envelope-completed","data":{"accountId":"acc-1","envelopeId":"env-1"}}',
        key: 'docusign-test-connect-key-1',
      },
      {
        why: 'no signature',
        headers: [],
        body: '{"event":"envelope-completed","data":{"accountId":"acc-1","envelopeId":"env-1"}}',
        key: 'docusign-test-connect-key-1',
      },
      {
        why: 'an empty signature',
        headers: [['X-DocuSign-Signature-1', '']],
        body: '{"event":"envelope-completed","data":{"accountId":"acc-1","envelopeId":"env-1"}}',
        key: 'docusign-test-connect-key-1',
      },
      {
        why: 'a header twice',
        headers: [
          ['X-DocuSign-Signature-1', 'cq2ohf8x4j4/7dxV8hGw2CDZ+4AmeT7uN5D57AehO74='],
          ['X-DocuSign-Signature-1', '5JTqgCQMT5Wcjc/gn31dZ0OuHmuliGvBV2GYo5NXnuk='],
        ],
        body: '{"event":"envelope-completed","data":{"accountId":"acc-1","envelopeId":"env-1"}}',
        key: 'docusign-test-connect-key-1',
      },
      {
        why: 'hex in place of base64',
        headers: [['X-DocuSign-Signature-1', 'e494ea80240c4f959c8dcfe09f7d5d6743ae1e6ba5886bc1576198a393579ee9']],
        body: '{"event":"envelope-completed","data":{"accountId":"acc-1","envelopeId":"env-1"}}',
        key: 'docusign-test-connect-key-1',
      },
      {
        why: 'a header without a number',
        headers: [['X-DocuSign-Signature', '5JTqgCQMT5Wcjc/gn31dZ0OuHmuliGvBV2GYo5NXnuk=']],
        body: '{"event":"envelope-completed","data":{"accountId":"acc-1","envelopeId":"env-1"}}',
        key: 'docusign-test-connect-key-1',
      },
      {
        why: 'basic: another user',
        scheme: 'basic',
        headers: [['Authorization', 'Basic aW50ZXJuOmRvY3VzaWduLXRlc3Q6cMOkc3N3b3Jk']],
        body: '{"event":"envelope-completed","data":{"accountId":"acc-1","envelopeId":"env-1"}}',
        key: 'docusign-test:pässword',
        settings: { username: 'postern' },
      },
      {
        why: 'basic: another password',
        scheme: 'basic',
        headers: [['Authorization', 'Basic cG9zdGVybjpkb2N1c2lnbi10ZXN0OnDDpHNzd29yZHg=']],
        body: '{"event":"envelope-completed","data":{"accountId":"acc-1","envelopeId":"env-1"}}',
        key: 'docusign-test:pässword',
        settings: { username: 'postern' },
      },
      {
        why: 'basic: no credentials',
        scheme: 'basic',
        headers: [],
        body: '{"event":"envelope-completed","data":{"accountId":"acc-1","envelopeId":"env-1"}}',
        key: 'docusign-test:pässword',
        settings: { username: 'postern' },
      },
      {
        why: 'mtls: another certificate',
        scheme: 'mtls',
        headers: [],
        body: '{"event":"envelope-completed","data":{"accountId":"acc-1","envelopeId":"env-1"}}',
        key: 'e0fffe069fee117f8a89f1fdb0ff6e19eb474603d0e885c7c9fe418f706ccdf7',
        clientCertificate: '1053a22bb178421ac558221e980c943684c7a6c27cd264b9c48b57d9c5a721c3',
      },
      {
        why: 'mtls: no certificate',
        scheme: 'mtls',
        headers: [],
        body: '{"event":"envelope-completed","data":{"accountId":"acc-1","envelopeId":"env-1"}}',
        key: 'e0fffe069fee117f8a89f1fdb0ff6e19eb474603d0e885c7c9fe418f706ccdf7',
      },
    ],
  },
})
