/**
 * The examples of docs/verify.md, started as they are printed there: real frameworks, real sockets, requests as the provider
 * signs them, and everything that must not get through.
 */
import { once } from 'node:events'
import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { orders } from '../../examples/verify/orders.ts'
import { findProvider } from '../../src/providers/registry.ts'
import { sampleEvent } from '../../src/providers/sample.ts'
import { signAs } from '../../src/providers/sign.ts'
import type { SignedRequest } from '../../src/providers/sign-request.ts'

interface Example {
  readonly name: string
  readonly provider: string
  readonly variable: string
  readonly path: string
  /** Where the provider was told to send, if it signs that. */
  readonly publicUrl?: string
  readonly start: () => Promise<Server>
}

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

const EXAMPLES: readonly Example[] = [
  {
    name: 'http',
    provider: 'github',
    variable: 'GITHUB_WEBHOOK_SECRET',
    path: '/webhooks/github',
    start: async () => (await import('../../examples/verify/http.ts')).server,
  },
  {
    name: 'express',
    provider: 'stripe',
    variable: 'STRIPE_WEBHOOK_SECRET',
    path: '/webhooks/stripe',
    start: async () => (await import('../../examples/verify/express.ts')).server,
  },
  {
    name: 'express, in front of a handler',
    provider: 'paddle',
    variable: 'PADDLE_WEBHOOK_SECRET',
    path: '/webhooks/paddle',
    start: async () => (await import('../../examples/verify/express-guard.ts')).server,
  },
  {
    name: 'fastify',
    provider: 'shopify',
    variable: 'SHOPIFY_CLIENT_SECRET',
    path: '/webhooks/shopify',
    start: async () => (await import('../../examples/verify/fastify.ts')).server,
  },
  {
    name: 'koa',
    provider: 'slack',
    variable: 'SLACK_SIGNING_SECRET',
    path: '/webhooks/slack',
    start: async () => (await import('../../examples/verify/koa.ts')).server,
  },
  {
    name: 'hono',
    provider: 'standard-webhooks',
    variable: 'WEBHOOK_SECRET',
    path: '/webhooks/standard',
    start: async () => (await import('../../examples/verify/hono.ts')).server as Server,
  },
  {
    name: 'nestjs',
    provider: 'square',
    variable: 'SQUARE_SIGNATURE_KEY',
    path: '/webhooks/square',
    publicUrl: 'https://shop.example.com/webhooks/square',
    start: async () => (await import('../../examples/verify/nestjs.ts')).server,
  },
  {
    // Next.js itself is not installed for the tests: its route handlers are functions of a Request, and are called as it does.
    name: 'next, app router',
    provider: 'clerk',
    variable: 'CLERK_WEBHOOK_SECRET',
    path: '/webhooks/clerk',
    start: async () => serveRoute((await import('../../examples/verify/next/app/webhooks/clerk/route.ts')).POST),
  },
  {
    name: 'next, pages router',
    provider: 'meta',
    variable: 'META_APP_SECRET',
    path: '/api/webhooks/meta',
    start: async () => {
      const page = await import('../../examples/verify/next/pages/api/webhooks/meta.ts')
      expect(page.config).toEqual({ api: { bodyParser: false } })
      return createServer((request, response) => void page.default(request, response)).listen(0)
    },
  },
]

/** A server that gives a route handler what Next.js gives it: a streaming Request. */
function serveRoute(handler: (request: Request) => Promise<Response>): Server {
  return createServer(async (request, response) => {
    const answer = await handler(
      new Request(`http://localhost${request.url}`, {
        method: request.method ?? 'POST',
        headers: new Headers(request.headers as Record<string, string>),
        ...(request.method === 'GET' ? {} : { body: ReadableStream.from(request), duplex: 'half' }),
      } as RequestInit),
    )
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()))
  }).listen(0)
}

vi.stubEnv('PORT', '0')
vi.stubEnv('META_VERIFY_TOKEN', 'token-of-our-choice')
for (const { variable } of EXAMPLES) vi.stubEnv(variable, SECRET)
afterEach(() => void vi.restoreAllMocks())

let unique = 0

