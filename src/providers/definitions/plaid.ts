import { defineProvider } from '../definition.ts'

const JWK =
  '{"kty":"EC","crv":"P-256","x":"7jOxqL2Ze-IUt4S4zjCoufW2KAVUyr-OBAD_YBRd8ew","y":"kgEivr_JX8tDJ1Kw-LtofmLYdqZ9GwG3wxcWZ6E-0e0","alg":"ES256","use":"sig","kid":"plaid-test-key","created_at":1560466150,"expired_at":null}'
const TOKEN =
  'eyJhbGciOiJFUzI1NiIsImtpZCI6InBsYWlkLXRlc3Qta2V5IiwidHlwIjoiSldUIn0.eyJpYXQiOjE3NjcyMjU2MDAsInJlcXVlc3RfYm9keV9zaGEyNTYiOiI2MzY2MGJlMGVkOTNmZTU4MzhjY2JlNDc4Mzc5NjBlZGZhNWY0YzllZjA4ODE1NTA2NmZhOGUyZTc5NWMwNmQyIn0.6s21temjU0RKNpHcV_1Hkb__JtRCkc3eN8PYsOymEXlWTjquT7QVxESoZmq1OmWxCuMxm9mr8OUUqlDH6Eaq3g'
const KEY_API = 'https://production.plaid.com/webhook_verification_key/get'

