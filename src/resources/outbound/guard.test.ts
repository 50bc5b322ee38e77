import { Socket } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { httpFarSide } from '../../../test/support/far-side.ts'
import { type Lookup, systemLookup } from './connector.ts'
import { type Outbound, type OutboundPolicy, openOutbound } from './request.ts'

const opened: Outbound[] = []

afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(opened.splice(0).map((outbound) => outbound.close()))
})

function anOutbound(policy: Partial<OutboundPolicy>): Outbound {
  const outbound = openOutbound({ ports: [443], allowHttp: true, ...policy })
  opened.push(outbound)
  return outbound
}

function post(outbound: Outbound, url: string, allowCidrs: readonly string[] = []) {
  return outbound.send({ method: 'POST', url, headers: {}, body: Buffer.from('{}'), timeoutMs: 10_000, allowCidrs })
}

const toLoopback: Lookup = async () => ['127.0.0.1']

describe('spellings of loopback, sent for real to a port where somebody listens', () => {
  const HOSTS = [
    ...[
      '127.0.0.1',
      '127.1',
      '127.0.1',
      '0x7f.1',
      '0x7f000001',
      '2130706433',
      '017700000001',
      '0177.0.0.1',
      '127.0.0.1.',
    ],
    ...[
      '0',
      '0.0.0.0',
      '①②⑦.0.0.1',
      '１２７.0.0.1',
      '127。0。0。1',
      '[::1]',
      '[::]',
      '[0:0:0:0:0:0:0:1]',
      '[::ffff:127.0.0.1]',
    ],
    ...[
      '[::ffff:7f00:1]',
      '[::127.0.0.1]',
      '[64:ff9b::7f00:1]',
      '[64:ff9b:1::7f00:1]',
      '[2002:7f00:1::]',
      '[::1%25lo]',
    ],
    ...[
      'localhost',
      'localhost.',
      'LOCALHOST',
      'a.localhost',
      'localtest.test',
      '127.0.0.1.nip.test',
      '%31%32%37.0.0.1',
    ],
    ...['a@127.0.0.1', '@127.0.0.1', 'example.com%2f@127.0.0.1', 'example.com\\@127.0.0.1', '12\u00ad7.0.0.1'],
  ]

  test.each(HOSTS)('%s reaches nobody', async (host) => {
    await using far = await httpFarSide()
    const outbound = anOutbound({ ports: [far.port], lookup: toLoopback })
    expect(await post(outbound, `http://${host}:${far.port}/`)).toMatchObject({ ok: false, outcome: 'address_blocked' })
    expect(far.sockets).toHaveLength(0)
  })

  test('the same listener is reached by the destination that lists it', async () => {
    await using far = await httpFarSide()
    const outbound = anOutbound({ lookup: toLoopback })
    expect(await post(outbound, far.url, ['127.0.0.1/32'])).toMatchObject({ ok: true, status: 200 })
    expect(await post(outbound, `http://localhost.:${far.port}/`, ['127.0.0.1/32'])).toMatchObject({
      ok: true,
      status: 200,
    })
  })

  test('the system’s own localhost is judged like every other answer', async () => {
    await using far = await httpFarSide()
    const outbound = anOutbound({ ports: [far.port], lookup: systemLookup })
    expect(await post(outbound, `http://localhost:${far.port}/`)).toMatchObject({
      outcome: 'address_blocked',
      detail: 'loopback',
    })
    expect(await post(outbound, `http://localhost:${far.port}/`, ['127.0.0.1/32', '::1/128'])).toMatchObject({
      ok: true,
    })
  })
})

