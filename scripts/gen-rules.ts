/** docs/rules/: a page for each rule of the code scanner, and an index. */
import { ruleIndex, rulePage } from '../src/scanner/code/rules/page.ts'
import { RULES } from '../src/scanner/code/rules/registry.ts'

export function rulePages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/rules/README.md', ruleIndex()],
    ...RULES.map((rule): [string, string] => [`docs/rules/${rule.id}.md`, rulePage(rule, { controls: '../controls' })]),
  ])
}
