/**
 * `Retry-After`: seconds or a date.
 *
 * @see RFC 9110, section 10.2.3 (the field) and 5.6.7 (three forms of a date, all of which recipients must accept)
 */

/** @returns Milliseconds to wait from `now`, not negative; `undefined` when the text says nothing. */
export function readRetryAfter(text: string | undefined, now: number): number | undefined {
  const value = text?.trim() ?? ''
  if (/^\d{1,15}$/.test(value)) return Number(value) * 1000
  const at = readHttpDate(value)
  return at === undefined ? undefined : Math.max(0, at - now)
}

const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/
const RFC_850 = /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/

function readHttpDate(text: string): number | undefined {
  if (!IMF_FIXDATE.test(text) && !RFC_850.test(text) && !ASCTIME.test(text)) return undefined
  const at = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
  return Number.isNaN(at) ? undefined : at
}
