/** Code, description, record and the running service of one program: one list of surfaces, and what disagrees. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runPostern } from '../support/gateway.ts'

const FIXTURE = fileURLToPath(new URL('../fixtures/joined', import.meta.url))
const SECRETS = { BILLING_SECRET: 'whsec_0123456789abcdef', ALICE_TOKEN: 'token-of-alice', BOB_TOKEN: 'token-of-bob' }

let folder: string
let service: ChildProcess
let url: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-joined-'))
  await cp(FIXTURE, folder, { recursive: true })
  // From where Express can be found.
  service = spawn(process.execPath, [join(FIXTURE, 'service/server.js')], {
    env: { ...SECRETS },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface({ input: service.stdout as NodeJS.ReadableStream }), 'line')
  url = `http://127.0.0.1:${String(line).split(' ')[1]}`
})
afterAll(async () => {
  service.kill()
  await rm(folder, { recursive: true, force: true })
})

interface Report {
  readonly surfaces: readonly {
    readonly id: string
    readonly route: string | null
    readonly evidence: readonly { readonly source: string }[]
    readonly findings: readonly { readonly rule: string; readonly kind: string; readonly message: string }[]
  }[]
  readonly warnings: readonly { readonly message: string }[]
}

async function scan(...args: readonly string[]): Promise<{ readonly code: number | null; readonly report: Report }> {
  const env = { ...SECRETS, ALICE: `Bearer ${SECRETS.ALICE_TOKEN}`, BOB: `Bearer ${SECRETS.BOB_TOKEN}` }
  const { code, stdout, stderr } = await runPostern(['scan', ...args, '--json'], { cwd: folder, env })
  if (stdout.length === 0) throw new Error(stderr)
  return { code, report: JSON.parse(stdout.toString()) }
}

const sourcesOf = ({ evidence }: Report['surfaces'][number]) =>
  [...new Set(evidence.map(({ source }) => source))].sort()

test('code, description, record and the running service are one list, and drift and broken claims are findings', async () => {
  await writeFile(
    join(folder, 'plan.yaml'),
    `targets:
  - { url: ${url}/hooks/billing, provider: stripe, secret: env:BILLING_SECRET }
  - kind: rest
    url: ${url}
    identities: { alice: { headers: { authorization: env:ALICE } }, bob: { headers: { authorization: env:BOB } } }
    operations: [ { path: /orders/7, owner: alice }, { path: /reports/, public: true } ]
probes: { only: [unsigned, stale, rest-no-credential, rest-other-identity] }
`,
  )
  const { code, report } = await scan('service', 'openapi.yaml', 'surfaces.yaml', '--live-config', 'plan.yaml')
  expect(code).toBe(1)
  const at = (route: string) =>
    report.surfaces.filter((surface) => surface.route?.replace(/\/$/, '').endsWith(route) === true)
  expect(at('/hooks/billing').map(sourcesOf)).toEqual([['code', 'live', 'manifest', 'spec']])
  expect(at('/orders/{id}').map(sourcesOf)).toEqual([['live', 'spec']])
  expect(at('/reports').map(sourcesOf)).toEqual([['live', 'spec']])
  const rulesOf = (route: string) =>
    at(route).flatMap(({ findings }) => findings.map(({ rule, kind }) => `${kind} ${rule}`))
  expect(rulesOf('/hooks/billing')).toEqual(expect.arrayContaining(['failure stale', 'contradiction sources-disagree']))
  const contract = report.surfaces.find(({ id }) => id.startsWith('contract '))
  expect(contract?.findings.map(({ rule, message }) => `${rule} ${message}`).sort()).toEqual([
    'documented-security-missing GET /reports is described as needing bearer, and nothing here asks for it.',
    'undocumented-answer GET /orders/{id} answers with 404, which the description does not have.',
    'undocumented-answer GET /orders/{id} returns customer.password_hash, which the description does not have.',
  ])
})

test('an address beside a description is asked for what the description has', async () => {
  const { code, report } = await scan('service', 'openapi.yaml', url, 'surfaces.yaml')
  expect(code).toBe(1)
  const live = report.surfaces.filter(({ evidence }) => evidence.some(({ source }) => source === 'live'))
  expect(live.map(({ route }) => route).sort()).toEqual(['GET /orders/{id}', 'GET /reports', 'GET /status'])
  const messages = report.surfaces.flatMap(({ findings }) => findings.map(({ rule }) => rule))
  expect(messages).toContain('documented-security-missing')
  expect(report.warnings.map(({ message }) => message).join(' ')).toContain('No identity was given')
})
