/** For each fault of a webhook receiver the plain request that shows it: true when the attack succeeds. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { httpFarSide } from '../support/far-side.ts'
import type { WEBHOOK_FAULTS } from './faults.ts'
import {
  allow,
  anEvent,
  deliver,
  deliverSlowly,
  effectsOf,
  NO_LIMIT,
  otherKeys,
  type Sending,
  type Signing,
  signature,
} from './plain-requests.ts'
import type { Target } from './start-target.ts'

type Attack = (target: Target) => Promise<boolean>

/** The time a body may take, as these targets are started: the slow sender takes three times as long. */
export const ATTACKED_SETTINGS = { BODY_SECONDS: '1' }
const SLOW_MS = 3 * 1000 * Number(ATTACKED_SETTINGS.BODY_SECONDS)
const LARGE_BYTES = 2 * 1024 * 1024
const DEEP = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`

export const WEBHOOK_ATTACKS: Readonly<Record<keyof typeof WEBHOOK_FAULTS, Attack>> = {
  'no-signature': (target) => hasEffect(target, () => undefined, { at: 'always' }),
  'signature-optional': (target) => hasEffect(target, () => undefined),
  'crash-on-missing-signature': async (target) => (await deliver(target, anEvent().body, undefined)).status === 500,
  'presence-only': (target) => hasEffect(target, (body) => signature(target, body, { key: 'another key' })),
  'prefix-compare': (target) => hasEffect(target, (body) => signature(target, body).slice(0, -40)),
  'overlong-compare': (target) => hasEffect(target, (body) => `${signature(target, body)}zz`),
  'empty-key': (target) => hasEffect(target, (body) => signature(target, body, { key: '' })),
  'weak-algorithm': (target) => hasEffect(target, (body) => signature(target, body, { algorithm: 'sha1' })),
  'version-downgrade': (target) => hasEffect(target, (body) => signature(target, body, { version: 'v0' })),
  async 'parsed-body'(target) {
    const { id, body } = anEvent()
    const spaced = JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(body)).reverse()), null, 1)
    await deliver(target, spaced, signature(target, body))
    return (await effectsOf(target, id)) > 0
  },
  async 'lossy-utf8'(target) {
    // The note holds a byte that is no UTF-8; the signature was made for what a lossy reader sees instead.
    const { id, body } = anEvent({ object: { note: '\uFFFD' } })
    const [before = '', after = ''] = body.split('\uFFFD')
    const raw = Buffer.concat([Buffer.from(before), Buffer.from([0xff]), Buffer.from(after)])
    await deliver(target, raw, signature(target, body))
    return (await effectsOf(target, id)) > 0
  },
  'no-freshness': (target) => isAcceptedAt(target, [-86_400, 86_400]),
  'stale-accepted': (target) => isAcceptedAt(target, [-86_400]),
  'future-accepted': (target) => isAcceptedAt(target, [86_400]),
  async 'no-dedupe'(target) {
    const { id, body } = anEvent()
    const given = signature(target, body)
    for (let copy = 0; copy < 3; copy += 1) await deliver(target, body, given)
    return (await effectsOf(target, id)) > 1
  },
  async 'racy-dedupe'(target) {
    const { id, body } = anEvent()
    const given = signature(target, body)
    await Promise.all(Array.from({ length: 10 }, () => deliver(target, body, given)))
    return (await effectsOf(target, id)) > 1
  },
  async 'unsigned-dedupe'(target) {
    const { id, body } = anEvent()
    const given = signature(target, body)
    for (let copy = 0; copy < 2; copy += 1)
      await deliver(target, body, given, { headers: { 'x-event-id': randomUUID() } })
    return (await effectsOf(target, id)) > 1
  },
  async 'id-conflict'(target) {
    const id = anEvent().id
    for (const amount of [1, 2]) {
      const { body } = anEvent({ id, object: { amount } })
      await deliver(target, body, signature(target, body))
    }
    return (await effectsOf(target, id)) > 1
  },
  'duplicate-headers': (target) =>
    hasEffect(target, (body) => [signature(target, body, { key: 'another key' }), signature(target, body)]),
  'any-content-type': (target) =>
    hasEffect(target, (body) => signature(target, body), { headers: { 'content-type': 'text/plain' } }),
  async 'malformed-500'(target) {
    const replies = [await signedRaw(target, '{"id":'), await signedRaw(target, '{}'), await signedRaw(target, DEEP)]
    return replies.some(({ status }) => status === 500)
  },
  'malformed-accepted': async (target) => (await signedRaw(target, '{"id":')).status === 200,
  'no-limit': (target) => isLargeAccepted(target, false),
  'chunked-no-limit': (target) => isLargeAccepted(target, true),
  async 'slow-body'(target) {
    const { id, body } = anEvent()
    await deliverSlowly(target, body, signature(target, body), SLOW_MS)
    return (await effectsOf(target, id)) > 0
  },
  async 'unknown-type'(target) {
    const { id, body } = anEvent({ type: 'account.deleted_for_ever' })
    await deliver(target, body, signature(target, body))
    return (await effectsOf(target, id)) > 0
  },
  async 'tenant-from-body'(target) {
    const { id, body } = anEvent({ account: 'acct_b', object: { customer: 'cus_2' } })
    await deliver(target, body, signature(target, body))
    return (await effectsOf(target, id)) > 0
  },
  async 'object-from-body'(target) {
    const { id, body } = anEvent({ object: { customer: 'cus_2' } })
    await deliver(target, body, signature(target, body))
    return (await effectsOf(target, id)) > 0
  },
  'fetch-callback': (target) => isCallbackFetched(target),
  'fetch-callback-late': (target) => isCallbackFetched(target),
  async 'callback-not-public'(target) {
    const { body } = anEvent({ object: { callback_url: 'http://0.0.0.0:2/' } })
    return /refused/i.test((await deliver(target, body, signature(target, body))).body)
  },
  async 'open-redirect'(target) {
    const { body } = anEvent({ object: { redirect_url: 'https://elsewhere.example.net/' } })
    const { headers } = await deliver(target, body, signature(target, body))
    return headers.location === 'https://elsewhere.example.net/'
  },
  'any-method': (target) => hasEffect(target, () => undefined, { method: 'GET' }),
  async 'always-200'(target) {
    const { id, body } = anEvent()
    const { status } = await deliver(target, body, 't=1,v1=00')
    return status === 200 && (await effectsOf(target, id)) === 0
  },
  'stack-trace': async (target) => /Traceback|\.ts:\d+/.test((await signedRaw(target, '{"id":')).body),
  'other-key': (target) => hasEffect(target, (body) => signature(target, body, { key: otherKeys(target).tenant })),
  'retired-key': (target) => hasEffect(target, (body) => signature(target, body, { key: otherKeys(target).retired })),
  'one-key': async (target) =>
    !(await hasEffect(target, (body) => signature(target, body, { key: otherKeys(target).next }))),
  async 'raw-path-guard'(target) {
    const spellings = ['/webhooks/%73tripe', '/WEBHOOKS/STRIPE']
    const accepted = spellings.map((path) => hasEffect(target, () => undefined, { path }))
    return (await Promise.all(accepted)).some(Boolean)
  },
  async 'charset-500'(target) {
    const { body } = anEvent()
    const headers = { 'content-type': 'application/json; charset=utf-16' }
    return (await deliver(target, body, signature(target, body), { headers })).status === 500
  },
  'webhook-no-rate-limit': (target) => isEachLookedAt(target, () => ({})),
  'webhook-forged-sender': (target) => isEachLookedAt(target, (at) => ({ 'x-forwarded-for': `198.51.100.${at}` })),
}

async function hasEffect(
  target: Target,
  sign: (body: string) => string | readonly string[] | undefined,
  more: Partial<Sending> & { at?: 'always' } = {},
): Promise<boolean> {
  const { id, body } = anEvent()
  const given = more.at === 'always' ? 't=1,v1=not-even-hex' : sign(body)
  await deliver(target, body, given, more)
  return (await effectsOf(target, id)) > 0
}

async function isAcceptedAt(target: Target, shifts: readonly number[]): Promise<boolean> {
  const accepted = shifts
    .map((shift): Signing => ({ shift }))
    .map(async (signing) => {
      return hasEffect(target, (body) => signature(target, body, signing))
    })
  return (await Promise.all(accepted)).every(Boolean)
}

async function isEachLookedAt(target: Target, headers: (at: number) => Record<string, string>): Promise<boolean> {
  await allow(target, { requests: 3, seconds: 60 })
  const replies = []
  for (let at = 0; at < 6; at += 1)
    replies.push(await deliver(target, anEvent().body, undefined, { headers: headers(at) }))
  await allow(target, NO_LIMIT)
  return replies.every(({ status }) => status !== 429)
}

function signedRaw(target: Target, body: string) {
  return deliver(target, body, signature(target, body))
}

async function isLargeAccepted(target: Target, chunked: boolean): Promise<boolean> {
  const { id, body } = anEvent({ object: { note: 'x'.repeat(LARGE_BYTES) } })
  await deliver(target, body, signature(target, body), { chunked }).catch(() => undefined)
  return (await effectsOf(target, id)) > 0
}

async function isCallbackFetched(target: Target): Promise<boolean> {
  await using listener = await httpFarSide()
  const { body } = anEvent({ object: { callback_url: `${listener.url}/done` } })
  const { status } = await deliver(target, body, signature(target, body))
  if (status >= 400 && status < 500) return listener.requests.length > 0
  for (let waits = 0; waits < 100 && listener.requests.length === 0; waits += 1) await sleep(50)
  return listener.requests.length > 0
}
