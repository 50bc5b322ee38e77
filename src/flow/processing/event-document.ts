/**
 * An event as filters and transforms see it: where it was sent, its headers, its body as a value, and what it is in the
 * words of CloudEvents.
 *
 * Names are looked up in maps, never on objects: a header called `constructor` is a header. Total: whatever the bytes
 * are there is a document; a body that cannot be read is `null`.
 */
import type { CloudEventAttributes, HeaderList } from '../../base/model/event.ts'

export interface EventDocument {
  readonly method: string
  readonly path: string
  readonly query: Names
  /** Names in lower case. */
  readonly headers: Names
  /** What the body says: JSON as parsed, a form as an object of texts and lists, `null` when it is neither. */
  readonly body: unknown
  readonly attributes: CloudEventAttributes
}

/** A name that came several times has all its values in one text, in their order, with ", " between them. */
export type Names = ReadonlyMap<string, string>

export interface RequestParts {
  readonly method: string
  /** Path and query, as in the request line. */
  readonly target: string
  readonly headers: HeaderList
  readonly body: unknown
  readonly attributes: CloudEventAttributes
}

export function eventDocument({ method, target, headers, body, attributes }: RequestParts): EventDocument {
  const mark = target.indexOf('?')
  return {
    method,
    path: mark === -1 ? target : target.slice(0, mark),
    query: namesOf(mark === -1 ? [] : new URLSearchParams(target.slice(mark + 1))),
    headers: namesOf(headers.map(([name, value]) => [name.toLowerCase(), value] as const)),
    body,
    attributes,
  }
}

/** Joined, so that a request which says a thing twice equals neither of what it says (parameter pollution). */
function namesOf(pairs: Iterable<readonly [string, string]>): Names {
  const names = new Map<string, string>()
  for (const [name, value] of pairs) {
    const before = names.get(name)
    names.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return names
}
