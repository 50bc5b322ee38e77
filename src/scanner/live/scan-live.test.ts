/** The prober against a receiver whose faults are known, and against far sides that behave badly. */
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { httpFarSide, tcpFarSide } from '../../../test/support/far-side.ts'
import { aLiveTarget, type LiveTarget, type TargetFault } from '../../../test/support/live-target.ts'
import { decideSurface } from '../../catalogue/decide.ts'
import { atLeast } from '../../catalogue/severity.ts'
import { type LivePlanInput, makePlan } from './plan.ts'
import { type LiveOptions, type LiveScan, scanLive } from './scan-live.ts'

type Target = Readonly<Record<string, unknown>>

function targetOf(target: LiveTarget, more: Target = {}): Target {
  return { kind: 'webhook', url: target.url, provider: 'stripe', secret: target.secret, ...more }
}

function counted({ origin }: LiveTarget): Target {
  return { oracle: { status: { url: `${origin}/_effects?id={id}`, path: '$.count' } } }
}

async function scan(targets: readonly Target[], more: LivePlanInput = {}, options: Partial<LiveOptions> = {}) {
  const plan = makePlan({ ...more, targets: [...targets], limits: { late_ms: 300, ...more.limits } })
  return await scanLive(plan, {
    now: Date.now,
    clock: () => performance.now(),
    env: process.env,
    secretOf: async (reference) => reference,
    readText: async () => '',
    ...options,
  })
}

/** `probe: control`, each once; notes about what is merely worth knowing left out. */
function faults({ surfaces }: LiveScan): readonly string[] {
  return surfaces
    .flatMap((surface) => decideSurface(surface).findings)
    .filter(({ severity }) => atLeast(severity, 'low'))
    .map(({ rule, control }) => `${rule}: ${control}`)
    .sort()
}

function verdictsOf({ surfaces }: LiveScan, probe: string) {
  return surfaces.flatMap(({ probes = [] }) => probes).find((one) => one.probe === probe)?.verdicts ?? []
}

