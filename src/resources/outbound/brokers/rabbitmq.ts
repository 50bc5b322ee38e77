/** RabbitMQ over AMQP 0-9-1: persistent, confirmed, and refused when no queue would get the message. */
import { type ConfirmChannel, connect } from 'amqplib'
import { OutboundFailure } from '../failure.ts'
import { type BrokerConnection, type BrokerMessage, type BrokerTarget, tlsOptions } from './broker.ts'

export async function openRabbit(target: BrokerTarget): Promise<BrokerConnection> {
  const { exchange = '', routingKey = '' } = target.settings
  const connection = await connect(
    {
      protocol: target.tls === undefined ? 'amqp' : 'amqps',
      hostname: target.address,
      port: target.port,
      username: target.username ?? 'guest',
      password: target.password ?? 'guest',
      vhost: target.path === '' ? '/' : target.path,
      heartbeat: 30,
    },
    { timeout: target.timeoutMs, ...(target.tls === undefined ? {} : tlsOptions(target)) },
  ).catch(refusedLogin)
  let broken = false
  let ended: OutboundFailure | undefined
  const waiting = new Map<string, (failure: OutboundFailure) => void>()
  const fail = (error: Error | undefined) => {
    broken = true
    // What the broker says of a missing exchange comes as the end of the channel.
    ended ??= new OutboundFailure('broker_refused', reasonOf(error), error)
    for (const settle of waiting.values()) settle(ended)
  }
  connection.on('error', fail)
  connection.on('close', fail)
  const channel: ConfirmChannel = await connection.createConfirmChannel()
  channel.on('error', fail)
  channel.on('close', () => fail(undefined))
  // Comes before the confirmation of the same message.
  channel.on('return', (message) => {
    waiting.get(String(message.properties.messageId))?.(new OutboundFailure('broker_refused', 'no_route'))
  })

  return {
    publish: ({ deliveryId, headers, contentType, body }: BrokerMessage) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended)
        waiting.set(deliveryId, (failure) => {
          waiting.delete(deliveryId)
          reject(failure)
        })
        const options = {
          ...{ persistent: true, mandatory: true, messageId: deliveryId, headers: { ...headers } },
          ...(contentType === null ? {} : { contentType }),
        }
        channel.publish(exchange, routingKey, body, options, (error) => {
          waiting.delete(deliveryId)
          if (error === null || error === undefined) resolve()
          else reject(ended ?? new OutboundFailure('broker_refused', 'not_confirmed', error))
        })
      }),
    get broken() {
      return broken
    },
    close: () => connection.close().catch(() => undefined),
  }
}

function refusedLogin(error: unknown): never {
  const text = error instanceof Error ? error.message : ''
  if (/ACCESS[-_]REFUSED|403/.test(text)) throw new OutboundFailure('auth_failed', 'access_refused', error)
  // Instead of opening the virtual host it closes the connection.
  if (/NOT[-_]ALLOWED|530|ConnectionClose/.test(text)) throw new OutboundFailure('broker_refused', 'vhost', error)
  if (/ETIMEDOUT/.test(text)) throw new OutboundFailure('timeout', 'connect', error)
  if (/abruptly|Frame size|Expected|Invalid frame/i.test(text))
    throw new OutboundFailure('connection_reset', 'not_amqp', error)
  throw error
}

function reasonOf(error: Error | undefined): string {
  const code = error !== undefined && 'code' in error ? String(error.code) : ''
  return code === '404' ? 'no_exchange' : code === '' ? 'closed' : `amqp_${code}`.slice(0, 40)
}