export const plaid = defineProvider({
  id: 'plaid',
  name: 'Plaid',
  category: 'fintech',
  docs: 'https://plaid.com/docs/api/webhooks/webhook-verification/',
  schemes: [
    {
      family: 'jwt',
      name: 'jwt',
      token: { in: 'header', name: 'Plaid-Verification' },
      algorithms: ['ES256'],
      key: {
        format: 'key-api',
        call: {
          method: 'POST',
          origins: [
            { environment: 'production', origin: 'https://production.plaid.com' },
            { environment: 'sandbox', origin: 'https://sandbox.plaid.com' },
          ],
          path: '/webhook_verification_key/get',
          contentType: 'application/json',
          body: '{"client_id":"{user}","secret":"{password}","key_id":"{id}"}',
          cacheSeconds: 3600,
        },
        read: '$.key',
        expired: '$.key.expired_at',
      },
      claims: { maxAgeSeconds: 300, required: ['iat'], bodyHash: { claim: 'request_body_sha256', encoding: 'hex' } },
    },
  ],
  keyForm:
    'Client id and secret, `client_id:secret`, with which the verification keys are fetched; or one such key as JWK.',
  settings: [
    {
      name: 'environment',
      what: 'Which of Plaid’s environments gives the keys: production (when not set) or sandbox.',
      example: 'production',
    },
  ],
  setup: [
    'In the Plaid Dashboard open Developers, then Keys, and copy the client id and the secret of your environment.',
    'Paste them here as `client_id:secret` and set the environment.',
    'Give this integration’s public URL as `webhook` when a link token is created, or with /item/webhook/update for items that exist.',
    'Try it with /sandbox/item/fire_webhook.',
  ],
  rotation:
    'Plaid changes its verification keys on its own; each request names its key, and an expired one is refused. To change the API secret, add the new pair here before the old secret is deleted.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // Two events may have the same body (SYNC_UPDATES_AVAILABLE has nothing of its own), so the time of the token counts too.
  event: {
    id: 'claim:iat + claim:request_body_sha256',
    type: 'body:$.webhook_type + body:$.webhook_code',
    tenant: 'body:$.item_id',
    subject: 'body:$.item_id',
  },
  delivery: {
    success: '200',
    timeoutSeconds: 10,
    retries: 'for up to 24 hours with growing pauses',
    addresses: 'https://plaid.com/docs/api/webhooks/',
  },
  pitfalls: [
    'The algorithm is ES256, whatever the token says of itself.',
    'The token holds the hash of the exact bytes; Plaid sends JSON indented by two spaces.',
    'A key that Plaid has expired no longer counts, even where it is still cached.',
    'Events have no id: a retry with a new token is a new event here.',
  ],
  sample: {
    type: 'TRANSACTIONS.SYNC_UPDATES_AVAILABLE',
    contentType: 'application/json',
    body: '{"environment":"sandbox","historical_update_complete":true,"initial_update_complete":true,"item_id":"item-{{id}}","webhook_code":"SYNC_UPDATES_AVAILABLE","webhook_type":"TRANSACTIONS"}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON, the key pasted as JWK',
        headers: [['Plaid-Verification', TOKEN]],
        body: '{"webhook_type":"ITEM","webhook_code":"ERROR","item_id":"item_1"}',
        key: JWK,
        at: 1767225605,
      },
      {
        why: 'indented JSON with UTF-8',
        headers: [
          [
            'Plaid-Verification',
            'eyJhbGciOiJFUzI1NiIsImtpZCI6InBsYWlkLXRlc3Qta2V5IiwidHlwIjoiSldUIn0.eyJpYXQiOjE3NjcyMjU2MDAsInJlcXVlc3RfYm9keV9zaGEyNTYiOiIxZjQ5MjBhODczN2U4ZGJjNmE5Mzc0YmFhNDgxNzJlN2ExNjI0NmJkN2QyZmMwZGI0ZjEyYjNiMDZlN2NlZTI4In0.vanqrpvaNwZjZmqUpQgGGGkpOgj5rSGI_uEW9ZUNB8Wa6xeOBUeUCmUHQRKx9SVpO4oOeWR3XAnP8XTu-CJM6g',
          ],
        ],
        body: '{\n  "webhook_type": "ITEM",\n  "webhook_code": "ERROR",\n  "item_id": "Grüße $&"\n}',
        key: JWK,
        at: 1767225605,
      },
      {
        why: 'the key fetched by its id',
        headers: [['Plaid-Verification', TOKEN]],
        body: '{"webhook_type":"ITEM","webhook_code":"ERROR","item_id":"item_1"}',
        key: 'plaid_test_client:plaid_test_secret',
        remote: {
          [KEY_API]:
            '{"key":{"kty":"EC","crv":"P-256","x":"7jOxqL2Ze-IUt4S4zjCoufW2KAVUyr-OBAD_YBRd8ew","y":"kgEivr_JX8tDJ1Kw-LtofmLYdqZ9GwG3wxcWZ6E-0e0","alg":"ES256","use":"sig","kid":"plaid-test-key","created_at":1560466150,"expired_at":null},"request_id":"r1"}',
        },
        at: 1767225605,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['Plaid-Verification', TOKEN]],
        body: '{"webhook_type":"ITEM","webhook_code":"ERROR","item_id":"item_2"}',
        key: JWK,
        at: 1767225605,
      },
      {
        why: 'the body written anew',
        headers: [
          [
            'Plaid-Verification',
            'eyJhbGciOiJFUzI1NiIsImtpZCI6InBsYWlkLXRlc3Qta2V5IiwidHlwIjoiSldUIn0.eyJpYXQiOjE3NjcyMjU2MDAsInJlcXVlc3RfYm9keV9zaGEyNTYiOiIxZjQ5MjBhODczN2U4ZGJjNmE5Mzc0YmFhNDgxNzJlN2ExNjI0NmJkN2QyZmMwZGI0ZjEyYjNiMDZlN2NlZTI4In0.Kmg55jmpFkFcU26HaP6F-ZXAsO054d3XZ_Bnw4KQAMJW2Ypedat8z3LSZp_w-8UfWELxnVXVyHNll53M4bTiNg',
          ],
        ],
        body: '{"webhook_type":"ITEM","webhook_code":"ERROR","item_id":"Grüße $&"}',
        key: JWK,
        at: 1767225605,
      },
      {
        why: 'no token',
        headers: [],
        body: '{"webhook_type":"ITEM","webhook_code":"ERROR","item_id":"item_1"}',
        key: JWK,
        at: 1767225605,
      },
      {
        why: 'signed with another key',
        headers: [
          [
            'Plaid-Verification',
            'eyJhbGciOiJFUzI1NiIsImtpZCI6InBsYWlkLXRlc3Qta2V5IiwidHlwIjoiSldUIn0.eyJpYXQiOjE3NjcyMjU2MDAsInJlcXVlc3RfYm9keV9zaGEyNTYiOiI2MzY2MGJlMGVkOTNmZTU4MzhjY2JlNDc4Mzc5NjBlZGZhNWY0YzllZjA4ODE1NTA2NmZhOGUyZTc5NWMwNmQyIn0.X-RbOSt_0shYTTc9tYBGciBGHwUbjMqzAtSlwBJnDwXZN30c2G3Vx0gFzL3QNbUWbWHDnP42sZCamN1dFZtzUA',
          ],
        ],
        body: '{"webhook_type":"ITEM","webhook_code":"ERROR","item_id":"item_1"}',
        key: JWK,
        at: 1767225605,
      },
      {
        why: 'no body hash',
        headers: [
          [
            'Plaid-Verification',
            'eyJhbGciOiJFUzI1NiIsImtpZCI6InBsYWlkLXRlc3Qta2V5IiwidHlwIjoiSldUIn0.eyJpYXQiOjE3NjcyMjU2MDB9.HYD9ObyoYcB23AjlIkabRaUw280cLUiGGGClY9cBTuTqzegEkxYiTEWU2UuGOTDdE6Mug495cIX0Z7QN8WTLTA',
          ],
        ],
        body: '{"webhook_type":"ITEM","webhook_code":"ERROR","item_id":"item_1"}',
        key: JWK,
        at: 1767225605,
      },
      {
        why: 'no iat',
        headers: [
          [
            'Plaid-Verification',
            'eyJhbGciOiJFUzI1NiIsImtpZCI6InBsYWlkLXRlc3Qta2V5IiwidHlwIjoiSldUIn0.eyJyZXF1ZXN0X2JvZHlfc2hhMjU2IjoiNjM2NjBiZTBlZDkzZmU1ODM4Y2NiZTQ3ODM3OTYwZWRmYTVmNGM5ZWYwODgxNTUwNjZmYThlMmU3OTVjMDZkMiJ9.0ZamPlazh8cmBTEvkF5YFORNZ-TpY8inGps80GEq80udu7s_dInuDcdaFc-kdxsAZd3lCFWxljwCrYxI0IiiyA',
          ],
        ],
        body: '{"webhook_type":"ITEM","webhook_code":"ERROR","item_id":"item_1"}',
        key: JWK,
        at: 1767225605,
      },
      {
        why: 'algorithm confusion: HMAC keyed with the public key',
        headers: [
          [
            'Plaid-Verification',
            'eyJhbGciOiJIUzI1NiIsImtpZCI6InBsYWlkLXRlc3Qta2V5IiwidHlwIjoiSldUIn0.eyJpYXQiOjE3NjcyMjU2MDAsInJlcXVlc3RfYm9keV9zaGEyNTYiOiI2MzY2MGJlMGVkOTNmZTU4MzhjY2JlNDc4Mzc5NjBlZGZhNWY0YzllZjA4ODE1NTA2NmZhOGUyZTc5NWMwNmQyIn0.AImLj-6Wa_EU-fbsSM9OdbTO5HgreejCVS_BUEm4eSs',
          ],
        ],
        body: '{"webhook_type":"ITEM","webhook_code":"ERROR","item_id":"item_1"}',
        key: JWK,
        at: 1767225605,
      },
      {
        why: 'no algorithm',
        headers: [
          [
            'Plaid-Verification',
            'eyJhbGciOiJub25lIiwia2lkIjoicGxhaWQtdGVzdC1rZXkifQ.eyJpYXQiOjE3NjcyMjU2MDAsInJlcXVlc3RfYm9keV9zaGEyNTYiOiI2MzY2MGJlMGVkOTNmZTU4MzhjY2JlNDc4Mzc5NjBlZGZhNWY0YzllZjA4ODE1NTA2NmZhOGUyZTc5NWMwNmQyIn0.',
          ],
        ],
        body: '{"webhook_type":"ITEM","webhook_code":"ERROR","item_id":"item_1"}',
        key: JWK,
        at: 1767225605,
      },
      {
        why: 'a fetched key that has expired',
        headers: [['Plaid-Verification', TOKEN]],
        body: '{"webhook_type":"ITEM","webhook_code":"ERROR","item_id":"item_1"}',
        key: 'plaid_test_client:plaid_test_secret',
        remote: {
          [KEY_API]:
            '{"key":{"kty":"EC","crv":"P-256","x":"7jOxqL2Ze-IUt4S4zjCoufW2KAVUyr-OBAD_YBRd8ew","y":"kgEivr_JX8tDJ1Kw-LtofmLYdqZ9GwG3wxcWZ6E-0e0","alg":"ES256","use":"sig","kid":"plaid-test-key","created_at":1560466150,"expired_at":1767225000}}',
        },
        at: 1767225605,
      },
      {
        why: 'the key API does not know the key',
        headers: [['Plaid-Verification', TOKEN]],
        body: '{"webhook_type":"ITEM","webhook_code":"ERROR","item_id":"item_1"}',
        key: 'plaid_test_client:plaid_test_secret',
        remote: {},
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [['Plaid-Verification', TOKEN]],
        body: '{"webhook_type":"ITEM","webhook_code":"ERROR","item_id":"item_1"}',
        key: JWK,
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [['Plaid-Verification', TOKEN]],
        body: '{"webhook_type":"ITEM","webhook_code":"ERROR","item_id":"item_1"}',
        key: JWK,
        at: 1767225299,
      },
    ],
  },
})
