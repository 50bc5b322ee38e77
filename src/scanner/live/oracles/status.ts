/**
 * Counts what a status address of the target says: a JSONPath (RFC 9535) into its JSON answer.
 *
 * One number is the count; one list counts its elements; true and false are 1 and 0; otherwise the matches count.
 */
import { jsonpath } from 'json-p3'
import { parseBoundedJson } from '../../../base/lib/bounded-json.ts'
import { PosternError } from '../../../base/model/errors.ts'
import type { HeaderList } from '../../../base/model/event.ts'
import type { RawDoor } from '../../../resources/outbound/raw-request.ts'
import { type Oracle, oracleFailed } from '../effects.ts'

export interface StatusOracle {
  /** May hold `{id}`, which becomes the event's id. */
  readonly url: string
  readonly path: string
  readonly headers: HeaderList
}

const TIMEOUT_MS = 5_000
const MAX_BYTES = 1_024 * 1_024

/** @throws PosternError `VALIDATION_ERROR` when the path is no JSONPath. */
export function statusOracle({ url, path, headers }: StatusOracle, door: RawDoor): Oracle {
  const query = compile(path)
  return {
    kind: 'status',
    describes: `${path} of ${url}`,
    perEvent: url.includes('{id}') || path.includes('{id}'),
    async count(eventId) {
      const address = url.replaceAll('{id}', encodeURIComponent(eventId))
      const answer = await door.send({
        method: 'GET',
        url: address,
        headers: [['Host', new URL(address).host], ['Accept', 'application/json'], ['Connection', 'close'], ...headers],
        body: [],
        timeoutMs: TIMEOUT_MS,
        maxResponseBytes: MAX_BYTES,
      })
      if (!answer.ok) throw oracleFailed(`the status address gave no answer (${answer.outcome}, ${answer.detail})`)
      // An event nobody knows is an event without effects.
      if (answer.status === 404) return 0
      if (answer.status !== 200) throw oracleFailed(`the status address answered ${answer.status}`)
      const json = parseBoundedJson(answer.body)
      if (!json.ok || answer.end !== 'complete') throw oracleFailed('the answer of the status address is not JSON')
      const found = (path.includes('{id}') ? compile(path.replaceAll('{id}', quoted(eventId))) : query)(json.value)
      return countOf(found)
    },
    async close() {},
  }
}

/** An id inside a string of a filter must not end it. */
function quoted(id: string): string {
  return id.replaceAll(/['"\\]/g, '\\$&')
}

function compile(path: string): (value: unknown) => readonly unknown[] {
  try {
    const query = jsonpath.compile(path)
    return (value) => query.query(value as Parameters<typeof query.query>[0]).values()
  } catch (cause) {
    throw new PosternError('VALIDATION_ERROR', `${path} is not a JSONPath (RFC 9535): ${messageOf(cause)}.`, { cause })
  }
}

function countOf(found: readonly unknown[]): number {
  const [only] = found
  if (found.length !== 1) return found.length
  if (typeof only === 'number' && Number.isInteger(only) && only >= 0) return only
  if (typeof only === 'boolean') return only ? 1 : 0
  if (only === null) return 0
  return Array.isArray(only) ? only.length : 1
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
}
