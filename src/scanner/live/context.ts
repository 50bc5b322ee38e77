/** What the examiners of all kinds of live surfaces share in one run. */
import type { HeaderList } from '../../base/model/event.ts'
import type { ExaminedSurface } from '../../catalogue/evidence.ts'
import type { Lookup } from '../../resources/outbound/connector.ts'
import { openRawDoor, type RawDoor } from '../../resources/outbound/raw-request.ts'
import type { Budget } from './budget.ts'
import { type Claim, reachOf } from './consent.ts'
import { createEffects, type Effects, type Oracle } from './effects.ts'
import { type Bench, createBench, type KeptExchange } from './lab.ts'
import type { Listener } from './listener.ts'
import { hookOracle } from './oracles/hook.ts'
import { sinkOracle } from './oracles/sink.ts'
import { statusOracle } from './oracles/status.ts'
import type { LiveLimits, OraclePlan } from './plan.ts'
import type { ProbeInfo } from './probe.ts'
import { createRedactor } from './redact.ts'
import type { ProbeResult } from './run.ts'

export interface LiveContext {
  readonly budget: Budget
  readonly listener: Listener | undefined
  readonly limits: LiveLimits
  readonly claim: Claim
  readonly destructive: boolean
  /** Which of these the user wants. @throws PosternError `VALIDATION_ERROR` for ids that no probe has. */
  readonly chosen: <P extends ProbeInfo>(probes: readonly P[]) => readonly P[]
  readonly dry: boolean
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds from any fixed point. */
  readonly clock: () => number
  readonly lookup?: Lookup | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** `env:NAME` and `file:PATH` to what they hold. */
  readonly secretOf: (reference: string) => Promise<string>
  readonly readText: (file: string) => Promise<string>
  readonly onProgress?: ((text: string) => void) | undefined
}

/** One target as its examiner leaves it. */
export interface ExaminedTarget {
  readonly surface: ExaminedSurface
  /** What a reader must know beside it, a sentence each. */
  readonly notes: readonly string[]
  /** Not everything that was to be asked was asked, or answered. */
  readonly incomplete: boolean
  readonly results: readonly ProbeResult[]
}

/** Opens to this one target and to nothing else that is not public. */
export function doorTo(url: string, { claim, lookup }: Pick<LiveContext, 'claim' | 'lookup'>): RawDoor {
  return openRawDoor({ ...reachOf(new URL(url), claim), lookup })
}

export interface Workplace {
  readonly bench: Bench
  readonly effects: Effects | undefined
  lab(kept?: KeptExchange[]): ReturnType<Bench['lab']>
  close(): Promise<void>
}

/** @param secrets What must not be written into the report. */
export async function openWorkplace(
  url: string,
  oraclePlan: OraclePlan | undefined,
  secrets: readonly string[],
  context: LiveContext,
): Promise<Workplace> {
  const { budget, listener, limits, dry, now, clock } = context
  const oracle = dry || oraclePlan === undefined ? undefined : await openOracle(oraclePlan, context)
  const wait = async (ms: number): Promise<void> => await bench.lab([]).wait(ms)
  const effects =
    oracle === undefined ? undefined : createEffects(oracle, { now: clock, wait, patienceMs: limits.effect_ms })
  const bench = createBench({
    door: doorTo(url, context),
    budget,
    redactor: createRedactor(secrets),
    effects,
    listener,
    dry,
    now,
    timeoutMs: limits.timeout_ms,
  })
  return { bench, effects, lab: (kept = []) => bench.lab(kept), close: async () => await oracle?.close() }
}

async function openOracle(plan: OraclePlan, context: LiveContext): Promise<Oracle | undefined> {
  if (plan.sink !== undefined) return context.listener === undefined ? undefined : sinkOracle(context.listener)
  if (plan.hook !== undefined) return hookOracle(plan.hook, context.env)
  if (plan.status === undefined) return undefined
  const { url, path, headers = {} } = plan.status
  return statusOracle(
    { url, path, headers: await resolveHeaders(headers, context) },
    doorTo(url.replaceAll('{id}', 'id'), context),
  )
}

export async function resolveHeaders(
  headers: Readonly<Record<string, string>>,
  { secretOf }: Pick<LiveContext, 'secretOf'>,
): Promise<HeaderList> {
  return await Promise.all(Object.entries(headers).map(async ([name, value]) => [name, await secretOf(value)] as const))
}
