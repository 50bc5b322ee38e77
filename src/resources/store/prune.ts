/**
 * Removing what is due: looked at a day at a time, taken away in bounded batches, or dropped as a whole day.
 *
 * What is looked at and what is removed is told by the same words of SQL (`verdict`), so that a dry run cannot promise
 * something else. Whoever removes holds the rules (`retention-rules.ts`) and has the event's row locked: a replay that comes
 * in between finds the event, or finds it gone, and is never left without its payload.
 */
import type { Uuid } from '../../base/model/ids.ts'
import type { DayRange, PrunedPart } from '../../base/model/retention.ts'
import type { Database, Queryable } from './database.ts'
import { heldBy } from './legal-holds.ts'
import type { Rules } from './retention-rules.ts'

/** A part of a day that has not been dropped. */
export interface PresentDay {
  readonly day: string
  readonly part: PrunedPart
}

/** In the order of removing: oldest day first. */
export async function listPresentDays(db: Queryable): Promise<readonly PresentDay[]> {
  const { rows } = await db.query<PresentDay>(
    `select to_char(to_date(substring(c.relname from '\\d{8}$'), 'YYYYMMDD'), 'YYYY-MM-DD') as day, t.part
     from (values ('event_payloads', 'payloads', 1), ('quarantine', 'quarantine', 2), ('events', 'events', 3)) as t (parent, part, place)
     join pg_inherits i on i.inhparent = ('postern.' || t.parent)::regclass
     join pg_class c on c.oid = i.inhrelid
     order by 1, t.place`,
  )
  return rows
}

/** Of one tenant's rows in a part of a day: how many would go, and why the others stay. */
export interface DaySurvey {
  readonly tenantId: Uuid
  readonly due: number
  readonly dueBytes: number
  /** Of those that are due: dead letters and parked ones whose longer time is over, too. */
  readonly givenUp: number
  readonly held: number
  /** Under way. */
  readonly open: number
  /** Dead letters and parked ones that somebody may still deal with. */
  readonly undelivered: number
  /** Not due. */
  readonly young: number
}

/** Reads the whole part of the day and locks nothing. @param tenantId Only this one's. */
export async function surveyDay(
  db: Queryable,
  rules: Rules,
  part: PrunedPart,
  range: DayRange,
  tenantId: Uuid | null = null,
): Promise<readonly DaySurvey[]> {
  const { rows } = await db.query<DaySurvey>(
    `select v."tenantId", count(*) filter (where v.verdict in ('due', 'given_up')) as due,
       coalesce(sum(v.bytes) filter (where v.verdict in ('due', 'given_up')), 0)::bigint as "dueBytes",
       count(*) filter (where v.verdict = 'given_up') as "givenUp", count(*) filter (where v.verdict = 'held') as held,
       count(*) filter (where v.verdict = 'open') as open, count(*) filter (where v.verdict = 'undelivered') as undelivered,
       count(*) filter (where v.verdict = 'young') as young
     from (
       select e.tenant_id as "tenantId", ${part === 'events' ? 'pg_column_size(e)' : 'e.body_bytes'} as bytes, ${verdict(part)} as verdict
       from ${tableOf(part)} e left join ${POLICY} on p.tenant_id = e.tenant_id
       where ${inDay(part)} and ($7::uuid is null or e.tenant_id = $7)
     ) as v group by v."tenantId" order by v."tenantId"`,
    [...given(rules, range), tenantId],
  )
  return rows
}

/** The same on a connection of its own: a day of many millions takes longer than any statement of the pool may. */
export async function surveyLargeDay(
  db: Pick<Database, 'connect'>,
  rules: Rules,
  part: PrunedPart,
  range: DayRange,
): Promise<readonly DaySurvey[]> {
  const connection = await db.connect({ name: 'survey', onLost: () => undefined })
  try {
    await connection.query("set statement_timeout = '10min'")
    return await surveyDay(connection, rules, part, range)
  } finally {
    await connection.close()
  }
}

