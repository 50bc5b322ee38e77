/**
 * Every range of addresses that is not the public internet, and every place where a cloud hands out credentials.
 *
 * Sources: the IANA special-purpose address registries (RFC 6890 and its updates) and each provider's own
 * documentation. IPv6 outside 2000::/3 needs no row to be refused (see address-policy.ts); rows there only name it.
 */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Why an address is refused; a closed list, shown to operators and counted. */
export type BlockReason =
  | 'not_an_address'
  | 'metadata'
  | 'this_host'
  | 'loopback'
  | 'private'
  | 'carrier_nat'
  | 'link_local'
  | 'unique_local'
  | 'site_local'
  | 'multicast'
  | 'documentation'
  | 'benchmark'
  | 'transition'
  | 'discard'
  | 'reserved'

/** `base` has 4 or 16 bytes; the first `bits` of them count. */
export interface AddressRange {
  readonly base: Uint8Array
  readonly bits: number
}

const BLOCKED: readonly (readonly [cidr: string, reason: BlockReason])[] = [
  ['0.0.0.0/8', 'this_host'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'carrier_nat'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link_local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'],
  ['192.0.2.0/24', 'documentation'],
  ['192.31.196.0/24', 'reserved'], // AS112, answered by whoever is nearest
  ['192.52.193.0/24', 'transition'], // AMT
  ['192.88.99.0/24', 'transition'], // 6to4 relays
  ['192.168.0.0/16', 'private'],
  ['192.175.48.0/24', 'reserved'], // AS112
  ['198.18.0.0/15', 'benchmark'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
  ['::/128', 'this_host'], // connects to loopback on Linux
  ['::1/128', 'loopback'],
  ['::/96', 'transition'], // IPv4-compatible, RFC 4291 section 2.5.5.1
  ['::ffff:0:0:0/96', 'transition'], // IPv4-translated, RFC 2765
  ['64:ff9b::/96', 'transition'], // NAT64, RFC 6052
  ['64:ff9b:1::/48', 'transition'], // NAT64 with a local prefix, RFC 8215
  ['100::/64', 'discard'],
  ['2001::/23', 'transition'], // Teredo (2001::/32), AMT, ORCHID, benchmarking: IETF protocol assignments
  ['2001:db8::/32', 'documentation'],
  ['2002::/16', 'transition'], // 6to4
  ['2620:4f:8000::/48', 'reserved'], // AS112
  ['3fff::/20', 'documentation'],
  ['5f00::/16', 'reserved'], // segment routing
  ['fc00::/7', 'unique_local'],
  ['fe80::/10', 'link_local'],
  ['fec0::/10', 'site_local'],
  ['ff00::/8', 'multicast'],
]

/** Never reached, whatever an allow-list says: one GET there is a role's credentials. */
const METADATA: readonly string[] = [
  '169.254.169.0/24', // AWS, Azure, Google Cloud, OpenStack, DigitalOcean, Oracle: .254; AWS resolver and clock beside it
  '169.254.170.0/24', // AWS container credentials (.2) and pod identity (.23)
  '169.254.42.42/32', // Scaleway
  '169.254.0.23/32', // Tencent Cloud
  '168.63.129.16/32', // Azure wire server: a public address that answers only inside
  '100.100.100.200/32', // Alibaba Cloud
  '192.0.0.192/32', // Oracle Cloud classic
  'fd00:ec2::/32', // AWS over IPv6: instance data, credentials, resolver, clock
  'fd20:ce::254/128', // Google Cloud over IPv6
  'fd00:42::42/128', // Scaleway over IPv6
  'fe80::a9fe:a9fe/128', // OpenStack over IPv6
]

/** Where a translation prefix carries an IPv4 address: byte positions, and whether they are inverted. */
interface Carrier {
  readonly range: AddressRange
  readonly at: readonly (readonly [number, number, number, number])[]
  readonly inverted?: true
}

const LAST_FOUR = [12, 13, 14, 15] as const

export const CARRIERS: readonly Carrier[] = [
  { range: range('::/96'), at: [LAST_FOUR] },
  { range: range('::ffff:0:0:0/96'), at: [LAST_FOUR] },
  { range: range('64:ff9b::/96'), at: [LAST_FOUR] },
  // Inside the /48 an operator chooses the prefix length; each layout of RFC 6052 section 2.2 (byte 8 is skipped).
  { range: range('64:ff9b:1::/48'), at: [[6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12], LAST_FOUR] },
  { range: range('2002::/16'), at: [[2, 3, 4, 5]] },
  { range: range('2001::/32'), at: [[4, 5, 6, 7]] }, // Teredo server
  { range: range('2001::/32'), at: [LAST_FOUR], inverted: true }, // Teredo client, RFC 4380 section 4
]

export const METADATA_RANGES: readonly AddressRange[] = METADATA.map(range)

export const BLOCKED_RANGES = BLOCKED.map(([cidr, reason]) => ({ range: range(cidr), reason }))

/** 4 or 16 bytes; IPv4-mapped IPv6 becomes the IPv4 address it is. Only canonical spellings, no zone. */
export function addressBytes(text: string): Uint8Array | undefined {
  // ipaddr.js alone would also read `0177.1` and `2130706433`, which different readers understand differently.
  if (isIP(text) === 0 || text.includes('%')) return undefined
  return Uint8Array.from(ipaddr.process(text).toByteArray())
}

/** Reads `10.0.0.0/8`, `fd00::/8`; `undefined` for anything else. A mapped range becomes the IPv4 range it is. */
export function parseRange(text: string): AddressRange | undefined {
  const [address, prefix, ...rest] = text.split('/')
  if (address === undefined || prefix === undefined || rest.length > 0 || !/^\d{1,3}$/.test(prefix)) return undefined
  const base = addressBytes(address)
  if (base === undefined) return undefined
  const bits = Number(prefix) - (base.length === 4 && address.includes(':') ? 96 : 0)
  return bits < 0 || bits > base.length * 8 ? undefined : { base, bits }
}

export function inRange(bytes: Uint8Array, { base, bits }: AddressRange): boolean {
  if (bytes.length !== base.length) return false
  const whole = bits >> 3
  for (let i = 0; i < whole; i++) if (bytes[i] !== base[i]) return false
  const mask = (0xff00 >> (bits & 7)) & 0xff
  return mask === 0 || ((bytes[whole] ?? 0) & mask) === ((base[whole] ?? 0) & mask)
}

function range(cidr: string): AddressRange {
  const parsed = parseRange(cidr)
  if (parsed === undefined) throw new Error(`not a range: ${cidr}`)
  return parsed
}
