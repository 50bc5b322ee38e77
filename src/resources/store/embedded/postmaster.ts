/** The running server, as its own lock file describes it. The file may be stale, and its process id another's by now. */
import { readFile, realpath, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { commandOf, directoryOf, isAlive } from './processes.ts'

export type Postmaster =
  | {
      readonly state: 'running'
      readonly pid: number
      readonly socketDirectory: string | undefined
      readonly ready: boolean
    }
  /** The process of this id is certainly not a server on this cluster. */
  | { readonly state: 'stale'; readonly pid: number }
  /** It might be one: whoever cannot tell must not touch it. */
  | { readonly state: 'unknown'; readonly pid: number }
  | { readonly state: 'none' }

/** @see PostgreSQL, "miscadmin.h": 1 pid, 2 data directory, 3 start time, 4 port, 5 socket directory, 6 address, 7 shared memory, 8 status. */
export async function findPostmaster(cluster: string): Promise<Postmaster> {
  const lines = (await readFile(lockFile(cluster), 'utf8').catch(() => '')).split('\n')
  // Negative while a single-user server runs.
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10))
  if (!(pid > 1) || !(await isAlive(pid))) return { state: 'none' }

  const command = await commandOf(pid)
  if (command === undefined) return (await isAlive(pid)) ? { state: 'unknown', pid } : { state: 'none' }
  if (!command.includes('postgres')) return { state: 'stale', pid }
  const running = {
    state: 'running',
    pid,
    socketDirectory: lines[4] || undefined,
    ready: lines[7]?.trim() === 'ready',
  } as const
  if (`${command} `.includes(` -D ${cluster} `)) return running
  // Started by hand, perhaps: the directory may then stand in PGDATA. A server works in its data directory.
  const directory = await directoryOf(pid)
  if (directory === undefined) return { state: 'unknown', pid }
  return directory === (await realpath(cluster)) ? running : { state: 'stale', pid }
}

/**
 * Moves a stale lock file away. PostgreSQL itself ignores the file of a dead process, but refuses to start when
 * the id has been given to another process of the same user, as happens after a restarted container.
 */
export async function setAsideLockFile(cluster: string): Promise<void> {
  await rename(lockFile(cluster), join(cluster, 'postmaster.pid.stale')).catch(() => undefined)
}

function lockFile(cluster: string): string {
  return join(cluster, 'postmaster.pid')
}
