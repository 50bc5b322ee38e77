/**
 * A secret on its way in: judged by the provider's scheme, then sealed or kept as a reference, never both.
 */
import { type FieldError, PosternError } from '../../base/model/errors.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { ProviderDefinition, Scheme } from '../../providers/definition.ts'
import { checkKey } from '../../providers/keys.ts'
import { checkKeyWithSettings, needsOf } from '../../providers/needs.ts'
import { referenceForm } from '../../resources/secrets/references.ts'
import { inboundKeyContext, type Secrets, type StoredSecret } from '../../resources/secrets/stored-secret.ts'

export interface GivenSecret {
  /** Where it stands in the request, such as `secret` or `keys.0.secret`. */
  readonly path: string
  /** The secret itself, or `env:NAME` or `file:/path`. */
  readonly text: string
  /** Which of the scheme's further keys it is. */
  readonly slot: string | undefined
}

/** What the secret is for. */
export interface Purpose {
  readonly definition: ProviderDefinition
  readonly scheme: Scheme
  readonly settings: Readonly<Record<string, string>>
}

/** A secret that may be stored. */
export interface JudgedSecret {
  readonly reference: string | null
  readonly material: string
  readonly slot: string | null
}

/**
 * @returns The secret, or what is wrong: the reference gives nothing, the scheme has no such slot, or the text cannot be
 * a key of the scheme (empty, too short, in another form). The message names the form that is expected and never quotes
 * the secret.
 */
export async function judgeSecret(
  secrets: Secrets,
  { definition, scheme, settings }: Purpose,
  { path, text, slot }: GivenSecret,
): Promise<JudgedSecret | FieldError> {
  const { slots, keyForm } = needsOf(definition, scheme)
  const further = slots.find((each) => each.slot === slot)
  if (slot !== undefined && further === undefined) {
    const names = slots.map((each) => each.slot).join(' or ')
    const message = names === '' ? 'must be absent: this scheme has one kind of key' : `must be ${names}`
    return { path: path.replace(/secret$/, 'slot'), message }
  }
  const reference = referenceForm(text) === undefined ? null : text
  const material = reference === null ? text : await resolve(secrets, reference)
  if (typeof material !== 'string') return { path, message: material.message }
  const problem = checkKey(scheme, material)
  if (problem !== undefined) return { path, message: `${problem} Expected: ${further?.what ?? keyForm}` }
  return checkKeyWithSettings(scheme, material, settings) ?? { reference, material, slot: slot ?? null }
}

export function isProblem(judged: JudgedSecret | FieldError): judged is FieldError {
  return 'message' in judged
}

export function unusable(errors: readonly FieldError[]): PosternError {
  const aboutSecrets = errors.every(({ path }) => path === 'secret')
  const detail = aboutSecrets ? 'The secret cannot be used.' : 'The integration cannot be used like this.'
  return new PosternError('VALIDATION_ERROR', detail, { errors })
}

export function storeSecret(
  { keyring }: Pick<Secrets, 'keyring'>,
  key: { readonly id: Uuid; readonly tenantId: Uuid },
  { reference, material, slot }: JudgedSecret,
): StoredSecret & { readonly slot: string | null } {
  return reference === null
    ? { reference, sealed: keyring.seal(inboundKeyContext(key), material), slot }
    : { reference, sealed: null, slot }
}

/** Used later, a reference without a secret is our trouble; named now, it is the caller's. */
async function resolve(secrets: Secrets, reference: string): Promise<string | { readonly message: string }> {
  try {
    return await secrets.references.resolve(reference)
  } catch (error) {
    if (error instanceof PosternError) return { message: error.detail }
    throw error
  }
}
