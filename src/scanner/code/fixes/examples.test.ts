/** Each fix on the wrong examples of its rule, and on the labelled handlers: the finding goes, and the file is still code. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, expect, test } from 'vitest'
import {
  changes,
  type Files,
  fixed,
  grammars,
  rulesFound,
  scanned,
  USUAL_FILES,
} from '../../../../test/support/fixing.ts'
import { languageOf } from '../parse/languages.ts'
import { parseModule } from '../parse/parse-module.ts'
import { RULES } from '../rules/registry.ts'
import { FIXES } from './described.ts'
import { FIXERS } from './registry.ts'

const folder = mkdtempSync(join(tmpdir(), 'postern-fixes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const HAS_PYTHON = spawnSync('python3', ['--version']).status === 0

const examples = [...FIXERS.keys()].flatMap((id) =>
  (RULES.find((rule) => rule.id === id)?.bad ?? []).map((example, index) => ({
    name: `${id} ${index} ${example.language}`,
    id,
    files: { [example.file ?? USUAL_FILES[example.language]]: example.code },
  })),
)

/**
 * Somebody has to decide these: what development may do, and how a whole handler reads its body. Who is to sign is known
 * where an address names the provider: adapter.test.ts.
 */
const NOT_FIXED = [
  ...examples.map(({ name }) => name).filter((name) => name.startsWith('missing-signature')),
  'fail-open-when-secret-missing 2 javascript',
  'parsed-body-signature 3 go',
]

test.each(examples.filter(({ name }) => !NOT_FIXED.includes(name)))('$name is fixed', ({ id, files }) => {
  const after = fixed(files)
  expect(rulesFound(after)).not.toContain(id)
  expect(changes(files, after)).toMatchSnapshot()
  expectCode(after)
})

test.each(examples.filter(({ name }) => NOT_FIXED.includes(name)))('$name is left alone', ({ files }) => {
  expect(scanned(files).fixes).toEqual([])
})

test('every rule with a fixer says on its page what that does', () => {
  expect(Object.keys(FIXES).sort()).toEqual([...FIXERS.keys()].sort())
})

const handlers = 'test/fixtures/handlers'
const groups = folders(handlers).flatMap((language) =>
  folders(join(handlers, language)).map((name) => join(handlers, language, name)),
)

test.each(groups)('%s: what is offered holds when all of it is applied', (group) => {
  const changed: Files[] = []
  for (const handler of folders(group)) {
    const files = filesBelow(join(group, handler))
    const before = rulesFound(files)
    if (!before.some((rule) => FIXERS.has(rule))) continue
    const after = fixed(files)
    const left = rulesFound(after)
    expect(
      left.filter((rule) => !before.includes(rule)),
      handler,
    ).toEqual([])
    expect(scanned(after).fixes, handler).toEqual([])
    if (after !== files) expect(left.length, handler).toBeLessThan(before.length)
    changed.push(after)
  }
  expectCode(...changed)
})

/** Python is compiled, JavaScript and TypeScript parsed by their own compiler, the others by their grammar. */
function expectCode(...projects: readonly Files[]): void {
  const python: string[] = []
  for (const [file, text] of projects.flatMap((files) => Object.entries(files))) {
    const language = languageOf(file)?.language
    if (language === undefined) continue
    if (language === 'python' && HAS_PYTHON) {
      const copy = join(folder, `module${python.length}.py`)
      writeFileSync(copy, text)
      python.push(copy)
    } else if (language === 'javascript' || language === 'typescript') {
      const { diagnostics = [] } = ts.transpileModule(text, { reportDiagnostics: true, fileName: file })
      expect(diagnostics.map(({ messageText }) => messageText)).toEqual([])
    } else {
      const parsed = parseModule(grammars, text, file, () => 0)
      expect(parsed.is === 'module' ? parsed.module.unparsed : parsed.why, text).toBe(0)
    }
  }
  if (python.length > 0) execFileSync('python3', ['-m', 'py_compile', ...python], { stdio: 'pipe' })
}

function folders(path: string): readonly string[] {
  return readdirSync(path).filter((name) => statSync(join(path, name)).isDirectory())
}

function filesBelow(root: string): Files {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(root, name)).isFile(),
  )
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(root, name), 'utf8')]))
}
