/**
 * What Django REST framework adds to a view: authentication and permission classes, routers and actions, and the
 * generic handlers that a class inherits without a line of its own.
 *
 * The generic handlers are written out as code here, so that the flow analysis runs `create` and sees the project's own
 * `get_queryset`, `perform_create` and serializer between its lines.
 */
import type { ClassIr, Expression, FunctionIr, Module, Position, Statement } from '../parse/ir.ts'
import { entryOf, literalText, namedArg, positional } from '../parse/walk.ts'
import type { ChainStep, NamedGuard } from '../surface.ts'
import { type Handled, lastName, type ViewContext } from './django.ts'
import type { Project } from './framework.ts'
import {
  type ClassInProject,
  declarationAt,
  declarationOf,
  fieldIn,
  itemsOf,
  type Lineage,
  lineageOf,
  methodIn,
} from './python-names.ts'
import { assign, baseMethod, call, give, member, name, run, text } from './python-stubs.ts'

const VERBS = ['get', 'post', 'put', 'patch', 'delete']
/** Who may come is open. */
const OPEN = /(?:^|\.)(?:AllowAny|DjangoModelPermissionsOrAnonReadOnly|IsAuthenticatedOrReadOnly)$/

interface Access {
  readonly steps: readonly ChainStep[]
  readonly guards: readonly NamedGuard[]
}

export interface RestClass {
  readonly accessOf: (fn: FunctionIr) => Access
  /** Methods that the framework's own bases have. */
  readonly base: readonly FunctionIr[]
}

/** `undefined` for a view that is none of the REST framework's. */
export function restFunction(fn: FunctionIr, module: Module, context: ViewContext): Access | undefined {
  if (!fn.decorators.some((one) => lastName(one) === 'api_view')) return undefined
  const listed = (which: string): readonly Expression[] | undefined => {
    const decorator = fn.decorators.find((one) => lastName(one) === which)
    if (decorator?.kind !== 'call') return undefined
    const [list] = positional(decorator)
    return list?.kind === 'list' ? list.items : [list].flatMap((one) => one ?? [])
  }
  const permissions = listed('permission_classes')
  const authenticators = listed('authentication_classes')
  return accessOf(
    permissions === undefined ? defaultsOf('DEFAULT_PERMISSION_CLASSES', context) : { items: permissions, module },
    authenticators === undefined
      ? defaultsOf('DEFAULT_AUTHENTICATION_CLASSES', context)
      : { items: authenticators, module },
    fn,
    context.project,
  )
}

export function restClass(lineage: Lineage, view: ClassInProject, context: ViewContext): RestClass | undefined {
  if (!isRest(lineage)) return undefined
  const classWide = (which: string, fallback: string): Listed | undefined => {
    const field = fieldIn(lineage, which)
    return field === undefined
      ? defaultsOf(fallback, context)
      : { items: itemsOf(field.value, field.module, context.project), module: field.module }
  }
  const accessFor = (fn: FunctionIr): Access => {
    const action = fn.decorators.find((one) => lastName(one) === 'action')
    const own = action?.kind === 'call' ? namedArg(action, 'permission_classes') : undefined
    const permissions =
      own?.kind === 'list'
        ? { items: own.items, module: view.module }
        : classWide('permission_classes', 'DEFAULT_PERMISSION_CLASSES')
    return accessOf(
      permissions,
      classWide('authentication_classes', 'DEFAULT_AUTHENTICATION_CLASSES'),
      fn,
      context.project,
    )
  }
  // `get_permissions` decides in code: what it names stands for what it returns.
  const chosen = methodIn(lineage, 'get_permissions')
  const guards: readonly NamedGuard[] =
    chosen === undefined ? [] : [{ name: 'permission chosen by get_permissions', at: chosen.fn.at }]
  return {
    accessOf: (fn) => {
      const access = accessFor(fn)
      return { ...access, guards: [...access.guards, ...guards] }
    },
    base: genericMethods(lineage, view, context.project),
  }
}

function isRest({ outside, classes }: Lineage): boolean {
  return (
    outside.some((base) => /^rest_framework|(?:^|\.)(?:\w*APIView|\w*ViewSet)$/.test(base)) ||
    (classes.some(({ module }) => module.imports.some(({ source }) => /^rest_framework/.test(source))) &&
      outside.some((base) => /View$/.test(base) && !/^django\./.test(base)))
  )
}

interface Listed {
  readonly items: readonly Expression[]
  readonly module: Module
}

