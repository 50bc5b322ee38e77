/**
 * Django's URLconfs: every `path`, `re_path` and `url` with the prefixes of the includes it hangs below.
 *
 * A URLconf is a value (a list, lists added up, a router's `urls`), so it is read as one. The roots are those that no
 * other includes; what a router of the REST framework registers stands here too, as it has a path and a class.
 */
import type { CallExpression, Expression, Module, Statement } from '../parse/ir.ts'
import { literalText, namedArg, pathOf, positional, walk } from '../parse/walk.ts'
import type { Project } from './framework.ts'
import { declarationOf, moduleAt } from './python-names.ts'

export interface UrlEntry {
  readonly path: string
  readonly view: Expression
  readonly module: Module
  /** Registered with a router: the paths of its actions follow from the class. */
  readonly isRouter: boolean
}

interface Prefix {
  readonly path: string
  readonly hops: number
}

const MAX_HOPS = 8
const ROUTE = /(?:^|\.)(?:path|re_path|url|websocket_path)$/
const LISTS = /(?:^|\.)(?:i18n_patterns|format_suffix_patterns|patterns|list|tuple|URLRouter)$/
const MAX_ENTRIES = 20_000

export function urlEntriesOf(project: Project): readonly UrlEntry[] {
  const urlconfs = project.modules.filter((module) => module.language === 'python' && hasPatterns(module))
  const included = new Set<Module>()
  for (const module of urlconfs)
    walk(module, {
      call: (call) => {
        if (!/(?:^|\.)include$/.test(pathOf(call.callee))) return
        const target = includedModule(positional(call)[0], module, project)
        if (target !== undefined && target !== module) included.add(target)
      },
    })
  const reader = new UrlReader(project)
  for (const module of urlconfs) if (!included.has(module)) reader.readModule(module, { path: '', hops: 0 })
  return reader.entries
}

/** What one expression holds: a router of sockets, a list, a single route. */
export function urlEntriesIn(value: Expression, module: Module, project: Project): readonly UrlEntry[] {
  const reader = new UrlReader(project)
  reader.read(value, module, { path: '', hops: 0 })
  return reader.entries
}

export function hasPatterns(module: Module): boolean {
  return assignments(module.body).some(({ name }) => /urlpatterns$/i.test(name))
}

function includedModule(target: Expression | undefined, module: Module, project: Project): Module | undefined {
  if (target === undefined) return undefined
  if (target.kind === 'list') return includedModule(target.items[0], module, project)
  const text = literalText(target)
  if (text !== undefined) return moduleAt(text, module, project)
  const declaration = declarationOf(target, module, project)
  return declaration?.kind === 'module' ? declaration.module : undefined
}

interface NamedValue {
  readonly name: string
  readonly value: Expression
}

/** Top-level names with what they are, `+=` and `append` included. */
function assignments(body: readonly Statement[]): readonly NamedValue[] {
  return body.flatMap((statement): readonly NamedValue[] => {
    switch (statement.kind) {
      case 'assign':
        return statement.target.kind === 'name' ? [{ name: statement.target.name, value: statement.value }] : []
      case 'expression':
        return added(statement.value)
      case 'if':
        return [...assignments(statement.then), ...assignments(statement.otherwise)]
      case 'try':
        return assignments([...statement.body, ...statement.otherwise])
      case 'block':
      case 'with':
        return assignments(statement.body)
      default:
        return []
    }
  })
}

function added(value: Expression): readonly NamedValue[] {
  if (value.kind !== 'call' || value.callee.kind !== 'member' || value.callee.object.kind !== 'name') return []
  const { property, object } = value.callee
  const items = positional(value)
  if (property === 'append' || property === 'insert')
    return [{ name: object.name, value: { kind: 'list', items, at: value.at } }]
  return property === 'extend' && items[0] !== undefined ? [{ name: object.name, value: items[0] }] : []
}

class UrlReader {
  readonly entries: UrlEntry[] = []
  private readonly project: Project
  private readonly open = new Set<string>()

  constructor(project: Project) {
    this.project = project
  }

  readModule(module: Module, prefix: Prefix): void {
    for (const { name, value } of assignments(module.body))
      if (/urlpatterns$/i.test(name)) this.read(value, module, prefix)
  }

  read(value: Expression, module: Module, prefix: Prefix): void {
    if (prefix.hops > MAX_HOPS || this.entries.length > MAX_ENTRIES) return
    const key = `${module.file}:${value.at.line}:${value.at.column}:${value.kind}:${prefix.path}`
    if (this.open.has(key)) return
    this.open.add(key)
    switch (value.kind) {
      case 'list':
        for (const item of value.items) this.read(item, module, prefix)
        break
      case 'binary':
        this.read(value.left, module, prefix)
        this.read(value.right, module, prefix)
        break
      case 'spread':
        this.read(value.value, module, prefix)
        break
      case 'conditional':
        this.read(value.then, module, prefix)
        this.read(value.otherwise, module, prefix)
        break
      case 'name':
        this.named(value, module, prefix)
        break
      case 'member':
        this.member(value, module, prefix)
        break
      case 'call':
        this.call(value, module, prefix)
        break
      default:
    }
    this.open.delete(key)
  }

