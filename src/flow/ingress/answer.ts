/**
 * What the provider is told. Fixed shapes: a provider's retry logic depends on them.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { problemOf } from '../../base/lib/problem.ts'
import { publicId, type Uuid } from '../../base/model/ids.ts'
import type { Answer } from '../../providers/definition.ts'

/** After an answer to a body that was not read, this much more is read and thrown away, so that the answer arrives. */
const LINGER_BYTES = 256 * 1024
const LINGER_MS = 1000

export interface Accepted {
  readonly eventId: Uuid
  readonly status: 'accepted' | 'parked' | 'duplicate'
  readonly correlationId: Uuid
}

export function answerAccepted(response: ServerResponse, accepted: Accepted, override: Answer | undefined): void {
  if (override !== undefined) return answerAsProvider(response, override)
  const { status } = accepted
  const duplicate = status === 'duplicate'
  const eventId = publicId('event', accepted.eventId)
  const correlationId = publicId('correlation', accepted.correlationId)
  // Nothing in it needs escaping: ids are hex digits.
  const body = `{"eventId":"${eventId}","status":"${status}","duplicate":${duplicate},"correlationId":"${correlationId}"}`
  write(response, duplicate ? 200 : 202, 'application/json', body)
}

export function answerAsProvider(response: ServerResponse, answer: Answer): void {
  write(response, answer.status, answer.contentType ?? 'text/plain; charset=utf-8', answer.body ?? '')
}

export function answerHeaders(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}

/** @param extra Such as `Allow` or the RateLimit headers. */
export function answerProblem(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  correlationId: Uuid,
  extra: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return
  const problem = problemOf(error, publicId('correlation', correlationId))
  const unread = !request.complete
  const close: Record<string, string> = unread ? { connection: 'close' } : {}
  answerHeaders(response, problem.status, { ...problem.headers, ...extra, ...close }, problem.body)
  if (unread) linger(request, response)
}

function write(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, ['content-type', type, 'content-length', String(Buffer.byteLength(body))]).end(body)
}

/**
 * Closing a socket with unread bytes makes the kernel send a reset that can overtake the answer. So a little more
 * is read and dropped; then the connection ends, whatever the sender does.
 */
function linger(request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0
  const end = () => {
    clearTimeout(timer)
    request.socket.destroy()
  }
  const timer = setTimeout(end, LINGER_MS)
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > LINGER_BYTES) end()
  })
  request.on('end', () => clearTimeout(timer))
  request.on('error', end)
  response.on('close', () => clearTimeout(timer))
  request.resume()
}
