/** The loop closed: our own prober against our own gateway, whose deliveries its listener counts. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decideSurface } from '../../src/catalogue/decide.ts'
import { findProvider } from '../../src/providers/registry.ts'
import { makePlan } from '../../src/scanner/live/plan.ts'
import { scanLive } from '../../src/scanner/live/scan-live.ts'
import { aGateway, runPostern } from '../support/gateway.ts'

/** Keys are base64 where the scheme says so; this is both. */
const key = (text: string): string => `whsec_${Buffer.from(text.padEnd(32, '.')).toString('base64')}`

/** With a signed time and a signed id everything can be asked. The others say what they leave out. */
const PROVIDERS = ['stripe', 'standard-webhooks', 'github', 'acme', 'globex'] as const

// A whole run of every probe; how long that takes is the machine's affair.
test.each(PROVIDERS)(
  'probed as %s would send, the gateway is accused of nothing',
  { timeout: 180_000 },
  async (provider) => {
    await using gateway = await aGateway()
    const port = await freePort()
    const integrate = async (secret: string) =>
      await gateway.integrate({
        provider,
        secret,
        destination: { url: `http://127.0.0.1:${port}/sink`, allowCidrs: ['127.0.0.1/32'] },
        // Without a list everything is delivered, which the prober rightly objects to.
        eventTypes: [findProvider(provider)?.sample.type],
      })
    const integration = await integrate(key('own'))
    await integrate(key('other'))
    await gateway.api('POST', `/api/v1/integrations/${integration.id}/keys`, { secret: key('next') })
    const result = await scanLive(
      makePlan({
        targets: [
          {
            url: gateway.address + integration.receivePath,
            provider,
            secret: key('own'),
            other_tenant: { secret: key('other') },
            rotation: { also: key('next') },
            oracle: { sink: { port } },
          },
        ],
      }),
      {
        now: Date.now,
        clock: () => performance.now(),
        env: process.env,
        secretOf: async (text) => text,
        readText: async () => '',
      },
    )
    expect(result).toMatchObject({ warnings: [], incomplete: false })
    const [surface] = result.surfaces
    const decided = decideSurface(
      surface ?? { id: '', style: 'webhook', traits: {}, evidence: [], missingArtifacts: [] },
    )
    expect(decided.findings).toEqual([])
    expect(decided.controls.filter(({ outcome }) => outcome === 'failed')).toEqual([])
    const observed = decided.controls.filter(({ proof }) => proof === 'observed').map(({ control }) => control)
    expect(observed).toEqual(expect.arrayContaining([...EXPECTED[provider]]))
  },
)

/** DESIGN: the gateway's own manifest must survive its own scanner. */
test(
  'probed live beside its own manifest, the gateway is secure, and the scan is 0',
  { timeout: 180_000 },
  async () => {
    // Elsewhere a sink stands open for trying things out, and the manifest says so.
    await using gateway = await aGateway({ config: { NODE_ENV: 'production' } })
    const port = await freePort()
    const eventTypes = [findProvider('stripe')?.sample.type]
    const integration = await gateway.integrate({
      provider: 'stripe',
      secret: key('own'),
      destination: { url: `http://127.0.0.1:${port}/sink`, allowCidrs: ['127.0.0.1/32'] },
      eventTypes,
    })
    await gateway.integrate({ provider: 'stripe', secret: key('other'), eventTypes })
    await gateway.api('POST', `/api/v1/integrations/${integration.id}/keys`, { secret: key('next') })
    const folder = await mkdtemp(join(tmpdir(), 'postern-own-'))
    const { json: manifest } = await gateway.api('GET', '/api/v1/surfaces')
    expect(JSON.stringify(manifest)).not.toContain(key('own'))
    await writeFile(join(folder, 'surfaces.json'), JSON.stringify(manifest))
    await writeFile(
      join(folder, 'plan.yaml'),
      JSON.stringify({
        targets: [
          {
            url: gateway.address + integration.receivePath,
            provider: 'stripe',
            secret: key('own'),
            other_tenant: { secret: key('other') },
            rotation: { also: key('next') },
            oracle: { sink: { port } },
          },
          {
            kind: 'rest',
            url: gateway.address,
            identities: { root: { headers: { 'x-internal-api-key': gateway.managementKey } } },
            operations: [{ path: `/api/v1/integrations/${integration.id}` }, { path: '/livez', public: true }],
          },
        ],
      }),
    )
    const { code, stdout, stderr } = await runPostern(
      ['scan', 'surfaces.json', '--live-config', 'plan.yaml', '--json'],
      {
        cwd: folder,
      },
    )
    await rm(folder, { recursive: true })
    const report = JSON.parse(stdout.toString())
    const receiver = report.surfaces.find(({ id }: { id: string }) => id === integration.id)
    expect(receiver, stderr).toMatchObject({ decision: 'secure', findings: [], missing: [] })
    expect(report.surfaces.filter(({ decision }: { decision: string }) => decision !== 'secure')).toEqual([])
    expect({ code, decision: report.decision }).toEqual({ code: 0, decision: 'secure' })
  },
)

const ALWAYS = [
  'sender-authentication',
  'sender-identity-binding',
  'replay-cache',
  'idempotent-effects',
  'fail-closed',
  'event-allowlist',
  'secret-rotation',
  'payload-validation',
  'payload-url-guard',
  'body-size-limit',
  'request-rate-limit',
  'error-disclosure',
  'route-normalisation',
]
const EXPECTED: Readonly<Record<(typeof PROVIDERS)[number], readonly string[]>> = {
  stripe: [...ALWAYS, 'raw-body-integrity', 'algorithm-pinning', 'freshness-window'],
  'standard-webhooks': [...ALWAYS, 'raw-body-integrity', 'algorithm-pinning', 'freshness-window'],
  github: [...ALWAYS, 'raw-body-integrity', 'algorithm-pinning'],
  acme: [...ALWAYS, 'raw-body-integrity', 'algorithm-pinning'],
  globex: ALWAYS,
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
