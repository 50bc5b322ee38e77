import { describe, expect, test } from 'vitest'
import { httpFarSide } from '../../../../test/support/far-side.ts'
import { type ApiFault, aLiveApi, faultsOf, type LiveApi } from '../../../../test/support/live-api.ts'
import { decideSurface } from '../../../catalogue/decide.ts'
import { makePlan } from '../plan.ts'
import { type LiveScan, scanLive } from '../scan-live.ts'

const CONTEXT = {
  now: Date.now,
  clock: () => performance.now(),
  env: process.env,
  secretOf: async (reference: string) => reference,
  readText: async () => '',
}

async function scan({ origin, identities }: LiveApi, operations: readonly unknown[]): Promise<LiveScan> {
  return await scanLive(makePlan({ targets: [{ kind: 'rest', url: origin, identities, operations }] }), CONTEXT)
}

const ORDER = { path: '/orders/7', owner: 'alice' }

describe('an operation with an owner', () => {
  test('a sound one is accused of nothing', async () => {
    await using api = await aLiveApi()
    const result = await scan(api, [ORDER])
    expect(faultsOf(result)).toEqual([])
    expect(result).toMatchObject({ incomplete: false, warnings: [] })
    const [surface] = result.surfaces
    expect(surface).toMatchObject({
      id: 'rest GET /orders/7',
      style: 'rest',
      traits: { multiTenant: true, readOnly: true },
    })
    const met = (surface === undefined ? [] : decideSurface(surface).controls)
      .filter(({ outcome }) => outcome === 'met')
      .map(({ control }) => control)
    expect(met).toEqual(
      expect.arrayContaining([
        'request-authentication',
        'token-validation',
        'object-authorization',
        'tenant-binding',
        'cross-origin-policy',
        'response-hardening',
        'request-rate-limit',
        'route-normalisation',
        'error-disclosure',
        'property-filtering',
      ]),
    )
    expect(JSON.stringify(result)).not.toContain('token-of-alice')
  })

  test.each<readonly [ApiFault, readonly string[]]>([
    ['open', ['rest-no-credential: request-authentication high', 'rest-no-credential: token-validation high']],
    ['any-token', ['rest-no-credential: token-validation high']],
    ['bola', ['rest-other-identity: object-authorization high']],
    [
      'bola-tenant',
      ['rest-other-identity: object-authorization critical', 'rest-other-identity: tenant-binding critical'],
    ],
    ['override', ['rest-methods: request-authentication high']],
    ['cors-reflect', ['rest-cors: cross-origin-policy high']],
    ['leaks-hash', ['rest-exposure: property-filtering medium']],
    ['traces', ['rest-exposure: error-disclosure medium']],
    ['bare-cookie', ['rest-hardening: response-hardening low']],
  ])('%s is found, and nothing else', async (fault, finds) => {
    await using api = await aLiveApi(fault)
    expect(faultsOf(await scan(api, [ORDER]))).toEqual(finds)
  })
})

test('an operation whose owner is refused, and one that changes things, are not judged', async () => {
  await using api = await aLiveApi()
  const result = await scan(api, [
    { path: '/orders/8', owner: 'alice' },
    { path: '/orders/7', method: 'DELETE', owner: 'alice' },
  ])
  expect(result.surfaces.map((surface) => decideSurface(surface).decision)).toEqual(['not evaluable', 'not evaluable'])
  expect(result.warnings).toMatchObject([
    { message: expect.stringContaining('404') },
    { message: expect.stringContaining('destructive') },
  ])
})

/** Fewer lost requests than make a run end: only the last question notices. */
test('a target that goes away after the last probe leaves a run that is not whole', async () => {
  let ofOwner = 0
  const far = await httpFarSide((response, request) => {
    if (request.headers.authorization !== 'Bearer owner') return void response.writeHead(401).end()
    ofOwner += 1
    if (ofOwner > 2) return void request.socket.resetAndDestroy()
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":7,"total":12}')
  })
  const plan = {
    targets: [
      {
        kind: 'rest',
        url: far.url,
        identities: { alice: { headers: { authorization: 'Bearer owner' } } },
        operations: [ORDER],
      },
    ],
    probes: { only: ['rest-no-credential'] },
  }
  const result = await scanLive(makePlan(plan), CONTEXT)
  await far[Symbol.asyncDispose]()
  expect(result.incomplete).toBe(true)
  expect(result.warnings.map(({ message }) => message).join(' ')).toContain('no longer answered')
})
