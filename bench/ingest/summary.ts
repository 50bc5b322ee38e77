/** Rounds of one side added up, the two sides compared, and whether anything was wrong. */
import { type RssSummary, summariseRss } from '../process-stats.ts'
import type { Verdict } from './database.ts'
import type { Round } from './round.ts'
import type { Side } from './side.ts'

export interface SideSummary {
  readonly name: Side['name']
  readonly eventsPerSecond: number
  /** The worst round's, so that a good one cannot hide it. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly cpuMsPerThousand: { readonly server: number; readonly database: number; readonly redis: number }
  /** Medians of the second and of the last quarter: the first one still fills caches and pools. */
  readonly rss: RssSummary & { readonly earlyMedian: number; readonly lateMedian: number }
  readonly verdict: Verdict
  readonly rounds: readonly RoundSummary[]
}

export interface RoundSummary {
  readonly eventsPerSecond: number
  readonly events: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly cpuMsPerThousand: { readonly server: number; readonly database: number; readonly redis: number }
  /** Of one core, to show that the generator was not the limit. */
  readonly generatorCpuShare: number
  /** Of the machine: what other programs, or other machines of its host, took. */
  readonly elsewhereShare: number
  readonly exhausted: boolean
}

export function summariseSide(name: Side['name'], rounds: readonly Round[], verdict: Verdict): SideSummary {
  const events = sum(rounds, (round) => round.load.completed)
  const each = rounds.map(summariseRound)
  const rssSamples = rounds.flatMap((round) => round.rssSamples)
  const quarter = Math.floor(rssSamples.length / 4)
  return {
    name,
    eventsPerSecond: events / sum(rounds, (round) => round.load.seconds),
    p50Ms: Math.max(...each.map((round) => round.p50Ms)),
    p99Ms: Math.max(...each.map((round) => round.p99Ms)),
    maxMs: Math.max(...each.map((round) => round.maxMs)),
    cpuMsPerThousand: {
      server: (1000 * sum(rounds, (round) => round.cpuMs.server)) / events,
      database: (1000 * sum(rounds, (round) => round.cpuMs.database)) / events,
      redis: (1000 * sum(rounds, (round) => round.cpuMs.redis)) / events,
    },
    rss: {
      ...summariseRss(rssSamples),
      earlyMedian: summariseRss(rssSamples.slice(quarter, 2 * quarter)).median,
      lateMedian: summariseRss(rssSamples.slice(-quarter)).median,
    },
    verdict,
    rounds: each,
  }
}

function summariseRound({ load, cpuMs, elsewhereShare }: Round): RoundSummary {
  const perThousand = (ms: number) => (1000 * ms) / load.completed
  return {
    eventsPerSecond: load.completed / load.seconds,
    events: load.completed,
    seconds: load.seconds,
    p50Ms: load.latencyMs.p50,
    p99Ms: load.latencyMs.p99,
    maxMs: load.latencyMs.max,
    cpuMsPerThousand: {
      server: perThousand(cpuMs.server),
      database: perThousand(cpuMs.database),
      redis: perThousand(cpuMs.redis),
    },
    generatorCpuShare: load.generatorCpuMs / (load.seconds * 1000),
    elsewhereShare,
    exhausted: load.exhausted,
  }
}

/** Everything that makes a figure worthless, in words; empty when the run can be believed. */
export function faultsOf(name: Side['name'], rounds: readonly Round[], verdict: Verdict): readonly string[] {
  const loads = rounds.flatMap(({ warmup, load }) => [warmup, load])
  const unexpected = new Map<string, number>()
  for (const [status, count] of loads.flatMap((load) => Object.entries(load.statuses))) {
    if (status !== '202') unexpected.set(status, (unexpected.get(status) ?? 0) + count)
  }
  const refused = loads.flatMap((load) => (load.firstRefusal === undefined ? [] : [load.firstRefusal]))
  const broken = sum(loads, (load) => load.broken)
  const acknowledged = sum(loads, (load) => load.completed)
  return [
    ...[...unexpected].map(([status, count]) => `${count} unique events answered ${status} instead of 202`),
    ...refused.slice(0, 1).map((answer) => `the first refusal was: ${answer}`),
    ...(broken > 0 ? [`${broken} connections ended before the answer`] : []),
    ...(verdict.missing > 0 ? [`${verdict.missing} acknowledged events are not in the table`] : []),
    ...(verdict.doubled > 0 ? [`${verdict.doubled} acknowledged events are in the table more than once`] : []),
    ...(verdict.otherId > 0
      ? [`${verdict.otherId} events were acknowledged under another id than the stored one`]
      : []),
    ...(verdict.incomplete > 0
      ? [`${verdict.incomplete} acknowledged events lack their payload, key, job or audit row`]
      : []),
    ...(acknowledged === 0 ? ['nothing was acknowledged'] : []),
  ].map((fault) => `${name}: ${fault}`)
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}
