/**
 * Every call and assignment of the Go code at hand, and what a registration in it can be asked: the names around it,
 * the packages that its module imports.
 */
import type { CallExpression, Expression, FunctionIr, Module, Statement } from '../parse/ir.ts'
import { type Inside, literalText, positional, walk } from '../parse/walk.ts'
import type { Framework } from '../surface.ts'
import type { Project } from './framework.ts'

export interface Call {
  readonly call: CallExpression
  readonly property: string
  readonly object: Expression | undefined
  readonly inside: Inside
  readonly module: Module
}

export type At = Pick<Call, 'module' | 'inside' | 'call'>

export interface Index {
  readonly calls: readonly Call[]
  /** Assignments by the last name of their target: `r`, `router` of `s.router`. */
  readonly assigned: ReadonlyMap<string, readonly { value: Expression; module: Module; inside: Inside }[]>
}

const indexes = new WeakMap<Project['program'], { modules: readonly Module[]; index: Index }>()

export function indexOf(project: Project): Index {
  const known = indexes.get(project.program)
  if (known !== undefined && known.modules === project.modules) return known.index
  const calls: Call[] = []
  const assigned = new Map<string, { value: Expression; module: Module; inside: Inside }[]>()
  const assign = (name: string, value: Expression, module: Module, inside: Inside): void => {
    const list = assigned.get(name) ?? []
    assigned.set(name, list)
    list.push({ value, module, inside })
  }
  for (const module of project.modules) {
    if (module.language !== 'go') continue
    walk(module, {
      call: (call, inside) => {
        const { callee } = call
        calls.push({
          call,
          property: callee.kind === 'member' ? callee.property : callee.kind === 'name' ? callee.name : '',
          object: callee.kind === 'member' ? callee.object : undefined,
          inside,
          module,
        })
        if (callee.kind === 'member' && callee.property === 'Methods' && callee.object.kind === 'call')
          chained.set(
            callee.object,
            positional(call).flatMap((arg) => methodText(arg) ?? []),
          )
        if (call.isNew)
          for (const arg of call.args) if (arg.name !== undefined) assign(`.${arg.name}`, arg.value, module, inside)
      },
      assign: (target, value, inside) => {
        if (target.kind === 'name') assign(target.name, value, module, inside)
        if (target.kind === 'place' && target.target.kind === 'member')
          assign(`.${target.target.property}`, value, module, inside)
      },
    })
  }
  const index: Index = { calls, assigned }
  indexes.set(project.program, { modules: project.modules, index })
  return index
}

export function methodText(value: Expression | undefined): string | undefined {
  const text = literalText(value)
  if (text !== undefined) return /^[A-Z]+$/.test(text) ? text : undefined
  return value?.kind === 'member' ? /^Method(\w+)$/.exec(value.property)?.[1]?.toUpperCase() : undefined
}

/** `mux.HandleFunc("/x", h).Methods("POST")`: the call stands around the registration. */
const chained = new WeakMap<CallExpression, readonly string[]>()
export function methodsAfter({ call }: Call): readonly string[] {
  return chained.get(call) ?? []
}

/** Packages by what their import path holds, most telling first. */
const PACKAGES: readonly (readonly [RegExp, Framework])[] = [
  [/gin-gonic\/gin/, 'gin'],
  [/labstack\/echo/, 'echo'],
  [/gofiber\/fiber/, 'fiber'],
  [/go-chi\/chi/, 'chi'],
  [/gorilla\/mux/, 'gorilla/mux'],
]

export function frameworkOf(module: Module): Framework | undefined {
  const found = PACKAGES.find(([pattern]) => module.imports.some(({ source }) => pattern.test(source)))
  if (found !== undefined) return found[1]
  return module.imports.some(({ source }) => source === 'net/http') ? 'net/http' : undefined
}

export function sameFolder(a: Module, b: Module): boolean {
  return a.file.slice(0, a.file.lastIndexOf('/')) === b.file.slice(0, b.file.lastIndexOf('/'))
}

/** The last assignment to a name before the registration, in the function or its blocks. */
export function assignedIn(body: readonly Statement[], name: string, before: CallExpression): Expression | undefined {
  let found: Expression | undefined
  for (const statement of body) {
    if (statement.at.line > before.at.line) break
    if (statement.kind === 'assign') {
      const { target, value } = statement
      if (target.kind === 'name' && target.name === name && !containsCall(value, before)) found = value
      if (target.kind === 'list' && target.items[0]?.kind === 'name' && target.items[0].name === name) found = value
    }
    const inner =
      statement.kind === 'if'
        ? [...statement.then, ...statement.otherwise]
        : statement.kind === 'block' || statement.kind === 'loop'
          ? statement.body
          : []
    found = assignedIn(inner, name, before) ?? found
  }
  return found
}

function containsCall(value: Expression, call: CallExpression): boolean {
  return value === call
}

export function localValue(name: string, at: At): Expression | undefined {
  for (const fn of [...at.inside.functions].reverse()) {
    const found = assignedIn(fn.body, name, at.call)
    if (found !== undefined) return found
  }
  return undefined
}

export function methodsNamed(
  name: string,
  modules: readonly Module[],
): readonly { fn: FunctionIr; module: Module; owner: string }[] {
  return modules.flatMap((module) =>
    module.body.flatMap((statement) =>
      statement.kind === 'class'
        ? statement.cls.methods
            .filter((method) => method.name === name)
            .map((fn) => ({ fn, module, owner: statement.cls.name }))
        : [],
    ),
  )
}
