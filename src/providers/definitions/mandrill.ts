import { defineProvider } from '../definition.ts'

export const mandrill = defineProvider({
  id: 'mandrill',
  name: 'Mailchimp Transactional (Mandrill)',
  category: 'email',
  docs: 'https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha1',
      key: { decode: 'utf8' },
      signature: { header: 'X-Mandrill-Signature', parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [{ templates: ['{url}{form:sorted}'] }],
    },
  ],
  keyForm: 'The authentication key of the webhook, as shown in its list; a text, although it looks like base64.',
  setup: [
    'Create the integration and make sure that its public URL is the one that you will enter, to the last character.',
    'Open Settings, Webhooks in Mandrill and add a webhook with that URL; it is checked with a HEAD request, which is answered here.',
    'Copy the key that now stands beside the webhook and add it to the integration.',
    'Send a test event from the list.',
  ],
  rotation:
    'Resetting the key at Mandrill replaces it at once. Do it when little is sent, add the new key here right away, and keep the old one until the batches on their way have arrived.',
  payload: [{ kind: 'form', json: 'mandrill_events', list: true }],
  methods: ['POST'],
  // A batch: the first event names it and the whole form is its identity. Names and values are signed without a
  // separator, so that a captured form can be cut anew; the signed content is the same for every cut.
  event: {
    id: 'body:$[0]._id',
    type: 'body:$[0].event | body:$[0].type',
    tenant: 'body:$[0].msg.subaccount',
    subject: 'body:$[0].msg._id',
    occurredAt: 'body:$[0].ts',
    dedupe: 'content',
  },
  handshakes: [{ name: 'head', when: { methods: ['HEAD'] }, signed: false, respond: { status: 200 } }],
  delivery: { success: '200', retries: 'with growing pauses; how many is not documented' },
  answers: { accepted: { status: 200 } },
  pitfalls: [
    'The URL is signed exactly as it was entered: a slash or a query more and nothing verifies.',
    'Fields are decoded and sorted by name before they are signed, not the raw form.',
    'The key exists only after Mandrill has reached the URL once.',
    'One request holds many events in the field mandrill_events.',
    'SHA-1 is all that Mandrill offers.',
  ],
  sample: {
    type: 'send',
    contentType: 'application/x-www-form-urlencoded',
    body: 'mandrill_events=%5B%7B%22event%22%3A%22{{type}}%22%2C%22_id%22%3A%22{{id}}%22%2C%22ts%22%3A{{seconds}}%2C%22msg%22%3A%7B%22_id%22%3A%22exampleaaaaaaaaaaaaaaaaaaaaaaaaa%22%2C%22state%22%3A%22sent%22%2C%22subject%22%3A%22Welcome%22%2C%22email%22%3A%22john%40example.com%22%7D%7D%5D',
  },
  vectors: {
    accepted: [
      {
        why: 'a batch with UTF-8 and text that a template must not expand',
        url: 'https://hooks.example.com/in/mandrill?x=1',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Mandrill-Signature', '8LlpPBPeSN9+oXSQScr020CFg/E='],
        ],
        body: 'mandrill_events=%5B%7B%22event%22%3A%22send%22%2C%22_id%22%3A%227f3c%22%2C%22ts%22%3A1767225600%2C%22msg%22%3A%7B%22subject%22%3A%22Gr%C3%BC%C3%9Fe+%26+%24%26+more%22%7D%7D%5D',
        key: 'mandrill_test_webhook_key',
      },
      {
        why: 'several fields, signed in the order of their names',
        url: 'https://hooks.example.com/in/mandrill?x=1',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Mandrill-Signature', 'EOGY9V1CB9c6FnXc3DuuDMon11Q='],
        ],
        body: 'mandrill_events=%5B%7B%22event%22%3A%22send%22%2C%22_id%22%3A%227f3c%22%2C%22ts%22%3A1767225600%2C%22msg%22%3A%7B%22subject%22%3A%22Gr%C3%BC%C3%9Fe+%26+%24%26+more%22%7D%7D%5D&a_first=x+y',
        key: 'mandrill_test_webhook_key',
      },
      {
        why: 'the same fields, escaped and ordered in another way',
        url: 'https://hooks.example.com/in/mandrill?x=1',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Mandrill-Signature', 'EOGY9V1CB9c6FnXc3DuuDMon11Q='],
        ],
        body: 'a_first=x%20y&mandrill_events=%5B%7B%22event%22%3A%22send%22%2C%22_id%22%3A%227f3c%22%2C%22ts%22%3A1767225600%2C%22msg%22%3A%7B%22subject%22%3A%22Gr%C3%BC%C3%9Fe%20%26%20%24%26%20more%22%7D%7D%5D',
        key: 'mandrill_test_webhook_key',
      },
    ],
    refused: [
      {
        why: 'one byte of an event changed',
        url: 'https://hooks.example.com/in/mandrill?x=1',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Mandrill-Signature', '8LlpPBPeSN9+oXSQScr020CFg/E='],
        ],
        body: 'mandrill_events=%5B%7B%22event%22%3A%22send%22%2C%22_id%22%3A%227f3d%22%2C%22ts%22%3A1767225600%2C%22msg%22%3A%7B%22subject%22%3A%22Gr%C3%BC%C3%9Fe+%26+%24%26+more%22%7D%7D%5D',
        key: 'mandrill_test_webhook_key',
      },
      {
        why: 'another URL',
        url: 'https://hooks.example.com/in/mandrill?x=2',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Mandrill-Signature', '8LlpPBPeSN9+oXSQScr020CFg/E='],
        ],
        body: 'mandrill_events=%5B%7B%22event%22%3A%22send%22%2C%22_id%22%3A%227f3c%22%2C%22ts%22%3A1767225600%2C%22msg%22%3A%7B%22subject%22%3A%22Gr%C3%BC%C3%9Fe+%26+%24%26+more%22%7D%7D%5D',
        key: 'mandrill_test_webhook_key',
      },
      {
        why: 'the URL without its query',
        url: 'https://hooks.example.com/in/mandrill?x=1',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Mandrill-Signature', 'AUmgNhZ1ebdyWN9kELGZsIsZOT0='],
        ],
        body: 'mandrill_events=%5B%7B%22event%22%3A%22send%22%2C%22_id%22%3A%227f3c%22%2C%22ts%22%3A1767225600%2C%22msg%22%3A%7B%22subject%22%3A%22Gr%C3%BC%C3%9Fe+%26+%24%26+more%22%7D%7D%5D',
        key: 'mandrill_test_webhook_key',
      },
      {
        why: 'a field more',
        url: 'https://hooks.example.com/in/mandrill?x=1',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Mandrill-Signature', '8LlpPBPeSN9+oXSQScr020CFg/E='],
        ],
        body: 'mandrill_events=%5B%7B%22event%22%3A%22send%22%2C%22_id%22%3A%227f3c%22%2C%22ts%22%3A1767225600%2C%22msg%22%3A%7B%22subject%22%3A%22Gr%C3%BC%C3%9Fe+%26+%24%26+more%22%7D%7D%5D&a_first=x+y',
        key: 'mandrill_test_webhook_key',
      },
      {
        why: 'the raw form signed',
        url: 'https://hooks.example.com/in/mandrill?x=1',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Mandrill-Signature', 'c5MDmGwfBHqa98e5Cdx8Fb+uBhg='],
        ],
        body: 'mandrill_events=%5B%7B%22event%22%3A%22send%22%2C%22_id%22%3A%227f3c%22%2C%22ts%22%3A1767225600%2C%22msg%22%3A%7B%22subject%22%3A%22Gr%C3%BC%C3%9Fe+%26+%24%26+more%22%7D%7D%5D',
        key: 'mandrill_test_webhook_key',
      },
      {
        why: 'signed with another key',
        url: 'https://hooks.example.com/in/mandrill?x=1',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Mandrill-Signature', 'woSk+aLuB8v5omhZQ/I1IbsCMYo='],
        ],
        body: 'mandrill_events=%5B%7B%22event%22%3A%22send%22%2C%22_id%22%3A%227f3c%22%2C%22ts%22%3A1767225600%2C%22msg%22%3A%7B%22subject%22%3A%22Gr%C3%BC%C3%9Fe+%26+%24%26+more%22%7D%7D%5D',
        key: 'mandrill_test_webhook_key',
      },
      {
        why: 'the key that Mandrill uses for its first test',
        url: 'https://hooks.example.com/in/mandrill?x=1',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Mandrill-Signature', 'bbgieRvcC21kGJ/1Tb9JEev4RCg='],
        ],
        body: 'mandrill_events=%5B%7B%22event%22%3A%22send%22%2C%22_id%22%3A%227f3c%22%2C%22ts%22%3A1767225600%2C%22msg%22%3A%7B%22subject%22%3A%22Gr%C3%BC%C3%9Fe+%26+%24%26+more%22%7D%7D%5D',
        key: 'mandrill_test_webhook_key',
      },
      {
        why: 'hex in place of base64',
        url: 'https://hooks.example.com/in/mandrill?x=1',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Mandrill-Signature', 'f0b9693c13de48df7ea1749049caf4db408583f1'],
        ],
        body: 'mandrill_events=%5B%7B%22event%22%3A%22send%22%2C%22_id%22%3A%227f3c%22%2C%22ts%22%3A1767225600%2C%22msg%22%3A%7B%22subject%22%3A%22Gr%C3%BC%C3%9Fe+%26+%24%26+more%22%7D%7D%5D',
        key: 'mandrill_test_webhook_key',
      },
      {
        why: 'SHA-256',
        url: 'https://hooks.example.com/in/mandrill?x=1',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Mandrill-Signature', 'St9662JDRFJXeWnKmsEruyw4QJzmPeptDyXF4rTbrTo='],
        ],
        body: 'mandrill_events=%5B%7B%22event%22%3A%22send%22%2C%22_id%22%3A%227f3c%22%2C%22ts%22%3A1767225600%2C%22msg%22%3A%7B%22subject%22%3A%22Gr%C3%BC%C3%9Fe+%26+%24%26+more%22%7D%7D%5D',
        key: 'mandrill_test_webhook_key',
      },
      {
        why: 'an empty header',
        url: 'https://hooks.example.com/in/mandrill?x=1',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Mandrill-Signature', ''],
        ],
        body: 'mandrill_events=%5B%7B%22event%22%3A%22send%22%2C%22_id%22%3A%227f3c%22%2C%22ts%22%3A1767225600%2C%22msg%22%3A%7B%22subject%22%3A%22Gr%C3%BC%C3%9Fe+%26+%24%26+more%22%7D%7D%5D',
        key: 'mandrill_test_webhook_key',
      },
      {
        why: 'no header',
        url: 'https://hooks.example.com/in/mandrill?x=1',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'mandrill_events=%5B%7B%22event%22%3A%22send%22%2C%22_id%22%3A%227f3c%22%2C%22ts%22%3A1767225600%2C%22msg%22%3A%7B%22subject%22%3A%22Gr%C3%BC%C3%9Fe+%26+%24%26+more%22%7D%7D%5D',
        key: 'mandrill_test_webhook_key',
      },
      {
        why: 'the header twice',
        url: 'https://hooks.example.com/in/mandrill?x=1',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Mandrill-Signature', '8LlpPBPeSN9+oXSQScr020CFg/E='],
          ['X-Mandrill-Signature', '8LlpPBPeSN9+oXSQScr020CFg/E='],
        ],
        body: 'mandrill_events=%5B%7B%22event%22%3A%22send%22%2C%22_id%22%3A%227f3c%22%2C%22ts%22%3A1767225600%2C%22msg%22%3A%7B%22subject%22%3A%22Gr%C3%BC%C3%9Fe+%26+%24%26+more%22%7D%7D%5D',
        key: 'mandrill_test_webhook_key',
      },
    ],
  },
})
