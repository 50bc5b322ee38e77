/**
 * Refused requests as they are listed: what is known about them, never what they contained.
 */
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'
import type { ListPage } from './list-page.ts'

export interface QuarantineSummary {
  readonly id: Uuid
  readonly integrationId: Uuid
  readonly reason: string
  readonly receivedAt: Date
  readonly sourceIp: string
  readonly method: string
  readonly bodyBytes: number
}

/** Newest first. */
export async function listQuarantine(
  db: Queryable,
  tenantId: Uuid,
  filter: { readonly integrationId?: Uuid | undefined },
  page: ListPage,
): Promise<readonly QuarantineSummary[]> {
  const { rows } = await db.query<{
    id: Uuid
    integration_id: Uuid
    reason: string
    received_at: Date
    source_ip: string
    method: string
    body_bytes: number
  }>(
    `select id, integration_id, reason, received_at, host(source_ip) as source_ip, method, body_bytes from quarantine
     where tenant_id = $1 and ($2::uuid is null or integration_id = $2) and ($3::uuid is null or id < $3)
     order by id desc offset $4 limit $5`,
    [tenantId, filter.integrationId ?? null, page.after?.[0] ?? null, page.offset, page.limit],
  )
  return rows.map((row) => ({
    id: row.id,
    integrationId: row.integration_id,
    reason: row.reason,
    receivedAt: row.received_at,
    sourceIp: row.source_ip,
    method: row.method,
    bodyBytes: row.body_bytes,
  }))
}
