import { defineProvider } from '../definition.ts'

export const telnyx = defineProvider({
  id: 'telnyx',
  name: 'Telnyx',
  category: 'communication',
  docs: 'https://developers.telnyx.com/docs/development/api-fundamentals/webhooks',
  schemes: [
    {
      family: 'asymmetric',
      name: 'ed25519',
      algorithm: 'ed25519',
      key: { format: 'raw-base64' },
      signature: { header: 'telnyx-signature-ed25519', parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [{ templates: ['{ts}|{body}'] }],
      timestamp: {
        in: { header: 'telnyx-timestamp' },
        unit: 's',
        toleranceSeconds: 300,
        toleranceDocumented: true,
      },
    },
  ],
  keyForm: 'The public key of the account, the base64 of 32 bytes.',
  setup: [
    'Copy the public key from the Mission Control Portal: Account settings, Keys & Credentials, Public Key.',
    'Enter the receive URL in the messaging profile, the voice application or whatever sends the events, with webhook API version 2.',
    'Send a message to one of your numbers and look for the event here.',
  ],
  rotation:
    'The key belongs to the account and not to the webhook. When Telnyx gives you another one, add it here beside the old one and end the old one later.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // `meta.attempt` changes with every retry; the id in the signed body does not.
  event: {
    id: 'body:$.data.id',
    type: 'body:$.data.event_type',
    subject: 'body:$.data.payload.call_control_id | body:$.data.payload.id',
    occurredAt: 'body:$.data.occurred_at',
  },
  delivery: {
    success: '2xx within 2 seconds',
    timeoutSeconds: 2,
    retries: 'several, then the failover URL where one is set',
  },
  pitfalls: [
    'The sign between timestamp and body is a bar, not a dot.',
    'The signature is Ed25519 over the raw body: a public key is enough to verify and nobody can sign with it.',
    'After two seconds without an answer the event is sent again.',
  ],
  sample: {
    type: 'message.received',
    contentType: 'application/json',
    body: '{"data":{"event_type":"{{type}}","id":"{{id}}","occurred_at":"{{iso}}","payload":{"direction":"inbound","id":"84cca175-9755-4859-b67f-4730d7f58aa3","from":{"phone_number":"+13125550101"},"text":"Hello from Telnyx!","type":"SMS"},"record_type":"event"},"meta":{"attempt":1,"delivered_to":"https://hooks.example.com"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'an event',
        headers: [
          ['telnyx-timestamp', '1767225600'],
          [
            'telnyx-signature-ed25519',
            'pUcel7k2cSiqiR7XFC7DONQyf9F0hImJCI5wNCT6oWObHKT8X4lqiAhWVZ3jG0feCYgOC5bcis0L7qRSok6PCA==',
          ],
        ],
        body: '{"data":{"event_type":"message.received","id":"b301ed3f-1490-491f-995f-6e64e69674d4"}}',
        key: '6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=',
        at: 1767225605,
      },
      {
        why: 'pretty-printed, UTF-8, escapes, and text that a template must not expand',
        headers: [
          ['telnyx-timestamp', '1767225600'],
          [
            'telnyx-signature-ed25519',
            'YKp0iUCW7JtbDD8DDc9PykxUb9zj9x4SkOkjNyd5KxoVappwxhMMdN6YQpnXSqt4KARbQP5YkBNeCV3Lxf5kAA==',
          ],
        ],
        body: '{\n  "data": { "event_type": "message.received", "payload": { "text": "Grüße 🚀 $& $1 \\u00e9\\/" } }\n}\n',
        key: '6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: [
          ['telnyx-timestamp', '1767225600'],
          [
            'telnyx-signature-ed25519',
            'pUcel7k2cSiqiR7XFC7DONQyf9F0hImJCI5wNCT6oWObHKT8X4lqiAhWVZ3jG0feCYgOC5bcis0L7qRSok6PCA==',
          ],
        ],
        body: '{"data":{"event_type":"message.received","id":"b301ed3f-1490-491f-995f-6e64e69674d4"}}',
        key: '6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=',
        at: 1767225900,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['telnyx-timestamp', '1767225600'],
          [
            'telnyx-signature-ed25519',
            'pUcel7k2cSiqiR7XFC7DONQyf9F0hImJCI5wNCT6oWObHKT8X4lqiAhWVZ3jG0feCYgOC5bcis0L7qRSok6PCA==',
          ],
        ],
        body: '{"data":{"event_type":"message.received","id":"b301ed3f-1490-491f-995f-6e64e69674d5"}}',
        key: '6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=',
        at: 1767225605,
      },
      {
        why: 'one space more',
        headers: [
          ['telnyx-timestamp', '1767225600'],
          [
            'telnyx-signature-ed25519',
            'pUcel7k2cSiqiR7XFC7DONQyf9F0hImJCI5wNCT6oWObHKT8X4lqiAhWVZ3jG0feCYgOC5bcis0L7qRSok6PCA==',
          ],
        ],
        body: '{"data":{"event_type":"message.received","id":"b301ed3f-1490-491f-995f-6e64e69674d4"}} ',
        key: '6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=',
        at: 1767225605,
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['telnyx-timestamp', '1767225601'],
          [
            'telnyx-signature-ed25519',
            'pUcel7k2cSiqiR7XFC7DONQyf9F0hImJCI5wNCT6oWObHKT8X4lqiAhWVZ3jG0feCYgOC5bcis0L7qRSok6PCA==',
          ],
        ],
        body: '{"data":{"event_type":"message.received","id":"b301ed3f-1490-491f-995f-6e64e69674d4"}}',
        key: '6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=',
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [
          [
            'telnyx-signature-ed25519',
            'pUcel7k2cSiqiR7XFC7DONQyf9F0hImJCI5wNCT6oWObHKT8X4lqiAhWVZ3jG0feCYgOC5bcis0L7qRSok6PCA==',
          ],
        ],
        body: '{"data":{"event_type":"message.received","id":"b301ed3f-1490-491f-995f-6e64e69674d4"}}',
        key: '6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=',
        at: 1767225605,
      },
      {
        why: 'no signature',
        headers: [['telnyx-timestamp', '1767225600']],
        body: '{"data":{"event_type":"message.received","id":"b301ed3f-1490-491f-995f-6e64e69674d4"}}',
        key: '6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=',
        at: 1767225605,
      },
      {
        why: 'an empty signature',
        headers: [
          ['telnyx-timestamp', '1767225600'],
          ['telnyx-signature-ed25519', ''],
        ],
        body: '{"data":{"event_type":"message.received","id":"b301ed3f-1490-491f-995f-6e64e69674d4"}}',
        key: '6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=',
        at: 1767225605,
      },
      {
        why: 'signed with another key',
        headers: [
          ['telnyx-timestamp', '1767225600'],
          [
            'telnyx-signature-ed25519',
            '6/op1N2pGCnhxmHmq8mCQza2pnWvbGz+MZIGzGXF+f6EmNSpS5+BSaEOpAMSZBb5eNEgFepihwmgix2uCzcuAg==',
          ],
        ],
        body: '{"data":{"event_type":"message.received","id":"b301ed3f-1490-491f-995f-6e64e69674d4"}}',
        key: '6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=',
        at: 1767225605,
      },
      {
        why: 'a dot in place of the bar',
        headers: [
          ['telnyx-timestamp', '1767225600'],
          [
            'telnyx-signature-ed25519',
            'cRQp1bBrWghX0jBZZBQuJCQ+gj/bRBazs/fyyQJ1B4sa7pOGTGxtaeK2Osz04QmeY2mOrx6Z+QlLVLOjdCjiBw==',
          ],
        ],
        body: '{"data":{"event_type":"message.received","id":"b301ed3f-1490-491f-995f-6e64e69674d4"}}',
        key: '6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=',
        at: 1767225605,
      },
      {
        why: 'hex in place of base64',
        headers: [
          ['telnyx-timestamp', '1767225600'],
          [
            'telnyx-signature-ed25519',
            'a5471e97b9367128aa891ed7142ec338d4327fd174848989088e703424faa1639b1ca4fc5f896a880856559de31b47de09880e0b96dc8acd0beea452a24e8f08',
          ],
        ],
        body: '{"data":{"event_type":"message.received","id":"b301ed3f-1490-491f-995f-6e64e69674d4"}}',
        key: '6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=',
        at: 1767225605,
      },
      {
        why: 'the public key used as a shared secret',
        headers: [
          ['telnyx-timestamp', '1767225600'],
          ['telnyx-signature-ed25519', 'YO7LkZKzffeBy/jvjmOKkxL3vq1S4JKev90nZUCi1Ig='],
        ],
        body: '{"data":{"event_type":"message.received","id":"b301ed3f-1490-491f-995f-6e64e69674d4"}}',
        key: '6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['telnyx-timestamp', '1767225600'],
          [
            'telnyx-signature-ed25519',
            'pUcel7k2cSiqiR7XFC7DONQyf9F0hImJCI5wNCT6oWObHKT8X4lqiAhWVZ3jG0feCYgOC5bcis0L7qRSok6PCA==',
          ],
        ],
        body: '{"data":{"event_type":"message.received","id":"b301ed3f-1490-491f-995f-6e64e69674d4"}}',
        key: '6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['telnyx-timestamp', '1767225600'],
          [
            'telnyx-signature-ed25519',
            'pUcel7k2cSiqiR7XFC7DONQyf9F0hImJCI5wNCT6oWObHKT8X4lqiAhWVZ3jG0feCYgOC5bcis0L7qRSok6PCA==',
          ],
        ],
        body: '{"data":{"event_type":"message.received","id":"b301ed3f-1490-491f-995f-6e64e69674d4"}}',
        key: '6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=',
        at: 1767225299,
      },
    ],
  },
})
