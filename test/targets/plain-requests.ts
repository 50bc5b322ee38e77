/** Plain requests to a target: what its own tests ask with, so that no prober has to be believed. */
import { createHmac, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Target } from './start-target.ts'

export interface Reply {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Sending {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Buffer
  readonly chunked?: boolean
}

/** A server may answer and close before it has read everything: the answer counts, not the broken pipe. */
export async function ask(
  target: Target,
  { method = 'GET', path, headers = {}, body, chunked }: Sending,
): Promise<Reply> {
  const length = chunked === true || body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const sent = request(`${target.url}${path}`, {
    method,
    agent: false,
    headers: { ...length, ...(headers as Record<string, string | string[]>) },
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve)
    sent.on('error', reject)
  })
  if (chunked === true) sent.flushHeaders()
  sent.end(body)
  const response = await answered
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) }
}

export const NO_LIMIT = { requests: 1_000_000, seconds: 1 }

/** How many requests the service takes of one sender in so many seconds. */
export async function allow(target: Target, limit: typeof NO_LIMIT): Promise<void> {
  await ask(target, { method: 'POST', path: '/_limit', body: JSON.stringify(limit) })
}

export interface Identity {
  readonly token: string
  /** As it was set, with its flags. */
  readonly cookie: string
  readonly csrf: string
  readonly headers: Readonly<Record<string, string>>
}

export async function login(target: Target, user: 'alice' | 'amy' | 'bob', more: object = {}): Promise<Identity> {
  const body = JSON.stringify({ user, password: `pw-${user}`, ...more })
  const reply = await ask(target, { method: 'POST', path: '/login', body })
  const { token, csrf } = JSON.parse(reply.body) as { token: string; csrf: string }
  return { token, csrf, cookie: reply.headers['set-cookie']?.[0] ?? '', headers: { authorization: `Bearer ${token}` } }
}

export const WEBHOOK_PATH = '/webhooks/stripe'

/** Beside its secret: the key that is active as well, one that no longer is, and that of acct_b. */
export function otherKeys({ secret }: Pick<Target, 'secret'>) {
  return { next: `${secret}_next`, retired: `${secret}_retired`, tenant: `${secret}_of_acct_b` }
}

/** Keys in the order of the alphabet and no blanks: re-serialised by whatever language, it is the same text. */
export function anEvent(changes: { id?: string; type?: string; account?: string; object?: object } = {}) {
  const { id = `evt_${randomUUID()}`, type = 'invoice.paid', account = 'acct_a', object = {} } = changes
  const body = JSON.stringify({ account, data: { object: { amount: 1200, customer: 'cus_1', ...object } }, id, type })
  return { id, body }
}

export interface Signing {
  readonly key?: string
  readonly algorithm?: string
  readonly version?: string
  /** Seconds from now. */
  readonly shift?: number
}

export function signature(target: Target, body: string | Buffer, signing: Signing = {}): string {
  const { key = target.secret, algorithm = 'sha256', version = 'v1', shift = 0 } = signing
  const stamp = Math.floor(Date.now() / 1000) + shift
  return `t=${stamp},${version}=${createHmac(algorithm, key).update(`${stamp}.`).update(body).digest('hex')}`
}

export function deliver(
  target: Target,
  body: string | Buffer,
  given: string | readonly string[] | undefined,
  more: Partial<Sending> = {},
): Promise<Reply> {
  const signed: Record<string, string | readonly string[]> = given === undefined ? {} : { 'stripe-signature': given }
  const headers = { 'content-type': 'application/json', ...signed, ...more.headers }
  return ask(target, { method: 'POST', path: WEBHOOK_PATH, body, ...more, headers })
}

export async function effectsOf(target: Target, id: string): Promise<number> {
  const { body } = await ask(target, { path: `/_effects?id=${encodeURIComponent(id)}` })
  return (JSON.parse(body) as { count: number }).count
}

/** Sends the head and the first byte, waits, and then all the rest. @returns What came back; empty when it was closed. */
export async function deliverSlowly(target: Target, body: string, given: string, pauseMs: number): Promise<string> {
  const sent = request(`${target.url}${WEBHOOK_PATH}`, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', 'content-length': String(body.length), 'stripe-signature': given },
  })
  const reply = new Promise<string>((resolve) => {
    sent.once('response', async (response) => resolve(`${response.statusCode} ${await text(response).catch(() => '')}`))
    sent.on('error', () => resolve(''))
  })
  sent.flushHeaders()
  sent.write(body.slice(0, 1))
  setTimeout(() => sent.end(body.slice(1)), pauseMs)
  return reply
}

export async function firstChunk(target: Target, path: string, headers: Readonly<Record<string, string>> = {}) {
  const sent = request(`${target.url}${path}`, { agent: false, headers })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  response.on('error', () => undefined)
  const [chunk] = await Promise.race([once(response, 'data'), once(response, 'end').then(() => [''])])
  return { status: response.statusCode, headers: response.headers, text: String(chunk), response }
}
