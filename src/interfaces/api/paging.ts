/**
 * Pages of the lists: by cursor, which stays right while rows arrive, or by number, for people.
 */
import { z } from 'zod'
import { PosternError } from '../../base/model/errors.ts'
import { asUuid, type Uuid, uuidBytes } from '../../base/model/ids.ts'
import type { ListPage } from '../../resources/store/list-page.ts'

const DEFAULT_PAGE_SIZE = 20
const MAX_PAGE_SIZE = 100

/** Skipping reads what it skips. Beyond ten thousand rows the cursor is the way. */
const MAX_PAGE = 100

/** Spread into the query schema of a list. */
export const PAGE_QUERY = {
  cursor: z.string().max(64).optional().meta({ description: '`meta.nextCursor` of the page before.' }),
  page: wholeNumber(MAX_PAGE, `From 1 to ${MAX_PAGE}; not together with \`cursor\`, which reaches further.`),
  pageSize: wholeNumber(9999, `${DEFAULT_PAGE_SIZE} unless given, ${MAX_PAGE_SIZE} at most; more is lowered to that.`),
}

export function listOf<S extends z.ZodType>(item: S) {
  return z.object({
    data: z.array(item),
    meta: z.object({
      pageSize: z.int(),
      nextCursor: z.string().nullable().meta({ description: 'Absent rows behind the last page have none: `null`.' }),
      page: z.int().optional(),
    }),
  })
}

export interface PageQuery {
  readonly cursor?: string | undefined
  readonly page?: number | undefined
  readonly pageSize?: number | undefined
}

/**
 * @param keys How many ids the list is sorted by.
 * @throws PosternError `VALIDATION_ERROR`
 */
export function pageOf(query: PageQuery, keys = 1): ListPage {
  if (query.cursor !== undefined && query.page !== undefined) throw invalid('page', 'does not go together with cursor')
  const size = sizeOf(query)
  const after = query.cursor === undefined ? undefined : readCursor(query.cursor, keys)
  const offset = query.page === undefined ? 0 : (query.page - 1) * size
  return { offset, limit: size + 1, ...(after === undefined ? {} : { after }) }
}

/** @param rows As read with `pageOf`, one more than is shown when there is a next page. */
export function pageAnswer<Row, View>(
  query: PageQuery,
  rows: readonly Row[],
  idsOf: (row: Row) => readonly Uuid[],
  viewOf: (row: Row) => View,
): { data: View[]; meta: { pageSize: number; nextCursor: string | null; page?: number } } {
  const pageSize = sizeOf(query)
  const shown = rows.slice(0, pageSize)
  const last = shown.at(-1)
  const nextCursor = rows.length > pageSize && last !== undefined ? writeCursor(idsOf(last)) : null
  return {
    data: shown.map(viewOf),
    meta: { pageSize, nextCursor, ...(query.page === undefined ? {} : { page: query.page }) },
  }
}

function sizeOf(query: PageQuery): number {
  return Math.min(query.pageSize ?? DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
}

/** A place in an order and nothing else: it needs no seal, because every list names its tenant itself. */
function writeCursor(ids: readonly Uuid[]): string {
  return Buffer.concat(ids.map(uuidBytes)).toString('base64url')
}

function readCursor(cursor: string, keys: number): readonly Uuid[] {
  const bytes = Buffer.from(cursor, 'base64url')
  // The decoder forgives much; only what we would have written is a cursor.
  if (bytes.length !== 16 * keys || bytes.toString('base64url') !== cursor)
    throw invalid('cursor', 'is not a cursor of this list')
  return Array.from({ length: keys }, (_, index) => {
    const hex = bytes.toString('hex', index * 16, index * 16 + 16)
    return asUuid([hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-'))
  })
}

function invalid(path: string, message: string): PosternError {
  return new PosternError('VALIDATION_ERROR', 'The page that was asked for does not exist.', {
    errors: [{ path, message }],
  })
}

/** A query value is text; what is not written in plain digits is refused, not read as 1. */
function wholeNumber(max: number, description: string) {
  return z
    .string()
    .transform((text, context) => {
      const value = /^\d{1,6}$/.test(text) ? Number(text) : 0
      if (value >= 1 && value <= max) return value
      context.addIssue({ code: 'custom', message: `must be a whole number from 1 to ${max}` })
      return z.NEVER
    })
    .optional()
    .meta({ type: 'integer', minimum: 1, description })
}
