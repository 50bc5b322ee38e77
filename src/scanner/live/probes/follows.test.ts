import { expect, test } from 'vitest'
import { PROBES } from './registry.ts'

test('what a probe follows is a probe that stands for itself or follows those as well, and never in a circle', () => {
  const follows = new Map(PROBES.map((probe) => [probe.id, probe.follows ?? []]))
  const reaches = (from: string, wanted: string, depth = 0): boolean =>
    depth < 20 && (follows.get(from) ?? []).some((id) => id === wanted || reaches(id, wanted, depth + 1))
  for (const [id, ids] of follows) {
    for (const one of ids) expect(follows.has(one), `${id} follows ${one}`).toBe(true)
    expect(reaches(id, id), id).toBe(false)
  }
})
