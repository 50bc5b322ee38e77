/**
 * Django: function views and class-based views with the route their URLconf gives them, and everything that runs
 * before them: middleware of the settings, decorators, `dispatch`, and what the REST framework adds.
 *
 * A view that no URLconf in sight names is a surface all the same, of unknown route. What Django itself would do in
 * `View.dispatch` is a small class of our own below each view's bases, so that `super().dispatch()` leads somewhere.
 */
import { isVerifierName } from '../knowledge/names.ts'
import type { CallExpression, ClassIr, Expression, FunctionIr, Module } from '../parse/ir.ts'
import { literalText, namedArg, pathOf, positional, walk } from '../parse/walk.ts'
import type { BodyHandling, ChainStep, DiscoveredSurface, Framework, NamedGuard, ParamRole } from '../surface.ts'
import { restClass, restFunction, restMethodsOf } from './django-rest.ts'
import { type DjangoSettings, djangoSettings, settingsFor } from './django-settings.ts'
import { type UrlEntry, urlEntriesOf } from './django-urls.ts'
import { type Handled, lastName, type ViewContext } from './django-views.ts'
import { type Discover, functionName, importsFrom, type Project } from './framework.ts'
import { type ClassInProject, declarationOf, type Lineage, lineageOf, methodIn } from './python-names.ts'
import { baseMethod, call, member, name } from './python-stubs.ts'

const VERBS = ['get', 'post', 'put', 'patch', 'delete'] as const
const VIEW_MODULES = /^(?:django(?:\.|$)|rest_framework)/
/** They change nothing about who may call; what they say of methods and permissions is read apart. */
const PLAIN_DECORATORS =
  /^(?:csrf_\w+|ensure_csrf_cookie|requires_csrf_token|require_(?:POST|GET|safe|http_methods)|api_view|(?:authentication|permission|throttle|parser|renderer|versioning)_classes|schema|never_cache|cache_\w+|vary_on_\w+|atomic|non_atomic_requests|xframe_\w+|sensitive_\w+|gzip_page|condition|etag|last_modified|extend_schema\w*|swagger_auto_schema|action|sync_to_async|async_to_sync|ratelimit|login_not_required|classonlymethod|override|list_route|detail_route|wraps|never_ever_cache|decorator_from_middleware|display|register|method_decorator)$/

interface View {
  readonly kind: 'function' | 'class'
  readonly fn?: FunctionIr
  readonly cls?: ClassIr
  readonly module: Module
  /** Calls around the view in the URLconf: `login_required(View.as_view())`. */
  readonly wrappers: readonly string[]
  /** `as_view({'get': 'list'})`. */
  readonly actions?: ReadonlyMap<string, string>
}

const known = new WeakMap<Project, ReadonlyMap<Module, readonly DiscoveredSurface[]>>()

export const discoverDjango: Discover = (module, project) => {
  if (module.language !== 'python') return []
  const found = known.get(project) ?? discoverAll(project)
  known.set(project, found)
  return found.get(module) ?? []
}

function discoverAll(project: Project): ReadonlyMap<Module, readonly DiscoveredSurface[]> {
  const python = project.modules.filter((module) => module.language === 'python')
  const byModule = new Map<Module, DiscoveredSurface[]>()
  if (!python.some((module) => importsFrom(module, VIEW_MODULES) || extendsView(module))) return byModule
  const candidates = new Set(python)
  const routed = new Set<FunctionIr | ClassIr>()
  const add = (home: Module, surfaces: readonly DiscoveredSurface[]): void => {
    byModule.set(home, [...(byModule.get(home) ?? []), ...surfaces])
  }
  for (const entry of urlEntriesOf(project)) {
    const view = viewOf(entry.view, entry.module, project)
    if (view === undefined) continue
    const target = view.fn ?? view.cls
    if (target !== undefined) routed.add(target)
    const home = candidates.has(view.module) ? view.module : entry.module
    add(home, surfacesOf(view, contextOf(view, project, entry)))
  }
  const bases = new Set(python.flatMap((module) => basesIn(module, project)))
  for (const module of python) {
    if (!importsFrom(module, VIEW_MODULES) && !extendsView(module)) continue
    for (const view of unroutedIn(module, routed, bases, project))
      add(module, surfacesOf(view, contextOf(view, project)))
  }
  return byModule
}

