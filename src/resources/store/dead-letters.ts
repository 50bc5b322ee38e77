/**
 * Dead letters: deliveries that were given up and that nobody has dealt with yet, neither by a replay nor by dismissing
 * them.
 */
import type { AttemptOutcome } from '../../base/model/event.ts'
import { firstIdOf, type Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'
import type { ListPage } from './list-page.ts'

export interface DeadLetter {
  readonly jobId: Uuid
  readonly eventId: Uuid
  readonly destinationId: Uuid
  readonly integrationId: Uuid
  readonly provider: string
  readonly type: string | null
  /** How the last attempt ended; `poison` where none could be made. */
  readonly reason: AttemptOutcome | 'poison'
  readonly attempts: number
  readonly receivedAt: Date
  readonly failedAt: Date | null
}

export interface DeadLetterFilter {
  readonly eventId?: Uuid | undefined
  readonly destinationId?: Uuid | undefined
  readonly integrationId?: Uuid | undefined
  readonly reason?: string | undefined
  /** Of events received at or after. */
  readonly from?: Date | undefined
  /** Of events received before. */
  readonly to?: Date | undefined
}

const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** Latest event first, along the index of dead letters. */
export async function listDeadLetters(
  db: Queryable,
  tenantId: Uuid,
  filter: DeadLetterFilter,
  page: ListPage,
): Promise<readonly DeadLetter[]> {
  const { rows } = await db.query<DeadLetter>(
    `select j.id as "jobId", j.event_id as "eventId", j.lane as "destinationId", e.integration_id as "integrationId", e.provider,
       e.type, j.last_error as reason, j.attempts, e.received_at as "receivedAt", j.finished_at as "failedAt"
     from jobs j join events e on e.id = j.event_id
     where j.tenant_id = $1 and j.kind = 'deliver' and j.status = 'failed' and j.closed_by is null and not j.shadow
       and j.event_id >= $2 and j.event_id < $3
       and ($4::uuid is null or j.event_id = $4) and ($5::uuid is null or j.lane = $5)
       and ($6::uuid is null or e.integration_id = $6) and ($7::text is null or j.last_error = $7)
       and ($8::uuid is null or (j.event_id, j.id) < ($8, $9::uuid))
     order by j.event_id desc, j.id desc offset $10 limit $11`,
    [
      tenantId,
      firstIdOf(filter.from?.getTime() ?? 0),
      filter.to === undefined ? LAST_ID : firstIdOf(filter.to.getTime()),
      filter.eventId ?? null,
      filter.destinationId ?? null,
      filter.integrationId ?? null,
      filter.reason ?? null,
      page.after?.[0] ?? null,
      page.after?.[1] ?? null,
      page.offset,
      page.limit,
    ],
  )
  return rows
}

/**
 * Closes the failed deliveries of an event (to one destination, or all): they count no more, and nothing waits behind
 * them.
 *
 * @returns How many; `undefined` when the tenant has no such event.
 */
export async function dismissDeadLetters(
  tx: Queryable,
  tenantId: Uuid,
  { eventId, destinationId, by }: { readonly eventId: Uuid; readonly destinationId: Uuid | null; readonly by: Uuid },
): Promise<number | undefined> {
  const locked = await tx.query('select from events where id = $1 and tenant_id = $2 for update', [eventId, tenantId])
  if (locked.rowCount === 0) return undefined
  const { rowCount } = await tx.query(
    `update jobs set closed_by = $3
     where event_id = $1 and kind = 'deliver' and status = 'failed' and closed_by is null and not shadow
       and ($2::uuid is null or lane = $2)`,
    [eventId, destinationId, by],
  )
  await tx.query(
    `update events e set status = 'processed', status_reason = 'dismissed', last_error = null
     where id = $1 and status = 'failed' and not exists (
       select from jobs j where j.event_id = e.id and j.kind = 'deliver' and j.status = 'failed' and j.closed_by is null and not j.shadow)`,
    [eventId],
  )
  return rowCount ?? 0
}
