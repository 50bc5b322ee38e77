/** Several examiners, one surface: evidence about the same route meets before anything is decided. */

import type { ExaminedSurface } from '../../catalogue/evidence.ts'
import { groupBy } from '../../catalogue/group-by.ts'
import { readRoute } from './route.ts'

export function joinSurfaces(surfaces: readonly ExaminedSurface[]): readonly ExaminedSurface[] {
  return [...groupBy(surfaces, joinKey).values()].flatMap(joinGroup)
}

/**
 * Two surfaces that one examiner tells apart stay two, for several services may have one route: each is joined with
 * what the others know of the route, and where they know several, with the nearest in the tree.
 */
function joinGroup(group: readonly ExaminedSurface[]): readonly ExaminedSurface[] {
  const kinds = [...groupBy(group, examinerOf).values()]
  const [most = [], ...others] = kinds.toSorted((a, b) => b.length - a.length)
  const used = new Set<ExaminedSurface>()
  const joined = most.map((surface) => {
    const met = others.flatMap(
      (known) =>
        nearest(
          surface,
          known.filter((one) => isSame(surface, one)),
        ) ?? [],
    )
    for (const one of met) used.add(one)
    // The examiner that came first gives the surface its id.
    const inOrder = kinds.flatMap((kind) => [surface, ...met].filter((one) => kind.includes(one)))
    return inOrder.reduce(join)
  })
  return [...joined, ...others.flat().filter((surface) => !used.has(surface))]
}

/** Code, a document, a live answer, or what somebody wrote about them. */
function examinerOf(surface: ExaminedSurface): string {
  return surface.evidence.find(({ source }) => source !== 'manifest' && source !== 'attestation')?.source ?? 'record'
}

function nearest(to: ExaminedSurface, among: readonly ExaminedSurface[]): ExaminedSurface | undefined {
  const closeness = (one: ExaminedSurface): number => commonFolders(to.location?.file ?? '', one.location?.file ?? '')
  const [first, ...rest] = among
  return rest.reduce((best, one) => (best !== undefined && closeness(one) > closeness(best) ? one : best), first)
}

/** A record often names only the path; elsewhere than in REST the path alone names the surface. */
function isSame(a: ExaminedSurface, b: ExaminedSurface): boolean {
  if (a.style !== 'rest') return true
  const [ours, theirs] = [a, b].map(({ route }) => readRoute(route ?? '').methods)
  if (ours === undefined || theirs === undefined || ours.length === 0 || theirs.length === 0) return true
  return ours.some((method) => theirs.includes(method))
}

function commonFolders(a: string, b: string): number {
  const others = b.split('/')
  const differs = a.split('/').findIndex((part, index) => part !== others[index])
  return differs === -1 ? others.length : differs
}

/** Operations are never joined by route: one route may hold several. */
function joinKey(surface: ExaminedSurface): string {
  if (surface.route === undefined || surface.style === 'operation')
    return `id:${surface.id}:${surface.location?.file ?? ''}:${surface.location?.line ?? ''}`
  return `${surface.style}:${readRoute(surface.route).path}`
}

function join(a: ExaminedSurface, b: ExaminedSurface): ExaminedSurface {
  const framework = a.framework ?? b.framework
  // Code knows where a surface is better than a record about it does.
  const location =
    a.framework === undefined && b.framework !== undefined ? (b.location ?? a.location) : (a.location ?? b.location)
  const probes = [...(a.probes ?? []), ...(b.probes ?? [])]
  return {
    id: a.id,
    style: a.style,
    ...(framework === undefined ? {} : { framework }),
    ...(a.route === undefined ? {} : { route: a.route }),
    ...(location === undefined ? {} : { location }),
    traits: { ...b.traits, ...a.traits },
    evidence: [...a.evidence, ...b.evidence],
    missingArtifacts: [a, b].some(wasFound) ? [] : [...new Set([...a.missingArtifacts, ...b.missingArtifacts])],
    ...(probes.length === 0 ? {} : { probes }),
  }
}

/** What an examiner found needs no artefact to prove that it exists. */
function wasFound(surface: ExaminedSurface): boolean {
  return surface.evidence.some(
    (piece) =>
      piece.control === 'surface-inventory' &&
      piece.state === 'present' &&
      (piece.source === 'code' || piece.source === 'live'),
  )
}