function defaultsOf(key: string, { settings, project }: ViewContext): Listed | undefined {
  const { rest } = settings
  const value = entryOf(rest?.value, key)
  return rest === undefined || value === undefined
    ? undefined
    : { items: itemsOf(value, rest.module, project), module: rest.module }
}

// ── who may come ─────────────────────────────────────────────────────────────────────────────────────────────────

/** Own classes run; those of packages count by name. */
function accessOf(
  permissions: Listed | undefined,
  authenticators: Listed | undefined,
  fn: FunctionIr,
  project: Project,
): Access {
  const steps: ChainStep[] = []
  const guards: NamedGuard[] = []
  const asks = permissions?.items.some((item) => !OPEN.test(nameOf(item))) === true
  for (const item of authenticators?.items ?? []) {
    const own = ownClass(item, authenticators?.module, project)
    const method = own === undefined ? undefined : methodIn(lineageOf(own, project), 'authenticate')
    if (own === undefined || method === undefined) continue
    steps.push({
      // With a permission that asks for a user, an authenticator that returns nothing keeps the request out.
      role: asks ? 'guard' : 'dependency',
      run: { module: method.owner.module, fn: method.fn, cls: own.cls },
      binds: ['request'],
    })
  }
  const isOwn = steps.length > 0
  for (const item of permissions?.items ?? []) {
    const own = ownClass(item, permissions?.module, project)
    const method = own === undefined ? undefined : methodIn(lineageOf(own, project), 'has_permission')
    if (own !== undefined && method !== undefined)
      steps.push({
        role: 'guard',
        run: { module: method.owner.module, fn: method.fn, cls: own.cls },
        binds: ['request', 'unknown'],
      })
    else {
      const which = nameOf(item)
      if (OPEN.test(which) || (isOwn && /IsAuthenticated$/.test(which))) continue
      if (own === undefined) guards.push({ name: `permission ${which.split('.').at(-1) ?? which}`, at: fn.at })
    }
  }
  return { steps, guards }
}

function nameOf(item: Expression): string {
  const text_ = literalText(item)
  if (text_ !== undefined) return text_
  if (item.kind === 'binary') return `${nameOf(item.left)} ${item.operator} ${nameOf(item.right)}`
  if (item.kind === 'unary') return `${item.operator} ${nameOf(item.operand)}`
  return item.kind === 'call'
    ? nameOf(item.callee)
    : item.kind === 'member'
      ? item.property
      : item.kind === 'name'
        ? item.name
        : ''
}

function ownClass(item: Expression, module: Module | undefined, project: Project): ClassInProject | undefined {
  if (module === undefined) return undefined
  const text_ = literalText(item)
  const declaration = text_ === undefined ? declarationOf(item, module, project) : declarationAt(text_, module, project)
  return declaration?.kind === 'class' ? { cls: declaration.cls, module: declaration.module } : undefined
}

// ── handlers ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Which generic handlers a base brings, by the word in its name. */
const GENERIC: readonly (readonly [RegExp, readonly string[]])[] = [
  [/ModelViewSet$/, ['create', 'list', 'retrieve', 'update', 'partial_update', 'destroy']],
  [/ReadOnlyModelViewSet$/, ['list', 'retrieve']],
  [/Create/, ['create']],
  [/List/, ['list']],
  [/Retrieve/, ['retrieve']],
  [/Update/, ['update', 'partial_update']],
  [/Destroy/, ['destroy']],
]
const ACTIONS: Readonly<Record<string, { method: string; isDetail: boolean }>> = {
  list: { method: 'GET', isDetail: false },
  create: { method: 'POST', isDetail: false },
  retrieve: { method: 'GET', isDetail: true },
  update: { method: 'PUT', isDetail: true },
  partial_update: { method: 'PATCH', isDetail: true },
  destroy: { method: 'DELETE', isDetail: true },
}

function genericsOf({ outside }: Lineage): ReadonlySet<string> {
  const found = new Set<string>()
  for (const base of outside) {
    const last = base.split('.').at(-1) ?? base
    if (!/(?:Mixin|APIView|ViewSet)$/.test(last)) continue
    const which = /^ReadOnlyModelViewSet$/.test(last)
      ? GENERIC.slice(1, 2)
      : GENERIC.filter(([pattern]) => pattern.test(last))
    for (const [, actions] of which) for (const action of actions) found.add(action)
  }
  return found
}

