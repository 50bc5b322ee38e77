import { defineProvider } from '../definition.ts'

export const postmark = defineProvider({
  id: 'postmark',
  name: 'Postmark',
  category: 'email',
  docs: 'https://postmarkapp.com/developer/webhooks/webhooks-overview',
  schemes: [
    {
      family: 'basic',
      name: 'basic',
      usernameSetting: 'username',
      weakness: 'The credentials do not cover the body: who sees one request can make any other.',
    },
    {
      family: 'token',
      name: 'custom-header',
      token: { in: 'header', name: 'X-Postmark-Webhook-Token', nameSetting: 'headerName' },
      keyForm: 'The value that you gave the custom header, as text.',
      weakness: 'The value does not cover the body: who sees one request can make any other.',
    },
  ],
  keyForm: 'The password that you chose for HTTP Basic, as text; or `user:password` when no `username` is set.',
  settings: [
    {
      name: 'username',
      what: 'The user of the HTTP Basic credentials, as entered at Postmark.',
      example: 'hook-user',
      schemes: ['basic'],
    },
    {
      name: 'headerName',
      what: 'The name of the custom header, where it is not X-Postmark-Webhook-Token.',
      example: 'X-Postmark-Webhook-Token',
      schemes: ['custom-header'],
    },
  ],
  setup: [
    'Make up a user and a long random password.',
    'Open the server, its message stream and Webhooks, and add a webhook with the receive URL.',
    'Enter user and password as basic auth credentials, or a custom header with a random value.',
    'Choose the events and send a test from the same page.',
  ],
  rotation:
    'Both values are yours. Add the new password here beside the old one, change it in the webhook at Postmark, and end the old one when events arrive under the new one.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // A message brings many records, and may be opened or clicked more than once.
  event: {
    id: 'body:$.RecordType + body:$.MessageID + body:$.ID | body:$.RecordType + body:$.MessageID + body:$.ReceivedAt | body:$.RecordType + body:$.MessageID + body:$.ChangedAt | body:$.RecordType + body:$.MessageID | body:$.MessageID',
    type: 'body:$.RecordType',
    tenant: 'body:$.ServerID',
    subject: 'body:$.MessageID',
    occurredAt: 'body:$.DeliveredAt | body:$.BouncedAt | body:$.ReceivedAt | body:$.ChangedAt',
  },
  delivery: {
    success: '200; 403 ends the retries',
    retries: 'bounces and inbound mail 10 over 10.5 hours, other events 3',
    addresses: 'https://postmarkapp.com/support/article/800-ips-for-firewalls#webhooks',
  },
  answers: { accepted: { status: 200 } },
  pitfalls: [
    'Nothing is signed. Use https, and restrict the addresses in front if you can.',
    'Several records share a MessageID; the id here also holds the record type and, where there is one, the bounce’s own id or the time.',
  ],
  sample: {
    type: 'Delivery',
    contentType: 'application/json',
    body: '{"RecordType":"{{type}}","MessageID":"{{id}}","ServerID":23,"MessageStream":"outbound","Recipient":"john@example.com","DeliveredAt":"{{iso}}","Details":"Test delivery","Tag":"welcome-email","Metadata":{}}',
  },
  vectors: {
    accepted: [
      {
        why: 'a password with a colon and a letter beyond ASCII',
        headers: [['Authorization', 'Basic aG9vay11c2VyOnBvc3RtYXJrX3Rlc3Q6cGFzcy3DvA==']],
        body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","ServerID":23}',
        key: 'postmark_test:pass-ü',
        settings: {
          username: 'hook-user',
        },
      },
      {
        why: 'the scheme in lower case',
        headers: [['Authorization', 'basic aG9vay11c2VyOnBvc3RtYXJrX3Rlc3Q6cGFzcy3DvA==']],
        body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","ServerID":23}',
        key: 'postmark_test:pass-ü',
        settings: {
          username: 'hook-user',
        },
      },
      {
        why: 'user and password in the key, no setting',
        headers: [['Authorization', 'Basic aG9vay11c2VyOnBvc3RtYXJrX3Rlc3RfcGFzc3dvcmQ=']],
        body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","ServerID":23}',
        key: 'hook-user:postmark_test_password',
      },
      {
        why: 'custom header under its usual name',
        scheme: 'custom-header',
        headers: [['X-Postmark-Webhook-Token', 'postmark_test_header_token']],
        body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","ServerID":23}',
        key: 'postmark_test_header_token',
      },
      {
        why: 'custom header under a name of the operator’s',
        scheme: 'custom-header',
        headers: [['X-My-Token', 'postmark_test_header_token']],
        body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","ServerID":23}',
        key: 'postmark_test_header_token',
        settings: {
          headerName: 'X-My-Token',
        },
      },
    ],
    refused: [
      {
        why: 'wrong password',
        headers: [['Authorization', 'Basic aG9vay11c2VyOndyb25n']],
        body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","ServerID":23}',
        key: 'postmark_test:pass-ü',
        settings: {
          username: 'hook-user',
        },
      },
      {
        why: 'another user',
        headers: [['Authorization', 'Basic aG9vay11c2V4OnBvc3RtYXJrX3Rlc3Q6cGFzcy3DvA==']],
        body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","ServerID":23}',
        key: 'postmark_test:pass-ü',
        settings: {
          username: 'hook-user',
        },
      },
      {
        why: 'no credentials',
        headers: [],
        body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","ServerID":23}',
        key: 'postmark_test:pass-ü',
        settings: {
          username: 'hook-user',
        },
      },
      {
        why: 'empty credentials',
        headers: [['Authorization', 'Basic ']],
        body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","ServerID":23}',
        key: 'postmark_test:pass-ü',
        settings: {
          username: 'hook-user',
        },
      },
      {
        why: 'not base64',
        headers: [['Authorization', 'Basic !!!']],
        body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","ServerID":23}',
        key: 'postmark_test:pass-ü',
        settings: {
          username: 'hook-user',
        },
      },
      {
        why: 'no colon',
        headers: [['Authorization', 'Basic aG9vay11c2VycG9zdG1hcmtfdGVzdDpwYXNzLcO8']],
        body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","ServerID":23}',
        key: 'postmark_test:pass-ü',
        settings: {
          username: 'hook-user',
        },
      },
      {
        why: 'as a bearer token',
        headers: [['Authorization', 'Bearer aG9vay11c2VyOnBvc3RtYXJrX3Rlc3Q6cGFzcy3DvA==']],
        body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","ServerID":23}',
        key: 'postmark_test:pass-ü',
        settings: {
          username: 'hook-user',
        },
      },
      {
        why: 'the right custom header where Basic is configured',
        headers: [['X-Postmark-Webhook-Token', 'postmark_test:pass-ü']],
        body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","ServerID":23}',
        key: 'postmark_test:pass-ü',
        settings: {
          username: 'hook-user',
        },
      },
      {
        why: 'custom header: one character more',
        scheme: 'custom-header',
        headers: [['X-Postmark-Webhook-Token', 'postmark_test_header_tokenx']],
        body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","ServerID":23}',
        key: 'postmark_test_header_token',
      },
      {
        why: 'custom header: empty',
        scheme: 'custom-header',
        headers: [['X-Postmark-Webhook-Token', '']],
        body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","ServerID":23}',
        key: 'postmark_test_header_token',
      },
      {
        why: 'custom header: missing',
        scheme: 'custom-header',
        headers: [],
        body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","ServerID":23}',
        key: 'postmark_test_header_token',
      },
      {
        why: 'custom header: under another name than the one configured',
        scheme: 'custom-header',
        headers: [['X-Postmark-Webhook-Token', 'postmark_test_header_token']],
        body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","ServerID":23}',
        key: 'postmark_test_header_token',
        settings: {
          headerName: 'X-My-Token',
        },
      },
      {
        why: 'custom header: sent twice',
        scheme: 'custom-header',
        headers: [
          ['X-Postmark-Webhook-Token', 'postmark_test_header_token'],
          ['X-Postmark-Webhook-Token', 'postmark_test_header_token'],
        ],
        body: '{"RecordType":"Delivery","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","ServerID":23}',
        key: 'postmark_test_header_token',
      },
    ],
  },
})
