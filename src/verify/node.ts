/**
 * Raw bodies and answers over Node's own request and response, which Express, Koa, NestJS and Next.js's pages hand on.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type Body,
  type BodyProblem,
  DEFAULT_MAX_BODY_BYTES,
  type HttpAnswer,
  RawBodyError,
  type ReceiveOptions,
  settle,
} from './receive.ts'
import type { SettlableWebhook } from './verification.ts'

/** What parsers leave behind: `body` a Buffer (`express.raw`), `rawBody` one (NestJS, cloud functions). */
export interface ParsedRequest {
  readonly body?: unknown
  readonly rawBody?: unknown
}

export interface NodeRequest extends IncomingMessage, ParsedRequest {}

interface BodyOptions {
  readonly maxBodyBytes: number | undefined
  /** What to change in the app when a parser was there first. */
  readonly advice: string
}

/** @param parsed Where a parser would have left the bytes: the request itself, or the one that a framework wraps around it. */
export async function nodeBody(
  request: IncomingMessage,
  parsed: ParsedRequest,
  { maxBodyBytes, advice }: BodyOptions,
): Promise<Body> {
  const maxBytes = maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES
  // A parser that inflates (express.raw does) would hand over other bytes than were signed.
  const encoding = request.headers['content-encoding']?.trim().toLowerCase()
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') return 'encoded'
  for (const read of [parsed.rawBody, parsed.body]) {
    if (Buffer.isBuffer(read)) return read.length > maxBytes ? 'too_large' : read
  }
  if (request.readableDidRead || request.readableEnded) return new RawBodyError(advice)
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return 'too_large'
  return readStream(request, maxBytes)
}

function readStream(request: IncomingMessage, maxBytes: number): Promise<Buffer | BodyProblem> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let held = 0
    function finish(outcome: Buffer | BodyProblem): void {
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
      // Without a reader the stream would stop with the rest of the body in it.
      if (outcome === 'too_large') request.pause()
      resolve(outcome)
    }
    function onData(chunk: Buffer): void {
      held += chunk.length
      if (held > maxBytes) return finish('too_large')
      chunks.push(chunk)
    }
    const onEnd = () => finish(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, held))
    const onClose = () => finish('incomplete')
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  })
}

export function writeAnswer(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
  if (response.headersSent || response.destroyed) return
  const unread = !request.complete
  const close: Record<string, string> = unread ? { connection: 'close' } : {}
  const length = answer.status === 204 ? {} : { 'content-length': Buffer.byteLength(answer.body) }
  response.writeHead(answer.status, { ...answer.headers, ...close, ...length }).end(answer.body)
  if (unread) linger(request, response)
}

/** Handled when an answer below 400 has been sent; failed when it was another, or when the connection ended before. */
export function settleWithAnswer(webhook: SettlableWebhook, response: ServerResponse, options: ReceiveOptions): void {
  let settled = false
  const finish = (done: boolean) => {
    if (settled) return
    settled = true
    void settle(webhook, done, options)
  }
  response.once('finish', () => finish(response.statusCode < 400))
  response.once('close', () => finish(false))
}

/** After an answer to a body that was not read, this much more is read and thrown away, so that the answer arrives. */
const LINGER_BYTES = 256 * 1024
const LINGER_MS = 1000

/** Closing a socket with unread bytes makes the kernel send a reset that can overtake the answer. */
function linger(request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0
  const end = () => {
    clearTimeout(timer)
    request.socket.destroy()
  }
  const timer = setTimeout(end, LINGER_MS)
  timer.unref()
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > LINGER_BYTES) end()
  })
  request.on('end', () => clearTimeout(timer))
  request.on('error', end)
  response.on('close', () => clearTimeout(timer))
  request.resume()
}
