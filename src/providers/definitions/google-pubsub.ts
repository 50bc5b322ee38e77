import { defineProvider } from '../definition.ts'

/** The published keys, with one made for these vectors. */
const KEYS: Readonly<Record<string, string>> = {
  'https://www.googleapis.com/oauth2/v3/certs':
    '{"keys":[{"kty":"RSA","n":"2O94NksUSafEo5Cvrp3qe5Pjk9kkVPeY0_gCvVYwwitjaL9pnR4yEwc0UJyjE_dE5V_4Dox8NzXxotm-ItiHInBTVl8mYbxcy9da5PUppLqpWFIvBsvqIXb__jz1vdhgh9KPDLkYt3qMEGsS4CuxDHxB95x-z3il9_8OATHqKHiWf8CZ946w5OAEnSChG1YHv4Gkvf96Mni35l5Ol1hzHe5W0I_krGOfKhO2-s7efvJvjzEnYWvEowNXxvvyp9iay30i0ZjtUwg5_GjfZaBg7EC9FpxV8pFC-p8G8amBprIxsWLH3TLkZoiAygZDmJ8vw-rhZfTUhxk6jh_U7REd5w","e":"AQAB","kid":"test-kid-1","alg":"RS256","use":"sig"}]}',
}

export const googlePubsub = defineProvider({
  id: 'google-pubsub',
  name: 'Google Pub/Sub push',
  category: 'cloud',
  docs: 'https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions',
  schemes: [
    {
      family: 'jwt',
      name: 'jwt',
      token: { in: 'header', name: 'Authorization', prefix: 'Bearer ' },
      algorithms: ['RS256'],
      key: {
        format: 'jwks-url',
        url: 'https://www.googleapis.com/oauth2/v3/certs',
        pin: 'serviceAccountEmail',
        pattern: '[a-z0-9][a-z0-9.-]{0,127}@[a-z0-9.-]{1,127}\\.gserviceaccount\\.com',
        example: 'push@postern-sample.iam.gserviceaccount.com',
      },
      claims: {
        issuers: ['https://accounts.google.com', 'accounts.google.com'],
        audienceSetting: 'audience',
        required: ['exp'],
        equals: { email: 'pin', email_verified: { value: true } },
      },
      weakness:
        'The token does not cover the body, and it is good for an hour: who sees one can send any message with it.',
    },
  ],
  keyForm:
    'The e-mail address of the service account that the push subscription uses. It is no secret: it says whose tokens are accepted.',
  settings: [
    {
      name: 'audience',
      what: 'The audience of the push subscription; where none is set there, its push endpoint URL.',
      example: 'https://hooks.example.com/in/1',
      required: true,
    },
  ],
  setup: [
    'Create a service account for the push subscription and grant the Pub/Sub service agent roles/iam.serviceAccountTokenCreator on it.',
    'Create the integration with the account’s e-mail address as its key and the audience as a setting.',
    'Create the subscription: gcloud pubsub subscriptions create NAME --topic=TOPIC --push-endpoint=URL --push-auth-service-account=EMAIL --push-auth-token-audience=AUDIENCE.',
    'Leave payload unwrapping off, so that the message id is in the body.',
    'Publish a message and look for the event.',
  ],
  rotation:
    'There is no secret. To change the service account, add its e-mail address as a second key, change the subscription, and retire the old key an hour later.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.message.messageId | body:$.message.message_id',
    type: 'body:$.message.attributes.ce-type | body:$.message.attributes.eventType | body:$.message.attributes.type',
    tenant: 'body:$.subscription',
    subject: 'body:$.message.orderingKey',
    occurredAt: 'body:$.message.publishTime',
  },
  delivery: {
    success: '102, 200, 201, 202 or 204',
    timeoutSeconds: 10,
    retries: 'until the message is as old as the subscription keeps it, 7 days by default',
  },
  pitfalls: [
    'Any Google account can get a token for any audience: e-mail address and audience must both be right.',
    'The acknowledgement deadline of the subscription, 10 to 600 seconds, is the timeout.',
    'message.data is base64.',
    'With payload unwrapping the body is the bare message and its id only a header: leave it off.',
  ],
  sample: {
    type: 'OBJECT_FINALIZE',
    contentType: 'application/json',
    body: '{"message":{"attributes":{"eventType":"{{type}}"},"data":"aGVsbG8gMTk5OQ==","messageId":"{{id}}","message_id":"{{id}}","publishTime":"{{iso}}"},"subscription":"projects/postern/subscriptions/sample"}',
  },
  vectors: {
    accepted: [
      {
        why: 'Google’s token',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiJodHRwczovL2hvb2tzLmV4YW1wbGUuY29tL2djcCIsImVtYWlsIjoicHVzaEBwb3N0ZXJuLXRlc3QuaWFtLmdzZXJ2aWNlYWNjb3VudC5jb20iLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwiZXhwIjoxNzY3MjI5MjAwLCJpYXQiOjE3NjcyMjU2MDAsImlzcyI6Imh0dHBzOi8vYWNjb3VudHMuZ29vZ2xlLmNvbSIsInN1YiI6IjEifQ.DTfKZNiKARm9QM2M-4GGymErK2U6-JK5PmgKMYXDjo7g3LRRutp9ToCpJ19GohehNfXoglt9Efwzc4uhHzJhurvKjmRmIpEnGqz5EW30rC3tjG8q86hB9i6xy9sK0xDBNXeGZ-Vl5mwGkGES2Em5f0Bc2L6kbcugwnXqKgq4VP8N77b6xuuUrLkwEilXcdb7Hz0QtotCnWGJNhzFl_o_wTJBC_BIFJUROgjvI7v18rrPoJI9jLexFNmt8sBVE0uC7hYCgJnDgIaMV5VD8UPyedF9DzdOfVGNYsXyNejlzeDf6ZM0T8Vk8eSYpqv2UfFM6RvNM0zrbaH-G3JNDuqTeg',
          ],
        ],
        body: '{"message":{"messageId":"1","data":"aGk="},"subscription":"projects/p/subscriptions/s"}',
        key: 'push@postern-test.iam.gserviceaccount.com',
        settings: { audience: 'https://hooks.example.com/gcp' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'the issuer without https://, UTF-8 and `$&` in the body',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiJodHRwczovL2hvb2tzLmV4YW1wbGUuY29tL2djcCIsImVtYWlsIjoicHVzaEBwb3N0ZXJuLXRlc3QuaWFtLmdzZXJ2aWNlYWNjb3VudC5jb20iLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwiZXhwIjoxNzY3MjI5MjAwLCJpYXQiOjE3NjcyMjU2MDAsImlzcyI6ImFjY291bnRzLmdvb2dsZS5jb20iLCJzdWIiOiIxIn0.Bgk0mk-YRipq7UX3RZrMca5o7XO2UpXwadW2jZ8QlSsvTdkCc1A4EkM55Q3q_PU8pTOPWzxMrc-dRNlWiBsa_CKBaTNbxNmZQaM11xLcr_ErsooW1cjZ2f2u4YrHzHXuFAM0_KnwIbkZuQN-jedHBEyO-yopM5MAY4mnlT56h6fiCWWk4f0b01JEmZQz61jJl8zDXE6llEp73qrYdmXmt1AGKwvZMpmh10J2SyIqRh43lVtWB0FUoTphpknCGJKABXdoaxbXf0BrtAlzYjFYa4ac5-EeqSvRT0piDSaZ7eqaZrxpH0wq5uJJ-qdrfGR94S0Mv0cRewkye-0JG6lW_g',
          ],
        ],
        body: '{\n  "message": {\n    "messageId": "2",\n    "attributes": {\n      "k": "Grüße 🚀 $& $1"\n    }\n  }\n}\n',
        key: 'push@postern-test.iam.gserviceaccount.com',
        settings: { audience: 'https://hooks.example.com/gcp' },
        remote: KEYS,
        at: 1767225605,
      },
    ],
    refused: [
      {
        why: 'another service account',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiJodHRwczovL2hvb2tzLmV4YW1wbGUuY29tL2djcCIsImVtYWlsIjoicHVzaEBvdGhlci10ZXN0LmlhbS5nc2VydmljZWFjY291bnQuY29tIiwiZW1haWxfdmVyaWZpZWQiOnRydWUsImV4cCI6MTc2NzIyOTIwMCwiaWF0IjoxNzY3MjI1NjAwLCJpc3MiOiJodHRwczovL2FjY291bnRzLmdvb2dsZS5jb20iLCJzdWIiOiIxIn0.atwlKRv2ECZyidNhauyG0xmLOmXUp4dT3jJaZ-fugtNdoyn7aUvLohIk0TV7aoYselBOdIc9A8vGl_vnf8msxmaH9IQV0VxJgVM7srF0h4XkAQTIW-fJ5yFMurBLs7Ww2N90qe1eumo_vliVD7lvHc2l4tUaUUhg0nctLiR5o7W885d4fO2pPsqDW2T3F9aCuCb32KXLR-TnW6sbg_BY7Ohse67Kbc6feXU2zt0MBvxSUPF9bbllq7RUN17VhHSnzmkeIkvIGgTVdKRWjdSU-V1QBemILcR2mbwb19J2VtsbQX3wWjg6WaFgA9cZWev48RZG68CSyagRmHfKcfbioQ',
          ],
        ],
        body: '{"message":{"messageId":"1","data":"aGk="},"subscription":"projects/p/subscriptions/s"}',
        key: 'push@postern-test.iam.gserviceaccount.com',
        settings: { audience: 'https://hooks.example.com/gcp' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'the address not verified',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiJodHRwczovL2hvb2tzLmV4YW1wbGUuY29tL2djcCIsImVtYWlsIjoicHVzaEBwb3N0ZXJuLXRlc3QuaWFtLmdzZXJ2aWNlYWNjb3VudC5jb20iLCJlbWFpbF92ZXJpZmllZCI6ZmFsc2UsImV4cCI6MTc2NzIyOTIwMCwiaWF0IjoxNzY3MjI1NjAwLCJpc3MiOiJodHRwczovL2FjY291bnRzLmdvb2dsZS5jb20iLCJzdWIiOiIxIn0.lVCZbY3Y5rCE1s6UEme8MIKUgaoyzXp13KlgWUaUe1D0dwMgcf407Jaz2SlebAimq0UcwQFsVejV-K1NpigdMPiC53irScG2BuPIjFPyou38WIfWDolZ99clMuqgoUDrJzs_uwmKbOc8kkt0zZYXaNkl3x3yyjC-NOPE_eqbozuzDYoIg0fH2maYCf732idHOpTOTg-1qVJsY3l_Y1B9TWeM6hZTPUX1cAzH4BJkWmVT1CsgBF4wKIYbQCs5jyCfx-YtJJF9-ZaCC_5Al-KruzpJ-J3ZOwtu9T_VHPTaNMPSZLDt0OAED7K5K5mqeqqbg9ldq_XifhyAVRQmDgPFcA',
          ],
        ],
        body: '{"message":{"messageId":"1","data":"aGk="},"subscription":"projects/p/subscriptions/s"}',
        key: 'push@postern-test.iam.gserviceaccount.com',
        settings: { audience: 'https://hooks.example.com/gcp' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'another audience',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiJodHRwczovL2hvb2tzLmV4YW1wbGUuY29tL290aGVyIiwiZW1haWwiOiJwdXNoQHBvc3Rlcm4tdGVzdC5pYW0uZ3NlcnZpY2VhY2NvdW50LmNvbSIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJleHAiOjE3NjcyMjkyMDAsImlhdCI6MTc2NzIyNTYwMCwiaXNzIjoiaHR0cHM6Ly9hY2NvdW50cy5nb29nbGUuY29tIiwic3ViIjoiMSJ9.cwq7No3y-BA8qtX2R0A6BEIMLneoANSJr-r-A3OuDUZyVGYTl-rNRbY8Kc-0Gayb0mNY-a1WYi_MVHU7Op69NR62vCNQ1wJUxFwrJvWD-qtTb3qXytz_cgTai1_uHGgmKOlecY4Y2_iOG3SD2W6yLB7FsfA8VXNAkyoNRpPWB1RPQMm0WsvdG__g0brh-oxsJHlHkBzCKNs__N-v1_RbnEhmWiQvRF66VG6DZJM_TUkUyqEuPLkFS7UcFfRSQXZfkayb55sk4AU_-3uMQ_HAqnt8e4w-SvBWYtu4WWWeRxZvvtSMOuy4YHFuFWTEgHtIIRskYbFkcrIWQvAmL938UQ',
          ],
        ],
        body: '{"message":{"messageId":"1","data":"aGk="},"subscription":"projects/p/subscriptions/s"}',
        key: 'push@postern-test.iam.gserviceaccount.com',
        settings: { audience: 'https://hooks.example.com/gcp' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'another issuer',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiJodHRwczovL2hvb2tzLmV4YW1wbGUuY29tL2djcCIsImVtYWlsIjoicHVzaEBwb3N0ZXJuLXRlc3QuaWFtLmdzZXJ2aWNlYWNjb3VudC5jb20iLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwiZXhwIjoxNzY3MjI5MjAwLCJpYXQiOjE3NjcyMjU2MDAsImlzcyI6Imh0dHBzOi8vYWNjb3VudHMuZXhhbXBsZS5jb20iLCJzdWIiOiIxIn0.0Xb5lA5eT5KHhRn1ZKjX0FtepoXmrltp_zUUS7mGOzh0L_uCiZxHhWdA7o6q6mK681w7bbO5wdxZV0anZNPNc9oDlPCc_P92TDF5ezkr6XmqjYfafsGC9PSnwP87S31oNURszZDVqpiaMaa8oV0-ahe0MRAlm7cvQM0Xu5Bl-Me7_jSnEj1y39BK-UWMqy7livM_AaHkEBXo99BXdeCgxuiUfmi44HJnHNlTDGco7kJ2bl5DWslRfFVJ-Opa8isi5biVvSGGw_25T8GLTZH2VSeNo4umQLrayEU2VAfDdbWV-A_V8oUdGM_AtFmsHZ623Vz9bN2gsRDVb_pUvMRadg',
          ],
        ],
        body: '{"message":{"messageId":"1","data":"aGk="},"subscription":"projects/p/subscriptions/s"}',
        key: 'push@postern-test.iam.gserviceaccount.com',
        settings: { audience: 'https://hooks.example.com/gcp' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'expired',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiJodHRwczovL2hvb2tzLmV4YW1wbGUuY29tL2djcCIsImVtYWlsIjoicHVzaEBwb3N0ZXJuLXRlc3QuaWFtLmdzZXJ2aWNlYWNjb3VudC5jb20iLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwiZXhwIjoxNzY3MjI5MjAwLCJpYXQiOjE3NjcyMjU2MDAsImlzcyI6Imh0dHBzOi8vYWNjb3VudHMuZ29vZ2xlLmNvbSIsInN1YiI6IjEifQ.DTfKZNiKARm9QM2M-4GGymErK2U6-JK5PmgKMYXDjo7g3LRRutp9ToCpJ19GohehNfXoglt9Efwzc4uhHzJhurvKjmRmIpEnGqz5EW30rC3tjG8q86hB9i6xy9sK0xDBNXeGZ-Vl5mwGkGES2Em5f0Bc2L6kbcugwnXqKgq4VP8N77b6xuuUrLkwEilXcdb7Hz0QtotCnWGJNhzFl_o_wTJBC_BIFJUROgjvI7v18rrPoJI9jLexFNmt8sBVE0uC7hYCgJnDgIaMV5VD8UPyedF9DzdOfVGNYsXyNejlzeDf6ZM0T8Vk8eSYpqv2UfFM6RvNM0zrbaH-G3JNDuqTeg',
          ],
        ],
        body: '{"message":{"messageId":"1","data":"aGk="},"subscription":"projects/p/subscriptions/s"}',
        key: 'push@postern-test.iam.gserviceaccount.com',
        settings: { audience: 'https://hooks.example.com/gcp' },
        remote: KEYS,
        at: 1767229201,
      },
      {
        why: 'no expiry',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiJodHRwczovL2hvb2tzLmV4YW1wbGUuY29tL2djcCIsImVtYWlsIjoicHVzaEBwb3N0ZXJuLXRlc3QuaWFtLmdzZXJ2aWNlYWNjb3VudC5jb20iLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwiaWF0IjoxNzY3MjI1NjAwLCJpc3MiOiJodHRwczovL2FjY291bnRzLmdvb2dsZS5jb20iLCJzdWIiOiIxIn0.pzJPunaBCNkLNuCrWcsjxllAlXVgFaB8FoqvmrKeGDuYWzpL8kVu2jo3MVUoFwzFWjzUPcCD9NbfcWGZwX81LsAXqhIV_z83vS_vjNMLgEp3bPuPd1m1iyTvRjPDdJWuaKCDMduyE-PCq-DtJkVQ_C-Ne1YCZ_eYwE-JrTl574aRVdbfokDy8oB6ThYBnlmwhVx2Ea67ij9iKO50sq5WEwfEl_ryywgcB9u3-Kp42-FdXlhT1jWkoZSUTeVEZOl-toa6L3TTeWIwA9PS-svDymIlLOtcJxnCXvqWgX96sqKS3FvN5CM5VelBHL2rupmI1xAs-11wqZluXrvCBfkFOw',
          ],
        ],
        body: '{"message":{"messageId":"1","data":"aGk="},"subscription":"projects/p/subscriptions/s"}',
        key: 'push@postern-test.iam.gserviceaccount.com',
        settings: { audience: 'https://hooks.example.com/gcp' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'another key under the same id',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiJodHRwczovL2hvb2tzLmV4YW1wbGUuY29tL2djcCIsImVtYWlsIjoicHVzaEBwb3N0ZXJuLXRlc3QuaWFtLmdzZXJ2aWNlYWNjb3VudC5jb20iLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwiZXhwIjoxNzY3MjI5MjAwLCJpYXQiOjE3NjcyMjU2MDAsImlzcyI6Imh0dHBzOi8vYWNjb3VudHMuZ29vZ2xlLmNvbSIsInN1YiI6IjEifQ.SiU7uCX-Fn17WsKacOz5pkDuSSNRYmMKUpw4KfITzEmkzhc2AeWH7tqpFejPXJvR8DjxH3fGEx0U5osski68UKVbeZTB1z-94CWgMHLBPqTRhYHc9ot-CEqqP4UL2_G2Co6Q2rb2dG12AYEKtsX9_7XS-GmJWhGjfX7iRYmMplBgooUj6JxEN2N8JBPj4Bw3tJ8i1OS2SnpexEOQUZ049CxNqRyukjJkCOU7O7AzW9V03YjRF0WpmziWHWbAsf7CYOltjWRPvPR29FlpifLXPkR5QiNPqCIMRq7svZxDxFfwxzIKH5B4nwdkNi0N8V_y9GcOeIuKuHwSnX3ispEG3Q',
          ],
        ],
        body: '{"message":{"messageId":"1","data":"aGk="},"subscription":"projects/p/subscriptions/s"}',
        key: 'push@postern-test.iam.gserviceaccount.com',
        settings: { audience: 'https://hooks.example.com/gcp' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'an unknown key id',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Im90aGVyIn0.eyJhdWQiOiJodHRwczovL2hvb2tzLmV4YW1wbGUuY29tL2djcCIsImVtYWlsIjoicHVzaEBwb3N0ZXJuLXRlc3QuaWFtLmdzZXJ2aWNlYWNjb3VudC5jb20iLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwiZXhwIjoxNzY3MjI5MjAwLCJpYXQiOjE3NjcyMjU2MDAsImlzcyI6Imh0dHBzOi8vYWNjb3VudHMuZ29vZ2xlLmNvbSIsInN1YiI6IjEifQ.evY7tEH0BKXpnv0IY-3La1CMcmZYq04jnzWcAUcQWCA8TwCUb7kgXbYgondQPoLyBFBa6erVUx73BW26kKbVKyPVqPf7MVQXlPU_dz0s-bGSMwJJHyJ-Iaa6zsR6KASAVb8rvanpFH4b9OObfevPtJo3ZaEtCfDZnZKhkU2EyyJZlMIu7azFJobZWrV0B2PgwrnyWPESjH9SWFeTFz118gPoGYlZ7DiXjOVr30sOIi5WRzUMXA0sn9OYzypTuWPqb6qvknJjlvEQPdeA9TWyyVdZrnYAlnvZmVdLXeZ_H2Uh-Lp5Oxnpgao9NaoC40mcSlAFj_ZU5AzOY3g-emAo8w',
          ],
        ],
        body: '{"message":{"messageId":"1","data":"aGk="},"subscription":"projects/p/subscriptions/s"}',
        key: 'push@postern-test.iam.gserviceaccount.com',
        settings: { audience: 'https://hooks.example.com/gcp' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'alg none',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIiwia2lkIjoidGVzdC1raWQtMSJ9.eyJhdWQiOiJodHRwczovL2hvb2tzLmV4YW1wbGUuY29tL2djcCIsImVtYWlsIjoicHVzaEBwb3N0ZXJuLXRlc3QuaWFtLmdzZXJ2aWNlYWNjb3VudC5jb20iLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwiZXhwIjoxNzY3MjI5MjAwLCJpYXQiOjE3NjcyMjU2MDAsImlzcyI6Imh0dHBzOi8vYWNjb3VudHMuZ29vZ2xlLmNvbSIsInN1YiI6IjEifQ.',
          ],
        ],
        body: '{"message":{"messageId":"1","data":"aGk="},"subscription":"projects/p/subscriptions/s"}',
        key: 'push@postern-test.iam.gserviceaccount.com',
        settings: { audience: 'https://hooks.example.com/gcp' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'HMAC with the public key',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiJodHRwczovL2hvb2tzLmV4YW1wbGUuY29tL2djcCIsImVtYWlsIjoicHVzaEBwb3N0ZXJuLXRlc3QuaWFtLmdzZXJ2aWNlYWNjb3VudC5jb20iLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwiZXhwIjoxNzY3MjI5MjAwLCJpYXQiOjE3NjcyMjU2MDAsImlzcyI6Imh0dHBzOi8vYWNjb3VudHMuZ29vZ2xlLmNvbSIsInN1YiI6IjEifQ.GanphdJui4642lVF_qVw33oDGUm8heEbqHqIa0ZpGSc',
          ],
        ],
        body: '{"message":{"messageId":"1","data":"aGk="},"subscription":"projects/p/subscriptions/s"}',
        key: 'push@postern-test.iam.gserviceaccount.com',
        settings: { audience: 'https://hooks.example.com/gcp' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'no Bearer before it',
        headers: [
          [
            'Authorization',
            'eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiJodHRwczovL2hvb2tzLmV4YW1wbGUuY29tL2djcCIsImVtYWlsIjoicHVzaEBwb3N0ZXJuLXRlc3QuaWFtLmdzZXJ2aWNlYWNjb3VudC5jb20iLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwiZXhwIjoxNzY3MjI5MjAwLCJpYXQiOjE3NjcyMjU2MDAsImlzcyI6Imh0dHBzOi8vYWNjb3VudHMuZ29vZ2xlLmNvbSIsInN1YiI6IjEifQ.DTfKZNiKARm9QM2M-4GGymErK2U6-JK5PmgKMYXDjo7g3LRRutp9ToCpJ19GohehNfXoglt9Efwzc4uhHzJhurvKjmRmIpEnGqz5EW30rC3tjG8q86hB9i6xy9sK0xDBNXeGZ-Vl5mwGkGES2Em5f0Bc2L6kbcugwnXqKgq4VP8N77b6xuuUrLkwEilXcdb7Hz0QtotCnWGJNhzFl_o_wTJBC_BIFJUROgjvI7v18rrPoJI9jLexFNmt8sBVE0uC7hYCgJnDgIaMV5VD8UPyedF9DzdOfVGNYsXyNejlzeDf6ZM0T8Vk8eSYpqv2UfFM6RvNM0zrbaH-G3JNDuqTeg',
          ],
        ],
        body: '{"message":{"messageId":"1","data":"aGk="},"subscription":"projects/p/subscriptions/s"}',
        key: 'push@postern-test.iam.gserviceaccount.com',
        settings: { audience: 'https://hooks.example.com/gcp' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'no header',
        headers: [],
        body: '{"message":{"messageId":"1","data":"aGk="},"subscription":"projects/p/subscriptions/s"}',
        key: 'push@postern-test.iam.gserviceaccount.com',
        settings: { audience: 'https://hooks.example.com/gcp' },
        remote: KEYS,
        at: 1767225605,
      },
    ],
  },
})