/** A class of the project stands between it and the framework. */
function extendsView(module: Module): boolean {
  return module.body.some(
    (statement) => statement.kind === 'class' && statement.cls.bases.some((base) => /View(?:Set)?$/.test(pathOf(base))),
  )
}

function contextOf(view: View, project: Project, entry?: UrlEntry): ViewContext {
  return {
    project,
    settings: settingsFor(djangoSettings(project), view.module),
    path: entry?.path,
    wrappers: view.wrappers,
    isRouter: entry?.isRouter ?? false,
  }
}

// ── from a URLconf's expression to a view ────────────────────────────────────────────────────────────────────────

function viewOf(expression: Expression, module: Module, project: Project, hops = 0): View | undefined {
  if (hops > 6) return undefined
  if (expression.kind === 'lambda') return { kind: 'function', fn: expression.fn, module, wrappers: [] }
  if (expression.kind === 'call') return viewOfCall(expression, module, project, hops)
  const declaration = declarationOf(expression, module, project)
  if (declaration?.kind === 'function')
    return { kind: 'function', fn: declaration.fn, module: declaration.module, wrappers: [] }
  if (declaration?.kind === 'class')
    return { kind: 'class', cls: declaration.cls, module: declaration.module, wrappers: [] }
  return declaration?.kind === 'value' ? viewOf(declaration.value, declaration.module, project, hops + 1) : undefined
}

function viewOfCall(expression: CallExpression, module: Module, project: Project, hops: number): View | undefined {
  const { callee } = expression
  if (callee.kind === 'member' && callee.property === 'as_view') {
    const declaration = declarationOf(callee.object, module, project)
    if (declaration?.kind !== 'class') return undefined
    const [map] = positional(expression)
    const actions =
      map?.kind === 'object'
        ? new Map(map.entries.flatMap(({ key, value }) => (key === undefined ? [] : [[key, literalText(value) ?? '']])))
        : undefined
    return {
      kind: 'class',
      cls: declaration.cls,
      module: declaration.module,
      wrappers: [],
      ...(actions === undefined ? {} : { actions }),
    }
  }
  for (const arg of [...positional(expression)].reverse()) {
    const view = viewOf(arg, module, project, hops + 1)
    if (view === undefined) continue
    const wrapper = pathOf(callee).replaceAll('()', '')
    return /(?:^|\.)partial$/.test(wrapper) ? view : { ...view, wrappers: [wrapper, ...view.wrappers] }
  }
  return undefined
}

// ── views without a route ────────────────────────────────────────────────────────────────────────────────────────

function basesIn(module: Module, project: Project): readonly ClassIr[] {
  return module.body.flatMap((statement) =>
    statement.kind !== 'class'
      ? []
      : statement.cls.bases.flatMap((base) => {
          const declaration = declarationOf(base, module, project)
          return declaration?.kind === 'class' ? [declaration.cls] : []
        }),
  )
}

function unroutedIn(
  module: Module,
  routed: ReadonlySet<FunctionIr | ClassIr>,
  bases: readonly ClassIr[] | ReadonlySet<ClassIr>,
  project: Project,
): readonly View[] {
  const isBase = new Set(bases)
  const called = calledNames(module)
  return module.body.flatMap((statement): readonly View[] => {
    if (statement.kind === 'function') {
      const { fn } = statement
      return !routed.has(fn) && isViewFunction(fn) && !called.has(fn.name)
        ? [{ kind: 'function', fn, module, wrappers: [] }]
        : []
    }
    if (statement.kind !== 'class') return []
    const { cls } = statement
    return !routed.has(cls) && !isBase.has(cls) && isViewClass(lineageOf({ cls, module }, project))
      ? [{ kind: 'class', cls, module, wrappers: [] }]
      : []
  })
}

