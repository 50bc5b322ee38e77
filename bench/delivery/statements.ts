/** How many SQL statements a database ran, counted by the server itself (pg_stat_statements, top level, utility included). */
import { withClient } from '../ingest/database.ts'

export interface StatementCount {
  readonly text: string
  readonly calls: number
  readonly ms: number
  /** The longest call. */
  readonly maxMs: number
}

/** To be called with the server's superuser, before the server is started once more. */
export async function loadCounter(url: string): Promise<void> {
  await withClient(url, (client) => client.query("alter system set shared_preload_libraries = 'pg_stat_statements'"))
}

export async function resetStatements(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query('create extension if not exists pg_stat_statements schema public')
    await client.query('select public.pg_stat_statements_reset()')
  })
}

/** Since the last reset, in the database of `url` alone; most often called first. */
export async function readStatements(url: string): Promise<readonly StatementCount[]> {
  return await withClient(url, async (client) => {
    const { rows } = await client.query<StatementCount>(
      `select query as text, calls::float8 as calls, total_exec_time as ms, max_exec_time as "maxMs" from public.pg_stat_statements
       where dbid = (select oid from pg_database where datname = current_database()) and query not like '%pg_stat_statements%'
       order by calls desc`,
    )
    return rows
  })
}
