/** A rule as a page: what `postern explain` prints, docs/rules holds and SARIF gives as help. */
import { controlOf } from '../../catalogue/catalogue.ts'
import { CWE_TITLES, OWASP_API_2023 } from '../../catalogue/references.ts'
import { SURFACE_STYLES } from '../../catalogue/surfaces.ts'
import { FIXES } from '../code/fixes/described.ts'
import { ALL_RULES } from './registry.ts'
import { type BadExample, type ExampleLanguage, FIX_FRAMEWORKS, type GoodExample, type RuleText } from './rule-text.ts'

/** With `controls`, a relative address, the control is a link. */
export function rulePage(rule: RuleText, { controls }: { readonly controls?: string } = {}): string {
  const control = controlOf(rule.control)
  const own = FIXES[rule.id]
  return `${[
    `# ${rule.title}`,
    `\`${rule.id}\` · severity **${rule.severity}** · confidence **${rule.confidence}** · ${rule.styles.map((style) => SURFACE_STYLES[style].label).join(', ')}`,
    '## Why',
    rule.why,
    '## What it looks at',
    rule.looksAt,
    '## Wrong',
    ...rule.bad.map(badExample),
    '## Right, though it looks alike',
    ...rule.good.map(goodExample),
    '## Fix',
    fixes(rule),
    ...(own === undefined ? [] : [`**By itself**, with \`postern scan --fix\`: ${own}`]),
    '## Limits',
    rule.limits,
    '## References',
    [
      `- Control: ${controls === undefined ? `\`${control.id}\`` : `[${control.id}](${controls}/${control.id}.md)`} (${control.title})`,
      ...rule.cwe.map((cwe) =>
        `- [CWE-${cwe}](https://cwe.mitre.org/data/definitions/${cwe}.html) ${CWE_TITLES[cwe] ?? ''}`.trimEnd(),
      ),
      ...rule.owasp.map(
        (id) => `- OWASP API Security Top 10, 2023: [${id}](${owaspAddress(id)}) ${OWASP_API_2023[id]}`,
      ),
    ].join('\n'),
  ].join('\n\n')}\n`
}

/** The rule in three paragraphs, for tools that show help beside a finding. */
export function ruleHelp(rule: RuleText): string {
  return [rule.why, `Fix: ${fixes(rule)}`, `Limits: ${rule.limits}`].join('\n\n')
}

/** docs/rules/README.md. */
export function ruleIndex(): string {
  return `${[
    '# Rules',
    'What the scanner suspects in code and in descriptions, each with its proof: every example is scanned by the tests. Generated from `src/scanner/code/rules` and `src/scanner/spec/rules` by `npm run gen`.',
    [
      '| Rule | Title | Control | Severity | Languages of its examples | `--fix` |',
      '| --- | --- | --- | --- | --- | --- |',
      ...ALL_RULES.map(
        (rule) =>
          `| [${rule.id}](${rule.id}.md) | ${rule.title} | [${rule.control}](../controls/${rule.control}.md) | ${rule.severity} | ${languages(rule).join(', ')} | ${FIXES[rule.id] === undefined ? '' : 'yes'} |`,
      ),
    ].join('\n'),
  ].join('\n\n')}\n`
}

/** From 1; a page names it so that the sentence below the code is understood without counting. */
export function lineOf({ code, at }: BadExample): number {
  return code.slice(0, code.indexOf(at)).split('\n').length
}

const LANGUAGE_NAMES: Readonly<Record<ExampleLanguage, string>> = {
  python: 'Python',
  javascript: 'JavaScript',
  typescript: 'TypeScript',
  go: 'Go',
  ruby: 'Ruby',
  php: 'PHP',
  java: 'Java',
  yaml: 'YAML',
  json: 'JSON',
}

function languages(rule: RuleText): readonly string[] {
  return [...new Set(rule.bad.map(({ language }) => LANGUAGE_NAMES[language]))]
}

function badExample(example: BadExample): string {
  return `${code(example)}\n\nLine ${lineOf(example)}: ${example.says}`
}

function goodExample(example: GoodExample): string {
  return `${example.why}\n\n${code(example)}`
}

function code({ language, code: text, beside }: BadExample | GoodExample): string {
  const own = fenced(language, text)
  return beside === undefined ? own : `${own}\n\nand \`${beside.file}\`:\n\n${fenced(beside.language, beside.code)}`
}

function fenced(language: ExampleLanguage, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``
}

function fixes({ fix }: RuleText): string {
  const own = FIX_FRAMEWORKS.flatMap((framework) => {
    const how = fix[framework]
    return how === undefined ? [] : [`- **${framework}**: ${how}`]
  })
  return [fix.any, ...(own.length === 0 ? [] : [own.join('\n')])].join('\n\n')
}

function owaspAddress(id: keyof typeof OWASP_API_2023): string {
  const number = id.slice('API'.length).toLowerCase()
  const title = OWASP_API_2023[id].toLowerCase().replaceAll(' ', '-')
  return `https://owasp.org/API-Security/editions/2023/en/0xa${Number(number).toString(16)}-${title}/`
}
