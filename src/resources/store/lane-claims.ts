/**
 * Held jobs: those that are not claimed in the order of the queue, but share by share (see `shareOf`).
 *
 * A job is held when its destination is paused, its circuit open, or when a destination has limits or an order to keep.
 * The walk over the shares that have held jobs costs one step of an index for each, however many jobs they have.
 */
import type { JobKind } from '../../base/model/event.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Database, Queryable } from './database.ts'
import { type ClaimedJob, type ClaimRequest, claimDue, SHARE } from './jobs.ts'

/** A share that has a held job which is due and may go. */
export interface HeldShare {
  readonly share: Uuid
  /** Has limits or an order, or a circuit that is to be probed: claimed by `claimGoverned`. */
  readonly governed: boolean
}

/** Shares whose oldest held job is due, without those of paused destinations and open circuits. */
export async function findHeldShares(
  db: Queryable,
  { kind, now, limit }: { readonly kind: JobKind; readonly now: Date; readonly limit: number },
): Promise<readonly HeldShare[]> {
  const { rows } = await db.query<HeldShare>(
    `with recursive walk as (
       (select ${SHARE} as share, run_at from jobs where status = 'queued' and held order by 1, 2 limit 1)
       union all
       select n.share, n.run_at from walk w cross join lateral (
         select ${SHARE} as share, run_at from jobs
         where status = 'queued' and held and ${SHARE} > w.share order by 1, 2 limit 1
       ) n
     )
     ${
       kind === 'process'
         ? 'select w.share, false as governed from walk w join tenants t on t.id = w.share where w.run_at <= $1 limit $2'
         : `select w.share, d.governed or h.open_until is not null as governed
            from walk w
            join destinations d on d.id = w.share and d.status <> 'paused'
            left join destination_health h on h.destination_id = d.id
            where w.run_at <= $1
              and (h.open_until is null or h.open_until <= clock_timestamp())
              and (h.probe_until is null or h.probe_until <= clock_timestamp())
            limit $2`
     }`,
    [now, limit],
  )
  return rows
}

type HeldRequest = Pick<ClaimRequest, 'worker' | 'now' | 'leaseMs'>

/** Takes due held jobs of several shares, of each at most `perShare`, oldest first. */
export function claimHeld(
  db: Queryable,
  request: HeldRequest & { readonly kind: JobKind },
  shares: readonly Uuid[],
  perShare: number,
): Promise<readonly ClaimedJob[]> {
  return claimDue(db, request, {
    text: `select j.event_id, j.id from unnest($1::uuid[]) as s (share) cross join lateral (
         select event_id, id from jobs
         where status = 'queued' and held and ${SHARE} = s.share and kind = $2 and run_at <= $3
         order by run_at limit $4
       ) j`,
    values: [shares, request.kind, request.now, perShare],
  })
}

interface Governor {
  readonly tenant_id: Uuid
  readonly max_concurrency: number | null
  readonly rate_per_minute: number | null
  readonly order_by: string | null
  readonly order_policy: string
  readonly order_after: number
  readonly half_open: boolean
  readonly next_at: Date | null
  readonly now: Date
}

/**
 * Takes due held jobs of one destination within its limits, and in its order. The destination's health row is the lock:
 * of several workers one decides, and the others come again.
 */
export async function claimGoverned(
  db: Pick<Database, 'transaction'>,
  request: HeldRequest,
  destinationId: Uuid,
  limit: number,
): Promise<readonly ClaimedJob[]> {
  return db.transaction(async (tx) => {
    await tx.query('insert into destination_health (destination_id) values ($1) on conflict do nothing', [
      destinationId,
    ])
    const { rows } = await tx.query<Governor>(
      `select d.tenant_id, d.max_concurrency, d.rate_per_minute, d.order_by, d.order_policy, d.order_after, h.next_at,
         h.open_until is not null as half_open, clock_timestamp() as now
       from destination_health h join destinations d on d.id = h.destination_id
       where h.destination_id = $1 and d.status <> 'paused'
         and (h.open_until is null or h.open_until <= clock_timestamp())
         and (h.probe_until is null or h.probe_until <= clock_timestamp())
       for update of h skip locked`,
      [destinationId],
    )
    const governor = rows[0]
    if (governor === undefined) return []
    // After the lock, in a statement of its own: what the holder before has claimed is seen.
    const places = await freePlaces(tx, destinationId, governor.max_concurrency)
    const tickets = rateTickets(governor)
    const take = Math.min(limit, places, tickets.free, governor.half_open ? 1 : limit)
    if (take <= 0) return []
    const jobs = await claimDue(tx, request, await dueOf(tx, request, destinationId, governor, take))
    if (jobs.length > 0) await noteClaims(tx, destinationId, governor, tickets.after(jobs.length), request.leaseMs)
    return jobs
  })
}

