/**
 * What every kind of broker does for a delivery: take one message and say that it is safe, or fail.
 *
 * A new kind is one file with an `OpenBroker` and a line in `open.ts`. It connects to the address it is given and to no
 * other, follows no referral to another server, and resolves `publish` only when the broker has promised to keep the
 * message. It may be given the same `deliveryId` again, after a failure whose other side was not seen.
 */
import type { BrokerKind, DestinationSettings } from '../../../base/model/destination.ts'
import type { OutboundTls } from '../connector.ts'

export interface BrokerMessage {
  /** The same for each try of one delivery; another for a replay. */
  readonly deliveryId: string
  readonly eventId: string
  readonly contentType: string | null
  /** As an HTTP receiver would get them: the signature, the event's id, its provider. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface BrokerTarget {
  readonly kind: BrokerKind
  /** The judged address to connect to, and no other. */
  readonly address: string
  readonly port: number
  /** The name in the URL, for TLS; absent for a literal address. */
  readonly servername?: string
  /** Absent: without TLS. */
  readonly tls?: OutboundTls
  /** Behind the host: a virtual host, a database. */
  readonly path: string
  readonly username?: string
  readonly password?: string
  readonly token?: string
  readonly settings: DestinationSettings
  readonly timeoutMs: number
}

export interface BrokerConnection {
  /** @throws OutboundFailure, or the driver's error. */
  publish(message: BrokerMessage): Promise<void>
  /** No more is to be published on it. */
  readonly broken: boolean
  close(): Promise<void>
}

/** @throws OutboundFailure, or the driver's error. */
export type OpenBroker = (target: BrokerTarget) => Promise<BrokerConnection>

/** For drivers that take Node's options of a TLS socket. */
export function tlsOptions({ tls, servername }: BrokerTarget): {
  readonly rejectUnauthorized: boolean
  readonly servername?: string
  readonly cert?: string
  readonly key?: string
} {
  const { verify = true, certificate, privateKey } = tls ?? {}
  return {
    rejectUnauthorized: verify,
    ...(servername === undefined ? {} : { servername }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(privateKey === undefined ? {} : { key: privateKey }),
  }
}
