/** Who may do what to the schema; stated anew at every start, so that it never depends on which release made a table. */
import pg from 'pg'
import type { Queryable } from './database.ts'

/** Rows of these are added and never changed. Their triggers refuse changes to everybody; the grants are the second fence. */
const APPEND_ONLY = 'audit_entries, audit_checkpoints'

/**
 * Lets the gateway's role work, but alter neither the schema nor the audit trail. The heads of the chains move only
 * inside `audit_append`, which runs as the owner.
 */
export async function grantToApp(db: Queryable, appRole: string): Promise<void> {
  const app = pg.escapeIdentifier(appRole)
  await db.query(`
    grant usage on schema postern to ${app};
    grant select, insert, update, delete on all tables in schema postern to ${app};
    grant usage, select on all sequences in schema postern to ${app};
    alter default privileges in schema postern grant select, insert, update, delete on tables to ${app};
    alter default privileges in schema postern grant usage, select on sequences to ${app};
    revoke update, delete, truncate on ${APPEND_ONLY}, audit_chains from ${app};
    revoke insert, update, delete, truncate on schema_migrations from ${app};
    grant execute on function
      audit_append(uuid, uuid, uuid, text, text, text, uuid, text, bytea), ensure_partitions(date, date),
      audit_hash(bytea, bigint, uuid, timestamptz, uuid, text, text, text, uuid, text, bytea), audit_field(bytea),
      id_floor(timestamptz), id_day(uuid), drop_day(date, text) to ${app};
  `)
}

/** With one role for everything it can give these rights back to itself; that takes intent, and the hash chain tells. */
export async function withdrawFromOwner(db: Queryable): Promise<void> {
  await db.query(`revoke update, delete, truncate on ${APPEND_ONLY} from current_user`)
}
