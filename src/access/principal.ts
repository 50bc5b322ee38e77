/**
 * Who acts: taken from the credential alone, never from what a request says about itself.
 */
import { asUuid, DEFAULT_TENANT, type Uuid } from '../base/model/ids.ts'
import { ALL_SCOPES, type Scope } from './scopes.ts'

export interface Principal {
  readonly id: Uuid
  /** The actor in audit entries. */
  readonly name: string
  readonly tenantId: Uuid
  readonly scopes: ReadonlySet<Scope>
}

/** Whoever holds the management key; its row is made by migration 0001. */
export const ROOT: Principal = {
  id: asUuid('00000000-0000-7000-8000-000000000010'),
  name: 'root',
  tenantId: DEFAULT_TENANT,
  scopes: ALL_SCOPES,
}