/** What a batch takes, with what the trail needs to know of it. */
export interface Victim {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly receiptId: Uuid | null
  readonly bodySha256: Buffer | null
  readonly bytes: number
  readonly givenUp: boolean
}

/**
 * The next rows that may go, locked, by id. What somebody else works on at this moment is passed over.
 *
 * A replay that committed between the snapshot and the lock has made the event pending; the condition is tried again on
 * the row as it is now, and it stays.
 */
export async function lockVictims(
  tx: Queryable,
  rules: Rules,
  part: PrunedPart,
  range: DayRange,
  { after, limit }: { readonly after: Uuid | null; readonly limit: number },
): Promise<readonly Victim[]> {
  await tx.query(IN_ORDER)
  const known = part === 'quarantine' ? 'null::uuid as "receiptId", null::bytea as "bodySha256"' : RECEIPT
  const { rows } = await tx.query<Victim>(
    `select e.id, e.tenant_id as "tenantId", ${known}, ${part === 'events' ? 'pg_column_size(e)' : 'e.body_bytes'} as bytes,
       ${part === 'quarantine' ? 'false' : "e.status <> 'processed'"} as "givenUp"
     from ${tableOf(part)} e join ${POLICY} on p.tenant_id = e.tenant_id
     where ${inDay(part)} and ($7::uuid is null or e.id > $7) and ${verdict(part)} in ('due', 'given_up')
     order by e.id limit $8 for update of e skip locked`,
    [...given(rules, range), after, limit],
  )
  return rows
}

/**
 * A batch walks along the ids until it has its rows, and what belongs to them is found by key. What the planner believes of a
 * table that nobody has analysed yet makes it read and sort the whole day for each batch (measured: thirty times as slow).
 */
const IN_ORDER = `set local enable_sort = off; set local enable_seqscan = off; set local enable_bitmapscan = off;
  set local enable_hashjoin = off; set local enable_mergejoin = off`

const RECEIPT = 'e.receipt_id as "receiptId", e.body_sha256 as "bodySha256"'

/** The bytes go, the event stays and says so; what destinations answered goes with them. */
export async function purgePayloads(tx: Queryable, eventIds: readonly Uuid[], at: Date): Promise<void> {
  await tx.query(
    `with gone as (delete from event_payloads where event_id = any ($1::uuid[])),
       answers as (update delivery_attempts set response_body = null where event_id = any ($1::uuid[]) and response_body is not null)
     update events set payload_purged_at = $2 where id = any ($1::uuid[])`,
    [eventIds, at],
  )
}

/** With everything that belongs to them. */
export async function deleteEvents(tx: Queryable, eventIds: readonly Uuid[]): Promise<void> {
  await tx.query(
    `with attempts as (delete from delivery_attempts where event_id = any ($1::uuid[])),
       work as (delete from jobs where event_id = any ($1::uuid[])),
       payloads as (delete from event_payloads where event_id = any ($1::uuid[])),
       orders as (delete from replays where event_id = any ($1::uuid[]))
     delete from events where id = any ($1::uuid[])`,
    [eventIds],
  )
}

export async function deleteQuarantined(tx: Queryable, ids: readonly Uuid[]): Promise<void> {
  await tx.query('delete from quarantine where id = any ($1::uuid[])', [ids])
}

/** What receipts need of events that went; `prunedBy` is the entry that vouches for these. */
export async function insertPrunedEvents(tx: Queryable, victims: readonly Victim[], prunedBy: Uuid): Promise<void> {
  await tx.query(
    `insert into pruned_events (event_id, receipt_id, body_sha256, pruned_by)
     select id, receipt, sha256, $4 from unnest($1::uuid[], $2::uuid[], $3::bytea[]) as t (id, receipt, sha256)`,
    [
      victims.map((victim) => victim.id),
      victims.map((victim) => victim.receiptId),
      victims.map((victim) => victim.bodySha256),
      prunedBy,
    ],
  )
}

