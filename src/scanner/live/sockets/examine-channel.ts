/**
 * One socket or stream: its owner asks first, then every probe, then it is seen whether the target is still there.
 *
 * Without the owner being answered nothing is concluded: a channel that answers nobody looks sound to every probe.
 */
import type { ExaminedSurface } from '../../../catalogue/evidence.ts'
import { type ExaminedTarget, type LiveContext, openWorkplace } from '../context.ts'
import { examinedTarget, type Problem, unlessEnded } from '../examined-target.ts'
import type { KeptExchange, Lab } from '../lab.ts'
import type { Probe } from '../probe.ts'
import { runProbes } from '../run.ts'
import type { SocketTarget, StreamTarget } from './channel-plan.ts'
import { type People, readPeople } from './identities.ts'

export interface Channel<Subject> {
  readonly subject: Subject
  readonly probes: readonly Probe<Subject>[]
  readonly surface: Pick<ExaminedSurface, 'id' | 'style' | 'route' | 'traits'>
  /** @param labOf A new lab for each question. @returns Why the owner is not answered. */
  readonly establish: (labOf: () => Lab) => Promise<Problem | undefined>
  /** @returns How it can no longer be reached. */
  readonly goneBy: (lab: Lab) => Promise<string | undefined>
}

/** Channels are cheap to open, but some services count them. */
const SIDE_BY_SIDE = 4

export async function examineChannel<Target extends SocketTarget | StreamTarget, Subject>(
  target: Target,
  context: LiveContext,
  consent: string,
  open: (people: Omit<People, 'secrets'>) => Channel<Subject>,
): Promise<ExaminedTarget> {
  const { secrets, ...people } = await readPeople(target, context)
  const workplace = await openWorkplace(target.url, undefined, secrets, context)
  try {
    const { subject, probes, surface, establish, goneBy } = open(people)
    const { budget, onProgress } = context
    const exchanges: KeptExchange[] = []
    const problem = await unlessEnded(
      () => establish(() => workplace.lab(exchanges)),
      (reason): Problem => ({ reason, next: 'Run it again.' }),
    )
    const isEvaluable = problem === undefined
    const options = { bench: workplace.bench, budget, sideBySide: SIDE_BY_SIDE, onProgress }
    const results = isEvaluable ? await runProbes(context.chosen(probes), subject, options) : []
    const how = isEvaluable
      ? await unlessEnded(
          () => goneBy(workplace.lab()),
          () => undefined,
        )
      : undefined
    return examinedTarget({
      url: target.url,
      consent,
      surface,
      control: { exchanges, problem },
      needs: 'a client that it lets in',
      holds: 'A client that may is let in and answered.',
      results,
      gone: how === undefined ? undefined : `At the end of the run it could no longer be reached: ${how}.`,
      cut: budget.ended !== undefined,
    })
  } finally {
    await workplace.close()
  }
}
