/**
 * Webhooks on Node's own server, without a framework.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { nodeBody, writeAnswer } from './node.ts'
import { type ReceiveOptions, receive, type WebhookHandler } from './receive.ts'
import type { WebhookVerifier } from './verifier.ts'

const ADVICE = 'Call the listener before anything reads the request.'

/** A listener for `createServer`, or for the branch of your own routing that belongs to the webhook. Never rejects. */
export function webhook(
  verifier: WebhookVerifier,
  handler: WebhookHandler<IncomingMessage>,
  options: ReceiveOptions = {},
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const body = await nodeBody(request, {}, { maxBodyBytes: options.maxBodyBytes, advice: ADVICE })
    const { method = '', url = '', rawHeaders: headers } = request
    const answer = await receive(verifier, { method, url, headers, body }, { handler, context: request, options })
    writeAnswer(request, response, answer)
  }
}