async function freePlaces(tx: Queryable, destinationId: Uuid, most: number | null): Promise<number> {
  if (most === null) return Number.POSITIVE_INFINITY
  const { rows } = await tx.query<{ running: number }>(
    "select count(*) as running from jobs where status = 'running' and kind = 'deliver' and lane = $1",
    [destinationId],
  )
  return most - (rows[0]?.running ?? 0)
}

/**
 * Generic cell rate algorithm: one ticket every 60,000 / rate ms, and those of one second (at least one) may be taken
 * at once.
 */
function rateTickets({ rate_per_minute: rate, next_at, now }: Governor): {
  readonly free: number
  after(taken: number): Date | null
} {
  if (rate === null) return { free: Number.POSITIVE_INFINITY, after: () => null }
  const everyMs = 60_000 / rate
  const burstMs = Math.max(everyMs, 1_000)
  const next = Math.max(next_at?.getTime() ?? 0, now.getTime())
  return {
    free: Math.floor((now.getTime() + burstMs - next) / everyMs),
    after: (taken) => new Date(next + taken * everyMs),
  }
}

/** A second job of one event for one destination waits for the first; and with an order, so does whatever came later. */
async function dueOf(
  tx: Queryable,
  { now }: HeldRequest,
  destinationId: Uuid,
  { tenant_id, order_by, order_policy, order_after }: Governor,
  take: number,
): Promise<{ text: string; values: unknown[] }> {
  const alone = `not exists (select from jobs p where p.event_id = j.event_id and p.lane = j.lane and p.kind = 'deliver'
    and (p.status = 'running' or (p.status = 'queued' and p.id < j.id)))`
  const select = (further: string) => `select event_id, id from jobs j
    where status = 'queued' and held and ${SHARE} = $1 and kind = 'deliver' and run_at <= $2 and ${alone} ${further}
    order by ${order_by === null ? 'run_at' : 'event_id'} limit $3`
  if (order_by === null) return { text: select(''), values: [destinationId, now, take] }
  // What is still to be routed may turn out to stand in front.
  const { rows } = await tx.query<{ first: Uuid | null }>(
    `select event_id as first from jobs
     where tenant_id = $1 and kind = 'process' and status in ('queued', 'running') and triggered_by = 'webhook'
     order by event_id limit 1`,
    [tenant_id],
  )
  return {
    text: select(`and ($4::uuid is null or event_id < $4) and (order_key is null or not exists (
      select from jobs p
      where p.lane = j.lane and p.order_key = j.order_key and p.event_id < j.event_id
        and p.status <> 'succeeded' and p.closed_by is null and p.kind = 'deliver'
        and case when $5 = 'skip' then p.status <> 'failed' and p.attempts < $6
                 when $5 = 'block' then true else p.status <> 'failed' end))`),
    values: [destinationId, now, take, rows[0]?.first ?? null, order_policy, order_after],
  }
}

async function noteClaims(
  tx: Queryable,
  destinationId: Uuid,
  { half_open }: Governor,
  nextAt: Date | null,
  leaseMs: number,
): Promise<void> {
  await tx.query(
    `update destination_health set next_at = coalesce($2::timestamptz, next_at),
       probe_until = case when $3 then clock_timestamp() + $4 * interval '1 millisecond' end
     where destination_id = $1`,
    [destinationId, nextAt, half_open, leaseMs],
  )
}

/** How many held jobs a destination has, at most `most`. */
export async function countHeld(db: Queryable, destinationId: Uuid, most: number): Promise<number> {
  const { rows } = await db.query<{ held: number }>(
    `select count(*) as held from (
       select from jobs where status = 'queued' and held and ${SHARE} = $1 limit $2) h`,
    [destinationId, most],
  )
  return rows[0]?.held ?? 0
}
