/** Methods, ancestors and declarations of Ruby classes, as Rails and Sinatra read them. */
import type { CallExpression, ClassIr, Expression, FunctionIr, Module } from '../parse/ir.ts'
import { BLOCK, literalText } from '../parse/walk.ts'
import type { ChainStep, ParamRole } from '../surface.ts'
import type { Project } from './framework.ts'

export interface InModule {
  readonly cls: ClassIr
  readonly module: Module
}

export function step(
  role: ChainStep['role'],
  { fn, module }: { fn: FunctionIr; module: Module },
  controller: InModule,
  binds: readonly ParamRole[] = [],
): ChainStep {
  return {
    role,
    run: { module, fn: { ...fn, isBlock: false }, cls: controller.cls, clsModule: controller.module },
    binds,
  }
}

/** The class, its concerns and its bases, nearest first, as far as the project has them. */
export function lineage(of: InModule, project: Project, hops = 0): readonly InModule[] {
  if (hops > 6) return [of]
  return [
    of,
    ...of.cls.bases.flatMap((base): readonly InModule[] => {
      if (base.kind !== 'name') return []
      const declaration = project.program.declaration(of.module, base.name)
      return declaration?.kind === 'class' && declaration.cls !== of.cls
        ? lineage({ cls: declaration.cls, module: declaration.module }, project, hops + 1)
        : []
    }),
  ]
}

export function methodIn(line: readonly InModule[], name: string): { fn: FunctionIr; module: Module } | undefined {
  for (const { cls, module } of line) {
    const fn = cls.methods.find((method) => method.name === name)
    if (fn !== undefined) return { fn, module }
  }
  return undefined
}

/** What the body of a class calls; what a concern does in `included do` counts as the class's own. */
export function declarations(cls: ClassIr): readonly CallExpression[] {
  return cls.decorators.flatMap((one): readonly CallExpression[] => {
    if (one.kind !== 'call') return []
    const name = one.callee.kind === 'name' ? one.callee.name : ''
    if (name !== 'included' && name !== 'prepended' && name !== 'with_options') return [one]
    return blocksOf(one).flatMap((block) => block.body.flatMap(callIn))
  })
}

export function callIn(statement: FunctionIr['body'][number]): readonly CallExpression[] {
  if (statement.kind !== 'expression' && statement.kind !== 'return') return []
  return statement.value?.kind === 'call' ? [statement.value] : []
}

export function listOf(value: Expression | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (value.kind === 'list') return value.items.flatMap((item) => literalText(item) ?? [])
  const text = literalText(value)
  return text === undefined ? undefined : [text]
}

export function blocksOf(call: CallExpression): readonly FunctionIr[] {
  return call.args.flatMap(({ name, value }) =>
    value.kind === 'lambda' && (name === BLOCK || name === undefined) ? [value.fn] : [],
  )
}

/** `api/v1/hooks` is Api::V1::Hooks. */
export function camelized(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '')
    .map((part) =>
      part
        .split('_')
        .map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`)
        .join(''),
    )
    .join('::')
}
