/**
 * Webhooks in NestJS, as a guard on the route: the controller's method runs for new and genuine events only, and finds the
 * webhook with `webhookOf(request)`. Needs `NestFactory.create(AppModule, { rawBody: true })`.
 *
 * The event counts as handled when the method's answer has been sent with a status below 400, and as failed otherwise.
 */
import type { ServerResponse } from 'node:http'
import { type NodeRequest, nodeBody, settleWithAnswer, writeAnswer } from './node.ts'
import { admit, type ReceiveOptions } from './receive.ts'
import type { Webhook } from './verification.ts'
import type { WebhookVerifier } from './verifier.ts'

/** What is used of Nest's `ExecutionContext`. */
export interface NestContext {
  switchToHttp(): {
    getRequest<Request = unknown>(): Request
    getResponse<Response = unknown>(): Response
  }
}

const ADVICE = 'Create the app with `{ rawBody: true }`, or with `{ bodyParser: false }`.'

/** By the request as Node knows it: Express and Fastify wrap it differently. */
const webhooks = new WeakMap<object, Webhook>()

/** `@UseGuards(webhookGuard(verifier))` */
export function webhookGuard(
  verifier: WebhookVerifier,
  options: ReceiveOptions = {},
): { canActivate(context: NestContext): Promise<boolean> } {
  return {
    async canActivate(context) {
      const http = context.switchToHttp()
      const request = http.getRequest<PlatformRequest>()
      const raw = request.raw ?? request
      const response = nodeResponse(http.getResponse<PlatformResponse>())
      const body = await nodeBody(raw, request, { maxBodyBytes: options.maxBodyBytes, advice: ADVICE })
      const { method = '', rawHeaders: headers } = raw
      const arrival = { method, url: request.originalUrl ?? raw.url ?? '', headers, body }
      const admitted = await admit(verifier, arrival, options)
      if (!('webhook' in admitted)) {
        // Nest answers a guard's `false` only where nothing was answered yet.
        writeAnswer(raw, response, admitted)
        return false
      }
      const { confirm: _, release: __, ...seen } = admitted.webhook
      webhooks.set(raw, seen)
      settleWithAnswer(admitted.webhook, response, options)
      return true
    },
  }
}

/** @throws Error where no `webhookGuard` stands in front: a bug of the app. */
export function webhookOf(request: object): Webhook {
  const raw = 'raw' in request && typeof request.raw === 'object' && request.raw !== null ? request.raw : request
  const webhook = webhooks.get(raw)
  if (webhook === undefined)
    throw new Error('there is no verified webhook on this request: put webhookGuard on its route')
  return webhook
}

interface PlatformRequest extends NodeRequest {
  readonly originalUrl?: string
  readonly raw?: NodeRequest
}

type PlatformResponse = ServerResponse | { readonly raw: ServerResponse }

function nodeResponse(response: PlatformResponse): ServerResponse {
  return 'raw' in response ? response.raw : response
}
