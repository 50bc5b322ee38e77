/** The application, blueprint or router that a decorator or registration belongs to, and what it was made of. */

import type { CallExpression, Expression, Module } from '../parse/ir.ts'
import { type Inside, pathOf } from '../parse/walk.ts'
import type { Framework } from '../surface.ts'
import { importsFrom, type Project } from './framework.ts'
import { MADE_BY } from './python-limits.ts'

export interface Owner {
  readonly framework: Framework
  readonly name: string
  readonly module: Module
  readonly made: CallExpression | undefined
}

export function ownerOf(object: Expression, module: Module, project: Project, inside?: Inside): Owner | undefined {
  const name = pathOf(object).split('.').at(-1) ?? ''
  const local = object.kind === 'name' ? madeInside(object.name, inside) : undefined
  if (local !== undefined) {
    const framework = MADE_BY[pathOf(local.callee).split('.').at(-1) ?? '']
    if (framework !== undefined) return { framework, name, module, made: local }
  }
  const declaration = object.kind === 'name' ? project.program.declaration(module, object.name) : undefined
  if (declaration?.kind === 'value' && declaration.value.kind === 'call') {
    const maker = pathOf(declaration.value.callee).split('.').at(-1) ?? ''
    const framework = MADE_BY[maker]
    if (framework !== undefined) return { framework, name, module: declaration.module, made: declaration.value }
  }
  const framework = importsFrom(module, /^fastapi/)
    ? 'fastapi'
    : importsFrom(module, /^(?:flask|quart|apiflask)/)
      ? 'flask'
      : importsFrom(module, /^starlette/)
        ? 'starlette'
        : importsFrom(module, /^bottle$/)
          ? 'bottle'
          : undefined
  if (framework !== undefined)
    return { framework, name, module: declaration?.kind === 'value' ? declaration.module : module, made: undefined }
  return /app|router|api|bp|blueprint|web/i.test(name)
    ? { framework: 'fastapi', name, module, made: undefined }
    : undefined
}

/** What a factory makes is known within it. */
export function madeInside(name: string, inside: Inside | undefined): CallExpression | undefined {
  for (const fn of [...(inside?.functions ?? [])].reverse())
    for (const statement of fn.body)
      if (
        statement.kind === 'assign' &&
        statement.target.kind === 'name' &&
        statement.target.name === name &&
        statement.value.kind === 'call'
      )
        return statement.value
  return undefined
}
