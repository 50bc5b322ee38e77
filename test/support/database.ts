/** A database of one's own, migrated and empty: cloned from the run's template, dropped at the end of the scope. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { type Database, openDatabase } from '../../src/resources/store/database.ts'

export interface TestDatabase extends Database, AsyncDisposable {
  /** As the gateway: rights as in production. */
  readonly url: string
  /** As the role that owns the schema. */
  readonly ownerUrl: string
}

/** Use with `await using`, or dispose in `afterAll`. */
export async function freshDatabase({ poolSize = 10 } = {}): Promise<TestDatabase> {
  return testDatabase(poolSize, 'template postern')
}

/** Without any schema, for tests of the migrations themselves. */
export async function emptyDatabase(): Promise<TestDatabase> {
  return testDatabase(2, '')
}

async function testDatabase(poolSize: number, template: string): Promise<TestDatabase> {
  const urls = inject('databaseUrls')
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`
  await asAdmin(urls.admin, `create database ${name} owner postern_owner ${template}`)
  const url = inDatabase(urls.app, name)
  // A test that breaks connections sees it in what it asked for.
  const database = openDatabase({ url, poolSize, onError: () => undefined })
  let closed: Promise<void> | undefined
  const close = () => (closed ??= database.close())
  return {
    ...database,
    close,
    url,
    ownerUrl: inDatabase(urls.owner, name),
    async [Symbol.asyncDispose]() {
      // Not close() first: it waits for connections that a failed test may have kept.
      void close()
      await asAdmin(urls.admin, `drop database if exists ${name} with (force)`)
    },
  }
}

function inDatabase(url: string, name: string): string {
  const moved = new URL(url)
  moved.pathname = `/${name}`
  return moved.href
}

async function asAdmin(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
