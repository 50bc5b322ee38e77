import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { ManifestNode } from './node.ts'
import { readFast } from './read-fast.ts'
import { readFully } from './read-yaml.ts'
import { reviewInit } from './starter.ts'

/** Where a null stands that nobody wrote is a matter of taste. */
function comparable(node: ManifestNode): unknown {
  if (node.kind === 'scalar') return node.value === null ? null : [node.value, node.at.line, node.at.column]
  if (node.kind === 'list') return { at: [node.at.line, node.at.column], items: node.items.map(comparable) }
  return {
    at: [node.at.line, node.at.column],
    entries: node.entries.map((entry) => [entry.key, entry.keyAt.line, entry.keyAt.column, comparable(entry.value)]),
  }
}

function sameAsLibrary(text: string): boolean {
  const fast = readFast(text, 'f')
  if (fast === undefined || fast.length === 0) return false
  const full = readFully(text, 'f')
  expect(full.problems, text).toEqual([])
  expect(fast.map(comparable), text).toEqual(full.documents.map(comparable))
  return true
}

const scalar = fc.oneof(
  fc.constantFrom(
    'true',
    'no',
    '~',
    'null',
    '',
    '0x10',
    '1e3',
    '.5',
    '-',
    '- a',
    'a: b',
    'a #b',
    '#',
    '*',
    '100/min',
    'https://a.example:8080/x',
    "it's",
    '"q"',
    '[a]',
    'a, b',
    '2026-01-01',
    ' lead',
    'a\nb',
    'a\\b',
    'é',
    '@x',
    '-1',
    '007',
    'Infinity',
    '.inf',
    'k:',
    '%x',
    '`',
    '!t',
    '&a',
    '|',
    '>',
    '? x',
  ),
  fc.string({ maxLength: 8 }),
  // Text that the library writes as a block, literal or folded.
  fc
    .array(
      fc.constantFrom('a', 'some words of a sentence', '', ' deeper', '- item', 'k: v', '# no comment', "it's", 'x  '),
      {
        maxLength: 6,
      },
    )
    .map((lines) => lines.join('\n')),
  fc
    .array(fc.constantFrom('word', 'of', 'text', 'that:goes', 'on', '(and', 'on)'), { maxLength: 30 })
    .map((words) => words.join(' ')),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }),
)
const key = fc.oneof(
  { weight: 5, arbitrary: fc.stringMatching(/^[a-z_][a-z0-9_-]{0,6}$/) },
  { weight: 1, arbitrary: fc.string({ maxLength: 5 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '/a/{id}',
      '/a:b',
      '200',
      '4XX',
      '007',
      '1e3',
      '0x1',
      'null',
      'True',
      'application/json',
      'a b',
      'a  b',
      '$ref',
      'x-y',
      'a#b',
      'a, b',
      '-1',
    ),
  },
)
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

describe('the quick reader', () => {
  test('reads every fixture as the library does, or leaves it to it', () => {
    const folder = 'test/fixtures/manifests'
    const texts = readdirSync(folder)
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => readFileSync(`${folder}/${file}`, 'utf8'))
    const taken = [...texts, reviewInit()].filter(sameAsLibrary)
    // Anchors are not for it; all the others are.
    expect(taken).toHaveLength(texts.length)
  })

  test('reads every description as the library does, and most of them itself', () => {
    const texts = readdirSync('test/fixtures/specs', { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(?:yaml|json)$/.test(file))
      .map((file) => readFileSync(`test/fixtures/specs/${file}`, 'utf8'))
    const taken = texts.filter(sameAsLibrary)
    expect(taken.length / texts.length).toBeGreaterThan(0.5)
  })

  test.each([
    ['block style', (value: unknown) => stringify(value, { lineWidth: 0 })],
    ['flow style', (value: unknown) => stringify(value, { collectionStyle: 'flow', lineWidth: 0 })],
    [
      'flow inside block',
      (value: unknown) => stringify({ a: value, b: [value] }, { lineWidth: 0 }).replace(/\n$/, ' # end\n'),
    ],
    ['folded lines', (value: unknown) => stringify(value, { lineWidth: 20 })],
    ['literal blocks', (value: unknown) => stringify({ a: value, b: [value] }, { blockQuote: 'literal' })],
    ['pretty JSON', (value: unknown) => JSON.stringify(value, null, 2)],
    ['JSON', (value: unknown) => JSON.stringify({ value })],
  ])('agrees with the library on whatever the library writes: %s', (_, write) => {
    fc.assert(
      fc.property(tree, (value) => void sameAsLibrary(write(value))),
      { numRuns: 300 },
    )
  })

  test('agrees with the library on scraps of YAML', () => {
    const scrap = fc.constantFrom(
      'a:',
      'b: 1',
      '- x',
      '-',
      '  - y',
      '  c: [1, 2',
      ']',
      '{d: e}',
      ' # c',
      '---',
      '\n',
      '  ',
      'k: v: w',
      '"q": \'r\'',
      "s: 'it''s'",
      't: "a\\tb"',
      'u: &x 1',
      '- - z',
      '- m: n',
      '  o: p',
      'f: {g: , h: i}',
      'j: [a b, c:d]',
      'l: -1',
      'x: - y',
      'y: ?',
      'z: [-a, - b]',
      '/a/{b}: |',
      'd: >-',
      '200:',
      'e: |-\n    two\n    lines',
      'g: >\n    two\n\n    lines\n     deeper',
      'h: plain text\n    that goes on',
      'more text',
      'a b: c',
    )
    fc.assert(
      fc.property(
        fc.array(fc.tuple(scrap, fc.constantFrom('\n', ' ', '\n  ', '\n    ')), { maxLength: 10 }),
        (parts) => {
          const text = parts.map(([one, gap]) => one + gap).join('')
          sameAsLibrary(text)
        },
      ),
      { numRuns: 3000 },
    )
  })
})
