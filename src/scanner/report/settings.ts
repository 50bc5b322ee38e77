/**
 * `postern.config.yaml`: what counts how much, what is left out, what was waived and until when.
 * Unknown keys, unknown rules, waivers without reason or date are problems with a position, not shrugs.
 */
import { isControlId } from '../../catalogue/catalogue.ts'
import { SEVERITIES, type Severity } from '../../catalogue/severity.ts'
import { normaliseKey } from '../manifest/field.ts'
import { nearestWord } from '../manifest/nearest.ts'
import { describeNode, type ManifestNode, type MapEntry, type Problem, problemAt } from '../manifest/node.ts'
import { readDocuments } from '../manifest/read-yaml.ts'
import type { SeverityOverride, Waiver } from './suppress.ts'

export interface Settings {
  readonly severities: ReadonlyMap<string, SeverityOverride>
  readonly excludedPaths: readonly string[]
  readonly waivers: readonly Waiver[]
  readonly failOn: Severity | undefined
  readonly minScore: number | undefined
  readonly minCoverage: number | undefined
  readonly baseline: string | undefined
}

export const DEFAULT_SETTINGS: Settings = {
  severities: new Map(),
  excludedPaths: [],
  waivers: [],
  failOn: undefined,
  minScore: undefined,
  minCoverage: undefined,
  baseline: undefined,
}

/** @param otherRules Ids that are no controls: of rules about code and descriptions, and of probes. */
export function readSettings(
  text: string,
  file: string,
  otherRules: ReadonlySet<string> = new Set(),
): { readonly settings: Settings; readonly problems: readonly Problem[] } {
  const { documents, problems } = readDocuments(text, file)
  const [root] = documents
  if (root === undefined) return { settings: DEFAULT_SETTINGS, problems }
  if (root.kind !== 'map' || documents.length > 1) {
    return { settings: DEFAULT_SETTINGS, problems: [problemAt(root.at, 'The configuration must be one map.')] }
  }
  const reader = new SettingsReader(otherRules)
  for (const entry of root.entries) reader.read(entry)
  return { settings: reader.settings(), problems: reader.problems }
}

const KEYS = ['version', 'rules', 'paths', 'waivers', 'fail_on', 'min_score', 'min_coverage', 'baseline']

class SettingsReader {
  readonly problems: Problem[] = []
  readonly #otherRules: ReadonlySet<string>
  readonly #severities = new Map<string, SeverityOverride>()
  readonly #excluded: string[] = []
  readonly #waivers: Waiver[] = []
  readonly #scalars = new Map<string, string | number>()

  constructor(otherRules: ReadonlySet<string>) {
    this.#otherRules = otherRules
  }

  settings(): Settings {
    const failOn = this.#scalars.get('fail_on')
    return {
      severities: this.#severities,
      excludedPaths: this.#excluded,
      waivers: this.#waivers,
      failOn: SEVERITIES.find((severity) => severity === failOn),
      minScore: this.#number('min_score'),
      minCoverage: this.#number('min_coverage'),
      baseline: this.#text('baseline'),
    }
  }

  read(entry: MapEntry): void {
    const key = normaliseKey(entry.key)
    if (key === 'rules') return this.#rules(entry.value)
    if (key === 'paths') return this.#paths(entry.value)
    if (key === 'waivers') return this.#eachMap(entry.value, 'waivers', (node) => this.#waiver(node))
    if (key === 'version')
      return this.#check(scalar(entry.value) === 1 || scalar(entry.value) === '1', entry.value, 'version must be 1')
    if (key === 'fail_on')
      return this.#scalar(
        key,
        entry,
        (value) => SEVERITIES.some((severity) => severity === value),
        `fail_on must be one of ${SEVERITIES.join(', ')}`,
      )
    if (key === 'min_score' || key === 'min_coverage')
      return this.#scalar(
        key,
        entry,
        (value) => typeof value === 'number' && value >= 0 && value <= 100,
        `${key} must be a number from 0 to 100`,
      )
    if (key === 'baseline')
      return this.#scalar(key, entry, (value) => typeof value === 'string' && value !== '', 'baseline must be a path')
    const nearest = nearestWord(key, KEYS)
    this.problems.push(
      problemAt(
        entry.keyAt,
        `${entry.key} is not a setting${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
      ),
    )
  }

  #rules(node: ManifestNode): void {
    if (node.kind !== 'map') return this.#check(false, node, 'rules must be a map of rule and severity')
    for (const entry of node.entries) {
      this.#knownRule(entry.key, entry)
      const severity = [...SEVERITIES, 'off' as const].find((one) => one === scalar(entry.value))
      // A YAML 1.1 writer turns off into false.
      const off = scalar(entry.value) === false ? 'off' : severity
      if (off === undefined)
        this.#check(false, entry.value, `${entry.key} must be one of ${SEVERITIES.join(', ')}, off`)
      else this.#severities.set(entry.key, off)
    }
  }

  #paths(node: ManifestNode): void {
    const exclude =
      node.kind === 'map' ? node.entries.find((entry) => normaliseKey(entry.key) === 'exclude')?.value : undefined
    if (exclude?.kind !== 'list') return this.#check(false, node, 'paths must have an exclude list')
    for (const item of exclude.items) {
      const glob = scalar(item)
      if (typeof glob === 'string' && glob !== '') this.#excluded.push(glob)
      else this.#check(false, item, 'a path must be text')
    }
  }

  #waiver(node: ManifestNode): void {
    const parts = new Map(node.kind === 'map' ? node.entries.map((entry) => [normaliseKey(entry.key), entry]) : [])
    const rule = textOf(parts.get('rule'))
    const reason = textOf(parts.get('reason'))
    const expires = textOf(parts.get('expires'))
    if (rule === undefined || reason === undefined || expires === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(expires)) {
      return this.#check(false, node, 'a waiver needs rule, reason and expires (YYYY-MM-DD)')
    }
    const entry = parts.get('rule')
    if (entry !== undefined) this.#knownRule(rule, entry)
    this.#waivers.push({
      rule,
      reason,
      expires,
      surface: textOf(parts.get('surface')),
      path: textOf(parts.get('path')),
    })
  }

  #eachMap(node: ManifestNode, name: string, read: (item: ManifestNode) => void): void {
    if (node.kind !== 'list') return this.#check(false, node, `${name} must be a list`)
    for (const item of node.items) read(item)
  }

  #scalar(key: string, entry: MapEntry, accepts: (value: unknown) => boolean, message: string): void {
    const value = scalar(entry.value)
    if (accepts(value) && (typeof value === 'string' || typeof value === 'number')) this.#scalars.set(key, value)
    else this.#check(false, entry.value, message)
  }

  #knownRule(rule: string, entry: MapEntry): void {
    if (!isControlId(rule) && !this.#otherRules.has(rule) && rule !== 'sources-disagree') {
      this.problems.push(problemAt(entry.keyAt, `There is no rule ${rule}.`))
    }
  }

  #check(good: boolean, node: ManifestNode, message: string): void {
    if (!good) this.problems.push(problemAt(node.at, `${message}, not ${describeNode(node)}.`))
  }

  #number(key: string): number | undefined {
    const value = this.#scalars.get(key)
    return typeof value === 'number' ? value : undefined
  }

  #text(key: string): string | undefined {
    const value = this.#scalars.get(key)
    return typeof value === 'string' ? value : undefined
  }
}

function scalar(node: ManifestNode): string | number | boolean | null | undefined {
  return node.kind === 'scalar' ? node.value : undefined
}

function textOf(entry: MapEntry | undefined): string | undefined {
  const value = entry === undefined ? undefined : scalar(entry.value)
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}