describe('metadata addresses', () => {
  test.each([
    '169.254.169.254',
    '[fd00:ec2::254]',
    '[::ffff:169.254.169.254]',
    '[64:ff9b::a9fe:a9fe]',
    '100.100.100.200',
    '168.63.129.16',
  ])('%s is refused to a destination that lists everything', async (host) => {
    const connect = vi.spyOn(Socket.prototype, 'connect')
    const result = await post(anOutbound({}), `http://${host}/latest/meta-data/`, ['0.0.0.0/0', '::/0'])
    expect(result).toMatchObject({ ok: false, outcome: 'address_blocked', detail: 'metadata' })
    expect(connect).not.toHaveBeenCalled()
  })

  test('a name that leads there is refused as well', async () => {
    const outbound = anOutbound({ lookup: async () => ['169.254.169.254'] })
    expect(await post(outbound, 'http://metadata.test/', ['0.0.0.0/0'])).toMatchObject({
      outcome: 'address_blocked',
      detail: 'metadata',
    })
  })
})

describe('what a name resolves to', () => {
  const refuses = async (answers: readonly string[], detail: string, allowCidrs: readonly string[] = []) => {
    const connect = vi.spyOn(Socket.prototype, 'connect')
    const outbound = anOutbound({ lookup: async () => answers })
    expect(await post(outbound, 'https://name.test/', allowCidrs)).toMatchObject({ ok: false, detail })
    expect(connect).not.toHaveBeenCalled()
  }

  test('one private answer among public ones refuses all of them, in any place', async () => {
    await refuses(['93.184.215.14', '10.0.0.1'], 'private')
    await refuses(['10.0.0.1', '93.184.215.14'], 'private')
    await refuses(['93.184.215.14', '1.1.1.1', '8.8.8.8', '9.9.9.9', '1.0.0.1', '::1'], 'loopback')
    await refuses(['127.0.0.1', '10.0.0.1'], 'private', ['127.0.0.1/32'])
  })

  test('an empty or unreadable answer opens nothing', async () => {
    await refuses([], 'no_answer')
    await refuses(['2130706433'], 'not_an_address')
    await refuses([''], 'not_an_address')
    await refuses(['fe80::1%eth0'], 'not_an_address')
  })

  test('an error of the resolver is dns_failed, also for a name that the system does not know', async () => {
    const failing = anOutbound({ lookup: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })) })
    expect(await post(failing, 'https://name.test/')).toMatchObject({ outcome: 'dns_failed', detail: 'ENOTFOUND' })
    const throwing = anOutbound({
      lookup: () => {
        throw new TypeError('broken resolver')
      },
    })
    expect(await post(throwing, 'https://name.test/')).toMatchObject({ outcome: 'dns_failed', detail: 'unknown' })
    expect(await post(anOutbound({}), 'https://name.invalid/')).toMatchObject({ outcome: 'dns_failed' })
  })

  test('a public answer on an odd port or without TLS is refused; the same port is open to a listed address', async () => {
    await using far = await httpFarSide()
    const answers = { now: ['93.184.215.14'] }
    const outbound = anOutbound({ allowHttp: false, lookup: async () => answers.now })
    expect(await post(outbound, 'https://name.test:6379/', ['127.0.0.1/32'])).toMatchObject({
      outcome: 'address_blocked',
      detail: 'port',
    })
    expect(await post(outbound, 'http://name.test/', ['127.0.0.1/32'])).toMatchObject({
      outcome: 'address_blocked',
      detail: 'plain_http',
    })
    answers.now = ['127.0.0.1']
    expect(await post(outbound, `http://name.test:${far.port}/`, ['127.0.0.1/32'])).toMatchObject({ ok: true })
  })

  test('the next address is tried when nobody listens at the first', async () => {
    await using far = await httpFarSide()
    const outbound = anOutbound({ lookup: async () => ['::1', '127.0.0.1'] })
    expect(await post(outbound, `http://name.test:${far.port}/`, ['::1/128', '127.0.0.1/32'])).toMatchObject({
      ok: true,
    })
    expect(far.sockets).toHaveLength(1)
  })
})

