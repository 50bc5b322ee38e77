/**
 * What a discovered surface is: a webhook receiver, the management of outbound subscriptions, a job, a stream, a
 * socket, or nothing that is reviewed here. Decided from what it does; a name alone is the weakest witness.
 */
import type { SurfaceStyle } from '../../catalogue/surfaces.ts'
import type { SurfaceFacts } from './flow/facts.ts'
import { isVerifierName } from './knowledge/names.ts'
import type { Module } from './parse/ir.ts'

export interface ClassifiedSurface {
  readonly facts: SurfaceFacts
  readonly style: SurfaceStyle
  /** Why, in words for the report. */
  readonly because: readonly string[]
}

const RECEIVER_NAME =
  /web_?hooks?|(?:^|[^a-z])hooks?(?:[^a-z]|$)|(?:^|[^a-z])ipn(?:[^a-z]|$)|postback|push_?events?|event_?receiver/i
const WEAK_NAME =
  /callbacks?|notif(?:y|ication)|(?:^|[^a-z])events?(?:[^a-z]|$)|inbound|incoming|(?:^|[^a-z])receive|stripe|github|gitlab|paypal|twilio|slack|shopify|razorpay|paystack|sendgrid|mailgun|telegram|discord|linear|zoom|braintree|mollie|adyen|square|paddle|clerk|svix/i
const SIGNATURE_HEADER =
  /signature|hmac|x-hub|webhook|svix|x-github|x-gitlab|x-shopify|x-twilio|x-slack|stripe|paypal-|x-event|x-hook|verif-hash|-sig$/
const OUTGOING_FIELD =
  /(?:^|\.)(?:(?:webhook|callback|target|endpoint|notify|notification|destination|hook|delivery|subscriber|return)_?(?:url|uri|endpoint)|url|uri|endpoint|callback|target)$/i
const SUBSCRIPTION_NAME = /subscri|web_?hooks?|hooks?|callbacks?|endpoints?|notif/i
const JOB_NAME = /job|task|export|report|result|download|status|async|render|batch/i

export function classify(facts: SurfaceFacts): ClassifiedSurface | undefined {
  const { surface } = facts
  const is = (style: SurfaceStyle, ...because: readonly string[]): ClassifiedSurface => ({ facts, style, because })
  if (surface.style !== undefined) return is(surface.style, 'the framework says so')
  if (surface.kind === 'socket') return is('websocket', 'it accepts socket connections')
  if (isStream(facts)) return is('sse', 'it answers with an event stream')
  const name = `${surface.path ?? ''} ${surface.name}`
  const writes = surface.methods.length === 0 || surface.methods.some((method) => method === 'POST' || method === 'PUT')
  const signed = facts.headersRead.some((header) => SIGNATURE_HEADER.test(header))
  const verified = facts.checks.some(
    (check) =>
      check.kind === 'signature' ||
      check.kind === 'verifier' ||
      (check.kind === 'delegated' && /sign|webhook|hmac/i.test(check.name)),
  )
  const registers = registersTarget(facts)
  const login = facts.checks.some((check) => check.kind === 'identity')
  if (
    writes &&
    facts.uses.some((use) => use.kind === 'job-read') === false &&
    registers &&
    !signed &&
    !verified &&
    (SUBSCRIPTION_NAME.test(name) || facts.fieldsRead.some((field) => /callback|webhook|hook/i.test(field)))
  )
    return is('callback', 'it stores an address to call')
  if (writes && (facts.readsBody || signed || verified || facts.effects.length > 0)) {
    if (signed || verified) return is('webhook', 'it reads a signature')
    if (RECEIVER_NAME.test(name) && !(login && !facts.checks.some((check) => check.kind === 'token'))) {
      if (!isManagement(facts)) return is('webhook', 'its address says so')
    } else if (!login && WEAK_NAME.test(name) && looksLikeEvent(facts))
      return is('webhook', 'its address and the shape of what it reads')
    else if (!login && facts.readsBody && facts.effects.length > 0 && knowsSignatures(surface.module))
      return is('webhook', 'its module verifies signatures')
    if (handsOn(facts)) return is('webhook', 'it hands bytes and headers on as they came')
  }
  if (facts.uses.some((use) => use.kind === 'job-read') || isMemoryJob(facts, name))
    return is('async-job', 'it reads a job by its id')
  if (facts.uses.some((use) => use.kind === 'signed-url')) return is('export-url', 'it issues a signed address')
  return undefined
}

