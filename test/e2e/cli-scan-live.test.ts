/** `postern scan URL` from outside: exit codes, consent, dry runs, and what a report holds. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runPostern } from '../support/gateway.ts'
import { aLiveTarget, type LiveTarget } from '../support/live-target.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-scan-live-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function postern(target: LiveTarget, ...args: readonly string[]) {
  const result = await runPostern(args, { cwd: folder, env: { HOOK_SECRET: target.secret } })
  return { ...result, stdout: result.stdout.toString() }
}

function scanOf({ url, origin }: LiveTarget): readonly string[] {
  return [
    ...['scan', url, '--provider', 'stripe', '--secret', 'env:HOOK_SECRET'],
    ...['--status-url', `${origin}/_effects?id={id}`, '--status-path', '$.count'],
  ]
}

async function plan(target: LiveTarget, only: readonly string[], more = ''): Promise<void> {
  await writeFile(
    join(folder, 'plan.yaml'),
    `targets:
  - url: ${target.url}
    provider: stripe
    secret: env:HOOK_SECRET
    oracle: { status: { url: "${target.origin}/_effects?id={id}", path: $.count } }
probes: { only: [${only.join(', ')}] }
${more}`,
  )
}

describe('postern scan on a live target', () => {
  test('a faulty one is 1, with the request and the answer that show it, in every format', async () => {
    await using target = await aLiveTarget('no-freshness')
    await plan(target, ['stale', 'unsigned'])
    const { code, stdout } = await postern(
      target,
      ...['scan', '--live-config', 'plan.yaml', '--json', '--output.html', 'r.html', '--output.sarif', 'r.sarif'],
      ...['--output.markdown', 'r.md', '--output.text', 'r.txt', '--output.junit', 'r.xml'],
    )
    expect(code).toBe(1)
    const report = JSON.parse(stdout)
    expect(report).toMatchObject({ decision: 'vulnerable', proof: 'observed', incomplete: false })
    expect(report.surfaces).toMatchObject([{ id: 'webhook POST /hook', style: 'webhook', route: 'POST /hook' }])
    expect(report.surfaces[0].findings).toMatchObject([
      { rule: 'stale', control: 'freshness-window', severity: 'high', confidence: 'high' },
    ])
    const read = async (file: string) => await readFile(join(folder, file), 'utf8')
    expect(await read('r.html')).toContain('Stripe-Signature: t=')
    expect(await read('r.md')).toContain('POST /hook HTTP/1.1')
    expect(await read('r.txt')).toContain('sent: POST /hook HTTP/1.1 → HTTP/1.1 200')
    expect(await read('r.sarif')).toContain('docs/probes/stale.md')
    for (const file of ['r.html', 'r.md', 'r.txt', 'r.sarif', 'r.xml'])
      expect(await read(file)).not.toContain(target.secret)
    expect(stdout).not.toContain(target.secret)
  })

  test('a configuration knows the ids of probes and of rules about descriptions, and refuses others', async () => {
    await using target = await aLiveTarget('no-freshness')
    await plan(target, ['stale'])
    const config = (text: string) => writeFile(join(folder, 'postern.config.yaml'), text)
    await config('rules: { stale: off, event-unsigned: low, missing-signature: high }\n')
    expect((await postern(target, 'scan', '--live-config', 'plan.yaml')).code).toBe(0)
    await config('rules: { stael: off }\n')
    expect(await postern(target, 'scan', '--live-config', 'plan.yaml')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no rule stael.'),
    })
  })

  test('a sound one is 0', async () => {
    await using target = await aLiveTarget()
    await plan(target, ['unsigned', 'wrong-key', 'stale', 'exact-replay', 'parallel-copies'])
    const { code, stdout } = await postern(target, 'scan', '--live-config', 'plan.yaml')
    expect(code).toBe(0)
    expect(stdout).toContain('PARTIAL (observed)')
  })

  test('one that refuses the genuine event is 4: nothing was concluded', async () => {
    await using target = await aLiveTarget()
    const { code, stdout } = await runPostern(
      ['scan', target.url, '--provider', 'stripe', '--secret', 'env:WRONG', '--json'],
      { cwd: folder, env: { WRONG: 'whsec_wrong_0123456789' } },
    )
    expect(code).toBe(4)
    expect(JSON.parse(stdout.toString())).toMatchObject({ decision: 'not evaluable', score: null })
  })

  test('one that goes away in the middle is 4, with a report of what was seen', async () => {
    await using target = await aLiveTarget()
    const running = postern(target, ...scanOf(target), '--json')
    while (target.requests() < 25) await sleep(2)
    await target.stop()
    const { code, stdout } = await running
    expect(code).toBe(4)
    expect(JSON.parse(stdout)).toMatchObject({ incomplete: true, score: null })
  })

  test('Ctrl-C is 4, with a valid report; nothing more is sent', async () => {
    await using target = await aLiveTarget()
    const source = fileURLToPath(new URL('../../src/bin.ts', import.meta.url))
    const child = spawn(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), source, ...scanOf(target), '--json'],
      { cwd: folder, env: { ...process.env, HOOK_SECRET: target.secret } },
    )
    let stdout = ''
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    while (target.requests() < 25) await sleep(2)
    child.kill('SIGINT')
    const [code] = await once(child, 'close')
    expect(code).toBe(4)
    expect(JSON.parse(stdout)).toMatchObject({ incomplete: true, score: null })
  })

  test('code and live are one surface, and what the code promises and the wire disproves is told', async () => {
    await using target = await aLiveTarget('no-signature')
    await plan(target, ['unsigned'])
    await writeFile(
      join(folder, 'gates.yaml'),
      `version: 1
surfaces:
  - id: billing
    style: webhook
    endpoint: POST /hook
    inventory_source: webhook_registry
    auth_session: { sender_identity_bound: true }
    integrity_freshness: { verifies_signature_over_raw_body: true, timestamp_tolerance_seconds: 300 }
`,
    )
    const { code, stdout } = await postern(target, 'scan', 'gates.yaml', '--live-config', 'plan.yaml', '--json')
    expect(code).toBe(1)
    const report = JSON.parse(stdout)
    expect(report.surfaces).toHaveLength(1)
    expect(report.surfaces[0].probes.length).toBeGreaterThan(0)
  })
})

describe('before anything is sent', () => {
  test('without consent it is 2, and says what to do', async () => {
    await using target = await aLiveTarget()
    const { code, stdout, stderr } = await postern(
      target,
      ...['scan', target.url, 'http://10.9.8.7/x', '--provider', 'stripe', '--secret', 'env:HOOK_SECRET'],
    )
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('--allow-cidr')
    expect(target.requests()).toBe(0)
  })

  test('--dry-run prints every request without its secrets, and sends none', async () => {
    await using target = await aLiveTarget()
    const { code, stdout, stderr } = await postern(target, ...scanOf(target), '--dry-run')
    expect(code).toBe(0)
    expect(stdout).toContain('# webhook POST /hook · unsigned: An event without a signature\nPOST /hook HTTP/1.1\n')
    expect(stdout).toContain('(50 times)')
    expect(stdout).not.toContain(target.secret)
    expect(stderr).toContain('requests would be sent; none was.')
    expect(target.requests()).toBe(0)
  })

  test.each<readonly [string, readonly string[], string]>([
    ['no sender', ['scan', 'URL', '--secret', 'env:HOOK_SECRET'], '--provider'],
    ['an unknown sender', ['scan', 'URL', '--provider', 'strype', '--secret', 'env:HOOK_SECRET'], 'no provider'],
    ['no secret', ['scan', 'URL', '--provider', 'stripe'], '--secret env:NAME'],
    ['a secret that is not set', ['scan', 'URL', '--provider', 'stripe', '--secret', 'env:NOT_SET_HERE'], 'is not set'],
    [
      'two oracles',
      ['scan', 'URL', '--provider', 'stripe', '--secret', 'env:HOOK_SECRET', '--hook', 'x', '--sink'],
      'Only one',
    ],
    [
      'half an oracle',
      ['scan', 'URL', '--provider', 'stripe', '--secret', 'env:HOOK_SECRET', '--status-url', 'http://a/'],
      'belong together',
    ],
    ['nothing', ['scan'], 'Name what to examine'],
    ['a file as something live', ['scan', '.', '--as', 'live'], 'not an http or https URL'],
    ['a dry run of nothing live', ['scan', '.', '--dry-run'], 'name a URL'],
  ])('%s is 2', async (_, args, says) => {
    await using target = await aLiveTarget()
    const { code, stderr } = await postern(target, ...args.map((arg) => (arg === 'URL' ? target.url : arg)))
    expect(code).toBe(2)
    expect(stderr).toContain(says)
    expect(target.requests()).toBe(0)
  })

  test('a secret in clear works, and is warned about', async () => {
    await using target = await aLiveTarget()
    const { stderr } = await postern(
      target,
      'scan',
      target.url,
      '--provider',
      'stripe',
      '--secret',
      target.secret,
      '--dry-run',
    )
    expect(stderr).toContain('--secret holds a secret in clear')
    expect(stderr).not.toContain(target.secret)
  })
})

describe('a probe plan', () => {
  test('is started with --init-live, can be read as it stands, and is not written over', async () => {
    await using target = await aLiveTarget()
    expect((await postern(target, 'scan', '--init-live')).code).toBe(0)
    const dry = await runPostern(['scan', '--live-config', 'postern.probe.yaml', '--dry-run'], {
      cwd: folder,
      env: { STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef' },
    })
    expect({ code: dry.code, stderr: dry.stderr }).toMatchObject({ code: 0 })
    expect((await postern(target, 'scan', '--init-live')).stderr).toContain('is not overwritten')
  })

  test.each([
    ['no YAML', 'targets: [', 'plan.yaml:1:'],
    ['a list', '- a\n- b\n', 'plan.yaml:1:1'],
    ['an unknown key', 'targets: []\nlimts: {}\n', 'limts'],
    ['a key twice', 'version: 1\nversion: 1\n', 'plan.yaml:2:'],
    ['an unknown kind', 'targets:\n  - kind: ftp\n    url: http://127.0.0.1/\n', 'targets.0'],
    ['a URL that is none', 'targets:\n  - url: nowhere\n', 'plan.yaml:2:'],
    ['a limit out of bounds', 'limits: { requests: 0 }\n', 'limits.requests'],
    [
      'an unknown probe',
      'targets:\n  - { url: "http://127.0.0.1:1/", provider: stripe, secret: x }\nprobes: { only: [unsinged] }\n',
      'no probe "unsinged"',
    ],
    [
      'two oracles',
      'targets:\n  - { url: "http://127.0.0.1:1/", oracle: { hook: x, sink: true } }\n',
      'one of sink, status and hook',
    ],
    [
      'an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c]\n`,
      'plan.yaml',
    ],
    ['prototypes', '__proto__: { version: 2 }\ntargets: []\n', 'plan.yaml'],
    ['too much', `# ${'x'.repeat(300_000)}\n`, '256 KiB'],
  ])('%s is refused with its place', async (_, text, says) => {
    await using target = await aLiveTarget()
    await writeFile(join(folder, 'plan.yaml'), text)
    const { code, stderr } = await postern(target, 'scan', '--live-config', 'plan.yaml', '--dry-run')
    expect(code).toBe(2)
    expect(stderr).toContain(says)
  })
})
