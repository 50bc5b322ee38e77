import { defineProvider, type RemoteOrigin } from '../definition.ts'

const ORIGINS: readonly [RemoteOrigin, ...RemoteOrigin[]] = [
  { environment: 'production', origin: 'https://api.ebay.com' },
  { environment: 'sandbox', origin: 'https://api.sandbox.ebay.com' },
]

/** What eBay’s API answers: the PEM comes without line breaks. */
const API: Readonly<Record<string, string>> = {
  'https://api.ebay.com/identity/v1/oauth2/token':
    '{"access_token":"test-token","expires_in":7200,"token_type":"Application Access Token"}',
  'https://api.ebay.com/commerce/notification/v1/public_key/9936261a-7d7b-4621-a0f1-96ccb428af49':
    '{"algorithm":"ECDSA","digest":"SHA1","key":"-----BEGIN PUBLIC KEY-----MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEpPYwoyD3T6+h9F3/1vcjddIO3jsRFpT6X+fHgI2j1GfUNA18CAVsuysdiaT/X4IcwozTS4UFfj07+HWD0IXA8Q==-----END PUBLIC KEY-----"}',
}

export const ebay = defineProvider({
  id: 'ebay',
  name: 'eBay notifications',
  category: 'commerce',
  docs: 'https://developer.ebay.com/api-docs/commerce/notification/overview.html',
  schemes: [
    {
      family: 'asymmetric',
      name: 'signature',
      algorithm: 'ecdsa-p256-sha1',
      key: {
        format: 'key-api',
        authorize: {
          method: 'POST',
          origins: ORIGINS,
          path: '/identity/v1/oauth2/token',
          headers: { Authorization: 'Basic {basic}' },
          contentType: 'application/x-www-form-urlencoded',
          body: 'grant_type=client_credentials&scope=https%3A%2F%2Fapi.ebay.com%2Foauth%2Fapi_scope',
          cacheSeconds: 3600,
        },
        call: {
          method: 'GET',
          origins: ORIGINS,
          path: '/commerce/notification/v1/public_key/{id}',
          headers: { Authorization: 'Bearer {token}' },
          cacheSeconds: 3600,
        },
        read: '$.key',
      },
      signature: {
        header: 'x-ebay-signature',
        parse: { kind: 'base64-json', member: 'signature', keyIdMember: 'kid' },
        encoding: 'base64',
      },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm:
    'Client id and client secret (App ID and Cert ID) of the keyset, joined with a colon: they open the API that has the public keys. A public key as PEM or JWK spares that call.',
  settings: [
    {
      name: 'verificationToken',
      what: 'The verification token entered beside the endpoint, 32 to 80 characters.',
      example: 'postern-sample-verification-token-0001',
      required: true,
    },
    {
      name: 'endpointUrl',
      what: 'The endpoint exactly as it was given to eBay.',
      example: 'https://hooks.example.com/in/1',
      required: true,
    },
    { name: 'environment', what: '`production` (the default) or `sandbox`.', example: 'production' },
  ],
  setup: [
    'In the eBay developer account open Application Keys and copy App ID and Cert ID; open Alerts and Notifications beside them.',
    'Make up a verification token of 32 to 80 letters, digits, `_` or `-`.',
    'Create the integration with both ids as its key, and the token and the public URL as settings.',
    'Enter the endpoint and the token under Alerts and Notifications and save: eBay asks with a challenge code, which is answered here.',
    'Press Send Test Notification.',
  ],
  rotation:
    'eBay rolls its signing keys by itself; each message names its own. For new client credentials, add them as a second key, then reset the old Cert ID and retire the old key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // publishAttemptCount rises with every retry, so the content would not do.
  event: {
    id: 'body:$.notification.notificationId',
    type: 'body:$.metadata.topic',
    subject: 'body:$.notification.data.userId',
    occurredAt: 'body:$.notification.eventDate',
  },
  handshakes: [
    {
      name: 'challenge_code',
      when: { methods: ['GET'], match: { 'query:challenge_code': true } },
      signed: false,
      respond: {
        status: 200,
        json: {
          object: {
            challengeResponse: {
              hash: 'sha256',
              encoding: 'hex',
              of: [{ from: 'query:challenge_code' }, { setting: 'verificationToken' }, { setting: 'endpointUrl' }],
            },
          },
        },
      },
    },
  ],
  delivery: { success: '200, 201, 202 or 204', retries: 'for 24 hours; then the endpoint is marked as down' },
  answers: { accepted: { status: 200 }, unauthorized: { status: 412 } },
  pitfalls: [
    'The header is base64 of JSON with the signature and the key id in it. What it says about the algorithm is not followed.',
    'The digest is SHA-1, as eBay prescribes.',
    'The public keys are behind OAuth and are kept for an hour: asking for every message would use up the call limit.',
    'The challenge is hashed in this order: code, token, endpoint. One slash more in the endpoint changes it.',
    'Account deletions must be acknowledged and acted on, or access to the API ends.',
  ],
  sample: {
    type: 'MARKETPLACE_ACCOUNT_DELETION',
    contentType: 'application/json',
    body: '{"metadata":{"topic":"{{type}}","schemaVersion":"1.0","deprecated":false},"notification":{"notificationId":"{{id}}","eventDate":"{{iso}}","publishDate":"{{iso}}","publishAttemptCount":1,"data":{"username":"postern_sample","userId":"ma8vp1jySJC","eiasToken":"nY+sample"}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'one notification',
        headers: [
          [
            'x-ebay-signature',
            'eyJhbGciOiJlY2RzYSIsImtpZCI6Ijk5MzYyNjFhLTdkN2ItNDYyMS1hMGYxLTk2Y2NiNDI4YWY0OSIsInNpZ25hdHVyZSI6Ik1FVUNJRjdHV0F5S1lCWFM5YjJUd0ZKSEZlRkdlYjNrWDBXQkJPbFgyMnhXeDdTOUFpRUF5Y2g3bXl0K2k5WS90ZzVOZSszNnluQ3d0SjVubDRyUFB4RVVBbE9NdGlrPSIsImRpZ2VzdCI6IlNIQTEifQ==',
          ],
        ],
        body: '{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION"},"notification":{"notificationId":"n1"}}',
        key: 'test-app-id:test-cert-id',
        remote: API,
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`',
        headers: [
          [
            'x-ebay-signature',
            'eyJhbGciOiJlY2RzYSIsImtpZCI6Ijk5MzYyNjFhLTdkN2ItNDYyMS1hMGYxLTk2Y2NiNDI4YWY0OSIsInNpZ25hdHVyZSI6Ik1FUUNJR3JtTkRGK0R6WHZ3WlhmRWk0QUNkUzA2a3VJTHV0NWtOWWZtTU1mUHV2WEFpQlYyUkFrWUZVeStpR2dvWktjSHFhN1JEdDJmbUtidS8yRjNYMTJQZXUwYWc9PSIsImRpZ2VzdCI6IlNIQTEifQ==',
          ],
        ],
        body: '{\n  "metadata": {\n    "topic": "T"\n  },\n  "notification": {\n    "notificationId": "n3",\n    "text": "Grüße 🚀 $& $1"\n  }\n}\n',
        key: 'test-app-id:test-cert-id',
        remote: API,
      },
      {
        why: 'the public key pasted, so nothing is asked',
        headers: [
          [
            'x-ebay-signature',
            'eyJhbGciOiJlY2RzYSIsImtpZCI6Ijk5MzYyNjFhLTdkN2ItNDYyMS1hMGYxLTk2Y2NiNDI4YWY0OSIsInNpZ25hdHVyZSI6Ik1FVUNJRi8zcW1xMVBaVkhhZmdlUGNVUjZkdHdoWjVrbithSjhyRjIyL0c0NTRCTkFpRUFndERtVndwcXRvc05QZVZJWXpSSTlRVTNDMXpvWm9KWHQraEdsdDNsdUhRPSIsImRpZ2VzdCI6IlNIQTEifQ==',
          ],
        ],
        body: '{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION"},"notification":{"notificationId":"n1"}}',
        key: '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEpPYwoyD3T6+h9F3/1vcjddIO3jsR\nFpT6X+fHgI2j1GfUNA18CAVsuysdiaT/X4IcwozTS4UFfj07+HWD0IXA8Q==\n-----END PUBLIC KEY-----\n',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          [
            'x-ebay-signature',
            'eyJhbGciOiJlY2RzYSIsImtpZCI6Ijk5MzYyNjFhLTdkN2ItNDYyMS1hMGYxLTk2Y2NiNDI4YWY0OSIsInNpZ25hdHVyZSI6Ik1FVUNJR3ZjWDJ6OTZJaTVNR242SDUxeld0aHZHMDg3MjM1UWVKalhCbHY1aEowQkFpRUFtNm5HRWVGMXVvMVpUY0FsS2d2N1JxWStxcG9kdysxbWhSVEttOC94U25BPSIsImRpZ2VzdCI6IlNIQTEifQ==',
          ],
        ],
        body: '{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION"},"notification":{"notificationId":"n2"}}',
        key: 'test-app-id:test-cert-id',
        remote: API,
      },
      {
        why: 'another key under the same id',
        headers: [
          [
            'x-ebay-signature',
            'eyJhbGciOiJlY2RzYSIsImtpZCI6Ijk5MzYyNjFhLTdkN2ItNDYyMS1hMGYxLTk2Y2NiNDI4YWY0OSIsInNpZ25hdHVyZSI6Ik1FUUNJRFBUNUxJSW9LRzMvcjhUYkl0cWdFTWQ0TlNnNGpzVUZhRUxJa0w5YzZpdkFpQjQ1dklDa3llc2tzeXVqckdwd25DSzNZMU5jMysrM3k0MGhscnlpa2hjK2c9PSIsImRpZ2VzdCI6IlNIQTEifQ==',
          ],
        ],
        body: '{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION"},"notification":{"notificationId":"n1"}}',
        key: 'test-app-id:test-cert-id',
        remote: API,
      },
      {
        why: 'an unknown key id',
        headers: [
          [
            'x-ebay-signature',
            'eyJhbGciOiJlY2RzYSIsImtpZCI6InVua25vd24iLCJzaWduYXR1cmUiOiJNRVVDSUZEZ1pxMWlXSzJVakRwa29lRWdtbW9BV3VNNE1PUUlhRElBWWFEazZoOHlBaUVBMnovb2VHTGZkNmlzeU1Jd0VVQnNsUkgwL080Yjlqd25ZNlZDbUtTd0VrYz0iLCJkaWdlc3QiOiJTSEExIn0=',
          ],
        ],
        body: '{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION"},"notification":{"notificationId":"n1"}}',
        key: 'test-app-id:test-cert-id',
        remote: API,
      },
      {
        why: 'a key id that climbs out of the path',
        headers: [
          [
            'x-ebay-signature',
            'eyJhbGciOiJlY2RzYSIsImtpZCI6Ii4uLy4uL3giLCJzaWduYXR1cmUiOiJNRVVDSVFERGNuZS9IYmV3c1hCOXV6Ym1EUE9yTGI0VmdDSUhsVUJiWEE5R0JyRFppUUlnQXVld0Nta0JWUlNUWVJCRk5tRGd6cGo2Qkl0UlRLMVZuVU04QVVQcVRoZz0iLCJkaWdlc3QiOiJTSEExIn0=',
          ],
        ],
        body: '{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION"},"notification":{"notificationId":"n1"}}',
        key: 'test-app-id:test-cert-id',
        remote: API,
      },
      {
        why: 'no key id',
        headers: [
          [
            'x-ebay-signature',
            'eyJhbGciOiJlY2RzYSIsInNpZ25hdHVyZSI6Ik1FVUNJR1R4M05ySlVrTS9aZTgzbldHdE95dTI4SnVpemJvZ2d0cXlsK0lvak5veUFpRUEyRUtFZ1BVY1lCSWg2UUVWUGovMnIrcU16bVhUdmdwbnhNdU9PSDVKZ2N3PSIsImRpZ2VzdCI6IlNIQTEifQ==',
          ],
        ],
        body: '{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION"},"notification":{"notificationId":"n1"}}',
        key: 'test-app-id:test-cert-id',
        remote: API,
      },
      {
        why: 'SHA-256',
        headers: [
          [
            'x-ebay-signature',
            'eyJhbGciOiJlY2RzYSIsImtpZCI6Ijk5MzYyNjFhLTdkN2ItNDYyMS1hMGYxLTk2Y2NiNDI4YWY0OSIsInNpZ25hdHVyZSI6Ik1FWUNJUURxT3Eva0tSK0xTTm5LRFR5dFdjNzU3M3VrQ3hGL3d1Vll2TFNQeVZMVkFRSWhBTTY5aDdlcDdib2lHclRnc084eHB5UW9ERnQwYXNTaUozS0l6YzRIVlprTiIsImRpZ2VzdCI6IlNIQTEifQ==',
          ],
        ],
        body: '{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION"},"notification":{"notificationId":"n1"}}',
        key: 'test-app-id:test-cert-id',
        remote: API,
      },
      {
        why: 'r and s side by side in place of DER',
        headers: [
          [
            'x-ebay-signature',
            'eyJhbGciOiJlY2RzYSIsImtpZCI6Ijk5MzYyNjFhLTdkN2ItNDYyMS1hMGYxLTk2Y2NiNDI4YWY0OSIsInNpZ25hdHVyZSI6ImVZS2wxcjVEdUpBNGF4ZFJVT2VLWkVlMkdqYVVtU1JKLzhUT1VtODBEQTV2Sms4Tjd6QWpUVXVVMm10bDFZQVBYSzJVZVBSVHl6MkJ1RWp2ak9aL0dnPT0iLCJkaWdlc3QiOiJTSEExIn0=',
          ],
        ],
        body: '{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION"},"notification":{"notificationId":"n1"}}',
        key: 'test-app-id:test-cert-id',
        remote: API,
      },
      {
        why: 'the bare signature',
        headers: [
          [
            'x-ebay-signature',
            'MEUCIQCUlO9TKC1CwowMFGbeDx4w7Ucox4x85gZkr6i0vFlJkwIgCjLnG6nWmaJpgkx4LNyLCPX40/0BNK0lxMLjKyvCzAw=',
          ],
        ],
        body: '{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION"},"notification":{"notificationId":"n1"}}',
        key: 'test-app-id:test-cert-id',
        remote: API,
      },
      {
        why: 'the JSON not encoded',
        headers: [
          [
            'x-ebay-signature',
            '{"alg":"ecdsa","kid":"9936261a-7d7b-4621-a0f1-96ccb428af49","signature":"MEUCIQDmkmpjlUkHgLWeKqn7vsV3LQ/Y0n8cDbd5gp/WxsTfKwIgIMcowJbki+vnKfzlj3RaCwCSQCyEC3N8uuHrKRvK+PI=","digest":"SHA1"}',
          ],
        ],
        body: '{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION"},"notification":{"notificationId":"n1"}}',
        key: 'test-app-id:test-cert-id',
        remote: API,
      },
      {
        why: 'no signature in it',
        headers: [
          [
            'x-ebay-signature',
            'eyJhbGciOiJlY2RzYSIsImtpZCI6Ijk5MzYyNjFhLTdkN2ItNDYyMS1hMGYxLTk2Y2NiNDI4YWY0OSIsImRpZ2VzdCI6IlNIQTEifQ==',
          ],
        ],
        body: '{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION"},"notification":{"notificationId":"n1"}}',
        key: 'test-app-id:test-cert-id',
        remote: API,
      },
      {
        why: 'no header',
        headers: [],
        body: '{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION"},"notification":{"notificationId":"n1"}}',
        key: 'test-app-id:test-cert-id',
        remote: API,
      },
      {
        why: 'the key’s text as an HMAC key',
        headers: [
          [
            'x-ebay-signature',
            'eyJhbGciOiJlY2RzYSIsImtpZCI6Ijk5MzYyNjFhLTdkN2ItNDYyMS1hMGYxLTk2Y2NiNDI4YWY0OSIsInNpZ25hdHVyZSI6InJLVnpjUXJKZ3JZUDAzRWxPNExEUmZqY3czQT0iLCJkaWdlc3QiOiJTSEExIn0=',
          ],
        ],
        body: '{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION"},"notification":{"notificationId":"n1"}}',
        key: 'test-app-id:test-cert-id',
        remote: API,
      },
    ],
  },
})
