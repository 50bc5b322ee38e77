/**
 * The database as configured: `DATABASE_URL`, or the embedded server in the data folder. Migrated, with its days.
 */
import { join } from 'node:path'
import type { Config } from '../../config/config.ts'
import type { Logger } from '../../observability/log.ts'
import { type Database, openDatabase } from './database.ts'
import { startEmbedded } from './embedded/start-embedded.ts'
import { migrate } from './migrate.ts'
import { ensurePartitions } from './partitions.ts'

export interface OpenStore {
  readonly db: Database
  /** Names of the migrations applied by this start. */
  readonly applied: readonly string[]
  readonly embedded: boolean
  close(): Promise<void>
}

/** @throws PosternError `DEPENDENCY_UNAVAILABLE` with what to do. */
export async function openStore(config: Config, log: Logger): Promise<OpenStore> {
  const embedded =
    config.DATABASE_URL === undefined
      ? await startEmbedded({ dataDir: join(config.POSTERN_DATA_DIR, 'database'), log })
      : undefined
  try {
    const { applied } = await migrate(
      embedded === undefined
        ? { ownerUrl: config.DATABASE_URL ?? '' }
        : { ownerUrl: embedded.ownerUrl, appRole: 'postern_app' },
    )
    const url = embedded?.url ?? config.DATABASE_URL ?? ''
    const db = openDatabase({ url, onError: (err) => log.warn({ err }, 'an idle database connection was lost') })
    await ensurePartitions(db)
    return {
      db,
      applied,
      embedded: embedded !== undefined,
      async close() {
        await db.close()
        await embedded?.close()
      },
    }
  } catch (error) {
    await embedded?.close()
    throw error
  }
}
