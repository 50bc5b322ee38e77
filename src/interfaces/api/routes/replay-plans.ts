/** Replaying many events: plan, look, confirm, watch, cancel. */
import { z } from 'zod'
import { PosternError } from '../../../base/model/errors.ts'
import { ATTEMPT_OUTCOMES, EVENT_STATUSES } from '../../../base/model/event.ts'
import { parseId, publicId, requireId, type Uuid } from '../../../base/model/ids.ts'
import { REPLAY_PLAN_STATUSES, type ReplayPlan, type ReplaySelection } from '../../../base/model/replay-plan.ts'
import { cancelReplay, confirmReplay, planReplay } from '../../../flow/replay/plan-replay.ts'
import { countOutcomes, findReplayPlan, listReplayPlans } from '../../../resources/store/replay-plans.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { found, idField, idFilter, idParams, isoTime, PREFIX, publicIdOrNull, time, timeQuery } from '../fields.ts'
import { listOf, PAGE_QUERY, pageAnswer, pageOf } from '../paging.ts'
import { requestKeyOf } from '../request-key.ts'

const tags = ['replays']
const MAX_EVENT_IDS = 1_000
const DEFAULT_RATE_PER_MINUTE = 600

const SelectionIn = z
  .strictObject({
    eventIds: z.array(z.string()).min(1).max(MAX_EVENT_IDS).optional(),
    integrationId: z.string().optional(),
    provider: z.string().min(1).max(64).optional(),
    status: z.enum(EVENT_STATUSES).optional(),
    eventType: z.string().min(1).max(200).optional(),
    routing: z.literal('none').optional().meta({ description: 'Events that led nowhere.' }),
    deadLetters: z
      .strictObject({ reason: z.enum([...ATTEMPT_OUTCOMES, 'poison']).optional() })
      .optional()
      .meta({ description: 'Events with a delivery that was given up; to `destinationId`, where that is given.' }),
    from: timeQuery.optional().meta({ description: 'Received at or after.' }),
    to: timeQuery.optional().meta({ description: 'Received before.' }),
  })
  .refine((selection) => Object.keys(selection).length > 0, 'must say which events')

const PlanIn = z.strictObject({
  selection: SelectionIn,
  destinationId: z.string().optional().meta({ description: 'Only there, whatever else the events are routed to.' }),
  ratePerMinute: z
    .int()
    .min(1)
    .max(60_000)
    .optional()
    .meta({ description: `${DEFAULT_RATE_PER_MINUTE} unless given.` }),
  reason: z.string().trim().min(5).max(500),
  requestedBy: z
    .string()
    .trim()
    .min(2)
    .max(120)
    .optional()
    .meta({ description: 'A note; who asks is the credential.' }),
})

const PlanOut = z.object({
  id: idField('replayPlan'),
  status: z.enum(REPLAY_PLAN_STATUSES),
  selection: z.record(z.string(), z.unknown()),
  destinationId: idField('destination').nullable(),
  ratePerMinute: z.int(),
  reason: z.string(),
  requestedBy: z.string().nullable(),
  planned: z.int().meta({ description: 'Events, as counted when it was planned.' }),
  replayed: z.int(),
  skipped: z.int().meta({ description: 'Under way already, or replayed within the minute before.' }),
  createdAt: time,
  expiresAt: time.meta({ description: 'Until then it can be confirmed.' }),
  confirmedAt: time.nullable(),
  confirmedBy: z.string().nullable(),
  finishedAt: time
    .nullable()
    .meta({ description: 'The last event was handed over then; deliveries may still be under way.' }),
})

const PlannedOut = PlanOut.extend({
  preview: z
    .object({
      events: z.int().meta({ description: 'The sample: the oldest events of the selection.' }),
      destinations: z.array(z.object({ destinationId: idField('destination'), events: z.int() })),
      unrouted: z.int(),
      parked: z.int(),
    })
    .meta({ description: 'What today’s routes and filters would do with a sample.' }),
})

const PlanDetailOut = PlanOut.extend({
  outcomes: z.object({ underWay: z.int(), completed: z.int(), failed: z.int() }).meta({
    description: 'How the replays have gone so far.',
  }),
})

