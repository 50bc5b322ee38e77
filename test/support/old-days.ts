/** Events of days gone by, as ingress left them then, and runs of removing over them. */
import { DEFAULT_TENANT, newId, type Uuid } from '../../src/base/model/ids.ts'
import type { RetentionPolicy } from '../../src/base/model/retention.ts'
import { pruneTurn } from '../../src/flow/retention/prune-turn.ts'
import { openChain } from '../../src/resources/store/audit.ts'
import { insertEvents, type ReceivedEvent } from '../../src/resources/store/ingest.ts'
import { requestRun } from '../../src/resources/store/prune-runs.ts'
import { anEvent } from './builders.ts'
import type { TestDatabase } from './database.ts'
import { silent } from './flow.ts'

export const DAY_MS = 86_400_000

/** What the tests remove by: payloads after ten days, events after twenty, what was never delivered after forty. */
export const POLICY: RetentionPolicy = { metadataDays: 20, payloadDays: 10, undeliveredDays: 40 }

/** Noon, so many days ago. */
export const daysAgo = (days: number) => (Math.floor(Date.now() / DAY_MS) - days) * DAY_MS + DAY_MS / 2

export const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)

/** Partitions of the days from so many days ago on; the gateway makes them as they come. */
export async function withDays(db: TestDatabase, days: number): Promise<void> {
  await db.query('select ensure_partitions($1, $2)', [dayOf(daysAgo(days)), dayOf(daysAgo(1))])
}

export interface OldEvent extends Partial<ReceivedEvent> {
  readonly daysAgo: number
  /** `pending` leaves its job queued. */
  readonly status?: 'processed' | 'failed' | 'parked' | 'pending'
}

/** Committed through the statement of the hot path, with receipts in the trail, and then worked on. */
export async function oldEvents(db: TestDatabase, events: readonly OldEvent[]): Promise<readonly Uuid[]> {
  const connection = await db.connect({ name: 'old days', onLost: () => undefined })
  const chain = await openChain((work) => db.transaction(work), `ingress/${newId()}`)
  const made = events.map(({ daysAgo: age, status: _, ...fields }) => {
    const at = daysAgo(age)
    return anEvent({ id: newId(at), receivedAt: at, ...fields })
  })
  for (let at = 0; at < made.length; at += 256) await insertEvents(connection, chain, made.slice(at, at + 256))
  await connection.close()
  const statuses = events.map(({ status = 'processed' }) => status)
  await db.query(
    `update events e set status = t.status from unnest($1::uuid[], $2::text[]) as t (id, status) where e.id = t.id`,
    [made.map((event) => event.id), statuses],
  )
  await db.query(
    `update jobs j set status = 'succeeded' from unnest($1::uuid[], $2::text[]) as t (id, status)
     where j.event_id = t.id and t.status <> 'pending'`,
    [made.map((event) => event.id), statuses],
  )
  return made.map((event) => event.id)
}

export interface Pruning {
  readonly now?: number
  readonly defaults?: RetentionPolicy
  readonly batchRows?: number
  readonly worker?: Uuid
  readonly dropped?: string[]
}

/** One turn, or as many as a run takes. */
export async function pruneOnce(db: TestDatabase, given: Pruning = {}): Promise<boolean> {
  return pruneTurn({
    db,
    defaults: given.defaults ?? POLICY,
    worker: given.worker ?? newId(),
    now: () => given.now ?? Date.now(),
    log: silent,
    onRemoved: () => undefined,
    onDayDropped: () => void given.dropped?.push('day'),
    onCompleted: () => undefined,
    ...(given.batchRows === undefined ? {} : { batchRows: given.batchRows }),
  })
}

/** Asks for a run and works on it until it has ended. */
export async function prune(db: TestDatabase, given: Pruning = {}): Promise<void> {
  await requestRun(db, { tenantId: DEFAULT_TENANT, requestedBy: 'root', reason: 'a test', now: new Date() })
  while (await pruneOnce(db, given));
}

export async function partitionsOf(db: TestDatabase, age: number): Promise<readonly string[]> {
  const suffix = dayOf(daysAgo(age)).replaceAll('-', '')
  const { rows } = await db.query<{ name: string }>(
    `select substring(c.relname from '^(.*)_\\d{8}$') as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'postern' and c.relkind = 'r' and c.relname like '%' || $1 order by 1`,
    [suffix],
  )
  return rows.map(({ name }) => name)
}
