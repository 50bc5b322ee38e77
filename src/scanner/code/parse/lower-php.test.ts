import { expect, test } from 'vitest'
import { loadGrammars } from './grammars.ts'
import type { Module } from './ir.ts'
import { parseModule } from './parse-module.ts'

const grammars = await loadGrammars(new Set(['php']))

function read(text: string): Module {
  const outcome = parseModule(grammars, text.startsWith('<') ? text : `<?php ${text}`, 'a.php', () => 0)
  if (outcome.is === 'refused') throw new Error(outcome.why)
  return outcome.module
}

test.each([
  ['$a = $b . "x$c";', { kind: 'assign', target: { name: '$a' }, value: { kind: 'template' } }],
  ['$a ?: abort(1);', { kind: 'expression', value: { kind: 'binary', operator: 'or' } }],
  ['$x = $a ?? throw new E();', { kind: 'assign', value: { operator: '??', right: { callee: { name: 'throw' } } } }],
  [
    'if ($a !== $b) { exit; }',
    { kind: 'if', test: { operator: '!=' }, then: [{ value: { callee: { name: 'exit' } } }] },
  ],
  ['empty($a);', { kind: 'expression', value: { kind: 'unary', operator: 'not' } }],
  ['isset($a["k"]);', { kind: 'expression', value: { operator: '!=', left: { kind: 'index' } } }],
  ['$a[] = 1;', { kind: 'expression', value: { callee: { property: 'push' } } }],
  ["define('K', 1);", { kind: 'assign', target: { name: 'K' } }],
  ['[$a, $b] = $c;', { kind: 'assign', target: { kind: 'list' } }],
  ["['k' => $a] = $c;", { kind: 'assign', target: { kind: 'object', entries: [{ key: 'k' }] } }],
  ['$o?->p->q(1, n: 2);', { kind: 'expression', value: { callee: { property: 'q' }, args: [{}, { name: 'n' }] } }],
  ['A\\B::c();', { kind: 'expression', value: { callee: { object: { name: 'A\\B' }, property: 'c' } } }],
  ['X::class;', { kind: 'expression', value: { kind: 'name', name: 'X' } }],
  ['foreach ($a as $v) {}', { kind: 'loop', target: { name: '$v' } }],
  ['match(true) { $a => 1, default => 2 };', { kind: 'expression', value: { kind: 'conditional' } }],
])('%s', (text, expected) => {
  expect(read(text).body[0]).toMatchObject(expected)
})

test('a class has its traits and parent as bases, promoted parameters as fields that are assigned', () => {
  const [cls] = read(
    `class X extends Y { use T; const K = 'k'; public function __construct(private string $secret) {} #[Route('/x')] function go(Request $r) {} }`,
  ).body
  expect(cls).toMatchObject({
    cls: {
      bases: [{ name: 'T' }, { name: 'Y' }],
      fields: [{ name: 'K', isStatic: true }],
      methods: [
        { name: 'constructor', body: [{ kind: 'assign', target: { kind: 'place' } }] },
        { name: 'go', params: [{ annotation: { name: 'Request' } }], decorators: [{ kind: 'call' }] },
      ],
    },
  })
})

test('use, require and what a file returns are imports and exports', () => {
  const module = read(`use A\\B\\{C, D as E}; require __DIR__ . '/../c.php'; return ['k' => 1];`)
  expect(module.imports.map(({ local, source }) => `${local} ${source}`)).toEqual([
    'C A\\B\\C',
    'E A\\B\\D',
    '* ./../c.php',
  ])
  expect(module.exports).toMatchObject([{ name: 'default', value: { kind: 'object' } }])
})

test.each([
  ['empty', ''],
  ['html alone', '<p>no code</p>'],
  ['broken', '<?php class { function ( $x => { if ( }'],
])('a file that is %s is read without an exception', (_, text) => {
  expect(read(text).language).toBe('php')
})

test('nesting deeper than any hand-written file is refused', () => {
  expect(parseModule(grammars, `<?php ${'['.repeat(3000)}${']'.repeat(3000)};`, 'a.php', () => 0).is).toBe('refused')
})
