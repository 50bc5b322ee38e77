/** How long the tenant's things are kept, what would be removed, and runs of removing. */
import { z } from 'zod'
import { PosternError } from '../../../base/model/errors.ts'
import { publicId, requireId } from '../../../base/model/ids.ts'
import {
  MAX_RETENTION_DAYS,
  PRUNED_PARTS,
  type RetentionPolicy,
  retentionFaults,
} from '../../../base/model/retention.ts'
import { retentionDefaults } from '../../../config/config.ts'
import { planPrune } from '../../../flow/retention/plan-prune.ts'
import { appendAudit } from '../../../resources/store/audit.ts'
import {
  findRun,
  listRuns,
  PRUNE_RUN_STATUSES,
  type PruneRun,
  requestRun,
} from '../../../resources/store/prune-runs.ts'
import {
  changeRules,
  findRetention,
  removeRetention,
  saveRetention,
  type TenantRetention,
} from '../../../resources/store/retention-rules.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { found, idField, idParams, isoTime, PREFIX, time } from '../fields.ts'
import { listOf, PAGE_QUERY, pageAnswer, pageOf } from '../paging.ts'

const tags = ['retention']

const days = z.int().min(1).max(MAX_RETENTION_DAYS).nullable()
const reason = z.string().trim().min(5).max(500)

const RetentionOut = z.object({
  metadataDays: days.meta({ description: 'Events, with their jobs and delivery attempts; `null` is for ever.' }),
  payloadDays: days.meta({ description: 'Bytes and headers, what destinations answered, and refused requests.' }),
  undeliveredDays: days.meta({ description: 'Dead letters and parked events that nobody has dealt with.' }),
  dedupeDays: z.int().meta({ description: 'How long a copy is recognised; of the installation, whatever is removed.' }),
  source: z.enum(['default', 'tenant']),
  updatedAt: time.nullable(),
  updatedBy: z.string().nullable(),
})

const PlanOut = z.object({
  lines: z.array(
    z.object({
      tenantId: idField('tenant'),
      day: z.string(),
      kind: z.enum(PRUNED_PARTS),
      rows: z.int().meta({ description: 'Would be removed.' }),
      bytes: z.int().meta({ description: 'As stored, without indexes; events without their jobs and attempts.' }),
      neverDelivered: z
        .int()
        .meta({ description: 'Of those rows: dead letters and parked ones whose time is over, too.' }),
      held: z.int().meta({ description: 'Stay: under a legal hold.' }),
      underWay: z.int().meta({ description: 'Stay: still being processed or delivered.' }),
      undelivered: z.int().meta({ description: 'Stay: dead letters and parked ones.' }),
    }),
  ),
  more: z.boolean().meta({ description: 'There are later days than were looked at.' }),
})

const RunOut = z.object({
  id: idField('pruneRun'),
  status: z.enum(PRUNE_RUN_STATUSES),
  requestedBy: z.string(),
  reason: z.string().nullable(),
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  postponed: z.int().meta({ description: 'Days that were due and stay for the next run: somebody was in the way.' }),
  removed: z.array(z.object({ kind: z.enum(PRUNED_PARTS), rows: z.int(), bytes: z.int() })),
})

export function retentionRoutes(app: Api, deps: ApiDeps): void {
  policyRoutes(app, deps)
  runRoutes(app, deps)
}

