/** docs/rules/: a page for each rule of the scanner, and an index. */
import { ruleIndex, rulePage } from '../src/scanner/rules/page.ts'
import { ALL_RULES } from '../src/scanner/rules/registry.ts'

export function rulePages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/rules/README.md', ruleIndex()],
    ...ALL_RULES.map((rule): [string, string] => [
      `docs/rules/${rule.id}.md`,
      rulePage(rule, { controls: '../controls' }),
    ]),
  ])
}
