/**
 * PostgreSQL's binary array format, written by hand because the driver sends arrays as text: a body would be
 * doubled into hex digits and parsed back, which costs more processor time than storing it.
 *
 * @see PostgreSQL source, src/backend/utils/adt/arrayfuncs.c, array_send
 */
import type { Uuid } from '../../base/model/ids.ts'

const OID = { bytea: 17, integer: 23, text: 25, timestamptz: 1184, uuid: 2950 } as const
const HEADER_BYTES = 20
/** PostgreSQL counts time from 2000-01-01. */
const EPOCH_MS = 946_684_800_000

function open(elementOid: number, count: number, dataBytes: number, hasNull: boolean): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + count * 4 + dataBytes)
  buffer.writeInt32BE(1, 0)
  buffer.writeInt32BE(hasNull ? 1 : 0, 4)
  buffer.writeInt32BE(elementOid, 8)
  buffer.writeInt32BE(count, 12)
  buffer.writeInt32BE(1, 16)
  return buffer
}

export function uuidArray(ids: readonly (Uuid | null)[]): Buffer {
  const nulls = ids.reduce((count, id) => count + (id === null ? 1 : 0), 0)
  const buffer = open(OID.uuid, ids.length, (ids.length - nulls) * 16, nulls > 0)
  let offset = HEADER_BYTES
  let last: Uuid | null = null
  for (const id of ids) {
    offset = buffer.writeInt32BE(id === null ? -1 : 16, offset)
    if (id === null) {
      last = null
      continue
    }
    // Tenant, integration and key are mostly the same from row to row.
    if (id === last) offset += buffer.copy(buffer, offset, offset - 20, offset - 4)
    else offset = writeUuid(buffer, id, offset)
    last = id
  }
  return buffer
}

/** By hand: this runs for eight columns of every event, and strings without dashes would be garbage each time. */
function writeUuid(buffer: Buffer, id: Uuid, at: number): number {
  let offset = at
  for (let index = 0; index < 36; index += 2) {
    if (index === 8 || index === 13 || index === 18 || index === 23) index++
    buffer[offset++] = (nibble(id.charCodeAt(index)) << 4) | nibble(id.charCodeAt(index + 1))
  }
  return offset
}

/** Of a lower-case hex digit. */
function nibble(code: number): number {
  return code < 58 ? code - 48 : code - 87
}

export function byteaArray(values: readonly Buffer[]): Buffer {
  const size = values.reduce((sum, value) => sum + value.length, 0)
  const buffer = open(OID.bytea, values.length, size, false)
  let offset = HEADER_BYTES
  for (const value of values) {
    offset = buffer.writeInt32BE(value.length, offset)
    offset += value.copy(buffer, offset)
  }
  return buffer
}

export function textArray(values: readonly (string | null)[]): Buffer {
  const sizes = byteLengths(values)
  const size = sizes.reduce((sum, each) => sum + each, 0)
  const buffer = open(OID.text, values.length, size, values.includes(null))
  let offset = HEADER_BYTES
  for (const [index, value] of values.entries()) {
    const length = sizes[index] ?? 0
    offset = buffer.writeInt32BE(value === null ? -1 : length, offset)
    if (value === null) continue
    // Provider, scheme, coverage, address and most others are the same from row to row.
    if (index > 0 && value === values[index - 1]) buffer.copy(buffer, offset, offset - 4 - length, offset - 4)
    else buffer.write(value, offset)
    offset += length
  }
  return buffer
}

function byteLengths(values: readonly (string | null)[]): readonly number[] {
  const sizes: number[] = []
  for (const [index, value] of values.entries()) {
    const same = index > 0 && value === values[index - 1]
    sizes.push(same ? (sizes[index - 1] ?? 0) : value === null ? 0 : Buffer.byteLength(value))
  }
  return sizes
}

export function integerArray(values: readonly number[]): Buffer {
  const buffer = open(OID.integer, values.length, values.length * 4, false)
  let offset = HEADER_BYTES
  for (const value of values) {
    offset = buffer.writeInt32BE(4, offset)
    offset = buffer.writeInt32BE(value, offset)
  }
  return buffer
}

/** @param times Milliseconds since the epoch. */
export function timestampArray(times: readonly (number | null)[]): Buffer {
  const nulls = times.reduce<number>((count, time) => count + (time === null ? 1 : 0), 0)
  const buffer = open(OID.timestamptz, times.length, (times.length - nulls) * 8, nulls > 0)
  let offset = HEADER_BYTES
  for (const time of times) {
    offset = buffer.writeInt32BE(time === null ? -1 : 8, offset)
    if (time === null) continue
    const microseconds = (Math.floor(time) - EPOCH_MS) * 1000
    offset = buffer.writeInt32BE(Math.floor(microseconds / 2 ** 32), offset)
    offset = buffer.writeUInt32BE(
      microseconds % 2 ** 32 < 0 ? (microseconds % 2 ** 32) + 2 ** 32 : microseconds % 2 ** 32,
      offset,
    )
  }
  return buffer
}
