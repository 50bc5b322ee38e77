/**
 * Webhooks in Koa. Reads the raw body itself; when a body parser was there first, the answer is 500 and says what to change.
 */
import type { IncomingMessage } from 'node:http'
import { nodeBody } from './node.ts'
import { type ReceiveOptions, receive, type WebhookHandler } from './receive.ts'
import type { WebhookVerifier } from './verifier.ts'

/** What is used of Koa's context. */
export interface KoaContext {
  readonly req: IncomingMessage
  /** Where a parser may have left a Buffer. */
  readonly request: object
  readonly originalUrl: string
  status: number
  body: unknown
  set(headers: { [name: string]: string }): void
}

const ADVICE = 'Use the webhook’s middleware before the body parser.'

/** Middleware for the route of the webhook; it calls nothing after it. */
export function webhook<Context extends KoaContext = KoaContext>(
  verifier: WebhookVerifier,
  handler: WebhookHandler<Context>,
  options: ReceiveOptions = {},
): (context: Context) => Promise<void> {
  return async (context) => {
    const { req: request, originalUrl: url } = context
    const body = await nodeBody(request, context.request, { maxBodyBytes: options.maxBodyBytes, advice: ADVICE })
    const { method = '', rawHeaders: headers } = request
    const answer = await receive(verifier, { method, url, headers, body }, { handler, context, options })
    context.status = answer.status
    // An empty text keeps Koa from writing the status as the body.
    context.body = answer.status === 204 ? null : answer.body
    context.set({ ...answer.headers })
    // What is left of a body that was not read must not be taken for the next request.
    if (!request.complete) {
      context.set({ connection: 'close' })
      request.resume()
    }
  }
}
