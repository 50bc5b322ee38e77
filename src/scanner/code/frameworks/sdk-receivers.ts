/**
 * Receivers that an SDK makes whole: it takes the request, verifies it and calls what was registered for the event.
 *
 * Nobody sees the SDK's code, and nobody needs to: with a secret it verifies. What can be wrong is the secret (in the
 * code, empty by default) or that verifying was switched off. So the surface is given a handler written here, which
 * verifies with that secret as the SDK does, and the flow analysis does the rest.
 */
import type { CallExpression, Expression, Module, Position, Statement } from '../parse/ir.ts'
import { entryOf, type Inside, literalText, pathOf, positional } from '../parse/walk.ts'
import type { DiscoveredSurface } from '../surface.ts'
import { importsFrom, type Project } from './framework.ts'

interface SdkReceiver {
  readonly packages: RegExp
  /** The end of the name that is called. */
  readonly calls: RegExp
  /** As the verifier is listed among those known. */
  readonly provider: string
  readonly header: string
  /** Keys of the options in which the secret stands; `none`: the first argument is the secret itself. */
  readonly secret: readonly string[] | 'none'
  /** Key of the path among the options, and the path without it. */
  readonly path?: { readonly key: string; readonly otherwise: string }
  /** Its first argument was made elsewhere, with the options. */
  readonly takesMade?: true
  /** With these among the options it is no receiver, or another one is. */
  readonly unless?: readonly string[]
}

const GITHUB = 'x-hub-signature-256'
const SLACK = 'x-slack-signature'

const SDK_RECEIVERS: readonly SdkReceiver[] = [
  {
    packages: /^@octokit\/(?:webhooks|app)$|^octokit$/,
    calls: /(?:^|\.)create(?:Node|Web)Middleware$/,
    provider: 'github',
    header: GITHUB,
    secret: ['secret', 'webhooks'],
    path: { key: 'path', otherwise: '/api/github/webhooks' },
    takesMade: true,
  },
  {
    packages: /^probot$|^@probot\//,
    calls: /(?:^|\.)(?:create(?:NodeMiddleware|LambdaFunction|AzureFunction\w*)|run)$/,
    provider: 'github',
    header: GITHUB,
    secret: ['secret', 'probot'],
    path: { key: 'webhooksPath', otherwise: '/api/github/webhooks' },
  },
  {
    packages: /^@slack\/bolt$/,
    calls: /(?:^|\.)(?:(?:Express|HTTP|AwsLambda)Receiver|App)$/,
    provider: 'slack',
    header: SLACK,
    secret: ['signingSecret'],
    path: { key: 'endpoints', otherwise: '/slack/events' },
    unless: ['socketMode', 'receiver'],
  },
  {
    packages: /^@slack\/(?:events-api|interactive-messages)$/,
    calls: /(?:^|\.)create(?:Event|Message)Adapter$/,
    provider: 'slack',
    header: SLACK,
    secret: 'none',
  },
  {
    packages:
      /^(?:express-|node-)?(?:github|gitlab|gitea|gitee|gogs|bitbucket|coding)-?web-?hook(?:s|-handler|-middleware)?$/,
    calls: /^\w+$/,
    provider: 'webhook-handler',
    header: 'x-hub-signature',
    secret: ['secret'],
    path: { key: 'path', otherwise: '/' },
  },
]

/** The verification of an SDK that is switched off by an option. */
const SWITCHED_OFF = ['signatureVerification', 'verifySignature']

/** Asked of every call of a module, by a walk that another discovery makes anyway. */
export function sdkReceivers(
  call: CallExpression,
  { functions, cls }: Inside,
  module: Module,
  project: Project,
): readonly DiscoveredSurface[] {
  const written = pathOf(call.callee).replaceAll('()', '')
  const sdk = SDK_RECEIVERS.find(
    ({ calls, packages }) => calls.test(written) && importsFrom(module, packages) && isOf(packages, written, module),
  )
  if (sdk === undefined) return []
  const args = positional(call)
  const [first] = args
  const made = sdk.takesMade === true && first !== undefined ? makerOf(first, module, project) : undefined
  const given = made?.call ?? call
  const where = made?.module ?? module
  const options = optionsOf(given, where, project)
  if (sdk.secret !== 'none' && options.length === 0 && sdk.provider === 'webhook-handler') return []
  if ((sdk.unless ?? []).some((key) => options.some((one) => isOn(entryOf(one, key))))) return []
  const secret = sdk.secret === 'none' ? positional(given)[0] : secretIn(options, sdk.secret)
  const isOff = SWITCHED_OFF.some((key) => options.some((one) => isFalse(entryOf(one, key))))
  // Bolt's application without a secret listens on a socket of its own, or has its receiver elsewhere.
  if (/(?:^|\.)App$/.test(written) && secret === undefined && !isOff) return []
  const paths = [...args, ...options].flatMap((one) => pathIn(one, sdk) ?? [])
  return [
    {
      kind: 'route',
      framework: 'other',
      path: paths[0] ?? sdk.path?.otherwise,
      methods: ['POST'],
      name: written,
      module,
      at: call.at,
      chain: [
        {
          role: 'handler',
          run: {
            module: where,
            expression: receiver(sdk, secret, isOff, given.at),
            within: where === module ? functions : [],
            ...(cls === undefined || where !== module ? {} : { cls }),
          },
          binds: ['request'],
        },
      ],
      body: { body: 'raw', limit: undefined },
      mountSeen: true,
      guards: [],
      style: 'webhook',
    },
  ]
}

