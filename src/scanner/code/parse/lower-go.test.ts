import { beforeAll, expect, test } from 'vitest'
import { type Grammars, loadGrammars } from './grammars.ts'
import type { ClassIr, FunctionIr, Module, Statement } from './ir.ts'
import { parseModule } from './parse-module.ts'

let grammars: Grammars
beforeAll(async () => {
  grammars = await loadGrammars(new Set(['go']))
})

function lowered(text: string): Module {
  const outcome = parseModule(grammars, text, 'main.go', () => 0)
  if (outcome.is !== 'module') throw new Error(outcome.why)
  return outcome.module
}

/** The statements of `func f() { … }`. */
function body(statements: string): readonly Statement[] {
  return fn(lowered(`package p\nfunc f() {\n${statements}\n}`), 'f').body
}

function fn(module: Module, name: string): FunctionIr {
  const found = module.body.find((one) => one.kind === 'function' && one.fn.name === name)
  if (found?.kind !== 'function') throw new Error(`no function ${name}`)
  return found.fn
}

function cls(module: Module, name: string): ClassIr {
  const found = module.body.find((one) => one.kind === 'class' && one.cls.name === name)
  if (found?.kind !== 'class') throw new Error(`no type ${name}`)
  return found.cls
}

test('several results are a list, and the error among them is known as one', () => {
  expect(body('body, err := io.ReadAll(r.Body)')).toMatchObject([
    { kind: 'assign', target: { kind: 'list', items: [{ name: 'body' }, { name: 'err', holds: 'failure' }] } },
  ])
  expect(body('v, ok := m[k]')).toMatchObject([
    { target: { items: [{ name: 'v' }, { name: 'ok', holds: 'success' }] } },
  ])
  expect(body('return nil, err')).toMatchObject([{ kind: 'return', value: { kind: 'list', items: [{}, {}] } }])
  expect(body('a, b := b, a')).toHaveLength(2)
})

test('what a call may fill is said of its argument', () => {
  expect(body('json.Unmarshal(body, &event)')).toMatchObject([
    { value: { kind: 'call', args: [{}, { out: { kind: 'name', name: 'event' } }] } },
  ])
  expect(body('save(&Event{ID: id})')).toMatchObject([{ value: { args: [{ value: { isNew: true } }] } }])
})

test('conversions, pointers and lengths keep what they are of', () => {
  expect(body('x := []byte(string(*s))')).toMatchObject([{ value: { kind: 'name', name: 's' } }])
  expect(body('n := len(s)')).toMatchObject([{ value: { kind: 'member', property: 'length' } }])
})

test('methods belong to their type, in this file or as a part of one elsewhere', () => {
  const module = lowered(
    'package p\ntype T struct { *Base; Name string }\nfunc (t *T) A(w http.ResponseWriter) {}\nfunc (o Other) B() {}',
  )
  expect(cls(module, 'T')).toMatchObject({
    bases: [{ name: 'Base' }],
    methods: [{ name: 'A', receiver: 't', params: [{ annotation: { kind: 'member', property: 'ResponseWriter' } }] }],
  })
  expect(cls(module, 'Other')).toMatchObject({ partial: true, methods: [{ name: 'B', receiver: 'o' }] })
})

test('switches without a subject are conditions, deferred calls run last and are not lowered', () => {
  expect(body('switch { case a: f(); case b, c: g(); default: h() }')).toMatchObject([
    { kind: 'if', then: [{}], otherwise: [{ kind: 'if', test: { operator: 'or' }, otherwise: [{}] }] },
  ])
  expect(body('switch k := x; k { default: f(); case "a": g() }').at(-1)).toMatchObject({
    kind: 'switch',
    cases: [{ tests: [{ value: 'a' }] }, { tests: [] }],
  })
  expect(body('defer r.Body.Close()')).toEqual([])
})

test('imports have the name of their package, whatever the path ends in', () => {
  const { imports } = lowered(
    'package p\nimport (\n "github.com/labstack/echo/v4"\n svix "github.com/svix/svix-webhooks/go"\n _ "x/y"\n "github.com/stripe/stripe-go/v76"\n)',
  )
  const locals = imports.map(({ local }) => local)
  expect(locals).toEqual(expect.arrayContaining(['echo', 'svix', 'stripe']))
  expect(locals).not.toContain('_')
})

test.each([
  ['nothing', ''],
  ['no package', 'func f( {'],
  ['an open string', 'package p\nfunc f() { x := "a\n }\nfunc g() {}'],
  ['bytes', '\u0000\u0001\u0002'],
])('%s is read as far as it goes', (_, text) => {
  expect(() => lowered(text)).not.toThrow()
})

test('a file nested deeper than hand writes is refused', () => {
  const text = `package p\nvar x = ${'('.repeat(2000)}1${')'.repeat(2000)}`
  expect(parseModule(grammars, text, 'main.go', () => 0)).toMatchObject({ is: 'refused' })
})
