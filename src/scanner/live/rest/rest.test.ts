import { describe, expect, test } from 'vitest'
import { type ApiFault, aLiveApi, type LiveApi } from '../../../../test/support/live-api.ts'
import { decideSurface } from '../../../catalogue/decide.ts'
import { atLeast } from '../../../catalogue/severity.ts'
import { makePlan } from '../plan.ts'
import { type LiveScan, scanLive } from '../scan-live.ts'

async function scan({ origin, identities }: LiveApi, operations: readonly unknown[]): Promise<LiveScan> {
  return await scanLive(makePlan({ targets: [{ kind: 'rest', url: origin, identities, operations }] }), {
    now: Date.now,
    clock: () => performance.now(),
    env: process.env,
    secretOf: async (reference) => reference,
    readText: async () => '',
  })
}

const ORDER = { path: '/orders/7', owner: 'alice' }

function faults({ surfaces }: LiveScan): readonly string[] {
  return surfaces
    .flatMap((surface) => decideSurface(surface).findings)
    .filter(({ severity }) => atLeast(severity, 'low'))
    .map(({ rule, control, severity }) => `${rule}: ${control} ${severity}`)
    .sort()
}

describe('an operation with an owner', () => {
  test('a sound one is accused of nothing', async () => {
    await using api = await aLiveApi()
    const result = await scan(api, [ORDER])
    expect(faults(result)).toEqual([])
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
    expect(faults(await scan(api, [ORDER]))).toEqual(finds)
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
