/**
 * Which events were seen, and which effects they had.
 *
 * In memory, as Node 20 has no sqlite: what is asked and told within one turn of the one thread is a transaction.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { fault, SINK_URL } from './twin.ts'

export interface Effect {
  readonly eventId: string
  readonly account: string
  readonly customer: string
}

const seen = new Map<string, string>()
const effects: Effect[] = []

/** @returns `conflict` when the key was seen with another body. */
export async function applyOnce(
  key: string,
  digest: string,
  effect: Effect,
): Promise<'accepted' | 'duplicate' | 'conflict'> {
  if (!fault('no-dedupe')) {
    const known = seen.get(key)
    if (known !== undefined) return known === digest ? 'duplicate' : 'conflict'
    if (fault('racy-dedupe')) await sleep(100)
    seen.set(key, digest)
  }
  effects.push(effect)
  return 'accepted'
}

export function countEffects(eventId: string | null, account: string | null): number {
  return effects.filter(
    (effect) => (eventId ?? effect.eventId) === effect.eventId && (account ?? effect.account) === effect.account,
  ).length
}

/** Hands an effect to the sink, when there is one. */
export function deliver(eventId: string, body: Buffer): void {
  if (SINK_URL === undefined) return
  const headers = { 'content-type': 'application/json', 'x-event-id': eventId }
  fetch(SINK_URL, { method: 'POST', headers, body: new Uint8Array(body) }).catch(() => undefined)
}
