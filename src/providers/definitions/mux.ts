import { defineProvider } from '../definition.ts'

export const mux = defineProvider({
  id: 'mux',
  name: 'Mux',
  category: 'video',
  docs: 'https://www.mux.com/docs/core/verify-webhook-signatures',
  schemes: [
    {
      family: 'hmac',
      name: 'v1',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: {
        header: 'Mux-Signature',
        parse: { kind: 'pairs', itemSeparator: ',', valueSeparator: '=', signatureKey: 'v1', timestampKey: 't' },
        encoding: 'hex',
      },
      signed: [{ templates: ['{ts}.{body}'] }],
      timestamp: { in: 'signature', unit: 's', toleranceSeconds: 300, toleranceDocumented: true },
    },
  ],
  keyForm: 'The signing secret of this one webhook, as text.',
  setup: [
    'In the Mux dashboard open Settings, Webhooks, and choose the environment: webhooks belong to one environment.',
    'Create a webhook with the address of this integration.',
    'Show the signing secret of the new webhook and paste it here.',
    'Upload a test asset and look for `video.asset.created`.',
  ],
  rotation:
    'Every webhook has a secret of its own. Create a second webhook to the same address, add its secret here beside the first, then delete the first webhook. What arrives twice meanwhile has one event id.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.id',
    type: 'body:$.type',
    tenant: 'body:$.environment.id',
    subject: 'body:$.object.id | body:$.data.id',
    occurredAt: 'body:$.created_at',
  },
  delivery: { success: '2xx', retries: 'repeated for about a day with growing pauses' },
  pitfalls: [
    'Mux’s own library refuses old timestamps but takes any in the future; here the window has two sides.',
    'The body must reach the check as bytes; JSON that was parsed and written again has another signature.',
    'Each environment has its own webhooks and secrets.',
    'The list `attempts` in the body grows with each retry, so the event id tells repeats apart and the bytes do not.',
  ],
  sample: {
    type: 'video.asset.ready',
    contentType: 'application/json',
    body: '{"type":"{{type}}","id":"{{id}}","created_at":"{{iso}}","object":{"type":"asset","id":"PosternSampleAsset"},"environment":{"name":"Production","id":"j0863n"},"data":{"id":"PosternSampleAsset","status":"ready","duration":23.8},"attempts":[]}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['Mux-Signature', 't=1767225600,v1=5a8b735a99453d2cbdb23dfe65bc46f2d38ac9e14f1d6f4bd1c61e54b0e57113'],
        ],
        body: '{"type":"video.asset.ready","id":"evt-mux-1","object":{"type":"asset","id":"a1"}}',
        key: 'mux_test_postern_signing_secret',
        at: 1767225605,
      },
      {
        why: 'the exact bytes: line breaks, UTF-8, escapes and `$&`',
        headers: [
          ['Mux-Signature', 't=1767225600,v1=bac05edcacee6ecde28e89fcb0c2ceca1942c39966a4512f5da6a7a547f49188'],
        ],
        body: '{\n  "type": "video.asset.ready",\n  "id": "evt-mux-2",\n  "title": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'mux_test_postern_signing_secret',
        at: 1767225605,
      },
      {
        why: 'two signatures, the second is right',
        headers: [
          [
            'Mux-Signature',
            't=1767225600,v1=ff34be085430d0e62333ec5e5aac7a6425316f10e40f31bd3779ebd6914c8a59,v1=5a8b735a99453d2cbdb23dfe65bc46f2d38ac9e14f1d6f4bd1c61e54b0e57113',
          ],
        ],
        body: '{"type":"video.asset.ready","id":"evt-mux-1","object":{"type":"asset","id":"a1"}}',
        key: 'mux_test_postern_signing_secret',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: [
          ['Mux-Signature', 't=1767225600,v1=5a8b735a99453d2cbdb23dfe65bc46f2d38ac9e14f1d6f4bd1c61e54b0e57113'],
        ],
        body: '{"type":"video.asset.ready","id":"evt-mux-1","object":{"type":"asset","id":"a1"}}',
        key: 'mux_test_postern_signing_secret',
        at: 1767225900,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['Mux-Signature', 't=1767225600,v1=5a8b735a99453d2cbdb23dfe65bc46f2d38ac9e14f1d6f4bd1c61e54b0e57113'],
        ],
        body: '{"type":"video.asset.ready","id":"evt-mux-1","object":{"type":"asset","id":"a2"}}',
        key: 'mux_test_postern_signing_secret',
        at: 1767225605,
      },
      {
        why: 'signed with another key',
        headers: [
          ['Mux-Signature', 't=1767225600,v1=ff34be085430d0e62333ec5e5aac7a6425316f10e40f31bd3779ebd6914c8a59'],
        ],
        body: '{"type":"video.asset.ready","id":"evt-mux-1","object":{"type":"asset","id":"a1"}}',
        key: 'mux_test_postern_signing_secret',
        at: 1767225605,
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['Mux-Signature', 't=1767225601,v1=5a8b735a99453d2cbdb23dfe65bc46f2d38ac9e14f1d6f4bd1c61e54b0e57113'],
        ],
        body: '{"type":"video.asset.ready","id":"evt-mux-1","object":{"type":"asset","id":"a1"}}',
        key: 'mux_test_postern_signing_secret',
        at: 1767225605,
      },
      {
        why: 'two timestamps',
        headers: [
          [
            'Mux-Signature',
            't=1767225600,t=1767225600,v1=5a8b735a99453d2cbdb23dfe65bc46f2d38ac9e14f1d6f4bd1c61e54b0e57113',
          ],
        ],
        body: '{"type":"video.asset.ready","id":"evt-mux-1","object":{"type":"asset","id":"a1"}}',
        key: 'mux_test_postern_signing_secret',
        at: 1767225605,
      },
      {
        why: 'no signature',
        headers: [['Content-Type', 'application/json']],
        body: '{"type":"video.asset.ready","id":"evt-mux-1","object":{"type":"asset","id":"a1"}}',
        key: 'mux_test_postern_signing_secret',
        at: 1767225605,
      },
      {
        why: 'another version with the right digest',
        headers: [
          ['Mux-Signature', 't=1767225600,v0=5a8b735a99453d2cbdb23dfe65bc46f2d38ac9e14f1d6f4bd1c61e54b0e57113'],
        ],
        body: '{"type":"video.asset.ready","id":"evt-mux-1","object":{"type":"asset","id":"a1"}}',
        key: 'mux_test_postern_signing_secret',
        at: 1767225605,
      },
      {
        why: 'the timestamp is missing',
        headers: [['Mux-Signature', 'v1=5a8b735a99453d2cbdb23dfe65bc46f2d38ac9e14f1d6f4bd1c61e54b0e57113']],
        body: '{"type":"video.asset.ready","id":"evt-mux-1","object":{"type":"asset","id":"a1"}}',
        key: 'mux_test_postern_signing_secret',
        at: 1767225605,
      },
      {
        why: 'signed over the body alone',
        headers: [
          ['Mux-Signature', 't=1767225600,v1=c598eb99f9f814a1f3957de86a53c0fbc788f599a77607a65eb53c0e8ee2db94'],
        ],
        body: '{"type":"video.asset.ready","id":"evt-mux-1","object":{"type":"asset","id":"a1"}}',
        key: 'mux_test_postern_signing_secret',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['Mux-Signature', 't=1767225600,v1=5a8b735a99453d2cbdb23dfe65bc46f2d38ac9e14f1d6f4bd1c61e54b0e57113'],
        ],
        body: '{"type":"video.asset.ready","id":"evt-mux-1","object":{"type":"asset","id":"a1"}}',
        key: 'mux_test_postern_signing_secret',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['Mux-Signature', 't=1767225600,v1=5a8b735a99453d2cbdb23dfe65bc46f2d38ac9e14f1d6f4bd1c61e54b0e57113'],
        ],
        body: '{"type":"video.asset.ready","id":"evt-mux-1","object":{"type":"asset","id":"a1"}}',
        key: 'mux_test_postern_signing_secret',
        at: 1767225299,
      },
    ],
  },
})
