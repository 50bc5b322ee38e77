/**
 * Where a request came from, and under which address it is counted.
 *
 * `X-Forwarded-For` is written by anyone who likes to. Each proxy appends the address it saw, so the list is believed
 * from its right end, and only as far as the hops are proxies of ours: the first address that is not one is the source.
 */
import { isIP, isIPv4 } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Stands for "no address" (a unix socket, a peer that has hung up); valid wherever an address is stored. */
export const NO_ADDRESS = '0.0.0.0'

type Address = ipaddr.IPv4 | ipaddr.IPv6

export interface TrustedProxies {
  readonly ranges: readonly (readonly [Address, number])[]
}

/**
 * @param ranges Addresses and CIDR ranges. IPv4-mapped ones (`::ffff:10.0.0.0/104`) mean their IPv4 range.
 * @throws Error for anything that is neither; the configuration has checked them before.
 */
export function compileTrustedProxies(ranges: readonly string[]): TrustedProxies {
  return { ranges: ranges.map(parseRange) }
}

/**
 * The right-most hop that is not a trusted proxy, in canonical form (IPv4-mapped IPv6 as IPv4, IPv6 as in RFC 5952).
 *
 * An unreadable entry ends the walk at the last good hop, which is the proxy that passed it on. When every hop is
 * trusted, the left-most one is the source. Ports, as some proxies add them, are dropped.
 *
 * @param forwardedFor The values of all `X-Forwarded-For` headers in order of arrival (RFC 9110 section 5.3: they are one list).
 */
export function sourceAddress(remoteAddress: string, forwardedFor: readonly string[], trusted: TrustedProxies): string {
  let source = parseAddress(remoteAddress)
  if (source === undefined) return NO_ADDRESS
  if (forwardedFor.length === 0 || !isTrusted(source, trusted)) return source.toString()
  for (const entry of forwardedFor.join(',').split(',').reverse()) {
    const text = entry.trim()
    // Empty list elements are to be ignored (RFC 9110 section 5.6.1.2).
    if (text === '') continue
    const hop = parseAddress(withoutPort(text))
    if (hop === undefined) break
    source = hop
    if (!isTrusted(hop, trusted)) break
  }
  return source.toString()
}

/** Under which address requests are counted: an IPv6 network hands each customer at least a /64 to choose from. */
export function rateKeyAddress(address: string): string {
  const parsed = parseAddress(address)
  if (parsed === undefined) return NO_ADDRESS
  if (isV4(parsed)) return parsed.toString()
  return `${new ipaddr.IPv6([...parsed.parts.slice(0, 4), 0, 0, 0, 0]).toString()}/64`
}

/** Whether a connection comes from a proxy of ours. */
export function isTrustedPeer(remoteAddress: string, trusted: TrustedProxies): boolean {
  const address = parseAddress(remoteAddress)
  return address !== undefined && isTrusted(address, trusted)
}

function isTrusted(address: Address, trusted: TrustedProxies): boolean {
  return trusted.ranges.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits))
}

/** `ipaddr.js` alone would also read `127.1`, `0x7f.0.0.1` and `017700000001`, which no proxy writes. */
function parseAddress(text: string): Address | undefined {
  // A zone names an interface of ours, not a sender.
  const bare = text.replace(/%.*$/s, '')
  if (isIP(bare) === 0) return undefined
  return ipaddr.process(bare)
}

function parseRange(text: string): readonly [Address, number] {
  const [base = '', length] = text.split('/')
  if (isIP(base) === 0) throw new Error(`not an address range: ${text}`)
  const address = ipaddr.parse(base)
  const width = isV4(address) ? 32 : 128
  const bits = length === undefined ? width : Number(length)
  if (!Number.isInteger(bits) || bits < 0 || bits > width) throw new Error(`not an address range: ${text}`)
  if (!isV4(address) && address.isIPv4MappedAddress() && bits >= 96) return [address.toIPv4Address(), bits - 96]
  return [address, bits]
}

function isV4(address: Address): address is ipaddr.IPv4 {
  return address.kind() === 'ipv4'
}

/** `192.0.2.1:4711` and `[2001:db8::1]:4711`; a bare IPv6 address stays as it is. */
function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)
  if (bracketed !== null) return bracketed[1] ?? ''
  const [host = '', port, ...more] = text.split(':')
  return more.length === 0 && port !== undefined && isIPv4(host) && /^\d{1,5}$/.test(port) ? host : text
}
