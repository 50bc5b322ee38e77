/** What is said of every live surface, whatever its kind: that it is there, how it is reached, what it was judged by. */
import type { Evidence, ProbeExchange, ProbeRecord } from '../../catalogue/evidence.ts'
import { isLoopback } from './consent.ts'

/** @param holds What was seen of those who may; `undefined` when they were not let in. */
export function inventory(url: string, consent: string, holds: string | undefined): Evidence {
  const told = holds ?? 'It accepted no genuine request.'
  return {
    control: 'surface-inventory',
    state: holds === undefined ? 'unknown' : 'present',
    place: 'unknown',
    source: 'live',
    detail: `${told} Probed at ${new URL(url).origin}. ${consent}`.trimEnd(),
  }
}

/** Loopback needs no TLS; everything else does. */
export function transport(url: string): readonly Evidence[] {
  const { protocol } = new URL(url)
  if (protocol === 'http:' && isLoopback(new URL(url))) return []
  const encrypted = protocol === 'https:'
  return [
    {
      control: 'transport-encryption',
      state: encrypted ? 'present' : 'unsafe',
      place: 'unknown',
      source: 'live',
      detail: encrypted ? 'Its certificate was verified.' : 'Requests are sent to it without TLS.',
    },
  ]
}

/** The genuine requests that everything else was judged against, kept like a probe. */
export function controlRecord(
  exchanges: readonly ProbeExchange[],
  verdict: { readonly standing: 'sound' | 'unclear'; readonly detail: string; readonly next: string | null },
): ProbeRecord {
  return {
    probe: 'genuine-request',
    title: 'Genuine requests: what the others are judged against',
    verdicts: [
      {
        ...verdict,
        control: 'surface-inventory',
        confidence: 'high',
        exchange: exchanges.length > 0 ? exchanges.length - 1 : null,
      },
    ],
    exchanges: exchanges.map(({ request, response }) => ({ request, response })),
  }
}
