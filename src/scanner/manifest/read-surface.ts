/**
 * One surface of a manifest to evidence. Sections only group keys for people; a key means the same wherever it
 * stands, and a section may say for all its keys in which layer they hold (`place: gateway`).
 */
import type { Evidence, ExaminedSurface, Location } from '../../catalogue/evidence.ts'
import { SURFACE_STYLES, type SurfaceStyle, type Trait } from '../../catalogue/surfaces.ts'
import { type EvidenceSource, PLACES, type Place } from '../../catalogue/terms.ts'
import { normaliseKey } from './field.ts'
import { interpretField } from './interpret-field.ts'
import { nearestWord } from './nearest.ts'
import { describeNode, type ManifestNode, type MapEntry, type MapNode, type Problem, problemAt } from './node.ts'
import { publicAccess, readInventory } from './read-identity.ts'
import { readWord } from './values.ts'
import { allNames, DESCRIPTIVE_KEYS, fieldNamed, isSectionName, readStyle, styleNames } from './vocabulary.ts'

export interface ReadSurface {
  readonly surface: ExaminedSurface | undefined
  readonly problems: readonly Problem[]
  /** Worth saying, without effect on the result. */
  readonly warnings: readonly Problem[]
}

/** @param parts Maps that together describe the surface: `surface:` and the sections beside it. */
export function readSurface(parts: readonly MapNode[]): ReadSurface {
  const reader = new SurfaceReader()
  for (const part of parts) reader.readMap(part, { place: 'unknown', source: 'manifest' })
  return reader.finish(parts[0]?.at ?? { file: '', line: 1, column: 1 })
}

interface Inherited {
  readonly place: Place
  readonly source: EvidenceSource
  readonly verification?: string
}

const ENDPOINT_KEY = /^(?:(?:[a-z]+_)?(?:endpoint|url|path)s?|route|address|channel_name|topic|methods?)$/
const PLACE_KEYS = new Set(['place', 'location', 'control_location', 'enforced_at', 'enforced_by', 'layer'])
const WRAPPER_KEYS = new Set([
  'value',
  'state',
  ...PLACE_KEYS,
  'verification',
  'verified_by',
  'evidence',
  'test',
  'confidence',
  'confidence_class',
  'source',
  'notes',
  'reason',
])

class SurfaceReader {
  readonly #problems: Problem[] = []
  readonly #warnings: Problem[] = []
  readonly #evidence: Evidence[] = []
  readonly #traits: Partial<Record<Trait, boolean>> = {}
  readonly #identity = new Map<string, MapEntry>()
  readonly #endpoints: string[] = []
  readonly #missing: string[] = []
  #style: SurfaceStyle | undefined

  readMap(node: MapNode, inherited: Inherited): void {
    const within = inherit(node, inherited)
    for (const entry of node.entries) this.#entry(entry, within)
  }