describe('a receiver whose effects are counted', () => {
  test('a sound one is accused of nothing, and every control that was watched is met', async () => {
    await using target = await aLiveTarget()
    const result = await scan([
      targetOf(target, { ...counted(target), other_tenant: { fields: { '$.account': 'acct_other' } } }),
    ])
    expect(faults(result)).toEqual([])
    expect(result).toMatchObject({ incomplete: false, warnings: [] })
    const [surface] = result.surfaces
    expect(surface).toMatchObject({ id: 'webhook POST /hook', style: 'webhook', route: 'POST /hook' })
    expect(new Set(surface?.evidence.map(({ source }) => source))).toEqual(new Set(['live']))
    const met = (surface === undefined ? [] : decideSurface(surface).controls)
      .filter(({ outcome, proof }) => outcome === 'met' && proof === 'observed')
      .map(({ control }) => control)
    expect(met).toEqual(
      expect.arrayContaining([
        'sender-authentication',
        'raw-body-integrity',
        'algorithm-pinning',
        'freshness-window',
        'replay-cache',
        'idempotent-effects',
        'fail-closed',
        'event-allowlist',
        'tenant-mapping',
        'payload-url-guard',
        'body-size-limit',
        'route-normalisation',
      ]),
    )
  })

  const CASES: readonly (readonly [TargetFault, probes: readonly string[], finds: readonly string[]])[] = [
    [
      'no-signature',
      ['unsigned', 'wrong-key'],
      ['unsigned: sender-authentication', 'wrong-key: sender-authentication'],
    ],
    [
      'signature-optional',
      ['unsigned', 'signed-header-missing', 'wrong-key'],
      ['signed-header-missing: fail-closed', 'unsigned: sender-authentication'],
    ],
    ['prefix-compare', ['signature-shape', 'wrong-key'], ['signature-shape: sender-authentication']],
    ['empty-secret', ['empty-key', 'wrong-key'], ['empty-key: fail-closed']],
    ['any-algorithm', ['wrong-algorithm'], ['wrong-algorithm: algorithm-pinning']],
    ['any-version', ['version-downgrade'], ['version-downgrade: algorithm-pinning']],
    [
      'parsed-body',
      ['changed-body', 'reordered-json', 'altered-whitespace'],
      ['altered-whitespace: raw-body-integrity'],
    ],
    ['sorted-body', ['reordered-json'], ['reordered-json: raw-body-integrity']],
    ['decoded-body', ['invalid-utf8', 'altered-whitespace'], ['invalid-utf8: raw-body-integrity']],
    ['no-freshness', ['stale', 'future'], ['future: freshness-window', 'stale: freshness-window']],
    ['past-only', ['stale', 'future'], ['future: freshness-window']],
    [
      'no-dedupe',
      ['exact-replay', 'same-id-other-body'],
      ['exact-replay: idempotent-effects', 'exact-replay: replay-cache', 'same-id-other-body: idempotent-effects'],
    ],
    [
      'dedupe-race',
      ['exact-replay', 'parallel-copies'],
      ['parallel-copies: idempotent-effects', 'parallel-copies: replay-cache'],
    ],
    ['any-type', ['unknown-event-type'], ['unknown-event-type: event-allowlist']],
    [
      'body-tenant',
      ['other-tenant-ids'],
      ['other-tenant-ids: payload-object-scope', 'other-tenant-ids: tenant-mapping'],
    ],
    [
      'no-limit',
      ['oversized-length', 'oversized-chunked'],
      ['oversized-chunked: body-size-limit', 'oversized-length: body-size-limit'],
    ],
    [
      'fetches-urls',
      ['payload-url-fetch', 'payload-url-spelling'],
      ['payload-url-fetch: payload-url-guard', 'payload-url-spelling: payload-url-guard'],
    ],
    ['follows-redirects', ['payload-url-fetch'], ['payload-url-fetch: payload-url-guard']],
    ['open-redirect', ['payload-redirect'], ['payload-redirect: redirect-target-guard']],
    ['stack-traces', ['refusal-disclosure'], ['refusal-disclosure: error-disclosure']],
    ['breaks-on-odd', ['odd-payload'], ['odd-payload: payload-validation']],
  ]
  test.each(CASES)('%s is found, and nothing else', async (fault, only, finds) => {
    await using target = await aLiveTarget(fault)
    const own = { ...counted(target), other_tenant: { fields: { '$.account': 'acct_other' } } }
    expect(faults(await scan([targetOf(target, own)], { probes: { only: [...only] } }))).toEqual(finds)
  })

  test('a 200 for everything is no fault where nothing happens', async () => {
    await using target = await aLiveTarget('always-200')
    const only = ['unsigned', 'wrong-key', 'changed-body', 'stale', 'exact-replay']
    const result = await scan([targetOf(target, counted(target))], { probes: { only } })
    expect(faults(result)).toEqual([])
    expect(verdictsOf(result, 'unsigned')[0]).toMatchObject({
      standing: 'sound',
      detail: expect.stringContaining('no effect'),
    })
  })

  test('the exchange that shows a fault is kept, without the secret and without a usable signature', async () => {
    await using target = await aLiveTarget('no-freshness')
    const result = await scan([targetOf(target)], { probes: { only: ['stale'] } })
    const record = result.surfaces[0]?.probes?.find(({ probe }) => probe === 'stale')
    const { exchange } = record?.verdicts[0] ?? {}
    expect(record?.exchanges[exchange ?? -1]).toMatchObject({
      request: expect.stringMatching(/^POST \/hook HTTP\/1\.1\n[\s\S]*Stripe-Signature: t=\d{4}…\[\d+ characters\]/),
      response: expect.stringMatching(/^HTTP\/1\.1 200/),
    })
    expect(JSON.stringify(result)).not.toContain(target.secret)
    expect(JSON.stringify(result)).not.toMatch(/v1=[0-9a-f]{8}/)
  })
})

