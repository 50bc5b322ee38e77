/** Who asks: the credentials of several users, so that one can try what belongs to another. */
import type { HeaderList } from '../../base/model/event.ts'
import { type LiveContext, resolveHeaders } from './context.ts'
import type { RestTarget } from './plan.ts'

export interface Identity {
  readonly name: string
  readonly headers: HeaderList
  /** `undefined`: one tenant, or not known. */
  readonly tenant: string | undefined
}

export async function readIdentities(
  identities: NonNullable<RestTarget['identities']>,
  context: Pick<LiveContext, 'secretOf'>,
): Promise<readonly Identity[]> {
  return await Promise.all(
    Object.entries(identities).map(async ([name, { headers, tenant }]) => ({
      name,
      headers: await resolveHeaders(headers, context),
      tenant,
    })),
  )
}

/** Their secrets: the values as they are, and what stands behind a scheme such as Bearer. */
export function secretsOf(identities: readonly Identity[]): readonly string[] {
  return identities.flatMap(({ headers }) => headers.flatMap(([, value]) => [value, value.replace(/^\w+ /, '')]))
}

/** In another tenant than the owner, as far as is known. */
export function isForeign(owner: Identity, other: Identity): boolean {
  return owner.tenant !== undefined && other.tenant !== undefined && owner.tenant !== other.tenant
}
