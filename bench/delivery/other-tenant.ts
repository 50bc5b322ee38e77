/** Another tenant of the same gateway, with many events that wait. */
import { newId } from '../../src/base/model/ids.ts'
import { openKeyring } from '../../src/resources/secrets/keyring.ts'
import { signingKeyContext } from '../../src/resources/secrets/stored-secret.ts'
import { PROCESSING_LANE } from '../../src/resources/store/jobs.ts'
import type { Gateway } from '../gateway.ts'
import { withClient } from '../ingest/database.ts'
import { DELIVERY_SECRET } from './side.ts'

export interface OtherTenant {
  /** Events as ingress commits them, all at once, still to be processed. */
  addEvents(count: number, size: number): Promise<void>
  /** Vacuums what it has written, and puts it on the disk. */
  tidy(): Promise<void>
  pause(): Promise<void>
  resume(): Promise<void>
  /** Jobs that are not done. */
  waiting(kind: 'process' | 'deliver'): Promise<number>
}

/** By SQL: over the API there is one tenant only. @param url Where its deliveries go. */
export async function makeOtherTenant({ databaseUrl, dataDir }: Gateway, url: string): Promise<OtherTenant> {
  const tenant = newId()
  const integration = newId()
  const destination = newId()
  const route = newId()
  const keyring = await openKeyring({ POSTERN_MASTER_KEY: undefined }, dataDir)
  const key = { id: newId(), tenantId: tenant }
  const sealed = keyring.seal(signingKeyContext(key), DELIVERY_SECRET)
  const run = (text: string, values: unknown[]) => withClient(databaseUrl, (client) => client.query(text, values))
  await run("insert into postern.tenants (id, name) values ($1, 'other')", [tenant])
  await run(
    `insert into postern.integrations (id, tenant_id, provider, name, status, max_body_bytes, rate_limit_per_minute)
     values ($1, $2, 'stripe', 'other', 'active', 1048576, 3000)`,
    [integration, tenant],
  )
  await run(
    `insert into postern.destinations (id, tenant_id, name, url, status, allow_cidrs, timeout_ms, retry)
     values ($1, $2, 'other', $3, 'paused', '{127.0.0.1/32}', 10000, '{}')`,
    [destination, tenant, url],
  )
  await run(
    `insert into postern.destination_signing_keys (id, tenant_id, destination_id, scheme, sealed) values ($1, $2, $3, 'v1', $4)`,
    [key.id, tenant, destination, sealed],
  )
  await run('insert into postern.routes (id, tenant_id, integration_id, destination_id) values ($1, $2, $3, $4)', [
    route,
    tenant,
    integration,
    destination,
  ])
  await run(
    "insert into postern.route_versions (route_id, version, tenant_id, changed_by) values ($1, 1, $2, 'benchmark')",
    [route, tenant],
  )
  const setStatus = (status: string) =>
    run('update postern.destinations set status = $2 where id = $1', [destination, status]).then(() => undefined)

  return {
    tidy: () =>
      withClient(databaseUrl, async (client) => {
        await client.query('vacuum (analyze) postern.events, postern.event_payloads, postern.jobs')
        await client.query('checkpoint')
      }),
    pause: () => setStatus('paused'),
    resume: () => setStatus('active'),

    addEvents: (count, size) =>
      withClient(databaseUrl, async (client) => {
        await client.query('begin')
        await client.query('create temp table added (id uuid, n integer) on commit drop')
        // Ids of one moment, in its partition: what is random in them counts instead.
        await client.query(
          `insert into added select (left($1, 24) || lpad(to_hex(n), 12, '0'))::uuid, n from generate_series(1, $2::integer) n`,
          [newId(), count],
        )
        await client.query(
          `insert into postern.events (id, tenant_id, integration_id, provider, status, received_at, correlation_id, source_ip, scheme,
             key_id, coverage, body_sha256, body_bytes, receipt_id)
           select id, $1, $2, 'stripe', 'pending', now(), id, '127.0.0.1', 'webhook', $3, 'body', ''::bytea, $4, $3 from added`,
          [tenant, integration, key.id, size],
        )
        await client.query(
          `insert into postern.event_payloads (event_id, method, target, content_type, headers, body)
           select id, 'POST', '/', 'application/json', '[]', convert_to(replace($1, '#', n::text), 'utf8') from added`,
          [bodyOf(size)],
        )
        await client.query(
          `insert into postern.jobs (event_id, id, tenant_id, kind, lane, triggered_by, status, run_at, created_at)
           select id, gen_random_uuid(), $1, 'process', $2, 'webhook', 'queued', now(), now() from added`,
          [tenant, PROCESSING_LANE],
        )
        await client.query('commit')
        await client.query('analyze postern.jobs')
      }),

    waiting: (kind) =>
      withClient(databaseUrl, async (client) => {
        const { rows } = await client.query<{ count: number }>(
          `select count(*)::int as count from postern.jobs where tenant_id = $1 and kind = $2 and status in ('queued', 'running')`,
          [tenant, kind],
        )
        return rows[0]?.count ?? 0
      }),
  }
}

function bodyOf(size: number): string {
  const event = (description: string) =>
    JSON.stringify({
      id: 'evt_other#',
      object: 'event',
      type: 'charge.succeeded',
      created: Math.floor(Date.now() / 1000),
      livemode: false,
      data: { object: { id: 'ch_other#', object: 'charge', description } },
    })
  return event('x'.repeat(Math.max(0, size - event('').length)))
}
