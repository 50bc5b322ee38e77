/**
 * The one statement of the hot path: events, their exact bytes, dedupe keys, processing jobs and the audit
 * entry that vouches for them, all or nothing.
 *
 * Of N simultaneous copies exactly one is accepted, by the primary key of `dedupe_keys`. Rows go in sorted by
 * key, so that two gateways that hold the same copies wait for each other in one order and never deadlock.
 */

import type { Coverage, StatusReason } from '../../base/model/event.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import { byteaArray, integerArray, textArray, timestampArray, uuidArray } from './binary-arrays.ts'
import type { Connection, Queryable } from './database.ts'
import { type FamilyTables, onTables, tablesOf } from './day-tables.ts'

/** A verified request on its way into the database. */
export interface ReceivedEvent {
  /** Of the request too: the answer and the log show it as `cor_…`, and it is stored as the correlation id. */
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

/**
 * Each part unnests only the columns it stores, straight from the parameters: through a common `input` every body
 * would be copied from one tuple store to the next and compared in joins, a third of the statement's processor time.
 *
 * What is the same for most rows of a batch (integration, scheme, key, address, path, …) is sent once, as a context,
 * and read by its number.
 *
 * `id in (select …)` is only evaluated when something in the batch was a copy: nearly never.
 */
const statement = (tables: FamilyTables) => `
with claimed as (
  insert into dedupe_keys (key, event_id, fingerprint)
  select key, id, fingerprint from unnest($3::uuid[], $4::uuid[], $5::uuid[]) as t (id, key, fingerprint) order by key
  on conflict (key) do nothing
  returning event_id
), outcome as materialized (
  select count(*) = cardinality($3::uuid[]) as all_new from claimed
), stored as (
  insert into ${tables.events} (id, tenant_id, integration_id, provider, type, external_id, status, status_reason, received_at,
    correlation_id, source_ip, scheme, key_id, coverage, signed_at, body_sha256, body_bytes, receipt_id, conflict_of)
  select id, ($13::uuid[])[c], ($14::uuid[])[c], ($15::text[])[c], ($16::text[])[c], external_id,
    case when ($17::text[])[c] is null then 'pending' else 'parked' end, ($17::text[])[c], received_at,
    id, ($18::text[])[c]::inet, ($19::text[])[c], ($20::uuid[])[c], ($21::text[])[c], signed_at, body_sha256, body_bytes,
    $2, ($22::uuid[])[c]
  from unnest($3::uuid[], $6::int[], $7::timestamptz[], $8::text[], $9::timestamptz[], $10::bytea[], $26::int[])
    as t (id, c, received_at, external_id, signed_at, body_sha256, body_bytes)
  where (select all_new from outcome) or id in (select event_id from claimed)
), payloads as (
  insert into ${tables.payloads} (event_id, method, target, content_type, headers, body)
  select id, ($23::text[])[c], ($24::text[])[c], ($25::text[])[c], headers, body
  from unnest($3::uuid[], $6::int[], $11::text[], $12::bytea[]) as t (id, c, headers, body)
  where (select all_new from outcome) or id in (select event_id from claimed)
), queued as (
  insert into ${tables.jobs} (event_id, id, tenant_id, kind, lane, triggered_by, status, run_at, created_at)
  select id, id, ($13::uuid[])[c], 'process', '00000000-0000-0000-0000-000000000000', 'webhook', 'queued',
    received_at, received_at
  from unnest($3::uuid[], $6::int[], $7::timestamptz[]) as t (id, c, received_at)
  where ($17::text[])[c] is null and ((select all_new from outcome) or id in (select event_id from claimed))
), receipt as (
  select audit_append($1, $2, null, 'ingress', 'events.received', 'event', null,
    '{"count":' || total || '}', digest)
  from (
    select count(*) as total, sha256(string_agg(uuid_send(id) || body_sha256, ''::bytea order by id)) as digest
    from unnest($3::uuid[], $10::bytea[]) as t (id, body_sha256)
    where (select all_new from outcome) or id in (select event_id from claimed)
  ) as accepted where total > 0
)
select (select audit_append from receipt) as receipt_id,
  case when (select all_new from outcome) then '{}'
    else array(select id from unnest($3::uuid[]) as id where id not in (select event_id from claimed)) end as copies`

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
  const { contexts, numbers } = contextsOf(events)
  const ids = events.map((event) => event.id)
  const values = [
    chain,
    newId(),
    uuidArray(ids),
    uuidArray(events.map((event) => event.dedupeKey)),
    uuidArray(events.map((event) => event.fingerprint)),
    integerArray(numbers),
    timestampArray(events.map((event) => event.receivedAt)),
    textArray(events.map((event) => event.externalId)),
    timestampArray(events.map((event) => event.signedAt)),
    byteaArray(events.map((event) => event.bodySha256)),
    textArray(events.map((event) => event.headers)),
    byteaArray(events.map((event) => event.body)),
    uuidArray(contexts.map((context) => context.tenantId)),
    uuidArray(contexts.map((context) => context.integrationId)),
    textArray(contexts.map((context) => context.provider)),
    textArray(contexts.map((context) => context.type)),
    textArray(contexts.map((context) => context.parkedReason)),
    textArray(contexts.map((context) => context.sourceIp)),
    textArray(contexts.map((context) => context.scheme)),
    uuidArray(contexts.map((context) => context.keyId)),
    textArray(contexts.map((context) => context.coverage)),
    uuidArray(contexts.map((context) => context.conflictOf)),
    textArray(contexts.map((context) => context.method)),
    textArray(contexts.map((context) => context.target)),
    textArray(contexts.map((context) => context.contentType)),
    integerArray(events.map((event) => event.body.length)),
  ]
  const result = await onTables(tablesOf(ids), (tables) =>
    connection.execute<{ copies: readonly Uuid[] }>(`insert into ${tables.events}`, statement(tables), values),
  )
  const copies = result.rows[0]?.copies
  return copies === undefined || copies.length === 0 ? NONE : new Set(copies)
}

