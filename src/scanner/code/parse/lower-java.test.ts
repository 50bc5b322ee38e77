import { beforeAll, expect, test } from 'vitest'
import { type Grammars, loadGrammars } from './grammars.ts'
import type { ClassIr, Module, Statement } from './ir.ts'
import { parseModule } from './parse-module.ts'

let grammars: Grammars
beforeAll(async () => {
  grammars = await loadGrammars(new Set(['java']))
})

function lowered(text: string): Module {
  const outcome = parseModule(grammars, text, 'A.java', () => 0)
  if (outcome.is !== 'module') throw new Error(outcome.why)
  return outcome.module
}

function cls(module: Module, name: string): ClassIr {
  const found = module.body.find((one) => one.kind === 'class' && one.cls.name === name)
  if (found?.kind !== 'class') throw new Error(`no class ${name}`)
  return found.cls
}

/** The statements of a method of a class with a field `secret`, a method `check` and a nested class. */
function body(statements: string): readonly Statement[] {
  const module = lowered(`class A { String secret; boolean check(String s) { return true; }
    void m(String local) { ${statements} } }`)
  return cls(module, 'A').methods.find(({ name }) => name === 'm')?.body ?? []
}

test('what is written without an object belongs to this, unless it is local', () => {
  expect(body('check(secret);')).toMatchObject([
    {
      value: {
        callee: { kind: 'member', object: { name: 'this' }, property: 'check' },
        args: [{ value: { object: { name: 'this' }, property: 'secret' } }],
      },
    },
  ])
  expect(body('String secret = local; check(secret);').at(-1)).toMatchObject({
    value: { args: [{ value: { kind: 'name', name: 'secret' } }] },
  })
})

test('a nested class stands beside the outer one and names its fields through it', () => {
  const module = lowered('class A { Limits limits; class B { void m() { limits.take(); } } }')
  expect(cls(module, 'B').methods[0]?.body).toMatchObject([
    { value: { callee: { object: { object: { name: 'A' }, property: 'limits' } } } },
  ])
})

test('annotations are calls, with named and nameless arguments', () => {
  const module = lowered(
    '@RestController @RequestMapping(path = {"/a", "/b"}) class A { @Value("x.y") String s; void m(@RequestBody byte[] b) {} }',
  )
  expect(cls(module, 'A')).toMatchObject({
    decorators: [
      { callee: { name: 'RestController' }, args: [] },
      { callee: { name: 'RequestMapping' }, args: [{ name: 'path', value: { kind: 'list' } }] },
    ],
    fields: [{ name: 's', decorators: [{ args: [{ value: { value: 'x.y' } }] }] }],
    methods: [{ params: [{ annotation: { name: 'bytes' }, decorators: [{ callee: { name: 'RequestBody' } }] }] }],
  })
})

test('records have a constructor, interfaces and abstract methods have nothing to follow', () => {
  const module = lowered(
    'record R(String a, int b) {} interface I { void x(); } abstract class C { abstract void y(); }',
  )
  expect(cls(module, 'R').methods).toMatchObject([{ name: 'constructor', params: [{}, {}], body: [{}, {}] }])
  expect(cls(module, 'C').methods).toEqual([])
  expect(module.body).toHaveLength(2)
})

test('a switch that is a value is a function called at once', () => {
  expect(body('var y = switch (local) { case "a" -> 1; default -> throw new X(); };')).toMatchObject([
    {
      value: {
        kind: 'call',
        callee: {
          kind: 'lambda',
          fn: { body: [{ kind: 'switch', cases: [{ body: [{ kind: 'return' }] }, { tests: [] }] }] },
        },
      },
    },
  ])
})

test('try with resources, several exception types and text blocks are read', () => {
  expect(body('try (var r = open()) { f(); } catch (IOException | X e) { g(); } finally { h(); }')).toMatchObject([
    {
      kind: 'try',
      body: [{ kind: 'with', items: [{ target: { name: 'r' } }] }],
      handlers: [{ types: [{ name: 'IOException' }, { name: 'X' }], target: { name: 'e' } }],
      last: [{}],
    },
  ])
  expect(body('String s = """\n  select *\n    from t""";')).toMatchObject([{ value: { value: 'select *\n  from t' } }])
})

test.each([
  ['nothing', ''],
  ['half a class', 'class A { void m( {'],
  ['bytes', '\u0000\u0001\u0002'],
])('%s is read as far as it goes', (_, text) => {
  expect(() => lowered(text)).not.toThrow()
})

test('a file nested deeper than hand writes is refused', () => {
  const text = `class A { int x = ${'('.repeat(2000)}1${')'.repeat(2000)}; }`
  expect(parseModule(grammars, text, 'A.java', () => 0)).toMatchObject({ is: 'refused' })
})
