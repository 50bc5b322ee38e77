/**
 * What an operation was seen to take and to answer, so that its description can be compared with it.
 *
 * Boundary: reads exchanges that were kept anyway and sends nothing. What a server answers on its own, whatever is
 * behind it, is no answer of the operation.
 */
import { parseBoundedJson } from '../../base/lib/bounded-json.ts'
import type { Observed } from '../../catalogue/evidence.ts'
import { headerOf } from './disclosures.ts'
import type { KeptExchange } from './lab.ts'

export interface ObservedOperation {
  readonly method: string
  readonly url: string
  /** Which addresses are its, where there are several. */
  readonly isAt?: (url: string) => boolean
  readonly authentication?: Observed['authentication'] | undefined
}

/** Too slow, too large, too many: no description names them for every operation, and a rule of its own asks for them. */
const OF_SERVERS: ReadonlySet<number> = new Set([408, 411, 413, 414, 417, 429, 431])

/**
 * @param control Requests of those who may; the first is a genuine one.
 * @param others Whatever else was sent; what went elsewhere, or by another method, is left out.
 */
export function observedOf(
  { method, url, isAt = (asked) => addressOf(asked) === addressOf(url), authentication }: ObservedOperation,
  control: readonly KeptExchange[],
  others: readonly KeptExchange[],
): Observed {
  const isIts = ({ sent }: KeptExchange): boolean => sent?.isPlain === true && sent.method === method && isAt(sent.url)
  const answers = [...control, ...others]
    .filter(isIts)
    .flatMap(({ answer }) => (answer?.ok === true && !OF_SERVERS.has(answer.status) ? [answer] : []))
  const given = answers.filter(({ status }) => status >= 200 && status < 300)
  const [first] = control.filter(isIts)
  const isTaken = first?.answer?.ok === true && first.answer.status < 300
  return {
    ...(authentication === undefined ? {} : { authentication }),
    ...unlessEmpty('statuses', answers.map(({ status }) => String(status)).sort()),
    ...unlessEmpty('requestTypes', isTaken ? [mediaType(first.sent?.contentType ?? '')] : []),
    ...unlessEmpty(
      'responseTypes',
      given.flatMap((answer) => (answer.body.length === 0 ? [] : mediaType(headerOf(answer, 'content-type') ?? ''))),
    ),
    ...unlessEmpty(
      'fields',
      given.flatMap(({ body }) => fieldsIn(body)),
    ),
  }
}

function unlessEmpty(name: keyof Observed, values: readonly string[]): Observed {
  const known = [...new Set(values)].filter((value) => value !== '')
  return known.length === 0 ? {} : { [name]: known }
}

/** Without its query. */
export function addressOf(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}

function mediaType(header: string): string {
  return (header.split(';')[0] ?? '').trim().toLowerCase()
}

const MAX_FIELDS = 500

/** `customer.password_hash`; items of lists add nothing. The far side's text, therefore bounded. */
function fieldsIn(body: Buffer): readonly string[] {
  const json = parseBoundedJson(body)
  const names = new Set<string>()
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null || names.size >= MAX_FIELDS) return
    for (const [name, child] of Object.entries(value)) {
      const below = Array.isArray(value) ? path : path === '' ? name : `${path}.${name}`
      if (!Array.isArray(value)) names.add(below.slice(0, 200))
      walk(child, below)
    }
  }
  if (json.ok) walk(json.value, '')
  return [...names]
}
