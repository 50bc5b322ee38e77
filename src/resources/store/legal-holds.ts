/**
 * Legal holds: what is not removed, whatever its age, until somebody lifts them. They cover what is there and what comes.
 */
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'
import type { ListPage } from './list-page.ts'
import { changeRules } from './retention-rules.ts'

/** What is absent does not matter; what is there holds together. Without any of it: everything of the tenant. */
export interface HoldScope {
  readonly integrationId: Uuid | null
  readonly receivedFrom: Date | null
  readonly receivedBefore: Date | null
  readonly eventIds: readonly Uuid[] | null
}

export interface NewLegalHold extends HoldScope {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly reason: string
  readonly createdAt: Date
  readonly createdBy: string
}

export interface LegalHold extends Omit<NewLegalHold, 'eventIds'> {
  /** Of a hold on single events: how many. */
  readonly events: number | null
  readonly liftedAt: Date | null
  readonly liftedBy: string | null
  readonly liftReason: string | null
}

/** Waits for whoever is removing: once this is committed, nothing it covers goes. */
export async function insertLegalHold(tx: Queryable, hold: NewLegalHold): Promise<void> {
  await changeRules(tx)
  await tx.query(
    `insert into legal_holds (id, tenant_id, integration_id, received_from, received_before, listed, reason, created_at, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      hold.id,
      hold.tenantId,
      hold.integrationId,
      hold.receivedFrom,
      hold.receivedBefore,
      hold.eventIds !== null,
      hold.reason,
      hold.createdAt,
      hold.createdBy,
    ],
  )
  await tx.query('insert into legal_hold_events (hold_id, event_id) select $1, id from unnest($2::uuid[]) as t (id)', [
    hold.id,
    hold.eventIds ?? [],
  ])
}

/** Which of these events the tenant has. After `insertLegalHold`, so that none of them goes in between. */
export async function findHeldEvents(
  tx: Queryable,
  tenantId: Uuid,
  eventIds: readonly Uuid[],
): Promise<ReadonlySet<Uuid>> {
  const { rows } = await tx.query<{ id: Uuid }>(
    'select id from events where tenant_id = $1 and id = any ($2::uuid[])',
    [tenantId, eventIds],
  )
  return new Set(rows.map((row) => row.id))
}

/** Newest first. */
export async function listLegalHolds(
  db: Queryable,
  tenantId: Uuid,
  { inForceOnly }: { readonly inForceOnly: boolean },
  page: ListPage,
): Promise<readonly LegalHold[]> {
  const { rows } = await db.query<LegalHold>(
    `select ${COLUMNS} from legal_holds h
     where tenant_id = $1 and (not $2 or lifted_at is null) and ($3::uuid is null or id < $3)
     order by id desc offset $4 limit $5`,
    [tenantId, inForceOnly, page.after?.[0] ?? null, page.offset, page.limit],
  )
  return rows
}

export async function findLegalHold(db: Queryable, tenantId: Uuid, id: Uuid): Promise<LegalHold | undefined> {
  const { rows } = await db.query<LegalHold>(`select ${COLUMNS} from legal_holds h where tenant_id = $1 and id = $2`, [
    tenantId,
    id,
  ])
  return rows[0]
}

/** The first who lifts it stays on record. @returns Whether this call did. */
export async function liftLegalHold(
  tx: Queryable,
  tenantId: Uuid,
  id: Uuid,
  lifted: { readonly at: Date; readonly by: string; readonly reason: string },
): Promise<boolean> {
  await changeRules(tx)
  const { rowCount } = await tx.query(
    `update legal_holds set lifted_at = $3, lifted_by = $4, lift_reason = $5
     where tenant_id = $1 and id = $2 and lifted_at is null`,
    [tenantId, id, lifted.at, lifted.by, lifted.reason],
  )
  return rowCount === 1
}

/**
 * SQL: whether a hold in force covers the row `row`, of `events` or `quarantine`. Single events are named by holds on
 * events only.
 */
export function heldBy(row: string, table: 'events' | 'quarantine'): string {
  return `exists (select from legal_holds h where h.lifted_at is null and h.tenant_id = ${row}.tenant_id
    and (h.integration_id is null or h.integration_id = ${row}.integration_id)
    and (h.received_from is null or ${row}.received_at >= h.received_from)
    and (h.received_before is null or ${row}.received_at < h.received_before)
    and ${
      table === 'quarantine'
        ? 'not h.listed'
        : `(not h.listed or exists (select from legal_hold_events l where l.hold_id = h.id and l.event_id = ${row}.id))`
    })`
}

const COLUMNS = `h.id, h.tenant_id as "tenantId", h.integration_id as "integrationId", h.received_from as "receivedFrom",
  h.received_before as "receivedBefore", h.reason, h.created_at as "createdAt", h.created_by as "createdBy",
  h.lifted_at as "liftedAt", h.lifted_by as "liftedBy", h.lift_reason as "liftReason",
  case when h.listed then (select count(*) from legal_hold_events l where l.hold_id = h.id) end as events`
