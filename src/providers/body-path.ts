/**
 * Paths into a parsed JSON body: `$.a.b[0].c`, and `[*]` for every element.
 *
 * Own properties only: `$.constructor.name` of any object is nobody's event type.
 */
import type { BodyPath } from './definition.ts'

/** A member, an index, or `*` for every element of a list. */
export type Step = string | number | { readonly every: true }
export type Steps = readonly Step[]

/** Batches of any known sender are smaller; bounds what one request makes the engine check. */
export const MAX_ITEMS = 1000

/** @throws Error for a text that is no path: a definition that cannot work must not load. */
export function compileBodyPath(path: BodyPath): Steps {
  if (!/^\$(?:\.[A-Za-z0-9_-]+|\[(?:\d{1,4}|\*)\])+$/.test(path)) throw new Error(`unknown path ${path}`)
  return [...path.matchAll(/\.([A-Za-z0-9_-]+)|\[(?:(\d+)|\*)\]/g)].map(
    ([, name, index]) => name ?? (index === undefined ? { every: true } : Number(index)),
  )
}

/** The value there, or `undefined`. Of a path with `[*]` the first. */
export function readBodyPath(value: unknown, steps: Steps): unknown {
  let at = value
  for (const step of steps) {
    if (typeof step === 'object') return readEvery(value, steps)?.[0]
    at = memberOf(at, step)
  }
  return at
}

/** All values a path with `[*]` leads to, in order; `undefined` when one of them is missing, or there are too many. */
export function readEvery(value: unknown, steps: Steps): readonly unknown[] | undefined {
  let found: readonly unknown[] = [value]
  for (const step of steps) {
    const next: unknown[] = []
    for (const each of found) {
      if (typeof step === 'object') {
        if (!Array.isArray(each)) return undefined
        for (const item of each) next.push(item)
        if (next.length > MAX_ITEMS) return undefined
        continue
      }
      const member = memberOf(each, step)
      if (member === undefined) return undefined
      next.push(member)
    }
    found = next
  }
  return found
}

/** JSON knows no `undefined`: where it comes back, nothing is there. */
function memberOf(value: unknown, step: string | number): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) !== (typeof step === 'number'))
    return undefined
  return Object.hasOwn(value, step) ? (value as Readonly<Record<string | number, unknown>>)[step] : undefined
}

/** A text, a number or a boolean as text; anything else names nothing. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** Whether everything at `inner` lies inside what `outer` names. */
export function contains(outer: Steps, inner: Steps): boolean {
  return outer.every((step, index) => step === inner[index])
}
