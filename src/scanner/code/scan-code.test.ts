import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decideSurface } from '../../catalogue/decide.ts'
import { examineProject } from './examine-project.ts'
import { loadGrammars } from './parse/grammars.ts'
import { parsingTree } from './project/source-tree.ts'
import { holdsCode } from './project/walk-sources.ts'
import { scanCode } from './scan-code.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-code-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const HOOK = `const express = require('express')
const { setPaid } = require('./orders')
const app = express()
app.post('/webhooks/pay', express.json(), async (req, res) => {
  await setPaid(req.body.order)
  res.sendStatus(204)
})
app.listen(3000)
`

describe('what is read', () => {
  test('vendored, generated, hidden, minified and test code is passed over and counted', async () => {
    await write('src/hook.js', HOOK)
    for (const path of ['node_modules/x/hook.js', 'dist/hook.js', '.git/hook.js', 'test/hook.js'])
      await write(path, HOOK)
    await write('src/hook.test.js', HOOK)
    await write('src/app.min.js', HOOK)
    await write('src/bundled.js', `${HOOK}${'a'.repeat(30_000)}`)
    const { surfaces, counts } = await scan()
    expect(surfaces.map(({ route }) => route)).toEqual(['POST /webhooks/pay'])
    expect(Object.fromEntries(counts.skipped)).toEqual({ generated: 1, hidden: 1, minified: 2, tests: 2, vendored: 1 })
  })

  test('a module is parsed when a handler leads to it, and not otherwise', async () => {
    await write('src/hook.js', HOOK)
    await write('src/orders.js', 'exports.setPaid = async (order) => db.update(order)\n')
    for (let index = 0; index < 30; index++) await write(`src/other${index}.js`, 'export const x = 1\n')
    const { counts } = await scan()
    expect(counts).toMatchObject({ files: 32, candidates: 1, parsed: 2 })
  })

  test('a folder without source holds no code', async () => {
    await write('README.md', '# nothing')
    expect(await holdsCode(folder)).toBe(false)
    expect(await holdsCode(join(folder, 'missing'))).toBe(false)
  })
})

describe('bad input', () => {
  test.each([
    ['an empty file', ''],
    ['broken syntax', "app.post('/hook', (req, res => { if (( }"],
    ['binary', '\u0000\u0001\ufffd\u0000express()'],
    ['a byte order mark', `\ufeff${HOOK}`],
    ['Windows line ends', HOOK.replaceAll('\n', '\r\n')],
  ])('%s does not stop the scan', async (_, text) => {
    await write('src/odd.js', text)
    await write('src/hook.js', HOOK)
    const { surfaces } = await scan()
    expect(surfaces.some(({ location }) => location?.file.endsWith('hook.js'))).toBe(true)
  })

  test('nesting without end is refused or understood in part, in bounded time, and said', async () => {
    await write('src/deep.js', `${HOOK}${'(\n'.repeat(50_000)}1${')\n'.repeat(50_000)}`)
    await write('src/lists.py', `import flask\nx = ${'[\n'.repeat(20_000)}${']\n'.repeat(20_000)}`)
    const { warnings, incomplete } = await scan()
    expect(warnings.length).toBeGreaterThan(0)
    expect(incomplete).toBe(true)
  })

  test('a handler with branches without end is examined in bounded steps', async () => {
    const branches = Array.from({ length: 400 }, (_, n) => `  if (req.body.f${n}) { x${n} = verify${n}(req) }`).join(
      '\n',
    )
    await write(
      'src/wide.js',
      `const express = require('express')\nconst app = express()\napp.post('/webhooks/x', (req, res) => {\n${branches}\n  save(req.body)\n  res.end()\n})\n`,
    )
    expect((await scan()).surfaces).toHaveLength(1)
  })

  test('an object whose every member may be one of two things does not double the ways with each', async () => {
    const members = Array.from({ length: 64 }, (_, n) => `a${n}: process.env.A${n} ? 'yes' : 'no', `).join('')
    const sum = Array.from({ length: 64 }, (_, n) => `(process.env.B${n} ? 'yes' : 'no')`).join(' + ')
    await write('src/settings.js', `exports.settings = { ${members} }\nexports.text = ${sum}\n`)
    await write(
      'src/hook.js',
      `const { settings, text } = require('./settings')\n${HOOK.replace('await setPaid', 'console.log(settings.a1, text); await setPaid')}`,
    )
    expect((await scan()).surfaces).toHaveLength(1)
  })

  test('a file of gigabytes is passed over without being read', async () => {
    await write('src/huge.js', HOOK)
    await truncate(join(folder, 'src/huge.js'), 3_000_000_000)
    await write('src/hook.js', HOOK)
    const { surfaces, counts } = await scan()
    expect(surfaces).toHaveLength(1)
    expect(Object.fromEntries(counts.skipped)).toEqual({ 'larger than 1.5 MB': 1 })
  })

  test('symbolic links are not followed', async () => {
    await write('src/hook.js', HOOK)
    await symlink(folder, join(folder, 'src/loop'))
    await symlink(join(folder, 'src/hook.js'), join(folder, 'src/again.js'))
    expect((await scan()).counts.files).toBe(1)
  })

  test('a handler that breaks the examination is named, costs no other its own, and never passes for clean', async () => {
    await write('src/hook.js', HOOK)
    await write('src/other.js', HOOK.replace('./orders', './broken').replace('/pay', '/other'))
    await write('src/broken.js', 'exports.setPaid = async () => {}\n')
    const files = ['src/hook.js', 'src/other.js'].map((file) => join(folder, file))
    const tree = parsingTree(
      (path) => {
        if (path.endsWith('broken.js')) throw new Error('out of memory')
        return readFileSync(path, 'utf8')
      },
      (path) => existsSync(path),
      await loadGrammars(new Set(['javascript'])),
      () => 0,
    )
    const modules = files.flatMap((file) => tree.module(file) ?? [])
    const { surfaces, failures } = examineProject(tree, modules, () => 0)
    expect(surfaces.map(({ route }) => route)).toEqual(['POST /webhooks/pay'])
    expect(failures).toEqual([
      expect.objectContaining({ file: files[1], message: expect.stringContaining('out of memory') }),
    ])
  })

  test('modules that import one another in a circle end', async () => {
    await write(
      'src/a.js',
      `const b = require('./b')\nexports.check = (req) => b.check(req)\n${HOOK.replace('await setPaid', 'b.check(req); await setPaid')}`,
    )
    await write('src/b.js', "const a = require('./a')\nexports.check = (req) => a.check(req)\n")
    expect((await scan()).surfaces).toHaveLength(1)
  })
})

test('findings name rule, line and column, and the evidence decides', async () => {
  await write('src/hook.js', HOOK)
  const { surfaces } = await scan()
  const [surface] = surfaces
  expect(surface).toMatchObject({ style: 'webhook', framework: 'express', location: { line: 4 } })
  const decided = decideSurface(surface!)
  expect(decided.decision).toBe('vulnerable')
  expect(decided.findings).toContainEqual(
    expect.objectContaining({
      rule: 'missing-signature',
      severity: 'critical',
      location: expect.objectContaining({ line: 4 }),
    }),
  )
})

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}

async function scan() {
  return await scanCode([folder], { now: () => performance.now() })
}
