/**
 * A secret on its way in: judged by the provider's scheme, then sealed or kept as a reference, never both.
 */
import { PosternError } from '../../base/model/errors.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Scheme } from '../../providers/definition.ts'
import { checkKey } from '../../providers/keys.ts'
import { referenceForm } from '../../resources/secrets/references.ts'
import { inboundKeyContext, type Secrets, type StoredSecret } from '../../resources/secrets/stored-secret.ts'

/**
 * @param text The secret itself, or `env:NAME` or `file:/path`.
 * @throws PosternError `VALIDATION_ERROR` when the reference gives nothing or the secret cannot be a key of the
 * scheme (empty, too short, in another form); it never quotes the secret.
 */
export async function storeInboundSecret(
  secrets: Secrets,
  scheme: Scheme,
  key: { readonly id: Uuid; readonly tenantId: Uuid },
  text: string,
): Promise<StoredSecret> {
  const reference = referenceForm(text) === undefined ? null : text
  const material = reference === null ? text : await secrets.references.resolve(reference).catch(unresolved)
  const problem = checkKey(scheme, material)
  if (problem !== undefined) throw invalid(problem)
  return reference === null
    ? { reference: null, sealed: secrets.keyring.seal(inboundKeyContext(key), material) }
    : { reference, sealed: null }
}

/** Used later, a reference without a secret is our trouble; named now, it is the caller's. */
function unresolved(error: unknown): never {
  if (error instanceof PosternError) throw invalid(error.detail)
  throw error
}

function invalid(message: string): PosternError {
  return new PosternError('VALIDATION_ERROR', 'The secret cannot be used.', { errors: [{ path: 'secret', message }] })
}
