/**
 * Routes: which events of an integration go to which destination, and as what. Every change is kept as a version.
 */
import type { Route, RouteRules } from '../../base/model/destination.ts'
import { PosternError } from '../../base/model/errors.ts'
import type { Uuid } from '../../base/model/ids.ts'
import { isUniqueViolation, type Queryable } from './database.ts'
import { onTables, tablesOf } from './day-tables.ts'
import type { ListPage } from './list-page.ts'

export interface NewRoute extends RouteRules {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly integrationId: Uuid
  readonly destinationId: Uuid
}

/**
 * Integration and destination must be the tenant's own; the caller has just made or locked them.
 *
 * @throws PosternError `CONFLICT` when the two are joined already.
 */
export async function insertRoute(tx: Queryable, route: NewRoute, actor: string): Promise<Route> {
  const { rows } = await tx
    .query<RouteRow>(
      `insert into routes as r (id, tenant_id, integration_id, destination_id, event_types, filter, transform)
       values ($1, $2, $3, $4, $5, $6, $7) returning ${COLUMNS}`,
      [
        route.id,
        route.tenantId,
        route.integrationId,
        route.destinationId,
        route.eventTypes,
        route.filter,
        route.transform,
      ],
    )
    .catch(alreadyJoined)
  return keepVersion(tx, one(rows), actor)
}

/** The route must be locked. @returns The route under its new version. */
export async function changeRoute(tx: Queryable, route: Route, rules: RouteRules, actor: string): Promise<Route> {
  const { rows } = await tx.query<RouteRow>(
    `update routes r set version = version + 1, event_types = $3, filter = $4, transform = $5, updated_at = now()
     where tenant_id = $1 and id = $2 returning ${COLUMNS}`,
    [route.tenantId, route.id, rules.eventTypes, rules.filter, rules.transform],
  )
  return keepVersion(tx, one(rows), actor)
}

