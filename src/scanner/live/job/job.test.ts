import { describe, expect, test } from 'vitest'
import { type ApiFault, aLiveApi, faultsOf, type LiveApi } from '../../../../test/support/live-api.ts'
import { decideSurface } from '../../../catalogue/decide.ts'
import { examineSpecs, readSpecs } from '../../spec/examine-specs.ts'
import { makePlan } from '../plan.ts'
import { type LiveScan, scanLive } from '../scan-live.ts'

const operator = (path: string, body: string) => ({ path, body, headers: { 'content-type': 'application/json' } })

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
    kept_seconds: 600,
    role_change: {
      identity: 'anna',
      take: operator('/_role', '{"user":"anna"}'),
      give: operator('/_role', '{"user":"anna","allowed":true}'),
    },
    clock: operator('/_clock', '{"seconds":{seconds}}'),
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

describe('a job over three users in two tenants', () => {
  test('a sound one is accused of nothing, and the matrix is met', async () => {
    await using api = await aLiveApi()
    const result = await scan(api)
    expect(faultsOf(result)).toEqual([])
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
        'result-url-ttl',
        'result-revocation',
        'job-ttl',
      ]),
    )
  })

  test.each<readonly [ApiFault, readonly string[]]>([
    ['job-open-create', ['job-create: job-create-authorization high']],
    ['job-status-open', ['job-status: job-owner-binding critical', 'job-status: job-status-authorization critical']],
    ['job-cancel-open', ['job-cancel: job-cancel-authorization critical']],
    ['job-result-open', ['job-result: job-result-authorization critical']],
    ['result-reused', ['job-result-url: result-url-single-use low']],
    ['result-forever', ['job-result-expiry: result-url-ttl medium']],
    ['job-forever', ['job-kept: job-ttl medium']],
    ['role-kept', ['job-role-change: result-revocation medium']],
    ['callback-anywhere', ['job-callback: callback-target-authorization high']],
  ])('%s is found, and nothing else', async (fault, finds) => {
    await using api = await aLiveApi(fault)
    expect(faultsOf(await scan(api))).toEqual(finds)
  })
})

const said = ({ surfaces }: LiveScan, probe: string) =>
  surfaces
    .flatMap(({ probes = [] }) => probes.filter((record) => record.probe === probe))
    .flatMap(({ verdicts }) => verdicts.map(({ standing, detail }) => `${standing}: ${detail}`))

test('an end that is further away than the run waits is said to be unseen, and so is a clock that does not move', async () => {
  await using api = await aLiveApi('result-forever', 'job-forever')
  const waiting = await scan(api, { clock: undefined })
  expect(faultsOf(waiting)).toEqual([])
  expect(said(waiting, 'job-result-expiry')).toContain(
    'unclear: The end of the issued address was not seen: it comes after 60 seconds, and this run does not wait so long.',
  )
  const stuck = await scan(api, { clock: { command: 'test "$POSTERN_SECONDS" = never' } })
  expect(said(stuck, 'job-kept')).toEqual([
    'unclear: The end of the job was not seen: the clock could not be moved (the command ended with 1).',
  ])
})

test('an address that must be its owner’s alone and works for anybody is found', async () => {
  await using api = await aLiveApi()
  const result = { path: '/exports/{id}/result', url: '$.url', owner_only: true }
  expect(faultsOf(await scan(api, { result }))).toEqual(['job-result-url: job-result-authorization high'])
})

test('a role that cannot be taken or given back is told, and nobody of the plan loses one', async () => {
  await using api = await aLiveApi()
  const [take, broken] = [operator('/_role', '{"user":"anna"}'), operator('/nowhere', '{}')]
  const untaken = await scan(api, { role_change: { identity: 'anna', take: broken, give: take } })
  expect(said(untaken, 'job-role-change')).toEqual(['unclear: The role could not be taken: it was answered 404.'])
  const kept = await scan(api, { role_change: { identity: 'anna', take, give: broken } })
  expect(said(kept, 'job-role-change').at(-1)).toBe('unclear: The role could not be given back: it was answered 404.')
  await expect(scan(api, { role_change: { identity: 'nobody', take, give: take } })).rejects.toThrow(
    'no identity nobody',
  )
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

const CONTRACT = `openapi: 3.1.0
info: { title: Exports, version: '1' }
components: { securitySchemes: { bearer: { type: http, scheme: bearer } } }
security: [ { bearer: [] } ]
paths:
  /exports:
    post:
      responses:
        '202': { description: accepted, content: { application/json: { schema: { type: object, properties: { id: { type: string } } } } } }
        '401': { description: who are you }
        '422': { description: not this callback }
  /exports/{jobId}:
    parameters: [ { name: jobId, in: path, required: true, schema: { type: string } } ]
    get:
      responses: { '200': { description: how it stands }, '404': { description: none of yours } }
  /exports/{jobId}/result:
    parameters: [ { name: jobId, in: path, required: true, schema: { type: string } } ]
    get: { responses: { '200': { description: rows }, '401': { description: who }, '404': { description: none } } }
`

test('the other operations of a job are held against their description, too', async () => {
  await using api = await aLiveApi()
  const { surfaces } = await scan(api)
  const [job] = surfaces
  expect(job).toMatchObject({ observed: { authentication: 'demanded' } })
  expect(job?.steps).toEqual([
    { route: 'GET /exports/{id}', observed: expect.objectContaining({ authentication: 'demanded' }) },
    { route: 'GET /exports/{id}/result', observed: expect.objectContaining({ statuses: ['200', '404'] }) },
    { route: 'POST /exports/{id}/cancel', observed: expect.objectContaining({ statuses: ['200', '404'] }) },
  ])
  const { documents } = readSpecs(new Map([['openapi.yaml', CONTRACT]]), {
    readBeside: undefined,
    onProgress: undefined,
  })
  const contract = examineSpecs(documents, surfaces, []).find(({ id }) => id.startsWith('contract '))
  const drift = contract?.evidence.filter(({ state }) => state === 'unsafe').map(({ detail }) => detail)
  expect(drift).toEqual([
    'POST /exports/{id}/cancel is not in the description.',
    'GET /exports/{jobId} answers with 401, which the description does not have.',
  ])
})
