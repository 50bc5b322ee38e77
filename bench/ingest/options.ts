/** The command line of the ingest benchmark. */
import { parseArgs } from 'node:util'

export interface Options {
  readonly seconds: number
  readonly warmupSeconds: number
  readonly rounds: number
  readonly connections: number
  readonly size: number
  readonly pool: number
  readonly only: 'postern' | 'alternative' | undefined
  readonly oversized: boolean
  readonly senders: number
  readonly json: boolean
}

export const USAGE = `Usage: npm run bench:ingest -- [options]

  --seconds N       measured time of each round (5)
  --warmup N        unmeasured load before each round, in seconds (3)
  --rounds N        rounds of each side, taken in turn (4)
  --connections N   connections, one request in flight on each (64)
  --size N          bytes of an event's body (1536)
  --pool N          database connections of the alternative (20)
  --only SIDE       postern or alternative
  --oversized       instead: oversized chunked bodies against the gateway while its memory is sampled
  --senders N       concurrent senders of --oversized (200)
  --json            one JSON value on stdout and nothing else

DATABASE_URL, when set, names the PostgreSQL that both sides use (in databases of their own, dropped afterwards)
instead of the embedded one. The role must be allowed to create databases.`

/** @throws Error with a message for the person who typed it. */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '5' },
      warmup: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '4' },
      connections: { type: 'string', default: '64' },
      size: { type: 'string', default: '1536' },
      pool: { type: 'string', default: '20' },
      only: { type: 'string' },
      oversized: { type: 'boolean', default: false },
      senders: { type: 'string', default: '200' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  const { only } = values
  if (only !== undefined && only !== 'postern' && only !== 'alternative')
    throw new Error('--only is postern or alternative')
  return {
    // Signatures are made before the clock starts and are valid for 300 seconds.
    seconds: whole('--seconds', values.seconds, 1, 120),
    warmupSeconds: whole('--warmup', values.warmup, 1, 60),
    rounds: whole('--rounds', values.rounds, 1, 50),
    connections: whole('--connections', values.connections, 1, 500),
    // A Stripe charge event without its description has some 1,150 bytes.
    size: whole('--size', values.size, 1_200, 1_000_000),
    pool: whole('--pool', values.pool, 1, 90),
    only,
    oversized: values.oversized,
    senders: whole('--senders', values.senders, 1, 500),
    json: values.json,
  }
}

export function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least || value > most)
    throw new Error(`${name} is a whole number from ${least} to ${most}`)
  return value
}
