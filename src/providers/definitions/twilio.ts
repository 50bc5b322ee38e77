import { defineProvider } from '../definition.ts'

export const twilio = defineProvider({
  id: 'twilio',
  name: 'Twilio',
  category: 'communication',
  docs: 'https://www.twilio.com/docs/usage/webhooks/webhooks-security',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha1',
      key: { decode: 'utf8' },
      signature: { header: 'X-Twilio-Signature', parse: { kind: 'raw' }, encoding: 'base64' },
      // The URL is signed, so that neither the query nor the choice of a case is the sender’s to change.
      signed: [
        { name: 'get', when: { method: 'GET' }, templates: ['{url}'], require: [{ kind: 'empty-body' }] },
        {
          name: 'json',
          when: { query: 'bodySHA256' },
          templates: ['{url}'],
          require: [{ kind: 'query-body-hash', query: 'bodySHA256', algorithm: 'sha256', encoding: 'hex' }],
        },
        { name: 'form', templates: ['{url}{form:sorted}'] },
      ],
      urlVariants: ['as-is', 'default-port-added', 'port-removed'],
    },
  ],
  keyForm: 'The account’s primary auth token.',
  setup: [
    'In the Twilio Console copy the account’s primary auth token into the integration.',
    'Set the integration’s `publicUrl` to the exact address given to Twilio, since it is signed.',
    'Enter that address as webhook or status callback of the number, service or request.',
  ],
  rotation: 'Create a secondary auth token, add it here, promote it to primary at Twilio, then end the old one here.',
  payload: [{ kind: 'form' }, { kind: 'json' }, { kind: 'empty' }],
  methods: ['POST', 'GET'],
  // One SID brings several events (queued, sent, delivered), and names and values are signed without a separator, so that
  // a captured form can be cut anew (`Bod=yhi`). The signed content is the same for every cut: it is the identity.
  event: {
    id: 'form:MessageSid | form:CallSid | query:MessageSid | query:CallSid | header:I-Twilio-Idempotency-Token',
    type: 'form:MessageStatus | form:SmsStatus | form:CallStatus | query:MessageStatus | query:SmsStatus | query:CallStatus',
    tenant: 'form:AccountSid | query:AccountSid',
    subject: 'form:MessageSid | form:CallSid | query:MessageSid | query:CallSid',
    dedupe: 'content',
  },
  delivery: {
    success: '2xx',
    timeoutSeconds: 15,
    retries: 'once by default; set per connection in the URL’s fragment',
  },
  pitfalls: [
    'The URL is the public one as given to Twilio, never what a proxy made of it; order and escapes of its query count.',
    'Twilio signs with or without the default port; both are tried.',
    'Fields are decoded, sorted by name, and repeated values are made unique and sorted; empty values still give their name.',
    'JSON bodies are covered by `bodySHA256` in the signed URL, over the raw bytes.',
    'While tokens rotate, only the primary one signs.',
    'Incoming calls and messages want TwiML in the answer; point status callbacks here instead.',
  ],
  sample: {
    type: 'delivered',
    idPrefix: 'SM',
    contentType: 'application/x-www-form-urlencoded',
    body: 'AccountSid=ACpostern&MessageSid={{id}}&MessageStatus={{type}}&From=%2B14155552671&To=%2B14155550000&ApiVersion=2010-04-01',
  },
  vectors: {
    accepted: [
      {
        why: 'the example printed in the documentation, fields in another order',
        url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Twilio-Signature', 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
        ],
        body: 'To=%2B18005551212&From=%2B14158675309&Digits=1234&Caller=%2B14158675309&CallSid=CA1234567890ABCDE',
        key: '12345',
      },
      {
        why: 'the default port was signed',
        url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Twilio-Signature', 'kvajT1Ptam85bY51eRf/AJRuM3w='],
        ],
        body: 'To=%2B18005551212&From=%2B14158675309&Digits=1234&Caller=%2B14158675309&CallSid=CA1234567890ABCDE',
        key: '12345',
      },
      {
        why: 'repeated, empty and non-ASCII values',
        url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Twilio-Signature', 'z+NpOrreaBWHecimT4Eyw90rUEU='],
        ],
        body: 'MediaUrl=https%3A%2F%2Fb&MediaUrl=https%3A%2F%2Fa&MediaUrl=https%3A%2F%2Fb&Empty=&Body=caf%C3%A9+%26+more',
        key: '12345',
      },
      {
        why: 'a JSON body, covered by its hash in the URL',
        url: 'https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256=1380498b6a279e6064bd0bf779fc8cb1798e7813cd06fc5a7f280a15379d8e53',
        headers: [
          ['Content-Type', 'application/json'],
          ['X-Twilio-Signature', '7f8QqEJZgpBCB+53mQjRB7kAZAs='],
        ],
        body: '{"sid":"CA1"}',
        key: '12345',
      },
      {
        why: 'GET: the URL alone',
        method: 'GET',
        url: 'https://mycompany.com/status?MessageSid=SM1&MessageStatus=sent',
        headers: [['X-Twilio-Signature', 'bafqg2o0G/iIZhPs9+iz+VVtNOo=']],
        body: '',
        key: '12345',
      },
    ],
    refused: [
      {
        why: 'one field changed',
        url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Twilio-Signature', 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
        ],
        body: 'To=%2B18005551212&From=%2B14158675309&Digits=1235&Caller=%2B14158675309&CallSid=CA1234567890ABCDE',
        key: '12345',
      },
      {
        why: 'query reordered',
        url: 'https://mycompany.com/myapp.php?bar=2&foo=1',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Twilio-Signature', 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
        ],
        body: 'To=%2B18005551212&From=%2B14158675309&Digits=1234&Caller=%2B14158675309&CallSid=CA1234567890ABCDE',
        key: '12345',
      },
      {
        why: 'http in place of https',
        url: 'http://mycompany.com/myapp.php?foo=1&bar=2',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Twilio-Signature', 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
        ],
        body: 'To=%2B18005551212&From=%2B14158675309&Digits=1234&Caller=%2B14158675309&CallSid=CA1234567890ABCDE',
        key: '12345',
      },
      {
        why: 'a JSON body other than the hash says',
        url: 'https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256=1380498b6a279e6064bd0bf779fc8cb1798e7813cd06fc5a7f280a15379d8e53',
        headers: [
          ['Content-Type', 'application/json'],
          ['X-Twilio-Signature', '7f8QqEJZgpBCB+53mQjRB7kAZAs='],
        ],
        body: '{"sid":"CA2"}',
        key: '12345',
      },
      {
        why: 'a GET that brings a body',
        method: 'GET',
        url: 'https://mycompany.com/status?MessageSid=SM1&MessageStatus=sent',
        headers: [['X-Twilio-Signature', 'bafqg2o0G/iIZhPs9+iz+VVtNOo=']],
        body: 'MessageSid=SM2',
        key: '12345',
      },
      {
        why: 'hex in place of base64',
        url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Twilio-Signature', '4523980ede13d5c51374ad4f0ddf77fd556bf01f'],
        ],
        body: 'To=%2B18005551212&From=%2B14158675309&Digits=1234&Caller=%2B14158675309&CallSid=CA1234567890ABCDE',
        key: '12345',
      },
    ],
  },
})
