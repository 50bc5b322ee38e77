/**
 * The labelled handlers and descriptions of test/fixtures: what a careful reviewer would and would not write about each.
 *
 * Its README is the labelling guide. Labels are checked against the files here, so that an edited fixture cannot
 * silently move the line that a label names.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

export const CORPUS = fileURLToPath(new URL('../../test/fixtures/handlers', import.meta.url))

export const SPEC_CORPUS = fileURLToPath(new URL('../../test/fixtures/specs', import.meta.url))

const SPEC_RULES = [
  'event-unsigned',
  'signature-header-optional',
  'event-without-timestamp',
  'event-without-id',
  'callback-url-from-request',
  'write-without-security',
  'security-override-empty',
  'security-optional',
  'security-scheme-undefined',
  'credential-in-query',
  'cleartext-server',
  'channel-without-security',
  'message-without-schema',
  'stream-for-whom-request-names',
  'job-step-unsecured',
  'job-without-status',
  'refusals-undocumented',
  'url-in-body',
  'secret-in-response',
  'operation-id-repeated',
  'documented-security-missing',
  'undocumented-security',
  'undocumented-route',
  'stale-operation',
  'undocumented-input',
  'undocumented-answer',
] as const

export const RULES = [
  'missing-signature',
  'parsed-body-signature',
  'unsafe-compare',
  'missing-freshness',
  'missing-replay-protection',
  'body-id-authz',
  'payload-url-ssrf',
  'open-redirect',
  'no-body-limit',
  'secret-hardcoded',
  'fail-open-when-secret-missing',
  'ws-no-origin-check',
  'ws-handshake-only-auth',
  'ws-no-message-validation',
  'ws-no-limits',
  'sse-unbound-subscription',
  'async-owner-unbound',
  'result-url-no-ttl',
  'callback-target-unvalidated',
  'error-leak',
  'verification-after-processing',
  'verifier-result-ignored',
  'compare-length-unguarded',
  'signature-optional',
  'dedupe-race',
  'dedupe-before-effect',
  'algorithm-from-request',
  'stale-window-too-wide',
  'sensitive-header-logged',
  'secret-chosen-by-body',
  'middleware-after-route',
  ...SPEC_RULES,
] as const

const Rule = z.enum(RULES)
const Line = z.number().int().positive()
/** A bare number is a line of the finding's own file. */
const Also = z.union([Line, z.strictObject({ file: z.string(), line: Line })])

const Labels = z.strictObject({
  group: z.string(),
  cases: z.array(
    z.strictObject({
      name: z.string(),
      sound: z.boolean(),
      about: z.string(),
      surfaces: z.array(
        z.strictObject({ style: z.string(), framework: z.string(), route: z.string().nullable(), file: z.string() }),
      ),
      findings: z.array(z.strictObject({ rule: Rule, file: z.string(), line: Line, also: z.array(Also).optional() })),
      mustNot: z.array(z.strictObject({ rule: Rule, why: z.string() })),
      tolerated: z.array(Rule).optional(),
    }),
  ),
})

export type LabelledCase = z.infer<typeof Labels>['cases'][number] & {
  readonly group: string
  /** What is scanned: one case is one small project. */
  readonly folder: string
}

export function readCorpus(corpus = CORPUS): readonly LabelledCase[] {
  return labelFiles(corpus).flatMap((file) => {
    const { group, cases } = Labels.parse(JSON.parse(readFileSync(file, 'utf8')))
    return cases.map((one) => ({ ...one, group, folder: join(corpus, ...group.split('/'), one.name) }))
  })
}

/** What is wrong with the labels themselves; empty when they can be believed. */
export function corpusFaults(corpus = CORPUS): readonly string[] {
  const cases = readCorpus(corpus)
  const labelled = new Set(cases.map(({ folder }) => folder))
  const unlabelled = labelFiles(corpus)
    .flatMap((file) => subfolders(join(file, '..')))
    .filter((folder) => !labelled.has(folder))
    .map((folder) => `${relative(corpus, folder)}: a folder without a label`)
  return [...unlabelled, ...cases.flatMap(caseFaults)]
}

function caseFaults(one: LabelledCase): readonly string[] {
  const expected = new Set(one.findings.map(({ rule }) => rule))
  const allowed = new Set(one.tolerated ?? [])
  const places = one.findings.flatMap(({ file, line, also = [] }) => [
    { file, line },
    ...also.map((place) => (typeof place === 'number' ? { file, line: place } : place)),
  ])
  const faults = [
    ...(one.sound === (one.findings.length === 0) ? [] : ['sound and findings contradict each other']),
    ...one.mustNot.filter(({ rule }) => expected.has(rule) || allowed.has(rule)).map(({ rule }) => `${rule} twice`),
    ...one.surfaces.filter(({ file }) => !existsSync(join(one.folder, file))).map(({ file }) => `no file ${file}`),
    ...places
      .filter((place) => !isCode(join(one.folder, place.file), place.line))
      .map(({ file, line }) => `${file}:${line} is not a line of code`),
  ]
  return faults.map((fault) => `${one.group}/${one.name}: ${fault}`)
}

function isCode(file: string, line: number): boolean {
  if (!existsSync(file)) return false
  const text = readFileSync(file, 'utf8').split('\n')[line - 1]?.trim() ?? ''
  return text !== '' && !/^(#(?!\[)|\/\/|\/?\*)/.test(text)
}

function labelFiles(corpus: string): readonly string[] {
  return readdirSync(corpus, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.split(sep).at(-1) === 'labels.json')
    .sort()
    .map((path) => join(corpus, path))
}

function subfolders(folder: string): readonly string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isDirectory())
}
