import { defineProvider } from '../definition.ts'

export const vonage = defineProvider({
  id: 'vonage',
  name: 'Vonage',
  category: 'communication',
  docs: 'https://developer.vonage.com/en/getting-started/concepts/webhooks',
  schemes: [
    {
      family: 'jwt',
      name: 'jwt',
      token: { in: 'header', name: 'Authorization', prefix: 'Bearer ' },
      algorithms: ['HS256'],
      key: { decode: 'utf8' },
      claims: {
        maxAgeSeconds: 300,
        bodyHash: { claim: 'payload_hash', encoding: 'hex' },
      },
    },
  ],
  keyForm: 'The signature secret of the account, as text. It is not the API secret.',
  setup: [
    'Copy the signature secret from Settings in the Vonage dashboard, with SHA-256 as the signature method.',
    'Enter the receive URL in the application, as status and inbound URL of Messages or as event URL of Voice, with POST.',
    'Leave signed webhooks on for the application.',
  ],
  rotation:
    'Changing the signature secret ends the old one at once. Add the new one here right away and keep the old one for retries that are on their way.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // The token’s id is new with every attempt and a message has several statuses: the body, whose hash is signed, is
  // the identity.
  event: {
    id: 'claim:jti | body:$.message_uuid',
    type: 'body:$.status | body:$.message_type | body:$.type',
    tenant: 'claim:api_key | claim:application_id',
    subject: 'body:$.message_uuid | body:$.uuid | body:$.conversation_uuid',
    occurredAt: 'body:$.timestamp',
    dedupe: 'content',
  },
  delivery: { success: '200', retries: 'with growing pauses; how many depends on the API' },
  answers: { accepted: { status: 200 } },
  pitfalls: [
    'The SDK’s check looks at the token alone. Without payload_hash against the body, a token captured once would carry any body.',
    'Voice may leave payload_hash out; such requests are refused here.',
    'Older SMS webhooks carry a `sig` field in place of the token and are refused.',
    'A token counts for 300 seconds from its iat, on both sides.',
  ],
  sample: {
    type: 'delivered',
    contentType: 'application/json',
    body: '{"message_uuid":"{{id}}","status":"{{type}}","timestamp":"{{iso}}","to":"447700900000","from":"447700900001","channel":"sms","client_ref":"abc123"}',
  },
  vectors: {
    accepted: [
      {
        why: 'a status',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NjcyMjU2MDAsImp0aSI6ImoxIiwiaXNzIjoiVm9uYWdlIiwiYXBwbGljYXRpb25faWQiOiJhYWFhYWFhYS1iYmJiIiwiYXBpX2tleSI6ImFiY2QxMjM0IiwicGF5bG9hZF9oYXNoIjoiZDA4ZGRiM2FiZWVhMDI0NzEwNTAwNjljOGU4ODg4OTg4MDgxZTYxYmRlM2M2ODVjOTViNjhkZjE4ZTg2ZTMyMSJ9.q3XtkQ7Bn0VVVbTmzX8n7TBeT9wLKtXcrRjy73AjYqE',
          ],
        ],
        body: '{"message_uuid":"aaaaaaaa-bbbb","status":"delivered"}',
        key: 'vonage_test_signature_secret_32_bytes',
        at: 1767225605,
      },
      {
        why: 'pretty-printed, UTF-8, escapes, and text that a template must not expand',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NjcyMjU2MDAsImp0aSI6ImoxIiwiaXNzIjoiVm9uYWdlIiwiYXBwbGljYXRpb25faWQiOiJhYWFhYWFhYS1iYmJiIiwiYXBpX2tleSI6ImFiY2QxMjM0IiwicGF5bG9hZF9oYXNoIjoiNGRjYWVlYTAwZjA4YWM2NTg1YjI2MGYxMDlmMTg0MDA1YTVhZmU4YTcxMzliMGM1NGE3MTMwOTk3ZjFjNDNiMyJ9.9zkOUHmZcGsBDIonjeyJS3hYoFgZx5rjG0ekkTItqPQ',
          ],
        ],
        body: '{\n  "message_uuid": "aaaaaaaa-bbbb",\n  "text": "Grüße 🚀 $& $1 \\u00e9\\/"\n}\n',
        key: 'vonage_test_signature_secret_32_bytes',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NjcyMjU2MDAsImp0aSI6ImoxIiwiaXNzIjoiVm9uYWdlIiwiYXBwbGljYXRpb25faWQiOiJhYWFhYWFhYS1iYmJiIiwiYXBpX2tleSI6ImFiY2QxMjM0IiwicGF5bG9hZF9oYXNoIjoiZDA4ZGRiM2FiZWVhMDI0NzEwNTAwNjljOGU4ODg4OTg4MDgxZTYxYmRlM2M2ODVjOTViNjhkZjE4ZTg2ZTMyMSJ9.q3XtkQ7Bn0VVVbTmzX8n7TBeT9wLKtXcrRjy73AjYqE',
          ],
        ],
        body: '{"message_uuid":"aaaaaaaa-bbbb","status":"delivered"}',
        key: 'vonage_test_signature_secret_32_bytes',
        at: 1767225900,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NjcyMjU2MDAsImp0aSI6ImoxIiwiaXNzIjoiVm9uYWdlIiwiYXBwbGljYXRpb25faWQiOiJhYWFhYWFhYS1iYmJiIiwiYXBpX2tleSI6ImFiY2QxMjM0IiwicGF5bG9hZF9oYXNoIjoiZDA4ZGRiM2FiZWVhMDI0NzEwNTAwNjljOGU4ODg4OTg4MDgxZTYxYmRlM2M2ODVjOTViNjhkZjE4ZTg2ZTMyMSJ9.q3XtkQ7Bn0VVVbTmzX8n7TBeT9wLKtXcrRjy73AjYqE',
          ],
        ],
        body: '{"message_uuid":"aaaaaaaa-bbbc","status":"delivered"}',
        key: 'vonage_test_signature_secret_32_bytes',
        at: 1767225605,
      },
      {
        why: 'a valid token of another body',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NjcyMjU2MDAsImp0aSI6ImoxIiwiaXNzIjoiVm9uYWdlIiwiYXBwbGljYXRpb25faWQiOiJhYWFhYWFhYS1iYmJiIiwiYXBpX2tleSI6ImFiY2QxMjM0IiwicGF5bG9hZF9oYXNoIjoiNGRjYWVlYTAwZjA4YWM2NTg1YjI2MGYxMDlmMTg0MDA1YTVhZmU4YTcxMzliMGM1NGE3MTMwOTk3ZjFjNDNiMyJ9.9zkOUHmZcGsBDIonjeyJS3hYoFgZx5rjG0ekkTItqPQ',
          ],
        ],
        body: '{"message_uuid":"aaaaaaaa-bbbb","status":"delivered"}',
        key: 'vonage_test_signature_secret_32_bytes',
        at: 1767225605,
      },
      {
        why: 'no payload_hash',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NjcyMjU2MDAsImp0aSI6ImoxIiwiaXNzIjoiVm9uYWdlIiwiYXBwbGljYXRpb25faWQiOiJhYWFhYWFhYS1iYmJiIiwiYXBpX2tleSI6ImFiY2QxMjM0In0.2VeHK-x0uTYoVPEmKS1HNfy7-DW4m9FsIk5YMovTm-0',
          ],
        ],
        body: '{"message_uuid":"aaaaaaaa-bbbb","status":"delivered"}',
        key: 'vonage_test_signature_secret_32_bytes',
        at: 1767225605,
      },
      {
        why: 'no iat',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJqdGkiOiJqMSIsImlzcyI6IlZvbmFnZSIsImFwcGxpY2F0aW9uX2lkIjoiYWFhYWFhYWEtYmJiYiIsImFwaV9rZXkiOiJhYmNkMTIzNCIsInBheWxvYWRfaGFzaCI6ImQwOGRkYjNhYmVlYTAyNDcxMDUwMDY5YzhlODg4ODk4ODA4MWU2MWJkZTNjNjg1Yzk1YjY4ZGYxOGU4NmUzMjEifQ.I2tvNqo7ucFLAx9Ybrq397gRLvvfV_FzEu0dJbXs4P8',
          ],
        ],
        body: '{"message_uuid":"aaaaaaaa-bbbb","status":"delivered"}',
        key: 'vonage_test_signature_secret_32_bytes',
        at: 1767225605,
      },
      {
        why: 'signed with another secret',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NjcyMjU2MDAsImp0aSI6ImoxIiwiaXNzIjoiVm9uYWdlIiwiYXBwbGljYXRpb25faWQiOiJhYWFhYWFhYS1iYmJiIiwiYXBpX2tleSI6ImFiY2QxMjM0IiwicGF5bG9hZF9oYXNoIjoiZDA4ZGRiM2FiZWVhMDI0NzEwNTAwNjljOGU4ODg4OTg4MDgxZTYxYmRlM2M2ODVjOTViNjhkZjE4ZTg2ZTMyMSJ9.ALtUBB-nn40DVFc9rPp_4r3iVrQkh7G0pdZkK4JgQ7E',
          ],
        ],
        body: '{"message_uuid":"aaaaaaaa-bbbb","status":"delivered"}',
        key: 'vonage_test_signature_secret_32_bytes',
        at: 1767225605,
      },
      {
        why: 'alg none',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJpYXQiOjE3NjcyMjU2MDAsImp0aSI6ImoxIiwiaXNzIjoiVm9uYWdlIiwiYXBwbGljYXRpb25faWQiOiJhYWFhYWFhYS1iYmJiIiwiYXBpX2tleSI6ImFiY2QxMjM0IiwicGF5bG9hZF9oYXNoIjoiZDA4ZGRiM2FiZWVhMDI0NzEwNTAwNjljOGU4ODg4OTg4MDgxZTYxYmRlM2M2ODVjOTViNjhkZjE4ZTg2ZTMyMSJ9.',
          ],
        ],
        body: '{"message_uuid":"aaaaaaaa-bbbb","status":"delivered"}',
        key: 'vonage_test_signature_secret_32_bytes',
        at: 1767225605,
      },
      {
        why: 'HS512, which is not configured',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NjcyMjU2MDAsImp0aSI6ImoxIiwiaXNzIjoiVm9uYWdlIiwiYXBwbGljYXRpb25faWQiOiJhYWFhYWFhYS1iYmJiIiwiYXBpX2tleSI6ImFiY2QxMjM0IiwicGF5bG9hZF9oYXNoIjoiZDA4ZGRiM2FiZWVhMDI0NzEwNTAwNjljOGU4ODg4OTg4MDgxZTYxYmRlM2M2ODVjOTViNjhkZjE4ZTg2ZTMyMSJ9.-AyPPYmmAIhOEzyXw91Iua2_5U-2YzyJ1MybANDmwhv_QwsF9wHv_NU4rq8Rt2OIRSwRuW1LiA92UEpP1qhHrw',
          ],
        ],
        body: '{"message_uuid":"aaaaaaaa-bbbb","status":"delivered"}',
        key: 'vonage_test_signature_secret_32_bytes',
        at: 1767225605,
      },
      {
        why: 'no Bearer before it',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NjcyMjU2MDAsImp0aSI6ImoxIiwiaXNzIjoiVm9uYWdlIiwiYXBwbGljYXRpb25faWQiOiJhYWFhYWFhYS1iYmJiIiwiYXBpX2tleSI6ImFiY2QxMjM0IiwicGF5bG9hZF9oYXNoIjoiZDA4ZGRiM2FiZWVhMDI0NzEwNTAwNjljOGU4ODg4OTg4MDgxZTYxYmRlM2M2ODVjOTViNjhkZjE4ZTg2ZTMyMSJ9.q3XtkQ7Bn0VVVbTmzX8n7TBeT9wLKtXcrRjy73AjYqE',
          ],
        ],
        body: '{"message_uuid":"aaaaaaaa-bbbb","status":"delivered"}',
        key: 'vonage_test_signature_secret_32_bytes',
        at: 1767225605,
      },
      {
        why: 'no header',
        headers: [],
        body: '{"message_uuid":"aaaaaaaa-bbbb","status":"delivered"}',
        key: 'vonage_test_signature_secret_32_bytes',
        at: 1767225605,
      },
      {
        why: 'an empty header',
        headers: [['Authorization', '']],
        body: '{"message_uuid":"aaaaaaaa-bbbb","status":"delivered"}',
        key: 'vonage_test_signature_secret_32_bytes',
        at: 1767225605,
      },
      {
        why: 'the hash of the body as base64',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NjcyMjU2MDAsImp0aSI6ImoxIiwiaXNzIjoiVm9uYWdlIiwiYXBwbGljYXRpb25faWQiOiJhYWFhYWFhYS1iYmJiIiwiYXBpX2tleSI6ImFiY2QxMjM0IiwicGF5bG9hZF9oYXNoIjoiMEkzYk9yN3FBa2NRVUFhY2pvaUltSUNCNWh2ZVBHaGNsYmFOOFk2RzR5RT0ifQ.sxuWzDhNnnojjg0iEqNwGQ3REG10ux82iQpIalj-BFA',
          ],
        ],
        body: '{"message_uuid":"aaaaaaaa-bbbb","status":"delivered"}',
        key: 'vonage_test_signature_secret_32_bytes',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NjcyMjU2MDAsImp0aSI6ImoxIiwiaXNzIjoiVm9uYWdlIiwiYXBwbGljYXRpb25faWQiOiJhYWFhYWFhYS1iYmJiIiwiYXBpX2tleSI6ImFiY2QxMjM0IiwicGF5bG9hZF9oYXNoIjoiZDA4ZGRiM2FiZWVhMDI0NzEwNTAwNjljOGU4ODg4OTg4MDgxZTYxYmRlM2M2ODVjOTViNjhkZjE4ZTg2ZTMyMSJ9.q3XtkQ7Bn0VVVbTmzX8n7TBeT9wLKtXcrRjy73AjYqE',
          ],
        ],
        body: '{"message_uuid":"aaaaaaaa-bbbb","status":"delivered"}',
        key: 'vonage_test_signature_secret_32_bytes',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NjcyMjU2MDAsImp0aSI6ImoxIiwiaXNzIjoiVm9uYWdlIiwiYXBwbGljYXRpb25faWQiOiJhYWFhYWFhYS1iYmJiIiwiYXBpX2tleSI6ImFiY2QxMjM0IiwicGF5bG9hZF9oYXNoIjoiZDA4ZGRiM2FiZWVhMDI0NzEwNTAwNjljOGU4ODg4OTg4MDgxZTYxYmRlM2M2ODVjOTViNjhkZjE4ZTg2ZTMyMSJ9.q3XtkQ7Bn0VVVbTmzX8n7TBeT9wLKtXcrRjy73AjYqE',
          ],
        ],
        body: '{"message_uuid":"aaaaaaaa-bbbb","status":"delivered"}',
        key: 'vonage_test_signature_secret_32_bytes',
        at: 1767225299,
      },
    ],
  },
})
