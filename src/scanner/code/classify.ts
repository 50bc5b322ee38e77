/**
 * What a discovered surface is: a webhook receiver, the management of outbound subscriptions, a job, a stream, a
 * socket, or nothing that is reviewed here. Decided from what it does; a name alone is the weakest witness.
 */
import type { SurfaceStyle } from '../../catalogue/surfaces.ts'
import { ASKED_BACK } from './flow/comparisons.ts'
import type { SurfaceFacts } from './flow/facts.ts'
import { isVerifierName, OUTGOING_FIELD, wordsOf } from './knowledge/names.ts'
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
  /callbacks?|notif(?:y|ication)|(?:^|[^a-z])events?(?:[^a-z]|$)|inbound|incoming|(?:^|[^a-z])receive|stripe|github|gitlab|paypal|twilio|slack|shopify|razorpay|paystack|sendgrid|mailgun|telegram|discord|linear|zoom|braintree|mollie|adyen|square|paddle|clerk|svix|flutterwave|mpesa|m_?pesa|midtrans|mollie|mercado_?pago|xendit|payfast|coinbase|plaid|typeform|calendly|hubspot|intercom|sentry|pagerduty|alertmanager|jira|trello|dropbox|whats_?app|messenger|vonage|nexmo|plivo|postmark|sparkpost|mandrill|lemon_?squeezy|(?:^|[^a-z])(?:sns|ses)(?:[^a-z]|$)/i
const SIGNATURE_HEADER =
  /signature|hmac|x-hub|webhook|svix|x-github|x-gitlab|x-shopify|x-twilio|x-slack|stripe|paypal-|x-event|x-hook|x-amz-sns-|x-telegram-bot-api-secret|verif-hash|-sig$/
const SUBSCRIPTION_NAME = /subscri|web_?hooks?|hooks?|callbacks?|endpoints?|notif/i
const JOB_STORE = /(?:^|[._])(?:jobs|tasks|conversions|renders|exports)\.get$/i
const JOB_NAME = /job|task|export|report|result|download|status|async|render|batch/i

