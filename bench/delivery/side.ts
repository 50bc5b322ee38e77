/** One of the two things compared: a running system that receives Stripe events and delivers them. */
import type { Gateway } from '../gateway.ts'
import type { Alternative } from '../ingest/alternative.ts'
import { SECRET } from '../ingest/side.ts'
import type { LoadTarget } from '../load.ts'

export interface DeliverySide {
  readonly name: 'postern' | 'alternative'
  readonly target: LoadTarget
  /** Its own processes, without database and Redis. */
  readonly pids: readonly number[]
  readonly redisPid: number | undefined
  readonly databaseUrl: string
  /** See `verifyAcknowledged`; complete is what was delivered and recorded, once. */
  readonly stored: string
}

/** What the receiver checks signatures with, and both sides sign with. */
export const DELIVERY_SECRET = `whsec_${Buffer.alloc(32, 'delivery').toString('base64')}`

/** Each event processed, with one delivery job that succeeded and one attempt that did. */
const POSTERN_STORED = `
  select e.external_id, e.id as event_id, e.status = 'processed' and j.count = 1 and j.done = 1 and a.count = 1 and a.done = 1 as complete
  from postern.events e
    left join (select event_id, count(*), count(*) filter (where status = 'succeeded') as done from postern.jobs
      where kind = 'deliver' group by event_id) j on j.event_id = e.id
    left join (select event_id, count(*), count(*) filter (where status = 'success') as done from postern.delivery_attempts
      group by event_id) a on a.event_id = e.id`

const ALTERNATIVE_STORED = `
  select w.external_event_id as external_id, n.id as event_id, n.status = 'processed' and a.count = 1 and a.done = 1 as complete
  from webhook_events w
    join normalized_events n on n.webhook_event_id = w.id
    left join (select normalized_event_id, count(*), count(*) filter (where status = 'success') as done from delivery_attempts
      group by normalized_event_id) a on a.normalized_event_id = n.id`

export function posternSide(gateway: Gateway, path: string): DeliverySide {
  return {
    name: 'postern',
    target: { port: gateway.port, path, secret: SECRET, signatureHeader: 'Stripe-Signature' },
    pids: [gateway.pid],
    redisPid: undefined,
    databaseUrl: gateway.databaseUrl,
    stored: POSTERN_STORED,
  }
}

export function alternativeSide({ target, pid, workerPid, redisPid, databaseUrl }: Alternative): DeliverySide {
  return {
    name: 'alternative',
    target,
    pids: workerPid === undefined ? [pid] : [pid, workerPid],
    redisPid,
    databaseUrl,
    stored: ALTERNATIVE_STORED,
  }
}
