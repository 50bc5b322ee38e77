/**
 * Whether the pipeline of a repository compares description and service (API-CONTRACT-09): the steps of CI definitions
 * that are known to, and whether a difference stops them.
 *
 * A pipeline without such a step is no fault: a script that it calls may compare. Then it is said that nothing was seen.
 */
import { readdirSync, statSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { isMap, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml'
import type { Evidence, Location } from '../../catalogue/evidence.ts'
import { compareText } from '../../catalogue/order.ts'
import { readText } from './spec-files.ts'

const FILES = ['.gitlab-ci.yml', '.circleci/config.yml', 'azure-pipelines.yml', 'bitbucket-pipelines.yml', '.drone.yml']
const FOLDERS = ['.github/workflows', '.gitea/workflows', '.forgejo/workflows']
const MAX_FILES = 100
const MAX_CHARACTERS = 256 * 1024
/** Characters of a line that are looked at; nobody writes longer commands by hand. */
const MAX_COMMAND = 2_000

const DESCRIPTION = String.raw`(?:openapi|swagger|asyncapi)[\w.-]{0,80}\.(?:json|ya?ml)`

/** Each compares what is served, or what the code generates, with the description. */
const COMPARISONS: readonly RegExp[] = [
  /\b(?:schemathesis|dredd|oasdiff|openapi-diff|openapi-changes|swagger-diff|specmatic|portman|optic (?:diff|capture|run|verify))\b/i,
  new RegExp(String.raw`\b(?:git diff|diff|cmp)\b[^\n|;&]*${DESCRIPTION}`, 'i'),
  new RegExp(String.raw`${DESCRIPTION}[^\n|;&]*--check\b|--check\b[^\n|;&]*${DESCRIPTION}`, 'i'),
  new RegExp(String.raw`\bpostern scan\b[^\n|;&]*${DESCRIPTION}`, 'i'),
]
/** The step goes on whatever came out. */
const FORGIVEN_IN_TEXT = /\|\|\s*(?:true|:|exit 0)\b|--exit-zero\b/
const FORGIVING_KEYS = ['continue-on-error', 'allow_failure', 'continueOnError']

/** @param targets Folders and files of a run. @returns By folder, with a slash at its end (`''` is where we are). */
export function pipelineChecks(targets: readonly string[]): ReadonlyMap<string, Evidence> {
  const folders = new Set(targets.map((target) => (isFolder(target) ? target : dirname(target))))
  return new Map(
    [...folders].flatMap((folder) => {
      const evidence = judged(folder)
      return evidence === undefined ? [] : [[asPrefix(folder), evidence] as const]
    }),
  )
}

/** Of the nearest folder above a file. */
export function pipelineCheckOf(file: string, checks: ReadonlyMap<string, Evidence>): Evidence | undefined {
  const [nearest] = [...checks.keys()].filter((prefix) => file.startsWith(prefix)).sort((a, b) => b.length - a.length)
  return nearest === undefined ? undefined : checks.get(nearest)
}

function judged(folder: string): Evidence | undefined {
  const files = definitionsIn(folder)
  const [first] = files
  if (first === undefined) return undefined
  const steps = files.flatMap((file) => {
    const read = readText(file)
    return read.is === 'text' && read.text.length <= MAX_CHARACTERS ? stepsOf(read.text, slashed(file)) : []
  })
  const step = steps.find(({ isForgiven }) => !isForgiven) ?? steps[0]
  const told = (state: Evidence['state'], detail: string, location: Location): Evidence => ({
    control: 'contract-ci',
    state,
    place: 'platform',
    source: 'code',
    detail,
    location,
  })
  if (step === undefined)
    return told(
      'unknown',
      'No step of the pipeline is known to compare the description with what is served; a script that it calls may.',
      { file: slashed(first), line: 1, column: 1 },
    )
  return step.isForgiven
    ? told('unsafe', 'The pipeline compares the description and goes on whatever comes out.', step.at)
    : told('present', 'The pipeline compares the description and stops when it differs.', step.at)
}

interface Step {
  readonly at: Location
  readonly isForgiven: boolean
}

/** None where the nesting is deeper than can be walked. */
function stepsOf(text: string, file: string): readonly Step[] {
  try {
    return comparisonsIn(text, file)
  } catch (error) {
    if (error instanceof RangeError) return []
    throw error
  }
}

/** Texts of the definition; comments are none. */
function comparisonsIn(text: string, file: string): readonly Step[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false })
  const steps: Step[] = []
  visit(document, {
    Scalar(key, node, path) {
      if (key === 'key' || typeof node.value !== 'string' || node.range == null) return
      const command = node.value
        .split('\n')
        .map((line) => line.slice(0, MAX_COMMAND))
        .find((line) => !/^\s*#/.test(line) && COMPARISONS.some((one) => one.test(line)))
      if (command === undefined) return
      const { line, col } = lines.linePos(node.range[0])
      const isForgiven = FORGIVEN_IN_TEXT.test(command) || path.some((above) => isForgiving(above as Node))
      steps.push({ at: { file, line, column: col }, isForgiven })
    },
  })
  return steps
}

function isForgiving(node: Node): boolean {
  return (
    isMap(node) &&
    FORGIVING_KEYS.some((key) => {
      const value: unknown = node.get(key, true)
      return isScalar(value) && value.value === true
    })
  )
}

function definitionsIn(folder: string): readonly string[] {
  return [
    ...FOLDERS.flatMap((name) =>
      namesIn(join(folder, name))
        .filter((file) => /\.ya?ml$/i.test(file))
        .map((file) => join(folder, name, file)),
    ),
    ...FILES.map((name) => join(folder, name)).filter(
      (file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true,
    ),
  ].slice(0, MAX_FILES)
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort(compareText)
  } catch {
    // There is none.
    return []
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function asPrefix(folder: string): string {
  const path = slashed(folder).replace(/\/$/, '')
  return path === '.' || path === '' ? '' : `${path}/`
}

function slashed(path: string): string {
  return path.split(sep).join('/')
}
