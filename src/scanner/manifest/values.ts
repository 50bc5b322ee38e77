/** What people write for yes, no, how long, how large and how often; read strictly, so that a typo is never a yes. */
import { nearestWord } from './nearest.ts'

const FALSE_WORDS = new Set([
  'false',
  'no',
  'off',
  'none',
  'missing',
  'disabled',
  'never',
  'absent',
  'not_implemented',
  'not_enforced',
  'not_required',
  'unbounded',
  'unlimited',
  'handshake_only',
  'connect_only',
  'initial_connection_only',
  'in_memory',
])
const TRUE_WORDS = new Set(['true', 'yes', 'on', 'enabled', 'required', 'enforced', 'always', 'present', 'supported'])
const UNKNOWN_WORDS = new Set([
  'unknown',
  'unclear',
  'tbd',
  'todo',
  'pending',
  'planned',
  'maybe',
  'partial',
  'partially',
  'n_a',
  'na',
  'not_reviewed',
  'not_evaluable',
  'unverified',
  'sometimes',
])

/** `wrong`: not a statement at all; the message says what was expected. */
export type Reading =
  | { readonly is: 'yes' | 'no' | 'null' | 'empty' | 'unknown' }
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'number'; readonly number: number }
  | { readonly is: 'wrong'; readonly expected: string }

type ScalarValue = string | number | boolean | null

export function readWord(value: ScalarValue): Reading {
  if (value === null) return { is: 'null' }
  if (typeof value === 'boolean') return { is: value ? 'yes' : 'no' }
  if (typeof value === 'number') return { is: 'number', number: value }
  const word = value
    .trim()
    .toLowerCase()
    .replace(/[\s/-]+/g, '_')
  if (word === '') return { is: 'empty' }
  if (FALSE_WORDS.has(word)) return { is: 'no' }
  if (TRUE_WORDS.has(word)) return { is: 'yes' }
  if (UNKNOWN_WORDS.has(word)) return { is: 'unknown' }
  if (/^(no|not|never|without|lacks?|missing)_/.test(word)) return { is: 'no' }
  const meant = word.length <= 6 ? nearestWord(word, ['true', 'false', 'yes', 'null', 'enabled']) : undefined
  if (meant !== undefined) return { is: 'wrong', expected: `true or false (did you mean ${meant}?)` }
  return { is: 'text', text: value.trim() }
}

const SECONDS: Readonly<Record<string, number>> = {
  ms: 0.001,
  millisecond: 0.001,
  s: 1,
  sec: 1,
  second: 1,
  m: 60,
  min: 60,
  minute: 60,
  h: 3600,
  hr: 3600,
  hour: 3600,
  d: 86400,
  day: 86400,
  w: 604800,
  week: 604800,
}

const BYTES: Readonly<Record<string, number>> = {
  b: 1,
  byte: 1,
  k: 1000,
  kb: 1000,
  kib: 1024,
  m: 1e6,
  mb: 1e6,
  mib: 1048576,
  g: 1e9,
  gb: 1e9,
  gib: 1073741824,
}

/** `5m`, `300 seconds`, `PT5M`; a bare number is in `unit` seconds. */
export function readDuration(text: string): number | undefined {
  const iso = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i.exec(text.trim())
  if (iso !== null && text.trim().length > 2) {
    const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = iso
    return Number(days) * 86400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  }
  return scaled(text, SECONDS)
}

/** `65536`, `64KiB`, `1 MB`. */
export function readSize(text: string): number | undefined {
  return scaled(text, BYTES)
}

export function readCount(text: string): number | undefined {
  const plain = text.trim().replace(/[_,](?=\d{3})/g, '')
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : undefined
}

/** `100/min`, `100 per minute`, `5000 requests / 1 h`; gives events per second. */
export function readRate(text: string): number | undefined {
  const match =
    /^([\d_,.]+)\s*(?:req(?:uest)?s?|messages?|msgs?|events?|connections?|conns?)?\s*(?:\/|per|a|an)\s*(\d*)\s*([a-z]+)$/i.exec(
      text.trim(),
    )
  if (match === null) return undefined
  const count = readCount(match[1] ?? '')
  const unit = unitOf(match[3] ?? '', SECONDS)
  const every = match[2] === '' || match[2] === undefined ? 1 : Number(match[2])
  return count === undefined || unit === undefined || every === 0 ? undefined : count / (unit * every)
}

function scaled(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(-?[\d_,.]+)\s*([a-z]+)$/i.exec(text.trim())
  if (match === null) return undefined
  const count = readCount(match[1] ?? '')
  const unit = unitOf(match[2] ?? '', units)
  return count === undefined || unit === undefined ? undefined : count * unit
}

function unitOf(name: string, units: Readonly<Record<string, number>>): number | undefined {
  const lower = name.toLowerCase()
  return units[lower] ?? units[lower.replace(/s$/, '')]
}