describe('a receiver whose effects nobody counts', () => {
  test('a 200 for everything is not judged: the run says so and is not whole', async () => {
    await using target = await aLiveTarget('always-200', 'no-signature')
    const result = await scan([targetOf(target)], {
      probes: { only: ['unsigned', 'stale', 'exact-replay', 'parallel-copies'] },
    })
    expect(faults(result)).toEqual([])
    expect(result.incomplete).toBe(true)
    expect(verdictsOf(result, 'unsigned')).toMatchObject([
      { standing: 'unclear', next: expect.stringContaining('oracle') },
    ])
    expect(verdictsOf(result, 'parallel-copies')).toMatchObject([{ standing: 'unclear' }])
  })

  test('an accepted forgery is a finding all the same, with less confidence', async () => {
    await using target = await aLiveTarget('no-signature')
    const result = await scan([targetOf(target)], { probes: { only: ['unsigned'] } })
    expect(verdictsOf(result, 'unsigned')).toMatchObject([{ standing: 'faulty', confidence: 'medium' }])
  })

  test('two equal answers to two copies prove nothing', async () => {
    const far = await httpFarSide((response, request) => {
      response.statusCode = request.headers['stripe-signature'] === undefined ? 401 : 200
      response.end('ok')
    })
    const result = await scan(
      [{ kind: 'webhook', url: `${far.url}/hook`, provider: 'stripe', secret: 'whsec_0123456789' }],
      {
        probes: { only: ['exact-replay'] },
      },
    )
    await far[Symbol.asyncDispose]()
    expect(verdictsOf(result, 'exact-replay')).toMatchObject([{ standing: 'unclear' }, { standing: 'unclear' }])
  })
})

