/** The gateway as a side of the ingest benchmark: one process, everything on but the worker. */
import { startGateway } from '../gateway.ts'
import { SECRET, type Side } from './side.ts'

/** Each event once in `events`, with its payload, its dedupe key and its job. */
const STORED = `
  select e.external_id, e.id as event_id, p.event_id is not null and k.count = 1 and j.count = 1 as complete
  from postern.events e
    left join postern.event_payloads p on p.event_id = e.id
    left join (select event_id, count(*) from postern.dedupe_keys group by event_id) k on k.event_id = e.id
    left join (select event_id, count(*) from postern.jobs where kind = 'process' group by event_id) j on j.event_id = e.id`

/** @param databaseUrl An empty database to use instead of the embedded server. */
export async function startPostern(databaseUrl: string | undefined): Promise<Side> {
  const gateway = await startGateway({ roles: 'ingress,api', databaseUrl })
  try {
    const path = await gateway.createIntegration({ name: 'bench' })
    return {
      name: 'postern',
      target: { port: gateway.port, path, secret: SECRET, signatureHeader: 'Stripe-Signature' },
      pid: gateway.pid,
      redisPid: undefined,
      databaseUrl: gateway.databaseUrl,
      stored: STORED,
      [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
    }
  } catch (error) {
    await gateway[Symbol.asyncDispose]()
    throw error
  }
}
