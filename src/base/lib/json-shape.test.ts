import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mergeShapes, shapeChanges, shapeFromJson, shapeOf, shapeToJson } from './json-shape.ts'

const order = { id: 'o1', total: 5, paid: null, items: [{ sku: 'a' }, { sku: null, qty: 1 }] }

test('a shape names each place with the types that stood there', () => {
  expect(shapeToJson(shapeOf(order))).toEqual({
    '': ['object'],
    '/id': ['string'],
    '/items': ['array'],
    '/items/*': ['object'],
    '/items/*/qty': ['number'],
    '/items/*/sku': ['null', 'string'],
    '/paid': ['null'],
    '/total': ['number'],
  })
})

test('names that mean something to a pointer are escaped, and an object of many members is a map', () => {
  expect([...shapeOf(JSON.parse('{"a/b~c": {"__proto__": 1, "": 2}}')).keys()]).toEqual([
    '',
    '/a~1b~0c',
    '/a~1b~0c/__proto__',
    '/a~1b~0c/',
  ])
  const byId = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`id-${index}`, { n: index }]))
  expect([...shapeOf({ byId }).keys()]).toEqual(['', '/byId', '/byId/*', '/byId/*/n'])
})

describe('changes', () => {
  const known = shapeOf(order)

  test('a new field is one change, whatever is below it', () => {
    expect(shapeChanges(known, shapeOf({ ...order, refund: { amount: 1, lines: [{ a: 1 }] } }))).toEqual([
      { kind: 'new_field', place: '/refund', before: [], after: ['object'] },
    ])
  })

  test('another type at a known place is a change, and absence is none', () => {
    expect(shapeChanges(known, shapeOf({ id: 7, items: [] }))).toEqual([
      { kind: 'type_change', place: '/id', before: ['string'], after: ['number'] },
    ])
  })

  test('what was merged is no change any more', () => {
    const seen = shapeOf({ ...order, id: 7, refund: {} })
    expect(shapeChanges(mergeShapes(known, seen), seen)).toEqual([])
  })

  test('a body that is no object at all is a change of the whole', () => {
    expect(shapeChanges(known, shapeOf(null))).toEqual([
      { kind: 'type_change', place: '', before: ['object'], after: ['null'] },
    ])
  })
})

test.each([
  ['deep', JSON.parse(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`)],
  ['wide', Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, index]))],
  ['long', Array.from({ length: 50_000 }, (_, index) => ({ [`k${index}`]: index }))],
  [
    'bushy',
    Object.fromEntries(
      Array.from({ length: 60 }, (_, a) => [
        a,
        Object.fromEntries(Array.from({ length: 60 }, (_, b) => [b, { c: 1 }])),
      ]),
    ),
  ],
  ['with a name of a megabyte', { ['n'.repeat(1_000_000)]: 1 }],
])('what is %s stays within bounds', (_, value) => {
  const shape = shapeOf(value)
  expect(shape.size).toBeLessThanOrEqual(500)
  expect(JSON.stringify(shapeToJson(mergeShapes(shape, shapeOf({ other: value })))).length).toBeLessThan(200_000)
})

test('whatever the value is, its shape can be kept and read again, and does not differ from itself', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const shape = shapeOf(value)
      const again = shapeFromJson(JSON.parse(JSON.stringify(shapeToJson(shape))))
      expect(shapeChanges(again, shape)).toEqual([])
      expect(JSON.stringify(shapeToJson(shape))).not.toContain('\\u0000')
    }),
  )
})
