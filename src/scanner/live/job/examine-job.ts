/** An async job: created by its owner first, then asked about by everybody. */
import { PosternError } from '../../../base/model/errors.ts'
import type { ExaminedSurface } from '../../../catalogue/evidence.ts'
import { RunEnded } from '../budget.ts'
import { type ExaminedTarget, type LiveContext, openWorkplace } from '../context.ts'
import { readIdentities, secretsOf } from '../identity.ts'
import type { KeptExchange, Lab } from '../lab.ts'
import type { JobTarget } from '../plan.ts'
import { JOB_PROBES } from '../probes/registry.ts'
import { evidenceOf, recordOf, runProbes, sideBySide } from '../run.ts'
import { controlRecord, inventory, transport } from '../surface-evidence.ts'
import { is2xx } from '../webhook/baseline.ts'
import { type Shape, stableShape } from '../webhook/shape.ts'
import { awaitDone, createJob, type JobSubject, shapeOf } from './subject.ts'

export async function examineJob(target: JobTarget, context: LiveContext, consent: string): Promise<ExaminedTarget> {
  const [owner, ...others] = await readIdentities(target.identities, context)
  if (owner === undefined)
    throw new PosternError(
      'VALIDATION_ERROR',
      `The job at ${target.url} has no identities: name its owner first, then others.`,
    )
  const workplace = await openWorkplace(target.url, undefined, secretsOf([owner, ...others]), context)
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
    if ('reason' in begun)
      return {
        surface: {
          ...surface,
          evidence: [inventory(target.url, consent, 'unknown')],
          missingArtifacts: ['a job that its owner can create and follow'],
          probes: [
            controlRecord(kept, {
              standing: 'unclear',
              detail: begun.reason,
              next: 'Correct the plan, or start the target.',
            }),
          ],
        },
        notes: [begun.reason],
        incomplete: context.budget.ended !== undefined,
        results: [],
      }
    const subject: JobSubject = {
      target,
      owner,
      others,
      statusShape: begun.shape,
      destructive: context.destructive,
      lateMs: context.limits.late_ms,
    }
    const results = await runProbes(context.chosen(JOB_PROBES), subject, {
      bench: workplace.bench,
      budget: context.budget,
      sideBySide: sideBySide(undefined),
      onProgress: context.onProgress,
    })
    const broken = results.filter(({ broken: why }) => why !== undefined)
    return {
      surface: {
        ...surface,
        evidence: [inventory(target.url, consent, 'present'), ...transport(target.url), ...results.flatMap(evidenceOf)],
        missingArtifacts: [],
        probes: [
          controlRecord(kept, { standing: 'sound', detail: 'Its owner can create and follow a job.', next: null }),
          ...results.map(recordOf),
        ],
      },
      notes: broken.map(({ probe, broken: why }) => `The probe ${probe.id} was not finished: ${why}`),
      incomplete: broken.length > 0,
      results,
    }
  } finally {
    await workplace.close()
  }
}

/** Two jobs, so that what differs between any two of them is known. */
async function begin(
  subject: Pick<JobSubject, 'target' | 'owner'>,
  lab: Lab,
): Promise<{ readonly shape: Shape } | { readonly reason: string }> {
  try {
    const shapes: Shape[] = []
    for (let round = 0; round < 2; round++) {
      const created = await createJob(subject, lab)
      if (!created.ok) return { reason: `The owner’s job: ${created.reason}.` }
      const status = await awaitDone(subject, lab, created.id)
      if (!status.ok || !is2xx(status.status))
        return { reason: `The owner’s job: its status was answered ${status.ok ? status.status : 'not at all'}.` }
      shapes.push(shapeOf(status))
    }
    const [one = new Map(), other = new Map()] = shapes
    return { shape: stableShape(one, other) }
  } catch (error) {
    if (error instanceof RunEnded) return { reason: error.message }
    throw error
  }
}
