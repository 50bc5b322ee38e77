/**
 * Addresses of brokers, judged as those of HTTP are: each scheme stands for one with or without TLS and a port.
 */
import type { BrokerKind } from '../../../base/model/destination.ts'
import { judgeUrl, type Reach, type UrlVerdict } from '../url-policy.ts'

interface Scheme {
  readonly tls: boolean
  readonly port: number
}

export const BROKER_SCHEMES: Readonly<Record<BrokerKind, Readonly<Record<string, Scheme>>>> = {
  rabbitmq: { amqp: { tls: false, port: 5672 }, amqps: { tls: true, port: 5671 } },
  nats: { nats: { tls: false, port: 4222 }, tls: { tls: true, port: 4222 } },
  redis: { redis: { tls: false, port: 6379 }, rediss: { tls: true, port: 6379 } },
  postgres: { postgres: { tls: false, port: 5432 }, postgress: { tls: true, port: 5432 } },
}

/** @returns The address as an http or https URL with its port. Parameters are refused: what they could switch is not theirs to say. */
export function judgeBrokerUrl(kind: BrokerKind, text: string, reach: Reach): UrlVerdict {
  const scheme = /^([a-z]+):\/\//i.exec(text)?.[1]?.toLowerCase() ?? ''
  const known = Object.hasOwn(BROKER_SCHEMES[kind], scheme) ? BROKER_SCHEMES[kind][scheme] : undefined
  if (known === undefined) return { ok: false, reason: 'scheme' }
  if (text.includes('?')) return { ok: false, reason: 'not_a_url' }
  const [, authority = '', path = ''] = /^[a-z]+:\/\/([^/]*)(.*)$/i.exec(text) ?? []
  const withPort = /:\d+$/.test(authority) ? authority : `${authority.replace(/:$/, '')}:${known.port}`
  return judgeUrl(`${known.tls ? 'https' : 'http'}://${withPort}${path}`, reach)
}
