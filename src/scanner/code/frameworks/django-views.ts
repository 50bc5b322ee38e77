/** What the discovery of Django's views and that of the REST framework's say to one another. */
import type { Expression, FunctionIr, Module } from '../parse/ir.ts'
import { pathOf } from '../parse/walk.ts'
import type { DjangoSettings } from './django-settings.ts'
import type { Project } from './framework.ts'

/** What is known of one view when its surfaces are made. */
export interface ViewContext {
  readonly project: Project
  readonly settings: DjangoSettings
  readonly path: string | undefined
  readonly wrappers: readonly string[]
  readonly isRouter: boolean
}

export interface Handled {
  readonly fn: FunctionIr
  /** Where the function is written. */
  readonly module: Module
  readonly methods: readonly string[]
  readonly path: string | undefined
}

/** `csrf_exempt` of `@decorators.csrf_exempt(…)`. */
export function lastName(decorator: Expression): string {
  const target = decorator.kind === 'call' ? decorator.callee : decorator
  return pathOf(target).replaceAll('()', '').split('.').at(-1) ?? ''
}
