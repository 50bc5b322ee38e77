/**
 * Checks the whole audit trail: every hash, every link, every chain's head and opening, every checkpoint, and
 * that the events are still the ones their receipts vouch for.
 *
 * Reads in pages, so a trail of any length is checked in constant memory. Reports the first fault of each chain:
 * what follows a broken link says nothing more. Run it in one snapshot (`Database.snapshot`): the trail grows meanwhile.
 */
import { firstIdOf, type Uuid } from '../base/model/ids.ts'
import { MANAGEMENT_CHAIN } from '../resources/store/audit.ts'
import {
  digestPruned,
  digestReceipts,
  listChains,
  listCheckpoints,
  listDroppedDays,
  prunedDay,
  readEntries,
  type StoredChain,
  type StoredEntry,
} from '../resources/store/audit-chains.ts'
import type { Queryable } from '../resources/store/database.ts'
import { type CheckpointHead, isCheckpointSigned } from './checkpoint.ts'
import { entryHash, GENESIS_HASH } from './entry-hash.ts'

export type TrailFaultKind =
  | 'entry_changed'
  | 'entry_missing'
  | 'head_changed'
  | 'chain_missing'
  | 'chain_unopened'
  | 'events_changed'
  | 'checkpoint_forged'
  | 'checkpoint_disagrees'

export interface TrailFault {
  readonly kind: TrailFaultKind
  readonly chain: Uuid | null
  /** Place in the chain; absent for faults of a whole chain or checkpoint. */
  readonly seq?: number
  readonly entryId?: Uuid
  readonly message: string
}

export interface TrailReport {
  readonly intact: boolean
  readonly chains: number
  readonly entries: number
  readonly checkpoints: number
  /** Receipts whose events were compared with their digest. */
  readonly receipts: number
  readonly faults: readonly TrailFault[]
}

export interface VerifyOptions {
  /** Public key of the checkpoints (SubjectPublicKeyInfo, DER), when the verifier knows it. */
  readonly trustedKey?: Buffer
  readonly onProgress?: (entries: number) => void
}

const PAGE = 1000
/** A receipt is appended within moments of its events; their ids lie this close around it. */
const RECEIPT_REACH_MS = 10 * 60_000

export async function verifyTrail(db: Queryable, options: VerifyOptions = {}): Promise<TrailReport> {
  const faults: TrailFault[] = []
  const chains = await listChains(db)
  const dropped = await listDroppedDays(db, MANAGEMENT_CHAIN)
  // Places that checkpoints name, to compare while walking.
  const checkpoints = await readCheckpoints(db, options.trustedKey, faults)
  const opened = new Set<string>()
  let entries = 0
  let receipts = 0

  for (const chain of chains) {
    let previous: Buffer = GENESIS_HASH
    let seq = 0
    let broken = false
    for (;;) {
      const page = await readEntries(db, chain.id, seq, PAGE)
      for (const entry of page) {
        const fault = checkEntry(chain, entry, seq, previous) ?? checkpoints.compare(chain, entry)
        if (fault !== undefined) {
          faults.push(fault)
          broken = true
          break
        }
        if (entry.action === 'chain.opened' && chain.id === MANAGEMENT_CHAIN && entry.entityId !== null)
          opened.add(entry.entityId)
        previous = entry.hash
        seq = entry.seq
        entries++
      }
      if (!broken) receipts += await checkReceipts(db, chain, page, dropped, faults)
      options.onProgress?.(entries)
      if (broken || page.length < PAGE) break
    }
    if (!broken && (chain.seq !== seq || !chain.head.equals(previous))) {
      faults.push({
        kind: 'head_changed',
        chain: chain.id,
        seq,
        message: `chain ${chain.writer}: its head says ${chain.seq} entries, ${seq} are there`,
      })
    } else if (!broken) {
      faults.push(...checkpoints.beyond(chain, seq))
    }
  }
  faults.push(...checkOpenings(chains, opened, checkpoints.chains))
  return {
    intact: faults.length === 0,
    chains: chains.length,
    entries,
    checkpoints: checkpoints.count,
    receipts,
    faults,
  }
}

function checkEntry(chain: StoredChain, entry: StoredEntry, lastSeq: number, previous: Buffer): TrailFault | undefined {
  const place = { chain: chain.id, seq: entry.seq, entryId: entry.id }
  if (entry.seq !== lastSeq + 1) {
    return {
      kind: 'entry_missing',
      ...place,
      seq: lastSeq + 1,
      message: `chain ${chain.writer}: entry ${lastSeq + 1} is missing`,
    }
  }
  if (!entryHash(previous, entry).equals(entry.hash)) {
    return {
      kind: 'entry_changed',
      ...place,
      message: `chain ${chain.writer}: entry ${entry.seq} (${entry.action}) is not what was written`,
    }
  }
  return undefined
}

