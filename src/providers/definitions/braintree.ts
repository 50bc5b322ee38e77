import { defineProvider } from '../definition.ts'

export const braintree = defineProvider({
  id: 'braintree',
  name: 'Braintree',
  category: 'payments',
  docs: 'https://developer.paypal.com/braintree/docs/guides/webhooks/overview',
  schemes: [
    {
      family: 'hmac',
      name: 'bt_signature',
      algorithm: 'sha1',
      key: { decode: 'utf8', derive: 'sha1' },
      signature: {
        form: 'bt_signature',
        parse: { kind: 'keyed-list', itemSeparator: '&', valueSeparator: '|', nameSetting: 'publicKey' },
        encoding: 'hex',
      },
      // The payload ends in a line break, which some stacks on the way strip.
      signed: [
        {
          templates: ['{form:bt_payload}', '{form:bt_payload}\n'],
          require: [{ kind: 'form-matches', form: 'bt_payload', pattern: '[A-Za-z0-9+=/\n]+' }],
        },
      ],
    },
  ],
  keyForm: 'The private key of the gateway’s API keys, as text.',
  settings: [
    {
      name: 'publicKey',
      what: 'The public key that belongs to the private key, from the same page: it names our signature among several.',
      example: 'braintree_test_public_key',
      required: true,
    },
  ],
  setup: [
    'In the Braintree Control Panel open Settings, then API; copy the public key into the settings and the private key as the key.',
    'Then create a webhook there with this integration’s public URL and the kinds to receive.',
    'Braintree greets the URL with bt_challenge while it is saved; the answer comes from here, so set both keys first.',
    'Choose Check URL and look for a notification of the kind check.',
  ],
  rotation:
    'Create a new API key pair and an integration for it, or change key and public key together; Braintree signs with every active pair until the old one is deleted.',
  payload: [{ kind: 'form' }],
  methods: ['POST'],
  // Kind and time are in XML inside base64 and are not read: the signed payload identifies the event.
  event: { type: 'text:notification', dedupe: 'content' },
  handshakes: [
    {
      name: 'bt_challenge',
      when: { methods: ['GET'], match: { 'query:bt_challenge': true } },
      signed: false,
      check: [{ value: { from: 'query:bt_challenge' }, matches: '[a-f0-9]{20,32}' }],
      respond: {
        status: 200,
        text: {
          join: [
            { setting: 'publicKey' },
            { text: '|' },
            { hmac: 'sha1', encoding: 'hex', of: [{ from: 'query:bt_challenge' }] },
          ],
        },
      },
    },
  ],
  delivery: { success: '2xx', timeoutSeconds: 30, retries: 'hourly for 24 hours' },
  pitfalls: [
    'The HMAC key is the binary SHA-1 of the private key, not the private key.',
    'bt_payload ends in a line break that is signed; both forms are tried.',
    'bt_signature lists a signature for each active key pair; the one named by the public key counts.',
    'The payload is XML in base64: the destination decodes it, and what kind it is stands only there.',
    'A SHA-1 HMAC; Braintree offers no other.',
  ],
  sample: {
    type: 'notification',
    contentType: 'application/x-www-form-urlencoded',
    body: 'bt_payload=PG5vdGlmaWNhdGlvbj48dGltZXN0YW1wIHR5cGU9ImRhdGV0aW1lIj4yMDI2LTAxLTAxVDAwOjAwOjAwWjwvdGltZXN0YW1wPjxraW5kPmNoZWNrPC9raW5kPjxzdWJqZWN0PjxjaGVjayB0eXBlPSJib29sZWFuIj50cnVlPC9jaGVjaz48L3N1YmplY3Q%2BPC9ub3RpZmljYXRpb24%2B%0A',
  },
  vectors: {
    accepted: [
      {
        why: 'one pair',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'bt_signature=braintree_test_public_key%7C4533f58390604179c13c0587cb11be063b2099ea&bt_payload=PG5vdGlmaWNhdGlvbj48dGltZXN0YW1wIHR5cGU9ImRhdGV0aW1lIj4yMDI2LTAxLTAxVDAwOjAwOjAwWjwvdGltZXN0YW1wPjxraW5kPmNoZWNrPC9raW5kPjxzdWJqZWN0PjxjaGVjayB0eXBlPSJib29sZWFuIj50cnVlPC9jaGVjaz48L3N1YmplY3Q%2BPC9ub3RpZmljYXRpb24%2B%0A',
        key: 'braintree_test_private_key',
        settings: { publicKey: 'braintree_test_public_key' },
      },
      {
        why: 'several pairs; ours is the second',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'bt_signature=another_key%7C0000000000000000000000000000000000000000%26braintree_test_public_key%7C4533f58390604179c13c0587cb11be063b2099ea&bt_payload=PG5vdGlmaWNhdGlvbj48dGltZXN0YW1wIHR5cGU9ImRhdGV0aW1lIj4yMDI2LTAxLTAxVDAwOjAwOjAwWjwvdGltZXN0YW1wPjxraW5kPmNoZWNrPC9raW5kPjxzdWJqZWN0PjxjaGVjayB0eXBlPSJib29sZWFuIj50cnVlPC9jaGVjaz48L3N1YmplY3Q%2BPC9ub3RpZmljYXRpb24%2B%0A',
        key: 'braintree_test_private_key',
        settings: { publicKey: 'braintree_test_public_key' },
      },
      {
        why: 'the line break at the end was lost on the way',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'bt_signature=braintree_test_public_key%7C4533f58390604179c13c0587cb11be063b2099ea&bt_payload=PG5vdGlmaWNhdGlvbj48dGltZXN0YW1wIHR5cGU9ImRhdGV0aW1lIj4yMDI2LTAxLTAxVDAwOjAwOjAwWjwvdGltZXN0YW1wPjxraW5kPmNoZWNrPC9raW5kPjxzdWJqZWN0PjxjaGVjayB0eXBlPSJib29sZWFuIj50cnVlPC9jaGVjaz48L3N1YmplY3Q%2BPC9ub3RpZmljYXRpb24%2B',
        key: 'braintree_test_private_key',
        settings: { publicKey: 'braintree_test_public_key' },
      },
    ],
    refused: [
      {
        why: 'the payload changed',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'bt_signature=braintree_test_public_key%7C4533f58390604179c13c0587cb11be063b2099ea&bt_payload=PG5vdGlmaWNhdGlvbj48dGltZXN0YW1wIHR5cGU9ImRhdGV0aW1lIj4yMDI2LTAxLTAxVDAwOjAwOjAwWjwvdGltZXN0YW1wPjxraW5kPmNoZWNrPC9raW5kPjxzdWJqZWN0PjxjaGVjayB0eXBlPSJib29sZWFuIj5mcnVlPC9jaGVjaz48L3N1YmplY3Q%2BPC9ub3RpZmljYXRpb24%2B%0A',
        key: 'braintree_test_private_key',
        settings: { publicKey: 'braintree_test_public_key' },
      },
      {
        why: 'no pair for our public key',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'bt_signature=another_key%7C4533f58390604179c13c0587cb11be063b2099ea&bt_payload=PG5vdGlmaWNhdGlvbj48dGltZXN0YW1wIHR5cGU9ImRhdGV0aW1lIj4yMDI2LTAxLTAxVDAwOjAwOjAwWjwvdGltZXN0YW1wPjxraW5kPmNoZWNrPC9raW5kPjxzdWJqZWN0PjxjaGVjayB0eXBlPSJib29sZWFuIj50cnVlPC9jaGVjaz48L3N1YmplY3Q%2BPC9ub3RpZmljYXRpb24%2B%0A',
        key: 'braintree_test_private_key',
        settings: { publicKey: 'braintree_test_public_key' },
      },
      {
        why: 'another public key in the settings',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'bt_signature=braintree_test_public_key%7C4533f58390604179c13c0587cb11be063b2099ea&bt_payload=PG5vdGlmaWNhdGlvbj48dGltZXN0YW1wIHR5cGU9ImRhdGV0aW1lIj4yMDI2LTAxLTAxVDAwOjAwOjAwWjwvdGltZXN0YW1wPjxraW5kPmNoZWNrPC9raW5kPjxzdWJqZWN0PjxjaGVjayB0eXBlPSJib29sZWFuIj50cnVlPC9jaGVjaz48L3N1YmplY3Q%2BPC9ub3RpZmljYXRpb24%2B%0A',
        key: 'braintree_test_private_key',
        settings: { publicKey: 'another_key' },
      },
      {
        why: 'keyed with the private key itself',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'bt_signature=braintree_test_public_key%7Cecc31a1d52a1461d1829f0b1ec41656fcf73736c&bt_payload=PG5vdGlmaWNhdGlvbj48dGltZXN0YW1wIHR5cGU9ImRhdGV0aW1lIj4yMDI2LTAxLTAxVDAwOjAwOjAwWjwvdGltZXN0YW1wPjxraW5kPmNoZWNrPC9raW5kPjxzdWJqZWN0PjxjaGVjayB0eXBlPSJib29sZWFuIj50cnVlPC9jaGVjaz48L3N1YmplY3Q%2BPC9ub3RpZmljYXRpb24%2B%0A',
        key: 'braintree_test_private_key',
        settings: { publicKey: 'braintree_test_public_key' },
      },
      {
        why: 'no signature',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'bt_payload=PG5vdGlmaWNhdGlvbj48dGltZXN0YW1wIHR5cGU9ImRhdGV0aW1lIj4yMDI2LTAxLTAxVDAwOjAwOjAwWjwvdGltZXN0YW1wPjxraW5kPmNoZWNrPC9raW5kPjxzdWJqZWN0PjxjaGVjayB0eXBlPSJib29sZWFuIj50cnVlPC9jaGVjaz48L3N1YmplY3Q%2BPC9ub3RpZmljYXRpb24%2B%0A',
        key: 'braintree_test_private_key',
        settings: { publicKey: 'braintree_test_public_key' },
      },
      {
        why: 'a signature without a name',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'bt_signature=4533f58390604179c13c0587cb11be063b2099ea&bt_payload=PG5vdGlmaWNhdGlvbj48dGltZXN0YW1wIHR5cGU9ImRhdGV0aW1lIj4yMDI2LTAxLTAxVDAwOjAwOjAwWjwvdGltZXN0YW1wPjxraW5kPmNoZWNrPC9raW5kPjxzdWJqZWN0PjxjaGVjayB0eXBlPSJib29sZWFuIj50cnVlPC9jaGVjaz48L3N1YmplY3Q%2BPC9ub3RpZmljYXRpb24%2B%0A',
        key: 'braintree_test_private_key',
        settings: { publicKey: 'braintree_test_public_key' },
      },
      {
        why: 'a payload with other characters',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'bt_signature=braintree_test_public_key%7C892ee1388cffd7dabdb991a52137f0b25c6f0973&bt_payload=not+base64%21%0A',
        key: 'braintree_test_private_key',
        settings: { publicKey: 'braintree_test_public_key' },
      },
      {
        why: 'the payload came twice',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'bt_signature=braintree_test_public_key%7C4533f58390604179c13c0587cb11be063b2099ea&bt_payload=PG5vdGlmaWNhdGlvbj48dGltZXN0YW1wIHR5cGU9ImRhdGV0aW1lIj4yMDI2LTAxLTAxVDAwOjAwOjAwWjwvdGltZXN0YW1wPjxraW5kPmNoZWNrPC9raW5kPjxzdWJqZWN0PjxjaGVjayB0eXBlPSJib29sZWFuIj50cnVlPC9jaGVjaz48L3N1YmplY3Q%2BPC9ub3RpZmljYXRpb24%2B%0A&bt_payload=PG5vdGlmaWNhdGlvbj48dGltZXN0YW1wIHR5cGU9ImRhdGV0aW1lIj4yMDI2LTAxLTAxVDAwOjAwOjAwWjwvdGltZXN0YW1wPjxraW5kPmNoZWNrPC9raW5kPjxzdWJqZWN0PjxjaGVjayB0eXBlPSJib29sZWFuIj5mcnVlPC9jaGVjaz48L3N1YmplY3Q%2BPC9ub3RpZmljYXRpb24%2B%0A',
        key: 'braintree_test_private_key',
        settings: { publicKey: 'braintree_test_public_key' },
      },
    ],
  },
})
