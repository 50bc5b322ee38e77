/** Three roles with a generated password each, kept in one file that only the gateway's user can read. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { PosternError } from '../../../base/model/errors.ts'
import { createOnce } from './files.ts'

/** `admin` is the superuser, for repair by hand; `owner` migrates; `app` is what the gateway works as. */
export const ROLES = { admin: 'postgres', owner: 'postern_owner', app: 'postern_app' } as const

export type Role = keyof typeof ROLES

export type Credentials = Readonly<Record<Role, string>>

const password = z.string().regex(/^[0-9a-f]{48}$/)
const schema = z.object({ admin: password, owner: password, app: password })

const FILE = 'postgres-credentials.json'

/** Reads the passwords, making them first if there are none. Of two processes at once, both get the same. */
export async function ensureCredentials(dataDir: string): Promise<Credentials> {
  const fresh = () => randomBytes(24).toString('hex')
  const made: Credentials = { admin: fresh(), owner: fresh(), app: fresh() }
  await createOnce(join(dataDir, FILE), `${JSON.stringify(made, null, 2)}\n`)
  return readCredentials(dataDir)
}

export async function readCredentials(dataDir: string): Promise<Credentials> {
  const path = join(dataDir, FILE)
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    throw new PosternError(
      'DEPENDENCY_UNAVAILABLE',
      `${path} cannot be read as the passwords of the database. Restore it from a backup, or run as the user that owns it.`,
      { cause },
    )
  }
}

/** Both PostgreSQL's own tools and the driver take the directory of the socket from `host`; the name before it only makes the URL well-formed. */
export function connectionUrl(
  credentials: Credentials,
  role: Role,
  socketDirectory: string,
  database = 'postern',
): string {
  return `postgres://${ROLES[role]}:${credentials[role]}@localhost/${database}?host=${encodeURIComponent(socketDirectory)}`
}
