/** The receiver: verify the bytes, read them, check whose they are, and let each event have its effect once. */
import { setTimeout as sleep } from 'node:timers/promises'
import { bodyDigest, verify } from './signature.ts'
import { applyOnce, deliver } from './store.ts'
import { ACCOUNT, type Answer, type Call, fault, isRecord, Refused } from './twin.ts'

const EVENT_TYPES = ['invoice.paid', 'invoice.voided']
/** Whose customers are whose. */
const CUSTOMERS: Readonly<Record<string, string>> = {
  cus_1: 'acct_a',
  cus_2: 'acct_b',
  cus_3: 'acct_a',
  cus_4: 'acct_b',
}
const CALLBACK_HOSTS = ['hooks.example.com']
const ID = /^[A-Za-z0-9_.:-]{1,128}$/
const UNSIGNED_ID =
  /^(x-|stripe-|webhook-|svix-|github-)*(event|delivery|request|message|webhook|idempotency)?-?(id|key)$/

export async function receive(call: Call): Promise<Answer> {
  if (!fault('always-200')) return accept(call)
  await accept(call).catch((error: unknown) => {
    if (!(error instanceof Refused)) throw error
  })
  return { status: 200, value: { status: 'received' } }
}

async function accept(call: Call): Promise<Answer> {
  const type = (call.first('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
  if (fault('charset-500') && (call.first('content-type') ?? '').includes('utf-16')) throw new Error('unknown charset')
  if (type !== 'application/json' && !fault('any-content-type')) throw new Refused(415, 'application/json only')
  verify(call, call.all('stripe-signature'))
  const event = read(call)
  if (event === undefined) return { status: 200, value: { status: 'received' } }
  if (!EVENT_TYPES.includes(event.type) && !fault('unknown-type')) return { status: 200, value: { status: 'ignored' } }
  const account = fault('tenant-from-body') ? event.account : ACCOUNT
  if (event.account !== account) throw new Refused(403, 'not an event of this account')
  const isTheirs = Object.hasOwn(CUSTOMERS, event.customer) && CUSTOMERS[event.customer] === account
  if (!isTheirs && !fault('object-from-body') && !fault('tenant-from-body')) throw new Refused(422, 'unknown customer')
  checkCallback(event.callbackUrl)
  const effect = { eventId: event.id, account, customer: event.customer }
  const outcome = await applyOnce(dedupeKey(call, event.id), bodyDigest(call.body), effect)
  if (outcome === 'conflict') throw new Refused(409, 'this event was received with other content')
  if (outcome === 'accepted') {
    deliver(event.id, call.body)
    await followCallback(event.callbackUrl)
  }
  if (fault('open-redirect') && typeof event.redirectUrl === 'string') {
    return { status: 302, value: {}, headers: [['location', event.redirectUrl]] }
  }
  return { status: 200, value: { status: 'accepted', duplicate: outcome === 'duplicate' } }
}

interface Event {
  readonly id: string
  readonly type: string
  readonly account: string
  readonly customer: string
  readonly callbackUrl: unknown
  readonly redirectUrl: unknown
}

function read(call: Call): Event | undefined {
  let json: Record<string, unknown>
  try {
    json = call.json()
  } catch (error) {
    if (fault('malformed-accepted')) return undefined
    if (fault('malformed-500') || fault('stack-trace')) throw new Error('cannot parse the event')
    throw error
  }
  if (fault('malformed-500')) {
    // No check of shape: what is missing is missed here.
    const thing = (json['data'] as { object: Record<string, string> }).object
    return { ...fields(json, thing), depth: recurse(json) } as unknown as Event
  }
  const data = json['data']
  const thing = isRecord(data) && isRecord(data['object']) ? data['object'] : {}
  const event = fields(json, thing)
  const texts = [event.id, event.type, event.account, event.customer]
  if (!texts.every((text) => typeof text === 'string' && ID.test(text))) throw new Refused(422, 'not an event')
  if (depthOf(json) > 32) throw new Refused(422, 'too deep')
  return event as Event
}

function fields(json: Record<string, unknown>, thing: Record<string, unknown>) {
  const { id, type, account } = json
  return {
    id,
    type,
    account,
    customer: thing['customer'],
    callbackUrl: thing['callback_url'],
    redirectUrl: thing['redirect_url'],
  }
}

function depthOf(value: unknown): number {
  let depth = 0
  for (let level = [value]; level.length > 0; depth += 1) {
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []))
  }
  return depth
}

/** As one writes it first; the stack ends before the nesting does. */
function recurse(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(recurse))
}

function dedupeKey(call: Call, id: string): string {
  if (fault('unsigned-dedupe')) {
    const header = call.headers.find(([name]) => UNSIGNED_ID.test(name))
    if (header !== undefined) return header[1]
  }
  return fault('id-conflict') ? `${id} ${bodyDigest(call.body)}` : id
}

function checkCallback(url: unknown): void {
  if (url === undefined || url === null || fault('fetch-callback') || fault('fetch-callback-late')) return
  if (!isRegistered(url) && (!fault('callback-not-public') || isLoopback(url)))
    throw new Refused(422, 'callback_url is not one of yours')
}

function isLoopback(url: unknown): boolean {
  if (typeof url !== 'string' || !URL.canParse(url)) return true
  return /^(?:127\.|\[|(?:.*\.)?localhost$)/.test(new URL(url).hostname)
}

export function isRegistered(url: unknown): boolean {
  if (typeof url !== 'string' || !URL.canParse(url)) return false
  const { protocol, host, username } = new URL(url)
  return protocol === 'https:' && CALLBACK_HOSTS.includes(host) && username === ''
}

/** The sound twin calls nobody: a callback that passed the check would be the sender's own worker's to call. */
async function followCallback(url: unknown): Promise<void> {
  if (typeof url !== 'string') return
  if (fault('fetch-callback')) await visit(url)
  if (fault('fetch-callback-late')) sleep(1000).then(() => visit(url))
  if (fault('callback-not-public') && !isRegistered(url)) {
    const failure = await visit(url)
    if (failure !== undefined) throw new Refused(422, `callback_url: ${failure}`)
  }
}

async function visit(url: string): Promise<string | undefined> {
  try {
    await fetch(url, { signal: AbortSignal.timeout(1000) })
    return undefined
  } catch (error) {
    return String(error instanceof Error ? (error.cause ?? error) : error)
  }
}