export function classify(facts: SurfaceFacts): ClassifiedSurface | undefined {
  const { surface } = facts
  const is = (style: SurfaceStyle, ...because: readonly string[]): ClassifiedSurface => ({ facts, style, because })
  if (surface.style !== undefined) return is(surface.style, 'the framework says so')
  if (surface.kind === 'socket') return is('websocket', 'it accepts socket connections')
  if (isStream(facts)) return is('sse', 'it answers with an event stream')
  const name = `${surface.path ?? ''} ${surface.name} ${wordsOf(surface.name).join('_')}`
  const writes = surface.methods.length === 0 || surface.methods.some((method) => method === 'POST' || method === 'PUT')
  const signed = facts.headersRead.some((header) => SIGNATURE_HEADER.test(header))
  const verified = facts.checks.some(
    (check) =>
      check.kind === 'signature' ||
      check.kind === 'verifier' ||
      (check.kind === 'delegated' && /sign|webhook|hmac(?!\.compare)/i.test(check.name)),
  )
  const registers = registersTarget(facts)
  const login =
    facts.checks.some((check) => check.kind === 'identity' && !isMachineKey(check.name)) || actsForUser(facts)
  if (
    writes &&
    facts.uses.some((use) => use.kind === 'job-read') === false &&
    registers &&
    !(RECEIVER_NAME.test(name) && facts.fieldsRead.some((field) => WITHIN_EVENT.test(field))) &&
    !signed &&
    !verified &&
    !facts.headersRead.some((header) => EVENT_HEADER.test(header)) &&
    (SUBSCRIPTION_NAME.test(surface.mountSeen ? name : `${name} ${stemOf(surface.module.file)}`) ||
      facts.fieldsRead.some((field) => /callback|webhook|hook/i.test(field)))
  )
    return is('callback', 'it stores an address to call')
  if (
    writes &&
    !signed &&
    !verified &&
    (login || isManagement(facts)) &&
    callsTarget(facts) &&
    SUBSCRIPTION_NAME.test(name)
  )
    return is('callback', 'it calls an address that the caller names')
  if (writes && !login && facts.readsBody && facts.effects.length > 0 && answersChallenge(surface, facts.fieldsRead))
    return is('webhook', 'it answers the challenge of a provider')
  if (writes && facts.checks.some((check) => check.kind === 'refetch' && check.name === ASKED_BACK))
    return is('webhook', 'it asks the provider whether the event is genuine')
  if (!writes && signed && facts.checks.some(({ kind }) => kind === 'signature') && RECEIVER_NAME.test(name))
    return is('webhook', 'it reads a signature')
  const proved = signed || verified || facts.checks.some(isSharedToken)
  if (writes && (facts.readsBody || proved || facts.effects.length > 0)) {
    if (signed || verified) return is('webhook', 'it reads a signature')
    if ((surface.tooLate ?? []).length > 0) return is('webhook', 'a check of signatures stands below it')
    if (
      !login &&
      facts.effects.length > 0 &&
      facts.checks.some(isSharedToken) &&
      !isManagement(facts) &&
      // It is told nothing: a call of our own interface.
      (facts.readsBody || facts.fieldsRead.length > 0 || RECEIVER_NAME.test(name) || WEAK_NAME.test(name))
    )
      return is('webhook', 'a machine shows a shared token')
    if (RECEIVER_NAME.test(name) && !(login && !facts.checks.some((check) => check.kind === 'token'))) {
      if (!isManagement(facts)) return is('webhook', 'its address says so')
    } else if (
      !login &&
      facts.readsBody &&
      facts.effects.length > 0 &&
      namesNothing(surface) &&
      RECEIVER_NAME.test(stemOf(surface.module.file)) &&
      !MANAGES.test(wordsOf(surface.name.split('.').at(-1) ?? '')[0] ?? '')
    )
      return is('webhook', 'its file says so')
    else if (
      !login &&
      (WEAK_NAME.test(name) ||
        (namesNothing(surface) && looksLikeEvent(facts) && isReceiverFile(surface.module.file))) &&
      (looksLikeEvent(facts) || (facts.readsBody && facts.checks.some(({ kind }) => kind === 'token')))
    )
      return is('webhook', 'its address and the shape of what it reads')
    else if (!login && facts.readsBody && facts.effects.length > 0 && knowsSignatures(surface.module))
      return is('webhook', 'its module verifies signatures')
    if (handsOn(facts)) return is('webhook', 'it hands bytes and headers on as they came')
  }
  if (writes && !login && RECEIVER_NAME.test(name) && isHandlerUnseen(facts) && !isManagement(facts))
    return is('webhook', 'its address says so, and its handler is elsewhere')
  if (facts.uses.some((use) => use.kind === 'job-read') || isMemoryJob(facts, name))
    return is('async-job', 'it reads a job by its id')
  if (facts.uses.some((use) => use.kind === 'signed-url'))
    return findsByPath(facts)
      ? is('async-job', 'it finds a result by its id and issues an address for it')
      : is('export-url', 'it issues a signed address')
  return undefined
}

/** A router whose mount is not in sight: the path says nothing, the file may. */
function namesNothing({ path }: SurfaceFacts['surface']): boolean {
  return path === undefined || path === '/'
}

/** The name of a file without its folders and endings. */
function stemOf(file: string): string {
  return (file.split('/').at(-1) ?? '').replace(/\.\w+$/, '')
}

function isReceiverFile(file: string): boolean {
  return RECEIVER_NAME.test(stemOf(file)) || WEAK_NAME.test(stemOf(file))
}

/** The collection of hooks in a file of that name: what a person does with them. */
const MANAGES =
  /^(?:create|add|new|register|list|get|fetch|find|show|store|save|update|edit|patch|delete|remove|destroy|test|toggle|enable|disable|rotate|retry|resend|trigger|send|dispatch|deliver|subscribe|unsubscribe|upsert|set|insert|replay)$/