/** Events that came in and events that went are vouched for in the same way. @returns How many entries were compared. */
async function checkReceipts(
  db: Queryable,
  chain: StoredChain,
  page: readonly StoredEntry[],
  dropped: ReadonlySet<string>,
  faults: TrailFault[],
): Promise<number> {
  const vouching = page.filter((entry) => entry.digest !== null && !daysOf(entry).some((day) => dropped.has(day)))
  const prunings = vouching.filter(isPruning)
  const receipts = vouching.filter((entry) => !isPruning(entry))
  const first = receipts[0]
  const last = receipts.at(-1)
  const found = new Map([
    ...(prunings.length === 0
      ? []
      : await digestPruned(
          db,
          prunings.map((entry) => entry.id),
        )),
    ...(first === undefined || last === undefined
      ? []
      : await digestReceipts(
          db,
          receipts.map((entry) => entry.id),
          firstIdOf(first.atMs - RECEIPT_REACH_MS),
          firstIdOf(last.atMs + RECEIPT_REACH_MS),
        )),
  ])
  for (const entry of vouching) {
    const now = found.get(entry.id)
    if (entry.digest !== null && now?.digest.equals(entry.digest)) continue
    const verb = isPruning(entry) ? 'removed' : 'received'
    faults.push({
      kind: 'events_changed',
      chain: chain.id,
      seq: entry.seq,
      entryId: entry.id,
      message: `the events ${verb} with entry ${entry.seq} of ${chain.writer} (${entry.details}) were changed or removed; ${now?.count ?? 0} are there`,
    })
  }
  return receipts.length
}

function isPruning(entry: StoredEntry): boolean {
  return entry.action === 'events.pruned'
}

/** The days on which the events of an entry may lie. */
function daysOf(entry: StoredEntry): readonly string[] {
  if (isPruning(entry)) return [prunedDay(entry.details).day ?? '']
  return [entry.atMs - RECEIPT_REACH_MS, entry.atMs + RECEIPT_REACH_MS].map((ms) =>
    new Date(ms).toISOString().slice(0, 10),
  )
}

interface Checkpoints {
  readonly count: number
  readonly chains: ReadonlySet<string>
  compare(chain: StoredChain, entry: StoredEntry): TrailFault | undefined
  beyond(chain: StoredChain, seq: number): readonly TrailFault[]
}

async function readCheckpoints(db: Queryable, trusted: Buffer | undefined, faults: TrailFault[]): Promise<Checkpoints> {
  const places = new Map<string, Map<number, string>>()
  let count = 0
  let after = firstIdOf(0)
  for (;;) {
    const page = await listCheckpoints(db, after, PAGE)
    for (const checkpoint of page) {
      count++
      after = checkpoint.id
      if (!isCheckpointSigned(checkpoint, trusted)) {
        faults.push({
          kind: 'checkpoint_forged',
          chain: null,
          message: `the checkpoint of ${checkpoint.at.toISOString()} is not signed by the expected key`,
        })
        continue
      }
      for (const head of JSON.parse(checkpoint.heads) as readonly CheckpointHead[]) {
        const known = places.get(head.chain) ?? new Map<number, string>()
        places.set(head.chain, known.set(head.seq, head.hash))
      }
    }
    if (page.length < PAGE) break
  }
  return {
    count,
    chains: new Set(places.keys()),
    compare(chain, entry) {
      const signed = places.get(chain.id)?.get(entry.seq)
      if (signed === undefined || signed === entry.hash.toString('hex')) return undefined
      return {
        kind: 'checkpoint_disagrees',
        chain: chain.id,
        seq: entry.seq,
        entryId: entry.id,
        message: `chain ${chain.writer}: entry ${entry.seq} differs from a signed checkpoint`,
      }
    },
    beyond(chain, seq) {
      const last = Math.max(0, ...(places.get(chain.id)?.keys() ?? []))
      if (last <= seq) return []
      return [
        {
          kind: 'entry_missing',
          chain: chain.id,
          seq: seq + 1,
          message: `chain ${chain.writer}: a signed checkpoint names ${last} entries, ${seq} are there`,
        },
      ]
    },
  }
}

function checkOpenings(
  chains: readonly StoredChain[],
  opened: ReadonlySet<string>,
  checkpointed: ReadonlySet<string>,
): TrailFault[] {
  const known = new Set<string>(chains.map((chain) => chain.id))
  const missing = [...new Set([...opened, ...checkpointed])].filter((id) => !known.has(id))
  const unopened = chains.filter((chain) => chain.id !== MANAGEMENT_CHAIN && !opened.has(chain.id))
  return [
    ...missing.map(
      (id): TrailFault => ({ kind: 'chain_missing', chain: id as Uuid, message: `chain ${id} was opened and is gone` }),
    ),
    ...unopened.map(
      (chain): TrailFault => ({
        kind: 'chain_unopened',
        chain: chain.id,
        message: `chain ${chain.writer} was never opened in the management chain`,
      }),
    ),
  ]
}
