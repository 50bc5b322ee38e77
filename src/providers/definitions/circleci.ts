import { defineProvider } from '../definition.ts'

export const circleci = defineProvider({
  id: 'circleci',
  name: 'CircleCI',
  category: 'developer tools',
  docs: 'https://circleci.com/docs/guides/integration/outbound-webhooks/',
  schemes: [
    {
      family: 'hmac',
      name: 'v1',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: {
        header: 'circleci-signature',
        parse: { kind: 'pairs', itemSeparator: ',', valueSeparator: '=', signatureKey: 'v1' },
        encoding: 'hex',
      },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'Free text, chosen when the webhook is made.',
  setup: [
    'Open Project Settings, then Webhooks, then Add Webhook.',
    'Enter the URL of the integration and fill in Secret token: without it nothing is signed.',
    'Choose `workflow-completed` or `job-completed`, leave certificate verification on, and save.',
    'Paste the same secret here as the key of the integration, then press Test Ping Event.',
  ],
  rotation: 'Add the new secret here as a second key, change it in the webhook, then remove the old key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.id',
    type: 'body:$.type | header:circleci-event-type',
    tenant: 'body:$.organization.id',
    subject: 'body:$.project.slug',
    occurredAt: 'body:$.happened_at',
  },
  delivery: { success: '2xx', timeoutSeconds: 5, retries: 'yes, number not stated' },
  pitfalls: [
    'The header is a list that may grow: other versions than `v1` are skipped.',
    'No time is signed: a captured delivery stays valid until the secret changes.',
  ],
  sample: {
    type: 'workflow-completed',
    contentType: 'application/json',
    body: '{"id":"{{id}}","type":"{{type}}","happened_at":"{{iso}}","webhook":{"id":"cf8c4fdd-0587-4da1-b4ca-4846e9640af9","name":"Sample Webhook"},"project":{"id":"84996744-a854-4f5e-aea3-04e2851dc1d2","name":"postern","slug":"github/postern/sample"},"organization":{"id":"f22b6566-597d-46d5-ba74-99ef5bb3d85c","name":"postern"},"workflow":{"id":"fda08377-fe7e-46b1-8992-3a7aaecac9c3","name":"build","status":"success"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [['circleci-signature', 'v1=c6cec66a60f004857675d077300e276dab2fcdd8270d6a625529ee6efaf27898']],
        body: '{"id":"3888f21b","type":"workflow-completed","n":1}',
        key: 'circleci_test_secret_0123',
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`: the bytes as they are',
        headers: [['circleci-signature', 'v1=80bf44c1a5560e4cb0139504883b629a97703c00fea4b498dc38249f4ec7a2ed']],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $1 \\u00e9",\n  "n": 1\n}\n',
        key: 'circleci_test_secret_0123',
      },
      {
        why: 'the example published in the documentation',
        headers: [['circleci-signature', 'v1=734cc62f32841568f45715aeb9f4d7891324e6d948e4c6c60c0621cdac48623a']],
        body: 'hello world',
        key: 'secret',
      },
      {
        why: 'two signatures during a change of secret, the second is right',
        headers: [
          [
            'circleci-signature',
            'v1=2942a0fe52f30a2b6411a3658dbdd4a365a2cf28966c0af9d36e2a2fd5f3f32c,v1=c6cec66a60f004857675d077300e276dab2fcdd8270d6a625529ee6efaf27898',
          ],
        ],
        body: '{"id":"3888f21b","type":"workflow-completed","n":1}',
        key: 'circleci_test_secret_0123',
      },
      {
        why: 'an unknown version before',
        headers: [['circleci-signature', 'v2=abc,v1=c6cec66a60f004857675d077300e276dab2fcdd8270d6a625529ee6efaf27898']],
        body: '{"id":"3888f21b","type":"workflow-completed","n":1}',
        key: 'circleci_test_secret_0123',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['circleci-signature', 'v1=c6cec66a60f004857675d077300e276dab2fcdd8270d6a625529ee6efaf27898']],
        body: '{"id":"3888f21b","type":"workflow-completed","n":2}',
        key: 'circleci_test_secret_0123',
      },
      {
        why: 'signed with another key',
        headers: [['circleci-signature', 'v1=bccd52d712d4a46d813cfb4a08d66dcaa9de597908b90640481327f77e00ff2c']],
        body: '{"id":"3888f21b","type":"workflow-completed","n":1}',
        key: 'circleci_test_secret_0123',
      },
      {
        why: 'no signature',
        headers: [],
        body: '{"id":"3888f21b","type":"workflow-completed","n":1}',
        key: 'circleci_test_secret_0123',
      },
      {
        why: 'base64 in place of hex',
        headers: [['circleci-signature', 'v1=xs7GamDwBIV2ddB3MA4nbasvzdgnDWpiVSnubvryeJg=']],
        body: '{"id":"3888f21b","type":"workflow-completed","n":1}',
        key: 'circleci_test_secret_0123',
      },
      {
        why: 'SHA-1 of the same bytes',
        headers: [['circleci-signature', 'v1=115a8e5a56b9837d9ded60b7fd7ec3324692daeb']],
        body: '{"id":"3888f21b","type":"workflow-completed","n":1}',
        key: 'circleci_test_secret_0123',
      },
      {
        why: 'the header twice',
        headers: [
          ['circleci-signature', 'v1=c6cec66a60f004857675d077300e276dab2fcdd8270d6a625529ee6efaf27898'],
          ['circleci-signature', 'v1=c6cec66a60f004857675d077300e276dab2fcdd8270d6a625529ee6efaf27898'],
        ],
        body: '{"id":"3888f21b","type":"workflow-completed","n":1}',
        key: 'circleci_test_secret_0123',
      },
      {
        why: 'the right digest under another version',
        headers: [['circleci-signature', 'v2=c6cec66a60f004857675d077300e276dab2fcdd8270d6a625529ee6efaf27898']],
        body: '{"id":"3888f21b","type":"workflow-completed","n":1}',
        key: 'circleci_test_secret_0123',
      },
      {
        why: 'no version',
        headers: [['circleci-signature', 'c6cec66a60f004857675d077300e276dab2fcdd8270d6a625529ee6efaf27898']],
        body: '{"id":"3888f21b","type":"workflow-completed","n":1}',
        key: 'circleci_test_secret_0123',
      },
      {
        why: 'a space after the comma',
        headers: [
          ['circleci-signature', 'v2=abc, v1=c6cec66a60f004857675d077300e276dab2fcdd8270d6a625529ee6efaf27898'],
        ],
        body: '{"id":"3888f21b","type":"workflow-completed","n":1}',
        key: 'circleci_test_secret_0123',
      },
    ],
  },
})
