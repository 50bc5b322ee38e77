/**
 * Which addresses may be reached: public ones, and private ones that the destination itself lists.
 *
 * Judges bytes, never text patterns, and refuses what it cannot read. Pure: no resolver, no socket.
 */
import {
  type AddressRange,
  addressBytes,
  BLOCKED_RANGES,
  type BlockReason,
  CARRIERS,
  inRange,
  METADATA_RANGES,
  parseRange,
} from './address-ranges.ts'

export interface Blocked {
  readonly blocked: BlockReason
}

/** The private ranges one destination may lie in, read once. */
export type AllowList = readonly AddressRange[]

/** What an address is to everybody, before any allow-list. */
export function classify(address: string): 'public' | Blocked {
  const verdict = judgeAddress(address, [])
  return verdict === 'allow_listed' ? 'public' : verdict
}

/** Whether a destination with these private ranges may be reached at this address. */
export function permits(address: string, policy: { readonly allowCidrs: readonly string[] }): boolean {
  return typeof judgeAddress(address, parseAllowList(policy.allowCidrs)) === 'string'
}

/**
 * `allow_listed` wins over `public`, since it also frees the port.
 *
 * A listed translation prefix does not open what lies behind it: the IPv4 address it carries must itself be
 * public or listed, else `64:ff9b::/96` would be a way to loopback.
 */
export function judgeAddress(address: string, allow: AllowList): 'public' | 'allow_listed' | Blocked {
  const bytes = addressBytes(address)
  if (bytes === undefined) return { blocked: 'not_an_address' }
  const carried = carriedAddresses(bytes)
  if (isMetadata(bytes) || carried.some(isMetadata)) return { blocked: 'metadata' }
  if (!isListed(bytes, allow)) return verdictOf(rangeReason(bytes))
  const hidden = carried.filter((inner) => !isListed(inner, allow)).map(rangeReason)
  return hidden.map(verdictOf).find((verdict) => verdict !== 'public') ?? 'allow_listed'
}

/** Entries that are no CIDR cover nothing: `invalidCidrs` tells about them when they are saved. */
export function parseAllowList(cidrs: readonly string[]): AllowList {
  return cidrs.flatMap((cidr) => parseRange(cidr) ?? [])
}

/** The entries of an allow-list that are not written as an address range. */
export function invalidCidrs(cidrs: readonly string[]): readonly string[] {
  return cidrs.filter((cidr) => parseRange(cidr) === undefined)
}

/** Whether two spellings are one address; false when either cannot be read. */
export function isSameAddress(one: string, other: string): boolean {
  const [a, b] = [addressBytes(one), addressBytes(other)]
  return a !== undefined && b !== undefined && Buffer.compare(a, b) === 0
}

function verdictOf(reason: BlockReason | undefined): 'public' | Blocked {
  return reason === undefined ? 'public' : { blocked: reason }
}

function rangeReason(bytes: Uint8Array): BlockReason | undefined {
  const row = BLOCKED_RANGES.find(({ range }) => inRange(bytes, range))
  if (row !== undefined) return row.reason
  // IANA has given out nothing but 2000::/3 as global unicast; the rest of IPv6 is closed until it does.
  return bytes.length === 16 && ((bytes[0] ?? 0) & 0xe0) !== 0x20 ? 'reserved' : undefined
}

function isMetadata(bytes: Uint8Array): boolean {
  return METADATA_RANGES.some((range) => inRange(bytes, range))
}

function isListed(bytes: Uint8Array, allow: AllowList): boolean {
  return allow.some((range) => inRange(bytes, range))
}

/** The IPv4 addresses inside an IPv6 one. Zero-led ones are dropped: `::1` carries nothing, and 0/8 is no destination. */
function carriedAddresses(bytes: Uint8Array): readonly Uint8Array[] {
  if (bytes.length !== 16) return []
  return CARRIERS.filter(({ range }) => inRange(bytes, range))
    .flatMap(({ at, inverted }) =>
      at.map((positions) => Uint8Array.from(positions, (i) => (bytes[i] ?? 0) ^ (inverted ? 0xff : 0))),
    )
    .filter((inner) => inner[0] !== 0)
}
