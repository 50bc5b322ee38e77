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
 * Recomputes what receipts vouch for, from the events and bodies that are there now.
 *
 * A body that no longer has the digest in its event's row counts as none; a purged one counts with that digest.
 */
export async function digestReceipts(
  db: Queryable,
  receipts: readonly Uuid[],
  from: Uuid,
  to: Uuid,
): Promise<ReadonlyMap<Uuid, ReceiptDigest>> {
  const { rows } = await db.query<{ receipt_id: Uuid; count: number; digest: Buffer }>(
    `select e.receipt_id, count(*) as count,
       sha256(string_agg(uuid_send(e.id) || case when sha256(p.body) <> e.body_sha256 then ''::bytea else e.body_sha256 end,
         ''::bytea order by e.id)) as digest
     from events e left join event_payloads p on p.event_id = e.id
     where e.id >= $2 and e.id < $3 and e.receipt_id = any($1::uuid[])
     group by e.receipt_id`,
    [receipts, from, to],
  )
  return new Map(rows.map((row) => [row.receipt_id, { count: row.count, digest: row.digest }]))
}

/** The first instant for which the event family still has a partition: older receipts cannot be compared any more. */
export async function oldestPartitionStart(db: Queryable): Promise<Uuid | undefined> {
  const { rows } = await db.query<{ bound: string | null }>(
    `select min(substring(pg_get_expr(c.relpartbound, c.oid) from $$FROM \\('([0-9a-f-]{36})'\\)$$)) as bound
     from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'postern.events'::regclass`,
  )
  return (rows[0]?.bound ?? undefined) as Uuid | undefined
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
