import { expect, test } from 'vitest'
import { aUuid } from '../../../test/support/builders.ts'
import { freshDatabase } from '../../../test/support/database.ts'
import { byteaArray, textArray, timestampArray, uuidArray } from './binary-arrays.ts'

test('PostgreSQL reads back what the encoders wrote', async () => {
  await using db = await freshDatabase()
  const id = aUuid()
  const other = aUuid()
  const ids = [id, id, null, id, other, other, id, null]
  const times = [0, 1, 946_684_799_999, 946_684_800_000, 1_795_305_600_123, 4_102_444_800_000]
  const bytes = [Buffer.alloc(0), Buffer.from([0, 255, 10]), Buffer.alloc(100_000, 7)]
  const texts = ['', '', 'ä€😀', 'ä€😀', null, null, 'NULL', '{"a"}', '{"a"}', 'NULL']

  const { rows } = await db.query(
    'select $1::uuid[] as ids, $2::bytea[] as bytes, $3::text[] as texts, $4::timestamptz[] as times',
    [uuidArray(ids), byteaArray(bytes), textArray(texts), timestampArray([...times, null])],
  )

  expect(rows[0]).toEqual({ ids, bytes, texts, times: [...times.map((time) => new Date(time)), null] })
})

test('empty arrays are arrays', async () => {
  await using db = await freshDatabase()
  const { rows } = await db.query('select cardinality($1::uuid[]) as n, cardinality($2::text[]) as m', [
    uuidArray([]),
    textArray([]),
  ])
  expect(rows[0]).toEqual({ n: 0, m: 0 })
})
