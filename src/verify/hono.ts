/**
 * Webhooks in Hono. Takes the bytes from the `Request` itself: what Hono caches after `c.req.json()` is JSON written anew.
 */
import { type ReceiveOptions, receive, type WebhookHandler } from './receive.ts'
import type { WebhookVerifier } from './verifier.ts'
import { webAnswer, webBody } from './web.ts'

/** What is used of Hono's context. */
export interface HonoContext {
  readonly req: { readonly raw: Request }
  readonly env?: unknown
}

const ADVICE = 'Nothing before the webhook’s handler may call `c.req.json()`, `text()` or the like.'

/** `app.all('/webhooks/stripe', webhook(verifier, handler))` */
export function webhook<Context extends HonoContext = HonoContext>(
  verifier: WebhookVerifier,
  handler: WebhookHandler<Context>,
  options: ReceiveOptions = {},
): (context: Context) => Promise<Response> {
  return async (context) => {
    const { raw: request } = context.req
    const body = await webBody(request, options.maxBodyBytes, ADVICE)
    const { method, url } = request
    const arrival = { method, url, headers: rawHeadersOf(context.env) ?? request.headers, body }
    return webAnswer(await receive(verifier, arrival, { handler, context, options }))
  }
}

/** On Node the server keeps the headers as received; a `Headers` has joined those that came twice. */
function rawHeadersOf(env: unknown): readonly string[] | undefined {
  const incoming = typeof env === 'object' && env !== null && 'incoming' in env ? env.incoming : undefined
  const raw =
    typeof incoming === 'object' && incoming !== null && 'rawHeaders' in incoming ? incoming.rawHeaders : undefined
  return Array.isArray(raw) ? raw : undefined
}
