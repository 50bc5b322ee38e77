/**
 * Webhooks in Fastify, as a plugin: inside it every body is a Buffer, outside nothing changes.
 */
import type { IncomingMessage } from 'node:http'
import { type Body, DEFAULT_MAX_BODY_BYTES, type ReceiveOptions, receive, type WebhookHandler } from './receive.ts'
import type { WebhookVerifier } from './verifier.ts'

/** What is used of Fastify's request. */
export interface FastifyRequestLike {
  readonly raw: IncomingMessage
  readonly body: unknown
}

/** What is used of Fastify's reply. */
export interface FastifyReplyLike {
  code(status: number): FastifyReplyLike
  headers(headers: Record<string, string>): FastifyReplyLike
  send(body?: string): FastifyReplyLike
}

/** What is used of a Fastify instance. */
export interface FastifyLike {
  removeAllContentTypeParsers(): unknown
  addContentTypeParser(
    type: string,
    options: { parseAs: 'buffer'; bodyLimit: number },
    parser: (request: never, body: Buffer, done: (error: Error | null, body?: unknown) => void) => void,
  ): unknown
  // biome-ignore lint/suspicious/noExplicitAny: Fastify's own type depends on eight parameters
  route(options: any): unknown
}

export interface FastifyWebhookOptions extends ReceiveOptions {
  /** The path of the route, below the prefix of the plugin. */
  readonly url: string
}

/** `app.register(webhook(verifier, handler, { url: '/webhooks/stripe' }))` */
export function webhook<Request extends FastifyRequestLike = FastifyRequestLike>(
  verifier: WebhookVerifier,
  handler: WebhookHandler<Request>,
  options: FastifyWebhookOptions,
): (app: FastifyLike) => Promise<void> {
  const bodyLimit = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES
  return async (app) => {
    app.removeAllContentTypeParsers()
    // The content type decides nothing here: the signature is over bytes.
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body))
    app.route({
      method: [...verifier.methods],
      url: options.url,
      bodyLimit,
      exposeHeadRoute: false,
      handler: async (request: Request, reply: FastifyReplyLike) => {
        const { method = '', url = '', rawHeaders: headers } = request.raw
        const arrival = { method, url, headers, body: bodyOf(request) }
        const answer = await receive(verifier, arrival, { handler, context: request, options })
        // Fastify takes an empty text for one with a content type of its own.
        reply.code(answer.status).headers({ ...answer.headers })
        return answer.body === '' ? reply.send() : reply.send(answer.body)
      },
    })
  }
}

function bodyOf({ raw, body }: FastifyRequestLike): Body {
  const encoding = raw.headers['content-encoding']?.trim().toLowerCase() ?? ''
  if (encoding !== '' && encoding !== 'identity') return 'encoded'
  // Without a body nothing is parsed.
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}
