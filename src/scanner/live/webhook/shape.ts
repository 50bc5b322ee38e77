/** Whether two answers say the same thing, whatever ids and times they carry. */
import { parseBoundedJson } from '../../../base/lib/bounded-json.ts'
import type { Answer } from '../lab.ts'

/** What stands where in a body; text that is no JSON is one entry. */
export type Shape = ReadonlyMap<string, string>

/** Stands for a value that differs between two answers that mean the same. */
const ANY = '*'
const MAX_ENTRIES = 200

export function bodyShape(answer: Answer): Shape {
  const entries = new Map<string, string>()
  if (!answer.ok) return entries
  const json = parseBoundedJson(answer.body)
  if (json.ok && typeof json.value === 'object' && json.value !== null) flatten(json.value, '$', entries)
  else entries.set('', plain(answer.body.toString('utf8')))
  return entries
}

/** The shape of two answers that mean the same: what differs between them means nothing. */
export function stableShape(one: Shape, other: Shape): Shape {
  return new Map([...one].map(([path, value]) => [path, other.get(path) === value ? value : ANY]))
}

/** @param pattern From `stableShape`. */
export function isAlike(shape: Shape, pattern: Shape): boolean {
  if (shape.size !== pattern.size) return false
  return [...pattern].every(([path, value]) => shape.has(path) && (value === ANY || shape.get(path) === value))
}

function flatten(value: unknown, path: string, entries: Map<string, string>): void {
  if (entries.size >= MAX_ENTRIES) return
  if (typeof value !== 'object' || value === null) {
    entries.set(path, plain(String(value)))
    return
  }
  for (const [key, child] of Object.entries(value)) flatten(child, `${path}.${key}`, entries)
}

/** Numbers, ids and digests say which, not what. */
function plain(text: string): string {
  return text.slice(0, 4_096).replace(/[0-9a-f]{8,}(?:-[0-9a-f]{4,}){0,4}|\d+/gi, '#')
}
