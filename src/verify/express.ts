/**
 * Webhooks in Express (4 and 5). Reads the raw body itself, or takes the Buffer of `express.raw()`; when `express.json()` was
 * there first, the answer is 500 and says what to change.
 */
import type { ServerResponse } from 'node:http'
import { type NodeRequest, nodeBody, writeAnswer } from './node.ts'
import { type ReceiveOptions, receive, type WebhookHandler } from './receive.ts'
import type { WebhookVerifier } from './verifier.ts'

/** What is used of Express's request. */
export interface ExpressRequest extends NodeRequest {
  readonly originalUrl?: string
}

const ADVICE =
  'Register the webhook’s route before `express.json()`, or put `express.raw({ type: () => true })` in front of it.'

/** `app.all('/webhooks/stripe', webhook(verifier, handler))`: some providers greet with GET, others are refused by method. */
export function webhook<Request extends ExpressRequest = ExpressRequest>(
  verifier: WebhookVerifier,
  handler: WebhookHandler<Request>,
  options: ReceiveOptions = {},
): (request: Request, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const body = await nodeBody(request, request, { maxBodyBytes: options.maxBodyBytes, advice: ADVICE })
    const { method = '', originalUrl, url = '', rawHeaders: headers } = request
    const arrival = { method, url: originalUrl ?? url, headers, body }
    writeAnswer(request, response, await receive(verifier, arrival, { handler, context: request, options }))
  }
}
