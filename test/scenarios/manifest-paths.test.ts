import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generatedControls } from '../../scripts/gen-controls.ts'
import { reviewPaths } from '../../src/scanner/manifest/review.ts'
import { exitCode } from '../../src/scanner/report/exit-code.ts'

const SECURE =
  'surface: { style: sse, endpoint: "https://a.example/e", public: true, public_reason: The public page. }\n'
const BROKEN = '{ "surface": { "style": "websocket", "endpoint": "ws://a.example/e" } }\n'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-review-'))
  await mkdir(join(folder, 'gates/node_modules'), { recursive: true })
  await writeFile(join(folder, 'gates/a.yaml'), SECURE)
  await writeFile(join(folder, 'gates/b.json'), BROKEN)
  await writeFile(join(folder, 'gates/package.json'), '{ "name": "x" }')
  await writeFile(join(folder, 'gates/node_modules/c.yaml'), BROKEN)
  await writeFile(join(folder, 'binary.yaml'), Buffer.from([0x73, 0x3a, 0xff, 0xfe, 0x00]))
  await writeFile(join(folder, 'large.yaml'), Buffer.alloc(100 * 1024 * 1024, 0x23))
  await symlink(folder, join(folder, 'gates/loop'))
})
afterAll(() => rm(folder, { recursive: true }))

const review = async (...names: readonly string[]) =>
  (
    await reviewPaths(
      names.map((name) => join(folder, name)),
      { version: '1' },
    )
  ).report

test('a folder is its manifests, without what other folders and files hold', async () => {
  const report = await review('gates')
  expect(report.surfaces.map((surface) => [surface.file?.slice(folder.length), surface.decision])).toEqual([
    ['/gates/a.yaml', 'secure'],
    ['/gates/b.json', 'vulnerable'],
  ])
  expect(report.decision).toBe('vulnerable')
})

test.each([
  ['binary.yaml'],
  ['large.yaml'],
  ['gates/package.json'],
  ['nothing-here.yaml'],
  ['gates/node_modules/none'],
])('%s has no verdict and ends with 2', async (name) => {
  const report = await review(name)
  expect(report.problems).toMatchObject([{ file: join(folder, name), line: 1, column: 1 }])
  expect(exitCode(report)).toBe(2)
})

test('what has only a word of manifests in it is passed over with a warning; what speaks of surfaces must be right', async () => {
  await mkdir(join(folder, 'app'), { recursive: true })
  await writeFile(join(folder, 'app/gate.yaml'), SECURE)
  await writeFile(join(folder, 'app/theme.json'), '{ "colors": {\n"surface": "#fff" } }')
  await writeFile(join(folder, 'app/tokens.yaml'), 'surface: "#ffffff"\n')
  const report = await review('app')
  expect(exitCode(report)).toBe(0)
  expect(report.warnings).toMatchObject([
    { file: join(folder, 'app/theme.json') },
    { file: join(folder, 'app/tokens.yaml'), message: expect.stringContaining('passed over as no manifest') },
  ])
  await writeFile(join(folder, 'app/broken.yaml'), 'surface:\n  style: webhook\n  style: sse\n')
  expect(exitCode(await review('app'))).toBe(2)
  expect(exitCode(await review('app/tokens.yaml'))).toBe(2)
})

test('a folder without a manifest is not a clean bill', async () => {
  await mkdir(join(folder, 'empty'), { recursive: true })
  expect(exitCode(await review('empty'))).toBe(2)
  expect(exitCode(await review('gates/a.yaml', 'empty'))).toBe(2)
})

test('the pages and schemas in docs are what the catalogue says today', async () => {
  for (const [file, text] of generatedControls())
    expect(await readFile(file, 'utf8').catch(() => 'missing'), file).toBe(text)
})