describe('what cannot be judged', () => {
  test('a genuine event that is refused ends the examination: a receiver that refuses everything is not sound', async () => {
    await using target = await aLiveTarget()
    const result = await scan([targetOf(target, { secret: 'whsec_another_0123456789' })])
    const [surface] = result.surfaces
    expect(surface === undefined ? '' : decideSurface(surface).decision).toBe('not evaluable')
    expect(result.warnings).toMatchObject([{ message: expect.stringContaining('Check the secret') }])
    expect(target.requests()).toBe(1)
  })

  test('an oracle that looks elsewhere is noticed before anything is concluded', async () => {
    await using target = await aLiveTarget()
    const oracle = { status: { url: `${target.origin}/_effects?id=another`, path: '$.count' } }
    const result = await scan([targetOf(target, { oracle })], { limits: { effect_ms: 200 } })
    expect(result.warnings[0]?.message).toContain('the oracle saw no effect')
  })

  test('an oracle that gives no count is noticed as well', async () => {
    await using target = await aLiveTarget()
    const oracle = { status: { url: `${target.origin}/nowhere/else`, path: '$.count' } }
    const hook = { hook: 'echo many' }
    // 404 is an unknown event and counts nothing; a hook that prints words counts nothing either, and says so.
    const results = [
      await scan([targetOf(target, { oracle })], { limits: { effect_ms: 200 } }),
      await scan([targetOf(target, { oracle: hook })], { limits: { effect_ms: 200 } }),
    ]
    expect(results.map(({ warnings }) => warnings[0]?.message)).toEqual([
      expect.stringContaining('saw no effect'),
      expect.stringContaining('one number'),
    ])
  })

  test.each<readonly [string, (socket: import('node:net').Socket) => void]>([
    ['never answers', () => undefined],
    ['resets every connection', (socket) => socket.resetAndDestroy()],
    ['closes every connection', (socket) => socket.end()],
    ['speaks something else', (socket) => socket.end('SSH-2.0-x\r\n')],
    ['sends headers without end', (socket) => void socket.write(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(50_000)}`)],
    ['sends a status nobody knows', (socket) => socket.end('HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n')],
    [
      'leads elsewhere',
      (socket) => socket.end('HTTP/1.1 307 x\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n'),
    ],
  ])('a target that %s passes for nothing', async (_, behave) => {
    const far = await tcpFarSide((socket) => {
      socket.once('data', () => behave(socket))
    })
    const result = await scan(
      [{ kind: 'webhook', url: `${far.url}/hook`, provider: 'stripe', secret: 'whsec_0123456789' }],
      { limits: { timeout_ms: 200 } },
    )
    await far[Symbol.asyncDispose]()
    const [surface] = result.surfaces
    expect(surface === undefined ? '' : decideSurface(surface).decision).toBe('not evaluable')
  })

  test('a target that streams for ever is bounded, and its status counts', async () => {
    const far = await httpFarSide((response, request) => {
      response.statusCode = request.headers['stripe-signature'] === undefined ? 401 : 200
      const timer = setInterval(() => response.write('x'.repeat(1_000)), 1)
      response.on('close', () => clearInterval(timer))
    })
    const result = await scan(
      [{ kind: 'webhook', url: `${far.url}/hook`, provider: 'stripe', secret: 'whsec_0123456789' }],
      { probes: { only: ['unsigned'] }, limits: { timeout_ms: 5_000 } },
    )
    await far[Symbol.asyncDispose]()
    expect(verdictsOf(result, 'unsigned')[0]).toMatchObject({ standing: 'sound' })
  })
})

describe('a run that ends early is not whole and never passes', () => {
  test('a target that goes away in the middle', async () => {
    await using target = await aLiveTarget()
    const going = (async () => {
      while (target.requests() < 30) await sleep(1)
      await target.stop()
    })()
    const result = await scan([targetOf(target)])
    await going
    expect(result.incomplete).toBe(true)
    expect(result.warnings.map(({ message }) => message).join(' ')).toContain('stopped answering')
  })

  test('a budget that is used up', async () => {
    await using target = await aLiveTarget()
    const result = await scan([targetOf(target)], { limits: { requests: 20 } })
    expect(result).toMatchObject({ incomplete: true })
    expect(result.requests).toBeLessThanOrEqual(20)
    expect(target.requests()).toBeLessThanOrEqual(20)
    expect(result.warnings.map(({ message }) => message).join(' ')).toContain('request budget')
  })

  test('Ctrl-C', async () => {
    await using target = await aLiveTarget()
    const interrupt = new AbortController()
    const pressing = (async () => {
      while (target.requests() < 20) await sleep(1)
      interrupt.abort()
    })()
    const result = await scan([targetOf(target)], {}, { interrupt: interrupt.signal })
    await pressing
    expect(result.incomplete).toBe(true)
    expect(result.surfaces[0]?.probes?.length).toBeGreaterThan(1)
    await sleep(50)
    expect(target.requests()).toBeLessThanOrEqual(result.requests)
    expect(result.requests).toBeLessThan(60)
  })

  test('a rate is kept on average', async () => {
    await using target = await aLiveTarget()
    const started = performance.now()
    const result = await scan([targetOf(target)], {
      limits: { per_second: 10 },
      probes: { only: ['unsigned', 'wrong-key', 'stale', 'future', 'signature-shape'] },
    })
    // The first ten are free; the rest take a tenth of a second each, whatever the machine does.
    expect(performance.now() - started).toBeGreaterThan((result.requests - 10 - 1) * 100)
  })
})

describe('before anything is sent', () => {
  test.each([
    ['a host that nobody vouches for', 'https://hooks.example.com/x', {}],
    ['an address on a private network', 'http://10.1.2.3/x', { authorized_by: 'Ada Lovelace, own staging' }],
    [
      'a metadata service, whoever vouches',
      'http://169.254.169.254/x',
      { authorized_by: 'Ada Lovelace, own staging', allow_cidrs: ['169.254.0.0/16'] },
    ],
    ['a reason that is none', 'https://hooks.example.com/x', { authorized_by: 'me' }],
    ['a token that we never made', 'https://hooks.example.com/x', { token: 'letmein' }],
  ])('%s is refused, and nobody gets a packet', async (_, url, consent) => {
    await using target = await aLiveTarget()
    const asked: string[] = []
    const spy = {
      txt: async (name: string) => {
        asked.push(name)
        return []
      },
      lookup: async (name: string) => {
        asked.push(name)
        return ['127.0.0.1']
      },
    }
    // The one that may be probed stands first: it must not be sent anything either.
    await expect(scan([targetOf(target), targetOf(target, { url })], { consent }, spy)).rejects.toMatchObject({
      code: expect.stringMatching(/CONSENT_REQUIRED|VALIDATION_ERROR/),
    })
    expect(target.requests()).toBe(0)
    expect(asked).toEqual([])
  })

  test('a dry run sends nothing, not even the question for consent, and tells every request', async () => {
    const connections: unknown[] = []
    const server = createServer((socket) => connections.push(socket))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const result = await scan(
      [
        {
          kind: 'webhook',
          url: `http://127.0.0.1:${port}/hook`,
          provider: 'github',
          secret: 'secret-0123456789abcdef',
        },
        { kind: 'webhook', url: 'https://hooks.example.com/x', provider: 'stripe', secret: 'whsec_0123456789' },
      ],
      {},
      { dry: true, lookup: async () => Promise.reject(new Error('asked')) },
    )
    server.close()
    expect(connections).toHaveLength(0)
    const planned = result.surfaces[0]?.probes?.flatMap(({ exchanges }) => exchanges) ?? []
    expect(planned.length).toBeGreaterThan(100)
    expect(JSON.stringify(result)).not.toContain('secret-0123456789abcdef')
  })
})
