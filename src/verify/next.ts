/**
 * Webhooks in Next.js: `webhook` for route handlers of the app router, `webhookApi` for API routes of the pages router.
 * Both need the Node.js runtime.
 */
import type { ServerResponse } from 'node:http'
import { type NodeRequest, nodeBody, writeAnswer } from './node.ts'
import { type ReceiveOptions, receive, type WebhookHandler } from './receive.ts'
import type { WebhookVerifier } from './verifier.ts'
import { webAnswer, webBody } from './web.ts'

const APP_ADVICE = 'Nothing before the webhook’s handler may call `request.json()`, `text()` or the like.'
const PAGES_ADVICE = 'Export `config = { api: { bodyParser: false } }` from this API route.'

/** `export const POST = webhook(verifier, handler)`; export it as `GET` too where the provider greets with GET. */
export function webhook(
  verifier: WebhookVerifier,
  handler: WebhookHandler<Request>,
  options: ReceiveOptions = {},
): (request: Request) => Promise<Response> {
  return async (request) => {
    const body = await webBody(request, options.maxBodyBytes, APP_ADVICE)
    const { method, url, headers } = request
    return webAnswer(await receive(verifier, { method, url, headers, body }, { handler, context: request, options }))
  }
}

/** `export default webhookApi(verifier, handler)`, with `export const config = { api: { bodyParser: false } }` beside it. */
export function webhookApi<Request extends NodeRequest = NodeRequest>(
  verifier: WebhookVerifier,
  handler: WebhookHandler<Request>,
  options: ReceiveOptions = {},
): (request: Request, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const body = await nodeBody(request, request, { maxBodyBytes: options.maxBodyBytes, advice: PAGES_ADVICE })
    const { method = '', url = '', rawHeaders: headers } = request
    const answer = await receive(verifier, { method, url, headers, body }, { handler, context: request, options })
    writeAnswer(request, response, answer)
  }
}
