/**
 * Reads the text of one XML element without parsing XML: no entities, no DTD, nothing that could be expanded or
 * fetched. What it does not understand it does not read.
 */
import { isUtf8 } from 'node:buffer'

/** Longer names are none of ours; keeps the expression small. */
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/

/** @returns The text of the only element of this name, in any namespace; `undefined` when there is none or more than one. */
export function elementText(body: Buffer, name: string): string | undefined {
  if (!NAME.test(name) || !isUtf8(body)) return undefined
  const text = body.toString('utf8')
  // A DTD, a comment or CDATA could hide an element or show one that is not there.
  if (text.includes('<!')) return undefined
  const open = new RegExp(
    `<(?:[A-Za-z_][A-Za-z0-9_.-]{0,63}:)?${name.replaceAll('.', '\\.')}(?:\\s[^<>]*)?>([^<>&]*)</`,
    'g',
  )
  const [only, ...more] = text.matchAll(open)
  return more.length > 0 ? undefined : only?.[1]
}
