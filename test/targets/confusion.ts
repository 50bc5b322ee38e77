/**
 * The confusion table: which probes accuse which targets. As a program it prints one line for each single fault, and
 * ends with 1 when one of them is missed or a sound target is accused:
 *
 *     npx tsx test/targets/confusion.ts flask/webhook fastapi/json express/stream
 */
import type { ProbeRecord } from '../../src/catalogue/evidence.ts'
import type { Standing } from '../../src/scanner/live/probe.ts'
import {
  AGENT_FAULTS,
  type FaultName,
  JOB_FAULTS,
  REST_FAULTS,
  SOCKET_FAULTS,
  STREAM_FAULTS,
  WEBHOOK_FAULTS,
} from './faults.ts'
import {
  AGENT_FINDERS,
  type Finder,
  JOB_FINDERS,
  REST_FINDERS,
  SOCKET_FINDERS,
  STREAM_FINDERS,
  type Told,
  WEBHOOK_FINDERS,
} from './found-by.ts'
import { allow } from './plain-requests.ts'
import { agentPlan, jobPlan, probe, restPlan, socketPlan, streamPlan, webhookPlan } from './probe-plans.ts'
import { startTarget, type Target, type TargetName } from './start-target.ts'
import type { Protocol } from './talk.ts'

export type Surface = 'webhook' | 'stream' | 'rest' | 'job' | 'agent' | Protocol

export interface Row {
  readonly target: TargetName
  readonly surface: Surface
  readonly faults: readonly FaultName[]
  readonly records: readonly Pick<ProbeRecord, 'probe' | 'verdicts'>[]
  readonly incomplete: boolean
}

/** Of the targets. */
const BODY_SECONDS = 3
/** Until the server looks for late ones, also on a busy machine. */
const PATIENCE_SECONDS = 5

/** Limits are tried in a run of their own: the other probes ask more than any limit that a burst can reach. */
const BURSTS: Partial<Record<Surface, string>> = { webhook: 'burst', rest: 'rest-burst' }
const ALLOWED = { requests: 30, seconds: 5 }
const BURST = 120

export async function rowOf(target: TargetName, surface: Surface, faults: readonly FaultName[]): Promise<Row> {
  await using running = await startTarget(target, { faults })
  const plan = await planFor(running, surface)
  const burst = BURSTS[surface]
  const scans = [
    await probe(plan, {
      limits: { slow_seconds: BODY_SECONDS + PATIENCE_SECONDS },
      skip: burst === undefined ? [] : [burst],
    }),
  ]
  if (burst !== undefined) {
    await allow(running, ALLOWED)
    scans.push(await probe(plan, { limits: { burst: BURST }, only: [burst] }))
  }
  return {
    target,
    surface,
    faults,
    records: scans.flatMap(({ surfaces }) => surfaces.flatMap(({ probes = [] }) => probes)),
    incomplete: scans.some(({ incomplete }) => incomplete),
  }
}

export async function planFor(target: Target, surface: Surface) {
  switch (surface) {
    case 'webhook':
      return webhookPlan(target)
    case 'stream':
      return await streamPlan(target)
    case 'rest':
      return await restPlan(target)
    case 'job':
      return await jobPlan(target)
    case 'agent':
      return agentPlan(target)
    default:
      return await socketPlan(target, surface)
  }
}

const ALL_FINDERS: Partial<Record<FaultName, Finder>> = {
  ...WEBHOOK_FINDERS,
  ...SOCKET_FINDERS,
  ...STREAM_FINDERS,
  ...REST_FINDERS,
  ...JOB_FINDERS,
  ...AGENT_FINDERS,
}

/** What somebody may be asked for and nobody accused of. */
export function toldOf(fault: FaultName): Told | undefined {
  const finder = ALL_FINDERS[fault]
  return typeof finder === 'object' ? finder : undefined
}

/** `probe: sentence` for each verdict of this kind. */
export function sentences({ records }: Pick<Row, 'records'>, wanted: Standing): readonly string[] {
  return records.flatMap(({ probe: id, verdicts }) =>
    verdicts.filter(({ standing }) => standing === wanted).map(({ detail }) => `${id}: ${detail}`),
  )
}

/** Ids of the probes that found something. */
export function accusing({ records }: Pick<Row, 'records'>): readonly string[] {
  const found = records.filter(({ verdicts }) => verdicts.some(({ standing }) => standing === 'faulty'))
  return [...new Set(found.map(({ probe: id }) => id))]
}

/** Faults that the target has and the prober did not find, or did not tell. */
export function missed(row: Pick<Row, 'faults' | 'records'>): readonly FaultName[] {
  return row.faults.filter((fault) => {
    const finder = ALL_FINDERS[fault]
    if (typeof finder === 'string') return !accusing(row).includes(finder)
    return !row.records.some(
      ({ probe: id, verdicts }) => id === finder?.by && verdicts.some(({ detail }) => finder.says.test(detail)),
    )
  })
}

function printed(row: Row): string {
  const { target, surface, faults, incomplete } = row
  const what = faults.length === 0 ? 'sound' : faults.join(', ')
  const ends = [
    ...(missed(row).length > 0 ? [`MISSED ${missed(row).join(', ')}`] : []),
    ...(incomplete ? ['NOT WHOLE'] : []),
  ]
  return [`${target}/${surface}`.padEnd(32), what.padEnd(28), accusing(row).join(' ') || '–', ...ends].join(' ')
}

const FAULTS_OF = {
  webhook: WEBHOOK_FAULTS,
  stream: STREAM_FAULTS,
  rest: REST_FAULTS,
  job: JOB_FAULTS,
  agent: AGENT_FAULTS,
}

async function main(pairs: readonly string[]): Promise<void> {
  for (const pair of pairs) {
    const [target, surface] = pair.split('/') as [TargetName, Surface]
    const faults = surface in FAULTS_OF ? FAULTS_OF[surface as keyof typeof FAULTS_OF] : SOCKET_FAULTS
    for (const one of [undefined, ...(Object.keys(faults) as FaultName[])]) {
      const row = await rowOf(target, surface, one === undefined ? [] : [one])
      const mayAccuse = one !== undefined && toldOf(one) === undefined
      if (missed(row).length > 0 || row.incomplete || (!mayAccuse && accusing(row).length > 0)) process.exitCode = 1
      console.log(printed(row))
    }
  }
}

if (process.argv[1] === import.meta.filename) await main(process.argv.slice(2))
