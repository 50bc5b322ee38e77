import { expect, test } from 'vitest'
import { loadGrammars } from './grammars.ts'
import type { Module, Statement } from './ir.ts'
import { parseModule } from './parse-module.ts'
import { BLOCK, pathOf } from './walk.ts'

const grammars = await loadGrammars(new Set(['ruby']))

function read(text: string): Module {
  const outcome = parseModule(grammars, text, 'a.rb', () => 0)
  if (outcome.is === 'refused') throw new Error(outcome.why)
  return outcome.module
}

/** The body of the one method in the text. */
function bodyOf(text: string): readonly Statement[] {
  const [statement] = read(`def m\n${text}\nend`).body
  return statement?.kind === 'function' ? statement.fn.body : []
}

function kinds(text: string): readonly string[] {
  return bodyOf(text).map(({ kind }) => kind)
}

test('the last expression is what a method returns, on each way through', () => {
  expect(kinds('a\nb')).toEqual(['expression', 'return'])
  const [chosen] = bodyOf('if a then b else c end')
  expect(chosen).toMatchObject({ kind: 'if', then: [{ kind: 'return' }], otherwise: [{ kind: 'return' }] })
  const [tried] = bodyOf('a\nrescue B => e\nc')
  expect(tried).toMatchObject({ kind: 'try', body: [{ kind: 'return' }], handlers: [{ body: [{ kind: 'return' }] }] })
})

test('a bare word is a call until it has been assigned', () => {
  const [first, , last] = bodyOf('x\nx = 1\nx')
  expect(first).toMatchObject({ value: { kind: 'call', callee: { kind: 'name', name: 'x' } } })
  expect(last).toMatchObject({ value: { kind: 'name', name: 'x' } })
})

test.each([
  ['return if a', 'a'],
  ['head(:x) and return', 'head()'],
])('%s leaves on a condition', (text, test_) => {
  const [one] = bodyOf(`${text}\nb`)
  expect(one).toMatchObject({ kind: 'if', then: [{ kind: 'return' }] })
  expect(one?.kind === 'if' ? pathOf(one.test).replace(/^a\(\)$/, 'a') : '').toBe(test_)
})

test('return in a block leaves the method, next only the block', () => {
  const [call] = bodyOf('items.each do |item|\nnext if item\nreturn 1\nend')
  const block =
    call?.kind === 'return' && call.value?.kind === 'call'
      ? call.value.args.find(({ name }) => name === BLOCK)
      : undefined
  const body = block?.value.kind === 'lambda' ? block.value.fn.body : []
  expect(body).toMatchObject([
    { kind: 'if', then: [{ kind: 'return' }] },
    { kind: 'return', outer: true },
  ])
  expect(JSON.stringify(body[0])).not.toContain('"outer"')
})

test('classes lie flat under their full names, with their mixins as bases and what their bodies call', () => {
  const { body } = read(`module A
  class B::C < D
    include E
    before_action :verify, only: :create
    KEY = ENV["X"]
    def self.go(a) = a
    class F; end
  end
end`)
  expect(body.map((one) => (one.kind === 'class' ? one.cls.name : one.kind))).toEqual([
    'A',
    'A::B::C',
    'assign',
    'A::B::C::F',
  ])
  const [, cls] = body
  expect(cls).toMatchObject({
    cls: {
      bases: [{ name: 'E' }, { name: 'D' }],
      methods: [{ name: 'go' }],
      decorators: [{ callee: { name: 'include' } }, { callee: { name: 'before_action' } }],
    },
  })
})

test.each([
  ['5.minutes', { kind: 'literal', value: 300 }],
  ['x.nil?', { kind: 'binary', operator: '==' }],
  ['x.blank?', { kind: 'unary', operator: 'not' }],
  ['a = b rescue c', undefined],
  ['"a#{b}"', { kind: 'template' }],
  ['<<~T\nhi #{x}\nT', { kind: 'template' }],
  ['%i[a b]', { kind: 'list', items: [{ value: 'a' }, { value: 'b' }] }],
  ['{ a: 1, "b" => 2, c: }', { kind: 'object', entries: [{ key: 'a' }, { key: 'b' }, { key: 'c' }] }],
  ['A::B.new(1)', { kind: 'call', isNew: true, callee: { kind: 'name', name: 'A::B' } }],
])('%s', (text, expected) => {
  const [one] = bodyOf(text)
  if (expected === undefined) expect(one?.kind).toBe('try')
  else expect(one).toMatchObject({ kind: 'return', value: expected })
})

test.each([
  ['empty', ''],
  ['broken', 'class A\n  def m(\n end end }} post "/x" do'],
  ['binary', '\u0000\u0001\uFFFF'],
])('a file that is %s is read without an exception', (_, text) => {
  expect(read(text).language).toBe('ruby')
})

test('nesting deeper than any hand-written file is refused', () => {
  expect(parseModule(grammars, `${'['.repeat(3000)}${']'.repeat(3000)}`, 'a.rb', () => 0).is).toBe('refused')
})
