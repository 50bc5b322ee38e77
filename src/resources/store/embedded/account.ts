/** PostgreSQL refuses to run as root. Started by root, it runs as an account that can do nothing else here. */
import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface Account {
  readonly uid: number
  readonly gid: number
}

/**
 * The account PostgreSQL is to run as; undefined: our own.
 *
 * @param cluster An existing cluster keeps its owner, even if a `postgres` account has appeared since.
 */
export async function accountToRunAs(cluster: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const owner = await stat(cluster).catch(() => undefined)
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  const accounts = await readFile('/etc/passwd', 'utf8').catch(() => '')
  return find(accounts, 'postgres') ?? find(accounts, 'nobody') ?? { uid: 65534, gid: 65534 }
}

/** Whether the account may pass through every directory down to `path`. */
export async function canTraverse(path: string, account: Account): Promise<boolean> {
  const { mode, uid, gid } = await stat(path)
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0
  if (((mode >> shift) & 0o1) === 0) return false
  return dirname(path) === path || canTraverse(dirname(path), account)
}

function find(accounts: string, name: string): Account | undefined {
  const [, , uid, gid] =
    accounts
      .split('\n')
      .find((line) => line.startsWith(`${name}:`))
      ?.split(':') ?? []
  return Number(uid) > 0 && Number(gid) > 0 ? { uid: Number(uid), gid: Number(gid) } : undefined
}