  finish(at: Location): ReadSurface {
    const outcome = { problems: this.#problems, warnings: this.#warnings }
    if (this.#style === undefined) {
      if (this.#problems.length === 0)
        this.#problems.push(
          problemAt(at, `The surface has no style; use one of ${Object.keys(SURFACE_STYLES).join(', ')}.`),
        )
      return { surface: undefined, ...outcome }
    }
    const style = this.#style
    const route = this.#endpoints[0]
    const traits = { ...this.#traits, ...this.#methodTraits() }
    const access = publicAccess(this.#identity, style, traits)
    const inventory = readInventory(this.#identity.get('inventory_source'))
    const evidence = [...inventory, ...access.evidence, ...this.#evidence, ...this.#transport()]
    const framework = text(this.#identity.get('framework'))
    return {
      surface: {
        id: this.#id(style, route),
        style,
        ...(framework === undefined ? {} : { framework }),
        ...(route === undefined ? {} : { route }),
        location: at,
        traits: { ...traits, ...access.traits },
        evidence,
        missingArtifacts: [...new Set(this.#missing)],
      },
      ...outcome,
    }
  }

  #entry(entry: MapEntry, inherited: Inherited): void {
    const key = normaliseKey(entry.key)
    if (PLACE_KEYS.has(key)) return
    if (key === 'style' || key === 'api_style' || key === 'channel_type') return this.#readStyle(entry)
    if (key === 'missing_artifacts' || key === 'missing_artefacts') return this.#readMissing(entry)
    if (key === 'inventory_source' || key === 'inventory_sources')
      return void this.#identity.set('inventory_source', entry)
    if (IDENTITY_KEYS.has(key)) return void this.#identity.set(key, entry)
    if (ENDPOINT_KEY.test(key)) return this.#readEndpoint(key, entry)
    const field = fieldNamed(key)
    const value = field === undefined ? undefined : unwrap(entry.value)
    if (
      field !== undefined &&
      value !== undefined &&
      !(value.node.kind === 'map' && isSectionName(key) && value.node.entries.length > 0)
    ) {
      return this.#readField(entry, value.node, { ...inherited, ...value.over })
    }
    if (isSectionName(key)) return this.#readSection(entry, inherited)
    if (DESCRIPTIVE.has(key)) return
    const nearest = nearestWord(key, knownNames)
    const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`
    this.#warnings.push(problemAt(entry.keyAt, `${entry.key} is not a key of the manifest and says nothing${hint}`))
  }

  #readField(entry: MapEntry, node: ManifestNode, inherited: Inherited): void {
    const field = fieldNamed(entry.key)
    if (field === undefined) return
    const { verification } = inherited
    const read = interpretField(field, node, {
      key: entry.key,
      keyAt: entry.keyAt,
      place: inherited.place,
      source: inherited.source,
      ...(verification === undefined ? {} : { verification }),
    })
    if (read.wrong !== undefined) this.#problems.push(problemAt(node.at, read.wrong))
    this.#evidence.push(...read.evidence)
    Object.assign(this.#traits, read.traits)
  }

  #readSection(entry: MapEntry, inherited: Inherited): void {
    const { value } = entry
    if (value.kind === 'map')
      return this.readMap(value, normaliseKey(entry.key) === 'gateway' ? { ...inherited, place: 'gateway' } : inherited)
    // A section that is null holds nothing: its keys are absent from the record, not denied.
    if (value.kind === 'scalar' && (value.value === null || readWord(value.value).is === 'unknown')) return
    if (value.kind === 'list' && value.items.length === 0) return
    this.#problems.push(problemAt(value.at, `${entry.key} must be a map of keys, not ${describeNode(value)}.`))
  }

  #readStyle(entry: MapEntry): void {
    const name = text(entry)
    const style = name === undefined ? undefined : readStyle(name)
    if (style !== undefined) {
      this.#style = style
      return
    }
    const nearest =
      name === undefined
        ? undefined
        : nearestWord(normaliseKey(name), [...Object.keys(SURFACE_STYLES), ...styleNames()])
    const hint =
      nearest === undefined ? `use one of ${Object.keys(SURFACE_STYLES).join(', ')}` : `did you mean ${nearest}?`
    this.#problems.push(problemAt(entry.value.at, `${entry.key} is not a style of surface; ${hint}.`))
  }

  #readMissing(entry: MapEntry): void {
    const { value } = entry
    if (value.kind === 'scalar' && (value.value === null || readWord(value.value).is === 'no')) return
    const items = value.kind === 'list' ? value.items : [value]
    for (const item of items) {
      if (item.kind === 'scalar' && typeof item.value === 'string' && item.value.trim() !== '')
        this.#missing.push(item.value.trim())
      else this.#problems.push(problemAt(item.at, `${entry.key} must be a list of names, not ${describeNode(item)}.`))
    }
  }

  #readEndpoint(key: string, entry: MapEntry): void {
    const nodes = entry.value.kind === 'list' ? entry.value.items : [entry.value]
    for (const node of nodes) {
      if (node.kind !== 'scalar' || typeof node.value === 'boolean' || typeof node.value === 'number') {
        this.#problems.push(problemAt(node.at, `${entry.key} must be an address or a path, not ${describeNode(node)}.`))
        continue
      }
      const address = node.value?.trim() ?? ''
      if (address === '' || readWord(address).is === 'unknown' || readWord(address).is === 'no') continue
      this.#identity.set(key, entry)
      if (!/^methods?$/.test(key)) this.#endpoints.push(address)
    }
    if (key.startsWith('cancel_') && this.#identity.has(key)) this.#traits.hasCancel = true
    if (key.startsWith('callback_') && this.#identity.has(key)) this.#traits.hasCallback = true
    if (/^(result|download)_/.test(key) && this.#identity.has(key)) this.#traits.hasResultUrl = true
  }

  /** An address that names its scheme proves or disproves encryption by itself. */
  #transport(): readonly Evidence[] {
    const entry = [...this.#identity].find(([key]) => ENDPOINT_KEY.test(key))?.[1]
    const address = this.#endpoints.find((endpoint) => /^[a-z]+:\/\//i.test(endpoint))
    const scheme = address?.split(':')[0]?.toLowerCase()
    if (entry === undefined || address === undefined || scheme === undefined || isLoopback(address)) return []
    const encrypted = /^(wss|https|grpcs|mqtts|amqps)$/.test(scheme)
    if (!encrypted && !/^(ws|http|grpc|mqtt|amqp)$/.test(scheme)) return []
    return [
      {
        control: 'transport-encryption',
        state: encrypted ? 'present' : 'unsafe',
        place: 'unknown',
        source: 'manifest',
        detail: `The endpoint is ${scheme}://.`,
        location: entry.keyAt,
        stated: 'value',
      },
    ]
  }

  #methodTraits(): Partial<Record<Trait, boolean>> {
    if (this.#traits.readOnly !== undefined) return {}
    const stated = this.#identity.get('methods') ?? this.#identity.get('method')
    const listed = stated === undefined ? [] : stated.value.kind === 'list' ? stated.value.items : [stated.value]
    const methods = [
      ...listed.flatMap((item) => (item.kind === 'scalar' ? [String(item.value)] : [])),
      ...this.#endpoints.flatMap((endpoint) => /^([A-Z]+)\s+\//.exec(endpoint)?.[1] ?? []),
    ].map((method) => method.toUpperCase())
    if (methods.length === 0) return {}
    return { readOnly: methods.every((method) => method === 'GET' || method === 'HEAD' || method === 'OPTIONS') }
  }

  #id(style: SurfaceStyle, route: string | undefined): string {
    const named = text(this.#identity.get('id')) ?? text(this.#identity.get('case')) ?? text(this.#identity.get('name'))
    return named ?? (route === undefined ? style : `${style}:${route}`)
  }
}

/** Names of a surface and the statements about it that are no field of a control. */
const IDENTITY_KEYS = new Set([
  'id',
  'name',
  'case',
  'framework',
  'public',
  'public_channel',
  'is_public',
  'public_reason',
  'public_channel_reason',
  'public_allowlist_reason',
  'x_public_allowlist_reason',
  'read_only',
  'mutates',
  'mutates_state',
  'state_changing',
  'rooms',
  'has_rooms',
  'multi_tenant',
  'browser_clients',
])

const DESCRIPTIVE: ReadonlySet<string> = new Set(DESCRIPTIVE_KEYS)
const knownNames: readonly string[] = [
  ...new Set([...allNames(), ...IDENTITY_KEYS, 'style', 'endpoint', 'inventory_source', 'missing_artifacts', 'place']),
]

function inherit(node: MapNode, inherited: Inherited): Inherited {
  const entry = node.entries.find((one) => PLACE_KEYS.has(normaliseKey(one.key)))
  const place = entry === undefined ? undefined : placeOf(text(entry))
  return place === undefined ? inherited : { ...inherited, place }
}

/** `{ value: true, place: gateway, verification: "…" }` instead of a bare value. */
function unwrap(node: ManifestNode): { readonly node: ManifestNode; readonly over: Partial<Inherited> } {
  if (node.kind !== 'map') return { node, over: {} }
  const parts = new Map(node.entries.map((entry) => [normaliseKey(entry.key), entry]))
  const value = parts.get('value') ?? parts.get('state')
  if (value === undefined || ![...parts.keys()].every((key) => WRAPPER_KEYS.has(key))) return { node, over: {} }
  const place = placeOf(text([...parts].find(([key]) => PLACE_KEYS.has(key))?.[1]))
  const verification = text(
    parts.get('verification') ?? parts.get('verified_by') ?? parts.get('test') ?? parts.get('evidence'),
  )
  const word = text(parts.get('confidence') ?? parts.get('confidence_class') ?? parts.get('source'))
  const documentOnly = word !== undefined && /doc|attest|questionnaire|verbal|interview/i.test(word)
  return {
    node: value.value,
    over: {
      ...(place === undefined ? {} : { place }),
      ...(verification === undefined ? {} : { verification }),
      ...(documentOnly ? { source: 'attestation' as const } : {}),
    },
  }
}

function placeOf(word: string | undefined): Place | undefined {
  if (word === undefined) return undefined
  const key = normaliseKey(word)
  const known = PLACES.find((place) => place === key)
  if (known !== undefined) return known
  if (/^(app|service|code|backend|worker)$/.test(key)) return 'application'
  if (/^(proxy|waf|ingress|edge|cdn|load_balancer|api_gateway)$/.test(key)) return 'gateway'
  return /^(mesh|cloud|infrastructure|service_mesh|identity_provider|network)$/.test(key) ? 'platform' : undefined
}

function isLoopback(address: string): boolean {
  return /^[a-z]+:\/\/(localhost|127\.|\[::1\])/i.test(address)
}

function text(entry: MapEntry | undefined): string | undefined {
  if (entry?.value.kind !== 'scalar' || typeof entry.value.value !== 'string') return undefined
  const trimmed = entry.value.value.trim()
  return trimmed === '' ? undefined : trimmed
}
