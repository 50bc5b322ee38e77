import { defineProvider } from '../definition.ts'

export const elevenlabs = defineProvider({
  id: 'elevenlabs',
  name: 'ElevenLabs',
  category: 'ai',
  docs: 'https://elevenlabs.io/docs/eleven-agents/workflows/post-call-webhooks',
  schemes: [
    {
      family: 'hmac',
      name: 'v0',
      algorithm: 'sha256',
      key: { decode: 'utf8', label: 'wsec_' },
      signature: {
        header: 'ElevenLabs-Signature',
        parse: { kind: 'pairs', itemSeparator: ',', valueSeparator: '=', signatureKey: 'v0', timestampKey: 't' },
        encoding: 'hex',
      },
      signed: [{ templates: ['{ts}.{body}'] }],
      timestamp: { in: 'signature', unit: 's', toleranceSeconds: 1800, toleranceDocumented: true },
    },
  ],
  keyForm: 'The shared secret of the webhook, `wsec_…`, whole.',
  setup: [
    'In ElevenLabs open the settings, Webhooks, and create a webhook with the public URL and HMAC authentication.',
    'Copy the shared secret, which is shown once, and create the integration with it.',
    'Select the webhook where it is used, for example as the post-call webhook in the Agents settings.',
    'Switch retries on: they are off by default.',
  ],
  rotation:
    'Create a second webhook with the same URL, add its secret as a second key, select it in the product settings, then delete the first.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // One conversation has a transcript, its audio and more, each with a type of its own.
  event: {
    id: 'body:$.type + body:$.data.conversation_id + body:$.event_timestamp',
    type: 'body:$.type',
    tenant: 'body:$.data.agent_id',
    subject: 'body:$.data.conversation_id',
    occurredAt: 'body:$.event_timestamp',
  },
  delivery: {
    success: '2xx',
    retries: 'none unless switched on; disabled after 10 failures in a row and a week without success',
  },
  pitfalls: [
    'The version is v0, not v1.',
    'The window is 30 minutes, much longer than usual: a captured request stays good for that long.',
    'post_call_audio carries a whole recording as base64 in the body. Allow large bodies or leave it off.',
  ],
  sample: {
    type: 'post_call_transcription',
    contentType: 'application/json',
    body: '{"type":"{{type}}","event_timestamp":{{seconds}},"data":{"agent_id":"agent_1","conversation_id":"{{id}}","status":"done","transcript":[{"role":"agent","message":"Hello"}]}}',
  },
  vectors: {
    accepted: [
      {
        why: 'a transcript',
        headers: [
          ['ElevenLabs-Signature', 't=1767225600,v0=cfce910a3018b8ed7e9559eaa994b82f3cd4a8bd536af7db5c82926ddcf3ba58'],
        ],
        body: '{"type":"post_call_transcription","data":{"conversation_id":"c1"}}',
        key: 'wsec_test_elevenlabs_0001',
        at: 1767225605,
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`',
        headers: [
          ['ElevenLabs-Signature', 't=1767225600,v0=3b635884d68115225acc86263d44e45624635cd8df744d20a4c609ed77d3c0c4'],
        ],
        body: '{\n  "type": "post_call_transcription",\n  "data": {\n    "conversation_id": "c3",\n    "text": "Grüße 🚀 $& $1"\n  }\n}\n',
        key: 'wsec_test_elevenlabs_0001',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the half hour',
        headers: [
          ['ElevenLabs-Signature', 't=1767225600,v0=cfce910a3018b8ed7e9559eaa994b82f3cd4a8bd536af7db5c82926ddcf3ba58'],
        ],
        body: '{"type":"post_call_transcription","data":{"conversation_id":"c1"}}',
        key: 'wsec_test_elevenlabs_0001',
        at: 1767227400,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['ElevenLabs-Signature', 't=1767225600,v0=cfce910a3018b8ed7e9559eaa994b82f3cd4a8bd536af7db5c82926ddcf3ba58'],
        ],
        body: '{"type":"post_call_transcription","data":{"conversation_id":"c2"}}',
        key: 'wsec_test_elevenlabs_0001',
        at: 1767225605,
      },
      {
        why: 'another secret',
        headers: [
          ['ElevenLabs-Signature', 't=1767225600,v0=36cf3a592bd0ac4b65fa55b4814cc8b40c851c4a7e89aa7e7a3d597f5e416a4c'],
        ],
        body: '{"type":"post_call_transcription","data":{"conversation_id":"c1"}}',
        key: 'wsec_test_elevenlabs_0001',
        at: 1767225605,
      },
      {
        why: 'the prefix taken off the secret',
        headers: [
          ['ElevenLabs-Signature', 't=1767225600,v0=c2ca6c8911d2709fa7237b137da9563d07d4ff9b3b5c4500d7d15fa4bb5a4f3c'],
        ],
        body: '{"type":"post_call_transcription","data":{"conversation_id":"c1"}}',
        key: 'wsec_test_elevenlabs_0001',
        at: 1767225605,
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['ElevenLabs-Signature', 't=1767225601,v0=cfce910a3018b8ed7e9559eaa994b82f3cd4a8bd536af7db5c82926ddcf3ba58'],
        ],
        body: '{"type":"post_call_transcription","data":{"conversation_id":"c1"}}',
        key: 'wsec_test_elevenlabs_0001',
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [['ElevenLabs-Signature', 'v0=cfce910a3018b8ed7e9559eaa994b82f3cd4a8bd536af7db5c82926ddcf3ba58']],
        body: '{"type":"post_call_transcription","data":{"conversation_id":"c1"}}',
        key: 'wsec_test_elevenlabs_0001',
        at: 1767225605,
      },
      {
        why: 'v1 in place of v0',
        headers: [
          ['ElevenLabs-Signature', 't=1767225600,v1=cfce910a3018b8ed7e9559eaa994b82f3cd4a8bd536af7db5c82926ddcf3ba58'],
        ],
        body: '{"type":"post_call_transcription","data":{"conversation_id":"c1"}}',
        key: 'wsec_test_elevenlabs_0001',
        at: 1767225605,
      },
      {
        why: 'signed over the body alone',
        headers: [
          ['ElevenLabs-Signature', 't=1767225600,v0=933adabb174265194c6a84f50ba07151caaecf022cb8de1cefc2f66fe4ea5ada'],
        ],
        body: '{"type":"post_call_transcription","data":{"conversation_id":"c1"}}',
        key: 'wsec_test_elevenlabs_0001',
        at: 1767225605,
      },
      {
        why: 'base64 in place of hex',
        headers: [['ElevenLabs-Signature', 't=1767225600,v0=z86RCjAYuO1+lVnqqZS4LzzUqL1TavfbXIKSbdzzulg=']],
        body: '{"type":"post_call_transcription","data":{"conversation_id":"c1"}}',
        key: 'wsec_test_elevenlabs_0001',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['ElevenLabs-Signature', 't=1767225600,v0=cfce910a3018b8ed7e9559eaa994b82f3cd4a8bd536af7db5c82926ddcf3ba58'],
        ],
        body: '{"type":"post_call_transcription","data":{"conversation_id":"c1"}}',
        key: 'wsec_test_elevenlabs_0001',
        at: 1767227401,
      },
      {
        why: 'one second too early',
        headers: [
          ['ElevenLabs-Signature', 't=1767225600,v0=cfce910a3018b8ed7e9559eaa994b82f3cd4a8bd536af7db5c82926ddcf3ba58'],
        ],
        body: '{"type":"post_call_transcription","data":{"conversation_id":"c1"}}',
        key: 'wsec_test_elevenlabs_0001',
        at: 1767223799,
      },
    ],
  },
})
