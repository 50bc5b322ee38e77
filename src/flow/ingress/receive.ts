/**
 * The front door: receive, resolve, limit, verify, check freshness, dedupe, commit, acknowledge.
 *
 * An event is acknowledged (2xx) only after its rows are committed, so a crash at any line makes the provider
 * retry and never loses an event. No request, however malformed, ends in a 5xx of ours or in an exception that
 * leaves this file; 503 means that our own side is in trouble and the provider should retry.
 *
 * Boundary: knows HTTP bytes and providers; knows nothing of routing or delivery.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { sha256 } from '../../base/lib/sha256.ts'
import type { TrustedProxies } from '../../base/lib/source-address.ts'
import { PosternError } from '../../base/model/errors.ts'
import type { StatusReason } from '../../base/model/event.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import type { Logger } from '../../observability/log.ts'
import type { Metrics } from '../../observability/metrics.ts'
import { endSpan, startReceiving } from '../../observability/trace.ts'
import { type Payload, readPayload } from '../../providers/body.ts'
import type { EventAttributes } from '../../providers/extract.ts'
import { answerHandshake, type HandshakeAnswer } from '../../providers/handshake.ts'
import { identityOf } from '../../providers/identity.ts'
import type { Verified } from '../../providers/outcome.ts'
import type { InboundRequest } from '../../providers/request.ts'
import { activeKeys } from '../../providers/verify.ts'
import { joinKey } from '../../resources/coordination/key.ts'
import type { ReceivedEvent } from '../../resources/store/ingest.ts'
import { type AcceptOptions, accept } from './accept.ts'
import { type Accepted, answerAccepted, answerAsProvider, answerHeaders, answerProblem } from './answer.ts'
import type { AskProvider } from './ask-provider.ts'
import { type ByteBudget, checkBodyHeaders, readBody } from './body.ts'
import type { Capture } from './capture.ts'
import { clientCertificate } from './client-certificate.ts'
import { dedupeKey, fingerprintOf } from './dedupe.ts'
import type { Directory, Receiver } from './directory.ts'
import { headerList, keptHeaders, keptTarget } from './headers.ts'
import { defaultPublicUrl, parsePath } from './path.ts'
import type { Quarantine } from './quarantine.ts'
import { limitHeaders, sourceOf } from './source.ts'

export interface IngressOptions extends AcceptOptions {
  readonly directory: Directory
  readonly quarantine: Quarantine
  readonly budget: ByteBudget
  readonly trustedProxies: TrustedProxies
  /** The header in which a trusted proxy names the client certificate it verified. */
  readonly clientCertHeader: string | undefined
  readonly askProvider: AskProvider
  readonly capture: Capture
  /** For paths that name no integration. */
  readonly maxBodyBytes: number
  readonly publicUrl: string | undefined
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'received' | 'unverified'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

export function createIngress(options: IngressOptions): RequestListener {
  return (request, response) => {
    void receive(options, request, response)
  }
}

async function receive(options: IngressOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const correlationId = newId()
  const refusal: Refusal = { headers: {} }
  const began = performance.now()
  const span = startReceiving()
  let provider = 'none'
  let outcome: string
  let held = 0
  try {
    const path = parsePath(request.url ?? '')
    const found = path === undefined ? undefined : options.directory.find(path.provider, path.integrationId)
    const receiver = found === 'broken' ? undefined : found
    if (receiver !== undefined) provider = receiver.provider.id
    const maxBytes = receiver?.integration.maxBodyBytes ?? options.maxBodyBytes
    checkBodyHeaders(request, maxBytes)
    const body = await readBody(request, maxBytes, options.budget)
    held = body.held
    if (found === 'broken')
      throw new PosternError('DEPENDENCY_UNAVAILABLE', 'This integration cannot verify requests at this moment.', {
        retryAfterSeconds: 60,
      })
    if (path === undefined || receiver === undefined)
      throw new PosternError('NOT_FOUND', 'There is no such receive path.')
    outcome = await handle({
      options,
      request,
      response,
      correlationId,
      receiver,
      body: body.bytes,
      query: path.query,
      refusal,
    })
  } catch (error) {
    outcome = error instanceof PosternError ? error.code.toLowerCase() : 'internal_error'
    if (!(error instanceof PosternError))
      options.log.error({ err: error, correlationId }, 'a webhook could not be handled')
    if (refusal.answer === undefined) answerProblem(request, response, error, correlationId, refusal.headers)
    else answerAsProvider(response, refusal.answer)
  } finally {
    options.budget.give(held)
  }
  options.metrics.received(provider, outcome, (performance.now() - began) / 1000)
  endSpan(
    span,
    { 'postern.provider': provider, 'postern.outcome': outcome, 'postern.correlation_id': correlationId },
    response.statusCode >= 500,
  )
}

