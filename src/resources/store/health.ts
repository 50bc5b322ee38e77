/**
 * What attempts say about their destinations, written where every worker sees it: failures in a row, the circuit, and
 * the destinations that are given up.
 */
import type { Health, HealthPolicy } from '../../base/model/health.ts'
import { healthAfter } from '../../base/model/health.ts'
import type { Uuid } from '../../base/model/ids.ts'
import { appendAudit } from './audit.ts'
import type { Queryable } from './database.ts'

/** What one attempt says about its destination. */
export interface HealthReport {
  readonly destinationId: Uuid
  /** Delivered; failed in a way the destination answers for; or neither. */
  readonly says: 'well' | 'ill' | 'nothing'
  /** As it was known when the attempt began: a success is only news for a destination that was not well. */
  readonly wasWell: boolean
}

interface Row extends Health {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly status: string
  readonly breakerFailures: number
  readonly breakerOpenMs: number
  readonly disableAfterHours: number | null
}

/** Whether the health of a destination is to be written because of this. */
export function isNews({ says, wasWell }: HealthReport): boolean {
  return says === 'ill' || (says === 'well' && !wasWell)
}

/** Costs nothing while everything is well. */
export async function noteHealth(tx: Queryable, reports: readonly HealthReport[], now: Date): Promise<void> {
  const news = reports.filter(isNews)
  if (news.length === 0) return
  const ids = [...new Set(news.map((report) => report.destinationId))].sort()
  await tx.query(
    `insert into destination_health (destination_id) select id from destinations where id = any ($1::uuid[]) order by id
     on conflict do nothing`,
    [ids],
  )
  // In the order of ids, as everybody who locks several of them.
  const { rows } = await tx.query<Row>(
    `select d.id, d.tenant_id as "tenantId", d.status, d.breaker_failures as "breakerFailures", d.breaker_open_ms as "breakerOpenMs",
       d.disable_after_hours as "disableAfterHours", h.failures, h.failing_since as "failingSince", h.open_until as "openUntil", h.trips
     from destination_health h join destinations d on d.id = h.destination_id
     where h.destination_id = any ($1::uuid[]) order by h.destination_id for update of h`,
    [ids],
  )
  for (const row of rows) {
    const own = reports.filter((report) => report.destinationId === row.id)
    const count = (says: HealthReport['says']) => own.filter((report) => report.says === says).length
    const seen = { successes: count('well'), failures: count('ill') }
    const judged = healthAfter(row, policyOf(row), seen, now)
    await write(tx, row.id, judged.health)
    if (judged.disable && row.status !== 'disabled') await disable(tx, row, 'failing', now)
  }
}

function policyOf(row: Row): HealthPolicy {
  return {
    breaker: { failures: row.breakerFailures, openMs: row.breakerOpenMs },
    disableAfterHours: row.disableAfterHours,
  }
}

async function write(tx: Queryable, id: Uuid, health: Health): Promise<void> {
  await tx.query(
    `update destination_health set failures = $2, failing_since = $3, open_until = $4, trips = $5, probe_until = null
     where destination_id = $1`,
    [id, health.failures, health.failingSince, health.openUntil, health.trips],
  )
}

/** Those that said they are gone for good. */
export async function disableGone(tx: Queryable, ids: readonly Uuid[], now: Date): Promise<void> {
  if (ids.length === 0) return
  const { rows } = await tx.query<Pick<Row, 'id' | 'tenantId'>>(
    `select id, tenant_id as "tenantId" from destinations where id = any ($1::uuid[]) and status <> 'disabled' order by id for update`,
    [ids],
  )
  for (const row of rows) await disable(tx, row, 'gone', now)
}

async function disable(tx: Queryable, row: Pick<Row, 'id' | 'tenantId'>, reason: string, now: Date): Promise<void> {
  await tx.query(
    "update destinations set status = 'disabled', disabled_reason = $2, updated_at = $3 where id = $1 and status <> 'disabled'",
    [row.id, reason, now],
  )
  // In the management chain: it is a change of configuration, made by a machine.
  await appendAudit(tx, {
    tenantId: row.tenantId,
    actor: 'worker',
    action: 'destination.disabled',
    entityType: 'destination',
    entityId: row.id,
    details: { reason },
  })
}

/** Forgets what was: somebody has set the destination to work again. */
export async function resetHealth(tx: Queryable, destinationId: Uuid): Promise<void> {
  await tx.query(
    `update destination_health set failures = 0, failing_since = null, open_until = null, trips = 0, probe_until = null
     where destination_id = $1`,
    [destinationId],
  )
}

/** As it is shown; `undefined` when nothing has happened yet. */
export async function findHealth(db: Queryable, destinationId: Uuid): Promise<Health | undefined> {
  const { rows } = await db.query<Health>(
    `select failures, failing_since as "failingSince", open_until as "openUntil", trips
     from destination_health where destination_id = $1`,
    [destinationId],
  )
  return rows[0]
}
