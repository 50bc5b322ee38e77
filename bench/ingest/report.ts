/** The text report: what was compared and on what, a table, the ratio, and each target beside what was measured. */
import { cpus } from 'node:os'
import { alignColumns } from '../align-columns.ts'
import type { Options } from './options.ts'
import type { SideSummary } from './summary.ts'

export interface Report {
  readonly options: Options
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string }
  readonly database: Readonly<Record<string, string>>
  readonly generatorCeiling: number
  readonly sides: readonly SideSummary[]
  /** Postern over the alternative; absent when only one side ran. */
  readonly ratio: { readonly eventsPerSecond: number; readonly cpu: number } | undefined
  readonly faults: readonly string[]
}

export function machine(): Report['machine'] {
  const all = cpus()
  return { cpu: all[0]?.model.trim() ?? 'unknown', cores: all.length, node: process.version }
}

/** Processor time of server and database for one event; Redis comes on top for the alternative. */
export function cpuMsPerEvent({ cpuMsPerThousand }: SideSummary): number {
  return (cpuMsPerThousand.server + cpuMsPerThousand.database) / 1000
}

export function textReport(report: Report): string {
  const { options, machine: host, database, sides } = report
  const lines = [
    `Ingest: validly signed, unique Stripe events of ${options.size} bytes over ${options.connections} connections, ${options.rounds} x ${options.seconds} s each side, in turn`,
    `On ${host.cores} x ${host.cpu}, Node ${host.node}; client, servers and database share these cores`,
    `PostgreSQL, the same server for both: ${Object.entries(database)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}`,
    'postern:     one process, every check on; durable before the answer: event, exact bytes, dedupe key, job, audit entry',
    `alternative: Fastify, zod, HMAC, Redis SET NX (no persistence), one transaction of five single inserts on a pool of ${options.pool}, Redis queue; no rate limit`,
    'Workers are off on both sides: neither processes the jobs it stores.',
    `The generator alone, against an empty server: ${thousands(report.generatorCeiling)} requests/s`,
    '',
    table(sides),
    '',
    ...sides.flatMap(verification),
    ...comparison(report),
    ...disturbance(sides),
    ...report.faults.map((fault) => `FAULT  ${fault}`),
  ]
  return `${lines.join('\n')}\n`
}

const COLUMNS = [
  '',
  'events/s',
  'p50 ms',
  'p99 ms',
  'max ms',
  'server',
  'database',
  'redis',
  'ms/event',
  'generator',
  'elsewhere',
]

function table(sides: readonly SideSummary[]): string {
  const rows = sides.flatMap((side) => [
    ...side.rounds.map((round, index) => [
      `${side.name} ${index + 1}`,
      thousands(round.eventsPerSecond),
      round.p50Ms.toFixed(1),
      round.p99Ms.toFixed(1),
      round.maxMs.toFixed(1),
      ...cpuCells(round.cpuMsPerThousand),
      percent(round.generatorCpuShare),
      `${percent(round.elsewhereShare)}${round.exhausted ? ' (ran out of events)' : ''}`,
    ]),
    [
      side.name,
      thousands(side.eventsPerSecond),
      side.p50Ms.toFixed(1),
      side.p99Ms.toFixed(1),
      side.maxMs.toFixed(1),
      ...cpuCells(side.cpuMsPerThousand),
      '',
      '',
    ],
  ])
  return [
    ...alignColumns([COLUMNS, ...rows]),
    'server, database, redis: ms of processor time for 1,000 events; ms/event: server + database; generator: of one core',
    'elsewhere: of all cores, taken by other programs or withheld by the host of a virtual machine',
  ].join('\n')
}

function cpuCells({ server, database, redis }: SideSummary['cpuMsPerThousand']): readonly string[] {
  return [server.toFixed(0), database.toFixed(0), redis.toFixed(0), ((server + database) / 1000).toFixed(3)]
}

function verification({ name, verdict, rss }: SideSummary): readonly string[] {
  return [
    `${name}: ${thousands(verdict.acknowledged)} acknowledged, warm-up included; ${verdict.missing} missing, ${verdict.doubled} doubled, ${verdict.otherId} under another id, ${verdict.incomplete} incomplete`,
    `${name}: resident memory ${mib(rss.first)} first, ${mib(rss.median)} median, ${mib(rss.max)} max, ${mib(rss.last)} last (${rss.samples} samples)`,
  ]
}

/** Processor time of an event grows on a busy machine (shared caches and cores), and rates shrink. */
function disturbance(sides: readonly SideSummary[]): readonly string[] {
  const worst = Math.max(...sides.flatMap((side) => side.rounds.map((round) => round.elsewhereShare)))
  if (worst < 0.1) return []
  return [
    `NOTE   up to ${percent(worst)} of the machine went elsewhere during a round: run again on an idle one before quoting a figure`,
  ]
}

function comparison({ ratio, sides }: Report): readonly string[] {
  const postern = sides.find((side) => side.name === 'postern')
  const lines = ['']
  if (ratio !== undefined) {
    lines.push(
      `RATIO  ${ratio.eventsPerSecond.toFixed(1)} times the events/s at 1/${(1 / ratio.cpu).toFixed(1)} of the processor time an event`,
      target(
        ratio.eventsPerSecond >= 8,
        'at least 8 times the alternative',
        `${ratio.eventsPerSecond.toFixed(1)} times`,
      ),
    )
  }
  if (postern !== undefined) {
    const growth = postern.rss.lateMedian / postern.rss.earlyMedian - 1
    lines.push(
      target(
        cpuMsPerEvent(postern) <= 0.16,
        'server + database at most 0.16 ms an event',
        `${cpuMsPerEvent(postern).toFixed(3)} ms`,
      ),
      target(postern.rss.max < 200 * 1024 * 1024, 'resident memory below 200 MiB', `${mib(postern.rss.max)} at most`),
      target(
        growth < 0.1,
        'resident memory flat (median of the last quarter less than 10 % over the second)',
        `${(growth * 100).toFixed(1)} %`,
      ),
    )
  }
  return lines
}

export function target(met: boolean, wanted: string, measured: string): string {
  return `${met ? 'met    ' : 'NOT MET'}  ${wanted}: ${measured}`
}

export function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`
}

export function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(0)} MiB`
}
