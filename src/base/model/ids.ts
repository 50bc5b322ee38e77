/**
 * Ids: time-ordered (UUIDv7, RFC 9562 section 5.7), 16 bytes in the database, `<prefix>_<32 hex digits>` outside.
 *
 * Time order keeps the indexes narrow at their right edge and lets the big tables be cut by day on the id
 * itself, so that a primary key needs no second column. Inside the process an id is its text form without
 * the prefix: what PostgreSQL prints for a uuid, minus the dashes.
 */
import { randomFillSync } from 'node:crypto'
import { PosternError } from './errors.ts'

export const ID_PREFIXES = {
  tenant: 'ten',
  principal: 'prn',
  integration: 'int',
  key: 'key',
  destination: 'dst',
  route: 'rte',
  event: 'evt',
  job: 'job',
  attempt: 'att',
  replay: 'rpl',
  quarantine: 'qua',
  schema: 'sch',
  drift: 'dri',
  audit: 'aud',
  correlation: 'cor',
  alert: 'alr',
  alertChannel: 'alc',
  notification: 'ntf',
  replayPlan: 'rpp',
  legalHold: 'lgh',
  pruneRun: 'pru',
} as const

export type IdKind = keyof typeof ID_PREFIXES

/** A uuid as PostgreSQL prints it: lower-case hex with dashes. */
export type Uuid = string & { readonly __uuid: unique symbol }

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The tenant of an installation that has only one. */
export const DEFAULT_TENANT = '00000000-0000-7000-8000-000000000001' as Uuid

const HEX_DIGITS = Buffer.from('0123456789abcdef')
const POOL_BYTES = 8192
/** Ten random bytes an id; two of them are only used when a millisecond begins. */
const BYTES_PER_ID = 10

/**
 * By hand because every request makes one: the usual library asks the system for randomness every few ids, which was
 * 4 % of receiving. The twelve bits after the version count within a millisecond (RFC 9562 section 6.2, method 1);
 * they begin below their half, and when they run out the next millisecond is borrowed.
 */
function idMaker(): (now?: number) => Uuid {
  const pool = Buffer.alloc(POOL_BYTES)
  let used = POOL_BYTES
  let last = 0
  let count = 0

  return (now) => {
    if (used + BYTES_PER_ID > POOL_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    const at = used
    used += BYTES_PER_ID
    const fresh = (((pool[at] ?? 0) & 0x07) << 8) | (pool[at + 1] ?? 0)
    if (now !== undefined) return format(now, fresh, pool, at + 2)
    const clock = Date.now()
    if (clock > last) {
      last = clock
      count = fresh
    } else if (++count > 0xfff) {
      last++
      count = fresh
    }
    return format(last, count, pool, at + 2)
  }
}

/** Digits are put into this and read out as one flat string; pieces of text would be joined again at every look-up. */
const TEXT = Buffer.alloc(36, '-')

function format(milliseconds: number, count: number, random: Buffer, at: number): Uuid {
  const time = Math.floor(milliseconds)
  const high = Math.floor(time / 0x1_0000)
  put(0, high >>> 24)
  put(2, high >>> 16)
  put(4, high >>> 8)
  put(6, high)
  put(9, time >>> 8)
  put(11, time)
  put(14, 0x70 | (count >>> 8))
  put(16, count)
  put(19, ((random[at] ?? 0) & 0x3f) | 0x80)
  put(21, random[at + 1] ?? 0)
  for (let index = 2; index < 8; index++) put(20 + 2 * index, random[at + index] ?? 0)
  return TEXT.toString('latin1') as Uuid
}

function put(at: number, byte: number): void {
  TEXT[at] = HEX_DIGITS[(byte >>> 4) & 0x0f] ?? 0
  TEXT[at + 1] = HEX_DIGITS[byte & 0x0f] ?? 0
}

/** The first 32 hex digits of a digest as a uuid, flat like `format`'s. */
export function uuidOfHex(hex: string): Uuid {
  let at = 0
  for (let index = 0; index < 32; index++) {
    if (index === 8 || index === 12 || index === 16 || index === 20) at++
    TEXT[at++] = hex.charCodeAt(index)
  }
  return TEXT.toString('latin1') as Uuid
}

/** @param now Milliseconds since the epoch for the id's time part. Without it, ids made in one process sort in order of making. */
export const newId: (now?: number) => Uuid = idMaker()

/** `evt_0192…`: how an id is shown to people and programs. */
export function publicId(kind: IdKind, id: Uuid): string {
  return `${ID_PREFIXES[kind]}_${id.slice(0, 8)}${id.slice(9, 13)}${id.slice(14, 18)}${id.slice(19, 23)}${id.slice(24)}`
}

/** Reads an id as shown outside; `undefined` when it cannot be one, which callers answer as "not found". */
export function parseId(kind: IdKind, text: string): Uuid | undefined {
  const prefix = `${ID_PREFIXES[kind]}_`
  const hex = text.slice(prefix.length)
  if (!text.startsWith(prefix) || !/^[0-9a-f]{32}$/.test(hex)) return undefined
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as Uuid
}

/** @throws PosternError `NOT_FOUND` */
export function requireId(kind: IdKind, text: string): Uuid {
  const id = parseId(kind, text)
  if (id === undefined) throw new PosternError('NOT_FOUND', `There is no ${kind} with this id.`)
  return id
}

/** For what comes from the database or from `newId`; anything else is a bug. */
export function asUuid(text: string): Uuid {
  if (!UUID.test(text)) throw new Error('not a uuid')
  return text as Uuid
}

/** The 16 bytes, for binary parameters and digests. */
export function uuidBytes(id: Uuid): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex')
}

/** The smallest UUIDv7 of a millisecond: where a day partition begins, or a time filter starts. */
export function firstIdOf(milliseconds: number): Uuid {
  const hex = Math.max(0, Math.floor(milliseconds)).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-0000-0000-000000000000` as Uuid
}

/** The time part of an id, in milliseconds since the epoch. */
export function idTime(id: Uuid): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}
