/**
 * One connection that outlives its failures, with every statement prepared on it.
 *
 * For the loops behind the commit: planning their statements anew over every day's partition costs several times
 * what running them does. Calls take turns; after a lost connection the next call opens another.
 *
 * Here a statement looks rows up by their keys, and never reads a big table through.
 */
import type { Connection, Database, Queryable } from './database.ts'

export interface Session extends Pick<Database, 'query' | 'transaction'> {
  close(): Promise<void>
}

/**
 * Plans are made early in a day, when its tables are small, and kept: one that reads a small table through, to join it by
 * hash, goes on reading it through when it has a million rows. (Measured without this: recording a batch read all of the
 * day's jobs, and at 1,000 events a second the worker fell behind within seconds.)
 */
const BY_KEY = `set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_hashjoin = off;
  set enable_mergejoin = off; set jit = off`

export function openSession(db: Pick<Database, 'connect'>, name: string): Session {
  const names = new Map<string, string>()
  let connection: Connection | undefined
  let turn: Promise<unknown> = Promise.resolve()

  function inTurn<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const result = turn.then(async () => work(await connected()))
    turn = result.catch(() => undefined)
    return result
  }

  async function connected(): Promise<Connection> {
    if (connection !== undefined && !connection.broken) return connection
    const opened = await db.connect({ name, onLost: ignore })
    try {
      await opened.query(BY_KEY)
    } catch (error) {
      await opened.close()
      throw error
    }
    connection = opened
    return opened
  }

  function prepared(on: Connection): Queryable {
    return { query: (text, values = []) => on.execute(nameOf(text), text, values) }
  }

  function nameOf(text: string): string {
    const known = names.get(text) ?? `statement ${names.size + 1}`
    names.set(text, known)
    return known
  }

  async function drop(): Promise<void> {
    const dropped = connection
    connection = undefined
    await dropped?.close()
  }

  return {
    query: (text, values) => inTurn((on) => prepared(on).query(text, values)),

    transaction: (work) =>
      inTurn(async (on) => {
        try {
          await on.query('begin')
          const result = await work(prepared(on))
          await on.query('commit')
          return result
        } catch (error) {
          await on.query('rollback').catch(drop)
          throw error
        }
      }),

    close: () => turn.then(drop),
  }
}

/** Whoever uses the connection next sees the error of the statement. */
function ignore(): void {}
