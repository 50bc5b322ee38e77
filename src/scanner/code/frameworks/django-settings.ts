/** What a Django project's settings say about every request: middleware, body cap, and the defaults of permissions. */
import type { Expression, FunctionIr, Module } from '../parse/ir.ts'
import { bytesOf, literalText } from '../parse/walk.ts'
import type { BodyHandling, ChainStep, NamedGuard } from '../surface.ts'
import type { Project } from './framework.ts'
import { declarationAt, itemsOf, lineageOf, methodIn } from './python-names.ts'

export interface DjangoSettings {
  /** Most telling first: where `django.conf.settings` finds its names. */
  readonly modules: readonly Module[]
  readonly middleware: readonly ChainStep[]
  /** Middleware of packages that lets nobody in without a login. */
  readonly guards: readonly NamedGuard[]
  readonly bodyLimit: Pick<BodyHandling, 'file' | 'limitAt'> & { readonly limit?: number | null }
  /** `REST_FRAMEWORK`. */
  readonly rest: { readonly value: Expression; readonly module: Module } | undefined
}

const NONE: DjangoSettings = { modules: [], middleware: [], guards: [], bodyLimit: {}, rest: undefined }

const known = new WeakMap<Project, readonly (readonly [Module, DjangoSettings])[]>()

/** One for each settings module with something to say. */
export function djangoSettings(project: Project): readonly (readonly [Module, DjangoSettings])[] {
  const before = known.get(project)
  if (before !== undefined) return before
  const modules = project.modules.filter(isSettings).sort((a, b) => weight(b) - weight(a))
  const found = modules.map((module) => [module, read(module, modules, project)] as const)
  known.set(project, found)
  return found
}

/** Those of the project that `module` is part of: the ones that lie nearest. */
export function settingsFor(all: readonly (readonly [Module, DjangoSettings])[], module: Module): DjangoSettings {
  let best: DjangoSettings | undefined
  let nearest = -1
  for (const [home, settings] of all) {
    const shared = sharedFolders(home.file, module.file)
    if (shared <= nearest) continue
    nearest = shared
    best = settings
  }
  return best ?? NONE
}

function isSettings(module: Module): boolean {
  return (
    module.language === 'python' &&
    (/(?:^|\/)(?:\w*settings\w*(?:\/\w+)?|config\/\w+)\.py$/.test(module.file) ||
      assignedTo('MIDDLEWARE', module) !== undefined) &&
    module.body.some((statement) => statement.kind === 'assign' && statement.target.kind === 'name')
  )
}

function weight(module: Module): number {
  return (
    (assignedTo('MIDDLEWARE', module) === undefined ? 0 : 4) +
    (assignedTo('ROOT_URLCONF', module) === undefined ? 0 : 2) +
    (/(?:^|[_/])(?:dev\w*|local\w*|test\w*|ci|debug)\.py$/.test(module.file) ? -1 : 0)
  )
}

function sharedFolders(a: string, b: string): number {
  const [first, second] = [a.split('/').slice(0, -1), b.split('/').slice(0, -1)]
  const differs = first.findIndex((folder, index) => folder !== second[index])
  return differs < 0 ? first.length : differs
}

function assignedTo(name: string, module: Module): Expression | undefined {
  for (const statement of module.body)
    if (statement.kind === 'assign' && statement.target.kind === 'name' && statement.target.name === name)
      return statement.value
  return undefined
}

function read(module: Module, all: readonly Module[], project: Project): DjangoSettings {
  const names = module.body.flatMap((statement) =>
    statement.kind === 'assign' &&
    statement.target.kind === 'name' &&
    /^MIDDLEWARE(?:_CLASSES)?$/.test(statement.target.name)
      ? itemsOf(statement.value, module, project)
      : [],
  )
  const limit = assignedTo('DATA_UPLOAD_MAX_MEMORY_SIZE', module)
  const rest = project.program.exported(module, 'REST_FRAMEWORK')
  return {
    modules: [module, ...all.filter((one) => one !== module && sharedFolders(one.file, module.file) > 0)],
    middleware: names.flatMap((item) => middlewareStep(literalText(item), module, project) ?? []),
    guards: names.flatMap((item): NamedGuard[] => {
      const name = literalText(item) ?? ''
      return /LoginRequired\w*Middleware$/.test(name) ? [{ name: 'login_required', at: item.at }] : []
    }),
    bodyLimit:
      limit === undefined
        ? {}
        : {
            ...(limit.kind === 'literal' && limit.value === null ? { limit: null } : bytes(limit)),
            limitAt: limit.at,
            file: module.file,
          },
    rest: rest?.kind === 'value' ? { value: rest.value, module: rest.module } : undefined,
  }
}

function bytes(limit: Expression): { limit?: number } {
  const size = bytesOf(limit)
  return size === undefined ? {} : { limit: size }
}

/** A middleware of the project itself: a class with `__call__` or hooks, or a function that makes one. */
function middlewareStep(dotted: string | undefined, from: Module, project: Project): ChainStep | undefined {
  const declaration = dotted === undefined ? undefined : declarationAt(dotted, from, project)
  if (declaration?.kind === 'class') {
    const lineage = lineageOf(declaration, project)
    const found = ['__call__', 'process_request', 'process_view'].flatMap((name) => methodIn(lineage, name) ?? [])[0]
    if (found === undefined) return undefined
    return {
      role: 'middleware',
      run: { module: found.owner.module, fn: found.fn, cls: declaration.cls },
      binds: ['request'],
      bindsByName: { get_response: 'next' },
      selfBinds: { get_response: 'next' },
    }
  }
  if (declaration?.kind !== 'function') return undefined
  const inner = innerOf(declaration.fn)
  return inner === undefined
    ? undefined
    : {
        role: 'middleware',
        run: { module: declaration.module, fn: inner, within: [declaration.fn] },
        binds: ['request'],
        bindsByName: { [firstName(declaration.fn)]: 'next' },
      }
}

/** `def simple(get_response): def middleware(request): …; return middleware` */
function innerOf(factory: FunctionIr): FunctionIr | undefined {
  const last = factory.body.at(-1)
  const returned = last?.kind === 'return' && last.value?.kind === 'name' ? last.value.name : undefined
  const inner = factory.body.findLast(
    (one) => one.kind === 'function' && (returned === undefined || one.fn.name === returned),
  )
  return inner?.kind === 'function' ? inner.fn : undefined
}

function firstName(fn: FunctionIr): string {
  const [first] = fn.params
  return first?.pattern.kind === 'name' ? first.pattern.name : 'get_response'
}
