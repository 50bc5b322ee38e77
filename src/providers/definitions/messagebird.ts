import { defineProvider } from '../definition.ts'

export const messagebird = defineProvider({
  id: 'messagebird',
  name: 'Bird / MessageBird',
  category: 'communication',
  docs: 'https://developers.messagebird.com/docs/verify-http-requests',
  schemes: [
    {
      family: 'jwt',
      name: 'jwt',
      token: { in: 'header', name: 'MessageBird-Signature-JWT' },
      algorithms: ['HS256', 'HS384', 'HS512'],
      key: { decode: 'utf8' },
      claims: {
        issuers: ['MessageBird'],
        required: ['jti', 'url_hash', 'exp', 'nbf'],
        clockToleranceSeconds: 5,
        urlHash: { claim: 'url_hash', encoding: 'hex' },
        bodyHash: { claim: 'payload_hash', encoding: 'hex', absentWhenEmpty: true },
      },
    },
  ],
  keyForm: 'The signing key: Developers, Settings of the dashboard. As text, and not the API key.',
  setup: [
    'Copy the signing key from the developer settings of the MessageBird dashboard.',
    'Make sure that the public URL of the integration is the one that MessageBird is given, query included.',
    'Register the receive URL as webhook or status report URL.',
  ],
  rotation:
    'Add the new signing key here before you change it in the dashboard, and end the old one a minute after, when its last tokens have expired.',
  payload: [{ kind: 'json' }, { kind: 'form' }, { kind: 'empty' }],
  methods: ['POST', 'GET'],
  // The body cannot be the identity: status reports by GET have none and differ in the query alone.
  event: {
    // A token is made anew for each attempt; body and address stay the same, and both are covered.
    type: 'body:$.type | query:status | form:status',
    subject: 'body:$.message.id | body:$.conversation.id | query:id | form:id',
    occurredAt: 'body:$.message.createdDatetime | query:statusDatetime',
    dedupe: 'content',
  },
  delivery: { success: '2xx', retries: 'with growing pauses; how many depends on the product' },
  pitfalls: [
    'The URL is signed as MessageBird was given it: order and escapes of the query count.',
    'payload_hash is there exactly when there is a body; one without the other is refused.',
    'A token lives for a minute or so, with five seconds of grace on both sides.',
    'The older MessageBird-Signature header is another scheme and is not read.',
  ],
  sample: {
    type: 'message.created',
    contentType: 'application/json',
    body: '{"type":"{{type}}","contact":{"id":"9354647c5b144a2b4c99f5n42497249"},"conversation":{"id":"2e15efafec384e1c82e9842075e87beb"},"message":{"id":"{{id}}","createdDatetime":"{{iso}}","direction":"received","status":"received","type":"text","content":{"text":"Hello"}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'a JSON body',
        url: 'https://example.com/path?foo=1&bar=2',
        headers: [
          [
            'MessageBird-Signature-JWT',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI1NjYwLCJqdGkiOiJqMSIsInVybF9oYXNoIjoiNDExZDRhZWM0MTgyZTU0Y2I1ZWE4NjU2NDc1NzZjNGRjYTY0Y2NlMmZiMWM5OWQ0MTkyMmMyZjEzMWRhODhlYyIsInBheWxvYWRfaGFzaCI6ImZjMTg1OTYzZGIwNDZhMzEyMjI1ZTRhNjIyNWNjY2I2YjQ2YzkwZTI1MGI4ZWFlYTNkODI5OWMzOWE3OTY3NmIifQ.cqdkeM8BONXueRCnQmFfDHYfrEoTR_hl0eQbzrRRV3c',
          ],
        ],
        body: '{"type":"message.created","message":{"id":"1"}}',
        key: 'messagebird_test_signing_key_32_bytes',
        at: 1767225605,
      },
      {
        why: 'pretty-printed, UTF-8, escapes, and text that a template must not expand',
        url: 'https://example.com/path?foo=1&bar=2',
        headers: [
          [
            'MessageBird-Signature-JWT',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI1NjYwLCJqdGkiOiJqMSIsInVybF9oYXNoIjoiNDExZDRhZWM0MTgyZTU0Y2I1ZWE4NjU2NDc1NzZjNGRjYTY0Y2NlMmZiMWM5OWQ0MTkyMmMyZjEzMWRhODhlYyIsInBheWxvYWRfaGFzaCI6IjE3NjBhZmE1YTVhNTVhOGIzZDZjMTg5NTUyOGM0NTgzMDljNjJlODI0ZDFmY2M4ZjNkMzA5NzVhMjdlZDcxYjQifQ.hjpGMSV3dnlzuSVETZb4FtT1MKlBjQSHBEUyZI27xRU',
          ],
        ],
        body: '{\n  "type": "message.created",\n  "message": { "text": "Grüße 🚀 $& $1 \\u00e9\\/" }\n}\n',
        key: 'messagebird_test_signing_key_32_bytes',
        at: 1767225605,
      },
      {
        why: 'GET without a body',
        method: 'GET',
        url: 'https://example.com/path?foo=1&bar=2',
        headers: [
          [
            'MessageBird-Signature-JWT',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI1NjYwLCJqdGkiOiJqMSIsInVybF9oYXNoIjoiNDExZDRhZWM0MTgyZTU0Y2I1ZWE4NjU2NDc1NzZjNGRjYTY0Y2NlMmZiMWM5OWQ0MTkyMmMyZjEzMWRhODhlYyJ9.MtIIyxR2B7aHKIwc2UNImNbBgvm-oZ7Onky48x4aPco',
          ],
        ],
        body: '',
        key: 'messagebird_test_signing_key_32_bytes',
        at: 1767225605,
      },
      {
        why: 'HS512',
        url: 'https://example.com/path?foo=1&bar=2',
        headers: [
          [
            'MessageBird-Signature-JWT',
            'eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI1NjYwLCJqdGkiOiJqMSIsInVybF9oYXNoIjoiNDExZDRhZWM0MTgyZTU0Y2I1ZWE4NjU2NDc1NzZjNGRjYTY0Y2NlMmZiMWM5OWQ0MTkyMmMyZjEzMWRhODhlYyIsInBheWxvYWRfaGFzaCI6ImZjMTg1OTYzZGIwNDZhMzEyMjI1ZTRhNjIyNWNjY2I2YjQ2YzkwZTI1MGI4ZWFlYTNkODI5OWMzOWE3OTY3NmIifQ.9IA_WkcC0B4DPVp1ojBcTy8TE2CsqJAAnil-d7D276bdmrUtYy0h5EwN2DEcddA0SzVgPDBGsrKZzDcKVhWPeA',
          ],
        ],
        body: '{"type":"message.created","message":{"id":"1"}}',
        key: 'messagebird_test_signing_key_32_bytes',
        at: 1767225605,
      },
      {
        why: 'in the last second of grace',
        url: 'https://example.com/path?foo=1&bar=2',
        headers: [
          [
            'MessageBird-Signature-JWT',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI1NjYwLCJqdGkiOiJqMSIsInVybF9oYXNoIjoiNDExZDRhZWM0MTgyZTU0Y2I1ZWE4NjU2NDc1NzZjNGRjYTY0Y2NlMmZiMWM5OWQ0MTkyMmMyZjEzMWRhODhlYyIsInBheWxvYWRfaGFzaCI6ImZjMTg1OTYzZGIwNDZhMzEyMjI1ZTRhNjIyNWNjY2I2YjQ2YzkwZTI1MGI4ZWFlYTNkODI5OWMzOWE3OTY3NmIifQ.cqdkeM8BONXueRCnQmFfDHYfrEoTR_hl0eQbzrRRV3c',
          ],
        ],
        body: '{"type":"message.created","message":{"id":"1"}}',
        key: 'messagebird_test_signing_key_32_bytes',
        at: 1767225664,
      },
      {
        why: 'the reference published by the vendor, GET without parameters',
        method: 'GET',
        url: 'https://example.com/',
        headers: [
          [
            'MessageBird-Signature-JWT',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTYyNTQ3OTIwMCwiZXhwIjoxNjI1NDc5MjYwLCJqdGkiOiI1OWEyNDRkYy1lOWFkLTRlMjMtOTc3OC0zNzFmYWEyMzhmNzIiLCJ1cmxfaGFzaCI6IjBmMTE1ZGIwNjJiN2MwZGQwMzBiMTY4NzhjOTlkZWE1YzM1NGI0OWRjMzdiMzhlYjg4NDYxNzljNzc4M2U5ZDcifQ.6Fp0rVOsRr1fj9S2GidXAfkmPVofKr8_RTffC6G6r2E',
          ],
        ],
        body: '',
        key: '36efdd1aace2e26cd490f0d951138253bef2f7c6d34d18981da781555cc4cebb',
        at: 1625479200,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        url: 'https://example.com/path?foo=1&bar=2',
        headers: [
          [
            'MessageBird-Signature-JWT',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI1NjYwLCJqdGkiOiJqMSIsInVybF9oYXNoIjoiNDExZDRhZWM0MTgyZTU0Y2I1ZWE4NjU2NDc1NzZjNGRjYTY0Y2NlMmZiMWM5OWQ0MTkyMmMyZjEzMWRhODhlYyIsInBheWxvYWRfaGFzaCI6ImZjMTg1OTYzZGIwNDZhMzEyMjI1ZTRhNjIyNWNjY2I2YjQ2YzkwZTI1MGI4ZWFlYTNkODI5OWMzOWE3OTY3NmIifQ.cqdkeM8BONXueRCnQmFfDHYfrEoTR_hl0eQbzrRRV3c',
          ],
        ],
        body: '{"type":"message.created","message":{"id":"2"}}',
        key: 'messagebird_test_signing_key_32_bytes',
        at: 1767225605,
      },
      {
        why: 'the body taken away',
        url: 'https://example.com/path?foo=1&bar=2',
        headers: [
          [
            'MessageBird-Signature-JWT',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI1NjYwLCJqdGkiOiJqMSIsInVybF9oYXNoIjoiNDExZDRhZWM0MTgyZTU0Y2I1ZWE4NjU2NDc1NzZjNGRjYTY0Y2NlMmZiMWM5OWQ0MTkyMmMyZjEzMWRhODhlYyIsInBheWxvYWRfaGFzaCI6ImZjMTg1OTYzZGIwNDZhMzEyMjI1ZTRhNjIyNWNjY2I2YjQ2YzkwZTI1MGI4ZWFlYTNkODI5OWMzOWE3OTY3NmIifQ.cqdkeM8BONXueRCnQmFfDHYfrEoTR_hl0eQbzrRRV3c',
          ],
        ],
        body: '',
        key: 'messagebird_test_signing_key_32_bytes',
        at: 1767225605,
      },
      {
        why: 'a body added',
        url: 'https://example.com/path?foo=1&bar=2',
        headers: [
          [
            'MessageBird-Signature-JWT',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI1NjYwLCJqdGkiOiJqMSIsInVybF9oYXNoIjoiNDExZDRhZWM0MTgyZTU0Y2I1ZWE4NjU2NDc1NzZjNGRjYTY0Y2NlMmZiMWM5OWQ0MTkyMmMyZjEzMWRhODhlYyJ9.MtIIyxR2B7aHKIwc2UNImNbBgvm-oZ7Onky48x4aPco',
          ],
        ],
        body: '{"type":"message.created","message":{"id":"1"}}',
        key: 'messagebird_test_signing_key_32_bytes',
        at: 1767225605,
      },
      {
        why: 'the query in another order',
        url: 'https://example.com/path?bar=2&foo=1',
        headers: [
          [
            'MessageBird-Signature-JWT',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI1NjYwLCJqdGkiOiJqMSIsInVybF9oYXNoIjoiNDExZDRhZWM0MTgyZTU0Y2I1ZWE4NjU2NDc1NzZjNGRjYTY0Y2NlMmZiMWM5OWQ0MTkyMmMyZjEzMWRhODhlYyIsInBheWxvYWRfaGFzaCI6ImZjMTg1OTYzZGIwNDZhMzEyMjI1ZTRhNjIyNWNjY2I2YjQ2YzkwZTI1MGI4ZWFlYTNkODI5OWMzOWE3OTY3NmIifQ.cqdkeM8BONXueRCnQmFfDHYfrEoTR_hl0eQbzrRRV3c',
          ],
        ],
        body: '{"type":"message.created","message":{"id":"1"}}',
        key: 'messagebird_test_signing_key_32_bytes',
        at: 1767225605,
      },
      {
        why: 'another issuer',
        url: 'https://example.com/path?foo=1&bar=2',
        headers: [
          [
            'MessageBird-Signature-JWT',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJTb21lb25lIiwibmJmIjoxNzY3MjI1NjAwLCJleHAiOjE3NjcyMjU2NjAsImp0aSI6ImoxIiwidXJsX2hhc2giOiI0MTFkNGFlYzQxODJlNTRjYjVlYTg2NTY0NzU3NmM0ZGNhNjRjY2UyZmIxYzk5ZDQxOTIyYzJmMTMxZGE4OGVjIiwicGF5bG9hZF9oYXNoIjoiZmMxODU5NjNkYjA0NmEzMTIyMjVlNGE2MjI1Y2NjYjZiNDZjOTBlMjUwYjhlYWVhM2Q4Mjk5YzM5YTc5Njc2YiJ9.zLuWSZsmI6yp2fBlqpoMKvNomSQFF_jofs2AIX_E3CU',
          ],
        ],
        body: '{"type":"message.created","message":{"id":"1"}}',
        key: 'messagebird_test_signing_key_32_bytes',
        at: 1767225605,
      },
      {
        why: 'no jti',
        url: 'https://example.com/path?foo=1&bar=2',
        headers: [
          [
            'MessageBird-Signature-JWT',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI1NjYwLCJ1cmxfaGFzaCI6IjQxMWQ0YWVjNDE4MmU1NGNiNWVhODY1NjQ3NTc2YzRkY2E2NGNjZTJmYjFjOTlkNDE5MjJjMmYxMzFkYTg4ZWMiLCJwYXlsb2FkX2hhc2giOiJmYzE4NTk2M2RiMDQ2YTMxMjIyNWU0YTYyMjVjY2NiNmI0NmM5MGUyNTBiOGVhZWEzZDgyOTljMzlhNzk2NzZiIn0.oc1WGsbaLgbrDwlm62a-HzAd5yK2grzjcBAkw2ZqRxI',
          ],
        ],
        body: '{"type":"message.created","message":{"id":"1"}}',
        key: 'messagebird_test_signing_key_32_bytes',
        at: 1767225605,
      },
      {
        why: 'no url_hash',
        url: 'https://example.com/path?foo=1&bar=2',
        headers: [
          [
            'MessageBird-Signature-JWT',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI1NjYwLCJqdGkiOiJqMSIsInBheWxvYWRfaGFzaCI6ImZjMTg1OTYzZGIwNDZhMzEyMjI1ZTRhNjIyNWNjY2I2YjQ2YzkwZTI1MGI4ZWFlYTNkODI5OWMzOWE3OTY3NmIifQ.Br8ymFAl1bAeohI1q-KxUtHVyTH7MLzq3gnHZOjckYY',
          ],
        ],
        body: '{"type":"message.created","message":{"id":"1"}}',
        key: 'messagebird_test_signing_key_32_bytes',
        at: 1767225605,
      },
      {
        why: 'no exp',
        url: 'https://example.com/path?foo=1&bar=2',
        headers: [
          [
            'MessageBird-Signature-JWT',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTc2NzIyNTYwMCwianRpIjoiajEiLCJ1cmxfaGFzaCI6IjQxMWQ0YWVjNDE4MmU1NGNiNWVhODY1NjQ3NTc2YzRkY2E2NGNjZTJmYjFjOTlkNDE5MjJjMmYxMzFkYTg4ZWMiLCJwYXlsb2FkX2hhc2giOiJmYzE4NTk2M2RiMDQ2YTMxMjIyNWU0YTYyMjVjY2NiNmI0NmM5MGUyNTBiOGVhZWEzZDgyOTljMzlhNzk2NzZiIn0.5FGujY9KGWIrsBlEy1wrAeFA5-uvEho-W7NL4X1xtYM',
          ],
        ],
        body: '{"type":"message.created","message":{"id":"1"}}',
        key: 'messagebird_test_signing_key_32_bytes',
        at: 1767225605,
      },
      {
        why: 'signed with another key',
        url: 'https://example.com/path?foo=1&bar=2',
        headers: [
          [
            'MessageBird-Signature-JWT',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI1NjYwLCJqdGkiOiJqMSIsInVybF9oYXNoIjoiNDExZDRhZWM0MTgyZTU0Y2I1ZWE4NjU2NDc1NzZjNGRjYTY0Y2NlMmZiMWM5OWQ0MTkyMmMyZjEzMWRhODhlYyIsInBheWxvYWRfaGFzaCI6ImZjMTg1OTYzZGIwNDZhMzEyMjI1ZTRhNjIyNWNjY2I2YjQ2YzkwZTI1MGI4ZWFlYTNkODI5OWMzOWE3OTY3NmIifQ.45Cb4_bm4PUDeIHa2bZqZnn1doscIbb-o2c8EF9U7n0',
          ],
        ],
        body: '{"type":"message.created","message":{"id":"1"}}',
        key: 'messagebird_test_signing_key_32_bytes',
        at: 1767225605,
      },
      {
        why: 'alg none',
        url: 'https://example.com/path?foo=1&bar=2',
        headers: [
          [
            'MessageBird-Signature-JWT',
            'eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI1NjYwLCJqdGkiOiJqMSIsInVybF9oYXNoIjoiNDExZDRhZWM0MTgyZTU0Y2I1ZWE4NjU2NDc1NzZjNGRjYTY0Y2NlMmZiMWM5OWQ0MTkyMmMyZjEzMWRhODhlYyIsInBheWxvYWRfaGFzaCI6ImZjMTg1OTYzZGIwNDZhMzEyMjI1ZTRhNjIyNWNjY2I2YjQ2YzkwZTI1MGI4ZWFlYTNkODI5OWMzOWE3OTY3NmIifQ.',
          ],
        ],
        body: '{"type":"message.created","message":{"id":"1"}}',
        key: 'messagebird_test_signing_key_32_bytes',
        at: 1767225605,
      },
      {
        why: 'no header',
        url: 'https://example.com/path?foo=1&bar=2',
        headers: [],
        body: '{"type":"message.created","message":{"id":"1"}}',
        key: 'messagebird_test_signing_key_32_bytes',
        at: 1767225605,
      },
      {
        why: 'expired, grace included',
        url: 'https://example.com/path?foo=1&bar=2',
        headers: [
          [
            'MessageBird-Signature-JWT',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI1NjYwLCJqdGkiOiJqMSIsInVybF9oYXNoIjoiNDExZDRhZWM0MTgyZTU0Y2I1ZWE4NjU2NDc1NzZjNGRjYTY0Y2NlMmZiMWM5OWQ0MTkyMmMyZjEzMWRhODhlYyIsInBheWxvYWRfaGFzaCI6ImZjMTg1OTYzZGIwNDZhMzEyMjI1ZTRhNjIyNWNjY2I2YjQ2YzkwZTI1MGI4ZWFlYTNkODI5OWMzOWE3OTY3NmIifQ.cqdkeM8BONXueRCnQmFfDHYfrEoTR_hl0eQbzrRRV3c',
          ],
        ],
        body: '{"type":"message.created","message":{"id":"1"}}',
        key: 'messagebird_test_signing_key_32_bytes',
        at: 1767225666,
      },
      {
        why: 'before its time, grace included',
        url: 'https://example.com/path?foo=1&bar=2',
        headers: [
          [
            'MessageBird-Signature-JWT',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI1NjYwLCJqdGkiOiJqMSIsInVybF9oYXNoIjoiNDExZDRhZWM0MTgyZTU0Y2I1ZWE4NjU2NDc1NzZjNGRjYTY0Y2NlMmZiMWM5OWQ0MTkyMmMyZjEzMWRhODhlYyIsInBheWxvYWRfaGFzaCI6ImZjMTg1OTYzZGIwNDZhMzEyMjI1ZTRhNjIyNWNjY2I2YjQ2YzkwZTI1MGI4ZWFlYTNkODI5OWMzOWE3OTY3NmIifQ.cqdkeM8BONXueRCnQmFfDHYfrEoTR_hl0eQbzrRRV3c',
          ],
        ],
        body: '{"type":"message.created","message":{"id":"1"}}',
        key: 'messagebird_test_signing_key_32_bytes',
        at: 1767225594,
      },
    ],
  },
})
