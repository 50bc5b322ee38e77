/**
 * The live examiner: a probe plan in, examined surfaces out.
 *
 * It sends to nobody before everybody has consented, goes out through one door, keeps to its budget, and leaves a
 * report also when it is stopped: one that says it is not whole.
 *
 * Boundary: resolves no options and prints nothing; secrets come in through `secretOf`.
 */
import { PosternError } from '../../base/model/errors.ts'
import type { ExaminedSurface } from '../../catalogue/evidence.ts'
import { systemTxtLookup, type TxtLookup } from '../../resources/outbound/txt-records.ts'
import { createBudget, END_TEXT } from './budget.ts'
import { askConsent, type Claim, type Consent } from './consent.ts'
import { doorTo, type ExaminedTarget, type LiveContext } from './context.ts'
import { dryListener, type Listener, openListener } from './listener.ts'
import type { LivePlan, PlanTarget } from './plan.ts'
import { PROBES } from './probes/registry.ts'
import { examineWebhook } from './webhook/examine-webhook.ts'

export interface LiveOptions
  extends Pick<LiveContext, 'now' | 'clock' | 'env' | 'secretOf' | 'readText' | 'onProgress' | 'lookup'> {
  /** Sends nothing; what would be sent is in the surfaces’ probes. */
  readonly dry?: boolean
  readonly interrupt?: AbortSignal | undefined
  readonly txt?: TxtLookup
  /** Told where the sink is, before anything is sent: the target may have to be pointed there. */
  readonly onSink?: (url: string) => void
}

export interface LiveScan {
  readonly surfaces: readonly ExaminedSurface[]
  readonly warnings: readonly {
    readonly file: string
    readonly line: 1
    readonly column: 1
    readonly message: string
  }[]
  readonly incomplete: boolean
  /** Requests that were sent, or in a dry run would be. */
  readonly requests: number
}

/** @throws PosternError `CONSENT_REQUIRED` before anything is sent, `VALIDATION_ERROR` when the plan lacks something. */
export async function scanLive(plan: LivePlan, options: LiveOptions): Promise<LiveScan> {
  if (plan.targets.length === 0) throw new PosternError('VALIDATION_ERROR', 'The probe plan names no target.')
  const { dry = false } = options
  const chosen = chooser(plan)
  const claim: Claim = {
    allowCidrs: plan.consent.allow_cidrs,
    authorizedBy: plan.consent.authorized_by,
    token: plan.consent.token === undefined ? undefined : await options.secretOf(plan.consent.token),
  }
  const consents = await consentsOf(plan.targets, claim, options)
  const listener = dry ? dryListener() : await listen(plan)
  const { requests, per_second, seconds } = plan.limits
  const budget = createBudget(
    { maxRequests: requests, perSecond: dry ? Number.MAX_SAFE_INTEGER : per_second, maxSeconds: seconds },
    options.clock,
    options.interrupt,
  )
  const context: LiveContext = {
    ...options,
    budget,
    listener,
    limits: plan.limits,
    claim,
    destructive: plan.destructive,
    dry,
    chosen,
  }
  try {
    if (!dry && plan.targets.some(usesSink)) options.onSink?.(listener.sinkUrl)
    const examined: { readonly url: string; readonly one: ExaminedTarget }[] = []
    for (const [index, target] of plan.targets.entries()) {
      const found = await examineTarget(target, context, consents[index]?.detail ?? '')
      examined.push(...found.map((one) => ({ url: target.url, one })))
    }
    const { ended } = budget
    return {
      surfaces: examined.map(({ one }) => one.surface),
      warnings: [
        ...plan.targets.flatMap(({ url }, index) =>
          consents[index]?.by === 'authorized' ? [aboutTarget(url, consents[index]?.detail ?? '')] : [],
        ),
        ...examined.flatMap(({ url, one }) => [...new Set(one.notes)].map((note) => aboutTarget(url, note))),
        ...(ended === undefined
          ? []
          : [aboutTarget(plan.targets[0]?.url ?? '', `${END_TEXT[ended]} The report is not whole.`)]),
      ],
      incomplete: ended !== undefined || examined.some(({ one }) => one.incomplete),
      requests: budget.used,
    }
  } finally {
    budget.close()
    await listener.close()
  }
}

/** An id with a typing error must not pass for a probe that found nothing. */
function chooser({ probes: { only, skip = [] } }: LivePlan): LiveContext['chosen'] {
  const known = new Set(PROBES.map(({ id }) => id))
  const unknown = [...(only ?? []), ...skip].find((id) => !known.has(id))
  if (unknown !== undefined)
    throw new PosternError(
      'VALIDATION_ERROR',
      `There is no probe ${JSON.stringify(unknown.slice(0, 60))}; docs/probes lists them.`,
    )
  return (probes) => probes.filter(({ id }) => (only === undefined || only.includes(id)) && !skip.includes(id))
}

async function examineTarget(
  target: PlanTarget,
  context: LiveContext,
  consent: string,
): Promise<readonly ExaminedTarget[]> {
  switch (target.kind) {
    case 'webhook':
      return [await examineWebhook(target, context, consent)]
    case 'rest':
      return await (await import('./rest/examine-rest.ts')).examineRest(target, context, consent)
    case 'job':
      return [await (await import('./job/examine-job.ts')).examineJob(target, context, consent)]
    case 'llm':
      return [await (await import('./llm/examine-llm.ts')).examineLlm(target, context, consent)]
    case 'socket':
      return [await (await import('./sockets/examine-socket.ts')).examineSocket(target, context, consent)]
    case 'stream':
      return [await (await import('./sockets/examine-stream.ts')).examineStream(target, context, consent)]
  }
}

/** All of them before any of them is sent anything but the question for its token. */
async function consentsOf(
  targets: readonly PlanTarget[],
  claim: Claim,
  options: LiveOptions,
): Promise<readonly Consent[]> {
  const consents: Consent[] = []
  // Who sends nothing needs nobody's consent, and must not ask for it over the network.
  if (options.dry === true) return consents
  for (const { url } of targets) {
    const door = doorTo(url, { claim, lookup: options.lookup })
    consents.push(await askConsent(new URL(url), claim, { door, txt: options.txt ?? systemTxtLookup }))
  }
  return consents
}

async function listen({ callback_base, targets }: LivePlan): Promise<Listener> {
  const ports = targets.flatMap((target) => {
    const sink = 'oracle' in target ? target.oracle?.sink : undefined
    return typeof sink === 'object' ? [sink.port] : []
  })
  try {
    return await openListener({ callbackBase: callback_base, port: ports[0] })
  } catch (cause) {
    throw new PosternError(
      'VALIDATION_ERROR',
      `The listener cannot be opened (${cause instanceof Error ? cause.message : cause}).`,
      {
        cause,
      },
    )
  }
}

function usesSink(target: PlanTarget): boolean {
  return 'oracle' in target && target.oracle?.sink !== undefined
}

function aboutTarget(url: string, message: string): LiveScan['warnings'][number] {
  return { file: url, line: 1, column: 1, message }
}
