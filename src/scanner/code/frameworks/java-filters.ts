/** Filters and interceptors of Java's web frameworks: where they are registered and for which paths. */

import type { ClassIr, Expression, FunctionIr, Module } from '../parse/ir.ts'
import { pathOf, positional, walk } from '../parse/walk.ts'
import type { ChainStep } from '../surface.ts'
import type { Project } from './framework.ts'
import { annotated, argument, texts, typeName } from './java-annotations.ts'

interface Filter {
  readonly step: ChainStep
  readonly patterns: readonly string[]
}

const filters = new WeakMap<Project['program'], readonly Filter[]>()

export function filtersFor(path: string | undefined, project: Project): readonly ChainStep[] {
  const known = filters.get(project.program) ?? filtersIn(project)
  filters.set(project.program, known)
  return known
    .filter(({ patterns }) => patterns.length === 0 || patterns.some((pattern) => matches(pattern, path ?? '')))
    .map(({ step }) => step)
}

function filtersIn(project: Project): readonly Filter[] {
  const found: Filter[] = []
  const registered = new Set<string>()
  for (const module of project.modules) {
    if (module.language !== 'java') continue
    for (const statement of module.body) {
      if (statement.kind !== 'class') continue
      for (const fn of statement.cls.methods)
        for (const one of registrations(fn, statement.cls, module)) {
          found.push(one.filter)
          registered.add(one.name)
        }
    }
  }
  for (const module of project.modules)
    for (const statement of module.language === 'java' ? module.body : []) {
      if (statement.kind !== 'class' || registered.has(statement.cls.name)) continue
      const filter = componentFilter(statement.cls, module)
      if (filter !== undefined) found.push(filter)
    }
  return found
}

/** `new FilterRegistrationBean<>(new F(…))` with its patterns, `registry.addInterceptor(x).addPathPatterns(…)`. */
function registrations(fn: FunctionIr, cls: ClassIr, module: Module): readonly { filter: Filter; name: string }[] {
  const made: Expression[] = []
  const patterns: string[] = []
  const interceptors: { expression: Expression; patterns: readonly string[] }[] = []
  const chained = new Map<Expression, string[]>()
  walk(
    { ...module, body: [{ kind: 'function', fn, at: fn.at }], exports: [] },
    {
      call: (call) => {
        const name = pathOf(call.callee).split('.').at(-1) ?? ''
        const [first] = positional(call)
        if ((name === 'FilterRegistrationBean' && call.isNew) || name === 'setFilter') {
          if (first !== undefined) made.push(first)
        } else if (/^(?:addUrlPatterns|setUrlPatterns)$/.test(name))
          patterns.push(...texts(call.args.map((arg) => arg.value)))
        else if (name === 'addInterceptor' && first !== undefined)
          interceptors.push({ expression: first, patterns: chained.get(call) ?? [] })
        else if (name === 'addPathPatterns' && call.callee.kind === 'member')
          chained.set(call.callee.object, texts(call.args.map((arg) => arg.value)))
      },
    },
  )
  const step = (expression: Expression, role: 'middleware' | 'guard'): ChainStep => ({
    role,
    run: { module, expression, within: [fn], cls },
    binds: ['request', 'response', 'next'],
  })
  const nameIn = (expression: Expression): string => {
    if (expression.kind === 'call') return pathOf(expression.callee).split('.').at(-1) ?? ''
    const param = fn.params.find(({ pattern }) => pattern.kind === 'name' && pattern.name === pathOf(expression))
    if (param !== undefined) return typeName(param.annotation)
    const field = cls.fields.find(({ name }) => `this.${name}` === pathOf(expression))
    return typeName(field?.annotation)
  }
  return [
    ...made.map((expression) => ({
      filter: { step: step(expression, 'middleware'), patterns },
      name: nameIn(expression),
    })),
    ...interceptors.map((one) => ({
      filter: { step: step(one.expression, 'guard'), patterns: one.patterns },
      name: nameIn(one.expression),
    })),
  ]
}

function componentFilter(cls: ClassIr, module: Module): Filter | undefined {
  const isFilter = cls.bases.some((base) =>
    /^(?:OncePerRequestFilter|GenericFilterBean|Filter|WebFilter)$/.test(pathOf(base)),
  )
  if (!isFilter || annotated(cls.decorators, 'Component', 'WebFilter', 'Provider') === undefined) return undefined
  const fn = cls.methods.find(({ name }) => /^(?:doFilterInternal|doFilter|filter)$/.test(name))
  if (fn === undefined) return undefined
  const mapping = annotated(cls.decorators, 'WebFilter')
  const patterns =
    mapping === undefined
      ? []
      : texts([argument(mapping, 'urlPatterns'), argument(mapping, 'value')].flatMap((one) => one ?? []))
  return {
    step: {
      role: 'middleware',
      run: { module, fn: { ...fn, decorators: [] }, cls },
      binds: ['request', 'response', 'next'],
    },
    patterns,
  }
}

function matches(pattern: string, path: string): boolean {
  const plain = pattern.replace(/\/?\*+$/, '')
  return pattern.endsWith('*') ? path === plain || path.startsWith(`${plain}/`) || plain === '' : path === pattern
}
