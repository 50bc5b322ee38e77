import { describe, expect, test } from 'vitest'
import { compileJsonSchema } from './json-schema.ts'

function checkOf(schema: unknown) {
  const compilation = compileJsonSchema(schema)
  if (!compilation.ok) throw new Error(compilation.message)
  return compilation.check
}

const order = checkOf({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  required: ['id', 'items'],
  properties: {
    id: { type: 'string', pattern: '^o[0-9]+$' },
    email: { type: 'string', format: 'email' },
    items: { type: 'array', minItems: 1, items: { $ref: '#/$defs/item' } },
  },
  $defs: {
    item: { type: 'object', required: ['sku'], properties: { sku: { type: 'string' }, qty: { type: 'integer' } } },
  },
})

describe('what a schema says of a value', () => {
  test.each([
    ['as asked', { id: 'o1', items: [{ sku: 'a', qty: 1 }], more: true }, undefined],
    ['without a field', { items: [] }, ''],
    ['of another type', { id: 1, items: [{ sku: 'a' }] }, '/id'],
    ['that does not match', { id: 'x1', items: [{ sku: 'a' }] }, '/id'],
    ['wrong far inside', { id: 'o1', items: [{ sku: 'a' }, { sku: 2 }] }, '/items/1/sku'],
    ['null', null, ''],
    ['nothing', undefined, ''],
  ])('%s', (_, value, place) => {
    expect(order(value)?.place).toBe(place)
  })

  test('a mismatch quotes nothing of the value', () => {
    expect(JSON.stringify(order({ id: 'tok_5EcR3t', items: [{ sku: 'a' }] }))).not.toContain('5EcR3t')
    const closed = checkOf({ type: 'object', additionalProperties: false })
    expect(closed({ tok_5EcR3t: 1 })?.message).not.toContain('5EcR3t')
  })

  test('names are own names', () => {
    const needs = checkOf({ type: 'object', required: ['constructor', '__proto__'] })
    expect(needs({})).toBeDefined()
    expect(needs(JSON.parse('{"constructor": 1, "__proto__": 2}'))).toBeUndefined()
  })

  test('two patterns of a schema are two patterns', () => {
    const check = checkOf({
      type: 'object',
      properties: { a: { type: 'string', pattern: '^a$' }, b: { type: 'string', pattern: '^b$' } },
    })
    expect(check({ a: 'a', b: 'b' })).toBeUndefined()
    expect(check({ a: 'b' })?.place).toBe('/a')
    expect(check({ b: 'a' })?.place).toBe('/b')
  })

  test('patterns take a time linear in the text', () => {
    const check = checkOf({ type: 'string', pattern: '^(a+)+$' })
    expect(check(`${'a'.repeat(100_000)}!`)).toBeDefined()
    expect(check('aaa')).toBeUndefined()
  })
})

describe('what is no schema here', () => {
  const wide = (depth: number): Record<string, unknown> =>
    Object.fromEntries(
      Array.from({ length: depth }, (_, index) => [
        `s${index}`,
        { anyOf: [{ $ref: `#/$defs/s${index + 1}` }, { $ref: `#/$defs/s${index + 1}` }] },
      ]),
    )

  test.each<[string, unknown, string]>([
    ['a list', [], 'object'],
    ['a text', 'string', 'object'],
    ['an unknown keyword', { typo: 1 }, 'typo'],
    ['an unknown type', { type: 'text' }, 'type'],
    ['a remote reference', { $ref: 'https://example.com/schema.json' }, '$ref'],
    ['a file', { $ref: 'file:///etc/passwd' }, '$ref'],
    ['another place in a remote one', { $ref: 'other.json#/a' }, '$ref'],
    ['a reference to nothing', { $ref: '#/$defs/absent' }, 'nothing at'],
    ['a circle', { properties: { a: { $ref: '#' } } }, 'circle'],
    [
      'a longer circle',
      { $ref: '#/$defs/a', $defs: { a: { not: { $ref: '#/$defs/b' } }, b: { not: { $ref: '#/$defs/a' } } } },
      'circle',
    ],
    ['a moving reference', { properties: { a: { $dynamicRef: '#x' } } }, '$dynamicRef'],
    ['an id inside', { properties: { a: { $id: 'https://example.com/' } } }, '$id'],
    ['another dialect', { $schema: 'http://example.com/dialect' }, 'schema'],
    ['doubling references', { $ref: '#/$defs/s0', $defs: { ...wide(30), s30: {} } }, 'too much work'],
    ['a long list compared pairwise', { type: 'array', uniqueItems: true }, 'uniqueItems'],
    ['a pattern that is none', { type: 'string', pattern: '(' }, ''],
    ['a pattern that looks ahead', { type: 'string', pattern: '(?=a)' }, ''],
    ['a pattern with many states', { type: 'string', pattern: 'a{1000}' }, 'repeats too much'],
    ['too large', { description: 'x'.repeat(40_000) }, '32 KiB'],
  ])('%s', (_, schema, message) => {
    const compilation = compileJsonSchema(schema)
    if (compilation.ok) throw new Error('it was accepted')
    expect(compilation.message).toContain(message)
  })

  test('a schema nested beyond measure is refused and ends nothing', () => {
    let schema: unknown = {}
    for (let depth = 0; depth < 3000; depth++) schema = { not: schema }
    expect(compileJsonSchema(schema).ok).toBe(false)
  })
})