/** How a refusal is dressed: headers beside the problem, or the provider's own answer instead of it. */
interface Refusal {
  headers: Readonly<Record<string, string>>
  answer?: { readonly status: number; readonly body?: string; readonly contentType?: string }
}

interface Arrival {
  readonly options: IngressOptions
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly correlationId: Uuid
  readonly receiver: Receiver
  readonly body: Buffer
  /** With its `?`, as received; empty when there is none. */
  readonly query: string
  readonly refusal: Refusal
}

/** @returns What became of it, for the metrics. */
async function handle(arrival: Arrival): Promise<'handshake' | Accepted['status']> {
  const { options, request, response, receiver, refusal } = arrival
  const { provider, integration, methods } = receiver
  const method = request.method ?? ''
  if (!methods.some((each) => each === method)) {
    refusal.headers = { allow: methods.join(', ') }
    throw new PosternError('METHOD_NOT_ALLOWED', `${provider.name} sends ${methods.join(', ')}.`)
  }
  const source = sourceOf(request, options.trustedProxies)
  const pending = options.coordination.allow(joinKey(integration.id, source.rateKey), integration.rateLimitPerMinute)
  const decision = pending instanceof Promise ? await pending : pending
  if (!decision.allowed) {
    refusal.headers = limitHeaders(decision)
    throw new PosternError('RATE_LIMITED', `More than ${decision.limit} requests a minute from this address.`, {
      retryAfterSeconds: decision.retryAfterSeconds,
    })
  }

  const sent: InboundRequest = {
    method,
    url: (integration.publicUrl ?? defaultPublicUrl(options.publicUrl, request.url ?? '')) + arrival.query,
    headers: headerList(request.rawHeaders),
    body: arrival.body,
  }
  const fingerprint = options.clientCertHeader === undefined ? undefined : clientCertificate(request, options)
  const inbound = fingerprint === undefined ? sent : { ...sent, clientCertificate: fingerprint }
  const receivedAt = options.now()
  const judged = options.askProvider.verify(receiver.verifier, inbound, receivedAt)
  const verified = judged instanceof Promise ? await judged : judged
  // A stranger's body is parsed only where a greeting may come unsigned.
  const payload =
    verified.ok || receiver.greetsStrangers
      ? readPayload(provider, request.headers['content-type'], arrival.body)
      : undefined
  const readable = payload?.ok ? payload : undefined
  const greeting =
    provider.handshakes === undefined
      ? undefined
      : greet(receiver, inbound, readable, verified.ok ? verified : undefined, receivedAt)
  if (greeting !== undefined) {
    await complete(options, receiver, greeting)
    answerHeaders(response, greeting.status, Object.fromEntries(greeting.headers), greeting.body)
    return 'handshake'
  }

  if (!verified.ok) {
    if (verified.reason === 'key_unavailable')
      throw new PosternError('DEPENDENCY_UNAVAILABLE', 'The provider could not be asked about this request.', {
        retryAfterSeconds: 30,
      })
    options.metrics.unverified(provider.id, verified.reason)
    keepRefused(arrival, inbound, source.address, receivedAt, verified.reason)
    if (provider.answers?.unauthorized !== undefined) refusal.answer = provider.answers.unauthorized
    throw new PosternError('UNAUTHORIZED', 'The request could not be authenticated.')
  }
  if (integration.status !== 'active') throw new PosternError('NOT_FOUND', 'There is no such receive path.')
  if (!provider.methods.some((each) => each === method))
    throw new PosternError('VALIDATION_ERROR', 'The request is no set-up exchange that is expected now.')
  if (!payload?.ok) throw unreadable(payload?.reason ?? 'empty')

  const attributes = receiver.readEvent(inbound, payload, verified)
  const parkedReason = checkType(receiver, attributes) ?? checkSchema(receiver, attributes, payload)
  const event = eventOf(arrival, { inbound, verified, attributes, parkedReason, receivedAt, source: source.address })
  const accepted = await accept(options, event)
  answerAccepted(response, accepted, provider.answers?.accepted)
  return accepted.status
}