describe('rebinding', () => {
  test('a name that turns from public to loopback is asked once a socket, and the socket goes to what was judged', async () => {
    const connect = vi.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket) {
      queueMicrotask(() => this.destroy(Object.assign(new Error('not in a test'), { code: 'ECONNREFUSED' })))
      return this
    })
    const answers = [['93.184.215.14'], ['127.0.0.1']]
    const lookup = vi.fn(async () => answers[lookup.mock.calls.length - 1] ?? [])
    const outbound = anOutbound({ ports: [80], lookup })

    expect(await post(outbound, 'http://flip.test/')).toMatchObject({ outcome: 'connection_refused' })
    expect(lookup).toHaveBeenCalledTimes(1)
    expect(connectedTo(connect)).toEqual(['93.184.215.14'])

    expect(await post(outbound, 'http://flip.test/')).toMatchObject({ outcome: 'address_blocked', detail: 'loopback' })
    expect(connectedTo(connect)).toEqual(['93.184.215.14'])
  })

  test('a living socket is kept when the name turns away; a new one is judged anew', async () => {
    await using far = await httpFarSide((response, request) => {
      if (request.url === '/close') response.setHeader('connection', 'close')
      response.end('ok')
    })
    const answers = { now: ['127.0.0.1'] }
    const lookup = vi.fn(async () => answers.now)
    const outbound = anOutbound({ lookup })
    const send = (path: string) => post(outbound, `http://flip.test:${far.port}${path}`, ['127.0.0.1/32'])

    expect(await send('/')).toMatchObject({ ok: true })
    answers.now = ['127.0.0.2']
    expect(await send('/close')).toMatchObject({ ok: true })
    expect(lookup).toHaveBeenCalledTimes(1)
    expect(await send('/')).toMatchObject({ outcome: 'address_blocked', detail: 'loopback' })
    expect(far.sockets.map((socket) => socket.localAddress)).toHaveLength(1)
  })

  test('a socket that ends up elsewhere than asked is destroyed before a byte is sent', async () => {
    await using far = await httpFarSide()
    const original = Socket.prototype.connect
    vi.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket) {
      return Reflect.apply(original, this, [far.port, '127.0.0.1'])
    })
    const outbound = anOutbound({ lookup: async () => ['127.0.0.9'] })
    const result = await post(outbound, `http://name.test:${far.port}/`, ['127.0.0.0/8'])
    expect(result).toMatchObject({ ok: false, outcome: 'address_blocked', detail: 'peer_differs' })
    await vi.waitFor(() => expect(far.sockets.map((socket) => socket.destroyed)).toEqual([true]))
    expect(far.requests).toHaveLength(0)
  })
})

describe('sharing connections', () => {
  test('a destination without the list does not get the socket of one that has it', async () => {
    await using far = await httpFarSide()
    const outbound = anOutbound({ ports: [far.port], lookup: toLoopback })
    const url = `http://shared.test:${far.port}/`
    expect(await post(outbound, url, ['127.0.0.1/32'])).toMatchObject({ ok: true })
    expect(await post(outbound, url)).toMatchObject({ outcome: 'address_blocked', detail: 'loopback' })
    expect(await post(outbound, url, ['10.0.0.0/8'])).toMatchObject({ outcome: 'address_blocked', detail: 'loopback' })
    expect(await post(outbound, url, ['127.0.0.1/32'])).toMatchObject({ ok: true })
    expect(far.requests).toHaveLength(2)
  })

  test('one entry that looks like two lists joined opens nothing', async () => {
    await using far = await httpFarSide()
    const outbound = anOutbound({ lookup: toLoopback })
    expect(await post(outbound, far.url, ['10.0.0.0/8', '127.0.0.1/32'])).toMatchObject({ ok: true })
    expect(await post(outbound, far.url, ['10.0.0.0/8,127.0.0.1/32'])).toMatchObject({ outcome: 'address_blocked' })
  })
})

test('a refusal names the kind of address, never the address itself', async () => {
  const result = await post(anOutbound({ lookup: async () => ['10.11.12.13'] }), 'https://name.test/')
  expect(JSON.stringify(result)).not.toContain('10.11')
})

/** Node calls `connect` with its normalised arguments: an array whose first entry is the options. */
function connectedTo(connect: { readonly mock: { readonly calls: readonly (readonly unknown[])[] } }): unknown[] {
  return connect.mock.calls.map(([argument]) => {
    const options: unknown = Array.isArray(argument) ? argument[0] : argument
    return typeof options === 'object' && options !== null && 'host' in options ? options.host : options
  })
}
