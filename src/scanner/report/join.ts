/** Several examiners, one surface: evidence about the same route meets before anything is decided. */

import type { ExaminedSurface } from '../../catalogue/evidence.ts'
import { groupBy } from '../../catalogue/group-by.ts'

export function joinSurfaces(surfaces: readonly ExaminedSurface[]): readonly ExaminedSurface[] {
  return [...groupBy(surfaces, joinKey).values()].flatMap(joinGroup)
}

/** Two records about one route stay two: each is judged for itself, with what examiners saw there. */
function joinGroup(group: readonly ExaminedSurface[]): readonly ExaminedSurface[] {
  const records = group.filter(isRecord)
  if (records.length <= 1) return [group.reduce(join)]
  const examined = group.filter((surface) => !isRecord(surface))
  return records.map((record) => [record, ...examined].reduce(join))
}

function isRecord(surface: ExaminedSurface): boolean {
  return surface.evidence.every((piece) => piece.source === 'manifest' || piece.source === 'attestation')
}

/** Operations are never joined by route: one route may hold several. */
function joinKey(surface: ExaminedSurface): string {
  if (surface.route === undefined || surface.style === 'operation')
    return `id:${surface.id}:${surface.location?.file ?? ''}:${surface.location?.line ?? ''}`
  const route = normaliseRoute(surface.route)
  // A record often names only the path; elsewhere than in REST the path alone names the surface.
  return `${surface.style}:${surface.style === 'rest' ? route : route.replace(/^[A-Z]+ /, '')}`
}

/** `POST /a/{id}/`, `POST https://host/a/:id` and `POST /a/<int:id>` are one route. */
export function normaliseRoute(route: string): string {
  const match = /^(?:([A-Z]+)\s+)?(.*)$/s.exec(route.trim())
  const method = match?.[1] ?? ''
  const path = (match?.[2] ?? '').replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/[?#].*$/, '')
  const normalised = path
    .replace(/\{[^/}]*\}|<[^/>]*>|\[\[?(?:\.{3})?[^/\]]*\]\]?|:[A-Za-z_]\w*(?:\([^)]*\))?/g, '{}')
    .replace(/\/+/g, '/')
    .replace(/(.)\/$/, '$1')
  return method === '' ? normalised : `${method} ${normalised}`
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
