/** Messages of a script: filling in {{names}}, and telling whether what came is what was expected. */
import type { Json } from './channel-plan.ts'

/** A name that stands for nothing stays as it is, so that the far side shows it. */
export function fillText(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{\s*([\w-]{1,60})\s*\}\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  )
}

export function fill(template: Json, values: Readonly<Record<string, string>>): Json {
  if (typeof template === 'string') return fillText(template, values)
  if (Array.isArray(template)) return template.map((each) => fill(each, values))
  if (typeof template !== 'object' || template === null) return template
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, fill(value, values)]))
}

export function names(template: Json): ReadonlySet<string> {
  const found = JSON.stringify(template).matchAll(/\{\{\s*([\w-]{1,60})\s*\}\}/g)
  return new Set([...found].map(([, name]) => name ?? ''))
}

/** Whether all of `expected` stands in `actual`. An empty object asks for any object, a text for itself. */
export function matches(expected: Json, actual: unknown): boolean {
  if (Array.isArray(expected)) {
    return Array.isArray(actual) && expected.every((each, at) => matches(each, actual[at]))
  }
  if (typeof expected !== 'object' || expected === null) return expected === actual
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) return false
  return Object.entries(expected).every(
    ([key, value]) => Object.hasOwn(actual, key) && matches(value, (actual as Record<string, unknown>)[key]),
  )
}
