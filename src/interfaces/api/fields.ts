/**
 * Pieces of request and answer shapes that several routes share.
 */
import { z } from 'zod'
import { PosternError } from '../../base/model/errors.ts'
import { ID_PREFIXES, type IdKind, parseId, publicId, type Uuid } from '../../base/model/ids.ts'

export const PREFIX = '/api/v1'

/** A path parameter; what cannot be an id is answered as "not found" by `requireId`, not as invalid. */
export const idParams = <N extends string>(name: N) => z.object({ [name]: z.string() } as Record<N, z.ZodString>)

export const idField = (kind: IdKind) =>
  z.string().meta({ examples: [`${ID_PREFIXES[kind]}_0192f0c1a2b37c4d8e5f60718293a4b5`] })

export const time = z.string().meta({ format: 'date-time' })

/** An instant in ISO 8601 with its offset, or a day (its first instant in UTC); nothing else reaches a statement. */
export const timeQuery = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .transform((text) => new Date(text))
  .refine((date) => date.getTime() >= 0 && date.getTime() < Date.UTC(2200, 0), 'must be a time between 1970 and 2200')

export const name = z
  .string()
  .trim()
  .min(1)
  .max(120)
  .regex(/^[^\p{Cc}\p{Cf}]+$/u, 'must not contain control or formatting characters')

export function isoTime(date: Date): string
export function isoTime(date: Date | null): string | null
export function isoTime(date: Date | null): string | null {
  return date === null ? null : date.toISOString()
}

/** A reference to something of ours inside a query. @throws PosternError `VALIDATION_ERROR` */
export function idFilter(kind: IdKind, path: string, text: string | undefined): Uuid | undefined {
  if (text === undefined) return undefined
  const id = parseId(kind, text)
  if (id === undefined) {
    throw new PosternError('VALIDATION_ERROR', 'A filter is not valid.', {
      errors: [{ path, message: `must be an id that begins with ${ID_PREFIXES[kind]}_` }],
    })
  }
  return id
}

export function publicIdOrNull(kind: IdKind, id: Uuid | null): string | null {
  return id === null ? null : publicId(kind, id)
}

/** @throws PosternError `NOT_FOUND`: the same whether it never existed or belongs to somebody else. */
export function found<T>(value: T | undefined, kind: IdKind): T {
  if (value === undefined) throw new PosternError('NOT_FOUND', `There is no ${kind} with this id.`)
  return value
}
