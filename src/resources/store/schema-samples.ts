/** Samples of what arrives, for the schema watch: taken by one process at a time, and each event once at most. */

import type { JsonShape } from '../../base/lib/json-shape.ts'
import { shapeToJson } from '../../base/lib/json-shape.ts'
import type { Coverage } from '../../base/model/event.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'
import type { EventSchema, SchemaDrift } from './event-schemas.ts'

export interface Sample {
  readonly eventId: Uuid
  readonly tenantId: Uuid
  readonly integrationId: Uuid
  readonly provider: string
  /** As ingress or processing found it. */
  readonly type: string | null
  readonly receivedAt: Date
  readonly scheme: string
  readonly keyId: Uuid
  readonly coverage: Coverage
  readonly method: string
  readonly target: string
  readonly contentType: string | null
  readonly headers: string
  readonly body: Buffer
}

export interface SampleLimits {
  readonly events: number
  readonly perIntegration: number
  readonly maxBodyBytes: number
}

/**
 * The newest events since the last time, and no more than the limits: a burst is sampled, not caught up with.
 *
 * @returns Oldest first; empty also while another process holds the watch. What is returned is not returned again once
 * the caller's transaction has committed.
 */
export async function takeSamples(tx: Queryable, limits: SampleLimits): Promise<readonly Sample[]> {
  const { rows: watch } = await tx.query<{ seenTo: Uuid }>(
    'select seen_to as "seenTo" from schema_watch for update skip locked',
  )
  const seenTo = watch[0]?.seenTo
  if (seenTo === undefined) return []
  const { rows } = await tx.query<Sample & { place: number }>(
    `select e.id as "eventId", e.tenant_id as "tenantId", e.integration_id as "integrationId", e.provider,
       e.type, e.received_at as "receivedAt", e.scheme, e.key_id as "keyId", e.coverage, p.method, p.target,
       p.content_type as "contentType", p.headers, p.body
     from (
       select n.*, row_number() over (partition by n.integration_id order by n.id desc) as place
       from (select * from events where id > $1 order by id desc limit $2) n
     ) e
     join event_payloads p on p.event_id = e.id
     where e.place <= $3 and e.body_bytes <= $4
     order by e.id`,
    [seenTo, limits.events, limits.perIntegration, limits.maxBodyBytes],
  )
  await tx.query(
    'update schema_watch set seen_to = coalesce((select id from events where id > $1 order by id desc limit 1), seen_to)',
    [seenTo],
  )
  return rows
}

/** Those of these integrations, held until the transaction ends. */
export async function lockEventSchemas(
  tx: Queryable,
  integrationIds: readonly Uuid[],
): Promise<
  readonly Pick<EventSchema, 'id' | 'integrationId' | 'eventType' | 'shape' | 'samples' | 'learntAt' | 'jsonSchema'>[]
> {
  const { rows } = await tx.query<EventSchema>(
    `select id, integration_id as "integrationId", event_type as "eventType", shape, samples, learnt_at as "learntAt",
       json_schema as "jsonSchema"
     from event_schemas where integration_id = any($1::uuid[]) order by id for no key update`,
    [integrationIds],
  )
  return rows
}

export interface LearntSchema {
  readonly tenantId: Uuid
  readonly integrationId: Uuid
  readonly eventType: string
  readonly shape: JsonShape
  readonly samples: number
  readonly learntAt: Date | null
  readonly lastSampleAt: Date
}

export async function saveLearntSchema(tx: Queryable, learnt: LearntSchema): Promise<Uuid> {
  const { rows } = await tx.query<{ id: Uuid }>(
    `insert into event_schemas (id, tenant_id, integration_id, event_type, shape, samples, learnt_at, last_sample_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (integration_id, event_type) do update set shape = excluded.shape, samples = excluded.samples,
       learnt_at = excluded.learnt_at, last_sample_at = excluded.last_sample_at
     returning id`,
    [
      newId(),
      learnt.tenantId,
      learnt.integrationId,
      learnt.eventType,
      JSON.stringify(shapeToJson(learnt.shape)),
      learnt.samples,
      learnt.learntAt,
      learnt.lastSampleAt,
    ],
  )
  const [row] = rows
  if (row === undefined) throw new Error('a statement that must return a row returned none')
  return row.id
}

export type NewDrift = Omit<SchemaDrift, 'id'> & { readonly tenantId: Uuid }

/** @returns Those that were not known yet. */
export async function insertDrifts(tx: Queryable, drifts: readonly NewDrift[]): Promise<readonly NewDrift[]> {
  const fresh: NewDrift[] = []
  for (const drift of drifts) {
    const { rows } = await tx.query(
      `insert into schema_drifts (id, tenant_id, schema_id, kind, place, before, after, detail, event_id, found_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing returning id`,
      [
        newId(),
        drift.tenantId,
        drift.schemaId,
        drift.kind,
        drift.place,
        drift.before,
        drift.after,
        drift.detail,
        drift.eventId,
        drift.foundAt,
      ],
    )
    if (rows.length > 0) fresh.push(drift)
  }
  return fresh
}
