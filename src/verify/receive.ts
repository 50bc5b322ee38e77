/**
 * From a request to its answer, the same in every framework. Adapters bring the raw bytes and carry the answer away.
 *
 * Answers: 2xx after the handler is done · 200 to a copy, without the handler · the provider's own greeting · 401 with one
 * body for whatever is not genuine · 413 and 415 for bodies that are not read · 500 when the handler failed, and the copy
 * that the provider sends then is let through · 503 when our side is in trouble.
 */
import type { RequestHeaders, WebhookRequest } from './request.ts'
import type { RefusedWebhook, SettlableWebhook, Webhook } from './verification.ts'
import type { WebhookVerifier } from './verifier.ts'

/** What a handler may return where the provider reads the answer (slash commands, interactions). An object is sent as JSON. */
export interface WebhookAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | object
}

/**
 * Called once for each event, with what the framework has (its request, its context). Throw, or answer 400 and above, when
 * the event was not dealt with: the provider sends it again and it comes here again.
 */
export type WebhookHandler<Context> = (webhook: Webhook, context: Context) => Promise<Handled> | Handled

// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing is the ordinary one
type Handled = WebhookAnswer | void

export interface ReceiveOptions {
  /** 1 MiB when absent. */
  readonly maxBodyBytes?: number
  /** Whatever went wrong on our side: the handler, the store, an endpoint set up wrongly. Written to stderr when absent. */
  readonly onError?: (error: unknown) => void
  /** For log and metrics. */
  readonly onRefused?: (refused: RefusedWebhook) => void
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export const DEFAULT_MAX_BODY_BYTES = 1024 * 1024

/** The body cannot be had as it was received, because of how the app is put together. A bug to fix, not a request to refuse. */
export class RawBodyError extends Error {
  constructor(advice: string) {
    super(
      `The raw body of this webhook is gone: a body parser has read it, and re-serialised JSON has another signature. ${advice}`,
    )
    this.name = 'RawBodyError'
  }
}

/** A body that is not read at all. */
export type BodyProblem = 'too_large' | 'encoded' | 'incomplete'

export type Body = Uint8Array | BodyProblem | RawBodyError

export interface Arrival extends Omit<WebhookRequest, 'body' | 'headers'> {
  readonly headers: RequestHeaders
  readonly body: Body
}

/** Verifies and, for a new event, runs the handler. Never rejects. */
export async function receive<Context>(
  verifier: WebhookVerifier,
  arrival: Arrival,
  handling: { readonly handler: WebhookHandler<Context>; readonly context: Context; readonly options: ReceiveOptions },
): Promise<HttpAnswer> {
  const { handler, context, options } = handling
  const admitted = await admit(verifier, arrival, options)
  if (!('webhook' in admitted)) return admitted
  const { webhook } = admitted
  let answer: WebhookAnswer | undefined
  try {
    // Without its two settling functions: here they are called for the handler.
    const { confirm: _, release: __, ...seen } = webhook
    answer = (await handler(seen, context)) ?? undefined
  } catch (error) {
    report(options, error)
    await settle(webhook, false, options)
    return FAILED
  }
  const taken = answer === undefined ? acceptedAnswer(verifier) : answerOf(answer)
  await settle(webhook, taken.status < 400, options)
  return taken
}

/** Everything up to the handler: an event to handle, or the answer. */
export async function admit(
  verifier: WebhookVerifier,
  { body, ...request }: Arrival,
  options: ReceiveOptions,
): Promise<{ readonly webhook: SettlableWebhook } | HttpAnswer> {
  if (body instanceof RawBodyError) {
    report(options, body)
    return { ...FAILED, body: JSON.stringify({ error: 'raw_body_unavailable', message: body.message }) }
  }
  if (typeof body === 'string') return UNREAD[body]
  const result = await verifier.verify({ ...request, body })
  switch (result.kind) {
    case 'event':
      return { webhook: result }
    case 'duplicate':
      return acceptedAnswer(verifier)
    case 'greeting':
      return { status: result.status, headers: result.headers, body: result.body }
    case 'refused':
      if (result.cause !== undefined) report(options, result.cause)
      options.onRefused?.(result)
      return refusedAnswer(result)
  }
}

/** The work is done before it is marked so: when the marking fails, a copy may come through, and nothing is lost. */
export async function settle(webhook: SettlableWebhook, done: boolean, options: ReceiveOptions): Promise<void> {
  try {
    await (done ? webhook.confirm() : webhook.release())
  } catch (error) {
    report(options, error)
  }
}

function report({ onError }: ReceiveOptions, error: unknown): void {
  if (onError === undefined) console.error('postern/verify:', error)
  else onError(error)
}

const JSON_TYPE = { 'content-type': 'application/json' } as const

function plain(status: number, error: string, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return { status, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify({ error }) }
}

const FAILED = plain(500, 'internal')

const UNREAD: Readonly<Record<BodyProblem, HttpAnswer>> = {
  too_large: plain(413, 'payload_too_large'),
  encoded: plain(415, 'content_encoding_unsupported'),
  incomplete: plain(400, 'body_incomplete'),
}

/** One body for each status: what exactly was wrong helps only who tries. */
function refusedAnswer({ status, headers }: RefusedWebhook): HttpAnswer {
  const words: Readonly<Record<number, string>> = {
    400: 'invalid',
    404: 'not_found',
    405: 'method_not_allowed',
    415: 'unsupported_media_type',
    503: 'unavailable',
  }
  return plain(status, words[status] ?? 'unauthorized', headers)
}

function acceptedAnswer({ accepted }: WebhookVerifier): HttpAnswer {
  const { status, contentType, body = '' } = accepted
  const type = body === '' ? {} : { 'content-type': contentType ?? 'text/plain; charset=utf-8' }
  return { status, headers: type, body }
}

function answerOf({ status = 200, headers = {}, body = '' }: WebhookAnswer): HttpAnswer {
  if (typeof body === 'string') return { status, headers, body }
  return { status, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) }
}
