/** What a name in Python code leads to, across modules, classes and dotted texts. */
import type { ClassIr, Expression, FunctionIr, Module, Statement } from '../parse/ir.ts'
import { type Inside, literalText } from '../parse/walk.ts'
import type { Declaration } from '../project/program.ts'
import type { Project } from './framework.ts'

/** `name`, `package.module.name` as written, or `'package.module.name'` as text. */
export function declarationOf(expression: Expression, module: Module, project: Project): Declaration | undefined {
  const text = literalText(expression)
  if (text !== undefined) return declarationAt(text, module, project)
  if (expression.kind === 'name') return project.program.declaration(module, expression.name)
  if (expression.kind !== 'member') return undefined
  const owner = declarationOf(expression.object, module, project)
  if (owner?.kind === 'module') return project.program.exported(owner.module, expression.property)
  return owner?.kind === 'outside' ? { kind: 'outside', ref: `${owner.ref}.${expression.property}` } : undefined
}

/** A text as written, from constants, or joined of both; what is not known of it is left out. */
export function pathText(
  value: Expression | undefined,
  module: Module,
  project: Project,
  hops = 0,
): string | undefined {
  const text = literalText(value)
  if (text !== undefined || value === undefined || hops > 4) return text
  switch (value.kind) {
    case 'name':
    case 'member': {
      const declaration = declarationOf(value, module, project)
      return declaration?.kind === 'value'
        ? pathText(declaration.value, declaration.module, project, hops + 1)
        : undefined
    }
    case 'template':
      return value.parts.map((part) => pathText(part, module, project, hops + 1) ?? '').join('')
    case 'binary': {
      const left = value.operator === '+' ? pathText(value.left, module, project, hops + 1) : undefined
      const right = value.operator === '+' ? pathText(value.right, module, project, hops + 1) : undefined
      return left === undefined && right === undefined ? undefined : `${left ?? ''}${right ?? ''}`
    }
    default:
      return undefined
  }
}

/** A function that a factory defines: `def setup(app): def hook(): …`. */
export function definedInside(name: string, { functions }: Inside): FunctionIr | undefined {
  for (const fn of [...functions].reverse()) {
    const found = definedIn(fn.body, name)
    if (found !== undefined) return found
  }
  return undefined
}

function definedIn(body: readonly Statement[], name: string): FunctionIr | undefined {
  for (const statement of body) {
    if (statement.kind === 'function' && statement.fn.name === name) return statement.fn
    const inner =
      statement.kind === 'if'
        ? [...statement.then, ...statement.otherwise]
        : statement.kind === 'try' || statement.kind === 'with'
          ? statement.body
          : []
    const found = definedIn(inner, name)
    if (found !== undefined) return found
  }
  return undefined
}

/** Settings and routes name code by text: `'shop.middleware.Signed'`. */
export function declarationAt(dotted: string, from: Module, project: Project): Declaration | undefined {
  const whole = moduleAt(dotted, from, project)
  if (whole !== undefined) return { kind: 'module', module: whole }
  const dot = dotted.lastIndexOf('.')
  if (dot < 0) return undefined
  const module = moduleAt(dotted.slice(0, dot), from, project)
  return module === undefined ? undefined : project.program.exported(module, dotted.slice(dot + 1))
}

export function moduleAt(dotted: string, from: Module, project: Project): Module | undefined {
  return /^[\w.]+$/.test(dotted) ? project.program.resolve(from, dotted) : undefined
}

export interface ClassInProject {
  readonly cls: ClassIr
  readonly module: Module
}

export interface Lineage {
  /** The class and its bases within the project, in the order in which Python looks for a method. */
  readonly classes: readonly ClassInProject[]
  /** Dotted names of the bases that lie outside. */
  readonly outside: readonly string[]
}

const MAX_BASES = 24

export function lineageOf(start: ClassInProject, project: Project): Lineage {
  const classes: ClassInProject[] = []
  const outside: string[] = []
  const visit = (one: ClassInProject): void => {
    if (classes.length >= MAX_BASES || classes.some(({ cls }) => cls === one.cls)) return
    classes.push(one)
    for (const base of one.cls.bases) {
      const plain = base.kind === 'index' ? base.object : base
      const declaration = declarationOf(plain, one.module, project)
      if (declaration?.kind === 'class') visit({ cls: declaration.cls, module: declaration.module })
      else outside.push(declaration?.kind === 'outside' ? declaration.ref : writtenName(plain))
    }
  }
  visit(start)
  return { classes, outside }
}

function writtenName(expression: Expression): string {
  if (expression.kind === 'name') return expression.name
  return expression.kind === 'member' ? `${writtenName(expression.object)}.${expression.property}` : ''
}

export function methodIn(
  { classes }: Lineage,
  name: string,
): { fn: ClassIr['methods'][number]; owner: ClassInProject } | undefined {
  for (const owner of classes) {
    const fn = owner.cls.methods.find((method) => method.name === name)
    if (fn !== undefined) return { fn, owner }
  }
  return undefined
}

export function fieldIn({ classes }: Lineage, name: string): { value: Expression; module: Module } | undefined {
  for (const { cls, module } of classes) {
    const field = cls.fields.find((one) => one.name === name)
    if (field?.value !== undefined) return { value: field.value, module }
  }
  return undefined
}

/** `[A, B]`, `(A, B)`, `[A] + OTHERS`. */
export function itemsOf(value: Expression | undefined, module: Module, project: Project): readonly Expression[] {
  if (value === undefined) return []
  if (value.kind === 'list') return value.items
  if (value.kind === 'binary' && value.operator === '+')
    return [...itemsOf(value.left, module, project), ...itemsOf(value.right, module, project)]
  if (value.kind === 'name') {
    const declaration = project.program.declaration(module, value.name)
    return declaration?.kind === 'value' && declaration.value.kind !== 'name'
      ? itemsOf(declaration.value, declaration.module, project)
      : []
  }
  return []
}