export function restMethodsOf(
  lineage: Lineage,
  view: ClassInProject,
  context: ViewContext,
  mapped: ReadonlyMap<string, string> | undefined,
): readonly Handled[] {
  const generic = genericsOf(lineage)
  const base = genericMethods(lineage, view, context.project)
  const find = (action: string): { fn: FunctionIr; module: Module } | undefined => {
    const own = methodIn(lineage, action)
    if (own !== undefined) return { fn: own.fn, module: own.owner.module }
    const inherited = generic.has(action) ? base.find((method) => method.name === action) : undefined
    return inherited === undefined ? undefined : { fn: inherited, module: view.module }
  }
  const { path } = context
  if (mapped !== undefined)
    return [...mapped].flatMap(([verb, action]): readonly Handled[] => {
      const found = find(action)
      return found === undefined ? [] : [{ ...found, methods: [verb.toUpperCase()], path }]
    })
  const isViewSet = lineage.outside.some((one) => /ViewSet$/.test(one))
  if (!isViewSet) {
    const verbs: Readonly<Record<string, string>> = {
      post: 'create',
      get: generic.has('retrieve') ? 'retrieve' : 'list',
      put: 'update',
      patch: 'partial_update',
      delete: 'destroy',
    }
    return VERBS.flatMap((verb): readonly Handled[] => {
      const own = methodIn(lineage, verb)
      const found = own === undefined ? find(verbs[verb] ?? verb) : { fn: own.fn, module: own.owner.module }
      return found === undefined ? [] : [{ ...found, methods: [verb.toUpperCase()], path }]
    })
  }
  const listed = Object.entries(ACTIONS).flatMap(([action, { method, isDetail }]): readonly Handled[] => {
    const found = find(action)
    return found === undefined ? [] : [{ ...found, methods: [method], path: at(path, isDetail, undefined) }]
  })
  const extra = lineage.classes.flatMap(({ cls, module }) =>
    cls.methods.flatMap((fn): readonly Handled[] => {
      const action = fn.decorators.find((one) => /^(?:action|list_route|detail_route)$/.test(lastName(one)))
      if (action === undefined || methodIn(lineage, fn.name)?.fn !== fn) return []
      const options = action.kind === 'call' ? action : undefined
      const detail = options === undefined ? undefined : (namedArg(options, 'detail') ?? positional(options)[1])
      const list = options === undefined ? undefined : (namedArg(options, 'methods') ?? positional(options)[0])
      const named = options === undefined ? undefined : literalText(namedArg(options, 'url_path'))
      const isDetail = lastName(action) === 'detail_route' || (detail?.kind === 'literal' && detail.value === true)
      return [
        {
          fn,
          module,
          methods:
            list?.kind === 'list' ? list.items.flatMap((item) => literalText(item)?.toUpperCase() ?? []) : ['GET'],
          path: at(path, isDetail, named ?? fn.name),
        },
      ]
    }),
  )
  return [...listed, ...extra]
}

function at(path: string | undefined, isDetail: boolean, action: string | undefined): string | undefined {
  if (path === undefined) return undefined
  return `${path.replace(/\/$/, '')}/${isDetail ? '<pk>/' : ''}${action === undefined ? '' : `${action}/`}`
}

