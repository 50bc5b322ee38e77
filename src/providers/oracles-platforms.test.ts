/** Libraries of platforms, stores, media and content as judges; `test/support/oracle.ts` says how. Over 300 lines because nine stand here, each alike. */
import { ContentfulHeader, signRequest, verifyRequest as verifyContentful } from '@contentful/node-apps-toolkit'
import { Signature as HubSpotSignature } from '@hubspot/api-client'
import { LinearWebhookClient } from '@linear/sdk/webhooks'
import Mux from '@mux/mux-node'
import { signWebhookPayload, verifyWebhookSignature } from '@notionhq/client'
import { sign as signGitHub, verify as verifyGitHub } from '@octokit/webhooks-methods'
import { encodeSignatureHeader, isValidSignature } from '@sanity/webhook'
import '@shopify/shopify-api/adapters/node'
import { ApiVersion, shopifyApi } from '@shopify/shopify-api'
import { WorkOS } from '@workos-inc/node'
import { expect, test } from 'vitest'
import {
  describeOracle,
  HOUR,
  header,
  headerRecord,
  NOW,
  newKey,
  RECEIVER,
  send,
  TRICKY,
  verdict,
  withBody,
  withHeader,
  withLast,
} from '../../test/support/oracle.ts'

describeOracle('@octokit/webhooks-methods', {
  provider: 'github',
  verify: (request, key) => verifyGitHub(key, request.body, header(request, 'X-Hub-Signature-256')),
  sign: async (body, key) => ({ headers: [['X-Hub-Signature-256', await signGitHub(key, body)]] }),
})

for (const scheme of ['webhooks', 'events'] as const) {
  describeOracle('@shopify/shopify-api', {
    provider: 'shopify',
    scheme,
    verify: async (request, apiSecretKey) => {
      const shopify = shopifyApi({
        apiKey: 'postern',
        apiSecretKey,
        apiVersion: ApiVersion.January26,
        hostName: 'hooks.example.com',
        isEmbeddedApp: false,
        logger: { log: async () => {} },
      })
      const headers = headerRecord(request)
      // The names of the newer events, which the library wants beside the signature.
      const named =
        scheme === 'webhooks'
          ? headers
          : Object.fromEntries(
              Object.entries(headers).map(([name, value]) => [name.replace(/^x-shopify/, 'shopify'), value]),
            )
      const { valid } = await shopify.webhooks.validate({
        rawBody: request.body,
        rawRequest: { method: 'POST', url: '/in/1', headers: { ...named, 'shopify-event-id': 'event-1' } },
      })
      return valid
    },
  })
}

const mux = new Mux({ tokenId: 'none', tokenSecret: 'none' })
describeOracle(
  '@mux/mux-node',
  {
    provider: 'mux',
    verify: (request, key) => mux.webhooks.verifySignature(request.body, headerRecord(request), key),
    refusesStale: true,
  },
  ({ sent, laxer }) => {
    laxer('a timestamp an hour ahead', () => sent({ now: NOW + HOUR }), 'signature_future')
    laxer(
      'letters after the timestamp',
      () => {
        const { request, key } = sent()
        return { key, request: withLast(request, (value) => value.replace(',', 'abc,')) }
      },
      'timestamp_malformed',
    )
  },
)

describeOracle(
  '@sanity/webhook',
  {
    provider: 'sanity',
    verify: (request, key) => isValidSignature(request.body, header(request, 'sanity-webhook-signature'), key),
    sign: async (body, key) => ({
      headers: [['sanity-webhook-signature', await encodeSignatureHeader(body, NOW, key)]],
    }),
  },
  ({ sent, laxer }) => {
    laxer('an hour old', () => sent({ now: NOW - HOUR }), 'signature_stale')
    laxer('a timestamp an hour ahead', () => sent({ now: NOW + HOUR }), 'signature_future')
  },
)

