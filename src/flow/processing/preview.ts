/** What today's routes, filters and patterns would do with events that are there already; nothing is written. */
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from '../../resources/store/database.ts'
import { loadEventsToProcess } from '../../resources/store/processing.ts'
import { loadRoutes } from '../../resources/store/routes.ts'
import type { Describe } from './describe.ts'
import { type RoutingRules, routeEvent } from './route.ts'

export interface PreviewedRouting {
  readonly events: number
  readonly destinations: readonly { readonly destinationId: Uuid; readonly events: number }[]
  readonly unrouted: number
  readonly parked: number
}

/** @param destinationId Only what leads there counts as routed. */
export async function previewRouting(
  { db, describe, ...rules }: RoutingRules & { readonly db: Queryable; readonly describe: Describe },
  tenantId: Uuid,
  eventIds: readonly Uuid[],
  destinationId: Uuid | null,
): Promise<PreviewedRouting> {
  const claims = eventIds.map((eventId) => ({ eventId, id: eventId, worker: eventId, fence: 0, tenantId }))
  const events = await loadEventsToProcess(db, claims)
  const routes = await loadRoutes(db, [...new Set(events.map((event) => event.integrationId))])
  const wanted = routes.filter((route) => destinationId === null || route.destinationId === destinationId)
  const leadsTo = new Map(wanted.map((route) => [route.id, route.destinationId]))
  const counts = new Map<Uuid, number>()
  let unrouted = 0
  let parked = 0
  for (const event of events) {
    const description = describe(event)
    const result = routeEvent(event, { ...description, type: event.type ?? description.type }, wanted, rules)
    if (result.parked !== null) parked += 1
    else if (result.routes.length === 0) unrouted += 1
    for (const { routeId } of result.routes) {
      const destination = leadsTo.get(routeId)
      if (destination !== undefined) counts.set(destination, (counts.get(destination) ?? 0) + 1)
    }
  }
  const destinations = [...counts].map(([id, count]) => ({ destinationId: id, events: count }))
  return { events: events.length, destinations, unrouted, parked }
}
