import { afterEach, describe, expect, test } from 'vitest'
import { httpFarSide } from '../../../test/support/far-side.ts'
import { openRawDoor } from '../../resources/outbound/raw-request.ts'
import { askConsent, type Claim, isLoopback, makeToken, publicHalf, reachOf } from './consent.ts'

const closing: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of closing.splice(0)) await one[Symbol.asyncDispose]()
})

/** A host with a name of its own that leads to a server here. */
async function aHost(wellKnown: string | undefined, records: readonly string[] = []) {
  const far = await httpFarSide((response, request) => {
    const found = wellKnown !== undefined && request.url === '/.well-known/postern.txt'
    response.writeHead(found ? 200 : 404).end(found ? wellKnown : '')
  })
  closing.push(far)
  const url = new URL(`http://staging.example:${far.port}/hook`)
  const names: string[] = []
  const ask = async (claim: Partial<Claim>) => {
    const whole = { allowCidrs: ['127.0.0.0/8'], ...claim }
    const door = openRawDoor({ ...reachOf(url, whole), lookup: async () => ['127.0.0.1'] })
    const txt = async (name: string) => {
      names.push(name)
      return records
    }
    return await askConsent(url, whole, { door, txt })
  }
  return { ask, requests: far.requests, names }
}

describe('a token', () => {
  test('served at the well-known address, among other lines, is consent', async () => {
    const token = makeToken()
    const { ask, requests } = await aHost(`# ours\r\n${publicHalf(token)}\r\n`)
    expect(await ask({ token })).toMatchObject({ by: 'well-known' })
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /.well-known/postern.txt'])
  })

  test('in a TXT record is consent, and the host gets no packet for it', async () => {
    const token = makeToken()
    const { ask, requests, names } = await aHost(undefined, ['v=spf1', publicHalf(token)])
    expect(await ask({ token })).toMatchObject({ by: 'dns-txt' })
    expect(names).toEqual(['_postern.staging.example'])
    expect(requests).toHaveLength(0)
  })

  test('of somebody else is none, nor is what the host shows', async () => {
    const shown = publicHalf(makeToken())
    const { ask } = await aHost(shown, [shown])
    await expect(ask({ token: makeToken() })).rejects.toMatchObject({ code: 'CONSENT_REQUIRED' })
    await expect(ask({ token: shown })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
  })

  test('that nobody serves is none', async () => {
    const { ask } = await aHost(undefined)
    await expect(ask({ token: makeToken() })).rejects.toMatchObject({
      code: 'CONSENT_REQUIRED',
      detail: expect.stringContaining('/.well-known/postern.txt'),
    })
  })
})

test('whoever takes responsibility is named, with the reason', async () => {
  const { ask, requests } = await aHost(undefined)
  expect(await ask({ authorizedBy: 'Ada Lovelace, quarterly test' })).toEqual({
    by: 'authorized',
    detail: 'Authorized by Ada Lovelace: quarterly test.',
  })
  expect(requests).toHaveLength(0)
})

test.each([
  ['http://127.0.0.1:5000/', true],
  ['http://127.8.9.1/', true],
  ['http://[::1]:5000/', true],
  ['http://localhost/', true],
  ['http://api.localhost/', true],
  ['http://localhost.example.com/', false],
  ['http://127.0.0.1.example.com/', false],
  ['http://[::ffff:7f00:1]/', false],
  ['http://10.0.0.1/', false],
  ['http://0.0.0.0/', false],
])('%s is this machine: %s', (url, expected) => {
  expect(isLoopback(new URL(url))).toBe(expected)
})

test('localhost that leads elsewhere is not reached', async () => {
  const url = new URL('http://localhost:8080/')
  const door = openRawDoor({ ...reachOf(url, { allowCidrs: [] }), lookup: async () => ['93.184.216.34'] })
  const request = { method: 'GET', url: url.href, headers: [], body: [], timeoutMs: 5_000, maxResponseBytes: 10 }
  expect(await door.send(request)).toMatchObject({ ok: false, outcome: 'address_blocked' })
})
