/**
 * How every examiner of a live surface hands it over: the control before, what the probes found, and whether it was
 * still there at the end. Only a run that ends as it began is whole.
 */
import type { ExaminedSurface } from '../../catalogue/evidence.ts'
import { RunEnded } from './budget.ts'
import type { ExaminedTarget } from './context.ts'
import type { Answer, KeptExchange } from './lab.ts'
import { type ObservedOperation, observedOf } from './observed.ts'
import { evidenceOf, type ProbeResult, recordOf } from './run.ts'
import { controlRecord, inventory, transport } from './surface-evidence.ts'

/** What everything else was judged against. `problem`: whoever may was not let in, so nothing means anything. */
export interface Control {
  readonly exchanges: readonly KeptExchange[]
  readonly problem?: Problem | undefined
}

export interface Problem {
  readonly reason: string
  readonly next: string
}

/** Where nothing better is known than that it did not go as the plan says. */
export const CORRECT_OR_START = 'Correct the plan, or start the target.'

export interface Examination {
  readonly url: string
  readonly consent: string
  readonly surface: Pick<ExaminedSurface, 'id' | 'style' | 'route' | 'traits'>
  /** What a description of it would describe; where nobody was let in, only what is said here is known. */
  readonly operation?: ObservedOperation | undefined
  readonly control: Control
  /** What a control that fails would have needed, such as `a client that it lets in`. */
  readonly needs: string
  /** What is said of one that holds. */
  readonly holds: string
  readonly results: readonly ProbeResult[]
  /** What became of the target by the end of the run, a sentence; when it is as it was, nothing. */
  readonly gone: string | undefined
  /** What a reader must know beside it, a sentence each. */
  readonly notes?: readonly string[]
  /** The run was ended before it was over, or could not tell. */
  readonly cut: boolean
}

export function examinedTarget(examination: Examination): ExaminedTarget {
  const { url, consent, surface, operation, control, needs, holds, results, gone, notes = [], cut } = examination
  const { problem } = control
  const broken = results.filter(({ broken: why }) => why !== undefined)
  return {
    surface: {
      ...surface,
      ...(operation === undefined
        ? {}
        : {
            observed: observedOf(
              operation,
              control.exchanges,
              results.flatMap(({ exchanges }) => exchanges),
            ),
          }),
      evidence: [
        inventory(url, consent, problem === undefined ? holds : undefined),
        ...transport(url, problem === undefined, control.exchanges),
        ...results.flatMap(evidenceOf),
      ],
      missingArtifacts: problem === undefined ? [] : [needs],
      probes: [
        controlRecord(control.exchanges, {
          standing: problem === undefined ? 'sound' : 'unclear',
          detail: problem?.reason ?? holds,
          next: problem?.next ?? null,
        }),
        ...results.map(recordOf),
      ],
    },
    notes: [
      ...(problem === undefined ? [] : [`${problem.reason} ${problem.next}`]),
      ...notes,
      ...broken.map(({ probe, broken: why }) => `The probe ${probe.id} was not finished: ${why}`),
      ...(gone === undefined ? [] : [gone]),
    ],
    incomplete: cut || gone !== undefined || broken.length > 0,
    results,
  }
}

/** The last question of a run. @returns A sentence when nobody answers it any more. */
export async function goneBy(ask: () => Promise<Answer>): Promise<string | undefined> {
  const answer = await unlessEnded(ask, () => undefined)
  if (answer === undefined || answer.ok) return undefined
  return `At the end of the run it no longer answered (${answer.outcome}).`
}

/** A run that has ended asks nothing more: `ended` says what that means here. */
export async function unlessEnded<T, E>(work: () => Promise<T>, ended: (why: string) => E): Promise<T | E> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof RunEnded) return ended(error.message)
    throw error
  }
}
