/**
 * The way to PostgreSQL: a pool for everything ordinary, single connections for the hot path and for listening.
 *
 * Every statement of Postern lives in this room. Callers pass a `Queryable`: the database itself or a transaction.
 */
import pg from 'pg'
import { PosternError } from '../../base/model/errors.ts'

/** int8 and timestamps: counters stay below 2^53; times come as Date. */
const types = new pg.TypeOverrides()
types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error('a counter left the safe range')
  return value
})

/** What statements run on. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<pg.QueryResult<Row>>
}

export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

/** One connection of its own, outside the pool, for prepared statements and listening. */
export interface Connection extends Queryable {
  /** Prepared once per connection under `name`, then only bound. Buffers are sent as binary parameters. */
  execute<Row extends pg.QueryResultRow>(
    name: string,
    text: string,
    values: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>
  readonly broken: boolean
  close(): Promise<void>
}

export interface ConnectOptions {
  readonly name: string
  readonly onLost: (error: Error) => void
  /** Statements are sent as they come, before the ones in front of them are answered; they run in that order all the same. */
  readonly pipelined?: boolean
}

export interface Database extends Queryable {
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>
  /** One transaction of statements that need nothing of each other's answers. @returns Their answers, in their order. */
  batch(statements: readonly Statement[]): Promise<readonly pg.QueryResult[]>
  /** Read-only, and everything as it was at one instant, however long it takes. */
  snapshot<T>(work: (tx: Queryable) => Promise<T>): Promise<T>
  connect(options: ConnectOptions): Promise<Connection>
  /** Calls `onNotify` for each notification, and once after every (re)connection, since some may have been missed. */
  listen(channel: string, onNotify: () => void): Promise<{ close(): Promise<void> }>
  close(): Promise<void>
}

export interface DatabaseOptions {
  readonly url: string
  readonly poolSize?: number
  readonly onError: (error: Error) => void
}

/** A little more than the statement's own time-out, whose error says more. */
const QUERY_TIMEOUT_MS = 35_000

const SESSION = '-c search_path=postern -c statement_timeout=30000 -c lock_timeout=10000 -c timezone=UTC'

export function openDatabase({ url, poolSize = 10, onError }: DatabaseOptions): Database {
  const settings = { connectionString: url, types, options: SESSION, connectionTimeoutMillis: 5_000, keepAlive: true }
  // A server that hangs cannot end its own statement: without a bound on our side the caller would wait for ever.
  const pool = new pg.Pool({ ...settings, max: poolSize, application_name: 'postern', query_timeout: QUERY_TIMEOUT_MS })
  // Without this, a connection that dies while idle ends the process.
  pool.on('error', onError)

  async function connect({ name, onLost, pipelined = false }: ConnectOptions): Promise<Connection> {
    const client = new pg.Client({ ...settings, application_name: `postern ${name}`, pipeline: pipelined })
    let broken = false
    client.on('error', (error) => {
      broken = true
      onLost(error)
    })
    client.on('end', () => {
      broken = true
    })
    await client.connect().catch(unavailable)
    return {
      query: (text, values) => client.query(text, values as unknown[]),
      execute: (statement, text, values) => client.query({ name: statement, text, values: values as unknown[] }),
      get broken() {
        return broken
      },
      close: () => client.end().catch(() => undefined),
    }
  }

  async function within<T>(begin: string, work: (tx: Queryable) => Promise<T>): Promise<T> {
    const client = await pool.connect().catch(unavailable)
    let failed: Error | undefined
    // The pool listens to idle connections only: one that dies between two statements would end the process.
    client.on('error', onError)
    try {
      await client.query(begin)
      const result = await work({ query: (text, values) => client.query(text, values as unknown[]) })
      await client.query('commit')
      return result
    } catch (error) {
      failed = error instanceof Error ? error : new Error('not an Error')
      await client.query('rollback').then(
        () => {
          failed = undefined
        },
        () => undefined,
      )
      throw error
    } finally {
      client.off('error', onError)
      // A connection that could not even roll back is thrown away.
      client.release(failed)
    }
  }

  return {
    query: (text, values) => pool.query(text, values as unknown[]),
    transaction: (work) => within('begin', work),
    batch: (statements) =>
      within('begin', async (tx) => {
        const results: pg.QueryResult[] = []
        for (const { text, values } of statements) results.push(await tx.query(text, values))
        return results
      }),
    snapshot: (work) => within('begin transaction isolation level repeatable read read only', work),
    connect,

    async listen(channel, onNotify) {
      let closed = false
      let client: pg.Client | undefined
      let retry: NodeJS.Timeout | undefined

      async function start(): Promise<void> {
        if (closed) return
        const next = new pg.Client({ ...settings, application_name: 'postern listen' })
        next.on('error', onError)
        next.on('end', () => {
          if (!closed) retry = setTimeout(() => void start(), 500)
        })
        next.on('notification', () => onNotify())
        try {
          await next.connect()
          await next.query(`listen ${pg.escapeIdentifier(channel)}`)
          client = next
          onNotify()
        } catch (error) {
          onError(error as Error)
          await next.end().catch(() => undefined)
        }
      }

      await start()
      return {
        async close() {
          closed = true
          clearTimeout(retry)
          await client?.end().catch(() => undefined)
        },
      }
    },

    close: () => pool.end(),
  }
}

function unavailable(cause: unknown): never {
  throw new PosternError('DEPENDENCY_UNAVAILABLE', 'The database cannot be reached.', { cause, retryAfterSeconds: 5 })
}

/** Whether PostgreSQL refused a row because a unique constraint already holds it. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (!(error instanceof Error) || !('code' in error) || error.code !== '23505') return false
  return constraint === undefined || ('constraint' in error && error.constraint === constraint)
}

/** Whether a statement was ended because it took too long. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '57014'
}

/** Whether the statement failed because the database is away, full or overloaded, not because of what it said. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof PosternError) return error.kind === 'unavailable'
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  // 08 connection, 53 resources (disk full, too many connections), 57 shut-down and time-outs, 58 system, 25006 read-only.
  if (/^(08|53|57|58)/.test(code) || code === '25006' || code === '55P03') return true
  if (/^(ECONN|ENOENT|EPIPE|ETIMEDOUT|EAI_|ENOTFOUND|EHOST|ENET)/.test(code)) return true
  // The driver gives these no code.
  return (
    code === '' &&
    /^(Connection terminated|timeout exceeded|Query read timeout|Client has encountered|Client was closed|The database)/i.test(
      error.message,
    )
  )
}
