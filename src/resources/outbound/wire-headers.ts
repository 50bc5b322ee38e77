/**
 * Request headers as they go on the wire, checked: nobody who names a header can end it and begin another,
 * choose another host on a shared socket, or change where the body ends.
 */
import type { HeaderList } from '../../base/model/event.ts'

export type HeaderProblem = 'header_name' | 'header_value' | 'header_reserved'

/** Set by the connection itself. `host` would reach another site behind the same address, the rest is framing. */
const RESERVED: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** RFC 9110 section 5.6.2 */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** RFC 9110 section 5.5: visible characters, blank and tab, and the upper half of Latin-1. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** @returns Names and values in turn, in the order given; or what is wrong with the first that is. */
export function wireHeaders(headers: HeaderList | Readonly<Record<string, string>>): readonly string[] | HeaderProblem {
  const flat: string[] = []
  const entries = isList(headers) ? headers : Object.entries(headers)
  for (const [name, value] of entries) {
    if (!TOKEN.test(name)) return 'header_name'
    if (!VALUE.test(value)) return 'header_value'
    if (RESERVED.has(name.toLowerCase())) return 'header_reserved'
    flat.push(name, value)
  }
  return flat
}

export function isMethod(method: string): boolean {
  return TOKEN.test(method) && method.toUpperCase() !== 'CONNECT'
}

function isList(headers: HeaderList | Readonly<Record<string, string>>): headers is HeaderList {
  return Array.isArray(headers)
}
