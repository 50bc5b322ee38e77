/**
 * Which routes let an event through, and what they make of it. Pure but for the rules it is given.
 */
import { fitsPattern } from '../../base/lib/glob.ts'
import { newId } from '../../base/model/ids.ts'
import type { EventToProcess, Matched, ProcessedEvent } from '../../resources/store/processing.ts'
import type { RouteToTry } from '../../resources/store/routes.ts'
import type { Described, OrderKey } from './order-key.ts'

export type RoutingResult = Pick<ProcessedEvent, 'routes' | 'unrouted' | 'parked'>

/** @param described What is known of the event by now. @param routes Of all integrations; the event's own are picked. */
export function routeEvent(
  event: EventToProcess,
  described: Described,
  routes: readonly RouteToTry[],
  orderKey: OrderKey,
): RoutingResult {
  const own = routes.filter((route) => route.integrationId === event.integrationId && route.tenantId === event.tenantId)
  const matched: Matched[] = own
    .filter((route) => letsTypeThrough(route.eventTypes, described.type))
    .map((route) => ({
      routeId: route.id,
      version: route.version,
      jobId: newId(),
      orderKey: route.orderBy === null ? null : orderKey(route.orderBy, event, described),
    }))
  const unrouted = matched.length > 0 ? null : own.length > 0 ? 'no_match' : 'no_destination'
  return { routes: matched, unrouted, parked: null }
}

/** An event without a type passes only where every type does. */
export function letsTypeThrough(patterns: readonly string[] | null, type: string | null): boolean {
  return patterns === null || (type !== null && patterns.some((pattern) => fitsPattern(pattern, type)))
}
