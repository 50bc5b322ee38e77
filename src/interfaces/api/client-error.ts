/**
 * What is answered when there is no request to answer: bytes that are no HTTP, headers beyond the limit, or a
 * request that never ends. A problem document where one can still be written, and then the connection is closed.
 */
import type { Server, ServerResponse } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { problemOf } from '../../base/lib/problem.ts'
import { PosternError } from '../../base/model/errors.ts'
import { newId, publicId } from '../../base/model/ids.ts'
import type { Logger } from '../../observability/log.ts'

/** @param unanswered Of all connections: looked through only when one of them fails, which costs every request nothing. */
export function answerClientErrors(server: Server, unanswered: readonly ServerResponse[], log: Logger): void {
  server.on('clientError', (error: Error & { code?: string }, socket: Duplex) => {
    const under = unanswered.filter((response) => response.req.socket === socket)
    // Behind an answer that has begun, or among several, ours would be taken for the wrong request's.
    const free = under.length === 0 || (under.length === 1 && under[0]?.headersSent === false)
    if (!free || !socket.writable || error.code === 'ECONNRESET' || error.code === 'EPIPE') {
      socket.destroy()
      return
    }
    const correlationId = publicId('correlation', newId())
    const [refusal, status] = refusalOf(error.code)
    log.debug({ correlationId, status, code: error.code }, 'unreadable request')
    const problem = problemOf(refusal, correlationId, status)
    const headers = {
      ...problem.headers,
      'content-length': String(Buffer.byteLength(problem.body)),
      connection: 'close',
    }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.end(
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('')}\r\n${problem.body}`,
      () => socket.destroy(),
    )
  })
}

/** RFC 6585 section 5 for 431. */
function refusalOf(code: string | undefined): readonly [PosternError, number | undefined] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return [new PosternError('VALIDATION_ERROR', 'The headers are larger than allowed.'), 431]
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [new PosternError('REQUEST_TIMEOUT', 'The request did not arrive in time.'), undefined]
    default:
      return [new PosternError('VALIDATION_ERROR', 'The request is not valid HTTP.'), undefined]
  }
}
