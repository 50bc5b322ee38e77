/** PHP without a framework: scripts, functions and methods that read the body or its fields themselves. */
import type { ClassIr, FunctionIr, Module, Position, Statement } from '../parse/ir.ts'
import { type Inside, literalText, pathOf, positional, walk } from '../parse/walk.ts'
import type { ChainStep, DiscoveredSurface } from '../surface.ts'
import { importsFrom, NO_BODY_SETTINGS } from './framework.ts'
import { REQUEST_TYPE } from './php-handlers.ts'

const RECEIVING_FILE = /hook|callback|ipn|notif|postback|listener|receiver/i

/**
 * Who reads the body itself: the script, or the functions and methods nobody else in the file calls. A file that only
 * declares is no script.
 */
export function plainSurfaces(module: Module): readonly DiscoveredSurface[] {
  if (importsFrom(module, /^(?:Illuminate|Slim|Symfony\\Component\\Routing)/)) return []
  const readers = readersOf(module)
  const script = module.body.filter((statement) => !isDeclaration(statement))
  const runs = script.some(isActive)
  const file = module.file.split('/').slice(-2).join('/')
  const atTop = readers.some(({ inside }) => inside.functions.length === 0)
  const surface = (name: string, at: Position, step: ChainStep): DiscoveredSurface => ({
    kind: 'route',
    framework: 'php',
    path: undefined,
    methods: ['POST'],
    name,
    module,
    at,
    chain: [step],
    body: NO_BODY_SETTINGS,
    mountSeen: true,
    guards: [],
  })
  if (
    runs &&
    (atTop || (readers.length > 0 && callsOneOf(script, readers)) || RECEIVING_FILE.test(file) || receives(script))
  ) {
    const [first] = readers
    const body: FunctionIr = {
      name: file,
      params: [],
      body: module.body,
      decorators: [],
      isAsync: false,
      isGenerator: false,
      at: script[0]?.at ?? { line: 1, column: 1 },
    }
    return [surface(file, first?.at ?? body.at, { role: 'handler', run: { module, fn: body }, binds: [] })]
  }
  return [...methodSurfaces(module, readers, surface), ...functionSurfaces(module, readers, surface)]
}

/** It posts a PayPal notification back, or reads a header in which providers sign. */
function receives(script: readonly Statement[]): boolean {
  return /_notify-validate|"HTTP_\w*(?:SIGNATURE|HMAC|WEBHOOK|GITLAB_TOKEN)\w*"/.test(JSON.stringify(script))
}

interface Reader {
  readonly inside: Inside
  readonly at: Position
}

/** Places where `php://input` is read. */
function readersOf(module: Module): readonly Reader[] {
  const readers: Reader[] = []
  walk(module, {
    call: (call, inside) => {
      if (positional(call).some((arg) => /^php:\/\/input/.test(literalText(arg) ?? '')))
        readers.push({ inside, at: call.at })
    },
  })
  return readers
}

function isDeclaration(statement: Statement): boolean {
  return statement.kind === 'function' || statement.kind === 'class'
}

/** Does something beyond naming constants and including files. */
function isActive(statement: Statement): boolean {
  if (statement.kind === 'expression')
    return (
      statement.value.kind === 'call' &&
      !/^(?:require|define|ini_set|error_reporting|defined|add_action|add_filter|register_\w+|date_default_timezone_set)$/.test(
        pathOf(statement.value.callee),
      )
    )
  if (statement.kind === 'if') return [...statement.then, ...statement.otherwise].some(isActive)
  return statement.kind === 'switch' || statement.kind === 'try' || statement.kind === 'loop'
}

function callsOneOf(script: readonly Statement[], readers: readonly Reader[]): boolean {
  const text = JSON.stringify(script)
  return readers.some(({ inside }) => {
    const [outer] = inside.functions
    const name = inside.cls?.name ?? outer?.name ?? ''
    return name !== '' && text.includes(`"name":"${name}"`)
  })
}

