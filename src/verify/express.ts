/**
 * Webhooks in Express (4 and 5). Reads the raw body itself, or takes the Buffer of `express.raw()`; when `express.json()` was
 * there first, the answer is 500 and says what to change.
 */
import type { ServerResponse } from 'node:http'
import { type NodeRequest, nodeBody, settleWithAnswer, writeAnswer } from './node.ts'
import { type Arrival, admit, type ReceiveOptions, receive, type WebhookHandler } from './receive.ts'
import type { Webhook } from './verification.ts'
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
    const arrival = await arrivalOf(request, options)
    writeAnswer(request, response, await receive(verifier, arrival, { handler, context: request, options }))
  }
}

/** By the request, for `webhookOf`. */
const webhooks = new WeakMap<object, Webhook>()

/**
 * For a handler that is already there: `app.post('/webhooks/stripe', verified(verifier), handler)`. The handler runs for new and
 * genuine events only and finds in `request.body` what the provider sent, parsed, and with `webhookOf(request)` the event.
 *
 * The event counts as handled when the handler's answer has been sent with a status below 400, and as failed otherwise.
 */
export function verified<Request extends ExpressRequest = ExpressRequest>(
  verifier: WebhookVerifier,
  options: ReceiveOptions = {},
): (request: Request, response: ServerResponse, next: () => void) => Promise<void> {
  return async (request, response, next) => {
    const admitted = await admit(verifier, await arrivalOf(request, options), options)
    if (!('webhook' in admitted)) return writeAnswer(request, response, admitted)
    const { confirm: _, release: __, ...seen } = admitted.webhook
    webhooks.set(request, seen)
    // A parser behind this one must not wait for a body that has been read.
    Object.assign(request, { body: seen.payload, _body: true })
    settleWithAnswer(admitted.webhook, response, options)
    next()
  }
}

/** @throws Error where no `verified` stands in front: a bug of the app. */
export function webhookOf(request: object): Webhook {
  const webhook = webhooks.get(request)
  if (webhook === undefined)
    throw new Error('there is no verified webhook on this request: put verified(verifier) in front of its handler')
  return webhook
}

async function arrivalOf(request: ExpressRequest, { maxBodyBytes }: ReceiveOptions): Promise<Arrival> {
  const body = await nodeBody(request, request, { maxBodyBytes, advice: ADVICE })
  const { method = '', originalUrl, url = '', rawHeaders: headers } = request
  return { method, url: originalUrl ?? url, headers, body }
}