/** The name that is called comes from one of the packages. */
function isOf(packages: RegExp, written: string, module: Module): boolean {
  const [root] = written.split('.')
  const imported = module.imports.find(({ local }) => local === root)
  if (imported !== undefined) return packages.test(imported.source)
  return module.body.some(
    (statement) =>
      statement.kind === 'assign' &&
      (statement.target.kind === 'name'
        ? statement.target.name === root
        : statement.target.kind === 'object' &&
          statement.target.entries.some(({ target }) => target.kind === 'name' && target.name === root)),
  )
}

/** `webhooks` in `createNodeMiddleware(webhooks)`: the call that made it, in this module or another. */
function makerOf(
  value: Expression,
  module: Module,
  project: Project,
): { readonly call: CallExpression; readonly module: Module } | undefined {
  if (value.kind === 'call') return { call: value, module }
  const declaration = value.kind === 'name' ? project.program.declaration(module, value.name) : undefined
  return declaration?.kind === 'value' && declaration.value.kind === 'call'
    ? { call: declaration.value, module: declaration.module }
    : undefined
}

/** Object literals among the arguments, at once or by a name. */
function optionsOf(call: CallExpression, module: Module, project: Project): readonly Expression[] {
  return positional(call).flatMap((arg): readonly Expression[] => {
    if (arg.kind === 'object') return [arg]
    const declaration = arg.kind === 'name' ? project.program.declaration(module, arg.name) : undefined
    return declaration?.kind === 'value' && declaration.module === module && declaration.value.kind === 'object'
      ? [declaration.value]
      : []
  })
}

/** `{ secret }`, `{ webhooks: { secret } }`, `{ probot: new Probot({ secret }) }` */
function secretIn(options: readonly Expression[], keys: readonly string[]): Expression | undefined {
  for (const one of options)
    for (const key of keys) {
      const value = entryOf(one, key)
      if (value?.kind === 'object') return secretIn([value], keys)
      if (value?.kind === 'call' && value.isNew) return secretIn(positional(value), keys)
      if (value !== undefined) return value
    }
  return undefined
}

function pathIn(options: Expression, { path }: SdkReceiver): string | undefined {
  return path === undefined ? undefined : literalText(entryOf(options, path.key))
}

function isOn(value: Expression | undefined): boolean {
  return value !== undefined && !isFalse(value)
}

function isFalse(value: Expression | undefined): boolean {
  return value?.kind === 'literal' && value.value === false
}

/** `(incoming) => { provider.verifyDelivery(incoming.rawBody, incoming.headers[header], secret); act(…) }` */
function receiver(sdk: SdkReceiver, secret: Expression | undefined, isOff: boolean, at: Position): Expression {
  const name = (one: string): Expression => ({ kind: 'name', name: one, at })
  const member = (object: Expression, property: string): Expression => ({
    kind: 'member',
    object,
    property,
    optional: false,
    at,
  })
  const call = (callee: Expression, args: readonly Expression[]): Expression => ({
    kind: 'call',
    callee,
    args: args.map((value) => ({ value })),
    isNew: false,
    at,
  })
  const bytes = member(name(INCOMING), 'rawBody')
  const signature: Expression = {
    kind: 'index',
    object: member(name(INCOMING), 'headers'),
    index: { kind: 'literal', value: sdk.header, at },
    at,
  }
  const steps: readonly Expression[] = isOff
    ? [call(name('runRegisteredHandlers'), [bytes])]
    : [
        call(member(name(sdk.provider), 'verifyDelivery'), [
          bytes,
          signature,
          ...(secret === undefined ? [] : [secret]),
        ]),
      ]
  return {
    kind: 'lambda',
    fn: {
      name: 'receive',
      params: [{ pattern: { kind: 'name', name: INCOMING, at }, decorators: [] }],
      body: steps.map((value): Statement => ({ kind: 'expression', value, at })),
      decorators: [],
      isAsync: false,
      isGenerator: false,
      at,
    },
    at,
  }
}

const INCOMING = 'incoming delivery'
