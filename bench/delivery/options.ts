/** The command line of the delivery benchmark. */
import { parseArgs } from 'node:util'
import { whole } from '../ingest/options.ts'

export interface Options {
  readonly rates: readonly number[]
  readonly seconds: number
  readonly warmupSeconds: number
  readonly rounds: number
  readonly size: number
  readonly pool: number
  readonly concurrency: number
  readonly only: 'postern' | 'alternative' | 'fairness' | undefined
  readonly backlog: number
  readonly statements: boolean
  readonly json: boolean
}

export const USAGE = `Usage: npm run bench:delivery -- [options]

  --rates LIST      events a second, in turn (200,1000)
  --seconds N       measured time of each round (15)
  --warmup N        unmeasured load before each round, in seconds (5)
  --rounds N        rounds of each side at each rate, taken in turn (1)
  --size N          bytes of an event's body (1536)
  --pool N          database connections of the alternative, for each of its two processes (20)
  --concurrency N   deliveries under way at one time in the alternative; Postern's own default is 64 (64)
  --only PART       postern, alternative or fairness
  --backlog N       events of the other tenant in the fairness part (100000)
  --statements      also list the statements that ran, with calls and time for each event
  --json            one JSON value on stdout and nothing else`

/** @throws Error with a message for the person who typed it. */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rates: { type: 'string', default: '200,1000' },
      seconds: { type: 'string', default: '15' },
      warmup: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '1' },
      size: { type: 'string', default: '1536' },
      pool: { type: 'string', default: '20' },
      concurrency: { type: 'string', default: '64' },
      only: { type: 'string' },
      backlog: { type: 'string', default: '100000' },
      statements: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  const { only } = values
  if (only !== undefined && only !== 'postern' && only !== 'alternative' && only !== 'fairness')
    throw new Error('--only is postern, alternative or fairness')
  return {
    rates: values.rates.split(',').map((rate) => whole('--rates', rate, 1, 20_000)),
    // Signatures are made before the clock starts and are valid for 300 seconds.
    seconds: whole('--seconds', values.seconds, 1, 120),
    warmupSeconds: whole('--warmup', values.warmup, 0, 60),
    rounds: whole('--rounds', values.rounds, 1, 20),
    size: whole('--size', values.size, 1_200, 1_000_000),
    pool: whole('--pool', values.pool, 1, 25),
    concurrency: whole('--concurrency', values.concurrency, 1, 1_000),
    only,
    backlog: whole('--backlog', values.backlog, 1, 1_000_000),
    statements: values.statements,
    json: values.json,
  }
}
