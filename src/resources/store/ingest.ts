/**
 * The one statement of the hot path: events, their exact bytes, dedupe keys, processing jobs and the audit
 * entry that vouches for them, all or nothing.
 *
 * Of N simultaneous copies exactly one is accepted, by the primary key of `dedupe_keys`. Rows go in sorted by
 * key, so that two gateways that hold the same copies wait for each other in one order and never deadlock.
 */

import type { Coverage, StatusReason } from '../../base/model/event.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import { byteaArray, textArray, timestampArray, uuidArray } from './binary-arrays.ts'
import type { Connection, Queryable } from './database.ts'

/** A verified request on its way into the database. */
export interface ReceivedEvent {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly integrationId: Uuid
  readonly provider: string
  readonly type: string | null
  readonly externalId: string | null
  /** Absent: pending. Set: parked, and no job is made. */
  readonly parkedReason: StatusReason | null
  /** Milliseconds since the epoch. */
  readonly receivedAt: number
  readonly correlationId: Uuid
  readonly sourceIp: string
  readonly scheme: string
  readonly keyId: Uuid
  readonly coverage: Coverage
  readonly signedAt: number | null
  readonly bodySha256: Buffer
  readonly method: string
  readonly target: string
  readonly contentType: string | null
  /** JSON list of [name, value], as received, secrets removed. */
  readonly headers: string
  readonly body: Buffer
  /** Digest of (integration, signed identity), in the form of a uuid. */
  readonly dedupeKey: Uuid
  /** Digest of body and type, in the form of a uuid: a copy with another one is a conflict. */
  readonly fingerprint: Uuid
  readonly conflictOf: Uuid | null
}

/** The row that already holds a dedupe key. */
export interface KnownEvent {
  readonly key: Uuid
  readonly eventId: Uuid
  readonly fingerprint: Uuid
}

const STATEMENT = `
with input as materialized (
  select * from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::text[],
    $11::timestamptz[], $12::uuid[], $13::text[], $14::text[], $15::uuid[], $16::text[], $17::timestamptz[], $18::bytea[],
    $19::text[], $20::text[], $21::text[], $22::text[], $23::bytea[], $24::uuid[], $25::uuid[])
  as t (id, key, tenant_id, integration_id, provider, type, external_id, parked_reason,
    received_at, correlation_id, source_ip, scheme, key_id, coverage, signed_at, body_sha256,
    method, target, content_type, headers, body, conflict_of, fingerprint)
), claimed as (
  insert into dedupe_keys (key, event_id, fingerprint)
  select key, id, fingerprint from input order by key
  on conflict (key) do nothing
  returning event_id
), stored as (
  insert into events (id, tenant_id, integration_id, provider, type, external_id, status, status_reason, received_at,
    correlation_id, source_ip, scheme, key_id, coverage, signed_at, body_sha256, body_bytes, receipt_id, conflict_of)
  select id, tenant_id, integration_id, provider, type, external_id,
    case when parked_reason is null then 'pending' else 'parked' end, parked_reason, received_at,
    correlation_id, source_ip::inet, scheme, key_id, coverage, signed_at, body_sha256, octet_length(body), $2, conflict_of
  from input join claimed on claimed.event_id = input.id
), payloads as (
  insert into event_payloads (event_id, method, target, content_type, headers, body)
  select id, method, target, content_type, headers, body from input join claimed on claimed.event_id = input.id
), queued as (
  insert into jobs (event_id, id, tenant_id, kind, lane, triggered_by, status, run_at, created_at)
  select id, id, tenant_id, 'process', '00000000-0000-0000-0000-000000000000', 'webhook', 'queued', received_at, received_at
  from input join claimed on claimed.event_id = input.id where parked_reason is null
), receipt as (
  select audit_append($1, $2, null, 'ingress', 'events.received', 'event', null,
    '{"count":' || total || '}', digest)
  from (
    select count(*) as total, sha256(string_agg(uuid_send(id) || body_sha256, ''::bytea order by id)) as digest
    from input join claimed on claimed.event_id = input.id
  ) as accepted where total > 0
)
select (select audit_append from receipt) as receipt_id,
  array(select id from input where not exists (select from claimed where claimed.event_id = input.id)) as copies`

/**
 * Stores the events whose dedupe key is new.
 *
 * @param chain The audit chain of this connection; nobody else appends to it.
 * @returns The ids of those that were not: copies of something, ask `findKnown`. Nearly always none.
 */
export async function insertEvents(
  connection: Connection,
  chain: Uuid,
  events: readonly ReceivedEvent[],
): Promise<ReadonlySet<Uuid>> {
  const result = await connection.execute<{ copies: readonly Uuid[] }>('insert-events', STATEMENT, [
    chain,
    newId(),
    uuidArray(events.map((event) => event.id)),
    uuidArray(events.map((event) => event.dedupeKey)),
    uuidArray(events.map((event) => event.tenantId)),
    uuidArray(events.map((event) => event.integrationId)),
    textArray(events.map((event) => event.provider)),
    textArray(events.map((event) => event.type)),
    textArray(events.map((event) => event.externalId)),
    textArray(events.map((event) => event.parkedReason)),
    timestampArray(events.map((event) => event.receivedAt)),
    uuidArray(events.map((event) => event.correlationId)),
    textArray(events.map((event) => event.sourceIp)),
    textArray(events.map((event) => event.scheme)),
    uuidArray(events.map((event) => event.keyId)),
    textArray(events.map((event) => event.coverage)),
    timestampArray(events.map((event) => event.signedAt)),
    byteaArray(events.map((event) => event.bodySha256)),
    textArray(events.map((event) => event.method)),
    textArray(events.map((event) => event.target)),
    textArray(events.map((event) => event.contentType)),
    textArray(events.map((event) => event.headers)),
    byteaArray(events.map((event) => event.body)),
    uuidArray(events.map((event) => event.conflictOf)),
    uuidArray(events.map((event) => event.fingerprint)),
  ])
  return new Set(result.rows[0]?.copies)
}

/** Which events hold these dedupe keys. Run after `insertEvents`, in a new snapshot, so that it sees who won the race. */
export async function findKnown(db: Queryable, keys: readonly Uuid[]): Promise<ReadonlyMap<Uuid, KnownEvent>> {
  const { rows } = await db.query<{ key: Uuid; event_id: Uuid; fingerprint: Uuid }>(
    'select key, event_id, fingerprint from dedupe_keys where key = any($1::uuid[])',
    [keys],
  )
  return new Map(rows.map((row) => [row.key, { key: row.key, eventId: row.event_id, fingerprint: row.fingerprint }]))
}
