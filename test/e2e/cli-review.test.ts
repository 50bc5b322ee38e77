/** `postern scan`, `review` and `explain` from outside: what is written where, and what the exit code says. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runPostern, runPosternUnread } from '../support/gateway.ts'

const FIXTURES = fileURLToPath(new URL('../fixtures/manifests/', import.meta.url))

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-review-cli-'))
  await cp(join(FIXTURES, 'seed-benign-websocket.yaml'), join(folder, 'good.yaml'))
  await cp(join(FIXTURES, 'websocket-handshake-only-authorization.yaml'), join(folder, 'bad.yaml'))
  await cp(join(FIXTURES, 'not-evaluable-missing-runtime-inventory.yaml'), join(folder, 'unknown.yaml'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function postern(...args: readonly string[]) {
  const { code, stdout, stderr } = await runPostern(args, { cwd: folder })
  return { code, stdout: stdout.toString(), stderr }
}

const write = (name: string, text: string) => writeFile(join(folder, name), text)
const read = (name: string) => readFile(join(folder, name), 'utf8')

describe('the exit code', () => {
  test.each([
    [0, 'secure', 'good.yaml'],
    [1, 'vulnerable', 'bad.yaml'],
    [4, 'not evaluable', 'unknown.yaml'],
  ])('%d for a manifest that is %s', async (code, decision, file) => {
    for (const command of ['scan', 'review']) {
      const result = await postern(command, file, '--json')
      expect(result).toMatchObject({ code, stderr: '' })
      expect(JSON.parse(result.stdout)).toMatchObject({ decision, problems: [] })
    }
  })

  test('broken input is 2 with file, line and column, also beside a manifest with findings', async () => {
    await write('broken.yaml', 'surface:\n  style: websocket\n  style: webhook\n')
    await write('empty.yaml', '')
    for (const file of ['broken.yaml', 'empty.yaml']) {
      const result = await postern('scan', 'bad.yaml', file)
      expect(result.code).toBe(2)
      expect(result.stdout).toMatch(new RegExp(`error ${file}:\\d+:\\d+ `))
    }
  })

  test('thresholds: --fail-on, --min-score and --min-coverage', async () => {
    await write('low.yaml', (await read('good.yaml')).replace('handshake_requires_session: true', ''))
    expect((await postern('scan', 'bad.yaml', '--fail-on', 'critical')).code).toBe(0)
    expect((await postern('scan', 'bad.yaml', '--fail-on', 'critical', '--min-score', '90')).code).toBe(1)
    expect((await postern('scan', 'low.yaml')).code).toBe(4)
    expect((await postern('scan', 'low.yaml', '--min-coverage', '50')).code).toBe(0)
    expect((await postern('scan', 'low.yaml', '--min-coverage', '100')).code).toBe(4)
  })

  test('findings, tolerated or not, do not hide a surface that nobody could judge', async () => {
    expect((await postern('scan', 'bad.yaml', 'unknown.yaml')).code).toBe(4)
    expect((await postern('scan', 'bad.yaml', 'unknown.yaml', '--fail-on', 'critical')).code).toBe(4)
  })

  test('a report that cannot be written is 3, and the others are written all the same', async () => {
    const result = await postern('scan', 'bad.yaml', '--output.html', 'good.yaml/x.html', '--output.sarif', 'r.sarif')
    expect(result.code).toBe(3)
    expect(result.stderr).toContain('good.yaml/x.html cannot be written')
    expect(JSON.parse(await read('r.sarif'))).toMatchObject({ version: '2.1.0' })
  })
})

describe('targets', () => {
  test('a folder is its manifests; baselines, configurations and earlier reports in it are none', async () => {
    await write(
      'postern.config.yaml',
      'waivers:\n  - rule: sender-authentication\n    surface: x\n    reason: none\n    expires: 2000-01-01\n',
    )
    await postern('scan', 'bad.yaml', '--output', 'report.json')
    await postern('scan', 'bad.yaml', '--baseline', 'baseline.json', '--write-baseline')
    const { code, stdout, stderr } = await postern('scan', '.', '--json')
    const { surfaces, problems } = JSON.parse(stdout)
    expect(problems).toEqual([])
    expect(new Set(surfaces.map(({ file }: { file: string }) => file))).toEqual(
      new Set(['bad.yaml', 'good.yaml', 'unknown.yaml']),
    )
    expect(stderr).toBe('')
    // One of them cannot be judged.
    expect(code).toBe(4)
  })

  test('the same file named twice, or inside a named folder, is examined once', async () => {
    const { code, stdout } = await postern('review', 'good.yaml', './good.yaml', join(folder, 'good.yaml'), '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout).surfaces).toHaveLength(1)
    await mkdir(join(folder, 'in'))
    await cp(join(folder, 'good.yaml'), join(folder, 'in/good.yaml'))
    expect((await postern('review', 'in', 'in/good.yaml')).code).toBe(0)
  })

  test.each([
    ['an address of another kind', 'ftp://example.com/hook', 'live'],
    ['a text of another kind', 'notes.txt', 'another kind'],
  ])('%s is refused with what this version examines', async (_, target, says) => {
    await write('notes.txt', 'nothing\n')
    const result = await postern('scan', 'good.yaml', target)
    expect(result).toMatchObject({ code: 2, stdout: '' })
    expect(result.stderr).toContain('evidence manifests')
    expect(result.stderr).toContain(says)
  })

  test('code, description and manifest of one service give one list of surfaces, with what they disagree on', async () => {
    await mkdir(join(folder, 'service'))
    await write(
      'service/app.py',
      `from flask import Flask, request
from .store import mark_paid

app = Flask(__name__)


@app.post("/hooks/<shop>/")
def shop_event(shop):
    mark_paid(request.get_json()["order"])
    return "", 204
`,
    )
    await write(
      'service/openapi.yaml',
      `openapi: 3.1.0
info: { title: Shop, version: "1" }
servers: [ { url: https://shop.example.com/api } ]
paths:
  /hooks/{shop}:
    parameters: [ { name: shop, in: path, required: true, schema: { type: string } } ]
    post:
      operationId: shopEvent
      parameters: [ { name: X-Shop-Signature, in: header, required: true, schema: { type: string } } ]
      responses: { '204': { description: taken }, 4XX: { description: refused } }
`,
    )
    await write('service/gates.yaml', 'surface:\n  style: webhook\n  endpoint: https://shop.example.com//hooks/:shop\n')
    const { stdout } = await postern('scan', 'service', '--json', '--no-cache')
    const { surfaces, problems } = JSON.parse(stdout)
    expect(problems).toEqual([])
    const gates = surfaces.filter(({ style }: { style: string }) => style === 'webhook')
    expect(gates).toHaveLength(1)
    expect(new Set(gates[0].evidence.map(({ source }: { source: string }) => source))).toEqual(
      new Set(['code', 'spec', 'manifest']),
    )
    expect(gates[0]).toMatchObject({ framework: 'flask', file: 'service/app.py', decision: 'vulnerable' })
    const disagreeing = gates[0].findings.filter(({ rule }: { rule: string }) => rule === 'sources-disagree')
    expect(disagreeing.map(({ message, file }: { message: string; file: string }) => [file, message])).toEqual([
      [
        'service/openapi.yaml',
        'The sender is authenticated before anything happens: the spec claims it, the code shows the opposite.',
      ],
    ])
  })

  test('--as spec reads a description whatever it is called, and one without operations decides nothing', async () => {
    await write('contract.txt', 'openapi: 3.1.0\ninfo: { title: x, version: "1" }\npaths: {}\n')
    expect((await postern('scan', 'contract.txt')).code).toBe(2)
    expect((await postern('scan', '--as', 'spec', 'contract.txt')).code).toBe(4)
  })

  test('--as manifest reads a manifest whatever it is called, and knows no other kind', async () => {
    await cp(join(folder, 'good.yaml'), join(folder, 'gates.conf'))
    expect((await postern('scan', '--as', 'manifest', 'gates.conf')).code).toBe(0)
    expect((await postern('scan', '--as', 'horoscope', 'gates.conf')).code).toBe(2)
  })
})

describe('reports', () => {
  test('several in one run, each in its own format, and the text on stdout', async () => {
    const formats = ['json', 'sarif', 'markdown', 'html', 'junit', 'github', 'text']
    const result = await postern(
      'scan',
      'bad.yaml',
      ...formats.flatMap((format) => [`--output.${format}`, `reports/r.${format}`]),
    )
    expect(result.code).toBe(1)
    expect(result.stdout).toContain('VULNERABLE (attested)')
    expect(result.stdout).toContain('API-RT-04')
    expect(JSON.parse(await read('reports/r.json'))).toMatchObject({ decision: 'vulnerable' })
    expect(JSON.parse(await read('reports/r.sarif'))).toMatchObject({ version: '2.1.0' })
    expect(await read('reports/r.markdown')).toMatch(/^# /)
    expect(await read('reports/r.html')).toMatch(/^<!doctype html>/i)
    expect(await read('reports/r.junit')).toContain('<testsuites')
    expect(await read('reports/r.github')).toMatch(/^::(error|warning|notice) /m)
    expect(await read('reports/r.text')).toBe(result.stdout)
  })

  test('--output takes its format from its name or from --format, and leaves stdout alone', async () => {
    const named = await postern('scan', 'bad.yaml', '--output', 'r.sarif')
    expect(named).toMatchObject({ code: 1, stdout: '' })
    expect(named.stderr).toContain('vulnerable')
    expect(JSON.parse(await read('r.sarif'))).toMatchObject({ version: '2.1.0' })
    await postern('scan', 'bad.yaml', '--format', 'json', '--output', 'r.txt', '--quiet')
    expect(JSON.parse(await read('r.txt'))).toMatchObject({ decision: 'vulnerable' })
  })

  test('the same run gives the same bytes', async () => {
    const [one, two] = [await postern('scan', '.', '--json'), await postern('scan', '.', '--format', 'json')]
    expect(one.stdout).toBe(two.stdout)
  })

  test('a reader that stops early, as head does, leaves no stack trace and the exit code', async () => {
    const surface = (await read('bad.yaml')).replace(/^#.*\n/, '').replace(/^case:.*\n/m, '')
    await write('many.yaml', Array.from({ length: 60 }, () => surface).join('---\n'))
    const { code, stderr } = await runPosternUnread(['review', 'many.yaml', '--json'], folder)
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  })

  test('no colour, no progress and nothing secure in a quiet report to a pipe', async () => {
    const { stdout, stderr } = await postern('review', 'good.yaml', 'bad.yaml', '--quiet', '--no-colour')
    expect(stdout + stderr).not.toContain('\u001b')
    expect(stderr).toBe('')
    expect(stdout).not.toContain('good.yaml')
    expect(stdout).toContain('bad.yaml')
  })

  test.each([
    [['--output', 'bad.yaml']],
    [['--output.json', './bad.yaml']],
    [['--baseline', 'bad.yaml', '--write-baseline']],
    [['--output.json', 'r', '--output.sarif', './r']],
    [['--json', '--format', 'html']],
    [['--format', 'pdf']],
    [['--fail-on', 'terrible']],
    [['--min-score', '101']],
    [['--write-baseline']],
    [['--baseline', 'missing.json']],
    [['--config', 'missing.yaml']],
  ])('%j is refused, and nothing is written', async (options) => {
    const before = await read('bad.yaml')
    const result = await postern('scan', 'bad.yaml', ...options)
    expect(result).toMatchObject({ code: 2, stdout: '' })
    expect(result.stderr).not.toBe('')
    expect(await read('bad.yaml')).toBe(before)
  })
})

describe('what people decided', () => {
  test('a baseline silences what was there, not what is new, and lists what is gone', async () => {
    const accepted = await postern('scan', 'bad.yaml', '--baseline', 'baseline.json', '--write-baseline')
    expect(accepted.code).toBe(0)
    expect((await postern('scan', 'bad.yaml', '--baseline', 'baseline.json')).code).toBe(0)

    const text = await read('bad.yaml')
    await write('bad.yaml', text.replace('schema_validation: true', 'schema_validation: false'))
    const worse = await postern('scan', 'bad.yaml', '--baseline', 'baseline.json', '--json')
    expect(worse.code).toBe(1)
    const { surfaces } = JSON.parse(worse.stdout)
    expect(surfaces.flatMap((surface: { findings: unknown[] }) => surface.findings)).toMatchObject([
      { control: 'message-schema-validation' },
    ])

    await write('bad.yaml', text.replace('disconnect_on_logout: false', 'disconnect_on_logout: true'))
    const better = await postern('scan', 'bad.yaml', '--baseline', 'baseline.json', '--json')
    expect(JSON.parse(better.stdout).stale).toMatchObject([{ kind: 'baseline' }])
  })

  test('the configuration of the working folder is found; options win over it', async () => {
    await write('postern.config.yaml', 'fail_on: critical\nbaseline: accepted.json\n')
    expect((await postern('scan', 'bad.yaml', '--write-baseline')).code).toBe(0)
    expect(JSON.parse(await read('accepted.json'))).toMatchObject({ postern: 'baseline' })
    await write('postern.config.yaml', 'fail_on: critical\n')
    expect((await postern('scan', 'bad.yaml')).code).toBe(0)
    expect((await postern('scan', 'bad.yaml', '--fail-on', 'high')).code).toBe(1)
    await write('other.yaml', 'fail_on: medium\n')
    expect((await postern('scan', 'bad.yaml', '--config', 'other.yaml')).code).toBe(1)
  })

  test('a configuration that says something unknown is 2 with its place', async () => {
    await write('postern.config.yaml', 'fail_on: high\nwaiver: []\n')
    const result = await postern('scan', 'good.yaml')
    expect(result).toMatchObject({ code: 2, stdout: '' })
    expect(result.stderr).toContain('postern.config.yaml:2:1')
    expect(result.stderr).toContain('did you mean waivers?')
  })

  test('a waiver holds until its day and is listed after it', async () => {
    const waiver = (expires: string) =>
      `waivers:\n  - { rule: message-authorization, reason: Fixed in May., expires: ${expires} }\n`
    await write('postern.config.yaml', waiver('9999-12-31'))
    const before = JSON.parse((await postern('scan', 'bad.yaml', '--json')).stdout)
    expect(before.suppressed).toMatchObject([{ by: 'waiver', reason: 'Fixed in May.' }])
    await write('postern.config.yaml', waiver('2000-01-01'))
    const after = JSON.parse((await postern('scan', 'bad.yaml', '--json')).stdout)
    expect(after).toMatchObject({ suppressed: [], stale: [{ kind: 'waiver-expired' }] })
  })

  test('an excluded manifest may be broken; excluding everything is no pass', async () => {
    await mkdir(join(folder, 'fixtures'))
    await write('fixtures/broken.yaml', 'surface: [\n')
    await rm(join(folder, 'bad.yaml'))
    await rm(join(folder, 'unknown.yaml'))
    expect((await postern('scan', '.')).code).toBe(2)
    await write('postern.config.yaml', 'paths: { exclude: ["fixtures/**"] }\n')
    expect((await postern('scan', '.')).code).toBe(0)
    await write('postern.config.yaml', 'paths: { exclude: ["**"] }\n')
    expect((await postern('scan', '.')).code).toBe(2)
  })
})

describe('review --init and explain', () => {
  test('the starter is written once, reviews as secure, and is never overwritten', async () => {
    expect((await postern('review', '--init')).code).toBe(0)
    const starter = await read('postern.manifest.yaml')
    expect((await postern('review', 'postern.manifest.yaml')).code).toBe(0)
    await write('postern.manifest.yaml', 'mine')
    const again = await postern('review', '--init')
    expect(again.code).toBe(2)
    expect(again.stderr).toContain('not overwritten')
    expect(await read('postern.manifest.yaml')).toBe('mine')
    expect(JSON.parse((await postern('review', '--init', 'gates/a.yaml', '--json')).stdout)).toEqual({
      file: 'gates/a.yaml',
    })
    expect(await read('gates/a.yaml')).toBe(starter)
    expect((await postern('review', '--init', '-')).stdout).toBe(starter)
    expect((await postern('review')).code).toBe(2)
  })

  test('a control, a rule and a gate are explained as their pages; a slip is answered with the nearest', async () => {
    const page = await readFile(new URL('../../docs/controls/raw-body-integrity.md', import.meta.url), 'utf8')
    expect(await postern('explain', 'raw-body-integrity')).toEqual({ code: 0, stdout: page, stderr: '' })
    expect((await postern('explain', 'rt-04')).stdout).toContain('message-authorization')
    expect(JSON.parse((await postern('explain', 'raw-body-integrity', '--json')).stdout)).toMatchObject({
      id: 'raw-body-integrity',
    })
    const rule = await postern('explain', 'unsafe-compare')
    expect(rule).toMatchObject({ code: 0, stderr: '' })
    expect(rule.stdout).toMatch(
      /^# A secret value[\s\S]*## Wrong[\s\S]*compare_digest[\s\S]*- Control: `constant-time-compare`/,
    )
    expect(JSON.parse((await postern('explain', 'unsafe-compare', '--json')).stdout)).toMatchObject({
      id: 'unsafe-compare',
      control: 'constant-time-compare',
      bad: expect.arrayContaining([expect.objectContaining({ language: 'python' })]),
    })
    expect((await postern('explain', 'unsafe-compair')).stderr).toContain('did you mean unsafe-compare?')
    const slip = await postern('explain', 'raw-body-integrty')
    expect(slip).toMatchObject({ code: 2, stdout: '' })
    expect(slip.stderr).toContain('did you mean raw-body-integrity?')
  })
})
