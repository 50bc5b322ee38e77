/** Addresses of servers, and what can be told from them. */
import type { Location } from '../../catalogue/evidence.ts'
import type { SpecServer } from './model.ts'

/** @param url Absolute, or relative to where the document is served. */
export function serverOf(url: string, description: string, at: Location, protocol?: string): SpecServer {
  const match = /^(?:([a-z][a-z0-9+.-]*):)?\/\/([^/?#]*)([^?#]*)/i.exec(url)
  // Brokers are often written without a scheme: `kafka.example.com:9092`.
  const bare = match === null && protocol !== undefined ? /^([^/?#]*)([^?#]*)/.exec(url) : null
  return describedServer({
    protocol: protocol ?? match?.[1] ?? '',
    host: match?.[2] ?? bare?.[1] ?? '',
    path: match?.[3] ?? bare?.[2] ?? url.replace(/[?#].*$/s, ''),
    description,
    at,
    url,
  })
}

export function describedServer(parts: {
  readonly protocol: string
  readonly host: string
  readonly path: string
  readonly description: string
  readonly at: Location
  readonly url?: string
}): SpecServer {
  const protocol = parts.protocol.toLowerCase()
  const path = parts.path === '' || parts.path.startsWith('/') ? parts.path : `/${parts.path}`
  return {
    url: parts.url ?? `${protocol === '' ? '' : `${protocol}:`}//${parts.host}${path}`,
    protocol,
    host: parts.host.replace(/^[^@]*@/, '').toLowerCase(),
    base: path.replace(/\/+$/, ''),
    description: parts.description,
    at: parts.at,
  }
}

/** On one machine, or in a network that only exists inside one. */
export function isLocal({ host, description }: SpecServer): boolean {
  const name = host.startsWith('[') ? host.replace(/\]:\d+$/, ']') : host.replace(/:\d+$/, '')
  return (
    /^(?:localhost|.*\.localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|host\.docker\.internal)$/.test(name) ||
    /\.(?:local|internal|svc|test|cluster\.local)$/.test(name) ||
    // A name without a dot is a container or a host beside this one.
    (/^[a-z0-9_-]+$/.test(name) && name !== '') ||
    /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(name) ||
    /\b(?:local|localhost|development|dev|sandbox on your machine|mock)\b/i.test(description)
  )
}

const CLEARTEXT: ReadonlySet<string> = new Set([
  'http',
  'ws',
  'mqtt',
  'mqtt5',
  'amqp',
  'amqp1',
  'kafka',
  'nats',
  'redis',
  'stomp',
  'ftp',
])

/** A protocol that encrypts nothing by itself. */
export function isCleartext({ protocol }: SpecServer): boolean {
  return CLEARTEXT.has(protocol)
}

export function isSocket({ protocol }: SpecServer): boolean {
  return protocol === 'ws' || protocol === 'wss'
}

export function isHttp({ protocol }: SpecServer): boolean {
  return protocol === 'http' || protocol === 'https'
}
