/**
 * Writes every generated file, or with `--check` says which are out of date and fails.
 *
 * Each page comes from one description in the code: change that, run `npm run gen`, commit both.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { configPage } from './gen-config.ts'
import { generatedControls } from './gen-controls.ts'
import { errorsPage } from './gen-errors.ts'
import { renderOpenApi } from './gen-openapi.ts'
import { outcomesPage } from './gen-outcomes.ts'
import { probePages } from './gen-probes.ts'
import { providerPages } from './gen-providers.ts'
import { rulePages } from './gen-rules.ts'
import { verifyPage } from './gen-verify.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const check = process.argv.includes('--check')

const files = new Map<string, string>([
  ['docs/config.md', configPage()],
  ['docs/errors.md', errorsPage()],
  ['docs/outcomes.md', outcomesPage()],
  ['docs/verify.md', verifyPage()],
  ['openapi.json', await renderOpenApi()],
  ...providerPages(),
  ...generatedControls(),
  ...rulePages(),
  ...probePages(),
])

/** Folders that hold generated files and nothing else: what is no longer generated is removed. */
const OWNED = ['docs/controls', 'docs/probes', 'docs/providers', 'docs/rules', 'docs/schemas']

const stale: string[] = []
for (const [path, content] of files) {
  const present = await readFile(join(root, path), 'utf8').catch(() => undefined)
  if (present === content) continue
  stale.push(path)
  if (check) continue
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), content)
}
for (const folder of OWNED) {
  for (const name of readdirSync(join(root, folder))) {
    const path = `${folder}/${name}`
    if (files.has(path)) continue
    stale.push(`${path} (no longer generated)`)
    if (!check) await rm(join(root, path))
  }
}

// The version stands twice: in package.json for npm, and in the code for what the program says of itself.
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
const code = readFileSync(join(root, 'src/base/model/version.ts'), 'utf8')
if (!code.includes(`'${version}'`)) stale.push('src/base/model/version.ts (differs from package.json)')

if (stale.length === 0) console.log(`${files.size} generated files are up to date`)
else if (check) {
  console.error(`Out of date, run \`npm run gen\` and commit:\n  ${stale.join('\n  ')}`)
  process.exitCode = 1
} else console.log(`wrote ${stale.join(', ')}`)
