/** The twin in Fastify; with the socket on the same port. */
import Fastify, { type FastifyReply, type FastifyRequest, type HTTPMethods } from 'fastify'
import { channelsOn } from './channel.ts'
import { listen, SERVER_TIMES } from './listen.ts'
import { ROUTES } from './routes.ts'
import { openStream } from './stream.ts'
import { answer, Call, fault, type Handler, MAX_BODY_BYTES, Refused } from './twin.ts'

const HUGE_BYTES = 1024 * 1024 * 1024
const app = Fastify({
  bodyLimit: fault('no-limit') ? HUGE_BYTES : MAX_BODY_BYTES,
  requestTimeout: SERVER_TIMES.requestTimeout,
  http: SERVER_TIMES,
})
app.removeAllContentTypeParsers()
if (fault('chunked-no-limit')) {
  app.addContentTypeParser('*', (request, payload, done) => {
    const chunks: Buffer[] = []
    if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES)
      return done(Object.assign(new Error('too large'), { statusCode: 413 }))
    payload.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => done(null, Buffer.concat(chunks)))
  })
} else {
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
}

function callOf(request: FastifyRequest): Call {
  return new Call(
    request.method,
    request.raw.rawHeaders,
    new URL(request.url, 'http://twin').searchParams,
    request.params as Record<string, string>,
    Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    request.url,
  )
}

async function respond(handler: Handler, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { status, value, headers } = await answer(handler, callOf(request))
  for (const [name, text] of headers) reply.header(name, text)
  return reply.code(status).send(value)
}

if (fault('rest-methods')) app.addHttpMethod('TRACE')
// Fastify reads no body of a GET unless it is told to.
if (fault('any-method')) app.addHttpMethod('GET', { hasBody: true })
for (const { methods, path, handler } of ROUTES) {
  app.route({
    method: methods as HTTPMethods[],
    url: path,
    exposeHeadRoute: false,
    handler: (request, reply) => respond(handler, request, reply),
  })
}
app.get('/stream', (request, reply) => {
  reply.hijack()
  return openStream(callOf(request), reply.raw)
})
app.setNotFoundHandler((request, reply) => respond(() => refuse(404, 'not here'), request, reply))
app.setErrorHandler((error: { statusCode?: number }, request, reply) =>
  respond(() => refuse(error.statusCode ?? 500, 'refused'), request, reply),
)

function refuse(status: number, reason: string): never {
  throw new Refused(status, reason)
}

await app.ready()
channelsOn(app.server, '/ws')
listen(app.server)