/** What the generic classes do, in code of the project's own shape. */
function genericMethods(lineage: Lineage, view: ClassInProject, project: Project): readonly FunctionIr[] {
  const queryset = fieldIn(lineage, 'queryset')
  const place: Position = queryset?.module === view.module ? queryset.value.at : view.cls.at
  const it = (text_: string): Expression => name(text_, place)
  const self = (property: string): Expression => member(it('self'), property)
  const request = self('request')
  const serializer = serializerOf(lineage, project)
  const given = member(it('request'), 'data')
  const fields = Object.fromEntries(
    (serializer?.fields ?? []).map((field): [string, Expression] => [
      field,
      { kind: 'index', object: given, index: text(field, place), at: place },
    ]),
  )
  const checks = (serializer?.validated ?? []).map(
    (field): Statement =>
      run(call(member(it('serializer'), `validate_${field}`), fields[field] === undefined ? [] : [fields[field]])),
  )
  const made: readonly Statement[] = [
    assign('serializer', call(self('get_serializer'), [], { data: given, ...fields })),
    run(
      call(member(it('serializer'), 'is_valid'), [], { raise_exception: { kind: 'literal', value: true, at: place } }),
    ),
    ...checks,
  ]
  const found = assign('instance', call(self('get_object')))
  const shown = give(call(it('Response'), [call(self('get_serializer'), [it('instance')])]))
  const update = [found, ...made, run(call(self('perform_update'), [it('serializer')])), give(call(it('Response')))]
  const methods: readonly FunctionIr[] = [
    baseMethod('get_queryset', [], [give(self('queryset'))], place),
    baseMethod('filter_queryset', ['queryset'], [give(it('queryset'))], place),
    baseMethod(
      'get_object',
      [],
      [
        assign(
          'instance',
          call(it('get_object_or_404'), [call(self('get_queryset'))], {
            pk: { kind: 'index', object: self('kwargs'), index: text('pk', place), at: place },
          }),
        ),
        ...objectChecks(lineage, request, place, project),
        give(it('instance')),
      ],
      place,
    ),
    ...(serializer === undefined
      ? []
      : [
          baseMethod(
            'get_serializer',
            ['*args', '**kwargs'],
            [give(call(self('serializer_class'), [it('args'), it('kwargs')]))],
            place,
          ),
        ]),
    baseMethod('perform_create', ['serializer'], [run(call(member(it('serializer'), 'save')))], place),
    baseMethod('perform_update', ['serializer'], [run(call(member(it('serializer'), 'save')))], place),
    baseMethod('perform_destroy', ['instance'], [run(call(member(it('instance'), 'delete')))], place),
    baseMethod(
      'create',
      ['request'],
      [...made, run(call(self('perform_create'), [it('serializer')])), give(call(it('Response')))],
      place,
    ),
    baseMethod('list', ['request'], [give(call(it('Response'), [call(self('get_queryset'))]))], place),
    baseMethod('retrieve', ['request', 'pk'], [found, shown], place),
    baseMethod('update', ['request', 'pk'], update, place),
    baseMethod('partial_update', ['request', 'pk'], update, place),
    baseMethod(
      'destroy',
      ['request', 'pk'],
      [found, run(call(self('perform_destroy'), [it('instance')])), give(call(it('Response')))],
      place,
    ),
  ]
  return methods
}

/** `has_object_permission` of the project's own permission classes, asked by `get_object`. */
function objectChecks(lineage: Lineage, request: Expression, place: Position, project: Project): readonly Statement[] {
  const field = fieldIn(lineage, 'permission_classes')
  if (field === undefined) return []
  return itemsOf(field.value, field.module, project).flatMap((item): readonly Statement[] => {
    const own = ownClass(item, field.module, project)
    if (own === undefined || methodIn(lineageOf(own, project), 'has_object_permission') === undefined) return []
    const asked = call(member(call(item), 'has_object_permission'), [
      request,
      name('self', place),
      name('instance', place),
    ])
    return [
      {
        kind: 'if',
        test: { kind: 'unary', operator: 'not', operand: asked, at: place },
        then: [{ kind: 'throw', value: call(name('PermissionDenied', place)), at: place }],
        otherwise: [],
        at: place,
      },
    ]
  })
}

interface SerializerFields {
  readonly fields: readonly string[]
  /** Fields with a `validate_…` of their own. */
  readonly validated: readonly string[]
}

function serializerOf(lineage: Lineage, project: Project): SerializerFields | undefined {
  const field = fieldIn(lineage, 'serializer_class')
  const declaration = field === undefined ? undefined : declarationOf(field.value, field.module, project)
  if (declaration?.kind !== 'class') return undefined
  const own = lineageOf(declaration, project)
  const declared = own.classes.flatMap(({ cls }) => cls.fields.map((one) => one.name)).filter((one) => one !== 'Meta')
  const validated = own.classes.flatMap(({ cls }) =>
    cls.methods.flatMap(({ name: method }) => /^validate_(\w+)$/.exec(method)?.[1] ?? []),
  )
  const meta = own.classes.flatMap(({ cls }) => metaFields(cls))
  return { fields: [...new Set([...declared, ...meta, ...validated])].slice(0, 40), validated }
}

/** `class Meta: fields = [...]`: read as a field whose value is the class. */
function metaFields(cls: ClassIr): readonly string[] {
  const meta = cls.fields.find((field) => field.name === 'Meta')?.value
  if (meta?.kind !== 'class') return []
  const list = meta.cls.fields.find((field) => field.name === 'fields')?.value
  return list?.kind === 'list' ? list.items.flatMap((item) => literalText(item) ?? []) : []
}
