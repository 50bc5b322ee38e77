/** One spelling for one route, whoever wrote it down. */

export interface Route {
  /** Upper case; empty when any is meant. */
  readonly methods: readonly string[]
  /** Normalised. */
  readonly path: string
  /** The path as its source writes it. */
  readonly written: string
}

/** `post /a/{id}/`, `POST https://host/a/:id` and `GET|POST /a/<int:id>`. */
export function readRoute(route: string): Route {
  const match = /^([a-z]+(?:[|,][a-z]+)*)\s+(?=\S)(.*)$/is.exec(route.trim())
  const methods = match === null ? [] : (match[1] ?? '').toUpperCase().split(/[|,]/)
  const written = match?.[2] ?? route.trim()
  return { methods: methods.filter((method) => method !== 'ANY'), path: normalisePath(written), written }
}

/** `POST /a/{id}/`, `POST https://host/a/:id` and `POST /a/<int:id>` are one route. */
export function normaliseRoute(route: string): string {
  const { methods, path } = readRoute(route)
  return methods.length === 0 ? path : `${methods.join('|')} ${path}`
}

/**
 * Without host, query, doubled and trailing slashes and dot segments; what needs no escape is not escaped, and
 * whatever stands for a part of the path is `{}`.
 */
export function normalisePath(path: string): string {
  const bare = path
    .replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
    .replace(TEMPLATES, '{}')
    .replace(/[?#].*$/s, '')
    .replace(/%([0-9a-f]{2})/gi, (whole, hex: string) => unescaped(whole, hex))
  const parts: string[] = []
  for (const part of bare.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') parts.pop()
    else parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** `{id}`, `{id:int}`, `{rest...}`, `<int:id>`, `[id]`, `[[...all]]`, `:id`, `:id(\\d+)`, `:id?`, `*rest`. */
const TEMPLATES =
  /\{[^/}]*\}|<[^/>]*>|\[\[?(?:\.{3})?[^/\]]*\]\]?|(?<=[/.~-]):[A-Za-z_]\w*(?:\([^)]*\))?[?*+]?|(?<=\/)\*\w*/g

/** RFC 3986: letters, digits and `-._~` mean the same escaped or not; anything else does not. */
function unescaped(whole: string, hex: string): string {
  const character = String.fromCharCode(Number.parseInt(hex, 16))
  return /[\w.~-]/.test(character) ? character : whole.toUpperCase()
}
