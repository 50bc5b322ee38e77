/**
 * Delivery attempts: recorded together with what they mean for the job, the event, the replay and the destination.
 *
 * One transaction for a batch of results, so that a delivery costs a fraction of a commit. Each result is checked
 * against its claim: a worker that lost its lease writes nothing.
 */
import type { AttemptOutcome } from '../../base/model/event.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import { appendAudit } from './audit.ts'
import type { Database, Queryable, Statement } from './database.ts'
import { type FamilyTables, onTables, tablesOf } from './day-tables.ts'
import { eventLock } from './event-locks.ts'
import { disableGone, type HealthReport, isNews, noteHealth } from './health.ts'
import type { Claim } from './jobs.ts'

/** An attempt that ended, and what follows. */
export interface AttemptResult extends Claim, HealthReport {
  readonly attemptId: Uuid
  readonly shadow: boolean
  readonly outcome: AttemptOutcome
  readonly httpStatus: number | null
  readonly responseBody: Buffer | null
  /** Why it failed, for people; no secrets. */
  readonly error: string | null
  readonly startedAt: Date
  readonly durationMs: number
  readonly verdict: 'done' | 'retry' | 'give_up'
  /** When to try again, with `retry`. */
  readonly runAt: Date | null
  /** The receiver said that it is gone for good. */
  readonly disableDestination: boolean
}

interface Moved {
  readonly id: Uuid
  readonly tenantId: Uuid
}

/**
 * @returns The jobs whose result was written; the others belong to somebody else now.
 * @throws The driver's error, and then nothing was written.
 */
export function recordAttempts(
  db: Pick<Database, 'transaction' | 'batch'>,
  results: readonly AttemptResult[],
  options: RecordOptions,
): Promise<ReadonlySet<Uuid>> {
  const tables = tablesOf(results.map((result) => result.eventId))
  return onTables(tables, (each) => recordOn(db, results, each, options))
}

interface RecordOptions {
  readonly now: Date
  readonly chain: Uuid
}

async function recordOn(
  db: Pick<Database, 'transaction' | 'batch'>,
  results: readonly AttemptResult[],
  tables: FamilyTables,
  options: RecordOptions,
): Promise<ReadonlySet<Uuid>> {
  const lock = eventLock(
    results.map((result) => result.eventId),
    tables,
  )
  const record = { text: recording(tables), values: parameters(results, options.now) }
  const settle = { text: settling(tables), values: [...attemptColumns(results), options.now] }
  const vouch = {
    text: vouching(tables),
    values: [...attemptColumns(results), results.map((result) => result.verdict), options.chain, newId()],
  }
  if (results.every(isQuiet)) {
    const [, recorded] = await db.batch([lock, record, settle, vouch])
    return new Set(((recorded?.rows ?? []) as readonly Moved[]).map((row) => row.id)) // as `recording` names its columns
  }
  return db.transaction(async (tx) => {
    await run(tx, lock)
    const { rows } = await tx.query<Moved>(record.text, record.values)
    if (rows.length === 0) return new Set<Uuid>()
    await run(tx, settle)
    const moved = new Map(rows.map((row) => [row.id, row]))
    const accepted = results.filter((result) => moved.has(result.id))
    await noteHealth(tx, accepted, options.now)
    await disableGone(
      tx,
      accepted.filter((result) => result.disableDestination).map((result) => result.destinationId),
      options.now,
    )
    await run(tx, vouch)
    await auditFailed(tx, accepted, moved, options.chain)
    return new Set(moved.keys())
  })
}

/** Says nothing new of its destination and gives nothing up: what follows from it needs no answer of the database. */
function isQuiet(result: AttemptResult): boolean {
  return !isNews(result) && result.verdict !== 'give_up'
}

async function run(tx: Queryable, { text, values }: Statement): Promise<void> {
  await tx.query(text, values)
}

// Attempt numbers go on across replays. Two of one event and destination cannot be written together (the lane is
// held by one job), and if they ever were, the unique constraint refuses the second and the caller tries again.
const recording = (tables: FamilyTables) => `
with input as materialized (
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::uuid[], $6::text[], $7::integer[], $8::bytea[], $9::text[],
    $10::timestamptz[], $11::integer[], $12::text[], $13::timestamptz[])
  as t (event_id, job_id, worker, fence, attempt_id, outcome, http_status, response_body, error, started_at, duration_ms, next, run_at)
), moved as (
  update ${tables.jobs} j set status = i.next, attempts = j.attempts + 1, run_at = coalesce(i.run_at, j.run_at), worker = null, lease_until = null,
    finished_at = case when i.next = 'queued' then null else $14::timestamptz end,
    last_error = case when i.outcome = 'delivered' then null else i.outcome end
  from input i
  where j.event_id = i.event_id and j.id = i.job_id and j.worker = i.worker and j.fence = i.fence and j.status = 'running'
  returning j.event_id, j.id, j.tenant_id, j.lane, j.replay_id, i.attempt_id, i.outcome, i.http_status, i.response_body, i.error,
    i.started_at, i.duration_ms
), recorded as (
  insert into ${tables.attempts} (event_id, id, tenant_id, job_id, destination_id, attempt_no, status, outcome, http_status,
    response_body, error, started_at, duration_ms)
  select m.event_id, m.attempt_id, m.tenant_id, m.id, m.lane,
    1 + coalesce((select max(a.attempt_no) from ${tables.attempts} a where a.event_id = m.event_id and a.destination_id = m.lane), 0),
    case when m.outcome = 'delivered' then 'success' else 'failed' end, m.outcome, m.http_status, m.response_body, m.error,
    m.started_at, m.duration_ms
  from moved m
)
select id, tenant_id as "tenantId" from moved`