async function keepVersion(tx: Queryable, route: Route, actor: string): Promise<Route> {
  await tx.query(
    `insert into route_versions (route_id, version, tenant_id, event_types, filter, transform, changed_by)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [route.id, route.version, route.tenantId, route.eventTypes, route.filter, route.transform, actor],
  )
  return route
}

/** @returns Whether the tenant had it. Its versions stay. */
export async function deleteRoute(tx: Queryable, tenantId: Uuid, id: Uuid): Promise<boolean> {
  const { rowCount } = await tx.query('delete from routes where tenant_id = $1 and id = $2', [tenantId, id])
  return rowCount === 1
}

export async function lockRoute(tx: Queryable, tenantId: Uuid, id: Uuid): Promise<Route | undefined> {
  const { rows } = await tx.query<RouteRow>(
    `select ${COLUMNS} from routes r where tenant_id = $1 and id = $2 for no key update`,
    [tenantId, id],
  )
  return rows[0] === undefined ? undefined : routeOf(rows[0])
}

export async function findRoute(db: Queryable, tenantId: Uuid, id: Uuid): Promise<Route | undefined> {
  const { rows } = await db.query<RouteRow>(`select ${COLUMNS} from routes r where tenant_id = $1 and id = $2`, [
    tenantId,
    id,
  ])
  return rows[0] === undefined ? undefined : routeOf(rows[0])
}

export interface RouteFilter {
  readonly integrationId?: Uuid | undefined
  readonly destinationId?: Uuid | undefined
}

/** Newest first. */
export async function listRoutes(
  db: Queryable,
  tenantId: Uuid,
  filter: RouteFilter,
  page: ListPage,
): Promise<readonly Route[]> {
  const { rows } = await db.query<RouteRow>(
    `select ${COLUMNS} from routes r
     where tenant_id = $1 and ($2::uuid is null or integration_id = $2) and ($3::uuid is null or destination_id = $3)
       and ($4::uuid is null or id < $4)
     order by id desc offset $5 limit $6`,
    [
      tenantId,
      filter.integrationId ?? null,
      filter.destinationId ?? null,
      page.after?.[0] ?? null,
      page.offset,
      page.limit,
    ],
  )
  return rows.map(routeOf)
}

export interface RouteVersion extends RouteRules {
  readonly version: number
  readonly changedBy: string
  readonly createdAt: Date
}

/** Newest first. */
export async function listRouteVersions(
  db: Queryable,
  tenantId: Uuid,
  routeId: Uuid,
  limit: number,
): Promise<readonly RouteVersion[]> {
  const { rows } = await db.query<VersionRow>(
    `select version, event_types, filter, transform, changed_by, created_at from route_versions
     where tenant_id = $1 and route_id = $2 order by version desc limit $3`,
    [tenantId, routeId, limit],
  )
  return rows.map((row) => ({
    version: row.version,
    eventTypes: row.event_types,
    filter: row.filter,
    transform: row.transform,
    changedBy: row.changed_by,
    createdAt: row.created_at,
  }))
}

/** A route as routing sees it. */
export interface RouteToTry extends RouteRules {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly version: number
  readonly integrationId: Uuid
  readonly destinationId: Uuid
  /** Where the key is read whose events are delivered in order; `null` where there is no order to keep. */
  readonly orderBy: string | null
}

/** The routes of these integrations that lead to a destination which is not disabled, in the order they were made. */
export function loadRoutes(db: Queryable, integrationIds: readonly Uuid[]): Promise<readonly RouteToTry[]> {
  return routesToTry(db, 'select unnest($1::uuid[])', integrationIds)
}

/** Those of the integrations that these events came in by. */
export function loadRoutesOfEvents(db: Queryable, eventIds: readonly Uuid[]): Promise<readonly RouteToTry[]> {
  return onTables(tablesOf(eventIds), ({ events }) =>
    routesToTry(
      db,
      `select distinct e.integration_id from unnest($1::uuid[]) as i (id) join ${events} e on e.id = i.id`,
      eventIds,
    ),
  )
}

async function routesToTry(db: Queryable, integrations: string, ids: readonly Uuid[]): Promise<readonly RouteToTry[]> {
  const { rows } = await db.query<RouteRow & { readonly order_by: string | null }>(
    `with asked (id) as materialized (${integrations})
     select ${COLUMNS}, d.order_by from asked a
     join routes r on r.integration_id = a.id
     join destinations d on d.id = r.destination_id and d.tenant_id = r.tenant_id and d.status <> 'disabled'
     order by r.id`,
    [ids],
  )
  return rows.map((row) => ({ ...routeOf(row), orderBy: row.order_by }))
}

const COLUMNS = `r.id, r.tenant_id, r.integration_id, r.destination_id, r.version, r.event_types, r.filter, r.transform, r.created_at,
  r.updated_at`

interface RouteRow {
  readonly id: Uuid
  readonly tenant_id: Uuid
  readonly integration_id: Uuid
  readonly destination_id: Uuid
  readonly version: number
  readonly event_types: string[] | null
  readonly filter: string | null
  readonly transform: string | null
  readonly created_at: Date
  readonly updated_at: Date
}

interface VersionRow extends Pick<RouteRow, 'version' | 'event_types' | 'filter' | 'transform' | 'created_at'> {
  readonly changed_by: string
}

function routeOf(row: RouteRow): Route {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    integrationId: row.integration_id,
    destinationId: row.destination_id,
    version: row.version,
    eventTypes: row.event_types,
    filter: row.filter,
    transform: row.transform,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function one(rows: readonly RouteRow[]): Route {
  const row = rows[0]
  if (row === undefined) throw new Error('a statement that writes one row wrote none')
  return routeOf(row)
}

function alreadyJoined(cause: unknown): never {
  if (isUniqueViolation(cause, 'routes_integration_id_destination_id_key')) {
    throw new PosternError('CONFLICT', 'This integration already leads to this destination; change that route.', {
      cause,
    })
  }
  throw cause
}