function policyRoutes(app: Api, { db, config }: ApiDeps): void {
  const defaults = retentionDefaults(config)
  const view = (own: TenantRetention | undefined): z.output<typeof RetentionOut> => ({
    metadataDays: (own ?? defaults).metadataDays,
    payloadDays: (own ?? defaults).payloadDays,
    undeliveredDays: (own ?? defaults).undeliveredDays,
    dedupeDays: config.POSTERN_DEDUPE_DAYS,
    source: own === undefined ? 'default' : 'tenant',
    updatedAt: isoTime(own?.updatedAt ?? null),
    updatedBy: own?.updatedBy ?? null,
  })

  app.get(
    `${PREFIX}/retention`,
    {
      config: { access: 'retention:read' },
      schema: {
        operationId: 'getRetention',
        summary: 'How long things are kept',
        tags,
        response: { 200: RetentionOut },
      },
    },
    async (request) => view(await findRetention(db, principalOf(request).tenantId)),
  )

  app.patch(
    `${PREFIX}/retention`,
    {
      config: { access: 'retention:write' },
      schema: {
        operationId: 'changeRetention',
        summary: 'Says how long things are kept',
        description:
          'What is not given stays as it is. The next run removes by it; `GET /prune-plan` says what that is.',
        tags,
        body: z.strictObject({
          metadataDays: days.optional(),
          payloadDays: days.optional(),
          undeliveredDays: days.optional(),
          reason,
        }),
        response: { 200: RetentionOut },
      },
    },
    async (request) => {
      const { tenantId, name: actor } = principalOf(request)
      const { reason: why, ...given } = request.body
      return db.transaction(async (tx) => {
        await changeRules(tx)
        const before = await findRetention(tx, tenantId)
        const policy = checked({ ...policyOf(before ?? defaults), ...withoutAbsent(given) })
        const after = { ...policy, updatedAt: new Date(), updatedBy: actor }
        await saveRetention(tx, tenantId, after)
        await appendAudit(tx, {
          ...{ tenantId, actor, action: 'retention.changed', entityType: 'tenant', entityId: tenantId },
          details: { before: policyOf(before ?? defaults), after: policy, reason: why },
        })
        return view(after)
      })
    },
  )

  app.delete(
    `${PREFIX}/retention`,
    {
      config: { access: 'retention:write' },
      schema: {
        operationId: 'resetRetention',
        summary: 'Goes back to the defaults of the installation',
        tags,
        response: { 200: RetentionOut },
      },
    },
    async (request) => {
      const { tenantId, name: actor } = principalOf(request)
      await db.transaction(async (tx) => {
        await changeRules(tx)
        const before = await findRetention(tx, tenantId)
        if (before === undefined) return
        await removeRetention(tx, tenantId)
        await appendAudit(tx, {
          ...{ tenantId, actor, action: 'retention.reset', entityType: 'tenant', entityId: tenantId },
          details: { before: policyOf(before), after: defaults },
        })
      })
      return view(undefined)
    },
  )

  app.get(
    `${PREFIX}/prune-plan`,
    {
      config: { access: 'retention:read' },
      schema: {
        operationId: 'planPrune',
        summary: 'What would be removed now, and what stays of those days and why; removes nothing',
        tags,
        response: { 200: PlanOut },
      },
    },
    async (request) => {
      const { tenantId } = principalOf(request)
      const { lines, more } = await planPrune(db, { tenantId, defaults, now: Date.now() })
      return {
        lines: lines.map((line) => ({
          tenantId: publicId('tenant', line.tenantId),
          day: line.day,
          kind: line.part,
          rows: line.due,
          bytes: line.dueBytes,
          neverDelivered: line.givenUp,
          held: line.held,
          underWay: line.open,
          undelivered: line.undelivered,
        })),
        more,
      }
    },
  )
}

function runRoutes(app: Api, { db }: ApiDeps): void {
  app.post(
    `${PREFIX}/prune-runs`,
    {
      config: { access: 'retention:write' },
      schema: {
        operationId: 'requestPrune',
        summary: 'Has a worker remove what is due, now and not only at the time of day it does so by itself',
        tags,
        body: z.strictObject({ reason }),
        response: { 202: RunOut },
      },
    },
    async (request, reply) => {
      const { tenantId, name: actor } = principalOf(request)
      const run = await db.transaction(async (tx) => {
        const asked = { tenantId, requestedBy: actor, reason: request.body.reason, now: new Date() }
        const id = await requestRun(tx, asked)
        if (id === undefined)
          throw new PosternError('CONFLICT', 'Something is being removed already; see `GET /prune-runs`.')
        await appendAudit(tx, {
          ...{ tenantId, actor, action: 'prune.requested', entityType: 'prune_run', entityId: id },
          details: { reason: request.body.reason },
        })
        return found(await findRun(tx, tenantId, id), 'pruneRun')
      })
      return reply.code(202).send(runView(run))
    },
  )

  app.get(
    `${PREFIX}/prune-runs`,
    {
      config: { access: 'retention:read' },
      schema: {
        operationId: 'listPruneRuns',
        summary: 'Runs of removing, newest first, with what went of yours',
        tags,
        querystring: z.strictObject(PAGE_QUERY),
        response: { 200: listOf(RunOut) },
      },
    },
    async (request) => {
      const rows = await listRuns(db, principalOf(request).tenantId, pageOf(request.query))
      return pageAnswer(request.query, rows, (row) => [row.id], runView)
    },
  )

  app.get(
    `${PREFIX}/prune-runs/:pruneRunId`,
    {
      config: { access: 'retention:read' },
      schema: {
        operationId: 'getPruneRun',
        summary: 'One run of removing',
        tags,
        params: idParams('pruneRunId'),
        response: { 200: RunOut },
      },
    },
    async (request) => {
      const id = requireId('pruneRun', request.params.pruneRunId)
      return runView(found(await findRun(db, principalOf(request).tenantId, id), 'pruneRun'))
    },
  )
}

/** @throws PosternError `VALIDATION_ERROR` */
function checked(policy: RetentionPolicy): RetentionPolicy {
  const errors = retentionFaults(policy)
  if (errors.length > 0) throw new PosternError('VALIDATION_ERROR', 'The retention is not valid.', { errors })
  return policy
}

function policyOf({ metadataDays, payloadDays, undeliveredDays }: RetentionPolicy): RetentionPolicy {
  return { metadataDays, payloadDays, undeliveredDays }
}

function withoutAbsent(given: { readonly [K in keyof RetentionPolicy]?: number | null | undefined }) {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as Partial<RetentionPolicy>
}

function runView(run: PruneRun): z.output<typeof RunOut> {
  return {
    ...run,
    id: publicId('pruneRun', run.id),
    createdAt: isoTime(run.createdAt),
    startedAt: isoTime(run.startedAt),
    finishedAt: isoTime(run.finishedAt),
    removed: [...run.removed],
  }
}