describe.each(EXAMPLES)('$name ($provider)', ({ provider, path, publicUrl, start }) => {
  const definition = findProvider(provider)!
  let server: Server
  beforeAll(async () => {
    server = await start()
    if (!server.listening) await once(server, 'listening')
  })
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  function signed(change: (body: string) => string = (body) => body, key = SECRET): SignedRequest {
    const now = Date.now()
    unique++
    const sample = sampleEvent(definition, { id: `example${unique}`, now })
    // Of two honest events at least one signed byte differs.
    const body = change(sample.body.toString().replace(/\}$/, `,"unique":${unique}}`))
    return signAs(definition, {
      ...sample,
      body: Buffer.from(body),
      key,
      now,
      url: publicUrl ?? `http://localhost${path}`,
    })
  }
  const send = (request: Partial<SignedRequest> & Pick<SignedRequest, 'headers' | 'body'>, chunked = false) =>
    exchange(server, { method: 'POST', ...request, path, chunked })
  const watch = () => vi.spyOn(orders, 'apply').mockResolvedValue()

  test('a signed webhook reaches the handler with what it says', async () => {
    const handled = watch()
    const request = signed()
    expect((await send(request)).status).toBe(definition.answers?.accepted?.status ?? 200)
    expect(handled).toHaveBeenCalledTimes(1)
    const [hook] = handled.mock.calls[0]!
    expect(hook).toMatchObject({ kind: 'event', duplicate: false, keyId: 'key-1', event: { provider } })
    expect(hook.body.equals(request.body)).toBe(true)
    expect(hook.payload).toMatchObject({ unique: expect.any(Number) })
  })

  test('a copy is answered like the first and does not reach the handler', async () => {
    const handled = watch()
    const request = signed()
    const first = await send(request)
    const copies = await Promise.all(Array.from({ length: 5 }, () => send(request)))
    for (const copy of copies) expect(copy).toEqual(first)
    expect(handled).toHaveBeenCalledTimes(1)
  })

  test('twenty simultaneous copies reach the handler once, and none is told "done" before it is', async () => {
    const handled = watch()
    let finish = () => {}
    handled.mockImplementation(() => new Promise<void>((resolve) => (finish = resolve)))
    const request = signed()
    const first = send(request)
    await vi.waitFor(() => expect(handled).toHaveBeenCalledTimes(1))
    const copies = await Promise.all(Array.from({ length: 20 }, () => send(request)))
    expect(new Set(copies.map(({ status }) => status))).toEqual(new Set([503]))
    finish()
    expect((await first).status).toBeLessThan(300)
    expect((await send(request)).status).toBeLessThan(300)
    expect(handled).toHaveBeenCalledTimes(1)
  })

  test('when the handler fails the answer is 500 and the retry gets through', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const handled = watch().mockRejectedValueOnce(new Error('the database is away'))
    const request = signed()
    const failed = await send(request)
    expect(failed.status).toBe(500)
    expect(failed.body).not.toContain('database')
    expect((await send(request)).status).toBeLessThan(300)
    expect(handled).toHaveBeenCalledTimes(2)
  })

  test('what is not genuine is refused with one answer', async () => {
    const handled = watch()
    const request = signed()
    const tampered = Buffer.from(request.body.toString().replace('"unique"', '"uniqua"'))
    const other = signed(undefined, 'whsec_c29tZWJvZHkgZWxzZXMgc2VjcmV0ISE=')
    const unsigned = request.headers.filter(([name]) => !/signature|hmac/i.test(name))
    const answers = [
      await send({ ...request, body: tampered }),
      await send(other),
      await send({ ...request, headers: unsigned }),
      await send({ ...request, body: Buffer.alloc(0) }),
      await send({ ...request, body: Buffer.concat([request.body, Buffer.from('\n')]) }),
    ]
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(answers[0]!.status).toBe(401)
    expect(answers[0]!.body).not.toMatch(/signature|mismatch|missing/)
    expect(handled).not.toHaveBeenCalled()
  })

  test('a genuine body that is no JSON is refused and does not reach the handler', async () => {
    const handled = watch()
    const { status } = await send(signed(() => '{"id":'))
    // Nest parses before its guards run, and refuses by itself.
    expect([400, 401]).toContain(status)
    expect(handled).not.toHaveBeenCalled()
  })

  test.each([false, true])('a body over the limit is 413 (chunked: %s)', async (chunked) => {
    const handled = watch()
    const request = signed((body) => body.replace(/\}$/, `,"pad":"${'x'.repeat(1024 * 1024)}"}`))
    expect((await send(request, chunked)).status).toBe(413)
    expect(handled).not.toHaveBeenCalled()
  })

  test('a chunked body of ordinary size is taken', async () => {
    const handled = watch()
    expect((await send(signed(), true)).status).toBeLessThan(300)
    expect(handled).toHaveBeenCalledTimes(1)
  })

  test('a compressed body is refused: other bytes were signed than would be read', async () => {
    const handled = watch()
    const request = signed()
    const { status } = await send({ ...request, headers: [...request.headers, ['Content-Encoding', 'gzip']] })
    expect([400, 415]).toContain(status)
    expect(handled).not.toHaveBeenCalled()
  })

  test('another method is refused', async () => {
    const handled = watch()
    const { headers } = signed()
    const { status } = await send({ method: 'PUT', headers, body: Buffer.from('{}') })
    expect([404, 405]).toContain(status)
    expect(handled).not.toHaveBeenCalled()
  })

  if (provider === 'slack')
    test('the signed challenge is echoed', async () => {
      const handled = watch()
      const answer = await send(signed(() => '{"type":"url_verification","challenge":"3eZbrw1aBm2rZgRNFdxV"}'))
      expect(answer).toMatchObject({ status: 200, body: '3eZbrw1aBm2rZgRNFdxV' })
      expect(handled).not.toHaveBeenCalled()
    })

  if (provider === 'meta')
    test('the greeting is answered for who knows the verify token', async () => {
      const query = (token: string) => `?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${token}`
      const get = (token: string) =>
        exchange(server, {
          method: 'GET',
          path: path + query(token),
          headers: [],
          body: Buffer.alloc(0),
          chunked: false,
        })
      expect(await get('token-of-our-choice')).toMatchObject({ status: 200, body: '1158201444' })
      expect((await get('guessed')).status).toBe(403)
    })
})

interface Outgoing {
  readonly method: string
  readonly path: string
  readonly headers: SignedRequest['headers']
  readonly body: Buffer
  readonly chunked: boolean
}

function exchange(server: Server, { method, path, headers, body, chunked }: Outgoing) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const { port } = server.address() as AddressInfo
    const framing = chunked ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', String(body.length)]
    const flat = [...headers.flat(), ...(method === 'GET' ? [] : framing), 'Host', 'localhost']
    const request = httpRequest({ port, method, path, agent: false, headers: flat }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }))
      response.on('error', reject)
    })
    // The far side may hang up on a body that it does not want; what counts is its answer.
    request.on('error', (error) => setTimeout(reject, 500, error))
    if (chunked) {
      for (let at = 0; at < body.length; at += 50_000) request.write(body.subarray(at, at + 50_000))
      request.end()
    } else request.end(body)
  })
}
