/** What annotations and constants of Java say. */
import type { ClassIr, Expression, Module } from '../parse/ir.ts'
import { literalText, pathOf, positional } from '../parse/walk.ts'
import type { Project } from './framework.ts'

export interface Home {
  readonly cls: ClassIr
  readonly module: Module
  readonly project: Project
}

export const MAPPINGS: Readonly<Record<string, string | undefined>> = {
  PostMapping: 'POST',
  GetMapping: 'GET',
  PutMapping: 'PUT',
  PatchMapping: 'PATCH',
  DeleteMapping: 'DELETE',
  RequestMapping: undefined,
}

export function nameOf(decorator: Expression): string {
  return decorator.kind === 'call' ? pathOf(decorator.callee) : ''
}

export function annotated(decorators: readonly Expression[], ...names: readonly string[]): Expression | undefined {
  return decorators.find((one) => names.includes(nameOf(one)))
}

/** `value` is also what stands alone. */
export function argument(decorator: Expression, name: string): Expression | undefined {
  if (decorator.kind !== 'call') return undefined
  return decorator.args.find((arg) => arg.name === name || (name === 'value' && arg.name === undefined))?.value
}

export function pathsOf(mapping: Expression, home: Home): readonly string[] {
  const given = argument(mapping, 'value') ?? argument(mapping, 'path') ?? argument(mapping, 'urlPatterns')
  if (given === undefined) return []
  return (given.kind === 'list' ? given.items : [given]).flatMap((one) => constantText(one, home) ?? [])
}

/** A text, a constant of this class or another, or some of them joined. */
function constantText(value: Expression, home: Home, hops = 0): string | undefined {
  if (hops > 4) return undefined
  const text = literalText(value)
  if (text !== undefined) return text
  if (value.kind === 'template') {
    const parts = value.parts.map((part) => constantText(part, home, hops + 1))
    return parts.every((part) => part !== undefined) ? parts.join('') : undefined
  }
  if (value.kind === 'name') {
    const found = home.project.program.declaration(home.module, value.name)
    return found?.kind === 'value' ? constantText(found.value, { ...home, module: found.module }, hops + 1) : undefined
  }
  if (value.kind !== 'member' || value.object.kind !== 'name') return undefined
  const { name } = value.object
  const owner = name === 'this' ? undefined : home.project.program.declaration(home.module, name)
  const cls = name === 'this' ? home.cls : owner?.kind === 'class' ? owner.cls : undefined
  const field = cls?.fields.find((one) => one.name === value.property)?.value
  if (cls === undefined || field === undefined) return undefined
  const module = owner?.kind === 'class' ? owner.module : home.module
  return constantText(field, { ...home, cls, module }, hops + 1)
}

export function methodsOf(mapping: Expression): readonly string[] {
  const fixed = MAPPINGS[nameOf(mapping)]
  if (fixed !== undefined) return [fixed]
  const given = argument(mapping, 'method')
  if (given === undefined) return []
  return (given.kind === 'list' ? given.items : [given]).map((one) => pathOf(one).split('.').at(-1) ?? '')
}

export function texts(values: readonly Expression[]): string[] {
  return values.flatMap((value) =>
    value.kind === 'list'
      ? texts(value.items)
      : value.kind === 'call'
        ? texts(positional(value))
        : (literalText(value) ?? []),
  )
}

export function typeName(annotation: Expression | undefined): string {
  if (annotation === undefined) return ''
  return pathOf(annotation.kind === 'index' ? annotation.object : annotation)
}
