/** An async job: created by its owner first, then asked about by everybody. */
import { PosternError } from '../../../base/model/errors.ts'
import type { ExaminedSurface } from '../../../catalogue/evidence.ts'
import { type ExaminedTarget, type LiveContext, openWorkplace } from '../context.ts'
import { CORRECT_OR_START, examinedTarget, goneBy, unlessEnded } from '../examined-target.ts'
import { type Identity, readIdentities, secretsOf } from '../identity.ts'
import type { KeptExchange, Lab } from '../lab.ts'
import type { JobTarget } from '../plan.ts'
import { jobCreate } from '../probes/job.ts'
import { JOB_PROBES } from '../probes/registry.ts'
import { runProbes, sideBySide } from '../run.ts'
import { is2xx } from '../webhook/baseline.ts'
import { type Shape, stableShape } from '../webhook/shape.ts'
import { askedFor, observedSteps } from './observed-steps.ts'
import { readStep } from './step.ts'
import { addressOf, ask, awaitDone, createJob, type JobSubject, shapeOf } from './subject.ts'

export async function examineJob(target: JobTarget, context: LiveContext, consent: string): Promise<ExaminedTarget> {
  const [owner, ...others] = await readIdentities(target.identities, context)
  if (owner === undefined)
    throw new PosternError(
      'VALIDATION_ERROR',
      `The job at ${target.url} has no identities: name its owner first, then others.`,
    )
  const steps = await readSteps(target, [owner, ...others], context)
  const workplace = await openWorkplace(
    target.url,
    undefined,
    [...secretsOf([owner, ...others]), ...steps.secrets],
    context,
  )
  try {
    const route = `${target.create.method} ${new URL(target.url.replace(/\/$/, '') + target.create.path).pathname}`
    const traits: ExaminedSurface['traits'] = {
      hasCancel: target.cancel !== undefined,
      hasCallback: target.callback_field !== undefined,
      hasResultUrl: target.result?.url !== undefined,
      publicDeclared: false,
    }
    const surface = { id: `async-job ${route}`, style: 'async-job' as const, route, traits }
    const kept: KeptExchange[] = []
    const begun = await begin({ target, owner }, workplace.lab(kept))
    const isEvaluable = 'shape' in begun
    const results = isEvaluable
      ? await runProbes(
          context.chosen(JOB_PROBES),
          {
            target,
            owner,
            others,
            statusShape: begun.shape,
            destructive: context.destructive,
            lateMs: context.limits.late_ms,
            waitSeconds: context.limits.wait_seconds,
            roleChange: steps.roleChange,
            clock: steps.clock,
          },
          {
            bench: workplace.bench,
            budget: context.budget,
            sideBySide: sideBySide(undefined),
            onProgress: context.onProgress,
          },
        )
      : []
    const examined = examinedTarget({
      url: target.url,
      consent,
      surface,
      operation: isEvaluable
        ? {
            method: target.create.method,
            url: addressOf(target, target.create.path, ''),
            authentication: askedFor(results, jobCreate.id),
          }
        : undefined,
      control: { exchanges: kept, problem: isEvaluable ? undefined : { ...begun, next: CORRECT_OR_START } },
      needs: 'a job that its owner can create and follow',
      holds: 'Its owner can create and follow a job.',
      results,
      gone: isEvaluable
        ? await goneBy(() => ask({ target }, workplace.lab(), target.status.path, begun.id, owner))
        : undefined,
      cut: context.budget.ended !== undefined,
    })
    if (!isEvaluable) return examined
    const exchanges = results.flatMap((result) => result.exchanges)
    return { ...examined, surface: { ...examined.surface, steps: observedSteps(target, kept, exchanges, results) } }
  } finally {
    await workplace.close()
  }
}

/** @throws PosternError `VALIDATION_ERROR` for a role of somebody who is not in the plan. */
async function readSteps(
  { url, role_change, clock }: JobTarget,
  identities: readonly Identity[],
  context: LiveContext,
): Promise<Pick<JobSubject, 'roleChange' | 'clock'> & { readonly secrets: readonly string[] }> {
  const moving = clock === undefined ? undefined : await readStep(clock, url, context)
  if (role_change === undefined) return { roleChange: undefined, clock: moving, secrets: moving?.secrets ?? [] }
  const identity = identities.find(({ name }) => name === role_change.identity)
  if (identity === undefined)
    throw new PosternError(
      'VALIDATION_ERROR',
      `There is no identity ${role_change.identity} in the plan (role_change).`,
    )
  const take = await readStep(role_change.take, url, context)
  const give = await readStep(role_change.give, url, context)
  return {
    roleChange: { identity, take, give },
    clock: moving,
    secrets: [take, give, moving].flatMap((step) => step?.secrets ?? []),
  }
}

/** Two jobs, so that what differs between any two of them is known. */
async function begin(
  subject: Pick<JobSubject, 'target' | 'owner'>,
  lab: Lab,
): Promise<{ readonly shape: Shape; readonly id: string } | { readonly reason: string }> {
  return await unlessEnded(
    async () => {
      const shapes: Shape[] = []
      let id = ''
      for (let round = 0; round < 2; round++) {
        const created = await createJob(subject, lab)
        if (!created.ok) return { reason: `The owner’s job: ${created.reason}.` }
        id = created.id
        const status = await awaitDone(subject, lab, id)
        if (!status.ok || !is2xx(status.status))
          return { reason: `The owner’s job: its status was answered ${status.ok ? status.status : 'not at all'}.` }
        shapes.push(shapeOf(status))
      }
      const [one = new Map(), other = new Map()] = shapes
      return { shape: stableShape(one, other), id }
    },
    (reason) => ({ reason }),
  )
}
