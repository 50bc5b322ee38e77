/** What other examiners know of routes, for asking by method and path. */
import type { Evidence, ExaminedSurface, Observed } from '../../catalogue/evidence.ts'
import type { SurfaceStyle } from '../../catalogue/surfaces.ts'
import type { CodeRoute } from '../code/examine-project.ts'
import { readRoute } from '../report/route.ts'
import type { ServedOperation } from './drift.ts'

export interface KnownSurface {
  readonly style: SurfaceStyle | undefined
  readonly methods: readonly string[]
  readonly evidence: readonly Evidence[]
}

/** By normalised path. */
export type KnownSurfaces = ReadonlyMap<string, readonly KnownSurface[]>

export function knownSurfaces(surfaces: readonly ExaminedSurface[], routes: readonly CodeRoute[]): KnownSurfaces {
  const known = new Map<string, KnownSurface[]>()
  const add = (path: string, surface: KnownSurface): void => {
    const list = known.get(path)
    if (list === undefined) known.set(path, [surface])
    else list.push(surface)
  }
  for (const { route, style, evidence } of surfaces) {
    if (route === undefined) continue
    const { methods, path } = readRoute(route)
    add(path, { style, methods, evidence })
  }
  for (const { path, methods, style } of routes) add(readRoute(path).path, { style, methods, evidence: [] })
  return known
}

/** @param route With its method, which must be among theirs unless one side names none. */
export function knownAt(known: KnownSurfaces, route: string): readonly KnownSurface[] {
  const { methods, path } = readRoute(route)
  return (known.get(path) ?? []).filter(
    (one) => one.methods.length === 0 || methods.length === 0 || one.methods.some((method) => methods.includes(method)),
  )
}

/** Routes as the drift between description and service is told by: of the code, and of whatever was observed. */
export function servedOperations(
  surfaces: readonly ExaminedSurface[],
  routes: readonly CodeRoute[],
): readonly ServedOperation[] {
  return [
    ...surfaces.flatMap((surface) => [
      ...observedOperations(surface),
      ...(surface.steps ?? []).flatMap((step) => observedOperations({ ...surface, ...step })),
    ]),
    ...routes.flatMap(({ methods, path, location, style, observed }) =>
      eachMethod(methods).map(
        (method): ServedOperation => ({ method, path, source: 'code', style, at: location, observed }),
      ),
    ),
  ]
}

/** The code's own surfaces are among its routes already. */
function observedOperations({
  route,
  style,
  location,
  evidence,
  observed,
}: ExaminedSurface): readonly ServedOperation[] {
  const source = evidence.find((piece) => piece.source !== 'manifest' && piece.source !== 'attestation')?.source
  if (route === undefined || source === undefined || source === 'code' || source === 'spec') return []
  // An address that let nobody in may be none.
  if (source === 'live' && observed === undefined && !evidence.some(isThere)) return []
  const { methods, written: path } = readRoute(route)
  const seen: Observed = observed ?? {}
  return eachMethod(methods).map((method) => ({ method, path, source, style, at: location, observed: seen }))
}

function isThere({ control, state }: Evidence): boolean {
  return control === 'surface-inventory' && state === 'present'
}

function eachMethod(methods: readonly string[]): readonly string[] {
  return methods.length === 0 ? [''] : methods
}
