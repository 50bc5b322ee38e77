/** One measured round against one side: warm up, load at the rate, and read what it cost. */
import { cpus } from 'node:os'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkpoint, postmasterPid } from '../ingest/database.ts'
import type { CpuMs } from '../ingest/round.ts'
import { machineCpu, treeCpuMs } from '../process-stats.ts'
import type { RunResult } from './far-side.ts'
import type { FarSide } from './far-side-process.ts'
import { DELIVERY_SECRET, type DeliverySide } from './side.ts'
import { readStatements, resetStatements, type StatementCount } from './statements.ts'

export interface RoundOptions {
  readonly rate: number
  readonly seconds: number
  /** Zero: none. */
  readonly warmupSeconds: number
  readonly size: number
}

export interface Round {
  readonly side: DeliverySide['name']
  readonly rate: number
  readonly run: RunResult
  readonly cpuMs: CpuMs
  readonly statements: readonly StatementCount[]
  /** Share of the machine's processor time that went to neither side of the measurement, or was withheld by its host. */
  readonly elsewhereShare: number
  readonly acknowledgedFiles: readonly string[]
  /** Everything that makes a figure worthless, of the warm-up too. */
  readonly faults: readonly string[]
}

const SETTLE_MS = 300

export async function runRound(side: DeliverySide, farSide: FarSide, options: RoundOptions): Promise<Round> {
  const { rate, seconds, warmupSeconds, size } = options
  const order = { target: side.target, rate, size, deliverySecret: DELIVERY_SECRET }
  const postmaster = await postmasterPid(side.databaseUrl)
  const warmup = warmupSeconds === 0 ? undefined : await farSide.run({ ...order, seconds: warmupSeconds })
  await checkpoint(side.databaseUrl)
  await sleep(SETTLE_MS)
  await resetStatements(side.databaseUrl)

  const before = cpuOf(side, postmaster)
  const machineBefore = machineCpu()
  const ownBefore = process.cpuUsage()
  const began = performance.now()
  const run = await farSide.run({ ...order, seconds })
  const elapsedMs = performance.now() - began
  const own = process.cpuUsage(ownBefore)
  const machine = machineCpu()
  const after = cpuOf(side, postmaster)
  const statements = await readStatements(side.databaseUrl)

  const cpuMs = {
    server: after.server - before.server,
    database: after.database - before.database,
    redis: after.redis - before.redis,
  }
  const ours = cpuMs.server + cpuMs.database + cpuMs.redis + run.cpuMs + (own.user + own.system) / 1000
  const others = Math.max(0, machine.busyMs - machineBefore.busyMs - ours) + machine.stolenMs - machineBefore.stolenMs
  const runs = warmup === undefined ? [run] : [warmup, run]
  return {
    side: side.name,
    rate,
    run,
    cpuMs,
    statements,
    elsewhereShare: others / (elapsedMs * cpus().length),
    acknowledgedFiles: runs.map((each) => each.acknowledgedFile),
    faults: runs.flatMap(faultsOf).map((fault) => `${side.name} at ${rate}/s: ${fault}`),
  }
}

function cpuOf(side: DeliverySide, postmaster: number): CpuMs {
  return {
    server: side.pids.reduce((sum, pid) => sum + treeCpuMs(pid, postmaster), 0),
    database: treeCpuMs(postmaster),
    redis: side.redisPid === undefined ? 0 : treeCpuMs(side.redisPid),
  }
}

function faultsOf(run: RunResult): readonly string[] {
  const unexpected = Object.entries(run.statuses).filter(([status]) => status !== '202')
  return [
    ...unexpected.map(([status, count]) => `${count} unique events answered ${status} instead of 202`),
    ...(run.firstRefusal === undefined ? [] : [`the first refusal was: ${run.firstRefusal}`]),
    ...(run.broken > 0 ? [`${run.broken} connections ended before the answer`] : []),
    ...(run.undelivered > 0 ? [`${run.undelivered} acknowledged events were not delivered`] : []),
    ...(run.doubled > 0 ? [`${run.doubled} events were delivered more than once`] : []),
    ...(run.foreign > 0 ? [`${run.foreign} deliveries were unsigned, badly signed or unknown`] : []),
    ...(run.acknowledged === 0 ? ['nothing was acknowledged'] : []),
  ]
}
