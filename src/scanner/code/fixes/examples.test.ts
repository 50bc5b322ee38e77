/** Each fix on the wrong examples of its rule, and on the labelled handlers: the finding goes, and the file is still code. */
import { execFileSync } from 'node:child_process'
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
import { languageOf } from '../parse/grammars.ts'
import { parseModule } from '../parse/parse-module.ts'
import { ruleOf } from '../rules/registry.ts'
import { FIXERS } from './registry.ts'

const folder = mkdtempSync(join(tmpdir(), 'postern-fixes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const examples = [...FIXERS.keys()].flatMap((id) =>
  (ruleOf(id)?.bad ?? []).map((example, index) => ({
    name: `${id} ${index} ${example.language}`,
    id,
    files: { [example.file ?? USUAL_FILES[example.language]]: example.code },
  })),
)

/** Somebody has to decide these: what development may do, and how a whole handler reads its body. */
const NOT_FIXED = ['fail-open-when-secret-missing 2 javascript', 'parsed-body-signature 3 go']

test.each(examples.filter(({ name }) => !NOT_FIXED.includes(name)))('$name is fixed', ({ id, files }) => {
  const after = fixed(files)
  expect(rulesFound(after)).not.toContain(id)
  expect(changes(files, after)).toMatchSnapshot()
  expectCode(after)
})

test.each(examples.filter(({ name }) => NOT_FIXED.includes(name)))('$name is left alone', ({ files }) => {
  expect(scanned(files).fixes).toEqual([])
})

const handlers = 'test/fixtures/handlers'
const groups = folders(handlers).flatMap((language) =>
  folders(join(handlers, language)).map((name) => join(handlers, language, name)),
)

test.each(groups)('%s: what is offered holds when all of it is applied', (group) => {
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
    expectCode(after)
  }
})

/** Python is compiled, JavaScript and TypeScript parsed by their own compiler, the others by their grammar. */
function expectCode(files: Files): void {
  for (const [file, text] of Object.entries(files)) {
    const language = languageOf(file)?.language
    if (language === undefined) continue
    if (language === 'python') expectPython(text)
    else if (language === 'javascript' || language === 'typescript') {
      const { diagnostics = [] } = ts.transpileModule(text, { reportDiagnostics: true, fileName: file })
      expect(diagnostics.map(({ messageText }) => messageText)).toEqual([])
    } else {
      const parsed = parseModule(grammars, text, file, () => 0)
      expect(parsed.is === 'module' ? parsed.module.unparsed : parsed.why, text).toBe(0)
    }
  }
}

function expectPython(text: string): void {
  const file = join(folder, 'module.py')
  writeFileSync(file, text)
  execFileSync('python3', ['-m', 'py_compile', file], { stdio: 'pipe' })
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