/** The handshake with which providers find out whether an address is theirs to call. */
function answersChallenge({ chain, module }: SurfaceFacts['surface'], fieldsRead: readonly string[]): boolean {
  const handler = chain.at(-1)?.run
  return (
    CHALLENGE.test(JSON.stringify(handler?.fn ?? handler?.expression ?? '')) ||
    // Another route of the file answers it, mostly GET of the same address.
    (fieldsRead.some((field) => /^entry(?:\.|$)/.test(field)) && knowsChallenge(module))
  )
}
const CHALLENGE = /"hub\.(?:challenge|verify_token)"|"url_verification"|"challengeCode"/

const challenged = new WeakMap<Module, boolean>()
function knowsChallenge(module: Module): boolean {
  const known = challenged.get(module) ?? CHALLENGE.test(JSON.stringify(module.body))
  challenged.set(module, known)
  return known
}

function findsByPath({ uses }: SurfaceFacts): boolean {
  return uses.some((use) => use.kind === 'lookup' && use.origins.some(({ kind }) => kind === 'path'))
}

function isStream({ surface, guards }: SurfaceFacts): boolean {
  return guards.includes('event-stream') || streams(surface)
}

const streaming = new WeakMap<object, boolean>()
function streams(surface: SurfaceFacts['surface']): boolean {
  const known = streaming.get(surface)
  if (known !== undefined) return known
  const handler = surface.chain.at(-1)
  const text = handler === undefined ? '' : JSON.stringify(handler.run.fn ?? handler.run.expression ?? '')
  const found =
    /text\/event-stream|EventSourceResponse|ServerSentEvent|"streamSSE"|createEventStream|"eventStream"|"sse"/.test(
      text,
    )
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
    ) ||
    module.body.some(
      (statement) =>
        (statement.kind === 'function' && isSignatureVerifier(statement.fn.name)) ||
        (statement.kind === 'class' && statement.cls.methods.some(({ name }) => isSignatureVerifier(name))),
    )
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
      /^(?:insert|write|upsert|enqueue|opaque|send)$/.test(effect.kind) &&
      effect.uses.some(
        (origin) =>
          origin.kind === 'parsed-body' &&
          ((OUTGOING_FIELD.test(origin.path) && !OF_AN_EVENT.test(origin.path)) ||
            REGISTERS_HOOK.test(wordsOf(effect.name.split('.').at(-1) ?? '').join('_'))),
      ),
  )
}

/** An address within what happened: of a picture that was sent, of the page that a comment stands on. */
const OF_AN_EVENT =
  /(?:^|\.)(?:messages?|attachments?|media|images?|sender|events?|entry|changes|repository|issue|pull_request|comment|commits?)\./

/** What providers tell of: registrations of addresses are flat. */
const WITHIN_EVENT =
  /^(?:repository|push_data|sender|entry|commits?|pull_request|installation|head_commit|object_attributes|workflow_run|check_run|release|actor)\./

/** Only events say so beside their body what they are. */
const EVENT_HEADER = /^x-[\w-]*(?:event|topic|delivery)(?:-(?:type|key|id|name))?$/

/** Whole input handed to `createWebhook`. */
const REGISTERS_HOOK = /^(?:create|add|register|save|insert)_(?:\w+_)?web_?hook(?:_subscription|_endpoint)?$/

/** A fixed secret of this service, shown by the caller. */
function isSharedToken({ kind, secrets }: SurfaceFacts['checks'][number]): boolean {
  return kind === 'token' && secrets.some(({ from }) => from === 'env' || from === 'config' || from === 'literal')
}

/** What a machine shows rather than a person: a key, a signature, a permission named after the hook itself. */
function isMachineKey(name: string): boolean {
  return /api_?key|hmac|signature|web_?hook/i.test(name) || (/^permission /.test(name) && PROVIDER.test(name))
}
/** `TelegramUserPermission` asks whether the provider speaks. */
const PROVIDER = /stripe|github|gitlab|paypal|twilio|slack|shopify|telegram|discord|whats_?app|mailgun|sendgrid/i

/** The address in the body is called at once, as a test or a greeting. */
function callsTarget({ uses }: SurfaceFacts): boolean {
  return uses.some(
    (use) =>
      use.kind === 'fetch' &&
      use.origins.some((origin) => origin.kind === 'parsed-body' && OUTGOING_FIELD.test(origin.path)),
  )
}