function isStream({ surface, effects }: SurfaceFacts): boolean {
  void effects
  return streams(surface)
}

const streaming = new WeakMap<object, boolean>()
function streams(surface: SurfaceFacts['surface']): boolean {
  const known = streaming.get(surface)
  if (known !== undefined) return known
  const handler = surface.chain.at(-1)
  const text = handler === undefined ? '' : JSON.stringify(handler.run.fn ?? handler.run.expression ?? '')
  const found = /text\/event-stream|EventSourceResponse|ServerSentEvent|"streamSSE"|createEventStream|"sse"/.test(text)
  streaming.set(surface, found)
  return found
}

/** Somebody wrote or imported a verifier here, whether or not this handler calls it. */
function knowsSignatures(module: Module): boolean {
  return (
    module.imports.some(
      ({ source, imported, local }) =>
        /^(?:hmac|createHmac|timingSafeEqual|compare_digest)$/.test(imported === '*' ? source : imported) ||
        isSignatureVerifier(local),
    ) || module.body.some((statement) => statement.kind === 'function' && isSignatureVerifier(statement.fn.name))
  )
}

function isSignatureVerifier(name: string): boolean {
  return isVerifierName(name) && /sign|hmac|webhook/i.test(name)
}

function handsOn({ effects }: SurfaceFacts): boolean {
  return effects.some(
    ({ kind, uses }) =>
      (kind === 'enqueue' || kind === 'opaque' || kind === 'send') &&
      uses.some((origin) => origin.kind === 'raw-body') &&
      uses.some((origin) => origin.kind === 'header' && /^\*?$|signature|hmac/.test(origin.name)),
  )
}

/** An address from the body is kept for later. */
function registersTarget({ effects }: SurfaceFacts): boolean {
  return effects.some(
    (effect) =>
      /^(?:insert|write|upsert|opaque)$/.test(effect.kind) &&
      effect.uses.some((origin) => origin.kind === 'parsed-body' && OUTGOING_FIELD.test(origin.path)),
  )
}

function isManagement({ surface, fieldsRead }: SurfaceFacts): boolean {
  const path = surface.path ?? ''
  return (
    /\/(?:test|retry|resend|rotate|ping|replay|enable|disable|subscriptions?|register|endpoints?)(?:\/|$)/i.test(
      path,
    ) && !fieldsRead.some((field) => /(?:^|\.)(?:type|event|action)$/.test(field))
  )
}

function looksLikeEvent({ fieldsRead, testedFields, effects, surface }: SurfaceFacts): boolean {
  const fields = [...fieldsRead, ...testedFields]
  const path = `${surface.path ?? ''} ${surface.name}`
  if (
    fields.some((field) =>
      /(?:^|\.)(?:type|event|event_type|eventType|action|topic|event_name|object|status|resource_type|kind)$/.test(
        field,
      ),
    )
  )
    return true
  return (
    effects.length > 0 &&
    /callback|notif|ipn/i.test(path) &&
    /pay|order|status|provider|stripe|paypal|bank|transaction|sms|call/i.test(path + fields.join(' '))
  )
}

function isMemoryJob({ uses, surface }: SurfaceFacts, name: string): boolean {
  return (
    JOB_NAME.test(name) &&
    (surface.methods.length === 0 || surface.methods.includes('GET') || surface.methods.includes('DELETE')) &&
    uses.some(
      (use) =>
        use.kind === 'lookup' &&
        use.origins.some((origin) => origin.kind === 'path' || origin.kind === 'query') &&
        (use.detail === 'memory' || /job|task|export|report|result/i.test(use.name)),
    )
  )
}
