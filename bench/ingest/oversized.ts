/**
 * Does memory stay bounded while many senders stream bodies that are too large? The gateway is warmed with ordinary
 * events first, so that what is measured is the growth caused by the senders and not the start-up.
 */
import type { OversizedOrder, OversizedResult } from '../oversized-load.ts'
import { sampleRss, treePids } from '../process-stats.ts'
import { message, startModule } from './child.ts'
import { postmasterPid } from './database.ts'
import { startGenerator } from './generator.ts'
import type { Options } from './options.ts'
import { mib, thousands } from './report.ts'
import type { Side } from './side.ts'

export interface OversizedReport {
  readonly senders: number
  readonly seconds: number
  readonly attempts: number
  readonly bytesSent: number
  readonly statuses: Readonly<Record<string, number>>
  readonly rss: { readonly before: number; readonly max: number; readonly after: number; readonly delta: number }
  readonly stillReceives: boolean
  readonly text: string
}

const ALLOWED_GROWTH = 50 * 1024 * 1024

export async function measureOversized(
  postern: Side,
  { connections, size, seconds, warmupSeconds, senders }: Options,
  folder: string,
): Promise<{ readonly report: OversizedReport; readonly faults: readonly string[] }> {
  const pids = treePids(postern.pid, await postmasterPid(postern.databaseUrl))
  await using generator = startGenerator(folder, 'oversized')
  await generator.sign(postern.target, 20_000 * warmupSeconds, size)
  await generator.send(connections, warmupSeconds)

  await using load = startModule(new URL('../oversized-load.ts', import.meta.url), { PATH: process.env['PATH'] })
  const rss = sampleRss(pids, 50)
  const order: OversizedOrder = { target: postern.target, senders, seconds }
  const answered = message(load)
  load.process.send(order)
  const result = (await answered) as OversizedResult // our own child, our own protocol
  const samples = rss.stop()

  // Whoever was kept out, an ordinary event still comes in.
  await generator.sign(postern.target, 100, size)
  const ordinary = await generator.send(1, 5)
  const stillReceives = ordinary.statuses['202'] === 100
  const before = samples[0] ?? 0
  const max = Math.max(...samples)
  const measured = { before, max, after: samples.at(-1) ?? 0, delta: max - before }

  const accepted = Object.entries(result.statuses).filter(([status]) => status.startsWith('2'))
  // 503 is a refusal too: the budget for bodies in flight was used up.
  const broken = Object.entries(result.statuses).filter(([status]) => status.startsWith('5') && status !== '503')
  const faults = [
    ...accepted.map(([status, count]) => `${count} oversized bodies were answered ${status}`),
    ...broken.map(([status, count]) => `${count} oversized bodies were answered ${status}`),
    ...(stillReceives ? [] : ['ordinary events are not received afterwards']),
  ]
  const met = measured.delta < ALLOWED_GROWTH
  const text = [
    `Oversized: ${senders} concurrent senders of endless chunked bodies for ${seconds} s`,
    `${thousands(result.attempts)} attempts, ${mib(result.bytesSent)} sent; answers: ${Object.entries(result.statuses)
      .map(([status, count]) => `${status} x ${thousands(count)}`)
      .join(', ')}`,
    `resident memory of the gateway: ${mib(before)} before, ${mib(max)} max, ${mib(measured.after)} after`,
    `${met ? 'met    ' : 'NOT MET'}  growth below ${mib(ALLOWED_GROWTH)}: ${mib(measured.delta)}`,
    ...faults.map((fault) => `FAULT  ${fault}`),
    '',
  ].join('\n')
  return { report: { senders, seconds, ...result, rss: measured, stillReceives, text }, faults }
}
