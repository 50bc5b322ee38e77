/** What sockets and streams have in common when they are handed over: the control before, the results, the notes. */
import type { ExaminedSurface, ProbeExchange } from '../../../catalogue/evidence.ts'
import type { ExaminedTarget } from '../context.ts'
import { evidenceOf, type ProbeResult, recordOf } from '../run.ts'
import { controlRecord, inventory, transport } from '../surface-evidence.ts'

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
      evidence: [
        inventory(url, consent, problem === undefined ? 'present' : 'unknown'),
        ...transport(url),
        ...results.flatMap(evidenceOf),
      ],
      missingArtifacts: problem === undefined ? [] : ['a client that it lets in'],
      probes: [
        controlRecord(control.exchanges, {
          standing: problem === undefined ? 'sound' : 'unclear',
          detail: problem?.reason ?? 'A client that may is let in and answered.',
          next: problem?.next ?? null,
        }),
        ...results.map(recordOf),
      ],
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
