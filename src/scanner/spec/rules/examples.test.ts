/** Each rule's examples are its proof: what is printed on its page is scanned here. */
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { applicability } from '../../../catalogue/applicability.ts'
import { controlOf, isControlId } from '../../../catalogue/catalogue.ts'
import { decideSurface } from '../../../catalogue/decide.ts'
import type { ExaminedSurface } from '../../../catalogue/evidence.ts'
import { examineProject } from '../../code/examine-project.ts'
import { loadGrammars } from '../../code/parse/grammars.ts'
import { parsingTree } from '../../code/project/source-tree.ts'
import { lineOf } from '../../rules/page.ts'
import { ALL_RULES } from '../../rules/registry.ts'
import type { BadExample, ExampleLanguage, GoodExample } from '../../rules/rule-text.ts'
import { examineSpec } from '../examine-spec.ts'
import { knownSurfaces, servedOperations } from '../known-surfaces.ts'
import { readSpec } from '../read-spec.ts'
import { SPEC_RULES } from './registry.ts'

const grammars = await loadGrammars(new Set(['python', 'javascript']))

const FILES: Readonly<Partial<Record<ExampleLanguage, string>>> = {
  yaml: 'openapi.yaml',
  json: 'openapi.json',
  python: 'app.py',
  javascript: 'server.js',
}

/** What is found in the document, beside the code or observation it may have, as `rule:line message`. */
function findings({
  language,
  file = FILES[language] ?? '',
  code,
  beside,
}: BadExample | GoodExample): readonly string[] {
  const texts = new Map([[file, code], ...(beside === undefined ? [] : [[beside.file, beside.code] as const])])
  const spec = [...texts].find(([name]) => /openapi\.(?:yaml|json)$/.test(name))
  const source = [...texts].find(([name]) => /\.(?:py|js)$/.test(name))
  if (spec === undefined) throw new Error('an example has a description')
  const { documents, problems } = readSpec(spec[1], spec[0])
  expect(problems).toEqual([])
  const observed = observedIn(texts.get('observed.json'))
  const tree = parsingTree(
    (path) => texts.get(path),
    (path) => texts.has(path),
    grammars,
    () => 0,
  )
  const modules = source === undefined ? [] : [tree.module(source[0])].flatMap((module) => module ?? [])
  const project = examineProject(tree, modules, () => 0)
  return documents.flatMap((document) => {
    expect(document.remarks, 'remarks about an example').toEqual([])
    const others = [...project.surfaces, ...observed]
    return examineSpec(
      document,
      knownSurfaces(others, project.routes),
      servedOperations(others, project.routes),
    ).flatMap((surface) =>
      decideSurface(surface)
        .findings.filter(({ location }) => location !== undefined)
        .map(({ rule, location, message }) => `${rule}:${location?.line} ${message}`),
    )
  })
}

function observedIn(text: string | undefined): readonly ExaminedSurface[] {
  const seen = text === undefined ? [] : (JSON.parse(text) as readonly { route: string }[])
  return seen.map(({ route, ...observed }) => ({
    id: route,
    style: 'rest',
    route,
    traits: {},
    observed,
    evidence: [
      { control: 'surface-inventory', state: 'present', place: 'application', source: 'live', detail: 'It answers.' },
    ],
    missingArtifacts: [],
  }))
}

const bad = SPEC_RULES.flatMap((rule) =>
  rule.bad.map((example, index) => ({ name: `${rule.id} ${index}`, rule, example })),
)
const good = SPEC_RULES.flatMap((rule) => rule.good.map((example, index) => ({ name: `${rule.id} ${index}`, example })))

test.each(bad)('$name: the bad example is reported where and as its page says', ({ rule, example }) => {
  expect(example.code.split(example.at), `"${example.at}" stands once in the code`).toHaveLength(2)
  const found = findings(example)
  const [own, others] = [true, false].map((mine) => found.filter((one) => one.startsWith(`${rule.id}:`) === mine))
  expect(own).toEqual([`${rule.id}:${lineOf(example)} ${example.says}`])
  expect(others?.map((one) => one.split(':')[0]).sort()).toEqual([...(example.also ?? [])].sort())
})

test.each(good)('$name: nothing is found in the good example', ({ example }) => {
  expect(findings(example)).toEqual([])
})

test('a rule has one file, and looks at something', () => {
  const files = readdirSync('src/scanner/spec/rules')
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => name.slice(0, -'.ts'.length))
  expect(files.filter((name) => name !== 'rule' && name !== 'registry').sort()).toEqual(
    SPEC_RULES.map(({ id }) => id).sort(),
  )
  for (const rule of SPEC_RULES)
    expect([rule.when, rule.whenDocument, rule.whenDrift].some(Boolean), rule.id).toBe(true)
})

test('every rule of every examiner has its page, and one id of its own', () => {
  const ids = ALL_RULES.map(({ id }) => id)
  const pages = readdirSync('docs/rules').map((name) => name.slice(0, -'.md'.length))
  expect(pages.filter((name) => name !== 'README').sort()).toEqual([...ids].sort())
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.filter(isControlId)).toEqual([])
})

test('the control of a rule applies to every style that the rule looks at, or its findings would be lost', () => {
  for (const rule of SPEC_RULES)
    for (const style of rule.styles) {
      if (style === 'hybrid') continue // Whatever is stated of a hybrid applies.
      const control = controlOf(rule.controlFor?.[style] ?? rule.control)
      expect(
        applicability(control, style, { publicDeclared: true }),
        `${rule.id}: ${control.id} for ${style}`,
      ).toBeDefined()
    }
})
