/**
 * Refused requests, kept within bounds of rows and bytes per integration; the oldest give way.
 */
import type { Uuid } from '../../base/model/ids.ts'
import { byteaArray, textArray, timestampArray, uuidArray } from './binary-arrays.ts'
import type { Queryable } from './database.ts'

export interface RefusedRequest {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly integrationId: Uuid
  /** From the closed list of refusals; never shown to the sender. */
  readonly reason: string
  /** Milliseconds since the epoch. */
  readonly receivedAt: number
  readonly sourceIp: string
  readonly method: string
  readonly target: string
  readonly headers: string
  readonly body: Buffer
}

export async function insertRefused(db: Queryable, requests: readonly RefusedRequest[]): Promise<void> {
  await db.query(
    `insert into quarantine (id, tenant_id, integration_id, reason, received_at, source_ip, method, target, headers, body, body_bytes)
     select id, tenant_id, integration_id, reason, received_at, source_ip::inet, method, target, headers, body, octet_length(body)
     from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bytea[])
     as t (id, tenant_id, integration_id, reason, received_at, source_ip, method, target, headers, body)`,
    [
      uuidArray(requests.map((request) => request.id)),
      uuidArray(requests.map((request) => request.tenantId)),
      uuidArray(requests.map((request) => request.integrationId)),
      textArray(requests.map((request) => request.reason)),
      timestampArray(requests.map((request) => request.receivedAt)),
      textArray(requests.map((request) => request.sourceIp)),
      textArray(requests.map((request) => request.method)),
      textArray(requests.map((request) => request.target)),
      textArray(requests.map((request) => request.headers)),
      byteaArray(requests.map((request) => request.body)),
    ],
  )
}

/** Removes the oldest beyond either bound. */
export async function trimQuarantine(
  db: Queryable,
  integrations: readonly Uuid[],
  bounds: { readonly maxRows: number; readonly maxBytes: number },
): Promise<number> {
  const result = await db.query(
    `delete from quarantine q using (
       select id, row_number() over newest as place, sum(body_bytes) over newest as bytes
       from quarantine where integration_id = any($1::uuid[])
       window newest as (partition by integration_id order by id desc)
     ) as ranked
     where q.id = ranked.id and q.integration_id = any($1::uuid[]) and (ranked.place > $2 or ranked.bytes > $3)`,
    [integrations, bounds.maxRows, bounds.maxBytes],
  )
  return result.rowCount ?? 0
}
