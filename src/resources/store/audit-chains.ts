/**
 * Reading the audit trail for verification: chains, their entries in order, receipts and checkpoints.
 */
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'

export interface StoredChain {
  readonly id: Uuid
  readonly writer: string
  readonly seq: number
  readonly head: Buffer
}

export interface StoredEntry {
  readonly id: Uuid
  readonly chainId: Uuid
  readonly seq: number
  /** Milliseconds since the epoch; entries are stored at this precision. */
  readonly atMs: number
  readonly tenantId: Uuid | null
  readonly actor: string
  readonly action: string
  readonly entityType: string
  readonly entityId: Uuid | null
  readonly details: string
  readonly digest: Buffer | null
  readonly hash: Buffer
}

export interface StoredCheckpoint {
  readonly id: Uuid
  readonly at: Date
  readonly heads: string
  readonly publicKey: Buffer
  readonly signature: Buffer
}

/** What the events of one receipt amount to now: compare with the entry's digest. */
export interface ReceiptDigest {
  readonly count: number
  readonly digest: Buffer
}

export async function listChains(db: Queryable): Promise<readonly StoredChain[]> {
  const { rows } = await db.query<StoredChain>('select id, writer, seq, head from audit_chains order by id')
  return rows
}

/** Entries of one chain after `afterSeq`, in order, at most `limit`. */
export async function readEntries(
  db: Queryable,
  chain: Uuid,
  afterSeq: number,
  limit: number,
): Promise<readonly StoredEntry[]> {
  const { rows } = await db.query<StoredEntry>(
    `select id, chain_id as "chainId", seq, (extract(epoch from at) * 1000)::bigint as "atMs", tenant_id as "tenantId", actor,
       action, entity_type as "entityType", entity_id as "entityId", details, digest, hash
     from audit_entries where chain_id = $1 and seq > $2 order by seq limit $3`,
    [chain, afterSeq, limit],
  )
  return rows
}

/**
 * Recomputes what receipts vouch for, from the events and bodies that are there now, and from what is known of events
 * that were removed by age.
 *
 * A body that no longer has the digest in its event's row counts as none; a purged one counts with that digest. What is
 * known of a removed event counts when an entry says that it was removed; whether that entry vouches for it, `digestPruned` tells.
 */
export async function digestReceipts(
  db: Queryable,
  receipts: readonly Uuid[],
  from: Uuid,
  to: Uuid,
): Promise<ReadonlyMap<Uuid, ReceiptDigest>> {
  const { rows } = await db.query<ReceiptDigest & { id: Uuid }>(
    `select receipt_id as id, count(*) as count, sha256(string_agg(uuid_send(event_id) || vouched, ''::bytea order by event_id)) as digest
     from (
       select e.receipt_id, e.id as event_id, case when sha256(p.body) <> e.body_sha256 then ''::bytea else e.body_sha256 end as vouched
       from events e left join event_payloads p on p.event_id = e.id
       where e.id >= $2 and e.id < $3 and e.receipt_id = any($1::uuid[])
       union all
       select t.receipt_id, t.event_id, t.body_sha256
       from pruned_events t join audit_entries a on a.id = t.pruned_by and a.action = 'events.pruned'
       where t.event_id >= $2 and t.event_id < $3 and t.receipt_id = any($1::uuid[])
     ) as known
     group by receipt_id`,
    [receipts, from, to],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** What is known of the events that each of these entries says were removed. */
export async function digestPruned(db: Queryable, entries: readonly Uuid[]): Promise<ReadonlyMap<Uuid, ReceiptDigest>> {
  const { rows } = await db.query<ReceiptDigest & { id: Uuid }>(
    `select pruned_by as id, count(*) as count,
       sha256(string_agg(uuid_send(event_id) || body_sha256, ''::bytea order by event_id)) as digest
     from pruned_events where pruned_by = any($1::uuid[]) group by pruned_by`,
    [entries],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** What the details of an entry about a pruned day say; nothing of what cannot be read, which the hashes tell. */
export function prunedDay(details: string): { readonly day?: string | undefined; readonly part?: unknown } {
  try {
    const { day, part } = JSON.parse(details) as { readonly day?: unknown; readonly part?: unknown }
    return { day: typeof day === 'string' ? day : undefined, part }
  } catch {
    return {}
  }
}

/** Days whose events were dropped as a whole, as the trail has it: nothing is left to compare their receipts with. */
export async function listDroppedDays(db: Queryable, chain: Uuid): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ details: string }>(
    "select details from audit_entries where chain_id = $1 and action = 'day.dropped'",
    [chain],
  )
  return new Set(
    rows.flatMap(({ details }) => {
      const { day, part } = prunedDay(details)
      return day === undefined || part !== 'events' ? [] : [day]
    }),
  )
}

export async function insertCheckpoint(db: Queryable, checkpoint: StoredCheckpoint): Promise<void> {
  await db.query('insert into audit_checkpoints (id, at, heads, public_key, signature) values ($1, $2, $3, $4, $5)', [
    checkpoint.id,
    checkpoint.at,
    checkpoint.heads,
    checkpoint.publicKey,
    checkpoint.signature,
  ])
}

export async function listCheckpoints(
  db: Queryable,
  afterId: Uuid,
  limit: number,
): Promise<readonly StoredCheckpoint[]> {
  const { rows } = await db.query<StoredCheckpoint>(
    `select id, at, heads, public_key as "publicKey", signature from audit_checkpoints where id > $1 order by id limit $2`,
    [afterId, limit],
  )
  return rows
}

export async function latestCheckpoint(db: Queryable): Promise<StoredCheckpoint | undefined> {
  const { rows } = await db.query<StoredCheckpoint>(
    'select id, at, heads, public_key as "publicKey", signature from audit_checkpoints order by id desc limit 1',
  )
  return rows[0]
}
