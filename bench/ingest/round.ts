/** One measured round against one side: warm up, let it settle, load, and read what it cost. */
import { cpus } from 'node:os'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LoadResult } from '../load.ts'
import { machineCpu, sampleRss, treeCpuMs, treePids } from '../process-stats.ts'
import { checkpoint, postmasterPid } from './database.ts'
import { startGenerator } from './generator.ts'
import type { Options } from './options.ts'
import type { Side } from './side.ts'

export interface CpuMs {
  readonly server: number
  readonly database: number
  readonly redis: number
}

export interface Round {
  readonly load: LoadResult
  /** Unmeasured, but acknowledged and therefore checked too. */
  readonly warmup: LoadResult
  readonly cpuMs: CpuMs
  /** Share of the machine's processor time that went to neither side of the measurement, or was withheld by its host. */
  readonly elsewhereShare: number
  readonly rssSamples: readonly number[]
  readonly acknowledgedFiles: readonly string[]
}

/** Time for what follows an answer (markers, flushes) to be done and counted. */
const SETTLE_MS = 300

/** A warm-up never needs more; the machine this was made on answers below 20,000 a second. */
const WARMUP_EVENTS_PER_SECOND = 20_000

export async function runRound(side: Side, options: Options, folder: string, name: string): Promise<Round> {
  const { connections, seconds, size, warmupSeconds } = options
  const postmaster = await postmasterPid(side.databaseUrl)
  // A new process each time: a generator that was tuned to one side would be slower on the other.
  await using generator = startGenerator(folder, name)

  await generator.sign(side.target, WARMUP_EVENTS_PER_SECOND * warmupSeconds, size)
  const warmup = await generator.send(connections, warmupSeconds)
  // Twice the warm-up's rate: enough for a server that is still getting faster.
  await generator.sign(side.target, Math.ceil((2 * warmup.completed * seconds) / warmup.seconds) + 10_000, size)
  await checkpoint(side.databaseUrl)
  await sleep(SETTLE_MS)

  const rss = sampleRss(treePids(side.pid, postmaster))
  const before = cpuOf(side, postmaster)
  const machineBefore = machineCpu()
  const ownBefore = process.cpuUsage()
  const start = performance.now()
  const load = await generator.send(connections, seconds)
  await sleep(SETTLE_MS)
  const elapsedMs = performance.now() - start
  const own = process.cpuUsage(ownBefore)
  const machine = machineCpu()
  const after = cpuOf(side, postmaster)

  const cpuMs = {
    server: after.server - before.server,
    database: after.database - before.database,
    redis: after.redis - before.redis,
  }
  const ours = cpuMs.server + cpuMs.database + cpuMs.redis + load.generatorCpuMs + (own.user + own.system) / 1000
  const others = Math.max(0, machine.busyMs - machineBefore.busyMs - ours) + machine.stolenMs - machineBefore.stolenMs
  return {
    load,
    warmup,
    cpuMs,
    elsewhereShare: others / (elapsedMs * cpus().length),
    rssSamples: rss.stop(),
    acknowledgedFiles: generator.acknowledgedFiles,
  }
}

function cpuOf(side: Side, postmaster: number): CpuMs {
  return {
    server: treeCpuMs(side.pid, postmaster),
    database: treeCpuMs(postmaster),
    redis: side.redisPid === undefined ? 0 : treeCpuMs(side.redisPid),
  }
}
