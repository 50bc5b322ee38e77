import { defineProvider } from '../definition.ts'

export const github = defineProvider({
  id: 'github',
  name: 'GitHub',
  category: 'developer tools',
  docs: 'https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries',
  schemes: [
    {
      family: 'hmac',
      name: 'sha256',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { header: 'X-Hub-Signature-256', parse: { kind: 'prefix', prefix: 'sha256=' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'Free text, chosen in the webhook’s settings.',
  setup: [
    'In the settings of the repository, organisation or app open Webhooks and add one with the receive path.',
    'Choose `application/json` and enter a long random secret; the integration gets the same one.',
    'Choose the events; GitHub sends a `ping` at once.',
  ],
  rotation:
    'A webhook has one secret. Add the new one here, change it at GitHub, and end the old one here when deliveries match the new one.',
  payload: [{ kind: 'json-object' }, { kind: 'form', json: 'payload' }],
  methods: ['POST'],
  // Neither the delivery GUID nor the event name is signed, so dedupe is by the body.
  event: {
    id: 'header:X-GitHub-Delivery',
    type: 'header:X-GitHub-Event',
    tenant: 'body:$.installation.id | body:$.organization.login | body:$.repository.full_name',
    subject: 'body:$.repository.full_name | body:$.organization.login',
  },
  handshakes: [
    {
      name: 'ping',
      // The header is not signed; `zen` is, and no other event has it.
      when: { methods: ['POST'], match: { 'header:X-GitHub-Event': 'ping', 'body:$.zen': true } },
      signed: true,
      respond: { status: 200 },
    },
  ],
  delivery: {
    success: '2xx',
    timeoutSeconds: 10,
    retries: 'none by itself; redelivery by hand or API keeps GUID and body',
    addresses: 'https://api.github.com/meta (hooks)',
  },
  pitfalls: [
    'With the form content type the JSON stands in `payload=`; the signature is over the raw form.',
    'X-Hub-Signature (SHA-1) is still sent beside; it never counts.',
    'No timestamp is signed: a captured delivery stays valid until the secret changes.',
    'Bodies can have 25 MB: raise `maxBodyBytes` for repositories with large pushes.',
  ],
  sample: {
    type: 'issues',
    contentType: 'application/json',
    headers: [['User-Agent', 'GitHub-Hookshot/postern']],
    body: '{"action":"opened","issue":{"number":7,"title":"Sample {{id}}","created_at":"{{iso}}"},"repository":{"id":1,"full_name":"octo-org/octo-repo"},"sender":{"login":"octocat"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'the example printed in the documentation',
        headers: [['X-Hub-Signature-256', 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17']],
        body: 'Hello, World!',
        key: "It's a Secret to Everybody",
      },
      {
        why: 'a form is signed as it stands',
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['X-Hub-Signature-256', 'sha256=2e5388fd5d70bfd975d8ab44a8c7f7c28f1da47c234f39a16c9620d9e62151a7'],
        ],
        body: 'payload=%7B%22action%22%3A%22opened%22%2C%22number%22%3A1%7D',
        key: "It's a Secret to Everybody",
      },
      {
        why: 'bytes that are not UTF-8',
        headers: [['X-Hub-Signature-256', 'sha256=746130b5207cae4f82b782613622b5cd75269782ecabe322b1a207b11b1d785b']],
        bodyBase64: 'eyJub3RlIjoi//4ifQ==',
        key: "It's a Secret to Everybody",
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['X-Hub-Signature-256', 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17']],
        body: 'Hello, World?',
        key: "It's a Secret to Everybody",
      },
      {
        why: 'only the SHA-1 header',
        headers: [['X-Hub-Signature', 'sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59']],
        body: 'Hello, World!',
        key: "It's a Secret to Everybody",
      },
      {
        why: 'SHA-1 under the right name',
        headers: [['X-Hub-Signature-256', 'sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59']],
        body: 'Hello, World!',
        key: "It's a Secret to Everybody",
      },
      {
        why: 'no prefix',
        headers: [['X-Hub-Signature-256', '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17']],
        body: 'Hello, World!',
        key: "It's a Secret to Everybody",
      },
      {
        why: 'something after the digest',
        headers: [
          ['X-Hub-Signature-256', 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17,junk'],
        ],
        body: 'Hello, World!',
        key: "It's a Secret to Everybody",
      },
      {
        why: 'the digest of the lossy decoding',
        headers: [['X-Hub-Signature-256', 'sha256=60a04c8a44eed90d6f41f5a16cf91fb7e43973164a033ca5c12c1466c6770111']],
        bodyBase64: 'eyJub3RlIjoi//4ifQ==',
        key: "It's a Secret to Everybody",
      },
    ],
  },
})
