import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asUuid, firstIdOf, newId, parseId, publicId, requireId, uuidBytes } from './ids.ts'

test('ids made in one process are different and sort in order of making', () => {
  const ids = Array.from({ length: 100_000 }, () => newId())
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toEqual([...ids].sort())
})

test('every id is a UUIDv7 of its time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (at) => {
      const id = newId(at)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(id >= firstIdOf(at) && id < firstIdOf(at + 1)).toBe(true)
      expect(asUuid(id)).toBe(id)
    }),
  )
})

test('a public id reads back, and nothing else does', () => {
  const id = newId()
  const text = publicId('event', id)
  expect(text).toBe(`evt_${uuidBytes(id).toString('hex')}`)
  expect(parseId('event', text)).toBe(id)
  for (const wrong of ['', 'evt_', id, text.toUpperCase(), `${text}0`, text.replace('evt', 'int'), `${text}\n`]) {
    expect(parseId('event', wrong)).toBeUndefined()
    expect(() => requireId('event', wrong)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
  }
})
