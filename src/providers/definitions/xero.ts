import { defineProvider } from '../definition.ts'

export const xero = defineProvider({
  id: 'xero',
  name: 'Xero',
  category: 'accounting',
  docs: 'https://developer.xero.com/documentation/guides/webhooks/configuring-your-server/',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'x-xero-signature', parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The webhooks key of the app. It looks like base64 and is used as text.',
  setup: [
    'In the Xero developer portal open the app, then Webhooks, and choose the event categories.',
    'Enter the public URL, save, and copy the webhooks key.',
    'Create the integration with that key.',
    'Press Send Intent to Receive: Xero sends right and wrong signatures and wants 200 and 401. The status then turns to OK.',
  ],
  rotation:
    'An app has one webhooks key at a time. Add a new one here as soon as Xero shows it; what is refused in between is retried for 24 hours. Then retire the old key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.events[0].resourceId + body:$.events[0].eventDateUtc',
    type: 'body:$.events[0].eventCategory + body:$.events[0].eventType',
    tenant: 'body:$.events[0].tenantId',
    subject: 'body:$.events[0].resourceId',
    occurredAt: 'body:$.events[0].eventDateUtc',
    dedupe: 'content',
  },
  handshakes: [
    {
      name: 'intent-to-receive',
      when: {
        methods: ['POST'],
        match: { 'body:$.events[0]': false, 'body:$.firstEventSequence': 0, 'body:$.lastEventSequence': 0 },
      },
      signed: true,
      respond: { status: 200 },
    },
  ],
  delivery: { success: '200', timeoutSeconds: 5, retries: 'for 24 hours, then the subscription is switched off' },
  answers: { accepted: { status: 200, body: '' }, unauthorized: { status: 401, body: '' } },
  pitfalls: [
    'A wrong signature must be answered with exactly 401 and an empty body, or the intent to receive fails.',
    'No cookies and no body may go with the 200.',
    'One request carries several events; they are thin and name a resource to fetch.',
    'eventDateUtc has no zone. It is UTC.',
  ],
  sample: {
    type: 'INVOICE.UPDATE',
    contentType: 'application/json',
    body: '{"events":[{"resourceUrl":"https://api.xero.com/api.xro/2.0/Invoices/inv-1","resourceId":"inv-1","tenantId":"ten-1","tenantType":"ORGANISATION","eventCategory":"INVOICE","eventType":"UPDATE","eventDateUtc":"{{iso}}"}],"firstEventSequence":1,"lastEventSequence":1,"entropy":"{{id}}"}',
  },
  vectors: {
    accepted: [
      {
        why: 'one event',
        headers: [['x-xero-signature', 'aiHS/e6M+oVH3IQPnzrpDCS1KwXcJLrwkuRXxEiDTDU=']],
        body: '{"events":[{"resourceId":"inv-1","tenantId":"ten-1","eventCategory":"INVOICE","eventType":"UPDATE"}],"firstEventSequence":1,"lastEventSequence":1}',
        key: 'xero-test-webhooks-key-0001==',
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`',
        headers: [['x-xero-signature', 'Ke3lI+r5QRTx1mvZArxFiFudh3c58P+Df4rfnWld4JE=']],
        body: '{\n  "events": [\n    {\n      "resourceId": "con-1",\n      "eventCategory": "CONTACT"\n    }\n  ],\n  "entropy": "Grüße 🚀 $& $1"\n}\n',
        key: 'xero-test-webhooks-key-0001==',
      },
      {
        why: 'the intent to receive, spaced unevenly',
        headers: [['x-xero-signature', 'm1FrrUGFoKDJSTnKZ7ajCXyCGRB0CVQgXJA3WxGcpb0=']],
        body: '{"events":[],"firstEventSequence": 0,"lastEventSequence": 0, "entropy": "RGVXEPYLCMPVVVHXRFSJ"}',
        key: 'xero-test-webhooks-key-0001==',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['x-xero-signature', 'aiHS/e6M+oVH3IQPnzrpDCS1KwXcJLrwkuRXxEiDTDU=']],
        body: '{"events":[{"resourceId":"inv-2","tenantId":"ten-1","eventCategory":"INVOICE","eventType":"UPDATE"}],"firstEventSequence":1,"lastEventSequence":1}',
        key: 'xero-test-webhooks-key-0001==',
      },
      {
        why: 'another key',
        headers: [['x-xero-signature', 'ST2PoM2CCC2aC9JAjwnbZaOsoKNsS+wSLSDKKk6oS3I=']],
        body: '{"events":[{"resourceId":"inv-1","tenantId":"ten-1","eventCategory":"INVOICE","eventType":"UPDATE"}],"firstEventSequence":1,"lastEventSequence":1}',
        key: 'xero-test-webhooks-key-0001==',
      },
      {
        why: 'no signature',
        headers: [],
        body: '{"events":[{"resourceId":"inv-1","tenantId":"ten-1","eventCategory":"INVOICE","eventType":"UPDATE"}],"firstEventSequence":1,"lastEventSequence":1}',
        key: 'xero-test-webhooks-key-0001==',
      },
      {
        why: 'an empty signature',
        headers: [['x-xero-signature', '']],
        body: '{"events":[{"resourceId":"inv-1","tenantId":"ten-1","eventCategory":"INVOICE","eventType":"UPDATE"}],"firstEventSequence":1,"lastEventSequence":1}',
        key: 'xero-test-webhooks-key-0001==',
      },
      {
        why: 'hex in place of base64',
        headers: [['x-xero-signature', '6a21d2fdee8cfa8547dc840f9f3ae90c24b52b05dc24baf092e457c448834c35']],
        body: '{"events":[{"resourceId":"inv-1","tenantId":"ten-1","eventCategory":"INVOICE","eventType":"UPDATE"}],"firstEventSequence":1,"lastEventSequence":1}',
        key: 'xero-test-webhooks-key-0001==',
      },
      {
        why: 'the key decoded from base64 first',
        headers: [['x-xero-signature', 'Gr3/4RMmJGuJ6OTM5EqvpeSIRS2cQijXovdWVRqGiDk=']],
        body: '{"events":[{"resourceId":"inv-1","tenantId":"ten-1","eventCategory":"INVOICE","eventType":"UPDATE"}],"firstEventSequence":1,"lastEventSequence":1}',
        key: 'xero-test-webhooks-key-0001==',
      },
      {
        why: 'the signature twice',
        headers: [
          ['x-xero-signature', 'aiHS/e6M+oVH3IQPnzrpDCS1KwXcJLrwkuRXxEiDTDU='],
          ['x-xero-signature', 'aiHS/e6M+oVH3IQPnzrpDCS1KwXcJLrwkuRXxEiDTDU='],
        ],
        body: '{"events":[{"resourceId":"inv-1","tenantId":"ten-1","eventCategory":"INVOICE","eventType":"UPDATE"}],"firstEventSequence":1,"lastEventSequence":1}',
        key: 'xero-test-webhooks-key-0001==',
      },
      {
        why: 'padding left out',
        headers: [['x-xero-signature', 'aiHS/e6M+oVH3IQPnzrpDCS1KwXcJLrwkuRXxEiDTDU']],
        body: '{"events":[{"resourceId":"inv-1","tenantId":"ten-1","eventCategory":"INVOICE","eventType":"UPDATE"}],"firstEventSequence":1,"lastEventSequence":1}',
        key: 'xero-test-webhooks-key-0001==',
      },
      {
        why: 'SHA-1',
        headers: [['x-xero-signature', 'nfCeTtYopiJTal9f3NGGp7lHJ38=']],
        body: '{"events":[{"resourceId":"inv-1","tenantId":"ten-1","eventCategory":"INVOICE","eventType":"UPDATE"}],"firstEventSequence":1,"lastEventSequence":1}',
        key: 'xero-test-webhooks-key-0001==',
      },
      {
        why: 'the intent to receive with a wrong signature',
        headers: [['x-xero-signature', 'dOFwLNrwRLnhRosy8dAUTv4YcBXLts2EKMGxLeMtEWE=']],
        body: '{"events":[],"firstEventSequence": 0,"lastEventSequence": 0, "entropy": "RGVXEPYLCMPVVVHXRFSJ"}',
        key: 'xero-test-webhooks-key-0001==',
      },
    ],
  },
})
