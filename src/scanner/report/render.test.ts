import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import type { ExaminedSurface } from '../../catalogue/evidence.ts'
import { RULES } from '../code/rules/registry.ts'
import { manifestSchema } from '../manifest/manifest-schema.ts'
import { examineTexts, reviewManifest } from '../manifest/review.ts'
import { reviewInit } from '../manifest/starter.ts'
import { REPORT_FORMATS, renderReport, wantsColour } from './render.ts'
import { buildReport } from './report.ts'
import { reportSchema } from './report-schema.ts'

const FOLDER = 'test/fixtures/manifests'
const NAMES = [
  'async-export-result-cross-user',
  'idempotency-missing',
  'must-not-flag',
  'not-evaluable-missing-runtime-inventory',
  'webhook-json-reserialization-signature',
]
const sources = new Map(NAMES.map((name) => [`${name}.yaml`, readFileSync(`${FOLDER}/${name}.yaml`, 'utf8')]))

/** Text that tries to get out of every format at once. */
const HOSTILE = '"><script>alert(1)</script> | `x` [l](javascript:1) ]]> &\n::error::forged\u001b[31m\u202e\ud800%0A'

const traced: ExaminedSurface = {
  id: `traced ${HOSTILE}`,
  style: 'webhook',
  framework: 'flask',
  route: `/hook/${HOSTILE}`,
  location: { file: 'app dir/hook #1.py', line: 3, column: 1 },
  traits: {},
  missingArtifacts: [],
  evidence: [
    {
      control: 'raw-body-integrity',
      rule: 'parsed-body-signature',
      state: 'unsafe',
      place: 'application',
      source: 'code',
      detail: HOSTILE,
      location: { file: 'app dir/hook #1.py', line: 3, column: 5 },
      trace: [{ file: 'app dir/hook #1.py', line: 1, column: 1, message: HOSTILE }],
    },
  ],
}
const withCode = new Map([
  ...sources,
  ['app dir/hook #1.py', `body = get()\n\n    verify(${HOSTILE.replaceAll('\n', ' ')})\n`],
])

const aReport = () => {
  const { surfaces, warnings } = examineTexts(sources)
  return buildReport({
    surfaces: [...surfaces, traced],
    version: '1.2.3',
    sources: withCode,
    warnings: [...warnings, { file: 'm.yaml', line: 1, column: 2, message: HOSTILE }],
    problems: [{ file: `odd\n${HOSTILE}.yaml`, line: 9, column: 1, message: HOSTILE }],
  })
}
const render = (format: (typeof REPORT_FORMATS)[number]) => renderReport(aReport(), format, { sources: withCode })

function validator(schema: object) {
  // The published SARIF schema has a pattern that is no Unicode pattern.
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false })
  addFormats.default(ajv)
  return ajv.compile(schema)
}

