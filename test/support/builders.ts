/** Things of the domain for tests; each test names only the fields it is about. */
import { createHash, randomBytes } from 'node:crypto'
import { DEFAULT_TENANT, newId, type Uuid } from '../../src/base/model/ids.ts'
import type { ReceivedEvent } from '../../src/resources/store/ingest.ts'

export function anEvent(fields: Partial<ReceivedEvent> = {}): ReceivedEvent {
  const body =
    fields.body ?? Buffer.from(JSON.stringify({ id: `evt_${randomBytes(8).toString('hex')}`, type: 'order.paid' }))
  return {
    id: newId(),
    tenantId: DEFAULT_TENANT,
    integrationId: newId(),
    provider: 'stripe',
    type: 'order.paid',
    externalId: null,
    parkedReason: null,
    receivedAt: Date.now(),
    sourceIp: '127.0.0.1',
    scheme: 'v1',
    keyId: newId(),
    coverage: 'body',
    signedAt: null,
    bodySha256: createHash('sha256').update(body).digest(),
    method: 'POST',
    target: '/api/v1/webhooks/stripe',
    contentType: 'application/json',
    headers: '[]',
    dedupeKey: aUuid(),
    fingerprint: aUuid(),
    conflictOf: null,
    ...fields,
    body,
  }
}

/** Sixteen random bytes; not a time-ordered id. */
export function aUuid(): Uuid {
  const hex = randomBytes(16).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as Uuid
}
