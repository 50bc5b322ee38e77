/**
 * A description beside what is served: which operations belong together, which stand on one side only.
 *
 * Routes are compared after both sides were normalised, with and without the base paths of the servers: code is often
 * mounted below a path that only the gateway knows.
 */
import { dirname } from 'node:path/posix'
import type { Location, Observed } from '../../catalogue/evidence.ts'
import { groupBy } from '../../catalogue/group-by.ts'
import type { SurfaceStyle } from '../../catalogue/surfaces.ts'
import type { EvidenceSource } from '../../catalogue/terms.ts'
import { normalisePath } from '../report/route.ts'
import type { SpecDocument, SpecOperation } from './model.ts'

/** A route as code, a probe or a record knows it. */
export interface ServedOperation {
  /** Upper case; empty when any is served. */
  readonly method: string
  /** As its source writes it. */
  readonly path: string
  readonly source: EvidenceSource
  /** `undefined` for a route that is only a route. */
  readonly style: SurfaceStyle | undefined
  readonly at: Location | undefined
  readonly observed: Observed
}

export interface Drift {
  readonly document: SpecDocument
  readonly pairs: readonly { readonly documented: SpecOperation; readonly served: ServedOperation }[]
  /** Served by the same service, and not in the description. */
  readonly undocumented: readonly ServedOperation[]
  /** In the description and not among the routes of the code. */
  readonly stale: readonly SpecOperation[]
  /** Methods under which the description has a path. */
  readonly methodsOf: (path: string) => readonly string[]
}

export function driftOf(document: SpecDocument, served: readonly ServedOperation[]): Drift {
  const operations = document.operations.filter(({ place, receivedAt }) => place === 'path' || receivedAt !== undefined)
  const documented = new Map<string, SpecOperation[]>()
  for (const operation of operations)
    for (const path of pathsOf(operation)) documented.set(path, [...(documented.get(path) ?? []), operation])
  const met = served.map((one) => ({ one, candidates: documented.get(normalisePath(one.path)) ?? [] }))
  const pairs = met.flatMap(({ one, candidates }) =>
    candidates
      .filter(({ method }) => one.method === '' || one.method === method)
      .map((operation) => ({ documented: operation, served: one })),
  )
  const paired = new Set<object>(pairs.flatMap((pair) => [pair.served, pair.documented]))
  const isOurs = neighbours(pairs.map((pair) => pair.served))
  return {
    document,
    pairs,
    undocumented: served.filter((one) => !paired.has(one) && isOurs(one)),
    // An event may be received by another program.
    stale: operations.filter((operation) => operation.place === 'path' && !paired.has(operation)),
    methodsOf: (path) => (documented.get(normalisePath(path)) ?? []).map(({ method }) => method),
  }
}

/** Code has a line of its own for what it serves; what a probe saw is told at the line of the description. */
export function placeOf({ source, at }: ServedOperation): Location | undefined {
  return source === 'code' ? at : undefined
}

/** The path below each base of its servers, and alone; of an event, where it is received. */
export function pathsOf({ place, path, servers, receivedAt }: SpecOperation): readonly string[] {
  if (place === 'webhook' || place === 'callback') return receivedAt === undefined ? [] : [normalisePath(receivedAt)]
  const bases = new Set([...servers.map(({ base }) => base), ''])
  return [...new Set([...bases].map((base) => normalisePath(`${base}/${path}`)))]
}

/** What lies beside code that the description has belongs to the same service; elsewhere there may be another. */
function neighbours(paired: readonly ServedOperation[]): (one: ServedOperation) => boolean {
  const folders = new Set(
    paired.flatMap(({ at, source }) => (source === 'code' && at !== undefined ? [around(at.file)] : [])),
  )
  const sources = groupBy(paired, ({ source }) => source)
  return ({ source, at }) => {
    if (source === 'manifest' || source === 'attestation' || !sources.has(source)) return false
    if (source !== 'code') return true
    return at !== undefined && [...folders].some((folder) => folder === '' || at.file.startsWith(folder))
  }
}

/** The folder above the one of a file, as a prefix. */
function around(file: string): string {
  const folder = dirname(dirname(file))
  return folder === '.' || dirname(file) === '.' ? '' : `${folder}/`
}
