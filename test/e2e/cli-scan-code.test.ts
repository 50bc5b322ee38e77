/** `postern scan` on source code from outside: what people and builds see. */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runPostern } from '../support/gateway.ts'

const OPEN = `from flask import Flask, request

from orders import set_paid

app = Flask(__name__)


@app.post("/webhooks/pay")
def paid():
    set_paid(request.json["order"])
    return "", 204
`

const SOUND = `import hashlib
import hmac
import os

from flask import Flask, request

from orders import set_paid

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 65536
SECRET = os.environ["PAY_SECRET"].encode()


@app.post("/webhooks/pay")
def paid():
    wanted = hmac.new(SECRET, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), request.headers.get("X-Pay-Signature", "").encode()):
        return "", 401
    set_paid(request.json["order"])
    return "", 204
`

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-scan-code-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('postern scan', () => {
  test('an open receiver is 1, with rule, line and column; a sound one is 0 and says what code cannot show', async () => {
    await write('app.py', OPEN)
    const open = await postern('scan', '.', '--json')
    expect(open.code).toBe(1)
    const report = JSON.parse(open.stdout)
    expect(report).toMatchObject({ decision: 'vulnerable', examined: { files: 1, candidates: 1, parseCoverage: 100 } })
    expect(report.surfaces).toMatchObject([
      { style: 'webhook', framework: 'flask', route: 'POST /webhooks/pay', file: 'app.py', line: 9 },
    ])
    expect(report.surfaces[0].findings).toContainEqual(
      expect.objectContaining({ rule: 'missing-signature', file: 'app.py', line: 9, severity: 'critical' }),
    )

    await write('app.py', SOUND)
    const sound = await postern('scan', '.', '--json')
    expect(sound.code).toBe(0)
    const { surfaces } = JSON.parse(sound.stdout)
    expect(surfaces[0]).toMatchObject({ decision: 'partial', findings: [] })
    expect(surfaces[0].controls).toContainEqual(
      expect.objectContaining({ control: 'sender-authentication', outcome: 'met', proof: 'read' }),
    )
  })

  test('a manifest that claims what the code disproves is contradicted', async () => {
    await write('app.py', OPEN)
    await write(
      'gates.yaml',
      'surface:\n  style: webhook\n  endpoint: /webhooks/pay\nintegrity_freshness:\n  verifies_signature_over_raw_body: true\n',
    )
    const { code, stdout } = await postern('scan', '.', '--json')
    expect(code).toBe(1)
    const { surfaces } = JSON.parse(stdout)
    expect(surfaces).toHaveLength(1)
    expect(surfaces[0].evidence.map(({ source }: { source: string }) => source)).toEqual(
      expect.arrayContaining(['code', 'manifest']),
    )
  })

  test('code without a back gate decides nothing, and a folder without either is wrong input', async () => {
    await write('lib/math.py', 'def add(a, b):\n    return a + b\n')
    expect((await postern('scan', 'lib')).code).toBe(4)
    await mkdir(join(folder, 'empty'))
    const empty = await postern('scan', 'empty')
    expect(empty.code).toBe(2)
    expect(empty.stdout).toContain('There is nothing to examine here')
  })

  test('--diff asks only about what has changed since a commit', async () => {
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: folder })
    await write('old.py', OPEN)
    git('init', '-q')
    git('add', '.')
    git('commit', '-qm', 'first')
    expect((await postern('scan', '.', '--diff', 'HEAD')).code).toBe(0)
    await write('new.py', OPEN.replace('/webhooks/pay', '/webhooks/refund'))
    const changed = await postern('scan', '.', '--diff', 'HEAD', '--json')
    expect(changed.code).toBe(1)
    expect(JSON.parse(changed.stdout).surfaces.map(({ file }: { file: string }) => file)).toEqual(['new.py'])
    expect((await postern('scan', '.', '--diff', 'nowhere')).code).toBe(2)
    expect((await postern('scan', '.', '--diff=--output=old.py')).code).toBe(2)
    expect(await readFile(join(folder, 'old.py'), 'utf8')).toBe(OPEN)
  })

  test('a waiver, a baseline and SARIF work for findings in code as for others', async () => {
    await write('app.py', OPEN)
    expect((await postern('scan', '.', '--baseline', 'known.json', '--write-baseline')).code).toBe(0)
    expect((await postern('scan', '.', '--baseline', 'known.json')).code).toBe(0)
    await postern('scan', 'app.py', '--output.sarif', 'r.sarif')
    const [run] = JSON.parse(await readFile(join(folder, 'r.sarif'), 'utf8')).runs
    expect(run.results).toContainEqual(expect.objectContaining({ ruleId: 'missing-signature' }))
  })
})

async function postern(...args: readonly string[]) {
  const { code, stdout, stderr } = await runPostern(args, { cwd: folder })
  return { code, stdout: stdout.toString(), stderr }
}

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true })
  await writeFile(join(folder, name), text)
}

/** More source than one thread is started for, in several services. */
async function writeServices(): Promise<void> {
  for (let service = 0; service < 4; service++) {
    await write(`s${service}/package.json`, '{}')
    await write(`s${service}/app.py`, service % 2 === 0 ? OPEN : SOUND)
    await write(`s${service}/large.py`, `import flask\n${'value = compute(1, 2, 3)\n'.repeat(4500)}`)
  }
}

describe('a tree of several services', () => {
  test('in threads, in one thread, and from memory the report is the same', async () => {
    await writeServices()
    const report = async (...options: readonly string[]) => (await postern('scan', '.', '--json', ...options)).stdout
    const alone = await report('--jobs', '1', '--no-cache')
    expect(JSON.parse(alone).surfaces).toHaveLength(4)
    expect(await report('--jobs', '3', '--no-cache')).toBe(alone)
    expect(await report()).toBe(alone)
    expect(await report()).toBe(alone)
  })

  test('of thousands of files threads read some, and none twice or never', async () => {
    await writeServices()
    await mkdir(join(folder, 'lib'))
    await Promise.all(
      Array.from({ length: 4200 }, (_, index) => writeFile(join(folder, `lib/part${index}.py`), `value = ${index}\n`)),
    )
    const report = async (...options: readonly string[]) => (await postern('scan', '.', '--json', ...options)).stdout
    const alone = await report('--jobs', '1', '--no-cache')
    expect(JSON.parse(alone).examined.files).toBeGreaterThan(4200)
    expect(JSON.parse(alone).surfaces).toHaveLength(4)
    expect(await report('--jobs', '3', '--no-cache')).toBe(alone)
  })

  test.each([['0'], ['-1'], ['many']])('--jobs %s is refused', async (jobs) => {
    const { code, stderr } = await postern('scan', '.', '--jobs', jobs)
    expect(code).toBe(2)
    expect(stderr).toContain('must be a whole number from 1')
  })
})
