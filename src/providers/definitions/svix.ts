import { defineProvider } from '../definition.ts'

export const svix = defineProvider({
  id: 'svix',
  name: 'Svix (any sender that uses it)',
  category: 'generic',
  docs: 'https://docs.svix.com/receiving/verifying-payloads/how-manual',
  schemes: [
    {
      family: 'hmac',
      name: 'v1',
      algorithm: 'sha256',
      key: { decode: 'base64', stripPrefix: ['whsec_'] },
      signature: {
        header: 'svix-signature',
        parse: { kind: 'list', itemSeparator: ' ', versionSeparator: ',', version: 'v1' },
        encoding: 'base64',
      },
      signed: [{ templates: ['{id}.{ts}.{body}'] }],
      timestamp: {
        in: { header: 'svix-timestamp' },
        unit: 's',
        toleranceSeconds: 300,
        toleranceDocumented: true,
      },
      id: { header: 'svix-id', forbid: '.' },
      aliases: [
        { 'svix-signature': 'webhook-signature', 'svix-timestamp': 'webhook-timestamp', 'svix-id': 'webhook-id' },
      ],
    },
  ],
  keyForm: 'The signing secret of the endpoint, `whsec_` and base64.',
  setup: [
    'In the sender’s webhook portal add an endpoint with the receive path.',
    'Copy the endpoint’s signing secret (`whsec_…`) into the integration.',
  ],
  rotation:
    'Rotate the secret in the portal: both sign for 24 hours. Add the new one here meanwhile, then end the old one.',
  payload: [{ kind: 'json' }, { kind: 'empty' }],
  methods: ['POST'],
  // The id header is inside the signed bytes and stays the same over retries.
  event: { id: 'signed:id', type: 'body:$.type', subject: 'body:$.data.id', occurredAt: 'body:$.timestamp' },
  delivery: {
    success: '2xx',
    timeoutSeconds: 15,
    retries: '8 over 28 hours',
    addresses: 'https://docs.svix.com/receiving/source-ips',
  },
  pitfalls: [
    'Senders use `svix-*` or `webhook-*` names; a request is read under one set and never under a mixture.',
    'Svix’s own library compared only as many bytes as the shorter text had (CVE-2024-21491).',
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
          ['svix-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['svix-timestamp', '1614265330'],
          ['svix-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'rotation: the right one in the middle, an unknown version beside',
        headers: [
          ['svix-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['svix-timestamp', '1614265330'],
          [
            'svix-signature',
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
          ['svix-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['svix-timestamp', '1614265330'],
          ['svix-signature', 'v1,v48jdbgvh29KJz2Qc+ghw8G6vG3nAKnujWBg8oM/62A='],
        ],
        body: '',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'the names without the brand',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          ['webhook-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['svix-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['svix-timestamp', '1614265330'],
          ['svix-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232315}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'the id changed',
        headers: [
          ['svix-id', 'msg_p5jXN8AQM9LWM0D4loKWxJekx'],
          ['svix-timestamp', '1614265330'],
          ['svix-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['svix-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['svix-timestamp', '1614265331'],
          ['svix-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'something after the timestamp',
        headers: [
          ['svix-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['svix-timestamp', '1614265330abc'],
          ['svix-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'something after the signature',
        headers: [
          ['svix-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['svix-timestamp', '1614265330'],
          ['svix-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=,junk'],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'an empty signature',
        headers: [
          ['svix-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['svix-timestamp', '1614265330'],
          ['svix-signature', 'v1,'],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'no version before it',
        headers: [
          ['svix-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['svix-timestamp', '1614265330'],
          ['svix-signature', 'g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'only a version of another kind',
        headers: [
          ['svix-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['svix-timestamp', '1614265330'],
          ['svix-signature', 'v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'no id',
        headers: [
          ['svix-timestamp', '1614265330'],
          ['svix-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'an id with a dot: id and timestamp would be ambiguous',
        headers: [
          ['svix-id', 'msg.1'],
          ['svix-timestamp', '1614265330'],
          ['svix-signature', 'v1,g84Fr48iNUfeALcCN2LRQhSXJZ7Hs8lJ7kFx76VJCDU='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'one second too old',
        headers: [
          ['svix-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['svix-timestamp', '1614265330'],
          ['svix-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265631,
      },
      {
        why: 'one second too early',
        headers: [
          ['svix-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['svix-timestamp', '1614265330'],
          ['svix-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265029,
      },
      {
        why: 'the text of the secret as the key',
        headers: [
          ['svix-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['svix-timestamp', '1614265330'],
          ['svix-signature', 'v1,TcxlhK9b6UD6iVI1ZU2tTqp8PEVfYRseNNfa6b+LcUg='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
      {
        why: 'names of two sets mixed',
        headers: [
          ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
          ['webhook-timestamp', '1614265330'],
          ['svix-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
        ],
        body: '{"test": 2432232314}',
        key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        at: 1614265331,
      },
    ],
  },
})