  private named(value: Expression, module: Module, prefix: Prefix): void {
    const declaration = declarationOf(value, module, this.project)
    if (declaration?.kind === 'module') return this.readModule(declaration.module, deeper(prefix))
    if (declaration?.kind !== 'value' || declaration.target.kind !== 'name') return
    const { name } = declaration.target
    for (const one of assignments(declaration.module.body))
      if (one.name === name) this.read(one.value, declaration.module, deeper(prefix))
  }

  /** `router.urls`, `patterns_module.urlpatterns`. */
  private member(value: Extract<Expression, { kind: 'member' }>, module: Module, prefix: Prefix): void {
    if (value.property === 'urls') return this.router(value.object, module, prefix)
    this.named(value, module, prefix)
  }

  private call(call: CallExpression, module: Module, prefix: Prefix): void {
    const name = pathOf(call.callee)
    const args = positional(call)
    if (LISTS.test(name)) {
      for (const arg of args) this.read(arg, module, deeper(prefix))
      return
    }
    if (/(?:^|\.)include$/.test(name)) return this.include(args[0], module, prefix)
    if (!ROUTE.test(name)) return
    const route = literalText(args[0]) ?? literalText(namedArg(call, 'route')) ?? literalText(namedArg(call, 'regex'))
    const view = args[1] ?? namedArg(call, 'view')
    if (view === undefined) return
    const isPattern = /(?:re_path|url)$/.test(name)
    const path = prefix.path + (route === undefined ? '{?}' : isPattern ? readable(route) : route)
    const inner = { path, hops: prefix.hops + 1 }
    if (view.kind === 'call' && /(?:^|\.)(?:include|URLRouter)$/.test(pathOf(view.callee)))
      return this.call(view, module, inner)
    if (view.kind === 'member' && view.property === 'urls') return this.router(view.object, module, inner)
    if (view.kind === 'list') return this.include(view, module, inner)
    this.entries.push({ path: absolute(path), view, module, isRouter: false })
  }

  private include(target: Expression | undefined, module: Module, prefix: Prefix): void {
    if (target === undefined) return
    const text = literalText(target)
    if (text !== undefined) {
      const included = moduleAt(text, module, this.project)
      if (included !== undefined) this.readModule(included, deeper(prefix))
      return
    }
    // `(patterns, 'app_name')`
    if (target.kind === 'list' && literalText(target.items[1]) !== undefined)
      return this.include(target.items[0], module, prefix)
    this.read(target, module, deeper(prefix))
  }

  private router(router: Expression, module: Module, prefix: Prefix): void {
    const declaration = declarationOf(router, module, this.project)
    if (declaration?.kind !== 'value' || declaration.target.kind !== 'name') return
    const { name } = declaration.target
    const home = declaration.module
    const modules = home === module ? [home] : [home, module]
    for (const one of modules)
      walk(one, {
        call: (call) => {
          if (call.callee.kind !== 'member' || !/^register(?:_router)?$/.test(call.callee.property)) return
          if (call.callee.object.kind !== 'name') return
          const owner = declarationOf(call.callee.object, one, this.project)
          if (owner?.kind !== 'value' || owner.target.kind !== 'name' || owner.module !== home) return
          if (owner.target.name !== name) return
          const [first, second] = positional(call)
          const base = literalText(first) ?? literalText(namedArg(call, 'prefix'))
          const view = second ?? namedArg(call, 'viewset')
          if (base === undefined || view === undefined) return
          this.entries.push({ path: absolute(`${prefix.path}${readable(base)}`), view, module: one, isRouter: true })
        },
      })
  }
}

function deeper({ path, hops }: Prefix): Prefix {
  return { path, hops: hops + 1 }
}

function absolute(path: string): string {
  return `/${path}`.replace(/\/{2,}/g, '/')
}

/** A pattern as a route: `^hooks/(?P<pk>\d+)/$` is `hooks/<pk>/`. */
export function readable(pattern: string): string {
  let text = pattern.replace(/^\^|\$$|\\Z$|\\A/g, '')
  for (let round = 0; round < 8 && /\((?!\?P<)[^()]*\)/.test(text); round++)
    text = text.replace(/\((?:\?:)?((?!\?)[^()]*)\)\??/g, (_, inner: string) =>
      /[\\[\]|+*]/.test(inner) ? '<?>' : inner,
    )
  text = text.replace(/\(\?P<(\w+)>[^()]*\)/g, '<$1>').replace(/\\([-./_])/g, '$1')
  return text.replace(/\/\?$/, '/')
}
