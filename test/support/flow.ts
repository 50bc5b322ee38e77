/** Rows as ingress commits them, and what the rooms after the commit need to run on them. */
import { createHash } from 'node:crypto'
import pino from 'pino'
import type { RetryPolicy } from '../../src/base/model/destination.ts'
import { DEFAULT_TENANT, newId, type Uuid } from '../../src/base/model/ids.ts'
import type { Database, Queryable } from '../../src/resources/store/database.ts'
import { PROCESSING_LANE } from '../../src/resources/store/jobs.ts'

export const SIGNING_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
export const ROOT = '00000000-0000-7000-8000-000000000010' as Uuid
export const silent = pino({ level: 'silent' })

/** Tests keep secrets unsealed: what is under test is who asks for them. */
export const openUnsealed = (_: unknown, sealed: Buffer) => sealed.toString('utf8')

export async function anIntegration(
  db: Queryable,
  { provider = 'acme', tenantId = DEFAULT_TENANT } = {},
): Promise<Uuid> {
  const id = newId()
  await db.query(
    `insert into integrations (id, tenant_id, provider, name, status, max_body_bytes, rate_limit_per_minute)
     values ($1, $2, $3, $4, 'active', 1048576, 3000)`,
    [id, tenantId, provider, `integration ${id}`],
  )
  return id
}

export interface DestinationFields {
  readonly url: string
  readonly retry?: Partial<RetryPolicy>
  readonly timeoutMs?: number
  readonly status?: 'active' | 'paused' | 'disabled'
  readonly secret?: string
  readonly shadow?: boolean
  /** Further columns. */
  readonly columns?: Readonly<Record<string, unknown>>
}

/** A destination on this machine, routed from the integration. */
export async function aDestination(db: Queryable, integrationId: Uuid, fields: DestinationFields): Promise<Uuid> {
  const {
    url,
    retry = { maxAttempts: 5, baseDelayMs: 1, maxDelayMs: 5 },
    timeoutMs = 10_000,
    status = 'active',
    secret = SIGNING_SECRET,
    shadow = false,
    columns = {},
  } = fields
  const id = newId()
  await db.query(
    `insert into destinations (id, tenant_id, name, url, status, allow_cidrs, timeout_ms, retry, shadow)
     values ($1, $2, 'destination', $3, $4, '{127.0.0.1/32}', $5, $6, $7)`,
    [id, DEFAULT_TENANT, url, status, timeoutMs, JSON.stringify(retry), shadow],
  )
  await db.query(
    "insert into destination_signing_keys (id, tenant_id, destination_id, scheme, sealed) values ($1, $2, $1, 'v1', $3)",
    [id, DEFAULT_TENANT, Buffer.from(secret)],
  )
  for (const [column, value] of Object.entries(columns))
    await db.query(`update destinations set ${column} = $2 where id = $1`, [id, value])
  await aRoute(db, integrationId, id)
  return id
}

export async function aRoute(
  db: Queryable,
  integrationId: Uuid,
  destinationId: Uuid,
  eventTypes: readonly string[] | null = null,
): Promise<Uuid> {
  const id = newId()
  await db.query(
    'insert into routes (id, tenant_id, integration_id, destination_id, event_types) values ($1, $2, $3, $4, $5)',
    [id, DEFAULT_TENANT, integrationId, destinationId, eventTypes],
  )
  return id
}

export interface EventFields {
  readonly body?: Buffer
  readonly contentType?: string | null
  readonly provider?: string
  readonly type?: string | null
  readonly tenantId?: Uuid
  /** Parked events get no job. */
  readonly parked?: string
  /** When it came, and so of which day it is. */
  readonly at?: number
}

/** A committed event with its bytes and its processing job, as ingress leaves it. */
export async function anEvent(db: Queryable, integrationId: Uuid, fields: EventFields = {}): Promise<Uuid> {
  const {
    body = Buffer.from(
      '{"eventId":"e1","eventType":"order.created","occurredAt":"2026-01-02T03:04:05Z","data":{"id":"o1"}}',
    ),
  } = fields
  const { contentType = 'application/json', provider = 'acme', type = null, tenantId = DEFAULT_TENANT, parked } = fields
  const id = newId(fields.at)
  const headers = JSON.stringify([
    ['Content-Type', contentType ?? ''],
    ['X-Acme-Signature', 'inbound-signature'],
    ['X-Inbound', 'must not go out'],
  ])
  await db.query(
    `insert into events (id, tenant_id, integration_id, provider, type, status, status_reason, received_at, correlation_id, source_ip,
       scheme, key_id, coverage, body_sha256, body_bytes, receipt_id)
     values ($1, $2, $3, $4, $5, $6, $7, now(), $8, '127.0.0.1', 'hmac', $8, 'body', $9, $10, $8)`,
    [
      id,
      tenantId,
      integrationId,
      provider,
      type,
      parked === undefined ? 'pending' : 'parked',
      parked ?? null,
      newId(),
      createHash('sha256').update(body).digest(),
      body.length,
    ],
  )
  await db.query(
    'insert into event_payloads (event_id, method, target, content_type, headers, body) values ($1, $2, $3, $4, $5, $6)',
    [id, 'POST', '/api/v1/webhooks/acme', contentType, headers, body],
  )
  if (parked === undefined) {
    await db.query(
      `insert into jobs (event_id, id, tenant_id, kind, lane, triggered_by, status, run_at, created_at)
       values ($1, $1, $2, 'process', $3, 'webhook', 'queued', $4, $4)`,
      [id, tenantId, PROCESSING_LANE, new Date()],
    )
  }
  return id
}

/** A queued delivery, as processing leaves it. */
export async function aDeliverJob(
  db: Queryable,
  eventId: Uuid,
  destinationId: Uuid,
  { runAt = new Date() } = {},
): Promise<Uuid> {
  const id = newId()
  await db.query("update events set status = 'processing' where id = $1", [eventId])
  await db.query(
    `insert into jobs (event_id, id, tenant_id, kind, lane, triggered_by, status, run_at, created_at)
     values ($1, $2, $3, 'deliver', $4, 'webhook', 'queued', $5, $5)`,
    [eventId, id, DEFAULT_TENANT, destinationId, runAt],
  )
  return id
}

export async function eventRow(db: Database, id: Uuid) {
  const { rows } = await db.query<{
    status: string
    status_reason: string | null
    type: string | null
    subject: string | null
    occurred_at: Date | null
    processed_at: Date | null
    last_error: string | null
  }>('select status, status_reason, type, subject, occurred_at, processed_at, last_error from events where id = $1', [
    id,
  ])
  return rows[0]!
}

export async function jobRows(db: Database, eventId: Uuid, kind = 'deliver') {
  const { rows } = await db.query<{
    id: Uuid
    status: string
    lane: Uuid
    run_at: Date
    attempts: number
    fence: number
    worker: Uuid | null
    replay_id: Uuid | null
    shadow: boolean
    held: boolean
    triggered_by: string
    last_error: string | null
  }>('select * from jobs where event_id = $1 and kind = $2 order by created_at, id', [eventId, kind])
  return rows
}

export async function attemptRows(db: Database, eventId: Uuid) {
  const { rows } = await db.query<{
    attempt_no: number
    destination_id: Uuid
    job_id: Uuid
    status: string
    outcome: string
    http_status: number | null
    response_body: Buffer | null
    error: string | null
  }>('select * from delivery_attempts where event_id = $1 order by destination_id, attempt_no', [eventId])
  return rows
}

/** Waits until it holds; the test's own time-out ends a wait for what never comes. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}