export function replayPlanRoutes(app: Api, deps: ApiDeps): void {
  const { db } = deps

  app.post(
    `${PREFIX}/replay-plans`,
    {
      config: { access: 'events:replay' },
      schema: {
        operationId: 'planReplay',
        summary: 'Says what replaying these events would do, and does nothing yet',
        description: 'With an `Idempotency-Key` the same request makes one plan, however often it is sent.',
        tags,
        body: PlanIn,
        response: { 201: PlannedOut },
      },
    },
    async (request, reply) => {
      const { id: requestedBy, tenantId, name: actor } = principalOf(request)
      const { reason, requestedBy: note, ratePerMinute, destinationId } = request.body
      const { plan, preview } = await planReplay(db, deps.previewRouting, {
        ...{ tenantId, requestedBy, actor, reason, note: note ?? null },
        selection: selectionOf(request.body.selection),
        destinationId: idFilter('destination', 'destinationId', destinationId) ?? null,
        ratePerMinute: ratePerMinute ?? DEFAULT_RATE_PER_MINUTE,
        requestKey: requestKeyOf(request) ?? null,
        now: Date.now(),
      })
      return reply.code(201).send({
        ...view(plan),
        preview: {
          ...preview,
          destinations: preview.destinations.map((each) => ({
            destinationId: publicId('destination', each.destinationId),
            events: each.events,
          })),
        },
      })
    },
  )

  app.get(
    `${PREFIX}/replay-plans`,
    {
      config: { access: 'replays:read' },
      schema: {
        operationId: 'listReplayPlans',
        summary: 'Plans, newest first',
        tags,
        querystring: z.strictObject({ ...PAGE_QUERY, status: z.enum(REPLAY_PLAN_STATUSES).optional() }),
        response: { 200: listOf(PlanOut) },
      },
    },
    async (request) => {
      const { status, ...page } = request.query
      const rows = await listReplayPlans(db, principalOf(request).tenantId, { status }, pageOf(page))
      return pageAnswer(page, rows, (row) => [row.id], view)
    },
  )

  app.get(
    `${PREFIX}/replay-plans/:replayPlanId`,
    {
      config: { access: 'replays:read' },
      schema: {
        operationId: 'getReplayPlan',
        summary: 'One plan and how far it has come',
        tags,
        params: idParams('replayPlanId'),
        response: { 200: PlanDetailOut },
      },
    },
    async (request) => {
      const id = requireId('replayPlan', request.params.replayPlanId)
      const plan = found(await findReplayPlan(db, principalOf(request).tenantId, id), 'replayPlan')
      return { ...view(plan), outcomes: { ...(await countOutcomes(db, id)) } }
    },
  )

  for (const { verb, change, summary } of [
    { verb: 'confirm', change: confirmReplay, summary: 'Lets a plan run, at its rate' },
    { verb: 'cancel', change: cancelReplay, summary: 'Stops a plan; what has been replayed is' },
  ]) {
    app.post(
      `${PREFIX}/replay-plans/:replayPlanId/${verb}`,
      {
        config: { access: 'events:replay' },
        schema: {
          operationId: `${verb}ReplayPlan`,
          summary,
          tags,
          params: idParams('replayPlanId'),
          response: { 200: PlanOut },
        },
      },
      async (request) => {
        const { tenantId, name: actor } = principalOf(request)
        const planId = requireId('replayPlan', request.params.replayPlanId)
        return view(await change(db, { tenantId, planId, actor, now: Date.now() }))
      },
    )
  }
}

/** @throws PosternError `VALIDATION_ERROR` */
function selectionOf(given: z.output<typeof SelectionIn>): ReplaySelection {
  const { eventIds, integrationId, deadLetters, from, to, ...plain } = given
  const integration = idFilter('integration', 'selection.integrationId', integrationId)
  const rest = Object.entries(plain).filter(([, value]) => value !== undefined)
  return {
    ...(Object.fromEntries(rest) as Pick<ReplaySelection, 'provider' | 'status' | 'eventType' | 'routing'>),
    ...(eventIds === undefined ? {} : { eventIds: eventIds.map(eventIdOf) }),
    ...(integration === undefined ? {} : { integrationId: integration }),
    ...(deadLetters === undefined
      ? {}
      : { deadLetters: deadLetters.reason === undefined ? true : { reason: deadLetters.reason } }),
    ...(from === undefined ? {} : { from: from.getTime() }),
    ...(to === undefined ? {} : { to: to.getTime() }),
  }
}

function eventIdOf(text: string, index: number): Uuid {
  const id = parseId('event', text)
  if (id !== undefined) return id
  const errors = [{ path: `selection.eventIds.${index}`, message: 'must be an id that begins with evt_' }]
  throw new PosternError('VALIDATION_ERROR', 'The plan is not valid.', { errors })
}

function view(plan: ReplayPlan): z.output<typeof PlanOut> {
  const { eventIds, integrationId, from, to, ...rest } = plan.selection
  return {
    id: publicId('replayPlan', plan.id),
    status: plan.status,
    selection: {
      ...rest,
      ...(eventIds === undefined ? {} : { eventIds: eventIds.map((id) => publicId('event', id)) }),
      ...(integrationId === undefined ? {} : { integrationId: publicId('integration', integrationId) }),
      ...(from === undefined ? {} : { from: isoTime(new Date(from)) }),
      ...(to === undefined ? {} : { to: isoTime(new Date(to)) }),
    },
    destinationId: publicIdOrNull('destination', plan.destinationId),
    ratePerMinute: plan.ratePerMinute,
    reason: plan.reason,
    requestedBy: plan.note,
    planned: plan.planned,
    replayed: plan.replayed,
    skipped: plan.skipped,
    createdAt: isoTime(plan.createdAt),
    expiresAt: isoTime(plan.expiresAt),
    confirmedAt: isoTime(plan.confirmedAt),
    confirmedBy: plan.confirmedBy,
    finishedAt: isoTime(plan.finishedAt),
  }
}
