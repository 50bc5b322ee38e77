/**
 * The root management key: from the environment, or made once for a local installation.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { PosternError } from '../../base/model/errors.ts'
import type { Config } from '../../config/config.ts'
import { readOrMakeKeyFile } from './key-file.ts'

export interface ManagementKey {
  readonly key: string
  /** Where it is kept when it does not come from the environment; commands on this machine read it there. */
  readonly path?: string
  /** Whether this start made it: then, and only then, it is shown. */
  readonly made: boolean
}

/** @throws PosternError `VALIDATION_ERROR` in production without a key: nobody would know a generated one. */
export async function managementKey(
  config: Pick<Config, 'NODE_ENV' | 'MANAGEMENT_API_KEY'>,
  dataDir: string,
): Promise<ManagementKey> {
  if (config.MANAGEMENT_API_KEY !== undefined) return { key: config.MANAGEMENT_API_KEY, made: false }
  if (config.NODE_ENV === 'production') {
    throw new PosternError('VALIDATION_ERROR', 'MANAGEMENT_API_KEY must be set in production.')
  }
  const path = join(dataDir, 'management.key')
  const { text, made } = await readOrMakeKeyFile(path, () => `pmk_${randomBytes(32).toString('base64url')}`)
  if (text.length < 16) throw new PosternError('VALIDATION_ERROR', `The key file ${path} holds no management key.`)
  return { key: text, path, made }
}