/*
 * What the events have come to. A statement of its own, after the events were locked and the jobs written: it sees
 * what every other destination's worker has committed, which the snapshot of the statement before may not.
 * An event whose transform gives no body is parked: no further try would give one.
 * A failed delivery that a replay has taken up, or that somebody dismissed, is closed and counts no more.
 * Which results were written is told by their attempts: a job that was lost has none of this claim.
 */
const settling = (tables: FamilyTables) => `
with generation as (
  select distinct j.event_id, j.replay_id from unnest($1::uuid[], $2::uuid[]) as t (event_id, attempt_id)
  join ${tables.attempts} a on a.event_id = t.event_id and a.id = t.attempt_id
  join ${tables.jobs} j on j.event_id = a.event_id and j.id = a.job_id
), summary as (
  select g.event_id,
    count(*) filter (where j.status in ('queued', 'running')) as open,
    count(*) filter (where j.status in ('queued', 'running') and j.attempts > 0) as retrying,
    count(*) filter (where j.status = 'failed') as failed,
    max(j.last_error) filter (where j.status = 'failed' and j.last_error like 'transform%') as parked,
    coalesce(max(j.last_error) filter (where j.status = 'failed'), max(j.last_error) filter (where j.status <> 'succeeded')) as last_error
  from (select distinct event_id from generation) g
  join ${tables.jobs} j on j.event_id = g.event_id and j.kind = 'deliver' and not j.shadow and j.closed_by is null
  group by g.event_id
), replay_summary as (
  select g.replay_id,
    count(*) filter (where j.status in ('queued', 'running')) as open,
    count(*) filter (where j.status = 'failed') as failed,
    max(j.last_error) filter (where j.status = 'failed') as last_error
  from generation g
  join ${tables.jobs} j on j.event_id = g.event_id and j.kind = 'deliver' and not j.shadow and j.replay_id = g.replay_id
  where g.replay_id is not null
  group by g.replay_id
), replayed as (
  update replays r set status = case when s.failed > 0 then 'failed' else 'completed' end, finished_at = $3::timestamptz, last_error = s.last_error
  from replay_summary s where r.id = s.replay_id and s.open = 0 and r.status = 'dispatched'
)
update ${tables.events} e set last_error = s.last_error,
  status_reason = coalesce(s.parked, e.status_reason),
  status = case when s.parked is not null then 'parked' when s.retrying > 0 then 'retrying' when s.open > 0 then 'processing' when s.failed > 0 then 'failed' else 'processed' end,
  processed_at = case when s.open = 0 and s.failed = 0 then $3::timestamptz else e.processed_at end
from summary s where e.id = s.event_id and e.status not in ('parked', 'pending')`

const JOB_STATUS = { done: 'succeeded', retry: 'queued', give_up: 'failed' } as const

function parameters(results: readonly AttemptResult[], now: Date): readonly unknown[] {
  return [
    results.map((result) => result.eventId),
    results.map((result) => result.id),
    results.map((result) => result.worker),
    results.map((result) => result.fence),
    results.map((result) => result.attemptId),
    results.map((result) => result.outcome),
    results.map((result) => result.httpStatus),
    results.map((result) => result.responseBody),
    results.map((result) => result.error),
    results.map((result) => result.startedAt),
    results.map((result) => result.durationMs),
    results.map((result) => JOB_STATUS[result.verdict]),
    results.map((result) => result.runAt),
    now,
  ]
}

// One entry for the batch. It vouches for its attempts by the SHA-256 over "attempt id, outcome" of each in the order of ids.
const vouching = (tables: FamilyTables) => `
select audit_append($4, $5, null, 'worker', 'deliveries.recorded', 'event', case when b.attempts = 1 then b.first end,
  json_build_object('delivered', b.delivered, 'retried', b.retried, 'failed', b.attempts - b.delivered - b.retried,
    'attempts', encode(sha256(convert_to(b.lines, 'UTF8')), 'hex'))::text, null)
from (
  select count(*) as attempts, (array_agg(a.event_id))[1] as first,
    count(*) filter (where t.verdict = 'done') as delivered, count(*) filter (where t.verdict = 'retry') as retried,
    string_agg(a.id || ' ' || a.outcome || chr(10), '' order by a.id) as lines
  from unnest($1::uuid[], $2::uuid[], $3::text[]) as t (event_id, attempt_id, verdict)
  join ${tables.attempts} a on a.event_id = t.event_id and a.id = t.attempt_id
) b
where b.attempts > 0`

function attemptColumns(results: readonly AttemptResult[]): readonly [Uuid[], Uuid[]] {
  return [results.map((result) => result.eventId), results.map((result) => result.attemptId)]
}

async function auditFailed(
  tx: Queryable,
  accepted: readonly AttemptResult[],
  moved: ReadonlyMap<Uuid, Moved>,
  chain: Uuid,
): Promise<void> {
  for (const result of accepted) {
    if (result.verdict !== 'give_up' || result.shadow) continue
    await appendAudit(tx, {
      chain,
      tenantId: moved.get(result.id)?.tenantId ?? null,
      actor: 'worker',
      action: 'event.failed',
      entityType: 'event',
      entityId: result.eventId,
      details: {
        jobId: result.id,
        destinationId: result.destinationId,
        outcome: result.outcome,
        httpStatus: result.httpStatus,
      },
    })
  }
}