describeOracle(
  '@linear/sdk',
  {
    provider: 'linear',
    body: JSON.stringify({ ...JSON.parse(TRICKY), webhookTimestamp: NOW }),
    verify: (request, key) =>
      new LinearWebhookClient(key).verify(Buffer.from(request.body), header(request, 'Linear-Signature')),
    refusesStale: true,
  },
  ({ sent, ours, theirs }) => {
    test('the minute of its window ends at the same millisecond on both sides, in both', async () => {
      for (const [shift, expected] of [
        [60_000, 'accepted'],
        [60_001, 'signature_future'],
        [-60_000, 'accepted'],
        [-60_001, 'signature_stale'],
      ] as const) {
        const { request, key } = sent({ now: NOW + shift })
        expect(ours(request, key.verifying)).toBe(expected)
        expect(await theirs(request, key.verifying)).toBe(expected === 'accepted')
      }
    })
  },
)

describeOracle('@notionhq/client', {
  provider: 'notion',
  verify: (request, verificationToken) =>
    verifyWebhookSignature({
      body: request.body,
      signature: header(request, 'X-Notion-Signature'),
      verificationToken,
    }),
  sign: async (body, verificationToken) => ({
    headers: [['X-Notion-Signature', await signWebhookPayload({ body, verificationToken })]],
  }),
})

const HUBSPOT_URL = 'https://hooks.example.com/in/1?env=prod'
for (const [scheme, name] of [
  ['v3', 'X-HubSpot-Signature-v3'],
  ['v2', 'X-HubSpot-Signature'],
  ['v1', 'X-HubSpot-Signature'],
] as const) {
  const options = (
    request: { readonly body: string; readonly url?: string },
    clientSecret: string,
    timestamp: string,
  ) => ({
    clientSecret,
    requestBody: request.body,
    signatureVersion: scheme,
    url: request.url ?? RECEIVER,
    method: 'POST',
    timestamp: Number(timestamp),
  })
  describeOracle(
    '@hubspot/api-client',
    {
      provider: 'hubspot',
      scheme,
      url: HUBSPOT_URL,
      verify: (request, key) =>
        HubSpotSignature.isValid({
          ...options(request, key, header(request, 'X-HubSpot-Request-Timestamp')),
          signature: header(request, name),
        }),
      sign: (body, key) => ({
        headers: [
          ['X-HubSpot-Request-Timestamp', String(NOW)],
          [
            name,
            HubSpotSignature.getSignature('POST', scheme, {
              ...options({ body, url: HUBSPOT_URL }, key, String(NOW)),
              signature: '',
            }),
          ],
        ],
      }),
      refusesStale: scheme === 'v3',
    },
    ({ sent, ours, theirs, laxer }) => {
      if (scheme !== 'v3') return
      laxer('a timestamp an hour ahead', () => sent({ now: NOW + HOUR }), 'signature_future')

      test('the library signs the URL as it is given; here %2F is undone first, as HubSpot documents', async () => {
        const { request, key } = sent({ url: RECEIVER })
        expect(ours(request, key.verifying)).toBe('accepted')
        expect(await theirs(request, key.verifying)).toBe(false)
        expect(await theirs({ ...request, url: RECEIVER.replace('%2F', '/') }, key.verifying)).toBe(true)
      })
    },
  )
}

