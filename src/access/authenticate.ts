/**
 * From a request's credential to a principal.
 *
 * There is no anonymous mode: without a credential there is no principal. Missing, repeated, too short and
 * wrong keys take the same path, one digest and one comparison of equal length, so that neither the answer
 * nor its timing tells them apart.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { type Principal, ROOT } from './principal.ts'

/** @param rawHeaders Names and values in turn, as they arrived: duplicates are still visible here. */
export type Authenticate = (rawHeaders: readonly string[]) => Principal | undefined | Promise<Principal | undefined>

export const KEY_HEADER = 'x-internal-api-key'

/** @throws Error when the key is too short to be one: an empty key must never open the door. */
export function rootKeyAuthenticator(managementKey: string): (rawHeaders: readonly string[]) => Principal | undefined {
  if (managementKey.trim().length < 16) throw new Error('the management key must have at least 16 characters')
  const expected = digest(Buffer.from(managementKey, 'utf8'))
  return (rawHeaders) => {
    const values = valuesOf(rawHeaders, KEY_HEADER)
    const equal = timingSafeEqual(digest(Buffer.from(values[0] ?? '', 'latin1')), expected)
    return equal && values.length === 1 ? ROOT : undefined
  }
}

/** Over bytes: node hands header values over as latin-1, the configured key is UTF-8. */
function digest(value: Buffer): Buffer {
  return createHash('sha256').update(value).digest()
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) values.push(rawHeaders[index + 1] ?? '')
  }
  return values
}
