/**
 * How long from "accepted" to "delivered", what does it cost, and does anybody pay for somebody else's backlog?
 *
 * Postern and what people build on a Redis queue, loaded in turn at the same fixed rates in the same run, on the same
 * PostgreSQL, with one sender and one receiver. Afterwards every acknowledged id must have been delivered exactly once,
 * rightly signed, and be recorded so: a figure reached by losing or doubling events is no figure, and the run fails.
 *
 * Ratios and counts of statements travel to other machines; the times themselves do not.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureFairness } from './delivery/fairness.ts'
import { startFarSide } from './delivery/far-side-process.ts'
import { type Options, readOptions, USAGE } from './delivery/options.ts'
import { type Report, textReport } from './delivery/report.ts'
import { type Round, runRound } from './delivery/round.ts'
import { alternativeSide, DELIVERY_SECRET, type DeliverySide, posternSide } from './delivery/side.ts'
import { loadCounter } from './delivery/statements.ts'
import { startGateway } from './gateway.ts'
import { startAlternative } from './ingest/alternative.ts'
import { databaseSettings, verifyAcknowledged } from './ingest/database.ts'
import { machine } from './ingest/report.ts'
import { requireProc } from './process-stats.ts'

// An interrupted run ends its children on the way out (see `child.ts`).
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  return 2
})

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (options === 'help') {
    console.log(USAGE)
    return 0
  }
  requireProc()
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-acknowledged-'))
  // An interrupted run leaves no lists behind either; `finally` does not run then.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const report = await measure(options, folder)
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : textReport(report))
  return report.faults.length === 0 ? 0 : 1
}

async function measure(options: Options, folder: string): Promise<Report> {
  const say = (text: string) => process.stderr.write(`${text}\n`)
  const { only } = options
  await using farSide = await startFarSide(folder)
  say('starting the gateway …')
  // Also for `--only alternative`: it brings the database.
  await using gateway = await startGateway({
    roles: 'ingress,worker,api',
    databaseUrl: undefined,
    prepare: loadCounter,
  })
  const receiver = { url: farSide.url('sink'), allowCidrs: ['127.0.0.1/32'], signingSecret: DELIVERY_SECRET }
  const postern = posternSide(gateway, await gateway.createIntegration({ name: 'bench', destination: receiver }))
  await using other =
    only === 'postern' || only === 'fairness'
      ? undefined
      : await startAlternative(gateway.databaseUrl, options.pool, {
          url: farSide.url('sink'),
          secret: DELIVERY_SECRET,
          concurrency: options.concurrency,
        })

  const alternative = other === undefined ? undefined : alternativeSide(other)
  const sides = [only === 'alternative' ? undefined : postern, alternative].filter((side) => side !== undefined)
  const rounds: Round[] = []
  for (const rate of only === 'fairness' ? [] : options.rates) {
    for (let number = 1; number <= options.rounds; number++) {
      for (const side of sides) {
        say(`${rate}/s, round ${number} of ${options.rounds}: ${side.name} …`)
        rounds.push(await runRound(side, farSide, { ...options, rate }))
      }
    }
  }
  const fairness =
    only === undefined || only === 'fairness' ? await measureFairness(gateway, postern, farSide, options, say) : []

  const all = [...rounds, ...fairness.map((stage) => stage.round)]
  const faults = all.flatMap((round) => round.faults)
  for (const side of sides) {
    say(`looking up what ${side.name} acknowledged …`)
    faults.push(...(await lookUp(side, all)))
  }
  return {
    options,
    machine: machine(),
    database: await databaseSettings(gateway.databaseUrl),
    rounds,
    fairness,
    faults,
  }
}

async function lookUp(side: DeliverySide, rounds: readonly Round[]): Promise<readonly string[]> {
  const files = rounds.filter((round) => round.side === side.name).flatMap((round) => round.acknowledgedFiles)
  const verdict = await verifyAcknowledged(side.databaseUrl, side.stored, files)
  const { missing, doubled, otherId, incomplete } = verdict
  return [
    ...(missing > 0 ? [`${missing} acknowledged events are not in the table`] : []),
    ...(doubled > 0 ? [`${doubled} acknowledged events are in the table more than once`] : []),
    ...(otherId > 0 ? [`${otherId} events were acknowledged under another id than the stored one`] : []),
    ...(incomplete > 0 ? [`${incomplete} acknowledged events are not recorded as delivered, once`] : []),
  ].map((fault) => `${side.name}: ${fault}`)
}