/** The route is here and what serves it is not. */
function isHandlerUnseen({ incomplete, surface }: SurfaceFacts): boolean {
  return incomplete.some(
    ({ message }) =>
      (surface.path !== undefined && message.startsWith('The handler ')) ||
      message.includes(' is given the whole request '),
  )
}

/** It acts on or with what belongs to whoever is signed in, which no other machine is. */
function actsForUser({ effects, uses }: SurfaceFacts): boolean {
  return (
    effects.some((effect) => effect.uses.some(({ kind }) => kind === 'identity')) ||
    uses.some(({ kind, origins }) => kind === 'lookup' && origins.some((origin) => origin.kind === 'identity'))
  )
}

function isManagement({ surface, fieldsRead }: SurfaceFacts): boolean {
  const path = surface.path ?? ''
  if (TRIES_HOOKS.test(surface.name.replaceAll('::', '.'))) return true
  if (MANAGES_HOOKS.test(wordsOf(surface.name.split('.').at(-1) ?? '').join('_'))) return true
  return (
    /\/(?:test|retry|resend|rotate|ping|replay|enable|disable|subscriptions?|register|endpoints?)(?:\/|$)/i.test(
      path,
    ) && !fieldsRead.some((field) => /(?:^|\.)(?:type|event|action)$/.test(field))
  )
}

/** `WebhookController@sendTest`: what a person does with a hook that stands in a list. */
const TRIES_HOOKS =
  /hook\w*[@.#](?:send_?)?(?:test|retry|resend|redeliver|replay|ping|toggle|rotate\w*|regenerate\w*)$/i

/** `createWebhook`, `test_webhook`: what is done with the hooks that others have registered here. */
const MANAGES_HOOKS =
  /^(?:create|add|new|register|list|get|fetch|find|show|update|edit|patch|delete|remove|destroy|test|toggle|enable|disable|rotate|retry|resend|trigger|send|dispatch|deliver|subscribe|unsubscribe)_(?:\w+_)?(?:web_?)?hooks?(?:_by_id|_endpoint)?$/

function looksLikeEvent({ fieldsRead, testedFields, effects, surface }: SurfaceFacts): boolean {
  const fields = [...fieldsRead, ...testedFields]
  if (fields.some((field) => MAIL_FIELD.test(field))) return true
  const path = `${surface.path ?? ''} ${surface.name}`
  if (
    fields.some((field) =>
      /(?:^|\.)(?:type|event|event_type|eventType|action|topic|event_name|object|status|resource_type|kind)$/i.test(
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

/** Of inbound mail, as Mailgun and SendGrid post it. */
const MAIL_FIELD = /^(?:body-(?:plain|html)|stripped-(?:text|html)|envelope|recipient|message-headers)$/

function isMemoryJob(facts: SurfaceFacts, name: string): boolean {
  const { uses, surface } = facts
  const byAddress = uses.filter(
    (use) => use.kind === 'lookup' && use.origins.some(({ kind }) => kind === 'path' || kind === 'query'),
  )
  if (!JOB_NAME.test(name) && !byAddress.some((use) => use.detail === 'memory' && JOB_STORE.test(use.name)))
    return false
  const { methods } = surface
  const isAction = /cancel|abort|stop|retry|resume|pause/i.test(name)
  if (methods.length > 0 && !methods.includes('GET') && !methods.includes('DELETE') && !isAction) return false
  return (
    byAddress.some(
      (use) => use.detail === 'memory' || /job|task|export|report|result/i.test(`${use.name} ${use.detail}`),
    ) ||
    (byAddress.length > 0 && /download|export|report|result/i.test(name) && givesFile(surface))
  )
}

/** The answer is a file. */
function givesFile({ chain }: SurfaceFacts['surface']): boolean {
  const run = chain.at(-1)?.run
  return /"(?:send_file|send_from_directory|FileResponse|sendFile|download|X-Accel-Redirect)"/.test(
    JSON.stringify(run?.fn?.body ?? run?.expression ?? ''),
  )
}