/** What the module calls itself is a helper, whatever its parameters. */
function calledNames(module: Module): ReadonlySet<string> {
  const names = new Set<string>()
  walk(module, {
    call: ({ callee }) => {
      if (callee.kind === 'name') names.add(callee.name)
    },
  })
  return names
}

const VIEW_DECORATORS =
  /^(?:csrf_exempt|require_(?:POST|GET|safe|http_methods)|api_view|login_required|permission_required|staff_member_required)$/
const ANSWER =
  /(?:^|\.)(?:HttpResponse\w*|JsonResponse|StreamingHttpResponse|FileResponse|Response|render|redirect|Http404)$/

function isViewFunction(fn: FunctionIr): boolean {
  const [first] = fn.params
  if (first?.pattern.kind !== 'name' || !/^_?req(?:uest)?$/.test(first.pattern.name)) return false
  if (fn.decorators.some((one) => VIEW_DECORATORS.test(lastName(one)))) return true
  return answers(fn.body)
}

function answers(body: FunctionIr['body']): boolean {
  return body.some((statement) => {
    switch (statement.kind) {
      case 'return':
        return statement.value?.kind === 'call' && ANSWER.test(pathOf(statement.value.callee))
      case 'if':
        return answers(statement.then) || answers(statement.otherwise)
      case 'try':
        return answers(statement.body) || answers(statement.otherwise) || answers(statement.last)
      case 'with':
      case 'block':
      case 'loop':
        return answers(statement.body)
      default:
        return false
    }
  })
}

function isViewClass(lineage: Lineage): boolean {
  return lineage.outside.some(
    (base) =>
      /(?:^|\.)\w*(?:View|ViewSet)$/.test(base) &&
      !/(?:^|\.)(?:flask|views?\.MethodView|aiohttp|sanic|starlette)/.test(base),
  )
}

// ── surfaces ─────────────────────────────────────────────────────────────────────────────────────────────────────

function surfacesOf(view: View, context: ViewContext): readonly DiscoveredSurface[] {
  if (view.fn !== undefined) return [functionSurface(view.fn, view.module, context)]
  return view.cls === undefined ? [] : classSurfaces({ cls: view.cls, module: view.module }, view, context)
}

function functionSurface(fn: FunctionIr, module: Module, context: ViewContext): DiscoveredSurface {
  const rest = restFunction(fn, module, context)
  const binds = fn.params.map((_, index): ParamRole => (index === 0 ? 'request' : 'unknown'))
  const handler: ChainStep = {
    role: 'handler',
    run: { module, fn: { ...fn, decorators: kept(fn.decorators) } },
    binds,
    bindsByName: pathBinds(fn.params.slice(1)),
  }
  return surface({
    context,
    framework: rest === undefined ? 'django' : 'drf',
    module,
    fn,
    methods: methodsOf(fn.decorators),
    path: context.path,
    steps: [...(rest?.steps ?? []), handler],
    guards: [...wrapperGuards(context, fn), ...(rest?.guards ?? [])],
  })
}

