/**
 * Processing: from a committed event to its deliveries.
 *
 * It promises that every event it takes is described, routed to the destinations of that moment and marked, in one
 * transaction, and that an event nobody can read is routed all the same. One event the database refuses fails
 * alone. It ends where a delivery job is queued; nothing here calls a destination.
 */
import type { Uuid } from '../../base/model/ids.ts'
import type { Logger } from '../../observability/log.ts'
import { type Database, isUnavailable } from '../../resources/store/database.ts'
import type { ClaimedJob } from '../../resources/store/jobs.ts'
import {
  completeProcessing,
  type EventToProcess,
  loadEventsToProcess,
  type ProcessedEvent,
} from '../../resources/store/processing.ts'
import { loadRoutesOfEvents, type RouteToTry } from '../../resources/store/routes.ts'
import { openSession } from '../../resources/store/session.ts'
import { defineQueue, type StartQueue } from '../../worker/queue.ts'
import type { Describe } from './describe.ts'
import { type RoutingResult, type RoutingRules, routeEvent } from './route.ts'

export interface ProcessingOptions extends RoutingRules {
  readonly db: Database
  readonly describe: Describe
  /** The audit chain of this worker. */
  readonly chain: Uuid
  readonly log: Logger
  readonly now: () => number
}

interface LoadedEvent extends ClaimedJob {
  /** Absent when the event's day has been dropped. */
  readonly event: EventToProcess | undefined
  /** Of every integration in the claim, as they were when it was read. */
  readonly routes: readonly RouteToTry[]
}

interface Completing extends Omit<ProcessingOptions, 'db'> {
  readonly db: Pick<Database, 'batch'>
}

/** Large enough to share the price of a commit, small enough that another tenant's event need not wait long for it. */
const BATCH = 50

export function processingQueue(options: ProcessingOptions): StartQueue {
  const session = openSession(options.db, 'processing')
  return defineQueue<LoadedEvent>({
    kind: 'process',
    makes: 'deliver',
    batchSize: BATCH,
    // One batch of a tenant at a time, so that another's waits behind one and not three.
    concurrency: 3,
    perShare: BATCH,
    repeatable: true,
    sharesTime: true,
    weight: (job) => job.event?.body?.length ?? 0,
    async load(db, jobs) {
      const [events, routes] = await Promise.all([
        loadEventsToProcess(db, jobs),
        loadRoutesOfEvents(
          db,
          jobs.map((job) => job.eventId),
        ),
      ])
      const byJob = new Map(events.map((event) => [event.id, event]))
      return jobs.map((job) => ({ ...job, event: byJob.get(job.id), routes }))
    },
    handle: (jobs) => processBatch({ ...options, db: session }, jobs),
    close: () => session.close(),
  })
}

async function processBatch(options: Completing, jobs: readonly LoadedEvent[]): Promise<void> {
  const processed = jobs.map((job) => processOne(options, job))
  try {
    await complete(options, processed)
  } catch (error) {
    if (isUnavailable(error) || processed.length === 1) throw error
    await completeOneByOne(options, processed)
  }
}

const NOWHERE: RoutingResult = { routes: [], unrouted: 'no_destination', parked: null }

function processOne(
  options: Pick<ProcessingOptions, 'describe' | keyof RoutingRules>,
  { eventId, id, worker, fence, event, routes }: LoadedEvent,
): ProcessedEvent {
  const claim = { eventId, id, worker, fence }
  if (event === undefined) return { ...claim, type: null, subject: null, occurredAt: null, odd: true, ...NOWHERE }
  const description = options.describe(event)
  const described = { ...description, type: event.type ?? description.type }
  return { ...claim, ...description, ...routeEvent(event, described, routes, options) }
}

async function complete({ db, chain, log, now }: Completing, processed: readonly ProcessedEvent[]): Promise<void> {
  const routed = await completeProcessing(db, processed, { now: new Date(now()), chain })
  const lost = processed.length - routed.length
  if (lost > 0) log.warn({ lost }, 'events were taken over by another worker before they could be routed')
}

/** One poisonous event must not keep its batch from its destinations. */
async function completeOneByOne(options: Completing, processed: readonly ProcessedEvent[]): Promise<void> {
  const failures: PoisonedEvent[] = []
  for (const event of processed) {
    try {
      await complete(options, [event])
    } catch (error) {
      if (isUnavailable(error)) throw error
      failures.push({ event, error })
    }
  }
  // The caller puts back what is still claimed, and only that: the others have ended and no longer match their claim.
  if (failures[0] !== undefined)
    throw new Error(`${failures.length} events could not be processed`, { cause: failures[0].error })
}

interface PoisonedEvent {
  readonly event: ProcessedEvent
  readonly error: unknown
}
