/** The routes without a framework, for the twins that are about sockets: a login is needed there, too. */
import type { RequestListener } from 'node:http'
import { ROUTES } from './routes.ts'
import { openStream } from './stream.ts'
import { answer, Call, Refused } from './twin.ts'

const MAX_BYTES = 65_536

export const plainRoutes: RequestListener = async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://twin')
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > MAX_BYTES) return void response.writeHead(413, { connection: 'close' }).end()
    chunks.push(chunk)
  }
  const call = new Call(request.method ?? '', request.rawHeaders, url.searchParams, {}, Buffer.concat(chunks))
  if (url.pathname === '/stream') return openStream(call, response)
  const route = ROUTES.find(({ methods, path }) => path === url.pathname && methods.includes(call.method))
  const { status, value, headers } = await answer(route?.handler ?? notHere, call)
  for (const [name, text] of headers) response.appendHeader(name, text)
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

function notHere(): never {
  throw new Refused(404, 'not here')
}