/** `handle($request, Closure $next)`, `process($request, RequestHandlerInterface $handler)` */
function isMiddleware({ methods }: ClassIr): boolean {
  return methods.some(
    ({ name, params }) =>
      (name === 'handle' || name === 'process') &&
      params.length > 1 &&
      params[1]?.annotation?.kind === 'name' &&
      /Closure$|RequestHandler/.test(params[1].annotation.name),
  )
}

type MakeSurface = (name: string, at: Position, step: ChainStep) => DiscoveredSurface

/** Methods that read the body, or call one that does, up to those nobody in the class calls. */
function methodSurfaces(
  module: Module,
  readers: readonly Reader[],
  surface: MakeSurface,
): readonly DiscoveredSurface[] {
  const classes = [...new Set(readers.flatMap(({ inside }) => inside.cls ?? []))].filter((cls) => !isMiddleware(cls))
  return classes.flatMap((cls) => {
    const reading = new Set(
      readers.filter(({ inside }) => inside.cls === cls).flatMap(({ inside }) => inside.functions[0]?.name ?? []),
    )
    for (let grown = true; grown; ) {
      grown = false
      for (const method of cls.methods) {
        if (reading.has(method.name) || ![...callsOwn(method.body)].some((name) => reading.has(name))) continue
        reading.add(method.name)
        grown = true
      }
    }
    return cls.methods
      .filter((fn) => reading.has(fn.name) && fn.name !== 'constructor')
      .filter((fn) => !cls.methods.some((other) => other !== fn && callsOwn(other.body).has(fn.name)))
      .map((fn) =>
        surface(`${cls.name}::${fn.name}`, fn.at, {
          role: 'handler',
          run: { module, fn: { ...fn, decorators: [] }, cls },
          binds: fn.params.map((param) =>
            param.annotation?.kind === 'name' && REQUEST_TYPE.test(param.annotation.name) ? 'request' : 'unknown',
          ),
        }),
      )
  })
}

function functionSurfaces(
  module: Module,
  readers: readonly Reader[],
  surface: MakeSurface,
): readonly DiscoveredSurface[] {
  const functions = [
    ...new Set(
      readers.filter(({ inside }) => inside.cls === undefined).flatMap(({ inside }) => inside.functions[0] ?? []),
    ),
  ]
  const hooked = functions.some((fn) => fn.name === '') ? hookedIn(module) : undefined
  return functions.flatMap((fn) => {
    const name = fn.name === '' ? hooked?.get(fn) : fn.name
    return name === undefined ? [] : [surface(name, fn.at, { role: 'handler', run: { module, fn }, binds: [] })]
  })
}

/** `add_action('init', function () { … })` of WordPress, by the hook and the parameter of the address that it looks for. */
function hookedIn(module: Module): ReadonlyMap<FunctionIr, string> {
  const found = new Map<FunctionIr, string>()
  walk(module, {
    call: (call) => {
      const [hook, handler] = positional(call)
      if (pathOf(call.callee) !== 'add_action' || handler?.kind !== 'lambda') return
      const asked = /"\$?_?(?:GET|REQUEST)"[\s\S]{0,200}?"value":"(\w+)"/.exec(JSON.stringify(handler.fn.body))?.[1]
      found.set(handler.fn, `${literalText(hook) ?? ''} ${asked ?? ''}`.trim())
    },
  })
  return found
}

/** Names in `$this->name(…)` and `self::name(…)`. */
export function callsOwn(body: readonly Statement[]): ReadonlySet<string> {
  const names = new Set<string>()
  const module: Module = { file: '', language: 'php', imports: [], exports: [], body, unparsed: 0, length: 0 }
  walk(module, {
    call: (call) => {
      if (
        call.callee.kind === 'member' &&
        call.callee.object.kind === 'name' &&
        /^(?:this|self)$/.test(call.callee.object.name)
      )
        names.add(call.callee.property)
    },
  })
  return names
}
