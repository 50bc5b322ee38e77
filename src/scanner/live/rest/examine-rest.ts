/** Ordinary operations: each is a surface of its own, judged against what its owner gets. */
import type { ExaminedSurface } from '../../../catalogue/evidence.ts'
import { RunEnded } from '../budget.ts'
import { type ExaminedTarget, type LiveContext, openWorkplace, type Workplace } from '../context.ts'
import { type Identity, readIdentities, secretsOf } from '../identity.ts'
import type { KeptExchange } from '../lab.ts'
import type { RestTarget } from '../plan.ts'
import { REST_PROBES } from '../probes/registry.ts'
import { evidenceOf, recordOf, runProbes, sideBySide } from '../run.ts'
import { controlRecord, inventory, transport } from '../surface-evidence.ts'
import { is2xx } from '../webhook/baseline.ts'
import { bodyShape, stableShape } from '../webhook/shape.ts'
import { requestOf } from './subject.ts'

type Operation = RestTarget['operations'][number]

export async function examineRest(
  target: RestTarget,
  context: LiveContext,
  consent: string,
): Promise<readonly ExaminedTarget[]> {
  const identities = await readIdentities(target.identities ?? {}, context)
  const workplace = await openWorkplace(target.url, undefined, secretsOf(identities), context)
  try {
    const examined: ExaminedTarget[] = []
    for (const operation of target.operations)
      examined.push(await examineOperation(operation, { target, identities, context, consent, workplace }))
    return examined
  } finally {
    await workplace.close()
  }
}

interface Surroundings {
  readonly target: RestTarget
  readonly identities: readonly Identity[]
  readonly context: LiveContext
  readonly consent: string
  readonly workplace: Workplace
}

async function examineOperation(
  operation: Operation,
  { target, identities, context, consent, workplace }: Surroundings,
): Promise<ExaminedTarget> {
  const url = target.url.replace(/\/$/, '') + operation.path
  const route = `${operation.method} ${new URL(url).pathname}`
  const surface = { id: `rest ${route}`, style: 'rest' as const, route }
  const undecided = (note: string, kept: readonly KeptExchange[]): ExaminedTarget => ({
    surface: {
      ...surface,
      traits: {},
      evidence: [inventory(url, consent, 'unknown')],
      missingArtifacts: ['a request of its owner that it accepts'],
      probes: [
        controlRecord(kept, { standing: 'unclear', detail: note, next: 'Correct the plan, or start the target.' }),
      ],
    },
    notes: [`${route}: ${note}`],
    incomplete: context.budget.ended !== undefined,
    results: [],
  })
  if (/^(?:PUT|PATCH|DELETE)$/.test(operation.method) && !context.destructive)
    return undecided('It changes or removes something, and the plan does not say destructive: true.', [])
  const owner =
    identities.find(({ name }) => name === operation.owner) ?? (operation.public === true ? undefined : identities[0])
  const kept: KeptExchange[] = []
  const subject = { operation, url, owner, others: identities.filter((one) => one !== owner) }
  // After the end of a run the first request says so; the rest of the targets are then told to be open.
  const [first, second] = await askTwice(workplace, kept, requestOf(subject, owner))
  if (first === undefined || second === undefined || !first.ok || !second.ok || !is2xx(first.status))
    return undecided(
      `The request of ${owner?.name ?? 'anybody'} was not accepted (${first?.ok === true ? first.status : 'no answer'}).`,
      kept,
    )
  const accepted = { answer: first, shape: stableShape(bodyShape(first), bodyShape(second)) }
  const results = await runProbes(
    context.chosen(REST_PROBES),
    { ...subject, accepted },
    {
      bench: workplace.bench,
      budget: context.budget,
      sideBySide: sideBySide(undefined),
      onProgress: context.onProgress,
    },
  )
  const broken = results.filter(({ broken: why }) => why !== undefined)
  return {
    surface: {
      ...surface,
      traits: traitsOf(operation, identities),
      evidence: [inventory(url, consent, 'present'), ...transport(url), ...results.flatMap(evidenceOf)],
      missingArtifacts: [],
      probes: [
        controlRecord(kept, { standing: 'sound', detail: 'The owner’s request is accepted.', next: null }),
        ...results.map(recordOf),
      ],
    },
    notes: broken.map(({ probe, broken: why }) => `The probe ${probe.id} was not finished: ${why}`),
    incomplete: broken.length > 0,
    results,
  }
}

async function askTwice(workplace: Workplace, kept: KeptExchange[], request: ReturnType<typeof requestOf>) {
  const lab = workplace.lab(kept)
  try {
    return [await lab.send(request), await lab.send(request)]
  } catch (error) {
    if (error instanceof RunEnded) return []
    throw error
  }
}

function traitsOf(operation: Operation, identities: readonly Identity[]): ExaminedSurface['traits'] {
  const tenants = new Set(identities.flatMap(({ tenant }) => tenant ?? []))
  return {
    ...(operation.public === true ? { publicDeclared: true, publicWithReason: true } : { publicDeclared: false }),
    ...(tenants.size > 1 ? { multiTenant: true } : {}),
    ...(/^(?:GET|HEAD|OPTIONS)$/.test(operation.method) ? { readOnly: true } : {}),
  }
}
