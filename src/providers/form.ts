/**
 * application/x-www-form-urlencoded, decoded to byte strings (one character a byte) and not to text: two bodies
 * that differ only in bytes that are not UTF-8 must not look alike to a signature.
 */

/** More names than any known sender uses; bounds the sort. Express has the same number by default. */
export const MAX_FORM_FIELDS = 1000

/** Fields in order, as byte strings; `undefined` when there are too many. */
export type FormFields = readonly (readonly [name: string, value: string])[]

export function readForm(body: Buffer): FormFields | undefined {
  const fields: (readonly [string, string])[] = []
  const text = body.toString('latin1')
  let start = 0
  while (start < text.length) {
    const found = text.indexOf('&', start)
    const end = found === -1 ? text.length : found
    if (end > start) {
      if (fields.length === MAX_FORM_FIELDS) return undefined
      const pair = text.slice(start, end)
      const equals = pair.indexOf('=')
      fields.push(
        equals === -1
          ? [unescapeField(pair), '']
          : [unescapeField(pair.slice(0, equals)), unescapeField(pair.slice(equals + 1))],
      )
    }
    start = end + 1
  }
  return fields
}

/** Names sorted, each followed by its value; a repeated name gives its distinct values, sorted. */
export function sortedForm(fields: FormFields): string {
  const values = new Map<string, Set<string>>()
  for (const [name, value] of fields) {
    const known = values.get(name)
    if (known === undefined) values.set(name, new Set([value]))
    else known.add(value)
  }
  return [...values.keys()]
    .sort()
    .map((name) =>
      [...(values.get(name) ?? [])]
        .sort()
        .map((value) => name + value)
        .join(''),
    )
    .join('')
}

/** PHP's `serialize()` of an array of texts, names sorted, without one of them. Lengths are in bytes. */
export function phpForm(fields: FormFields, without: string): string | undefined {
  const values = new Map<string, string>()
  for (const [name, value] of fields) {
    if (name === without) continue
    // PHP keeps the last of a repeated name; a sender that repeats one is not this sender.
    if (values.has(name)) return undefined
    values.set(name, value)
  }
  const text = (bytes: string) => `s:${bytes.length}:"${bytes}";`
  const members = [...values.keys()].sort().map((name) => text(name) + text(values.get(name) ?? ''))
  return `a:${values.size}:{${members.join('')}}`
}

/** The value of a name that stands there exactly once. */
export function soleField(fields: FormFields | undefined, byteName: string): string | undefined {
  const [only, ...more] = fields?.filter(([key]) => key === byteName) ?? []
  return more.length === 0 ? only?.[1] : undefined
}

/** A `%` that begins no escape stays as it is (WHATWG URL, urlencoded parsing). */
function unescapeField(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** Byte string to text. */
export function fieldText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