describe('machine formats', () => {
  test('JSON follows its published schema', async () => {
    const validate = validator(reportSchema())
    for (const report of [aReport(), buildReport({ surfaces: [], version: '1', sources: new Map() })]) {
      validate(JSON.parse(await renderReport(report, 'json')))
      expect(validate.errors).toBeNull()
    }
  })

  test('the schema is not so wide that anything passes', async () => {
    const validate = validator(reportSchema())
    expect(validate({ ...aReport(), decision: 'fine' })).toBe(false)
    expect(validate({ ...aReport(), extra: 1 })).toBe(false)
  })

  test('SARIF follows the OASIS schema, with fingerprints, help, severities and code flows', async () => {
    const log = JSON.parse(await render('sarif'))
    const validate = validator(JSON.parse(readFileSync('test/fixtures/schemas/sarif-2.1.0.json', 'utf8')))
    validate(log)
    expect(validate.errors).toBeNull()
    const [run] = log.runs
    const flow = run.results.find((result: { ruleId: string }) => result.ruleId === 'parsed-body-signature')
    expect(flow.codeFlows[0].threadFlows[0].locations).toHaveLength(2)
    expect(flow.locations[0].physicalLocation.artifactLocation.uri).toBe('app%20dir/hook%20%231.py')
    for (const result of run.results) {
      expect(result.partialFingerprints['postern/v1']).toMatch(/^[0-9a-f]{32}$/)
      const rule = run.tool.driver.rules[result.ruleIndex]
      expect(rule.id).toBe(result.ruleId)
      const isCode = rule.id === 'parsed-body-signature'
      expect(rule.helpUri).toMatch(
        isCode ? /\/docs\/rules\/parsed-body-signature\.md$/ : /\/docs\/controls\/[a-z-]+\.md$/,
      )
      expect(rule.help.markdown).toContain(isCode ? 'express.raw' : 'Evidence:')
      expect(Number(rule.properties['security-severity'])).toBeGreaterThanOrEqual(0)
    }
    expect(run.invocations[0].executionSuccessful).toBe(false)
  })

  test('SARIF has help of its own for every rule of the code scanner', async () => {
    const surfaces = RULES.map((rule): ExaminedSurface => {
      const [style] = rule.styles
      const location = { file: `${rule.id}.py`, line: 1, column: 1 }
      const { severity, confidence } = rule
      const evidence = { state: 'unsafe', place: 'application', source: 'code', detail: rule.title } as const
      const control = rule.controlFor?.[style] ?? rule.control
      const found = { ...evidence, control, rule: rule.id, severity, confidence, location }
      return { id: rule.id, style, location, traits: {}, missingArtifacts: [], evidence: [found] }
    })
    const report = buildReport({ surfaces, version: '1.2.3', sources: new Map() })
    const log = JSON.parse(await renderReport(report, 'sarif'))
    const validate = validator(JSON.parse(readFileSync('test/fixtures/schemas/sarif-2.1.0.json', 'utf8')))
    validate(log)
    expect(validate.errors).toBeNull()
    const written = new Map(log.runs[0].tool.driver.rules.map((rule: { id: string }) => [rule.id, rule]))
    for (const rule of RULES)
      expect(written.get(rule.id), rule.id).toMatchObject({
        shortDescription: { text: rule.title },
        help: { markdown: expect.stringContaining(rule.fix.any) },
        helpUri: `https://unpkg.com/postern@1.2.3/docs/rules/${rule.id}.md`,
      })
  })

  test('JUnit counts what it holds, and is XML whatever the files say', async () => {
    const xml = await render('junit')
    const count = (name: string) => Number(new RegExp(`<testsuites[^>]* ${name}="(\\d+)"`).exec(xml)?.[1])
    expect(count('tests')).toBe(xml.match(/<testcase /g)?.length)
    expect(count('skipped')).toBe(xml.match(/<skipped /g)?.length)
    expect(count('errors')).toBe(xml.match(/<error /g)?.length)
    expect(xml).not.toContain('<script')
    expect(xml).not.toContain(']]>')
    expect(xml).not.toMatch(/&(?!(amp|lt|gt|quot|#\d+);)/)
  })

  test('GitHub annotations are one a line, and none is forged', async () => {
    const lines = (await render('github')).trimEnd().split('\n')
    for (const line of lines) expect(line).toMatch(/^::(error|warning|notice) ([a-z]+=[^,:]*,?)+::\S/)
    expect(lines.filter((line) => line.startsWith('::error::'))).toEqual([])
  })
})

describe('formats for people', () => {
  test('HTML holds no script, loads nothing and escapes what files say', async () => {
    const html = await render('html')
    expect(html).not.toMatch(
      /<script|<img|<iframe|<link|javascript:[^1]|\son\w+=|https?:\/\/(?!live|api|app|status|ticker|www)/,
    )
    expect(html).toContain("default-src 'none'")
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  })

  test('text shows the line with a caret and cannot drive the terminal', async () => {
    const text = await render('text')
    expect(text).toContain('> 8 |   verifies_signature_over_raw_body: false')
    expect(text).toMatch(/\| {3}\^/)
    expect(text).not.toContain('\u001b')
    expect(text).not.toContain('\u202e')
  })

  test('colour is only colour', async () => {
    const plain = await renderReport(aReport(), 'text', { sources: withCode })
    const coloured = await renderReport(aReport(), 'text', { sources: withCode, colour: true })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape that colours begin with
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(plain)
    expect(wantsColour({ isTTY: true }, {})).toBe(true)
    expect(wantsColour({ isTTY: true }, { NO_COLOR: '1' })).toBe(false)
    expect(wantsColour({ isTTY: false }, {})).toBe(false)
  })

  test('Markdown has the tables of the review, and files cannot add rows, links or tags', async () => {
    const markdown = await render('markdown')
    for (const title of [
      'Evidence coverage',
      'Real-time, webhook and async evidence',
      'Idempotency and replay',
      'Findings',
      'What is missing to decide',
    ]) {
      expect(markdown).toContain(`## ${title}`)
    }
    const outsideFrames = markdown.replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '')
    expect(outsideFrames).not.toContain('<script')
    expect(outsideFrames).not.toMatch(/(?<!\\)\]\(javascript/)
    const tables = outsideFrames.split('\n\n').filter((block) => block.startsWith('| '))
    for (const table of tables)
      expect(new Set(table.split('\n').map((row) => row.match(/(?<!\\)\|/g)?.length)).size).toBe(1)
  })

  test('tables stand only where they are in scope', async () => {
    const markdown = await renderReport(
      reviewManifest(sources.get('must-not-flag.yaml')!, 'm.yaml', { version: '1' }),
      'markdown',
    )
    expect(markdown).not.toContain('## Idempotency')
    expect(markdown).not.toContain('## Destinations')
  })
})

test.each(REPORT_FORMATS)('%s: equal input gives equal bytes, in whatever order it came', async (format) => {
  const { surfaces } = examineTexts(sources)
  const shuffled = [...surfaces].reverse().map((surface) => ({ ...surface, evidence: [...surface.evidence].reverse() }))
  const one = buildReport({ surfaces, version: '1', sources })
  const other = buildReport({ surfaces: shuffled, version: '1', sources })
  expect(await renderReport(other, format, { sources })).toBe(await renderReport(one, format, { sources }))
})

test('the schema for editors accepts the starter and every fixture, and refuses nonsense', async () => {
  const validate = validator(manifestSchema())
  for (const text of [reviewInit(), ...sources.values()]) {
    validate(parseYaml(text, { merge: true }))
    expect(validate.errors).toBeNull()
  }
  expect(validate({ surfaces: [] })).toBe(false)
  expect(validate({ surface: { style: 'webhook', replay_cache: [1] } })).toBe(false)
})
