/**
 * Takes poison out of circulation: a job that keeps ending its claims without a result.
 */
import type { Uuid } from '../../base/model/ids.ts'
import { appendAudit } from './audit.ts'
import type { Database } from './database.ts'
import { lockEvents } from './event-locks.ts'
import { type ClaimedJob, columns } from './jobs.ts'

/**
 * Fails the jobs and parks their events with the reason `poison`, so that the rest of the queue flows and somebody
 * can look; a replay releases a parked event.
 *
 * Rows are locked in the order of every transaction over the event family: events by id, then their jobs.
 */
export async function parkPoison(
  db: Pick<Database, 'transaction'>,
  jobs: readonly ClaimedJob[],
  options: { now: Date; chain: Uuid },
): Promise<void> {
  await db.transaction(async (tx) => {
    await lockEvents(
      tx,
      jobs.map((job) => job.eventId),
    )
    const { rows } = await tx.query<{ eventId: Uuid; id: Uuid; tenantId: Uuid; kind: string }>(
      `with moved as (
         update jobs j set status = 'failed', worker = null, lease_until = null, finished_at = $5::timestamptz, last_error = 'poison'
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[]) as c (event_id, id, worker, fence)
         where j.event_id = c.event_id and j.id = c.id and j.worker = c.worker and j.fence = c.fence and j.status = 'running'
         returning j.event_id, j.id, j.tenant_id, j.kind, j.replay_id
       ), parked as (
         update events e set status = 'parked', status_reason = 'poison', last_error = 'poison'
         from moved where e.id = moved.event_id
       ), replayed as (
         update replays r set status = 'failed', finished_at = $5::timestamptz, last_error = 'poison'
         from moved where r.id = moved.replay_id and r.status in ('queued', 'dispatched')
       )
       select event_id as "eventId", id, tenant_id as "tenantId", kind from moved`,
      [...columns(jobs), options.now],
    )
    for (const row of rows) {
      await appendAudit(tx, {
        chain: options.chain,
        tenantId: row.tenantId,
        actor: 'worker',
        action: 'event.parked',
        entityType: 'event',
        entityId: row.eventId,
        details: { reason: 'poison', jobId: row.id, kind: row.kind },
      })
    }
  })
}