const workos = new WorkOS('sk_none', { clientId: 'client_none' })
describeOracle(
  '@workos-inc/node',
  {
    provider: 'workos',
    // The library signs what `JSON.stringify` makes of the parsed body, so only such a body can be judged by both.
    body: JSON.stringify({ id: 'event_1', event: 'user.created', data: { name: 'Grüße 👋' } }),
    verify: (request, secret) =>
      workos.webhooks.verifyHeader({
        payload: JSON.parse(request.body),
        sigHeader: header(request, 'WorkOS-Signature'),
        secret,
      }),
    sign: async (body, secret) => ({
      headers: [
        ['WorkOS-Signature', `t=${NOW}, v1=${await workos.webhooks.computeSignature(NOW, JSON.parse(body), secret)}`],
      ],
    }),
    refusesStale: true,
    reserialises: true,
  },
  ({ sent, ours, theirs, laxer }) => {
    const { request, key } = sent()
    laxer('a timestamp an hour ahead', () => sent({ now: NOW + HOUR }), 'signature_future')
    laxer(
      'the same JSON written with other spaces',
      () => ({ key, request: withBody(request, (body) => JSON.stringify(JSON.parse(body), null, 2)) }),
      'signature_mismatch',
    )
    laxer(
      'a signature under another name than v1',
      () => ({ key, request: withLast(request, (value) => value.replace('v1=', 'v0=')) }),
      'signature_version_unknown',
    )

    test('bytes that JSON.stringify would not write: the library refuses what was signed; here it is accepted', async () => {
      const { request, key } = sent({ body: TRICKY })
      expect(await theirs(request, key.verifying)).toBe(false)
      expect(ours(request, key.verifying)).toBe('accepted')
    })
  },
)

describeOracle(
  '@contentful/node-apps-toolkit',
  {
    provider: 'contentful',
    verify: (request, key) => verifyContentful(key, canonical(request), 30),
    sign: (body, key) => {
      const headers = { 'Content-Type': 'application/json', 'X-Contentful-Topic': 'ContentManagement.Entry.publish' }
      const signed = signRequest(key, canonical({ body, headers: Object.entries(headers) }), NOW)
      return { headers: [...Object.entries(headers), ...Object.entries(signed)] }
    },
    refusesStale: true,
  },
  ({ sent, laxer }) => {
    laxer('a timestamp an hour ahead', () => sent({ now: NOW + HOUR }), 'signature_future')
    const { request, key } = sent()
    laxer(
      'letters after the timestamp',
      () => ({ key, request: withHeader(request, ContentfulHeader.Timestamp, (value) => `${value}abc`) }),
      'timestamp_malformed',
    )
    laxer(
      'a list of signed headers that leaves out the timestamp and itself',
      () => {
        const { verifying } = newKey('contentful')
        const headers = { 'x-a': '1', 'x-b': '2' }
        const signed = signRequest(verifying, canonical({ body: TRICKY, headers: Object.entries(headers) }), NOW)
        return {
          key: { signing: verifying, verifying },
          request: {
            ...request,
            headers: Object.entries({ ...headers, ...signed, [ContentfulHeader.SignedHeaders]: 'x-a,x-b' }),
          },
        }
      },
      'requirement_failed',
    )

    test('a listed header changed: both refuse', async () => {
      const headers = { 'x-topic': 'publish' }
      const { verifying } = newKey('contentful')
      const signed = signRequest(verifying, canonical({ body: TRICKY, headers: Object.entries(headers) }), NOW)
      const received = (topic: string) => ({ headers: Object.entries({ ...signed, 'x-topic': topic }), body: TRICKY })
      expect(verifyContentful(verifying, canonical(received('publish')), 30)).toBe(true)
      expect(verdict('contentful', received('publish'), verifying)).toBe('accepted')
      expect(verifyContentful(verifying, canonical(received('delete')), 30)).toBe(false)
      expect(verdict('contentful', received('delete'), verifying)).toBe('signature_mismatch')
    })

    test('path and query are escaped alike in both', () => {
      for (const path of ['/in/1', '/a b/ü', '/in/1?a=1&b=c%20d', '/in/1?q=%2F%3D', '/in?']) {
        const url = `https://hooks.example.com${path}`
        const { request, key } = send('contentful', { body: TRICKY, url })
        const headers = headerRecord(request)
        const theirs = verifyContentful(key.verifying, { method: 'POST', path, headers, body: TRICKY }, 30)
        expect([path, theirs]).toEqual([path, true])
        expect(verdict('contentful', { ...request, url }, key.verifying)).toBe('accepted')
      }
    })
  },
)

function canonical(request: { readonly headers: readonly (readonly [string, string])[]; readonly body: string }) {
  const path = RECEIVER.slice('https://hooks.example.com'.length)
  return { method: 'POST' as const, path, headers: headerRecord(request), body: request.body }
}
