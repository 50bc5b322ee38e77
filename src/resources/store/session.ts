/**
 * One connection that outlives its failures, with every statement prepared on it.
 *
 * For the loops behind the commit: planning their statements anew over every day's partition costs several times
 * what running them does. Calls take turns; after a lost connection the next call opens another.
 */
import type { Connection, Database, Queryable } from './database.ts'

export interface Session extends Pick<Database, 'query' | 'transaction'> {
  close(): Promise<void>
}

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
    if (connection === undefined || connection.broken) connection = await db.connect({ name, onLost: ignore })
    return connection
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
