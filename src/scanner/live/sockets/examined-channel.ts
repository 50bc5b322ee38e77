/** What sockets and streams have in common when they are handed over: the control before, the results, the notes. */
import type { Evidence, ExaminedSurface, ProbeExchange, ProbeRecord } from '../../../catalogue/evidence.ts'
import { isLoopback } from '../consent.ts'
import type { ExaminedTarget } from '../context.ts'
import { evidenceOf, type ProbeResult, recordOf } from '../run.ts'

/** What everything else was judged against. `problem`: whoever may was not let in, so nothing means anything. */
export interface Control {
  readonly exchanges: readonly ProbeExchange[]
  readonly problem?: { readonly reason: string; readonly next: string } | undefined
}

export interface ExaminedChannel {
  readonly url: string
  readonly consent: string
  readonly surface: Pick<ExaminedSurface, 'id' | 'style' | 'route' | 'traits'>
  readonly control: Control
  readonly results: readonly ProbeResult[]
  /** What became of the target by the end of the run, when it is no longer there. */
  readonly gone: string | undefined
  readonly ended: boolean
}

export function examinedChannel(channel: ExaminedChannel): ExaminedTarget {
  const { url, consent, surface, control, results, gone, ended } = channel
  const { problem } = control
  const broken = results.filter(({ broken: why }) => why !== undefined)
  return {
    surface: {
      ...surface,
      evidence: [inventory(channel), ...transport(url), ...results.flatMap(evidenceOf)],
      missingArtifacts: problem === undefined ? [] : ['a client that it lets in'],
      probes: [controlRecord(control), ...results.map(recordOf)],
    },
    notes: [
      ...(problem === undefined ? [] : [`${problem.reason} ${problem.next}`]),
      ...broken.map(({ probe, broken: why }) => `The probe ${probe.id} was not finished: ${why}`),
      ...(gone === undefined ? [] : [`At the end of the run it could no longer be reached: ${gone}. ${consent}`]),
    ],
    incomplete: ended || gone !== undefined || broken.length > 0,
    results,
  }
}

function inventory({ url, consent, control }: ExaminedChannel): Evidence {
  const isIn = control.problem === undefined
  return {
    control: 'surface-inventory',
    state: isIn ? 'present' : 'unknown',
    place: 'unknown',
    source: 'live',
    detail: `${isIn ? 'It lets in whoever may.' : 'It let nobody in.'} Probed at ${new URL(url).origin}. ${consent}`,
  }
}

/** Loopback needs no TLS; everything else does. */
function transport(url: string): readonly Evidence[] {
  const { protocol } = new URL(url)
  if (protocol === 'http:' && isLoopback(new URL(url))) return []
  const isEncrypted = protocol === 'https:'
  return [
    {
      control: 'transport-encryption',
      state: isEncrypted ? 'present' : 'unsafe',
      place: 'unknown',
      source: 'live',
      detail: isEncrypted
        ? 'Its certificate was verified.'
        : 'The channel is opened without TLS, and carries its credentials so.',
    },
  ]
}

function controlRecord({ exchanges, problem }: Control): ProbeRecord {
  return {
    probe: 'rightful-client',
    title: 'A client that may, and what it gets: what the others are judged against',
    verdicts: [
      {
        standing: problem === undefined ? 'sound' : 'unclear',
        control: 'surface-inventory',
        confidence: 'high',
        detail: problem?.reason ?? 'A client that may is let in and answered.',
        next: problem?.next ?? null,
      },
    ],
    exchanges,
  }
}
