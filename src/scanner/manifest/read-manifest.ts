/**
 * The evidence manifest: YAML or JSON in, examined surfaces out, with a position for every complaint.
 *
 * A file that is empty, broken, of an unknown version or wrongly typed has no verdict at all: its problems are
 * returned instead of surfaces, never beside a guess. Keys nobody knows are warnings with the nearest known one.
 * Boundary: knows the vocabulary; decides nothing about security.
 */
import type { Evidence, ExaminedSurface, Location } from '../../catalogue/evidence.ts'
import { findInstructions } from './embedded-instructions.ts'
import { normaliseKey } from './field.ts'
import { nearestWord } from './nearest.ts'
import { describeNode, type ManifestNode, type MapEntry, type MapNode, type Problem, problemAt } from './node.ts'
import { OPERATION_KEYS, readOperation } from './operations.ts'
import { readSurface } from './read-surface.ts'
import { readDocuments } from './read-yaml.ts'
import { DESCRIPTIVE_KEYS } from './vocabulary.ts'

export const MANIFEST_VERSION = 1

export interface ReadManifest {
  readonly surfaces: readonly ExaminedSurface[]
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
}

export function readManifest(text: string, file: string): ReadManifest {
  const { documents, problems } = readDocuments(text.replace(/^\ufeff/, ''), file)
  const read = documents.map(readDocument)
  const allProblems = [...problems, ...read.flatMap((one) => one.problems)]
  const warnings = read.flatMap((one) => one.warnings)
  if (allProblems.length > 0) return { surfaces: [], problems: allProblems, warnings }
  const surfaces = withUniqueIds(read.flatMap((one) => one.surfaces))
  return { surfaces: withInstructions(surfaces, findInstructions(text, file)), problems: [], warnings }
}

/** Whether a YAML or JSON file is meant as a manifest: folders hold many others. */
export function looksLikeManifest(text: string): boolean {
  return [SURE_KEY, LIKELY_KEY, STYLE].some((mark) => mark.test(text)) && !OTHER_FILES.some((mark) => mark.test(text))
}

/** Whether nothing but a manifest says so: then what is wrong in it has to be told. */
export function speaksOfSurfaces(text: string): boolean {
  return SURE_KEY.test(text) || (LIKELY_KEY.test(text) && STYLE.test(text))
}

/**
 * Files that speak of surfaces without being manifests: our own baselines, reports and schemas, API descriptions
 * (a manifest may have the key `openapi` too, but not with a version).
 */
