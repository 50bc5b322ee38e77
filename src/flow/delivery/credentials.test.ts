import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { httpFarSide } from '../../../test/support/far-side.ts'
import { openUnsealed } from '../../../test/support/flow.ts'
import { DEFAULT_RETRY_POLICY, type DestinationAuth } from '../../base/model/destination.ts'
import { newId } from '../../base/model/ids.ts'
import { openBrokers } from '../../resources/outbound/brokers/open.ts'
import { openOutbound } from '../../resources/outbound/request.ts'
import type { DeliveryTarget } from '../../resources/store/deliveries.ts'
import { attemptDelivery } from './attempt.ts'
import { type AuthSecrets, createCredentials } from './credentials.ts'
import { createSigningKeys } from './signing-keys.ts'

const outbound = openOutbound({ ports: [443], allowHttp: false })
afterAll(() => outbound.close())
const brokers = openBrokers({ ports: [443], allowHttp: false })
afterAll(() => brokers.close())
const fixture = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../resources/outbound/fixtures/${name}`, import.meta.url)), 'utf8')

function target(
  url: string,
  auth: DestinationAuth | null,
  secrets: AuthSecrets | string = {},
  tlsVerify = true,
): DeliveryTarget {
  const id = newId()
  return {
    ...{
      id,
      tenantId: newId(),
      kind: 'http',
      settings: {},
      url,
      status: 'active',
      allowCidrs: ['127.0.0.1/32'],
      timeoutMs: 5_000,
      envelope: 'none',
    },
    retry: DEFAULT_RETRY_POLICY,
    ...{ tlsVerify, auth, ordering: null, governed: false, health: { failing: false, circuit: 'closed' } },
    authSealed: Buffer.from(typeof secrets === 'string' ? secrets : JSON.stringify(secrets)),
    signingKeys: [{ id, scheme: 'v1', sealed: Buffer.from(`whsec_${Buffer.alloc(32, 7).toString('base64')}`) }],
  }
}

function sender(now: () => number = Date.now) {
  const credentials = createCredentials({ outbound, openAuth: openUnsealed, now })
  return (destination: DeliveryTarget) =>
    attemptDelivery(
      {
        ...{
          eventId: newId(),
          deliveryId: newId(),
          correlationId: newId(),
          provider: 'acme',
          contentType: 'application/json',
        },
        ...{ body: Buffer.from('{}'), destination, attemptNo: 1 },
      },
      { outbound, brokers, signingKeys: createSigningKeys(openUnsealed), credentials, now },
    )
}

const headersOf = (request: { headers: string[] } | undefined) =>
  Object.fromEntries(
    Array.from({ length: (request?.headers.length ?? 0) / 2 }, (_, i) => [
      request!.headers[2 * i]!.toLowerCase(),
      request!.headers[2 * i + 1]!,
    ]),
  )

test.each([
  [
    { kind: 'headers', names: ['X-Api-Key'] },
    { headers: { 'X-Api-Key': 'key-1234567' } },
    { 'x-api-key': 'key-1234567' },
  ],
  [{ kind: 'basic', username: 'me' }, { password: 'pä:ss' }, { authorization: 'Basic bWU6cMOkOnNz' }],
  [{ kind: 'bearer' }, { token: 'tokey-1234567' }, { authorization: 'Bearer tokey-1234567' }],
] as const)('%j is sent beside the signature, and what it echoes is removed', async (auth, secrets, expected) => {
  await using sink = await httpFarSide((response, request) => {
    response.end(`${request.headers.authorization ?? ''} ${request.headers['x-api-key'] ?? ''}`)
  })
  const result = await sender()(target(sink.url, auth, secrets))
  expect(headersOf(sink.requests[0])).toMatchObject({ ...expected, 'webhook-signature': expect.stringMatching(/^v1,/) })
  expect(result.responseBody?.toString()).toContain('[redacted]')
  for (const value of Object.values(expected))
    expect(result.responseBody?.toString()).not.toContain(value.split(' ').at(-1))
})

test('credentials that cannot be opened send nothing', async () => {
  await using sink = await httpFarSide()
  const result = await sender()(target(sink.url, { kind: 'bearer' }, 'no JSON'))
  expect(result.end).toMatchObject({ ok: false, outcome: 'secret_unavailable' })
  expect(sink.requests).toHaveLength(0)
})

describe('OAuth 2', () => {
  const auth = (tokenUrl: string, clientAuth: 'basic' | 'body' = 'basic'): DestinationAuth => ({
    ...{ kind: 'oauth2', tokenUrl, clientId: 'my client', scope: 'hooks', audience: null, clientAuth },
  })
  const secrets = { clientSecret: 's3cret/+' }
  const issuing = (lifetime = 3600) => {
    let issued = 0
    return httpFarSide((response) =>
      response.end(JSON.stringify({ access_token: `token-${++issued}`, token_type: 'Bearer', expires_in: lifetime })),
    )
  }

  test('one token serves many deliveries at one moment, and is fetched anew before it ends', async () => {
    await using sink = await httpFarSide()
    await using issuer = await issuing()
    let now = Date.now()
    const send = sender(() => now)
    const destination = target(sink.url, auth(issuer.url), secrets)
    await Promise.all(Array.from({ length: 20 }, () => send(destination)))
    expect(issuer.requests).toHaveLength(1)
    expect(new Set(sink.requests.map((request) => headersOf(request)['authorization']))).toEqual(
      new Set(['Bearer token-1']),
    )
    const [request] = issuer.requests
    expect(request!.body.toString()).toBe('grant_type=client_credentials&scope=hooks')
    expect(headersOf(request)['authorization']).toBe(
      `Basic ${Buffer.from('my+client:s3cret%2F%2B').toString('base64')}`,
    )
    now += 3_571_000
    await send(destination)
    expect(issuer.requests).toHaveLength(2)
    expect(headersOf(sink.requests.at(-1))['authorization']).toBe('Bearer token-2')
  })

  test('the client may prove itself in the body, where its issuer asks for that', async () => {
    await using sink = await httpFarSide()
    await using issuer = await issuing()
    await sender()(target(sink.url, auth(issuer.url, 'body'), secrets))
    expect(Object.fromEntries(new URLSearchParams(issuer.requests[0]!.body.toString()))).toMatchObject({
      client_id: 'my client',
      client_secret: 's3cret/+',
    })
    expect(headersOf(issuer.requests[0])['authorization']).toBeUndefined()
  })

  test('a token that the destination refuses is not used again', async () => {
    await using sink = await httpFarSide((response) => response.writeHead(sink.requests.length === 1 ? 401 : 200).end())
    await using issuer = await issuing()
    const send = sender()
    const destination = target(sink.url, auth(issuer.url), secrets)
    expect((await send(destination)).end).toMatchObject({ status: 401 })
    expect((await send(destination)).end).toMatchObject({ status: 200 })
    expect(headersOf(sink.requests[1])['authorization']).toBe('Bearer token-2')
  })

  test.each([
    ['an error', 500, '{}', 'HTTP 500'],
    ['a redirect', 302, '', 'HTTP 302'],
    ['no JSON', 200, '<html>', 'no bearer token'],
    ['a list', 200, '[]', 'no bearer token'],
    ['null', 200, 'null', 'no bearer token'],
    ['another type', 200, '{"access_token":"a","token_type":"mac"}', 'no bearer token'],
    ['no token', 200, '{"token_type":"bearer"}', 'no bearer token'],
    [
      'a token that would end the header',
      200,
      '{"access_token":"a\\r\\nx: y","token_type":"bearer"}',
      'no bearer token',
    ],
    ['a token without end', 200, `{"token_type":"bearer","access_token":"${'a'.repeat(20_000)}"}`, 'no bearer token'],
  ])('a token endpoint that answers %s: nothing is sent, and it is asked again the next time', async (_why, status, body, detail) => {
    await using sink = await httpFarSide()
    await using issuer = await httpFarSide((response) => response.writeHead(status, { location: sink.url }).end(body))
    const send = sender()
    const destination = target(sink.url, auth(issuer.url), secrets)
    for (let n = 1; n <= 2; n++) {
      const { end } = await send(destination)
      expect(end).toMatchObject({ ok: false, outcome: 'auth_failed', detail: expect.stringContaining(detail) })
      expect(issuer.requests).toHaveLength(n)
    }
    expect(sink.requests).toHaveLength(0)
  })

  test('a token endpoint in a forbidden range is not called', async () => {
    await using sink = await httpFarSide()
    const { end } = await sender()(target(sink.url, auth('http://169.254.169.254/token'), secrets))
    expect(end).toMatchObject({ outcome: 'auth_failed', detail: 'token endpoint: address_blocked' })
  })
})

describe('TLS', () => {
  async function asking(requestCert: boolean) {
    const seen: (string | undefined)[] = []
    const server = createServer(
      { key: fixture('server-key.pem'), cert: fixture('server.pem'), requestCert, rejectUnauthorized: false },
      (request, response) => {
        seen.push((request.socket as TLSSocket).getPeerCertificate().subject?.CN?.toString())
        response.end('ok')
      },
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const close = async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
    return { url, seen, [Symbol.asyncDispose]: close }
  }

  test('is verified, unless the destination’s owner says otherwise; and that is for this destination alone', async () => {
    await using far = await asking(false)
    const send = sender()
    expect((await send(target(far.url, null))).end).toMatchObject({ ok: false, outcome: 'tls_failed' })
    expect((await send(target(far.url, null, {}, false))).end).toMatchObject({ ok: true, status: 200 })
    expect((await send(target(far.url, null))).end).toMatchObject({ ok: false, outcome: 'tls_failed' })
  })

  test('a client certificate is shown where there is one, and a destination without it does not use that socket', async () => {
    await using far = await asking(true)
    const send = sender()
    const auth: DestinationAuth = { kind: 'mtls', certificate: fixture('server.pem') }
    const secrets = { privateKey: fixture('server-key.pem') }
    expect((await send(target(far.url, auth, secrets, false))).end).toMatchObject({ status: 200 })
    expect((await send(target(far.url, null, {}, false))).end).toMatchObject({ status: 200 })
    expect(far.seen[0]).toEqual(expect.any(String))
    expect(far.seen[1]).toBeUndefined()
  })
})
