/**
 * A probe: what it sends, which control that proves or disproves, and how an answer is read.
 *
 * A probe states facts; whether they are findings is the catalogue's decision. A probe never guesses: what it could
 * not tell is `unclear`, with what would settle it, and what does not apply here is said to be so.
 */
import type { ControlId } from '../../catalogue/catalogue.ts'
import type { Severity } from '../../catalogue/severity.ts'
import type { Confidence } from '../../catalogue/terms.ts'
import type { Answer, Lab } from './lab.ts'

/** `sound`: the control was seen to work. `faulty`: it was seen to fail. */
export const STANDINGS = ['sound', 'faulty', 'unclear', 'not-applicable'] as const
export type Standing = (typeof STANDINGS)[number]

export interface Verdict {
  readonly standing: Standing
  readonly confidence: Confidence
  /** One plain sentence without secrets, ids, times or other things that change from run to run. */
  readonly detail: string
  /** With `unclear`: what would settle it. */
  readonly next?: string
  /** Where it is about another control than the probe's first. */
  readonly control?: ControlId
  readonly severity?: Severity
  /** The answer that shows it, so that a report can show that one. */
  readonly seen?: Answer
  /** Asked when all other probes have ended: what has come to light since, or nothing. */
  readonly late?: () => Verdict | undefined
}

/** What a probe is to a reader; its page is made from this. */
export interface ProbeInfo {
  /** = file name or the name within it = docs/probes/<id>.md */
  readonly id: string
  readonly title: string
  /** The controls it feeds, the one it is mainly about first. */
  readonly controls: readonly [ControlId, ...ControlId[]]
  /** What is known afterwards, in one or two sentences. */
  readonly proves: string
  readonly sends: string
  /** How the answer is read. */
  readonly reads: string
  /** When it is wrong or silent on purpose. */
  readonly limits: string
  /** An answer that shows the fault, and one that does not. */
  readonly examples: { readonly faulty: string; readonly sound: string }
  /** Where one of these probes found something, that is the cause of what this one finds; the most telling first. */
  readonly follows?: readonly string[]
  /** Nothing else is sent meanwhile: it takes much of the target, or counts what everybody causes. */
  readonly alone?: boolean
}

export interface Probe<Subject> extends ProbeInfo {
  run(subject: Subject, lab: Lab): Promise<readonly Verdict[] | Verdict>
}

export function sound(detail: string, more: Partial<Verdict> = {}): Verdict {
  return { standing: 'sound', confidence: 'high', detail, ...more }
}

export function faulty(detail: string, more: Partial<Verdict> = {}): Verdict {
  return { standing: 'faulty', confidence: 'high', detail, ...more }
}

export function unclear(detail: string, next: string, more: Partial<Verdict> = {}): Verdict {
  return { standing: 'unclear', confidence: 'low', detail, next, ...more }
}

export function notApplicable(detail: string): Verdict {
  return { standing: 'not-applicable', confidence: 'high', detail }
}
