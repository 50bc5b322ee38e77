/** What is said of every live surface, whatever its kind: that it is there, how it is reached, what it was judged by. */
import type { Evidence, ProbeExchange, ProbeRecord } from '../../catalogue/evidence.ts'
import { isLoopback } from './consent.ts'
import type { Answer, KeptExchange } from './lab.ts'

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

/**
 * Loopback needs no TLS; everything else does, and a certificate that everybody can check.
 *
 * @param answered Whether it let anybody in.
 */
export function transport(url: string, answered: boolean, exchanges: readonly KeptExchange[]): readonly Evidence[] {
  const { protocol } = new URL(url)
  const encrypted = protocol === 'https:' || protocol === 'wss:'
  if (!encrypted && isLoopback(new URL(url))) return []
  const told = (state: Evidence['state'], detail: string): Evidence => ({
    control: 'transport-encryption',
    state,
    place: 'unknown',
    source: 'live',
    detail,
  })
  if (!encrypted) return [told('unsafe', 'Requests are sent to it without TLS.')]
  const problem = exchanges.map(({ answer }) => certificateProblem(answer)).find((one) => one !== undefined)
  if (problem !== undefined)
    return [
      {
        ...told('unsafe', `Its certificate ${problem}, so nobody can tell it from somebody on the way.`),
        severity: 'medium',
      },
    ]
  // Who got no answer has seen no certificate.
  return answered || exchanges.some(({ answer }) => answer?.ok === true)
    ? [told('present', 'Its certificate was verified.')]
    : []
}

/** By the codes of OpenSSL and Node. */
const CERTIFICATE_PROBLEMS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet',
  CERT_REVOKED: 'was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'comes from an authority that this machine does not know',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'comes from an authority that this machine does not know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'comes from an authority that this machine does not know',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another name',
}

export function certificateProblem(answer: Answer | undefined): string | undefined {
  return answer?.ok === false && answer.outcome === 'tls_failed' ? CERTIFICATE_PROBLEMS[answer.detail] : undefined
}

/** The genuine requests that everything else was judged against, kept like a probe. */
export function controlRecord(
  exchanges: readonly ProbeExchange[],
  verdict: { readonly standing: 'sound' | 'unclear'; readonly detail: string; readonly next: string | null },
): ProbeRecord {
  return {
    probe: 'genuine-request',
    title: 'Genuine requests: what the others are judged against',
    follows: [],
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
