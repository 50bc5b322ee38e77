/** Each rule's examples are its proof: what is printed on its page is scanned here. */
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { applicability } from '../../../catalogue/applicability.ts'
import { controlOf, isControlId } from '../../../catalogue/catalogue.ts'
import { decideSurface } from '../../../catalogue/decide.ts'
import { lineOf } from '../../rules/page.ts'
import { examineProject } from '../examine-project.ts'
import { loadGrammars } from '../parse/grammars.ts'
import type { Language } from '../parse/ir.ts'
import { parsingTree } from '../project/source-tree.ts'
import { RULES } from './registry.ts'

const grammars = await loadGrammars(new Set(['python', 'javascript', 'typescript', 'tsx', 'go', 'ruby', 'php']))

const FILES: Readonly<Record<Language, string>> = {
  python: 'app.py',
  javascript: 'server.js',
  typescript: 'server.ts',
  go: 'main.go',
  ruby: 'app.rb',
  php: 'webhook.php',
  java: 'WebhookController.java',
}

/** What is found in one file, as `rule:line message`. */
function findings(language: Language, code: string, file = FILES[language]): readonly string[] {
  const tree = parsingTree(
    (path) => (path === file ? code : undefined),
    (path) => path === file,
    grammars,
    () => 0,
  )
  const module = tree.module(file)
  if (module === undefined) throw new Error(`${file} could not be parsed`)
  expect(module.unparsed, 'characters that the grammar cannot read').toBe(0)
  return examineProject(tree, [module], () => 0).surfaces.flatMap((surface) =>
    decideSurface(surface)
      .findings.filter(({ location }) => location !== undefined)
      .map(({ rule, location, message }) => `${rule}:${location?.line} ${message}`),
  )
}

const bad = RULES.flatMap((rule) => rule.bad.map((example, index) => ({ name: `${rule.id} ${index}`, rule, example })))
const good = RULES.flatMap((rule) => rule.good.map((example, index) => ({ name: `${rule.id} ${index}`, example })))

test.each(bad)('$name: the bad example is reported where and as its page says', ({ rule, example }) => {
  expect(example.code.split(example.at), `"${example.at}" stands once in the code`).toHaveLength(2)
  const found = findings(example.language, example.code, example.file)
  const [own, others] = [true, false].map((mine) => found.filter((one) => one.startsWith(`${rule.id}:`) === mine))
  expect(own).toEqual([`${rule.id}:${lineOf(example)} ${example.says}`])
  expect(others?.map((one) => one.split(':')[0]).sort()).toEqual([...(example.also ?? [])].sort())
})

test.each(good)('$name: nothing is found in the good example', ({ example }) => {
  expect(findings(example.language, example.code, example.file)).toEqual([])
})

test('a rule has one file and one file of examples', () => {
  const ids = RULES.map(({ id }) => id).sort()
  const files = (folder: string, extension: string) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(extension) && !name.endsWith('.test.ts'))
      .map((name) => name.slice(0, -extension.length))
  const NO_RULES = ['questions', 'registry', 'rule', 'README']
  const rules = (names: readonly string[]) => names.filter((name) => !NO_RULES.includes(name)).sort()
  expect(rules(files('src/scanner/code/rules', '.ts'))).toEqual(ids)
  expect(rules(files('src/scanner/code/rules/examples', '.ts'))).toEqual(ids)
})

test('the control of a rule applies to every style that the rule looks at, or its findings would be lost', () => {
  for (const rule of RULES)
    for (const style of rule.styles) {
      const control = controlOf(rule.controlFor?.[style] ?? rule.control)
      expect(applicability(control, style, {}), `${rule.id}: ${control.id} for ${style}`).toBeDefined()
    }
})

test('no rule is named as a control, so that explain finds both', () => {
  expect(RULES.filter(({ id }) => isControlId(id))).toEqual([])
  expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length)
})
