/**
 * How fast can events be taken in durably, and what does one cost? Postern and what people build instead, loaded in
 * turn in the same run, on the same PostgreSQL, by the same generator. Afterwards every acknowledged id is looked up:
 * a figure reached by losing or doubling events is no figure, and the run fails.
 *
 * Ratios travel to other machines; the figures themselves do not.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAlternative } from './ingest/alternative.ts'
import { portOf, startModule } from './ingest/child.ts'
import { createDatabase, databaseSettings, dropDatabase, verifyAcknowledged, withDatabase } from './ingest/database.ts'
import { startGenerator } from './ingest/generator.ts'
import { type Options, readOptions, USAGE } from './ingest/options.ts'
import { measureOversized } from './ingest/oversized.ts'
import { startPostern } from './ingest/postern.ts'
import { cpuMsPerEvent, machine, type Report, textReport } from './ingest/report.ts'
import { type Round, runRound } from './ingest/round.ts'
import { SECRET, type Side } from './ingest/side.ts'
import { faultsOf, type SideSummary, summariseSide } from './ingest/summary.ts'
import { requireProc } from './process-stats.ts'

const GATEWAY_DATABASE = 'postern_bench_gateway'

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
  const forget = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', forget)
  const given = process.env['DATABASE_URL'] || undefined
  try {
    if (given !== undefined) await createDatabase(given, GATEWAY_DATABASE)
    return await measure(options, folder, given)
  } finally {
    if (given !== undefined) await dropDatabase(given, GATEWAY_DATABASE)
    forget()
  }
}

/** @param given The PostgreSQL to use instead of the embedded one. */
async function measure(options: Options, folder: string, given: string | undefined): Promise<number> {
  const say = (text: string) => process.stderr.write(`${text}\n`)
  // With an embedded database the gateway is started even for `--only alternative`: it brings the database.
  const needed = options.only !== 'alternative' || given === undefined
  say('starting the gateway …')
  await using postern = needed ? await startPostern(given && withDatabase(given, GATEWAY_DATABASE)) : undefined
  const serverUrl = given ?? postern?.databaseUrl
  if (serverUrl === undefined) throw new Error('no database')

  if (options.oversized) {
    if (postern === undefined) throw new Error('--oversized measures the gateway')
    const { report, faults } = await measureOversized(postern, options, folder)
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : report.text)
    return faults.length === 0 ? 0 : 1
  }

  await using alternative = options.only === 'postern' ? undefined : await startAlternative(serverUrl, options.pool)
  const sides = [options.only === 'alternative' ? undefined : postern, alternative].filter((side) => side !== undefined)
  const generatorCeiling = await measureGenerator(options, folder)
  const rounds = new Map<Side, Round[]>(sides.map((side) => [side, []]))
  for (let number = 1; number <= options.rounds; number++) {
    for (const side of sides) {
      say(`round ${number} of ${options.rounds}: ${side.name} …`)
      rounds.get(side)?.push(await runRound(side, options, folder, `${side.name}-${number}`))
    }
  }

  const summaries: SideSummary[] = []
  const faults: string[] = []
  for (const [side, measured] of rounds) {
    say(`looking up what ${side.name} acknowledged …`)
    const files = measured.flatMap((round) => round.acknowledgedFiles)
    const verdict = await verifyAcknowledged(side.databaseUrl, side.stored, files)
    summaries.push(summariseSide(side.name, measured, verdict))
    faults.push(...faultsOf(side.name, measured, verdict))
  }
  const report: Report = {
    options,
    machine: machine(),
    database: await databaseSettings(serverUrl),
    generatorCeiling,
    sides: summaries,
    ratio: ratioOf(summaries),
    faults,
  }
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : textReport(report))
  return faults.length === 0 ? 0 : 1
}

function ratioOf([postern, alternative]: readonly SideSummary[]): Report['ratio'] {
  if (postern === undefined || alternative === undefined) return undefined
  return {
    eventsPerSecond: postern.eventsPerSecond / alternative.eventsPerSecond,
    cpu: cpuMsPerEvent(postern) / cpuMsPerEvent(alternative),
  }
}

/** Requests a second against a server that does nothing. */
async function measureGenerator({ connections, size }: Options, folder: string): Promise<number> {
  await using server = startModule(new URL('./empty-server.ts', import.meta.url), { PATH: process.env['PATH'] })
  await using generator = startGenerator(folder, 'empty')
  const port = await portOf(server)
  await generator.sign(
    { port, path: '/api/v1/webhooks/stripe', secret: SECRET, signatureHeader: 'Stripe-Signature' },
    150_000,
    size,
  )
  const { completed, seconds } = await generator.send(connections, 3)
  return completed / seconds
}
