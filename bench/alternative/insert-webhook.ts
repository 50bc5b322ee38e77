/** One received webhook in one transaction, a row at a time, every statement prepared once a connection. */
import type pg from 'pg'

export interface Ingested {
  readonly webhookEventId: string
  readonly normalizedEventId: string
  readonly jobId: string
  readonly integrationId: string
  readonly correlationId: string
  readonly externalId: string
  readonly idempotencyKey: string
  readonly type: string
  readonly subject: string
  readonly occurredAt: Date
  /** JSON text, as are the payloads. */
  readonly headers: string
  readonly rawPayload: string
  readonly normalizedPayload: string
  readonly sourceIp: string
}

const WEBHOOK_EVENT = `insert into webhook_events
  (id, integration_id, provider, external_event_id, idempotency_key, signature_valid, request_headers, raw_payload, source_ip)
  values ($1, $2, 'stripe', $3, $4, true, $5, $6, $7)`

const NORMALIZED_EVENT = `insert into normalized_events
  (id, webhook_event_id, integration_id, provider, event_type, subject, occurred_at, normalized_payload)
  values ($1, $2, $3, 'stripe', $4, $5, $6, $7)`

const PROCESSING_JOB = `insert into processing_jobs (id, normalized_event_id, queue_name, triggered_by, attempt_no)
  values ($1, $2, 'events.process', 'webhook', 1)`

const AUDIT_ENTRY = `insert into audit_entries (entity_type, entity_id, action, actor, details)
  values ($1, $2, $3, 'webhook-ingestion', $4)`

export async function insertWebhook(pool: pg.Pool, w: Ingested): Promise<void> {
  const client = await pool.connect()
  const details = JSON.stringify({ correlationId: w.correlationId, externalEventId: w.externalId })
  try {
    await client.query('begin')
    await client.query({
      name: 'webhook_event',
      text: WEBHOOK_EVENT,
      values: [w.webhookEventId, w.integrationId, w.externalId, w.idempotencyKey, w.headers, w.rawPayload, w.sourceIp],
    })
    await client.query({
      name: 'normalized_event',
      text: NORMALIZED_EVENT,
      values: [
        w.normalizedEventId,
        w.webhookEventId,
        w.integrationId,
        w.type,
        w.subject,
        w.occurredAt,
        w.normalizedPayload,
      ],
    })
    await client.query({ name: 'processing_job', text: PROCESSING_JOB, values: [w.jobId, w.normalizedEventId] })
    await client.query({
      name: 'audit_entry',
      text: AUDIT_ENTRY,
      values: ['webhook_event', w.webhookEventId, 'webhook.received', details],
    })
    await client.query({
      name: 'audit_entry',
      text: AUDIT_ENTRY,
      values: ['normalized_event', w.normalizedEventId, 'event.normalized', details],
    })
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}
