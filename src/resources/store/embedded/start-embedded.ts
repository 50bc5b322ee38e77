/**
 * The embedded database: real PostgreSQL from an npm package, needing no service, no root and no install script.
 *
 * It listens on a unix socket that only its own account can reach, keeps what it has committed (fsync, checksums),
 * outlives us when we are killed and is found again by the next start, and comes back by itself when it is killed.
 * Processes on one data directory share one server; the last to close it stops it.
 *
 * Boundary: gives URLs. Schema and statements are the rooms' beside it. One data directory belongs to one host.
 */
import type { Logger } from '../../../observability/log.ts'
import { ensureBinaries, removeOtherBinaries } from './binaries.ts'
import { ensureCluster } from './cluster.ts'
import { connectionUrl, ensureCredentials, readCredentials } from './credentials.ts'
import { boundLog } from './log-file.ts'
import { choosePlaces, ensureSocketDirectory } from './places.ts'
import { ensureServer, stopServer } from './server.ts'
import { register } from './users.ts'
import { watchServer } from './watch-server.ts'

export interface EmbeddedDatabase {
  /** For all work: may not alter the schema or the audit trail. */
  readonly url: string
  /** For migrations: owns the database and everything in it; not a superuser. */
  readonly ownerUrl: string
  /** Of the server, such as `18.4`. */
  readonly version: string
  /** Stops the server, unless another process still uses it. */
  close(): Promise<void>
}

/** @throws PosternError `DEPENDENCY_UNAVAILABLE`, saying what to do: platform, version, permissions, a foreign server. */
export async function startEmbedded({
  dataDir,
  log,
}: {
  readonly dataDir: string
  readonly log: Logger
}): Promise<EmbeddedDatabase> {
  const places = await choosePlaces(dataDir)
  const binaries = await ensureBinaries(places.state, places.account)
  await ensureCluster(places, binaries, () => ensureCredentials(places.dataDir))
  const credentials = await readCredentials(places.dataDir)
  const socketDirectory = await ensureSocketDirectory(places)
  const url = (directory: string) => connectionUrl(credentials, 'app', directory)
  // Registered before the server is looked for: whoever is about to stop it may still see us.
  const registration = await register(places.users)
  const options = { places, binaries, socketDirectory, url }
  const server = await ensureServer(options).catch(async (error: unknown) => {
    await registration.leave()
    throw error
  })
  log.info({ pid: server.pid, version: server.version, adopted: server.child === undefined }, 'embedded database is up')
  await boundLog(places.log)
  if (server.child !== undefined) await removeOtherBinaries(places.state, binaries)

  const watch = watchServer({
    server,
    log,
    // On the same socket, so that the URLs given out stay valid.
    restart: (signal) => ensureServer({ ...options, socketDirectory: server.socketDirectory, signal }),
    everyMinute: () => boundLog(places.log),
  })
  let closing: Promise<void> | undefined

  async function close(): Promise<void> {
    await watch.end()
    if (await registration.leave()) await stopServer(places.cluster)
  }

  return {
    url: url(server.socketDirectory),
    ownerUrl: connectionUrl(credentials, 'owner', server.socketDirectory),
    version: server.version,
    close: () => (closing ??= close()),
  }
}
