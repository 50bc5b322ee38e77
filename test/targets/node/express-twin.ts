/** The twin in Express; with the socket on the same port. */
import type { RequestListener } from 'node:http'
import express, { type NextFunction, type Request, type Response } from 'express'
import { channelsOn } from './channel.ts'
import { listen, serverFor } from './listen.ts'
import { ROUTES } from './routes.ts'
import { openStream } from './stream.ts'
import { answer, Call, fault, type Handler, MAX_BODY_BYTES, Refused } from './twin.ts'

const app = express()
app.disable('x-powered-by')
app.use(express.raw({ type: () => true, limit: fault('no-limit') ? '1gb' : MAX_BODY_BYTES, inflate: false }))

function callOf(request: Request): Call {
  const body: unknown = request.body
  return new Call(
    request.method,
    request.rawHeaders,
    new URL(request.url, 'http://twin').searchParams,
    request.params as Record<string, string>,
    Buffer.isBuffer(body) ? body : Buffer.alloc(0),
    request.url,
  )
}

async function respond(handler: Handler, request: Request, response: Response): Promise<void> {
  const { status, value, headers } = await answer(handler, callOf(request))
  for (const [name, text] of headers) response.append(name, text)
  response.status(status).json(value)
}

for (const { methods, path, handler } of ROUTES) {
  app.all(path, async (request, response, next) => {
    if (methods.includes(request.method)) return respond(handler, request, response)
    next()
  })
}
app.get('/stream', (request, response) => openStream(callOf(request), response))
app.use((request: Request, response: Response) => respond(() => refuse(404, 'not here'), request, response))
// Express's own error page would show the trace.
app.use((error: { status?: number }, request: Request, response: Response, _next: NextFunction) =>
  respond(() => refuse(error.status ?? 500, 'refused'), request, response),
)

function refuse(status: number, reason: string): never {
  throw new Refused(status, reason)
}

const server = serverFor(withoutLimitForChunks(app))
channelsOn(server, '/ws')
listen(server)

/** The fault of those who look at Content-Length alone: a chunked body is read here, by nobody's limit. */
function withoutLimitForChunks(inner: RequestListener): RequestListener {
  if (!fault('chunked-no-limit')) return inner
  return async (request, response) => {
    if (request.headers['content-length'] === undefined && request.method === 'POST') {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      Object.assign(request, { body: Buffer.concat(chunks), _body: true })
    }
    inner(request, response)
  }
}
