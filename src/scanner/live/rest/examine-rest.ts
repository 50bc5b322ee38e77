/** Ordinary operations: each is a surface of its own, judged against what its owner gets. */
import type { ExaminedSurface, Observed } from '../../../catalogue/evidence.ts'
import { type ExaminedTarget, type LiveContext, openWorkplace, type Workplace } from '../context.ts'
import { CORRECT_OR_START, examinedTarget, goneBy, unlessEnded } from '../examined-target.ts'
import { type Identity, readIdentities, secretsOf } from '../identity.ts'
import type { Answer, KeptExchange } from '../lab.ts'
import type { RestTarget } from '../plan.ts'
import { REST_PROBES } from '../probes/registry.ts'
import { asksForCredential, restNoCredential } from '../probes/rest.ts'
import { type ProbeResult, runProbes, sideBySide } from '../run.ts'
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

interface Outcome {
  readonly results?: readonly ProbeResult[]
  readonly gone?: string | undefined
  readonly authentication?: Observed['authentication'] | undefined
}

async function examineOperation(
  operation: Operation,
  { target, identities, context, consent, workplace }: Surroundings,
): Promise<ExaminedTarget> {
  const url = target.url.replace(/\/$/, '') + operation.path
  const route = `${operation.method} ${new URL(url).pathname}`
  const surface = { id: `rest ${route}`, style: 'rest' as const, route }
  const kept: KeptExchange[] = []
  const owner =
    identities.find(({ name }) => name === operation.owner) ?? (operation.public === true ? undefined : identities[0])
  const handedOver = (
    problem: string | undefined,
    { results = [], gone, authentication }: Outcome = {},
  ): ExaminedTarget => {
    const isAsked = owner === undefined && authentication === 'demanded'
    const examined = examinedTarget({
      url,
      consent,
      operation: problem === undefined ? { method: operation.method, url, authentication } : undefined,
      surface: { ...surface, traits: problem === undefined ? traitsOf(operation, identities) : {} },
      control: {
        exchanges: kept,
        problem: problem === undefined ? undefined : { reason: problem, next: CORRECT_OR_START },
      },
      needs: 'a request of its owner that it accepts',
      holds: isAsked ? 'It asks for a credential.' : 'The owner’s request is accepted.',
      results,
      gone,
      notes: isAsked ? [ASKED_ONLY] : [],
      cut: context.budget.ended !== undefined,
    })
    // One target has several operations.
    return { ...examined, notes: examined.notes.map((note) => `${route}: ${note}`) }
  }
  if (/^(?:PUT|PATCH|DELETE)$/.test(operation.method) && !context.destructive)
    return handedOver('It changes or removes something, and the plan does not say destructive: true.')
  const subject = { operation, url, limits: context.limits, owner, others: identities.filter((one) => one !== owner) }
  // After the end of a run the first request says so; the rest of the targets are then told to be open.
  const [first, second] = await askTwice(workplace, kept, requestOf(subject, owner))
  if (owner === undefined && operation.public !== true && isRefusal(first))
    return handedOver(undefined, {
      authentication: 'demanded',
      results: [{ probe: restNoCredential, verdicts: [asksForCredential(first)], exchanges: kept }],
    })
  if (first === undefined || second === undefined || !first.ok || !second.ok || !is2xx(first.status))
    return handedOver(
      `The request of ${owner?.name ?? 'anybody'} was not accepted (${first?.ok === true ? first.status : 'no answer'}).`,
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
  const gone = await goneBy(() => workplace.lab().send(requestOf(subject, owner)))
  return handedOver(undefined, { results, gone, authentication: owner === undefined ? 'none' : askedFor(results) })
}

/** Whether a credential is asked for, as the probe that left it out saw it. */
function askedFor(results: readonly ProbeResult[]): Observed['authentication'] {
  const verdicts = results.find(({ probe }) => probe.id === restNoCredential.id)?.verdicts ?? []
  const told = verdicts.find(({ control }) => control === 'request-authentication')
  if (told?.standing === 'faulty') return 'none'
  return told?.standing === 'sound' && isRefusal(told.seen) ? 'demanded' : undefined
}

const ASKED_ONLY =
  'No identity was given (identities in a probe plan), so nothing was asked but whether it asks for a credential.'

function isRefusal(answer: Answer | undefined): answer is Extract<Answer, { ok: true }> {
  return answer?.ok === true && (answer.status === 401 || answer.status === 403)
}

async function askTwice(workplace: Workplace, kept: KeptExchange[], request: ReturnType<typeof requestOf>) {
  const lab = workplace.lab(kept)
  return await unlessEnded(
    async () => [await lab.send(request), await lab.send(request)],
    () => [],
  )
}

function traitsOf(operation: Operation, identities: readonly Identity[]): ExaminedSurface['traits'] {
  const tenants = new Set(identities.flatMap(({ tenant }) => tenant ?? []))
  return {
    ...(operation.public === true ? { publicDeclared: true, publicWithReason: true } : { publicDeclared: false }),
    ...(tenants.size > 1 ? { multiTenant: true } : {}),
    ...(/^(?:GET|HEAD|OPTIONS)$/.test(operation.method) ? { readOnly: true } : {}),
  }
}
