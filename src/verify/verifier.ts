/**
 * One endpoint of one provider: its keys, its window, its memory of what was seen.
 *
 * Order, as at the gateway's door: method → signature and age → greeting → shape → copy. Nothing of a body is parsed before
 * its signature matched, save where the provider greets unsigned.
 */
import { randomBytes } from 'node:crypto'
import { sha256, sha256Hex } from '../base/lib/sha256.ts'
import { type Payload, readPayload } from '../providers/body.ts'
import { allowedMethods } from '../providers/definition.ts'
import { compileEvent, type EventAttributes } from '../providers/extract.ts'
import { answerHandshake, type HandshakeAnswer } from '../providers/handshake.ts'
import { type Identity, identityOf } from '../providers/identity.ts'
import type { Refused, Verified } from '../providers/outcome.ts'
import type { RemoteAnswer } from '../providers/remote.ts'
import { headerValue, type InboundRequest } from '../providers/request.ts'
import { verifyRequest } from '../providers/verify.ts'
import { prepare, type VerifierOptions } from './options.ts'
import { createRemoteAnswers, questionOf } from './remote-answers.ts'
import { toInbound, type WebhookRequest } from './request.ts'
import {
  type Greeting,
  type RefusedWebhook,
  refusedWith,
  type Verification,
  type Webhook,
  type WebhookEvent,
} from './verification.ts'

export interface WebhookVerifier {
  /** Everything: signature, age, greeting, copy. Never rejects. */
  verify(request: WebhookRequest): Promise<Verification>
  /** Signature, age and shape alone: no greeting is answered, no copy is recognised, nothing is asked of the provider. */
  verifySync(request: WebhookRequest): Webhook | RefusedWebhook
  /** Every method that this provider may use here. */
  readonly methods: readonly string[]
  /** What the provider wants to hear when its event was taken; 200 and nothing where it does not mind. */
  readonly accepted: { readonly status: number; readonly contentType?: string; readonly body?: string }
  /** The provider's name, for messages. */
  readonly provider: string
}

/**
 * @throws PosternError `VALIDATION_ERROR` when the key is missing, empty or of the wrong form, or when an option would
 *   make the check weaker than it looks. So a missing environment variable stops the start and opens nothing.
 */
export function createVerifier(options: VerifierOptions): WebhookVerifier {
  const { provider, replay, settings = {}, now = Date.now, name = options.provider.id, onCapture } = options
  const { compiled, publicUrl, pending } = prepare(options)
  const readEvent = compileEvent(provider.event)
  const methods = allowedMethods(provider)
  const greetsStrangers = provider.handshakes?.some(({ signed }) => !signed) ?? false
  const remote = options.fetchRemote === undefined ? undefined : createRemoteAnswers(options.fetchRemote, now)

  async function judge(inbound: InboundRequest, at: number): Promise<Verified | Refused> {
    if (remote === undefined) return verifyRequest(compiled, inbound, at)
    const fresh = new Map<string, RemoteAnswer>()
    let result = verifyRequest(compiled, inbound, at, remote.answersOf(fresh))
    for (let round = 0; round < remote.maxRounds && !result.ok && result.need !== undefined; round++) {
      fresh.set(questionOf(result.need), await remote.ask(result.need))
      result = verifyRequest(compiled, inbound, at, remote.answersOf(fresh))
    }
    return result
  }

  function payloadOf(inbound: InboundRequest) {
    return readPayload(provider, headerValue(inbound.headers, 'content-type'), inbound.body)
  }

  function greet(inbound: InboundRequest, payload: Payload | undefined, verified: Verified | undefined) {
    if (provider.handshakes === undefined) return undefined
    const key = compiled.keys[0]?.key
    const context = { status: pending ? 'pending' : 'active', settings, ...(key === undefined ? {} : { key }) } as const
    return answerHandshake(provider, inbound, payload, context, verified)
  }

  async function settleGreeting(answer: HandshakeAnswer): Promise<Greeting | RefusedWebhook> {
    if (answer.fetch !== undefined) {
      if (remote === undefined) return refusedWith('remote_unavailable', 503, RETRY)
      const asked = await remote.ask({ method: 'GET', url: answer.fetch, headers: {}, cacheSeconds: 0 })
      if (!asked.ok) return refusedWith('key_unavailable', 503, RETRY)
    }
    try {
      if (answer.capture !== undefined) await onCapture?.(answer.capture)
    } catch (cause) {
      return refusedWith('capture_failed', 503, { ...RETRY, cause })
    }
    const { name: greeting, status, headers, body } = answer
    return {
      kind: 'greeting',
      ok: true,
      duplicate: false,
      name: greeting,
      status,
      headers: Object.fromEntries(headers),
      body,
    }
  }

  /** What a verified request says, or why it says nothing. */
  function read(
    inbound: InboundRequest,
    payload: ReturnType<typeof payloadOf>,
    verified: Verified,
  ): Read | RefusedWebhook {
    if (!provider.methods.some((each) => each === inbound.method)) return refusedWith('payload_malformed', 400)
    if (!payload.ok)
      return payload.reason === 'content_type'
        ? refusedWith('payload_unsupported', 415)
        : refusedWith('payload_malformed', 400)
    const attributes = readEvent(inbound, payload, verified)
    return { attributes, webhook: webhookOf(provider.id, { inbound, payload, verified, attributes }) }
  }

  async function claim(webhook: Webhook, key: string): Promise<Verification> {
    if (replay === undefined) return { ...webhook, confirm: nothing, release: nothing }
    const owner = randomBytes(16).toString('hex')
    try {
      switch (await replay.claim(key, owner)) {
        case 'new':
          return {
            ...webhook,
            confirm: async () => replay.confirm(key),
            release: async () => replay.release(key, owner),
          }
        case 'seen':
          return { ...webhook, kind: 'duplicate', duplicate: true }
        case 'busy':
          return refusedWith('replay_in_progress', 503, RETRY)
      }
    } catch (cause) {
      return refusedWith('replay_unavailable', 503, { ...RETRY, cause })
    }
  }

  return {
    methods,
    accepted: provider.answers?.accepted ?? { status: 200 },
    provider: provider.name,
    verifySync(request) {
      const inbound = toInbound(request, publicUrl)
      const verified = verifyRequest(compiled, inbound, now())
      if (!verified.ok) return refusal(provider.answers?.unauthorized?.status, verified)
      const found = read(inbound, payloadOf(inbound), verified)
      return 'webhook' in found ? found.webhook : found
    },
    async verify(request) {
      const inbound = toInbound(request, publicUrl)
      if (!methods.some((each) => each === inbound.method))
        return refusedWith('method_not_allowed', 405, { headers: { allow: methods.join(', ') } })
      const at = now()
      const verified = await judge(inbound, at)
      const payload = verified.ok || greetsStrangers ? payloadOf(inbound) : undefined
      const greeting = greet(inbound, payload?.ok ? payload : undefined, verified.ok ? verified : undefined)
      if (greeting !== undefined) return settleGreeting(greeting)
      if (!verified.ok) return refusal(provider.answers?.unauthorized?.status, verified)
      if (pending) return refusedWith('pending', 404)
      const found = read(inbound, payload ?? payloadOf(inbound), verified)
      if (!('webhook' in found)) return found
      const identity = identityOf(provider, verified, found.attributes, at)
      return claim(found.webhook, replayKey(name, identity, found.attributes, inbound.body))
    },
  }
}