function classSurfaces(view: ClassInProject, { actions }: View, context: ViewContext): readonly DiscoveredSurface[] {
  const { project } = context
  const lineage = lineageOf(view, project)
  const rest = restClass(lineage, view, context)
  const handled = rest === undefined ? plainHandlers(lineage, context) : restMethodsOf(lineage, view, context, actions)
  const cls: ClassIr = { ...view.cls, bases: [...view.cls.bases, framework(rest?.base ?? [], view.cls)] }
  return handled.map(({ fn, module, methods, path }) => {
    const access = rest?.accessOf(fn)
    const around = classDecoratorsFor(view.cls, fn.name)
    // They are read in the module of the class; on a method of another module they count by name.
    const own = {
      ...fn,
      decorators: [...(module === view.module ? around : []), ...decoratorsFor(fn.decorators, fn.name)],
    }
    const selfBinds: Readonly<Record<string, ParamRole>> = {
      request: 'request',
      kwargs: 'path',
      args: 'path',
      action: 'unknown',
      __next__: 'next',
    }
    const before = ['setup', 'initial', 'dispatch'].flatMap((method): readonly ChainStep[] => {
      const found = methodIn(lineage, method)
      if (found === undefined || found.fn === fn) return []
      return [
        {
          role: method === 'dispatch' ? 'middleware' : 'dependency',
          run: {
            module: found.owner.module,
            fn: { ...found.fn, decorators: decoratorsFor(found.fn.decorators, method) },
            cls,
          },
          binds: ['request'],
          selfBinds,
        },
      ]
    })
    const params = fn.params.filter(({ pattern }) => !(pattern.kind === 'name' && pattern.name === 'self'))
    const handler: ChainStep = {
      role: 'handler',
      run: { module, fn: own, cls },
      binds: params.map((_, index): ParamRole => (index === 0 ? 'request' : 'unknown')),
      bindsByName: pathBinds(params.slice(1)),
      selfBinds,
    }
    return surface({
      context,
      framework: rest === undefined ? 'django' : 'drf',
      module,
      fn,
      methods,
      path,
      steps: [...before, ...(access?.steps ?? []), handler],
      guards: [
        ...wrapperGuards(context, fn),
        ...(access?.guards ?? []),
        ...mixinGuards(lineage, fn),
        ...(module === view.module ? [] : around.map((one): NamedGuard => ({ name: lastName(one), at: fn.at }))),
      ],
    })
  })
}

/** What Django puts below every view, with what the REST framework adds. */
function framework(methods: readonly FunctionIr[], cls: ClassIr): Expression {
  const { at } = cls
  const request = name('request', at)
  const onward = call(member(name('self', at), '__next__'), [request])
  const own = methods.some((method) => method.name === 'dispatch')
    ? []
    : [baseMethod('dispatch', ['request', '*args', '**kwargs'], [{ kind: 'return', value: onward, at }], at)]
  return {
    kind: 'class',
    cls: { name: `${cls.name}.base`, bases: [], decorators: [], fields: [], methods: [...own, ...methods], at },
    at,
  }
}

function plainHandlers(lineage: Lineage, { path }: ViewContext): readonly Handled[] {
  const allowed = lineage.classes
    .flatMap(({ cls }) => cls.fields)
    .find((field) => field.name === 'http_method_names')?.value
  const names = allowed?.kind === 'list' ? new Set(allowed.items.map((item) => literalText(item))) : undefined
  const verbs = VERBS.filter((verb) => names === undefined || names.has(verb)).flatMap((verb): readonly Handled[] => {
    const found = methodIn(lineage, verb)
    return found === undefined
      ? []
      : [{ fn: found.fn, module: found.owner.module, methods: [verb.toUpperCase()], path }]
  })
  if (verbs.length > 0) return verbs
  // A form view answers in `form_valid`; a class that overrides `dispatch` alone answers there.
  const whole = methodIn(lineage, 'dispatch')
  return whole === undefined ? [] : [{ fn: whole.fn, module: whole.owner.module, methods: [], path }]
}

interface SurfaceParts {
  readonly context: ViewContext
  readonly framework: Framework
  readonly module: Module
  readonly fn: FunctionIr
  readonly methods: readonly string[]
  readonly path: string | undefined
  readonly steps: readonly ChainStep[]
  readonly guards: readonly NamedGuard[]
}

function surface(parts: SurfaceParts): DiscoveredSurface {
  const { context, framework: which, module, fn, methods, path, steps, guards } = parts
  const { settings } = context
  const cls = steps.at(-1)?.run.cls
  const isOpen = fn.decorators.some((one) => lastName(one) === 'login_not_required')
  return {
    kind: 'route',
    framework: which,
    path,
    methods,
    name: cls === undefined ? functionName(fn) : `${cls.name.replace(/\.base$/, '')}.${fn.name}`,
    module,
    at: fn.at,
    chain: [...settings.middleware, ...steps],
    body: bodyOf(settings),
    mountSeen: path !== undefined,
    guards: [...(isOpen ? [] : settings.guards), ...guards],
    settings: settings.modules,
  }
}

