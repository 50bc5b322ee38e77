import { defineProvider } from '../definition.ts'

export const standardWebhooks = defineProvider({
  id: 'standard-webhooks',
  name: 'Standard Webhooks (symmetric, v1)',
  category: 'generic',
  docs: 'https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md',
  schemes: [
    {
      family: 'hmac',
      name: 'v1',
      algorithm: 'sha256',
      key: { decode: 'base64', stripPrefix: ['whsec_'] },
      signature: {
        header: 'webhook-signature',
        parse: { kind: 'list', itemSeparator: ' ', versionSeparator: ',', version: 'v1' },
        encoding: 'base64',
      },
      signed: [{ templates: ['{id}.{ts}.{body}'] }],
      timestamp: {
        in: { header: 'webhook-timestamp' },
        unit: 's',
        toleranceSeconds: 300,
        toleranceDocumented: true,
      },
      id: { header: 'webhook-id', forbid: '.' },
    },
  ],
  keyForm: 'Base64 of 24 to 64 bytes, with or without `whsec_` before it.',
  setup: [
    'Ask the sender for an endpoint with the receive path.',
    'Copy its secret, `whsec_` and base64, into the integration.',
  ],
  rotation: 'Add the new secret here, rotate at the sender (many sign with both for a day), then end the old one here.',
  payload: [{ kind: 'json' }, { kind: 'empty' }],
  methods: ['POST'],
  // The id header is inside the signed bytes and stays the same over retries.
  event: { id: 'signed:id', type: 'body:$.type', subject: 'body:$.data.id', occurredAt: 'body:$.timestamp' },
  delivery: { success: '2xx; 410 disables the endpoint', timeoutSeconds: 15, retries: 'several, growing to days' },
  pitfalls: [
    'The secret is base64 and is decoded; its padding may be missing.',
    'The header is a list separated by spaces; entries of other versions are skipped.',
    'An id with a dot is refused: the signed bytes would read in two ways.',
  ],
  sample: {
    type: 'contact.created',
    idPrefix: 'msg_',
    contentType: 'application/json',
    body: '{"type":"{{type}}","timestamp":"{{iso}}","data":{"id":"con_1","email":"ada@example.com"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'the reference example',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          ['webhook-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'rotation: the right one in the middle, an unknown version beside',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          [
            'webhook-signature',
            'v1,78nXHjpFP0tVJQW5D0SBwmVyyW87BV/rL6MgfM/Bw44= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1a,78nXHjpFP0tVJQW5D0SBwmVyyW87BV/rL6MgfM/Bw44=',
          ],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'an empty body',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          ['webhook-signature', 'v1,v48jdbgvh29KJz2Qc+ghw8G6vG3nAKnujWBg8oM/62A='],
        ],
        body: '',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          ['webhook-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232315}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'the id changed',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJekx'],
          ['webhook-timestamp', '1614265330'],
          ['webhook-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265331'],
          ['webhook-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'something after the timestamp',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330abc'],
          ['webhook-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'something after the signature',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          ['webhook-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=,junk'],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'an empty signature',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          ['webhook-signature', 'v1,'],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'no version before it',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          ['webhook-signature', 'g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'only a version of another kind',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          ['webhook-signature', 'v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'no id',
        headers: [
          ['webhook-timestamp', '1614265330'],
          ['webhook-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'an id with a dot: id and timestamp would be ambiguous',
        headers: [
          ['webhook-id', 'msg.1'],
          ['webhook-timestamp', '1614265330'],
          ['webhook-signature', 'v1,g84Fr48iNUfeALcCN2LRQhSXJZ7Hs8lJ7kFx76VJCDU='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'one second too old',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          ['webhook-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265631,
      },
      {
        why: 'one second too early',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          ['webhook-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265029,
      },
      {
        why: 'the text of the secret as the key',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          ['webhook-signature', 'v1,TcxlhK9b6UD6iVI1ZU2tTqp8PEVfYRseNNfa6b+LcUg='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
    ],
  },
})
