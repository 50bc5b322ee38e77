/**
 * The audit trail's rows: appended in the caller's transaction, never changed.
 *
 * The hash is computed inside the database (`audit_append`, migration 0001), so that one statement can commit
 * events and the entry that vouches for them; src/audit recomputes it to verify.
 */
import { newId, type Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'

/** Everything but the hot path appends here; it always exists. */
export const MANAGEMENT_CHAIN = '00000000-0000-7000-8000-000000000020' as Uuid

export interface AuditEntry {
  /** Absent: the management chain. */
  readonly chain?: Uuid
  readonly tenantId: Uuid | null
  /** Who did it: a principal's name, taken from the credential. */
  readonly actor: string
  /** `noun.verb-in-past`, such as `integration.created`. */
  readonly action: string
  readonly entityType: string
  readonly entityId: Uuid | null
  /** Never a secret, a body or a header value. */
  readonly details: Readonly<Record<string, unknown>>
  /** SHA-256 of the rows it vouches for, when there are any. */
  readonly digest?: Buffer
}

/** Appends one entry; it becomes visible, and its place in the chain final, when the caller's transaction commits. */
export async function appendAudit(db: Queryable, entry: AuditEntry): Promise<Uuid> {
  const id = newId()
  await db.query('select audit_append($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
    entry.chain ?? MANAGEMENT_CHAIN,
    id,
    entry.tenantId,
    entry.actor,
    entry.action,
    entry.entityType,
    entry.entityId,
    JSON.stringify(entry.details),
    entry.digest ?? null,
  ])
  return id
}

/**
 * Opens a chain for one writer, so that appending on the hot path waits for nobody. The management chain records
 * it: a chain removed as a whole is missed there.
 */
export async function openChain(
  transaction: <T>(work: (tx: Queryable) => Promise<T>) => Promise<T>,
  writer: string,
): Promise<Uuid> {
  const id = newId()
  await transaction(async (tx) => {
    await tx.query('insert into audit_chains (id, writer) values ($1, $2)', [id, writer])
    await appendAudit(tx, {
      tenantId: null,
      actor: writer,
      action: 'chain.opened',
      entityType: 'chain',
      entityId: id,
      details: { writer },
    })
  })
  return id
}
