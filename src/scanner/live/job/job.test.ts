import { describe, expect, test } from 'vitest'
import { type ApiFault, aLiveApi, type LiveApi } from '../../../../test/support/live-api.ts'
import { decideSurface } from '../../../catalogue/decide.ts'
import { atLeast } from '../../../catalogue/severity.ts'
import { makePlan } from '../plan.ts'
import { type LiveScan, scanLive } from '../scan-live.ts'

async function scan({ origin, identities }: LiveApi, more: Readonly<Record<string, unknown>> = {}): Promise<LiveScan> {
  const target = {
    kind: 'job',
    url: origin,
    identities,
    create: { path: '/exports', body: '{}' },
    status: { path: '/exports/{id}', done: '$.url' },
    cancel: { path: '/exports/{id}/cancel' },
    result: { path: '/exports/{id}/result', url: '$.url' },
    callback_field: '$.callback_url',
    ...more,
  }
  return await scanLive(makePlan({ targets: [target], destructive: true, limits: { late_ms: 300 } }), {
    now: Date.now,
    clock: () => performance.now(),
    env: process.env,
    secretOf: async (reference) => reference,
    readText: async () => '',
  })
}

function faults({ surfaces }: LiveScan): readonly string[] {
  return surfaces
    .flatMap((surface) => decideSurface(surface).findings)
    .filter(({ severity }) => atLeast(severity, 'low'))
    .map(({ rule, control, severity }) => `${rule}: ${control} ${severity}`)
    .sort()
}

describe('a job over three users in two tenants', () => {
  test('a sound one is accused of nothing, and the matrix is met', async () => {
    await using api = await aLiveApi()
    const result = await scan(api)
    expect(faults(result)).toEqual([])
    expect(result).toMatchObject({ incomplete: false, warnings: [] })
    const [surface] = result.surfaces
    expect(surface).toMatchObject({ id: 'async-job POST /exports', style: 'async-job' })
    const met = (surface === undefined ? [] : decideSurface(surface).controls)
      .filter(({ outcome }) => outcome === 'met')
      .map(({ control }) => control)
    expect(met).toEqual(
      expect.arrayContaining([
        'job-create-authorization',
        'job-owner-binding',
        'job-status-authorization',
        'job-cancel-authorization',
        'job-result-authorization',
        'callback-target-authorization',
        'result-url-single-use',
      ]),
    )
  })

  test.each<readonly [ApiFault, readonly string[]]>([
    ['job-open-create', ['job-create: job-create-authorization high']],
    ['job-status-open', ['job-status: job-owner-binding critical', 'job-status: job-status-authorization critical']],
    ['job-cancel-open', ['job-cancel: job-cancel-authorization critical']],
    ['job-result-open', ['job-result: job-result-authorization critical']],
    ['result-reused', ['job-result-url: result-url-single-use low']],
    ['callback-anywhere', ['job-callback: callback-target-authorization high']],
  ])('%s is found, and nothing else', async (fault, finds) => {
    await using api = await aLiveApi(fault)
    expect(faults(await scan(api))).toEqual(finds)
  })
})

test('nothing is cancelled unless the plan says so', async () => {
  await using api = await aLiveApi('job-cancel-open')
  const plan = makePlan({
    targets: [
      {
        kind: 'job',
        url: api.origin,
        identities: api.identities,
        create: { path: '/exports', body: '{}' },
        status: { path: '/exports/{id}' },
        cancel: { path: '/exports/{id}/cancel' },
      },
    ],
  })
  const result = await scanLive(plan, {
    now: Date.now,
    clock: () => performance.now(),
    env: process.env,
    secretOf: async (reference) => reference,
    readText: async () => '',
  })
  const requests = result.surfaces.flatMap(({ probes = [] }) => probes.flatMap(({ exchanges }) => exchanges))
  expect(requests.filter(({ request }) => request.includes('/cancel'))).toEqual([])
})

test('a job that its owner cannot create is not judged', async () => {
  await using api = await aLiveApi()
  const result = await scan(api, { create: { path: '/nowhere' } })
  expect(result.surfaces.map((surface) => decideSurface(surface).decision)).toEqual(['not evaluable'])
  expect(result.warnings).toMatchObject([{ message: expect.stringContaining('404') }])
})
