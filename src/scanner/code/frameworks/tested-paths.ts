/**
 * Routes of servers without a router: the addresses and methods that a handler compares the request with.
 *
 * `if (req.method === 'POST' && req.url === '/hook')`, its negation with an early return, `switch (pathname)` and
 * `startsWith` are read; what the analysis then does with the request's address is its own business.
 */
import type { Expression, FunctionIr, Module, Statement } from '../parse/ir.ts'
import { literalText, pathOf, walkExpression } from '../parse/walk.ts'
import type { Project } from './framework.ts'

export interface TestedPath {
  readonly path: string
  readonly methods: readonly string[]
}

const METHOD = /^(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)$/

export function testedPaths(fn: FunctionIr, module: Module, project: Project): readonly TestedPath[] {
  const seen = new Map<string, Set<string>>()
  const methods = new Set<string>()
  const visited = new Set<FunctionIr>()
  const enter = (one: FunctionIr, where: Module, hops: number): void => {
    if (visited.has(one) || hops > 2) return
    visited.add(one)
    read(one.body, undefined, where, hops)
  }
  const condition = (test: Expression, outer: string | undefined, where: Module, hops: number): string | undefined => {
    const found = literalsIn(test)
    for (const method of found.methods) methods.add(method)
    const [method] = found.methods.length === 1 ? found.methods : []
    for (const path of found.paths) {
      const known = seen.get(path) ?? new Set<string>()
      seen.set(path, known)
      for (const one of found.methods.length > 0 ? found.methods : outer === undefined ? [] : [outer]) known.add(one)
    }
    calls(test, where, hops)
    return method
  }
  const calls = (value: Expression, where: Module, hops: number): void => {
    walkExpression(value, {
      call: (call) => {
        if (call.callee.kind !== 'name' || call.args.length === 0 || call.args.length > 4) return
        if (!call.args.some((arg) => arg.value.kind === 'name' && REQUEST.test(arg.value.name))) return
        const declaration = project.program.declaration(where, call.callee.name)
        if (declaration?.kind === 'function') enter(declaration.fn, declaration.module, hops + 1)
        else if (declaration?.kind === 'value' && declaration.value.kind === 'lambda')
          enter(declaration.value.fn, declaration.module, hops + 1)
      },
    })
  }
  const read = (body: readonly Statement[], outer: string | undefined, where: Module, hops: number): void => {
    for (const statement of body) {
      switch (statement.kind) {
        case 'if': {
          const method = condition(statement.test, outer, where, hops) ?? outer
          read(statement.then, method, where, hops)
          read(statement.otherwise, outer, where, hops)
          break
        }
        case 'switch': {
          const onPath = isAddress(statement.on)
          for (const one of statement.cases) {
            const texts = one.tests.flatMap((test) => literalText(test) ?? [])
            for (const text of texts) {
              const parts = /^(?:([A-Z]+) )?(\/.*)$/.exec(text)
              if (parts?.[2] !== undefined && (onPath || parts[1] !== undefined)) {
                const known = seen.get(parts[2]) ?? new Set<string>()
                seen.set(parts[2], known)
                if (parts[1] ?? outer) known.add(parts[1] ?? outer ?? '')
              }
              if (METHOD.test(text)) methods.add(text)
            }
            const [text] = texts
            read(one.body, text !== undefined && METHOD.test(text) ? text : outer, where, hops)
          }
          break
        }
        case 'try':
          read(statement.body, outer, where, hops)
          for (const handler of statement.handlers) read(handler.body, outer, where, hops)
          read(statement.last, outer, where, hops)
          break
        case 'block':
        case 'loop':
        case 'with':
          read(statement.body, outer, where, hops)
          break
        case 'return':
        case 'expression':
        case 'assign': {
          const { value } = statement
          if (value?.kind === 'conditional') condition(value.test, outer, where, hops)
          if (value !== undefined) calls(value, where, hops)
          break
        }
        default:
      }
    }
  }
  enter(fn, module, 0)
  const [only] = methods.size === 1 ? methods : []
  return [...seen].map(([path, own]) => ({
    path,
    methods: own.size > 0 ? [...own] : only === undefined ? [] : [only],
  }))
}

const REQUEST = /^(?:req|request|r|event|ctx)$/i

function isAddress(value: Expression): boolean {
  return /(?:^|\.)(?:url|path|pathname|originalUrl|rawPath|route)$/i.test(addressOf(value))
}

/** The address may have been made of others first: `req.url.split('?')[0]`, `new URL(…).pathname`, `(x || '').path`. */
function addressOf(value: Expression): string {
  if (value.kind === 'index') return addressOf(value.object)
  if (value.kind === 'call' && value.callee.kind === 'member') return addressOf(value.callee.object)
  if (value.kind === 'binary') return addressOf(value.left)
  if (value.kind === 'member' && value.property === 'pathname') return 'pathname'
  return pathOf(value)
}

function literalsIn(test: Expression): { readonly paths: readonly string[]; readonly methods: readonly string[] } {
  const paths: string[] = []
  const methods: string[] = []
  const look = (value: Expression): void => {
    if (value.kind === 'binary') {
      const text = literalText(value.right) ?? literalText(value.left)
      const subject = literalText(value.right) === undefined ? value.right : value.left
      if ((value.operator === '==' || value.operator === '!=') && text !== undefined) {
        if (text.startsWith('/') && isAddress(subject)) paths.push(text)
        if (METHOD.test(text) && /method/i.test(pathOf(subject))) methods.push(text)
        return
      }
      look(value.left)
      look(value.right)
      return
    }
    if (value.kind === 'unary') return look(value.operand)
    if (value.kind !== 'call' || value.callee.kind !== 'member') return
    const [first] = value.args
    const text = literalText(first?.value)
    if (/^(?:startsWith|endsWith|includes)$/.test(value.callee.property)) {
      if (text?.startsWith('/') === true && text.length > 1 && isAddress(value.callee.object)) paths.push(text)
      return
    }
    if (value.callee.property === 'test' && value.callee.object.kind === 'regex' && first !== undefined) {
      const source = value.callee.object.source.replace(/^\^|\\|\$$|\(\?:.*$/g, '')
      if (source.startsWith('/') && isAddress(first.value)) paths.push(source)
    }
  }
  look(test)
  return { paths, methods }
}
