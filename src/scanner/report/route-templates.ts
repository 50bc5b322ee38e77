/** Addresses that were asked, such as `/orders/7`, under the route that others know them by: `/orders/{id}`. */
import type { ExaminedSurface } from '../../catalogue/evidence.ts'
import { readRoute } from './route.ts'

/**
 * @param templates Routes as code, descriptions and records write them, with or without methods.
 * @returns The surfaces; where exactly one route fits an address best it takes the address's place.
 */
export function underTemplates(
  surfaces: readonly ExaminedSurface[],
  templates: readonly string[],
): readonly ExaminedSurface[] {
  const known = new Map<string, string>()
  for (const template of templates) {
    const { path, written } = readRoute(template)
    if (!known.has(path)) known.set(path, written)
  }
  const variable = [...known.keys()].filter((path) => path.includes('{}')).map(matcherOf)
  return surfaces.map((surface) => {
    if (surface.route === undefined) return surface
    const { methods, path } = readRoute(surface.route)
    // Somebody knows it as it stands.
    if (path.includes('{}') || known.has(path)) return surface
    const [best, next] = variable.filter(({ fits }) => fits.test(path)).toSorted((a, b) => a.variables - b.variables)
    if (best === undefined || best.variables === next?.variables) return surface
    return { ...surface, route: [...(methods.length > 0 ? [methods.join('|')] : []), known.get(best.path)].join(' ') }
  })
}

/** Each variable is one segment, or the part of one that is not written. */
function matcherOf(path: string) {
  const pattern = path
    .split('{}')
    .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^/]+')
  return { path, fits: new RegExp(`^${pattern}$`), variables: path.split('{}').length - 1 }
}