/** What a set-up exchange needs beside its answer, before the answer: the provider takes a 2xx for done. */
async function complete(
  { askProvider, capture }: IngressOptions,
  receiver: Receiver,
  greeting: HandshakeAnswer,
): Promise<void> {
  if (greeting.capture !== undefined) await capture(receiver, greeting.capture.value)
  if (greeting.fetch !== undefined && !(await askProvider.visit(greeting.fetch)))
    throw new PosternError('DEPENDENCY_UNAVAILABLE', 'The set-up exchange could not be completed.', {
      retryAfterSeconds: 30,
    })
}

interface Established {
  readonly inbound: InboundRequest
  readonly verified: Verified
  readonly attributes: EventAttributes
  readonly parkedReason: StatusReason | null
  readonly receivedAt: number
  readonly source: string
}

function eventOf(
  arrival: Arrival,
  { inbound, verified, attributes, parkedReason, receivedAt, source }: Established,
): ReceivedEvent {
  const { integration, provider, verifier } = arrival.receiver
  const bodySha256 = sha256(inbound.body)
  const type = attributes.type?.value ?? null
  return {
    // One id for the request and what became of it: `cor_…` in the answer and the log, `evt_…` for the event.
    id: arrival.correlationId,
    tenantId: integration.tenantId,
    integrationId: integration.id,
    provider: provider.id,
    type,
    externalId: attributes.id?.value ?? null,
    parkedReason,
    receivedAt,
    sourceIp: source,
    scheme: verified.scheme,
    keyId: verified.keyId,
    coverage: verified.coverage,
    signedAt: verified.signedAt ?? null,
    bodySha256,
    method: inbound.method,
    target: keptTarget(arrival.request.url ?? '', verifier),
    contentType: arrival.request.headers['content-type'] ?? null,
    headers: keptHeaders(inbound.headers, verifier),
    body: inbound.body,
    dedupeKey: dedupeKey(integration.id, identityOf(provider, verified, attributes, receivedAt), bodySha256),
    fingerprint: fingerprintOf(bodySha256, type),
    conflictOf: null,
  }
}

function greet(
  receiver: Receiver,
  request: InboundRequest,
  payload: Payload | undefined,
  verified: Verified | undefined,
  receivedAt: number,
): ReturnType<typeof answerHandshake> {
  const { integration, provider, verifier } = receiver
  const key = activeKeys(verifier.keys, receivedAt)[0]?.key
  return answerHandshake(
    provider,
    request,
    payload,
    { status: integration.status, settings: integration.settings, ...(key === undefined ? {} : { key }) },
    verified,
  )
}

/** The same by the schema of its type. */
function checkSchema({ schemas }: Receiver, { type }: EventAttributes, payload: Payload): StatusReason | null {
  const schema = schemas.size === 0 ? undefined : schemas.get(type?.value ?? 'unknown')
  const mismatch = schema?.check(payload.value)
  if (mismatch === undefined) return null
  if (schema?.policy === 'park') return 'schema_mismatch'
  throw new PosternError('VALIDATION_ERROR', 'The body is not as the schema of this type of event asks.', {
    errors: [{ path: mismatch.place, message: mismatch.message }],
  })
}

/** @returns Why an event is parked although everything else is right. @throws PosternError when the policy is to refuse. */
function checkType({ integration }: Receiver, { type }: EventAttributes): StatusReason | null {
  const { eventTypes, unlistedPolicy } = integration
  if (eventTypes === undefined || (type !== undefined && eventTypes.includes(type.value))) return null
  if (unlistedPolicy === 'park') return 'unlisted_type'
  throw new PosternError('VALIDATION_ERROR', 'Events of this type are not accepted here.', {
    errors: [{ path: 'type', message: 'is not in the list of accepted types' }],
  })
}

function unreadable(reason: string): PosternError {
  if (reason === 'content_type')
    return new PosternError('UNSUPPORTED_MEDIA_TYPE', 'The provider does not send bodies of this content type.')
  return new PosternError('VALIDATION_ERROR', 'The body is not what this provider sends.', {
    errors: [{ path: '', message: reason.replaceAll('_', ' ') }],
  })
}

function keepRefused(
  { options, receiver, request }: Arrival,
  inbound: InboundRequest,
  sourceIp: string,
  receivedAt: number,
  reason: string,
): void {
  const { integration, verifier } = receiver
  options.quarantine.keep({
    id: newId(),
    tenantId: integration.tenantId,
    integrationId: integration.id,
    reason,
    receivedAt,
    sourceIp,
    method: inbound.method,
    target: keptTarget(request.url ?? '', verifier),
    headers: keptHeaders(inbound.headers, verifier),
    body: inbound.body,
  })
}
