import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileTrustedProxies, NO_ADDRESS, rateKeyAddress, sourceAddress } from './source-address.ts'

const nobody = compileTrustedProxies([])
const inside = compileTrustedProxies(['10.0.0.0/8', '192.168.1.7', 'fd00::/8'])

const anything = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.ipV4(),
  fc.ipV6(),
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef:.,%[]/ ') }),
)
const client = fc.oneof(
  fc.ipV4().filter((address) => !address.startsWith('10.') && address !== '192.168.1.7'),
  fc.ipV6().filter((address) => isIP(address) === 6 && !/^fd|^:|ffff/i.test(address)),
)
const proxy = fc.oneof(
  fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)).map(([b, c, d]) => `10.${b}.${c}.${d}`),
  fc.nat(65535).map((tail) => `fd00::${tail.toString(16)}`),
  fc.nat(255).map((tail) => `::ffff:10.1.2.${tail}`),
)

describe('sourceAddress', () => {
  test.each([
    ['no proxy, no header', '203.0.113.9', [], '203.0.113.9'],
    ['one proxy', '10.0.0.1', ['203.0.113.9'], '203.0.113.9'],
    ['a spoofed left-most entry behind one proxy', '10.0.0.1', ['6.6.6.6, 203.0.113.9'], '203.0.113.9'],
    ['a spoofed header of its own before the proxy’s', '10.0.0.1', ['6.6.6.6', '203.0.113.9'], '203.0.113.9'],
    ['two proxies', '10.0.0.1', ['6.6.6.6, 203.0.113.9, 192.168.1.7'], '203.0.113.9'],
    ['two proxies, two headers', '10.0.0.1', ['203.0.113.9', '10.3.3.3'], '203.0.113.9'],
    ['a peer that is no proxy', '203.0.113.9', ['10.0.0.1', '6.6.6.6'], '203.0.113.9'],
    ['every hop trusted', '10.0.0.1', ['10.0.0.3, 10.0.0.2'], '10.0.0.3'],
    ['an unreadable entry', '10.0.0.1', ['203.0.113.9, unknown'], '10.0.0.1'],
    ['an unreadable entry behind a good hop', '10.0.0.1', ['203.0.113.9, <script>, 10.0.0.2'], '10.0.0.2'],
    ['a hop in octal', '10.0.0.1', ['0177.0.0.1'], '10.0.0.1'],
    ['a short hop', '10.0.0.1', ['127.1'], '10.0.0.1'],
    ['empty elements', '10.0.0.1', [' , 203.0.113.9 , ,', ''], '203.0.113.9'],
    ['a port', '10.0.0.1', ['203.0.113.9:51234'], '203.0.113.9'],
    ['IPv6 with a port', '10.0.0.1', ['[2001:DB8:0::1]:51234'], '2001:db8::1'],
    ['IPv6 in brackets', '10.0.0.1', ['[2001:db8::1]'], '2001:db8::1'],
    ['IPv4-mapped peer', '::ffff:203.0.113.9', [], '203.0.113.9'],
    ['IPv4-mapped peer in hex', '::ffff:cb00:7109', [], '203.0.113.9'],
    ['IPv4-mapped proxy', '::ffff:10.0.0.1', ['::ffff:203.0.113.9'], '203.0.113.9'],
    ['a zone', 'fe80::1%eth0', [], 'fe80::1'],
    ['no peer', '', ['203.0.113.9'], NO_ADDRESS],
  ])('%s', (_, remote, forwarded, expected) => {
    expect(sourceAddress(remote, forwarded, inside)).toBe(expected)
  })

  test('answers with an address for any text, and never throws', () => {
    fc.assert(
      fc.property(anything, fc.array(anything, { maxLength: 6 }), (remote, forwarded) => {
        expect(isIP(sourceAddress(remote, forwarded, inside))).not.toBe(0)
        expect(isIP(sourceAddress('10.0.0.1', forwarded, inside))).not.toBe(0)
      }),
      { numRuns: 1_000 },
    )
  })

  test('from a peer that is no proxy, no header changes anything', () => {
    fc.assert(
      fc.property(client, fc.array(anything, { maxLength: 6 }), (remote, forwarded) => {
        expect(sourceAddress(remote, forwarded, inside)).toBe(sourceAddress(remote, [], nobody))
        expect(sourceAddress(remote, forwarded, nobody)).toBe(sourceAddress(remote, [], nobody))
      }),
    )
  })

  test('behind any number of proxies the client is found, whatever it claims and however headers are split', () => {
    const chain = fc.tuple(fc.array(anything, { maxLength: 5 }), client, fc.array(proxy, { maxLength: 5 }), proxy)
    fc.assert(
      fc.property(chain, fc.boolean(), ([spoofed, source, proxies, peer], together) => {
        const hops = [...spoofed, source, ...proxies]
        const forwarded = together ? [hops.join(', ')] : hops
        expect(sourceAddress(peer, forwarded, inside)).toBe(sourceAddress(source, [], nobody))
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('compileTrustedProxies', () => {
  test('an IPv4-mapped range means its IPv4 range', () => {
    const mapped = compileTrustedProxies(['::ffff:10.0.0.0/104'])
    expect(sourceAddress('10.9.9.9', ['203.0.113.9'], mapped)).toBe('203.0.113.9')
    expect(sourceAddress('11.9.9.9', ['203.0.113.9'], mapped)).toBe('11.9.9.9')
  })

  test('everything in IPv6 is not everything in IPv4', () => {
    expect(sourceAddress('198.51.100.1', ['203.0.113.9'], compileTrustedProxies(['::/0']))).toBe('198.51.100.1')
  })

  test.each(['', 'proxy', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/x', '::/129', '10.1/8'])('refuses %j', (range) => {
    expect(() => compileTrustedProxies([range])).toThrow()
  })
})

describe('rateKeyAddress', () => {
  test.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['::1', '::/64'],
    ['not an address', NO_ADDRESS],
  ])('%s is counted as %s', (address, key) => {
    expect(rateKeyAddress(address)).toBe(key)
  })

  test('all addresses of a /64 have one key, and any text has one', () => {
    const network = fc
      .tuple(fc.nat(0xffff), fc.nat(0xffff))
      .map(([c, d]) => `2001:db8:${c.toString(16)}:${d.toString(16)}`)
    const host = fc
      .array(fc.nat(0xffff), { minLength: 4, maxLength: 4 })
      .map((parts) => parts.map((p) => p.toString(16)).join(':'))
    fc.assert(
      fc.property(network, host, host, (prefix, one, other) => {
        expect(rateKeyAddress(`${prefix}:${one}`)).toBe(rateKeyAddress(`${prefix}:${other}`))
      }),
    )
    fc.assert(fc.property(anything, (text) => rateKeyAddress(text).length > 0))
  })
})
