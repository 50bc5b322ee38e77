/** NATS JetStream: published with an acknowledgement, and with a message id, so that a try repeated is kept once. */
import { JetStreamError, jetstream } from '@nats-io/jetstream'
import { connect, type NodeConnectionOptions, headers as natsHeaders } from '@nats-io/transport-node'
import { OutboundFailure } from '../failure.ts'
import { type BrokerConnection, type BrokerTarget, tlsOptions } from './broker.ts'

export async function openNats(target: BrokerTarget): Promise<BrokerConnection> {
  const { subject = '' } = target.settings
  const host = target.address.includes(':') ? `[${target.address}]` : target.address
  const options: NodeConnectionOptions = {
    servers: `${host}:${target.port}`,
    timeout: target.timeoutMs,
    // One server, the one that was vetted: others that it names are not called, and nobody resolves anything.
    ignoreClusterUpdates: true,
    reconnect: false,
    noRandomize: true,
    ...(target.username === undefined ? {} : { user: target.username, pass: target.password ?? '' }),
    ...(target.token === undefined ? {} : { token: target.token }),
    ...(target.tls === undefined ? {} : { tls: tlsOptions(target) }),
  }
  const connection = await connect(options).catch(refusedLogin)
  const stream = jetstream(connection)
  return {
    async publish({ deliveryId, headers, contentType, body }) {
      const sent = natsHeaders()
      for (const [name, value] of Object.entries(headers)) sent.set(name, value)
      if (contentType !== null) sent.set('content-type', contentType)
      await stream
        .publish(subject, body, { msgID: deliveryId, headers: sent, timeout: target.timeoutMs })
        .catch(refused)
    },
    get broken() {
      return connection.isClosed()
    },
    close: () => connection.close().catch(() => undefined),
  }
}

function refusedLogin(error: unknown): never {
  const text = error instanceof Error ? `${error.name} ${error.message}` : ''
  if (/authorization|authentication|permission/i.test(text))
    throw new OutboundFailure('auth_failed', 'access_refused', error)
  if (/timeout/i.test(text)) throw new OutboundFailure('timeout', 'connect', error)
  const refusedCause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  throw refusedCause
}

function refused(error: unknown): never {
  const text = error instanceof Error ? `${error.name} ${error.message}` : ''
  // Nobody answers for the subject: it has no stream, or the server keeps none at all.
  if (/no ?responders|JetStreamNotEnabled/i.test(text)) throw new OutboundFailure('broker_refused', 'no_stream', error)
  if (error instanceof JetStreamError) throw new OutboundFailure('broker_refused', 'jetstream', error)
  if (/timeout/i.test(text)) throw new OutboundFailure('timeout', 'acknowledgement', error)
  if (/permission/i.test(text)) throw new OutboundFailure('broker_refused', 'permission', error)
  throw new OutboundFailure('connection_reset', 'nats', error)
}
