/**
 * A request and its answer as a report may keep them: readable, bounded, and without what would let a reader sign,
 * log in or replay.
 */
import type { HeaderList } from '../../base/model/event.ts'

/** Of a body, in a report. */
const SHOWN_BYTES = 2_048
const SHOWN_HEADERS = 40

const SECRET_HEADER =
  /^(?:authorization|proxy-authorization|cookie|set-cookie)$|signature|secret|token|api-?key|hmac|password|csrf|session/i

/** Keys as their makers mark them; also those of the target itself do not belong into a report. */
export const KEY_OF_KNOWN_KIND =
  /\b(?:AKIA[0-9A-Z]{16}|sk_live_[0-9a-zA-Z]{16,}|whsec_[0-9A-Za-z+/=]{20,}|gh[pousr]_[0-9A-Za-z]{36}|xox[baprs]-[0-9A-Za-z-]{10,}|AIza[0-9A-Za-z_-]{35}|glpat-[0-9A-Za-z_-]{20})\b/

export interface Redactor {
  text(text: string): string
  head(firstLine: string, headers: HeaderList, body: Buffer, length?: number): string
}

/** @param secrets Everything that must not be written down, such as signing keys and credentials of identities. */
export function createRedactor(secrets: readonly string[]): Redactor {
  // The longest first: one secret may hold another.
  const hidden = [...new Set(secrets.flatMap(spellings))]
    .filter((secret) => secret.length >= 4)
    .sort((a, b) => b.length - a.length)

  const everyKey = new RegExp(KEY_OF_KNOWN_KIND, 'g')
  const text = (from: string): string =>
    hidden.reduce((all, secret) => all.replaceAll(secret, '[redacted]'), from).replaceAll(everyKey, '[a key]')

  return {
    text,
    head(firstLine, headers, body, length = body.length) {
      const shown = headers.slice(0, SHOWN_HEADERS).map(([name, value]) => `${name}: ${shownValue(name, value)}`)
      const more = headers.length > SHOWN_HEADERS ? [`… ${headers.length - SHOWN_HEADERS} more headers`] : []
      return text([firstLine, ...shown, ...more, '', ...shownBody(body, length)].join('\n').trimEnd())
    },
  }
}

function spellings(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  return [secret, encodeURIComponent(secret), bytes.toString('base64'), bytes.toString('hex')]
}

/** Enough to tell two apart, too little to use. */
function shownValue(name: string, value: string): string {
  const bounded = value.length > 300 ? `${value.slice(0, 300)}… (${value.length} characters)` : value
  if (!SECRET_HEADER.test(name)) return bounded
  return value.length <= 12 ? `[${value.length} characters]` : `${value.slice(0, 6)}…[${value.length} characters]`
}

function shownBody(body: Buffer, length: number): readonly string[] {
  if (length === 0) return []
  // Never cut through the middle of a character, nor show bytes that are none.
  const text = body.subarray(0, SHOWN_BYTES).toString('utf8')
  return length > SHOWN_BYTES ? [text, `… ${length} bytes in all`] : [text]
}
