import type { ExaminedSurface } from '../catalogue/evidence.ts'

/** Ids are names in reports and baselines: two of one name get a number, in the order given. */
export function numbered(surfaces: readonly ExaminedSurface[]): readonly ExaminedSurface[] {
  const seen = new Map<string, number>()
  return surfaces.map((surface) => {
    const times = (seen.get(surface.id) ?? 0) + 1
    seen.set(surface.id, times)
    return times === 1 ? surface : { ...surface, id: `${surface.id} (${times})` }
  })
}
