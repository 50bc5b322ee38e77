import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { describe, expect, test } from 'vitest'
import { classify, invalidCidrs, permits } from './address-policy.ts'
import type { BlockReason } from './address-ranges.ts'

/** First and last address of every range that is not the public internet. */
const BLOCKED: readonly (readonly [first: string, last: string, reason: BlockReason])[] = [
  ['0.0.0.0', '0.255.255.255', 'this_host'],
  ['10.0.0.0', '10.255.255.255', 'private'],
  ['100.64.0.0', '100.127.255.255', 'carrier_nat'],
  ['127.0.0.0', '127.255.255.255', 'loopback'],
  ['169.254.0.0', '169.254.255.255', 'link_local'],
  ['172.16.0.0', '172.31.255.255', 'private'],
  ['192.0.0.0', '192.0.0.255', 'reserved'],
  ['192.0.2.0', '192.0.2.255', 'documentation'],
  ['192.31.196.0', '192.31.196.255', 'reserved'],
  ['192.52.193.0', '192.52.193.255', 'transition'],
  ['192.88.99.0', '192.88.99.255', 'transition'],
  ['192.168.0.0', '192.168.255.255', 'private'],
  ['192.175.48.0', '192.175.48.255', 'reserved'],
  ['198.18.0.0', '198.19.255.255', 'benchmark'],
  ['198.51.100.0', '198.51.100.255', 'documentation'],
  ['203.0.113.0', '203.0.113.255', 'documentation'],
  ['224.0.0.0', '239.255.255.255', 'multicast'],
  ['240.0.0.0', '255.255.255.255', 'reserved'],
  ['::', '::', 'this_host'],
  ['::1', '::1', 'loopback'],
  ['::2', '::ffff:ffff', 'transition'],
  ['::ffff:127.0.0.0', '::ffff:127.255.255.255', 'loopback'],
  ['::ffff:a00:0', '::ffff:aff:ffff', 'private'],
  ['::ffff:0:1.2.3.4', '::ffff:0:ffff:ffff', 'transition'],
  ['64:ff9b::', '64:ff9b::ffff:ffff', 'transition'],
  ['64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff', 'transition'],
  ['100::', '100::ffff:ffff:ffff:ffff', 'discard'],
  ['2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff', 'transition'],
  ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', 'documentation'],
  ['2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'transition'],
  ['2620:4f:8000::', '2620:4f:8000:ffff:ffff:ffff:ffff:ffff', 'reserved'],
  ['3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff', 'documentation'],
  ['5f00::', '5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'reserved'],
  ['4000::', '4000::1', 'reserved'],
  ['fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'unique_local'],
  ['fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'link_local'],
  ['fec0::', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'site_local'],
  ['ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'multicast'],
]

const METADATA = [
  '169.254.169.254',
  '169.254.169.253',
  '169.254.170.2',
  '169.254.170.23',
  '169.254.42.42',
  '169.254.0.23',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  'fd00:42::42',
  'fe80::a9fe:a9fe',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '::a9fe:a9fe', // compatible
  '::ffff:0:a9fe:a9fe', // translated
  '64:ff9b::a9fe:a9fe', // NAT64
  '64:ff9b:1::a9fe:a9fe', // local NAT64, /96
  '64:ff9b:1:a9fe:a9:fe00::', // local NAT64, /48
  '64:ff9b:1:a9:fe:a9fe::', // local NAT64, /56: 7, then 9 to 11
  '64:ff9b:1:0:a9:fea9:fe00:0', // local NAT64, /64
  '2002:a9fe:a9fe::1', // 6to4
  '2001:0:a9fe:a9fe::1', // Teredo, as server
  '2001:0:808:808:0:0:5601:5601', // Teredo, as client
]

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '93.184.215.14',
  '::ffff:8.8.8.8',
  '2606:4700:4700::1111',
  '2a00:1450:4001:82a::200e',
]

describe('what an address is', () => {
  test.each(BLOCKED)('%s to %s is not public: %s', (first, last, reason) => {
    expect([classify(first), classify(last)]).toEqual([{ blocked: reason }, { blocked: reason }])
  })

  test.each(METADATA)('%s is a metadata address', (address) => {
    expect(classify(address)).toEqual({ blocked: 'metadata' })
  })

  test.each(PUBLIC)('%s is public', (address) => {
    expect(classify(address)).toBe('public')
  })

  test.each([
    '9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255 169.255.0.0',
    '172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255',
    '168.63.129.15 168.63.129.17 2001:200:: 2003:: 2620:4f:7fff:ffff:: 3ffe:ffff::',
  ])('the neighbours of blocked ranges are public: %s', (addresses) => {
    for (const address of addresses.split(' ')) expect([address, classify(address)]).toEqual([address, 'public'])
  })

  test.each([
    '',
    ' ',
    'localhost',
    '127.1',
    '2130706433',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '08.8.8.8',
    '8.8.8.8 ',
    '8.8.8.8.',
    '8.8.8',
    '①.1.1.1',
  ])('"%s" is no address, so it is refused', (text) => {
    expect(classify(text)).toEqual({ blocked: 'not_an_address' })
  })

  test.each([
    'fe80::1%eth0',
    '::1%lo',
    '2606:4700:4700::1111%1',
    '[::1]',
    '::1::',
    '1:2:3:4:5:6:7:8:9',
  ])('"%s" has a zone, brackets or too much, so it is refused', (text) => {
    expect(classify(text)).toEqual({ blocked: 'not_an_address' })
  })
})

describe('an allow-list', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1/32'],
    ['10.1.2.3', '10.0.0.0/8'],
    ['::ffff:10.1.2.3', '10.0.0.0/8'],
    ['10.1.2.3', '::ffff:10.0.0.0/104'],
    ['::1', '::1/128'],
    ['fd12::1', 'fd00::/8'],
    ['64:ff9b::808:808', '64:ff9b::/96'],
    ['8.8.8.8', '8.8.8.8/32'],
  ])('%s is reachable with %s', (address, cidr) => {
    expect(permits(address, { allowCidrs: [cidr] })).toBe(true)
  })

  test.each([
    ['127.0.0.2', '127.0.0.1/32'],
    ['10.128.0.0', '10.0.0.0/9'],
    ['::1', '0.0.0.0/0'],
    ['127.0.0.1', '::/0'],
    ['64:ff9b::7f00:1', '64:ff9b::/96'], // what it carries is not listed
    ['2002:a00:1::', '2002::/16'],
    ['2001:0:808:808:0:0:f5ff:fffe', '2001::/32'], // a Teredo client at 10.0.0.1
  ])('%s stays refused with %s', (address, cidr) => {
    expect(permits(address, { allowCidrs: [cidr] })).toBe(false)
  })

  test('what a translation prefix carries can be listed as well', () => {
    expect(permits('64:ff9b::a00:1', { allowCidrs: ['64:ff9b::/96', '10.0.0.0/8'] })).toBe(true)
  })

  test.each(METADATA)('never opens %s, not even as a whole internet', (address) => {
    expect(permits(address, { allowCidrs: ['0.0.0.0/0', '::/0', '169.254.169.254/32', `${address}/128`] })).toBe(false)
  })

  test('entries that are no range open nothing and are named', () => {
    const bad = [
      '127.0.0.1',
      '127.0.0.1/33',
      '127.0.0.1/',
      '127.0.0.1/-1',
      '127.1/8',
      '::1/129',
      '::1%lo/128',
      '/8',
      '',
      '1.1.1.1/8/8',
      '127.0.0.1/0x20',
    ]
    expect(
      bad.filter((cidr) => permits('127.0.0.1', { allowCidrs: [cidr] }) || permits('::1', { allowCidrs: [cidr] })),
    ).toEqual([])
    expect(invalidCidrs([...bad, '10.0.0.0/8', 'fd00::/8'])).toEqual(bad)
  })
})

describe('compared with the tables of ipaddr.js', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((array) => [...array])
  // Random bytes alone would rarely fall into a special range: half of the runs start inside or beside one.
  const near = BLOCKED.flatMap((row) => row.slice(0, 2)).map((text) => ipaddr.parse(text).toByteArray())
  const beside = fc
    .tuple(fc.constantFrom(...near), fc.nat(), fc.integer({ min: 0, max: 255 }))
    .map(([base, at, value]) => base.map((byte, index) => (index === at % base.length ? value : byte)))
  const address = fc.oneof(bytes(4), bytes(16), beside).map((array) => ipaddr.fromByteArray(array))

  test('whatever is public here is unicast there', () => {
    fc.assert(
      fc.property(address, (one) => {
        if (classify(one.toString()) === 'public') expect(ipaddr.process(one.toString()).range()).toBe('unicast')
      }),
      { numRuns: 5_000 },
    )
  })

  test('whatever is unicast there is public here, but for metadata and unassigned IPv6', () => {
    fc.assert(
      fc.property(address, (one) => {
        const read = ipaddr.process(one.toString())
        if (read.range() !== 'unicast') return
        const verdict = classify(one.toString())
        if (read.kind() === 'ipv6' && (read.toByteArray()[0]! & 0xe0) !== 0x20) expect(verdict).not.toBe('public')
        else if (read.toString() === '168.63.129.16') expect(verdict).toEqual({ blocked: 'metadata' })
        else expect(verdict).toBe('public')
      }),
      { numRuns: 5_000 },
    )
  })

  test('an address and its mapped spelling are judged alike', () => {
    fc.assert(
      fc.property(bytes(4), (four) => {
        const text = four.join('.')
        expect(classify(`::ffff:${text}`)).toEqual(classify(text))
      }),
    )
  })

  test('an allow-list of everything opens everything but metadata', () => {
    fc.assert(
      fc.property(address, (one) => {
        const verdict = classify(one.toString())
        const metadata = typeof verdict === 'object' && verdict.blocked === 'metadata'
        expect(permits(one.toString(), { allowCidrs: ['0.0.0.0/0', '::/0'] })).toBe(!metadata)
      }),
      { numRuns: 2_000 },
    )
  })
})
