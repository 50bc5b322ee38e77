/**
 * The confusion table: which probes accuse which targets. As a program it prints one line for each single fault:
 *
 *     npx tsx test/targets/confusion.ts flask/webhook fastapi/json express/stream
 */
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
  WEBHOOK_FINDERS,
} from './found-by.ts'
import { agentPlan, jobPlan, probe, restPlan, socketPlan, streamPlan, webhookPlan } from './probe-plans.ts'
import { startTarget, type Target, type TargetName } from './start-target.ts'
import type { Protocol } from './talk.ts'

export type Surface = 'webhook' | 'stream' | 'rest' | 'job' | 'agent' | Protocol

export interface Row {
  readonly target: TargetName
  readonly surface: Surface
  readonly faults: readonly FaultName[]
  /** Ids of the probes that found something. */
  readonly accusing: readonly string[]
  /** Sentences of those that found something, and of those that could not tell. */
  readonly accusations: readonly string[]
  readonly unclear: readonly string[]
  readonly incomplete: boolean
}

/** Of the targets; with the turn of the server that looks for late ones. */
const BODY_SECONDS = 3

export async function rowOf(target: TargetName, surface: Surface, faults: readonly FaultName[]): Promise<Row> {
  await using running = await startTarget(target, { faults })
  const plan = await planFor(running, surface)
  const { surfaces, incomplete } = await probe(plan, { slow_seconds: BODY_SECONDS + 2 })
  const records = surfaces.flatMap(({ probes = [] }) => probes)
  const told = (standing: string) =>
    records.flatMap(({ probe: id, verdicts }) =>
      verdicts.filter((verdict) => verdict.standing === standing).map(({ detail }) => `${id}: ${detail}`),
    )
  const accusing = records.filter(({ verdicts }) => verdicts.some(({ standing }) => standing === 'faulty'))
  return {
    target,
    surface,
    faults,
    accusing: accusing.map(({ probe: id }) => id),
    accusations: told('faulty'),
    unclear: told('unclear'),
    incomplete,
  }
}

async function planFor(target: Target, surface: Surface) {
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

/** The probe that must accuse a target with this fault; undefined when none shall. */
export function finderOf(fault: FaultName): string | undefined {
  const finder = (ALL_FINDERS as Partial<Record<FaultName, Finder>>)[fault]
  return typeof finder === 'string' ? finder : undefined
}

const ALL_FINDERS = {
  ...WEBHOOK_FINDERS,
  ...SOCKET_FINDERS,
  ...STREAM_FINDERS,
  ...REST_FINDERS,
  ...JOB_FINDERS,
  ...AGENT_FINDERS,
}

export function printed({ target, surface, faults, accusing, incomplete }: Row): string {
  const what = faults.length === 0 ? 'sound' : faults.join(', ')
  const missed = faults.filter((fault) => finderOf(fault) !== undefined && !accusing.includes(finderOf(fault) ?? ''))
  const ends = [...(missed.length > 0 ? [`MISSED ${missed.join(', ')}`] : []), ...(incomplete ? ['NOT WHOLE'] : [])]
  return [`${target}/${surface}`.padEnd(32), what.padEnd(28), accusing.join(' ') || '–', ...ends].join(' ')
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
    console.log(printed(await rowOf(target, surface, [])))
    for (const fault of Object.keys(faults) as FaultName[]) console.log(printed(await rowOf(target, surface, [fault])))
  }
}

if (process.argv[1] === import.meta.filename) await main(process.argv.slice(2))
