/**
 * The schema watch: learns what the events of each type look like, and says when that changes.
 *
 * It looks at samples, after the fact and beside the flow: no event waits for it, and none is parked by it. A difference is
 * told of once, with the event in which it was found, and is known from then on. Bounded in samples, types and places.
 */
import { compileJsonSchema, type SchemaCheck } from '../../base/lib/json-schema.ts'
import { type JsonShape, mergeShapes, shapeChanges, shapeFromJson, shapeOf } from '../../base/lib/json-shape.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Logger } from '../../observability/log.ts'
import type { Database, Queryable } from '../../resources/store/database.ts'
import {
  insertDrifts,
  lockEventSchemas,
  type NewDrift,
  type Sample,
  saveLearntSchema,
  takeSamples,
} from '../../resources/store/schema-samples.ts'
import type { PeriodicTask } from '../../worker/periodic.ts'
import type { ReadableEvent } from './describe.ts'
import type { EventDocument } from './event-document.ts'

export interface SchemaWatchOptions {
  readonly db: Database
  readonly documentOf: (event: ReadableEvent) => EventDocument
  readonly log: Logger
  readonly now: () => number
  /** Samples of a type before a difference is worth telling. */
  readonly learnFrom?: number
}

const EVERY_MS = 10_000
const LIMITS = { events: 500, perIntegration: 20, maxBodyBytes: 256 * 1024 }

/** Fewer, and every field that is seldom sent would be told of as new. */
const LEARN_FROM = 50

/** Types come from the sender: beyond this, new ones of an integration are not watched. */
const MAX_TYPES = 200

/** Of one type in one turn: a body that became another altogether need not be told of in five hundred rows. */
const MAX_DRIFTS = 20

export function schemaWatch(options: SchemaWatchOptions): PeriodicTask {
  return { name: 'watch schemas', everyMs: EVERY_MS, run: () => watchOnce(options) }
}

async function watchOnce({ db, documentOf, log, now, learnFrom = LEARN_FROM }: SchemaWatchOptions): Promise<void> {
  const fresh = await db.transaction(async (tx) => {
    const samples = await takeSamples(tx, LIMITS)
    const drifts: NewDrift[] = []
    for (const known of await readKnown(tx, samples, documentOf)) {
      drifts.push(...(await learn(tx, known, { now: new Date(now()), learnFrom })))
    }
    return insertDrifts(tx, drifts)
  })
  for (const { kind, place, before, after, eventId, schemaId } of fresh)
    log.warn({ kind, place, before, after, eventId, schemaId }, 'events have changed their shape')
}

/** The samples of one type, with what is known of it. */
interface Known {
  readonly tenantId: Uuid
  readonly integrationId: Uuid
  readonly eventType: string
  readonly samples: readonly { readonly eventId: Uuid; readonly body: unknown }[]
  readonly shape: JsonShape
  readonly sampled: number
  readonly learntAt: Date | null
  readonly check: SchemaCheck | undefined
  /** The type was not seen before, and others of its integration are known well. */
  readonly isNewType: boolean
}

async function readKnown(
  tx: Queryable,
  samples: readonly Sample[],
  documentOf: SchemaWatchOptions['documentOf'],
): Promise<readonly Known[]> {
  const rows = await lockEventSchemas(tx, [...new Set(samples.map(({ integrationId }) => integrationId))])
  const groups = new Map<string, { first: Sample; eventType: string; bodies: { eventId: Uuid; body: unknown }[] }>()
  for (const sample of samples) {
    const { attributes, body } = documentOf(sample)
    const key = JSON.stringify([sample.integrationId, attributes.type])
    const group = groups.get(key) ?? { first: sample, eventType: attributes.type, bodies: [] }
    group.bodies.push({ eventId: sample.eventId, body })
    groups.set(key, group)
  }
  const types = new Map<Uuid, number>()
  for (const { integrationId } of rows) types.set(integrationId, (types.get(integrationId) ?? 0) + 1)
  return [...groups.values()].flatMap(({ first: { tenantId, integrationId }, eventType, bodies }) => {
    const row = rows.find((each) => each.integrationId === integrationId && each.eventType === eventType)
    const count = types.get(integrationId) ?? 0
    if (row === undefined && count >= MAX_TYPES) return []
    if (row === undefined) types.set(integrationId, count + 1)
    const siblings = rows.filter((each) => each.integrationId === integrationId)
    return {
      tenantId,
      integrationId,
      eventType,
      samples: bodies,
      shape: shapeFromJson(row?.shape ?? {}),
      sampled: row?.samples ?? 0,
      learntAt: row?.learntAt ?? null,
      check: checkOf(row?.jsonSchema ?? null),
      isNewType: (row?.samples ?? 0) === 0 && siblings.some(({ learntAt }) => learntAt !== null),
    }
  })
}

function checkOf(jsonSchema: unknown): SchemaCheck | undefined {
  const compilation = jsonSchema === null ? undefined : compileJsonSchema(jsonSchema)
  return compilation?.ok ? compilation.check : undefined
}

async function learn(
  tx: Queryable,
  known: Known,
  { now, learnFrom }: { readonly now: Date; readonly learnFrom: number },
): Promise<readonly NewDrift[]> {
  const { tenantId, integrationId, eventType, check, isNewType } = known
  let { shape, sampled, learntAt } = known
  const found: Omit<NewDrift, 'schemaId'>[] = []
  const note = (eventId: Uuid, drift: Pick<NewDrift, 'kind' | 'place' | 'before' | 'after' | 'detail'>) => {
    if (found.length < MAX_DRIFTS) found.push({ ...drift, tenantId, eventId, foundAt: now })
  }
  for (const { eventId, body } of known.samples) {
    const seen = shapeOf(body)
    if (isNewType && found.length === 0)
      note(eventId, { kind: 'new_type', place: '', before: [], after: [], detail: null })
    if (learntAt !== null) for (const change of shapeChanges(shape, seen)) note(eventId, { ...change, detail: null })
    const mismatch = check?.(body)
    if (mismatch !== undefined)
      note(eventId, { kind: 'mismatch', place: mismatch.place, before: [], after: [], detail: mismatch.message })
    shape = mergeShapes(shape, seen)
    sampled++
    if (learntAt === null && sampled >= learnFrom) learntAt = now
  }
  const saved = { tenantId, integrationId, eventType, shape, samples: sampled, learntAt, lastSampleAt: now }
  const schemaId = await saveLearntSchema(tx, saved)
  return found.map((drift) => ({ ...drift, schemaId }))
}