const NONE: ReadonlySet<Uuid> = new Set()

/** So many are searched for one that fits; an eleventh sender in one batch may then be sent twice. */
const SEARCHED_CONTEXTS = 10

/** @returns One event to stand for each context, and for each event the number of its own, from 1 as PostgreSQL counts. */
function contextsOf(events: readonly ReceivedEvent[]): {
  readonly contexts: readonly ReceivedEvent[]
  readonly numbers: readonly number[]
} {
  const contexts: ReceivedEvent[] = []
  const numbers: number[] = []
  for (const event of events) {
    let number = contexts.length
    const last = Math.max(0, number - SEARCHED_CONTEXTS)
    while (number > last && !haveOneContext(contexts[number - 1], event)) number--
    if (number === last) number = contexts.push(event)
    numbers.push(number)
  }
  return { contexts, numbers }
}

function haveOneContext(a: ReceivedEvent | undefined, b: ReceivedEvent): boolean {
  return (
    a !== undefined &&
    a.integrationId === b.integrationId &&
    a.sourceIp === b.sourceIp &&
    a.type === b.type &&
    a.target === b.target &&
    a.contentType === b.contentType &&
    a.keyId === b.keyId &&
    a.scheme === b.scheme &&
    a.coverage === b.coverage &&
    a.parkedReason === b.parkedReason &&
    a.conflictOf === b.conflictOf &&
    a.method === b.method &&
    a.provider === b.provider &&
    a.tenantId === b.tenantId
  )
}

/** Which events hold these dedupe keys. Run after `insertEvents`, in a new snapshot, so that it sees who won the race. */
export async function findKnown(db: Queryable, keys: readonly Uuid[]): Promise<ReadonlyMap<Uuid, KnownEvent>> {
  const { rows } = await db.query<{ key: Uuid; event_id: Uuid; fingerprint: Uuid }>(
    'select key, event_id, fingerprint from dedupe_keys where key = any($1::uuid[])',
    [keys],
  )
  return new Map(rows.map((row) => [row.key, { key: row.key, eventId: row.event_id, fingerprint: row.fingerprint }]))
}
