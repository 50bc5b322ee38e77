/**
 * Secrets at rest: envelope encryption under one master key.
 *
 * Each secret has a data key of its own (AES-256-GCM), wrapped by the master key. Both layers are bound to the
 * row the secret belongs to (purpose, tenant, id), so that an envelope copied into another row does not open:
 * write access to the database is not enough to make one tenant's key answer for another's.
 *
 * Boundary: knows bytes and the master key; knows no tables. Nothing here logs, and no error quotes content.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { PosternError } from '../../base/model/errors.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Config } from '../../config/config.ts'
import { readOrMakeKeyFile } from './key-file.ts'

/** What an envelope is bound to. */
export interface SecretContext {
  readonly purpose: 'integration-key' | 'destination-signing-key' | 'destination-auth' | 'alert-channel'
  readonly tenantId: Uuid
  readonly rowId: Uuid
}

export interface Keyring {
  seal(context: SecretContext, text: string): Buffer
  /** @throws PosternError `DEPENDENCY_UNAVAILABLE` when it was sealed for another row or under another master key, or was changed. */
  open(context: SecretContext, sealed: Buffer): string
}

const VERSION = 1
const KEY_ID_BYTES = 8
const NONCE_BYTES = 12
const TAG_BYTES = 16
const DATA_KEY_BYTES = 32
const WRAPPED_BYTES = NONCE_BYTES + DATA_KEY_BYTES + TAG_BYTES
const HEADER_BYTES = 1 + KEY_ID_BYTES
const LEAST_BYTES = HEADER_BYTES + WRAPPED_BYTES + NONCE_BYTES + TAG_BYTES

/** The master key comes from the configuration, else from `<dataDir>/master.key`, which is made once. */
export async function openKeyring(config: Pick<Config, 'POSTERN_MASTER_KEY'>, dataDir: string): Promise<Keyring> {
  if (config.POSTERN_MASTER_KEY !== undefined) return createKeyring(Buffer.from(config.POSTERN_MASTER_KEY, 'hex'))
  const path = join(dataDir, 'master.key')
  const { text } = await readOrMakeKeyFile(path, () => randomBytes(32).toString('hex'))
  if (!/^[0-9a-fA-F]{64}$/.test(text)) {
    throw new PosternError('VALIDATION_ERROR', `The key file ${path} does not hold 64 hex digits.`)
  }
  return createKeyring(Buffer.from(text, 'hex'))
}

/** @param masterKey 32 bytes. */
export function createKeyring(masterKey: Buffer): Keyring {
  if (masterKey.length !== 32) throw new Error('the master key must have 32 bytes')
  // Tells envelopes of different master keys apart without helping to find either.
  const keyId = createHash('sha256')
    .update('postern master key id\0')
    .update(masterKey)
    .digest()
    .subarray(0, KEY_ID_BYTES)
  const header = Buffer.concat([Buffer.from([VERSION]), keyId])

  return {
    seal(context, text) {
      const bound = boundTo(header, context)
      const dataKey = randomBytes(DATA_KEY_BYTES)
      const wrapped = encrypt(masterKey, dataKey, bound)
      const content = encrypt(dataKey, Buffer.from(text, 'utf8'), bound)
      dataKey.fill(0)
      return Buffer.concat([header, wrapped, content])
    },

    open(context, sealed) {
      if (sealed.length < LEAST_BYTES || sealed[0] !== VERSION) throw unopened('is not an envelope of this version')
      if (!sealed.subarray(1, HEADER_BYTES).equals(keyId)) throw unopened('was sealed under another master key')
      const bound = boundTo(header, context)
      const wrapped = sealed.subarray(HEADER_BYTES, HEADER_BYTES + WRAPPED_BYTES)
      const dataKey = decrypt(masterKey, wrapped, bound)
      return decrypt(dataKey, sealed.subarray(HEADER_BYTES + WRAPPED_BYTES), bound).toString('utf8')
    },
  }
}

function encrypt(key: Buffer, content: Buffer, bound: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(bound)
  return Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: Buffer, sealed: Buffer, bound: Buffer): Buffer {
  const nonce = sealed.subarray(0, NONCE_BYTES)
  const end = sealed.length - TAG_BYTES
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(bound)
    .setAuthTag(sealed.subarray(end))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, end)), decipher.final()])
  } catch {
    throw unopened('was changed, or belongs to another row')
  }
}

/** Every part with its length before it, so that no two contexts have the same bytes. */
function boundTo(header: Buffer, { purpose, tenantId, rowId }: SecretContext): Buffer {
  const parts = [header, ...[purpose, tenantId, rowId].map((part) => Buffer.from(part, 'utf8'))]
  return Buffer.concat(parts.flatMap((part) => [Buffer.from([part.length]), part]))
}

function unopened(why: string): PosternError {
  return new PosternError('DEPENDENCY_UNAVAILABLE', `A stored secret cannot be opened: it ${why}.`)
}
