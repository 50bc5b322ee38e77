/**
 * One connection that outlives its failures, with every statement prepared on it.
 *
 * For the loops behind the commit: planning their statements anew over every day's partition costs several times
 * what running them does. Transactions take turns with everything else; after a lost connection the next call opens
 * another. A batch is sent as a whole: on a busy machine every answer that is waited for costs a turn of the scheduler.
 *
 * Here a statement looks rows up by their keys, and never reads a big table through.
 */
import type { Connection, Database, Queryable } from './database.ts'

export interface Session extends Pick<Database, 'query' | 'transaction' | 'batch'> {
  close(): Promise<void>
}

/**
 * Plans are made early in a day, when its tables are small, and kept: one that reads a small table through, to join it by
 * hash, goes on reading it through when it has a million rows. (Measured without this: recording a batch read all of the
 * day's jobs, and at 1,000 events a second the worker fell behind within seconds.)
 */
const BY_KEY = `set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_hashjoin = off;
  set enable_mergejoin = off; set jit = off`

/** Statements name the tables of a day: without a bound, each day of a long-lived process would leave its own behind. */
const MOST_PREPARED = 100

/** @param durable `false`: what is committed here may be lost with the database until somebody else's commit, and is not waited for. */
export function openSession(db: Pick<Database, 'connect'>, name: string, { durable = true } = {}): Session {
  const names = new Map<string, string>()
  let named = 0
  let connection: Connection | undefined
  let turn: Promise<unknown> = Promise.resolve()
  let unanswered: Promise<unknown> = Promise.resolve()

  /** Has the connection to itself until its work is done. */
  function inTurn<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const result = turn.then(async () => work(await connected()))
    turn = result.catch(ignore)
    return result
  }

  /** Has it until all is sent: the server runs what comes next after it. */
  function sent<T>(send: (connection: Connection) => Promise<T>): Promise<T> {
    const answer = turn.then(async () => ({ of: send(await connected()) }))
    turn = answer.catch(ignore)
    const result = answer.then(({ of }) => of)
    // Without what they resolve to: each would hold the answers of all before it.
    unanswered = Promise.allSettled([unanswered, result]).then(ignore)
    return result
  }

  async function connected(): Promise<Connection> {
    if (connection !== undefined && !connection.broken) {
      forgetOldest(connection)
      return connection
    }
    const opened = await db.connect({ name, onLost: ignore, pipelined: true })
    try {
      await opened.query(durable ? BY_KEY : `${BY_KEY}; set synchronous_commit = off`)
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
    const known = names.get(text) ?? `statement ${++named}`
    // The last used come last.
    names.delete(text)
    names.set(text, known)
    return known
  }

  /** Between two pieces of work, where a refusal (it may never have been prepared on this connection) harms nobody. */
  function forgetOldest(on: Connection): void {
    for (const [text, name] of names) {
      if (names.size <= MOST_PREPARED) return
      names.delete(text)
      on.query(`deallocate "${name}"`).catch(ignore)
    }
  }

  async function drop(): Promise<void> {
    const dropped = connection
    connection = undefined
    await dropped?.close()
  }

  return {
    query: (text, values) => sent((on) => prepared(on).query(text, values)),

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

    batch: (statements) =>
      sent(async (on) => {
        const tx = prepared(on)
        const answers = await Promise.allSettled([
          on.query('begin'),
          ...statements.map(({ text, values }) => tx.query(text, values)),
          // After a failure this ends the transaction as a rollback does.
          on.query('commit'),
        ])
        const results = answers.map((answer) => {
          // The first one is the cause; those behind it say that the transaction is over.
          if (answer.status === 'rejected') throw answer.reason
          return answer.value
        })
        return results.slice(1, -1)
      }),

    async close() {
      await turn
      await unanswered
      await drop()
    },
  }
}

/** Whoever uses the connection next sees the error of the statement. */
function ignore(): void {}
