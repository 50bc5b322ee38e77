/**
 * Which routes let an event through. Fails closed: where a filter cannot be evaluated the event is kept aside, neither
 * dropped nor delivered anywhere.
 */
import { fitsPattern } from '../../base/lib/glob.ts'
import { newId } from '../../base/model/ids.ts'
import type { EventToProcess, Matched, ProcessedEvent } from '../../resources/store/processing.ts'
import type { RouteToTry } from '../../resources/store/routes.ts'
import type { EventDocument } from './event-document.ts'
import type { Filters } from './filter.ts'
import type { Described, OrderKey } from './order-key.ts'

export type RoutingResult = Pick<ProcessedEvent, 'routes' | 'unrouted' | 'parked'>

export interface RoutingRules {
  readonly orderKey: OrderKey
  readonly filters: Filters
  /** Reads the event as filters see it; asked once, and only where a route has a filter. */
  readonly document: (event: EventToProcess) => EventDocument
}

/** @param described What is known of the event by now. @param routes Of all integrations; the event's own are picked. */
export function routeEvent(
  event: EventToProcess,
  described: Described,
  routes: readonly RouteToTry[],
  { orderKey, filters, document }: RoutingRules,
): RoutingResult {
  const own = routes.filter((route) => route.integrationId === event.integrationId && route.tenantId === event.tenantId)
  const matched: Matched[] = []
  let read: EventDocument | undefined
  for (const route of own) {
    if (!letsTypeThrough(route.eventTypes, described.type)) continue
    if (route.filter !== null) {
      read ??= document(event)
      const verdict = applyFilter(filters, route.filter, read)
      if (typeof verdict === 'object') return { routes: [], unrouted: null, parked: verdict }
      if (!verdict) continue
    }
    const key = route.orderBy === null ? null : orderKey(route.orderBy, event, described)
    matched.push({ routeId: route.id, version: route.version, jobId: newId(), orderKey: key })
  }
  const unrouted = matched.length > 0 ? null : own.length > 0 ? 'no_match' : 'no_destination'
  return { routes: matched, unrouted, parked: null }
}

/** An event without a type passes only where every type does. */
export function letsTypeThrough(patterns: readonly string[] | null, type: string | null): boolean {
  return patterns === null || (type !== null && patterns.some((pattern) => fitsPattern(pattern, type)))
}

function applyFilter(
  filters: Filters,
  text: string,
  document: EventDocument,
): boolean | NonNullable<RoutingResult['parked']> {
  const compiled = filters.compile(text)
  // It was checked when it was saved; a newer release may read it otherwise.
  if (!compiled.ok) return { reason: 'filter_failed', error: compiled.error.message }
  const result = compiled.filter.run(document)
  return result.ok ? result.matches : { reason: result.reason, error: result.error.message }
}
