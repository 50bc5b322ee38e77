/**
 * What is known of the bodies of each type of event, what is asked of them, and in what they have drifted.
 */
import type { JsonType } from '../../base/lib/json-shape.ts'
import type { DriftKind, SchemaPolicy } from '../../base/model/event-schema.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'
import type { ListPage } from './list-page.ts'

export interface EventSchemaSummary {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly integrationId: Uuid
  readonly eventType: string
  readonly samples: number
  /** Until then differences are learnt and not told of. */
  readonly learntAt: Date | null
  readonly lastSampleAt: Date | null
  readonly hasJsonSchema: boolean
  readonly policy: SchemaPolicy
  readonly drifts: number
}

export interface EventSchema extends EventSchemaSummary {
  readonly shape: Readonly<Record<string, readonly JsonType[]>>
  readonly jsonSchema: Readonly<Record<string, unknown>> | null
}

export interface SchemaDrift {
  readonly id: Uuid
  readonly schemaId: Uuid
  readonly kind: DriftKind
  readonly place: string
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly detail: string | null
  /** The sample in which it was found. */
  readonly eventId: Uuid
  readonly foundAt: Date
}

/** Counting stops there: a list needs to know that there are many, not how many. */
const COUNTED_DRIFTS = 1000

const SUMMARY = `s.id, s.tenant_id as "tenantId", s.integration_id as "integrationId", s.event_type as "eventType", s.samples,
  s.learnt_at as "learntAt", s.last_sample_at as "lastSampleAt", s.json_schema is not null as "hasJsonSchema", s.policy,
  (select count(*)::integer from (select from schema_drifts d where d.schema_id = s.id limit ${COUNTED_DRIFTS}) as bounded) as drifts`

export async function listEventSchemas(
  db: Queryable,
  tenantId: Uuid,
  filter: { readonly integrationId?: Uuid | undefined },
  page: ListPage,
): Promise<readonly EventSchemaSummary[]> {
  const { rows } = await db.query<EventSchemaSummary>(
    `select ${SUMMARY} from event_schemas s
     where s.tenant_id = $1 and ($2::uuid is null or s.integration_id = $2) and ($3::uuid is null or s.id < $3)
     order by s.id desc offset $4 limit $5`,
    [tenantId, filter.integrationId ?? null, page.after?.[0] ?? null, page.offset, page.limit],
  )
  return rows
}

export async function findEventSchema(db: Queryable, tenantId: Uuid, id: Uuid): Promise<EventSchema | undefined> {
  const { rows } = await db.query<EventSchema>(
    `select ${SUMMARY}, s.shape, s.json_schema as "jsonSchema" from event_schemas s where s.tenant_id = $1 and s.id = $2`,
    [tenantId, id],
  )
  return rows[0]
}

/** Newest first. */
export async function listSchemaDrifts(
  db: Queryable,
  tenantId: Uuid,
  schemaId: Uuid,
  page: ListPage,
): Promise<readonly SchemaDrift[]> {
  const { rows } = await db.query<SchemaDrift>(
    `select id, schema_id as "schemaId", kind, place, before, after, detail, event_id as "eventId", found_at as "foundAt"
     from schema_drifts where tenant_id = $1 and schema_id = $2 and ($3::uuid is null or id < $3)
     order by id desc offset $4 limit $5`,
    [tenantId, schemaId, page.after?.[0] ?? null, page.offset, page.limit],
  )
  return rows
}

export interface AskedSchema {
  readonly tenantId: Uuid
  readonly integrationId: Uuid
  readonly eventType: string
  /** `null` asks for nothing any more. */
  readonly jsonSchema: Readonly<Record<string, unknown>> | null
  readonly policy: SchemaPolicy
}

/** Also for a type that was not seen yet. The integration is the tenant's own; the caller has read it. */
export async function setEventSchema(tx: Queryable, asked: AskedSchema): Promise<Uuid> {
  const { rows } = await tx.query<{ id: Uuid }>(
    `insert into event_schemas (id, tenant_id, integration_id, event_type, json_schema, policy)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (integration_id, event_type) do update set json_schema = excluded.json_schema, policy = excluded.policy, updated_at = now()
     returning id`,
    [
      newId(),
      asked.tenantId,
      asked.integrationId,
      asked.eventType,
      asked.jsonSchema === null ? null : JSON.stringify(asked.jsonSchema),
      asked.policy,
    ],
  )
  const [row] = rows
  if (row === undefined) throw new Error('a statement that must return a row returned none')
  return row.id
}

/** What the gateway checks before it accepts: over all tenants, only what may park or refuse. */
export async function loadEnforcedSchemas(
  db: Queryable,
): Promise<readonly Pick<AskedSchema, 'integrationId' | 'eventType' | 'jsonSchema' | 'policy'>[]> {
  const { rows } = await db.query<Pick<AskedSchema, 'integrationId' | 'eventType' | 'jsonSchema' | 'policy'>>(
    `select integration_id as "integrationId", event_type as "eventType", json_schema as "jsonSchema", policy
     from event_schemas where json_schema is not null and policy <> 'accept'`,
  )
  return rows
}
