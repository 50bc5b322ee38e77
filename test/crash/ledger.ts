/**
 * The reckoning: what the provider was told, what the database holds and what the destination got, held against
 * one another. Empty when nothing was lost, doubled, halved or invented.
 */
import { join } from 'node:path'
import { publicId, type Uuid } from '../../src/base/model/ids.ts'
import { type Database, openDatabase } from '../../src/resources/store/database.ts'
import { connectionUrl, readCredentials } from '../../src/resources/store/embedded/credentials.ts'
import { choosePlaces, ensureSocketDirectory } from '../../src/resources/store/embedded/places.ts'
import type { ProviderLoad } from './provider-load.ts'
import type { CountingSink } from './sink.ts'

/** The embedded database of a gateway's data folder, as the gateway's own role. */
export async function openEmbedded(dataDir: string): Promise<Database & AsyncDisposable> {
  const places = await choosePlaces(join(dataDir, 'database'))
  const url = connectionUrl(await readCredentials(places.dataDir), 'app', await ensureSocketDirectory(places))
  const database = openDatabase({ url, poolSize: 2, onError: () => undefined })
  return { ...database, [Symbol.asyncDispose]: () => database.close() }
}

interface StoredEvent {
  readonly id: Uuid
  readonly external_id: string
  readonly status: string
  readonly status_reason: string | null
  readonly last_error: string | null
  readonly payloads: number
  readonly keys: number
  readonly receipts: number
  readonly jobs: number
}

/** @returns Every discrepancy, in words. */
export async function reckon(
  db: Database,
  load: Pick<ProviderLoad, 'acknowledged' | 'sent'>,
  sink: Pick<CountingSink, 'arrivals'>,
): Promise<readonly string[]> {
  const stored = await storedEvents(db)
  return [
    ...lostOrDoubled(stored, load),
    ...stored.flatMap((event) => halfOrUnfinished(event, load)),
    ...(await orphans(db)),
    ...[...load.acknowledged].flatMap(([externalId, { eventId }]) =>
      sink.arrivals.has(eventId) ? [] : [`never delivered: ${externalId}, acknowledged as ${eventId}`],
    ),
    ...invented(stored, sink),
  ]
}

function lostOrDoubled(
  stored: readonly StoredEvent[],
  { acknowledged }: Pick<ProviderLoad, 'acknowledged'>,
): readonly string[] {
  const ids = new Map<string, string[]>()
  for (const { external_id, id } of stored)
    ids.set(external_id, [...(ids.get(external_id) ?? []), publicId('event', id)])
  const doubled = [...ids]
    .filter(([, all]) => all.length > 1)
    .map(([externalId, all]) => `stored twice: ${externalId} as ${all.join(', ')}`)
  const lost = [...acknowledged].flatMap(([externalId, { eventId }]) =>
    ids.get(externalId)?.includes(eventId) === true
      ? []
      : [
          `acknowledged and not stored: ${externalId} as ${eventId}; stored as ${ids.get(externalId)?.join(', ') ?? 'nothing'}`,
        ],
  )
  return [...lost, ...doubled]
}

/** Also of what nobody acknowledged: what is stored is whole, and is processed like everything else. */
function halfOrUnfinished(event: StoredEvent, { sent }: Pick<ProviderLoad, 'sent'>): readonly string[] {
  const whole = [event.payloads, event.keys, event.receipts, event.jobs].every((count) => count === 1)
  return [
    ...(whole ? [] : [`stored by halves: ${JSON.stringify(event)}`]),
    ...(event.status === 'processed' ? [] : [`not processed: ${JSON.stringify(event)}`]),
    ...(sent.has(event.external_id) ? [] : [`stored and never sent: ${event.external_id}`]),
  ]
}

function invented(stored: readonly StoredEvent[], { arrivals }: Pick<CountingSink, 'arrivals'>): readonly string[] {
  const externalIds = new Map(stored.map((event) => [publicId('event', event.id), event.external_id]))
  return [...arrivals].flatMap(([id, arrival]) => {
    const carried = [...arrival.externalIds]
    return carried.length === 1 && carried[0] === externalIds.get(id)
      ? []
      : [`delivered and not stored so: ${id} with ${carried.join(', ')}`]
  })
}

/** How many events are neither processed nor given up; undefined while the database is away. */
export async function openEvents(db: Database): Promise<number | undefined> {
  const counted = await db
    .query<{ open: number }>(
      "select count(*) as open from events where status in ('pending', 'processing', 'retrying')",
    )
    .catch(() => undefined)
  return counted?.rows[0]?.open
}

async function storedEvents(db: Database): Promise<readonly StoredEvent[]> {
  const { rows } = await db.query<StoredEvent>(
    `select e.id, e.external_id, e.status, e.status_reason, e.last_error,
       (select count(*) from event_payloads p where p.event_id = e.id and octet_length(p.body) = e.body_bytes and sha256(p.body) = e.body_sha256) as payloads,
       coalesce(k.count, 0) as keys,
       (select count(*) from audit_entries a where a.id = e.receipt_id and a.action = 'events.received') as receipts,
       (select count(*) from jobs j where j.event_id = e.id and j.kind = 'process') as jobs
     from events e left join (select event_id, count(*) from dedupe_keys group by event_id) k on k.event_id = e.id
     order by e.id`,
  )
  return rows
}

async function orphans(db: Database): Promise<readonly string[]> {
  const { rows } = await db.query<{ kind: string; event_id: Uuid }>(
    `select 'payload' as kind, event_id from event_payloads p where not exists (select from events e where e.id = p.event_id)
     union all
     select 'dedupe key', event_id from dedupe_keys k where not exists (select from events e where e.id = k.event_id)
     union all
     select 'job', event_id from jobs j where not exists (select from events e where e.id = j.event_id)
     union all
     select 'attempt', event_id from delivery_attempts a where not exists (select from events e where e.id = a.event_id)`,
  )
  return rows.map(({ kind, event_id }) => `${kind} of an event that is not stored: ${event_id}`)
}
