/**
 * The one reader of webhook bodies: bounded per request and over all requests, chunked or not.
 */
import type { IncomingMessage } from 'node:http'
import { PosternError } from '../../base/model/errors.ts'

/** Bytes of bodies held at one time, over all requests; released when the request is answered. */
export interface ByteBudget {
  /** False when the bytes do not fit; nothing is taken then. */
  take(bytes: number): boolean
  give(bytes: number): void
}

export function createByteBudget(limitBytes: number): ByteBudget {
  let held = 0
  return {
    take(bytes) {
      if (held + bytes > limitBytes) return false
      held += bytes
      return true
    },
    give(bytes) {
      held -= bytes
    },
  }
}

/**
 * Refuses what the headers already rule out, before a byte of the body is read.
 *
 * @throws PosternError `PAYLOAD_TOO_LARGE`, `UNSUPPORTED_MEDIA_TYPE`
 */
export function checkBodyHeaders(request: IncomingMessage, maxBytes: number): void {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
    throw new PosternError(
      'UNSUPPORTED_MEDIA_TYPE',
      'Content-Encoding is not supported; send the body as it was signed.',
    )
  }
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
}

/** The bytes of a body, and what was taken from the budget for them. */
export interface ReadBody {
  readonly bytes: Buffer
  readonly held: number
}

/**
 * Reads the whole body, counting as it goes: a chunked body is refused at the first byte over the limit.
 * On any failure what was taken from the budget has been given back.
 *
 * @throws PosternError `PAYLOAD_TOO_LARGE`, `DEPENDENCY_UNAVAILABLE` (budget), `REQUEST_TIMEOUT` (the sender went away)
 */
export function readBody(request: IncomingMessage, maxBytes: number, budget: ByteBudget): Promise<ReadBody> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let held = 0
    let complete = false

    function fail(outcome: PosternError): void {
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
      budget.give(held)
      chunks.length = 0
      reject(outcome)
    }

    function onData(chunk: Buffer): void {
      if (held + chunk.length > maxBytes) return fail(tooLarge(maxBytes))
      if (!budget.take(chunk.length)) return fail(busy())
      held += chunk.length
      chunks.push(chunk)
    }
    // The listeners stay: taking four off a request that is over costs as much as reading a small body.
    function onEnd(): void {
      complete = true
      resolve({ bytes: chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, held), held })
    }
    function onClose(): void {
      if (!complete) fail(new PosternError('REQUEST_TIMEOUT', 'The body did not arrive completely.'))
    }

    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  })
}

function tooLarge(maxBytes: number): PosternError {
  return new PosternError('PAYLOAD_TOO_LARGE', `The body is larger than ${maxBytes} bytes.`)
}

function busy(): PosternError {
  return new PosternError('DEPENDENCY_UNAVAILABLE', 'Too many bodies are being received at this moment.', {
    retryAfterSeconds: 1,
  })
}