/** `DATA_UPLOAD_MAX_MEMORY_SIZE` caps `request.body`; it is 2.5 MB unless set. */
function bodyOf({ bodyLimit }: DjangoSettings): BodyHandling {
  return { body: 'raw', limit: 2_621_440, ...bodyLimit }
}

// ── decorators ───────────────────────────────────────────────────────────────────────────────────────────────────

function kept(decorators: readonly Expression[]): readonly Expression[] {
  return decorators.filter((one) => !PLAIN_DECORATORS.test(lastName(one)))
}

/** `@method_decorator(verified, name='post')` is `@verified` on that method. */
function decoratorsFor(decorators: readonly Expression[], method: string | undefined): readonly Expression[] {
  return decorators.flatMap((decorator): readonly Expression[] => {
    if (decorator.kind !== 'call' || lastName(decorator) !== 'method_decorator') return kept([decorator])
    const [inner, second] = positional(decorator)
    const target = literalText(namedArg(decorator, 'name') ?? second)
    if (
      inner === undefined ||
      (target !== undefined && target !== 'dispatch' && method !== undefined && target !== method)
    )
      return []
    return kept(inner.kind === 'list' ? inner.items : [inner])
  })
}

function classDecoratorsFor(cls: ClassIr, method: string): readonly Expression[] {
  return cls.decorators.flatMap((one) =>
    one.kind === 'call' && lastName(one) === 'method_decorator' && new Set(['', 'dispatch', method]).has(targetOf(one))
      ? decoratorsFor([one], undefined)
      : [],
  )
}

function targetOf(decorator: CallExpression): string {
  return literalText(namedArg(decorator, 'name') ?? positional(decorator)[1]) ?? ''
}

function methodsOf(decorators: readonly Expression[]): readonly string[] {
  for (const decorator of decorators) {
    const which = lastName(decorator)
    if (which === 'require_POST') return ['POST']
    if (which === 'require_GET' || which === 'require_safe') return ['GET']
    if (decorator.kind !== 'call' || !/^(?:require_http_methods|api_view)$/.test(which)) continue
    const list = positional(decorator)[0] ?? namedArg(decorator, 'http_method_names')
    if (list?.kind === 'list') return list.items.flatMap((item) => literalText(item)?.toUpperCase() ?? [])
    if (which === 'api_view') return ['GET']
  }
  return []
}

function wrapperGuards({ wrappers }: ViewContext, fn: FunctionIr): readonly NamedGuard[] {
  return wrappers
    .filter((wrapper) => !PLAIN_DECORATORS.test(wrapper.split('.').at(-1) ?? ''))
    .map((wrapper) => ({ name: wrapper, at: fn.at }))
}

/** `LoginRequiredMixin`, `SignedByStripeMixin` and their kin. */
function mixinGuards({ outside }: Lineage, fn: FunctionIr): readonly NamedGuard[] {
  return outside
    .map((base) => base.split('.').at(-1) ?? base)
    .flatMap((base) => {
      if (/(?:Login|Permission|Group|Staff|Superuser|UserPasses|Auth)\w*(?:Mixin|View)$/.test(base))
        return [{ name: `access by ${base}`, at: fn.at }]
      return /Mixin$/.test(base) && isVerifierName(base) ? [{ name: base, at: fn.at }] : []
    })
}

/** Parameters after the request come from the route. */
function pathBinds(params: FunctionIr['params']): Readonly<Record<string, ParamRole>> {
  return Object.fromEntries(
    params.flatMap(({ pattern, rest }): readonly [string, ParamRole][] =>
      pattern.kind !== 'name'
        ? []
        : [[pattern.name, rest === undefined ? { field: 'path', name: pattern.name } : 'path']],
    ),
  )
}
