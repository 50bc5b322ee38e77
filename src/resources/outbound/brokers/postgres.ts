/**
 * A table in PostgreSQL: one row for each delivery. The table is its owner's; the columns it must have are in
 * docs/destinations.md. With a unique `delivery_id` a try that is repeated leaves one row.
 */
import pg from 'pg'
import { OutboundFailure } from '../failure.ts'
import { type BrokerConnection, type BrokerTarget, tlsOptions } from './broker.ts'

export async function openPostgres(target: BrokerTarget): Promise<BrokerConnection> {
  const table = (target.settings.table ?? '').split('.').map(pg.escapeIdentifier).join('.')
  const client = new pg.Client({
    host: target.address,
    port: target.port,
    database: decodeURIComponent(target.path),
    user: target.username ?? '',
    password: target.password ?? '',
    ssl: target.tls === undefined ? false : tlsOptions(target),
    connectionTimeoutMillis: target.timeoutMs,
    query_timeout: target.timeoutMs,
    statement_timeout: target.timeoutMs,
    application_name: 'postern delivery',
  })
  let broken = false
  client.on('error', () => {
    broken = true
  })
  client.on('end', () => {
    broken = true
  })
  await client.connect().catch((error: unknown) => {
    throw refused(error)
  })
  return {
    async publish({ deliveryId, eventId, contentType, headers, body }) {
      await client
        .query(
          `insert into ${table} (delivery_id, event_id, content_type, headers, body) values ($1, $2, $3, $4, $5)
           on conflict do nothing`,
          [deliveryId, eventId, contentType, JSON.stringify(headers), body],
        )
        .catch((error: unknown) => {
          throw refused(error)
        })
    },
    get broken() {
      return broken
    },
    close: () => client.end().catch(() => undefined),
  }
}

function refused(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const text = error instanceof Error ? error.message : ''
  // 28: no valid authorisation, 3D000: no such database; what else has an SQLSTATE is about the statement.
  if (code.startsWith('28')) return new OutboundFailure('auth_failed', code, error)
  if (/^[0-9A-Z]{5}$/.test(code)) return new OutboundFailure('broker_refused', code, error)
  if (/timeout/i.test(text)) return new OutboundFailure('timeout', 'postgres', error)
  if (/terminated|ended/i.test(text)) return new OutboundFailure('connection_reset', 'postgres', error)
  return error
}
