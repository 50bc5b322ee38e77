/**
 * Which client certificate the proxy in front verified. TLS ends there; its word is taken only from an address that the
 * configuration trusts, and only when it is said exactly once.
 */
import { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isTrustedPeer, type TrustedProxies } from '../../base/lib/source-address.ts'

export interface ClientCertificateOptions {
  /** Lower case; `undefined` where no proxy vouches for certificates. */
  readonly clientCertHeader: string | undefined
  readonly trustedProxies: TrustedProxies
}

/** @returns The SHA-256 fingerprint in lower-case hex. */
export function clientCertificate(
  request: IncomingMessage,
  { clientCertHeader, trustedProxies }: ClientCertificateOptions,
): string | undefined {
  if (clientCertHeader === undefined) return undefined
  const [value, ...more] = request.headersDistinct[clientCertHeader] ?? []
  if (value === undefined || more.length > 0) return undefined
  return isTrustedPeer(request.socket.remoteAddress ?? '', trustedProxies) ? fingerprintOf(value) : undefined
}

/** RFC 9440 (`:base64 of DER:`), percent-encoded PEM as nginx escapes it, or the fingerprint itself. */
export function fingerprintOf(value: string): string | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(value)) return value.toLowerCase()
  try {
    const der = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(value)?.[1]
    const certificate = der === undefined ? decodeURIComponent(value) : Buffer.from(der, 'base64')
    return new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase()
  } catch {
    return undefined
  }
}
