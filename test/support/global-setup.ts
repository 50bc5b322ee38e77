/** Once a run: one PostgreSQL with a migrated template to clone, and one Redis if this machine has any. */
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { ROLES } from '../../src/resources/store/embedded/credentials.ts'
import { migrate } from '../../src/resources/store/migrate.ts'
import { aDatabaseCluster, removeAbandonedClusters } from './cluster.ts'
import { startRedis } from './redis-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** URLs of the run's server: `admin` is the superuser, the others are for the template's database. */
    databaseUrls: { readonly admin: string; readonly owner: string; readonly app: string }
    redisUrl: string | undefined
  }
}

const TEMPLATE = 'postern'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeAbandonedClusters()
  const [cluster, redis] = await Promise.all([aDatabaseCluster(), startRedis()])
  await migrate({ ownerUrl: cluster.ownerUrl, appRole: ROLES.app })
  await freeze(cluster.adminUrl)
  project.provide('databaseUrls', { admin: cluster.adminUrl, owner: cluster.ownerUrl, app: cluster.url })
  project.provide('redisUrl', redis?.url)
  return async () => {
    await redis?.close()
    await cluster[Symbol.asyncDispose]()
  }
}

/** A database that somebody is connected to cannot be cloned. */
async function freeze(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  await client.query(`alter database ${TEMPLATE} with is_template true allow_connections false`)
  await client.end()
}
