/**
 * A description in, examined surfaces out: one for each operation, event, callback and channel, and one for the
 * document itself where something is to be said of it as a whole.
 *
 * What a document states is a claim, and what it leaves out is silence: evidence from it is weaker than code and
 * probes, and a suspicion that rests on silence is dropped where another examiner shows the control.
 */
import type { ControlId } from '../../catalogue/catalogue.ts'
import type { Evidence, ExaminedSurface, Location } from '../../catalogue/evidence.ts'
import type { SurfaceStyle } from '../../catalogue/surfaces.ts'
import { claimsOf, traitsOf } from './claims.ts'
import { styleOf } from './classify-operation.ts'
import { driftOf, pathsOf, type ServedOperation } from './drift.ts'
import { type KnownSurfaces, knownAt } from './known-surfaces.ts'
import type { SpecDocument, SpecOperation, SpecSurface } from './model.ts'
import { SPEC_RULES } from './rules/registry.ts'
import type { SpecRule, SpecSuspicion } from './rules/rule.ts'

export function examineSpec(
  document: SpecDocument,
  known: KnownSurfaces,
  served: readonly ServedOperation[],
  pipeline?: Evidence,
): readonly ExaminedSurface[] {
  const named = new Set<string>()
  const operations = document.operations.flatMap((operation) => [operation, ...operation.callbacks])
  return [
    ...operations.map((operation) => examineOperation(operation, document, known, named)),
    ...document.elsewhere.map((part) => unread(part, document)),
    ...examineWhole(document, served, pipeline),
  ]
}

function examineOperation(
  operation: SpecOperation,
  document: SpecDocument,
  known: KnownSurfaces,
  named: Set<string>,
): ExaminedSurface {
  const route = routeOf(operation, known)
  const met = knownAt(known, route)
  const style = styleOf(operation, document, met.find(({ style: one }) => one !== undefined)?.style)
  const surface: SpecSurface = { operation, document, style }
  const shown = new Set(
    met.flatMap(({ evidence }) => evidence.flatMap(({ control, state }) => (state === 'present' ? [control] : []))),
  )
  const suspected = SPEC_RULES.filter(({ styles, when }) => when !== undefined && styles.includes(style)).flatMap(
    (rule) =>
      (rule.when?.(surface) ?? []).flatMap((suspicion) => {
        const piece = evidenceOf(rule, suspicion, style)
        if (rule.fromSilence === true && shown.has(piece.control)) return []
        if (rule.once === true && !isNew(named, rule.id, suspicion.at)) return []
        return [piece]
      }),
  )
  const failed = new Set<ControlId>(suspected.map(({ control }) => control))
  return {
    id: idOf(operation, style, route),
    style,
    ...(operation.place === 'path' || operation.place === 'channel' || operation.receivedAt !== undefined
      ? { route }
      : {}),
    location: operation.at,
    traits: traitsOf(surface),
    evidence: [
      {
        control: 'surface-inventory',
        state: 'present',
        place: 'application',
        source: 'spec',
        detail: `${document.family === 'openapi' ? 'OpenAPI' : 'AsyncAPI'} ${document.version} describes it here.`,
        location: operation.at,
      },
      ...suspected,
      ...claimsOf(surface).filter(({ control }) => !failed.has(control)),
    ],
    missingArtifacts: [],
  }
}

/** Only its address is known: what would say more was not read. */
function unread({ path, reference, at }: SpecDocument['elsewhere'][number], { family }: SpecDocument): ExaminedSurface {
  return {
    id: `${family === 'openapi' ? 'rest' : 'hybrid'} ${path}`,
    style: family === 'openapi' ? 'rest' : 'hybrid',
    route: path,
    location: at,
    traits: {},
    evidence: [],
    missingArtifacts: [reference],
  }
}

function examineWhole(
  document: SpecDocument,
  served: readonly ServedOperation[],
  pipeline: Evidence | undefined,
): readonly ExaminedSurface[] {
  const drift = driftOf(document, served)
  const named = new Set<string>()
  const suspected = SPEC_RULES.flatMap((rule) =>
    [...(rule.whenDocument?.(document) ?? []), ...(rule.whenDrift?.(drift) ?? [])]
      .filter(({ at, message }) => isNew(named, `${rule.id} ${message}`, at))
      .map((suspicion) => evidenceOf(rule, suspicion, 'hybrid')),
  )
  const failed = new Set<ControlId>(suspected.map(({ control }) => control))
  const [pair] = drift.pairs
  const agrees =
    pair !== undefined && drift.stale.length + drift.undocumented.length === 0 && !failed.has('contract-inventory')
  const isChecked = pipeline !== undefined && pipeline.state !== 'unknown'
  if (suspected.length === 0 && !agrees && !isChecked) return []
  const { file } = document.at
  return [
    {
      id: `contract ${document.title === '' ? file : `${document.title} in ${file}`}`,
      style: 'hybrid',
      location: document.at,
      traits: {},
      evidence: [
        {
          control: 'surface-inventory',
          state: 'present',
          place: 'application',
          source: 'spec',
          detail: `The document is ${document.family === 'openapi' ? 'OpenAPI' : 'AsyncAPI'} ${document.version}.`,
          location: document.at,
        },
        ...suspected,
        ...(agrees
          ? [
              {
                control: 'contract-inventory',
                state: 'present',
                place: 'application',
                source: 'spec',
                detail: `Description and ${pair.served.source} have the same ${drift.pairs.length === 1 ? 'operation' : `${drift.pairs.length} operations`}.`,
                location: document.at,
              } as const,
            ]
          : []),
        ...(pipeline === undefined ? [] : [pipeline]),
      ],
      missingArtifacts: [],
    },
  ]
}

function isNew(named: Set<string>, rule: string, { file, line, column }: Location): boolean {
  const key = `${rule}\n${file}\n${line}\n${column}`
  if (named.has(key)) return false
  named.add(key)
  return true
}

function evidenceOf(rule: SpecRule, suspicion: SpecSuspicion, style: SurfaceStyle): Evidence {
  return {
    control: suspicion.control ?? rule.controlFor?.[style] ?? rule.control,
    state: 'unsafe',
    place: 'application',
    source: 'spec',
    rule: rule.id,
    detail: suspicion.message,
    location: suspicion.at,
    severity: suspicion.severity ?? rule.severity,
    confidence: suspicion.confidence ?? rule.confidence,
    trace: suspicion.trace ?? [],
  }
}

/** As the others know it, when they know it; else below the first server that is not local. */
function routeOf(operation: SpecOperation, known: KnownSurfaces): string {
  const { place, method, path, servers, receivedAt } = operation
  if (receivedAt !== undefined) return `${method} ${receivedAt}`
  if (place === 'webhook' || place === 'callback') return path
  const prefix = method === '' ? '' : `${method} `
  const met = pathsOf(operation).find((one) => knownAt(known, `${prefix}${one}`).length > 0)
  if (met !== undefined) return `${prefix}${met}`
  const base = servers.find(({ host }) => host !== '')?.base ?? servers[0]?.base ?? ''
  // Names of topics are no paths.
  const isPath = path.startsWith('/') || base !== ''
  return `${prefix}${isPath ? `${base}/${path}`.replace(/\/{2,}/g, '/') : path}`
}

function idOf({ place, path, parent }: SpecOperation, style: SurfaceStyle, route: string): string {
  if (place === 'callback' && parent !== undefined) return `callback ${path} of ${parent.method} ${parent.path}`
  return `${style} ${route}`
}
