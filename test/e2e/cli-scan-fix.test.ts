/** `postern scan --fix` from outside: what is written, what is only shown, and what is never touched. */
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runPostern } from '../support/gateway.ts'

const BAD = `import hashlib
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
    if wanted != request.headers.get("X-Pay-Signature"):
        return "", 401
    set_paid(request.json["order"])
    return "", 204
`
const LINE = '    if not hmac.compare_digest(wanted.encode(), request.headers.get("X-Pay-Signature", "").encode()):'
const OPEN = BAD.replace(/ {4}wanted = [\s\S]*?401\n/, '')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-scan-fix-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('postern scan', () => {
  test('says what can be fixed, as text, JSON and SARIF', async () => {
    await write('app.py', BAD)
    const { code, stdout } = await postern('scan', '.', '--output.json', 'r.json', '--output.sarif', 'r.sarif')
    expect(code).toBe(1)
    expect(stdout).toContain('with --fix: Compare in constant time, with hmac.compare_digest.')
    expect(stdout).toContain('1 of 1 finding can be fixed')
    const edits = [{ file: 'app.py', line: 17, column: 8, endLine: 17, endColumn: 56, replacement: LINE.slice(7, -1) }]
    const report = JSON.parse(await read('r.json'))
    expect(report.surfaces[0].findings[0].fix).toEqual({
      description: 'Compare in constant time, with hmac.compare_digest.',
      edits,
    })
    const { fixes } = JSON.parse(await read('r.sarif')).runs[0].results[0]
    expect(fixes[0].artifactChanges).toEqual([
      {
        artifactLocation: { uri: 'app.py' },
        replacements: [
          {
            deletedRegion: { startLine: 17, startColumn: 8, endLine: 17, endColumn: 56 },
            insertedContent: { text: edits[0]?.replacement },
          },
        ],
      },
    ])
    expect(await read('app.py')).toBe(BAD)
  })

  test('--fix writes, and the exit code is that of what is left', async () => {
    await write('app.py', BAD)
    await chmod(join(folder, 'app.py'), 0o754)
    const { code, stderr } = await postern('scan', '.', '--fix')
    expect({ code, stderr: stderr.toString() }).toEqual({ code: 0, stderr: '1 fix in 1 file: app.py\n' })
    expect(await read('app.py')).toBe(BAD.replace(/ {4}if wanted .*/, LINE))
    expect((await stat(join(folder, 'app.py'))).mode & 0o777).toBe(0o754)
    expect(await readdir(folder)).toEqual(['app.py'])

    await write('open.py', OPEN)
    const left = await postern('scan', '.', '--fix', '--json')
    expect(left.code).toBe(1)
    const [, open] = JSON.parse(left.stdout).surfaces
    expect(open.findings).toContainEqual(expect.objectContaining({ rule: 'missing-signature', fix: null }))
    expect(left.stderr).toContain('nothing here can be fixed by itself')
  })

  test('--fix --dry-run prints a diff that git applies, and writes nothing', async () => {
    await write('src/app.py', BAD)
    await write('src/dos.py', BAD.replaceAll('\n', '\r\n').trimEnd())
    const { code, stdout } = await postern('scan', 'src', '--fix', '--dry-run')
    expect(code).toBe(1)
    expect(stdout).toContain(`--- a/src/app.py\n+++ b/src/app.py\n`)
    expect(stdout).toContain(`+${LINE}\n`)
    expect(await read('src/app.py')).toBe(BAD)
    await write('fix.patch', stdout)
    execFileSync('git', ['init', '-q'], { cwd: folder })
    execFileSync('git', ['apply', 'fix.patch'], { cwd: folder })
    expect((await postern('scan', 'src')).code).toBe(0)
    expect((await postern('scan', 'src', '--dry-run')).code).toBe(2)
  })

  test('what somebody accepted is not touched, nor what has not changed', async () => {
    await write('app.py', BAD)
    expect((await postern('scan', '.', '--baseline', 'known.json', '--write-baseline')).code).toBe(0)
    expect((await postern('scan', '.', '--baseline', 'known.json', '--fix')).code).toBe(0)
    expect(await read('app.py')).toBe(BAD)
  })

  test('a symbolic link named as the target is refused, and nothing beside it is written', async () => {
    await write('else/where.py', BAD)
    await write('app.py', BAD)
    await symlink('else/where.py', join(folder, 'link.py'))
    const { code, stderr } = await postern('scan', 'link.py', 'app.py', '--fix')
    expect(code).toBe(1)
    expect(stderr.toString()).toContain('link.py: It is a symbolic link')
    expect([await read('else/where.py'), await read('app.py')]).toEqual([BAD, BAD])
  })

  test('a file that is no text in UTF-8 gets no fix, as its bytes would not come back', async () => {
    const bytes = Buffer.concat([Buffer.from(`# \xe9\n`, 'latin1'), Buffer.from(BAD)])
    await writeFile(join(folder, 'app.py'), bytes)
    const { code, stdout } = await postern('scan', '.', '--fix')
    expect(code).toBe(1)
    expect(stdout).not.toContain('can be fixed')
    expect(await readFile(join(folder, 'app.py'))).toEqual(bytes)
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

async function read(name: string): Promise<string> {
  return await readFile(join(folder, name), 'utf8')
}