interface Read {
  readonly attributes: EventAttributes
  readonly webhook: Webhook
}

const RETRY = { headers: { 'retry-after': '5' } } as const
const nothing = async () => {}

function refusal(unauthorized: number | undefined, { reason }: Refused): RefusedWebhook {
  if (reason === 'remote_pending') return refusedWith('remote_unavailable', 503, RETRY)
  // The provider's own side could not be asked: nothing is known against the sender.
  if (reason === 'key_unavailable') return refusedWith(reason, 503, RETRY)
  return refusedWith(reason, unauthorized ?? 401)
}

interface Established {
  readonly inbound: InboundRequest
  readonly payload: Payload
  readonly verified: Verified
  readonly attributes: EventAttributes
}

function webhookOf(provider: string, { inbound, payload, verified, attributes }: Established): Webhook {
  const webhook: { -readonly [Name in keyof Webhook]: Webhook[Name] } = {
    kind: 'event',
    ok: true,
    duplicate: false,
    event: eventOf(provider, attributes),
    payload: payload.value,
    body: inbound.body,
    scheme: verified.scheme,
    keyId: verified.keyId,
    coverage: verified.coverage,
  }
  if (verified.signedAt !== undefined) webhook.signedAt = new Date(verified.signedAt)
  return webhook
}

const ATTRIBUTES = ['id', 'type', 'tenant', 'subject', 'occurredAt'] as const

function eventOf(provider: string, attributes: EventAttributes): WebhookEvent {
  const covered: (typeof ATTRIBUTES)[number][] = []
  const event: { -readonly [Name in keyof WebhookEvent]: WebhookEvent[Name] } = { provider, covered }
  for (const name of ATTRIBUTES) {
    const found = attributes[name]
    if (found === undefined) continue
    event[name] = found.value
    if (found.covered) covered.push(name)
  }
  return event
}

/**
 * What a copy has in common with the first. Where the body alone identifies the event, a type outside of it (a header that
 * nobody signed) is part of the key: senders such as Shopify send one body under several topics, and taking the second for
 * a copy would lose it. The price is that who captured a request can send it again under another type, once for each.
 */
function replayKey(name: string, identity: Identity, { type }: EventAttributes, body: Buffer): string {
  const parts =
    identity.kind === 'id'
      ? [name, identity.kind, identity.value]
      : [
          name,
          identity.kind,
          (identity.kind === 'body-digest' ? sha256(body) : identity.digest).toString('hex'),
          identity.moment ?? '',
          type === undefined || type.covered ? '' : type.value,
        ]
  // JSON keeps the parts apart: no two lists of texts are written alike.
  return sha256Hex(Buffer.from(JSON.stringify(parts), 'utf8'))
}