const OTHER_FILES: readonly RegExp[] = [
  /^\s*\{\s*"postern"\s*:\s*"baseline"/,
  /^\s*\{\s*"schemaVersion"\s*:\s*\d+\s*,\s*"tool"\s*:/,
  /^\s*\{[^{}]{0,400}"\$schema"\s*:\s*"https?:\/\/json-schema\.org\//,
  /^(?:\s*\{\s*)?["']?(?:openapi|swagger|asyncapi)["']?\s*:\s*["']?\d+\.\d/m,
]

const SURE_KEY = /(?:^|[{,])\s*(?:-\s+)?["']?(?:api_surface|apiSurface|state_changing_operations)["']?\s*:/m
const LIKELY_KEY = /(?:^|[{,])\s*(?:-\s+)?["']?surfaces?["']?\s*:/m
const STYLE =
  /(?:^|[{,])\s*(?:-\s+)?["']?style["']?\s*:\s*["']?(?:websocket|sse|webhook|callback|async[-_]job|graphql[-_]subscription|export[-_]url|llm[-_]tool)\b/m

const VERSION_KEYS = new Set(['version', 'schema_version', 'postern', 'manifest_version'])
const SURFACE_KEYS = new Set(['surface', 'api_surface'])

function readDocument(root: ManifestNode): ReadManifest {
  if (root.kind === 'list')
    return combine(
      root.items.map((item) =>
        item.kind === 'map' ? readRecord(item) : refuse(item.at, `A surface must be a map, not ${describeNode(item)}.`),
      ),
    )
  if (root.kind !== 'map')
    return refuse(
      root.at,
      `A manifest must be a map with surface, api_surface, surfaces or api, not ${describeNode(root)}.`,
    )
  const version = root.entries.find((entry) => VERSION_KEYS.has(normaliseKey(entry.key)))
  const badVersion = version === undefined ? undefined : versionProblem(version)
  return badVersion === undefined ? readRecord(root) : { surfaces: [], problems: [badVersion], warnings: [] }
}

/** One document, or one item of a list of surfaces. */
function readRecord(node: MapNode): ReadManifest {
  const entries = new Map(node.entries.map((entry) => [normaliseKey(entry.key), entry]))
  const listed = entries.get('surfaces')
  if (listed !== undefined) return readListed(node, listed)
  const api = entries.get('api')
  const operations = entries.get('state_changing_operations') ?? operationsOf(api)
  const inner = [...entries].find(([key]) => SURFACE_KEYS.has(key))?.[1]
  if (operations !== undefined && inner === undefined)
    return readOperations(node, operations, entries.get('observed_evidence'))
  if (inner === undefined && !entries.has('style') && !entries.has('api_style')) {
    return refuse(
      node.at,
      'There is no surface here: expected surface, api_surface, surfaces, or a style with its keys.',
    )
  }
  const beside: MapNode = {
    ...node,
    entries: node.entries.filter((entry) => !RECORD_KEYS.has(normaliseKey(entry.key))),
  }
  if (inner === undefined) return fromSurface([beside])
  if (inner.value.kind !== 'map')
    return refuse(inner.value.at, `${inner.key} must be a map, not ${describeNode(inner.value)}.`)
  const surface = fromSurface([{ ...inner.value, at: inner.keyAt }, beside])
  return operations === undefined
    ? surface
    : combine([surface, readOperations(node, operations, entries.get('observed_evidence'))])
}

const RECORD_KEYS = new Set([
  ...VERSION_KEYS,
  ...SURFACE_KEYS,
  'surfaces',
  'api',
  'state_changing_operations',
  'observed_evidence',
  '$schema',
])

function readListed(node: MapNode, listed: MapEntry): ReadManifest {
  if (listed.value.kind !== 'list')
    return refuse(listed.value.at, `surfaces must be a list, not ${describeNode(listed.value)}.`)
  if (listed.value.items.length === 0) return refuse(listed.value.at, 'surfaces is empty: there is nothing to review.')
  const known = new Set<string>([...RECORD_KEYS, ...DESCRIPTIVE_KEYS, 'missing_artifacts'])
  const warnings = node.entries
    .filter((entry) => !known.has(normaliseKey(entry.key)) && entry !== listed)
    .map((entry) => unknownKey(entry, known))
  const read = listed.value.items.map((item) =>
    item.kind === 'map' ? readRecord(item) : refuse(item.at, `A surface must be a map, not ${describeNode(item)}.`),
  )
  return combine([{ surfaces: [], problems: [], warnings }, ...read])
}

function readOperations(node: MapNode, operations: MapEntry, observed: MapEntry | undefined): ReadManifest {
  if (operations.value.kind !== 'list')
    return refuse(operations.value.at, `${operations.key} must be a list, not ${describeNode(operations.value)}.`)
  if (operations.value.items.length === 0)
    return refuse(node.at, `${operations.key} is empty: there is nothing to review.`)
  const experiments = observed?.value.kind === 'map' ? observed.value : undefined
  return combine(
    operations.value.items.map((item) => {
      if (item.kind !== 'map') return refuse(item.at, `An operation must be a map, not ${describeNode(item)}.`)
      const { surface, problems, unknownKeys } = readOperation(item, experiments)
      return { surfaces: [surface], problems, warnings: unknownKeys.map((entry) => unknownKey(entry, OPERATION_KEYS)) }
    }),
  )
}

function operationsOf(api: MapEntry | undefined): MapEntry | undefined {
  if (api?.value.kind !== 'map') return undefined
  return api.value.entries.find((entry) => normaliseKey(entry.key) === 'state_changing_operations')
}

function fromSurface(parts: readonly MapNode[]): ReadManifest {
  const { surface, problems, warnings } = readSurface(parts)
  return { surfaces: surface === undefined ? [] : [surface], problems, warnings }
}

function versionProblem({ key, value }: MapEntry): Problem | undefined {
  const version = value.kind === 'scalar' ? String(value.value) : ''
  if (/^v?1(\.0)*$/.test(version)) return undefined
  return problemAt(value.at, `${key} is ${describeNode(value)}; this program reads version ${MANIFEST_VERSION}.`)
}

function unknownKey(entry: MapEntry, known: Iterable<string>): Problem {
  const nearest = nearestWord(normaliseKey(entry.key), known)
  return problemAt(
    entry.keyAt,
    `${entry.key} is not a key of the manifest and says nothing${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
  )
}

function refuse(at: Location, message: string): ReadManifest {
  return { surfaces: [], problems: [problemAt(at, message)], warnings: [] }
}

function combine(parts: readonly ReadManifest[]): ReadManifest {
  return {
    surfaces: parts.flatMap((part) => part.surfaces),
    problems: parts.flatMap((part) => part.problems),
    warnings: parts.flatMap((part) => part.warnings),
  }
}

function withUniqueIds(surfaces: readonly ExaminedSurface[]): readonly ExaminedSurface[] {
  const seen = new Map<string, number>()
  return surfaces.map((surface) => {
    const count = (seen.get(surface.id) ?? 0) + 1
    seen.set(surface.id, count)
    return count === 1 ? surface : { ...surface, id: `${surface.id}#${count}` }
  })
}

/** Each sentence is recorded with the surface it stands in or, before the first, with the first. */
function withInstructions(
  surfaces: readonly ExaminedSurface[],
  found: readonly Location[],
): readonly ExaminedSurface[] {
  if (found.length === 0) return surfaces
  return surfaces.map((surface, index) => {
    const from = index === 0 ? 0 : (surface.location?.line ?? 0)
    const until = surfaces[index + 1]?.location?.line ?? Number.POSITIVE_INFINITY
    const inside = found.filter((location) => location.line >= from && location.line < until)
    return inside.length === 0 ? surface : { ...surface, evidence: [...surface.evidence, ...inside.map(instruction)] }
  })
}

function instruction(location: Location): Evidence {
  return {
    control: 'embedded-instructions',
    state: 'unsafe',
    place: 'application',
    source: 'manifest',
    detail: 'This text addresses its reviewer; it was read as data and changed nothing.',
    location,
    confidence: 'medium',
  }
}