/** Takes away what destinations answered, before the payloads of a day are dropped as a whole. @returns Rows. */
export async function clearAnswers(tx: Queryable, range: DayRange, limit: number): Promise<number> {
  const { rowCount } = await tx.query(
    `update delivery_attempts a set response_body = null
     from (select event_id, id from delivery_attempts where event_id >= $1 and event_id < $2 and response_body is not null
       order by event_id, id limit $3 for update skip locked) as old
     where a.event_id = old.event_id and a.id = old.id and a.event_id >= $1 and a.event_id < $2`,
    [range.first, range.end, limit],
  )
  return rowCount ?? 0
}

export async function isDayEmpty(db: Queryable, part: PrunedPart, range: DayRange): Promise<boolean> {
  const id = part === 'payloads' ? 'event_id' : 'id'
  const table = part === 'payloads' ? 'event_payloads' : tableOf(part)
  const { rows } = await db.query<{ any: boolean }>(
    `select exists (select from ${table} where ${id} >= $1 and ${id} < $2) as any`,
    [range.first, range.end],
  )
  return rows[0]?.any === false
}

/** @returns Whether it was dropped: not when work has begun on it. @throws 55P03 when somebody is reading (`isLockTimeout`). */
export async function dropDay(tx: Queryable, { day }: DayRange, part: PrunedPart): Promise<boolean> {
  const { rows } = await tx.query<{ dropped: boolean }>('select drop_day($1, $2) as dropped', [day, part])
  return rows[0]?.dropped === true
}

/** Whether a lock was not had in the time the statement waits for one. */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '55P03'
}

/** Days whose events were dropped lately: what else spoke of them goes, too. @returns Whether there may be more. */
export async function forgetDroppedDays(db: Queryable, since: Date, limit: number): Promise<boolean> {
  let more = false
  for (const [table, id] of [
    ['replays', 'event_id'],
    ['pruned_events', 'event_id'],
  ] as const) {
    const { rowCount } = await db.query(
      `delete from ${table} where ctid = any (array(
         select x.ctid from pruned_days d join ${table} x
           on x.${id} >= id_floor(d.day::timestamp at time zone 'UTC') and x.${id} < id_floor((d.day + 1)::timestamp at time zone 'UTC')
         where d.part = 'events' and d.at >= $1 limit $2))`,
      [since, limit],
    )
    more ||= rowCount === limit
  }
  return more
}

/** Parameters 1 to 4. */
const POLICY = 'unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) as p (tenant_id, events, payloads, undelivered)'

function given({ tenants }: Rules, range: DayRange): readonly unknown[] {
  return [
    tenants.map((tenant) => tenant.tenantId),
    tenants.map((tenant) => tenant.events),
    tenants.map((tenant) => tenant.payloads),
    tenants.map((tenant) => tenant.undelivered),
    range.first,
    range.end,
  ]
}

function tableOf(part: PrunedPart): 'events' | 'quarantine' {
  return part === 'quarantine' ? 'quarantine' : 'events'
}

/** Parameters 5 and 6. Whose payload is gone is looked at no more. */
function inDay(part: PrunedPart): string {
  return `e.id >= $5 and e.id < $6${part === 'payloads' ? ' and e.payload_purged_at is null' : ''}`
}

/** Three small indexes, and not the jobs of a whole day. */
const OPEN = ["status = 'running'", "status = 'queued' and held", "status = 'queued' and not held"]
  .map((open) => `select event_id from jobs where event_id >= $5 and event_id < $6 and ${open}`)
  .join(' union all ')

/** Why a row goes or stays; the first that holds. */
function verdict(part: PrunedPart): string {
  const cutoff = part === 'events' ? 'p.events' : 'p.payloads'
  const young = `when p.tenant_id is null or e.id >= ${cutoff} then 'young'`
  if (part === 'quarantine') return `(case ${young} when ${heldBy('e', 'quarantine')} then 'held' else 'due' end)`
  return `(case ${young}
    when ${heldBy('e', 'events')} then 'held'
    when e.status not in ('processed', 'failed', 'parked') or e.id in (${OPEN}) then 'open'
    when e.status <> 'processed' and e.id >= p.undelivered then 'undelivered'
    when e.status <> 'processed' then 'given_up'
    else 'due' end)`
}
