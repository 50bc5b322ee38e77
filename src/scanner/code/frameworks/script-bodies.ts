/** What the body of a request is when the handler reads it, and how large it may be: the first parser decides. */
import { isVerifierName } from '../knowledge/names.ts'
import type { Expression, FunctionIr, Module } from '../parse/ir.ts'
import { bytesOf, entryOf, literalNumber, literalText, pathOf, positional } from '../parse/walk.ts'
import type { BodyHandling, ChainStep, Framework } from '../surface.ts'
import { unwrapped } from './exported-handler.ts'
import { importsFrom, type Project, requiredSource } from './framework.ts'
import { makerOf } from './script-mounts.ts'
import { peeled, type Registration, rootOf } from './script-routers.ts'

/** The first parser in the chain decides what `req.body` is. */
export function bodyOf(
  steps: readonly Expression[],
  all: readonly Registration[],
  framework: Framework,
  rooted: boolean,
  project: Project,
): BodyHandling {
  if (framework === 'fastify') return { ...fastifyBody(all), ...fastifyLimit(steps, all, project) }
  // The parsed body is a member of Elysia's context; what is read from the request itself are the bytes.
  if (framework === 'elysia') return { body: 'raw', limit: undefined }
  if (framework === 'hono') return { body: 'raw', limit: honoLimit(steps, rooted, project) }
  for (const step of steps) {
    if (step.kind !== 'call') continue
    const name = pathOf(step.callee).replaceAll('()', '')
    const last = name.split('.').at(-1) ?? ''
    const options = positional(step)[0]
    const limit = entryOf(options, 'limit') ?? entryOf(options, 'jsonLimit')
    const bytes =
      limit === undefined
        ? undefined
        : literalNumber(limit) === Number.POSITIVE_INFINITY || pathOf(limit) === 'Infinity'
          ? null
          : bytesOf(limit)
    const common = {
      limit: limit === undefined ? (framework === 'express' ? 102_400 : 1_048_576) : bytes,
      ...(limit === undefined ? {} : { limitAt: limit.at }),
      parserAt: step.at,
    }
    if (/^(?:raw|rawBody|getRawBody)$/.test(last) || (last === 'text' && /express|bodyParser/.test(name)))
      return { body: 'raw', ...common }
    if (/^(?:json|bodyParser|koaBody|body|urlencoded|koa-bodyparser|koa-body)$/i.test(last)) {
      const field = rawFieldOf(entryOf(options, 'verify'))
      if (framework === 'koa') return { body: 'parsed', rawField: 'rawBody', ...common }
      if (last === 'urlencoded' && field === undefined) continue
      return { body: 'parsed', ...(field === undefined ? {} : { rawField: field }), ...common }
    }
  }
  const conditional = steps.some((step) => step.kind === 'lambda' && mentionsParser(step))
  if (framework === 'koa') return { body: rooted ? 'parsed' : 'unknown', rawField: 'rawBody', limit: undefined }
  return { body: conditional || !rooted ? 'unknown' : 'unknown', limit: undefined }
}

/** Workers and other platforms cap a body; a server on Node or Bun does not, and Hono adds nothing. */
function honoLimit(steps: readonly Expression[], rooted: boolean, project: Project): null | undefined {
  const limited = steps.some((step) => step.kind === 'call' && /bodyLimit$/.test(pathOf(step.callee)))
  return rooted && !limited && project.modules.some((module) => importsFrom(module, /^@hono\/node-server/))
    ? null
    : undefined
}

/** `Fastify({ bodyLimit })` and the option of a route. */
function fastifyLimit(
  steps: readonly Expression[],
  all: readonly Registration[],
  project: Project,
): Pick<BodyHandling, 'limit' | 'limitAt' | 'file'> | object {
  for (const step of steps) {
    const own = entryOf(step, 'bodyLimit')
    if (own !== undefined) return { limit: bytesOf(own), limitAt: own.at }
  }
  for (const one of all) {
    const base = one.call.callee.kind === 'member' ? rootOf(one.call.callee.object) : undefined
    const maker = base?.kind === 'name' ? makerOf(base.name, one, project) : base
    if (maker?.kind !== 'call') continue
    const limit = positional(maker).flatMap((arg) => entryOf(arg, 'bodyLimit') ?? [])[0]
    if (limit !== undefined) return { limit: bytesOf(limit), limitAt: limit.at, file: one.module.file }
  }
  return {}
}

function mentionsParser(step: Expression): boolean {
  return JSON.stringify(step).includes('"json"')
}

/** `verify: (req, res, buf) => { req.rawBody = buf }` */
function rawFieldOf(verify: Expression | undefined): string | undefined {
  if (verify === undefined) return undefined
  if (verify.kind !== 'lambda') return 'rawBody'
  const text = JSON.stringify(verify.fn.body)
  const match =
    /"target":\{"kind":"member","object":\{"kind":"name"[^}]*\}?[^{]*?\},?"property":"(\w+)"/.exec(text) ??
    /"property":"(rawBody|raw|buf|bodyRaw|raw_body|rawBuffer)"/.exec(text)
  return match?.[1] ?? 'rawBody'
}

/**
 * `express.json({ verify: (req, res, bytes) => … })` where the function does more than keep the bytes: it runs before the
 * parser lets the request through, and what it throws refuses it.
 */
export function parsersHook(
  step: Expression,
  module: Module,
  project: Project,
  within: readonly FunctionIr[],
): readonly ChainStep[] {
  if (step.kind !== 'call' || !/(?:^|\.)(?:json|raw|text|urlencoded|bodyParser)$/.test(pathOf(step.callee))) return []
  const hook = positional(step).flatMap((options) => entryOf(options, 'verify') ?? [])[0]
  if (hook === undefined) return []
  const { fn } = unwrapped(hook, module, project)
  if (
    fn !== undefined &&
    !/"kind":"throw"|"(?:createHmac|\w*(?:[vV]erif|[cC]heck|[vV]alid)\w*)"/.test(JSON.stringify(fn.body))
  )
    return []
  if (fn === undefined && !isVerifierName(pathOf(hook))) return []
  return [
    {
      role: 'dependency',
      run: peeled(hook, module, project, within),
      binds: ['request', 'response', 'body-raw', 'unknown'],
    },
  ]
}

/** A content-type parser that does more than parse: it has the bytes before the handler, and an error of it refuses them. */
export function parserSteps(all: readonly Registration[], framework: Framework): readonly ChainStep[] {
  if (framework !== 'fastify') return []
  return all.flatMap(({ property, args, module, inside }): ChainStep[] => {
    const parser = property === 'addContentTypeParser' ? args.at(-1) : undefined
    if (parser?.kind !== 'lambda' || !/"(?:createHmac|timingSafeEqual)"/.test(JSON.stringify(parser.fn.body))) return []
    return [
      {
        role: 'middleware',
        run: { module, expression: parser, within: inside.functions },
        binds: ['request', 'body-raw', 'next'],
      },
    ]
  })
}

function fastifyBody(all: readonly Registration[]): BodyHandling {
  const parser = all.find((one) => one.property === 'addContentTypeParser')
  const plugin = all.find(
    (one) =>
      one.property === 'register' &&
      /raw-?body/i.test(one.args[0] === undefined ? '' : `${pathOf(one.args[0])} ${requiredSource(one.args[0]) ?? ''}`),
  )
  if (plugin !== undefined)
    return { body: 'parsed', rawField: literalText(entryOf(plugin.args[1], 'field')) ?? 'rawBody', limit: undefined }
  if (parser === undefined) return { body: 'parsed', limit: 1_048_576 }
  const done = parser.args.at(-1)
  const parsesIt = done?.kind === 'lambda' && JSON.stringify(done.fn.body).includes('"JSON"')
  const field =
    done?.kind === 'lambda'
      ? /"property":"(rawBody|raw|rawPayload|bodyRaw)"/.exec(JSON.stringify(done.fn.body))?.[1]
      : undefined
  // With `parseAs` Fastify reads the body itself, up to its limit; else the parser is given the stream.
  const options = parser.args.find((arg) => entryOf(arg, 'parseAs') !== undefined)
  const own = entryOf(options, 'bodyLimit')
  const limit = options === undefined ? undefined : own === undefined ? 1_048_576 : bytesOf(own)
  if (field !== undefined) return { body: 'parsed', rawField: field, limit }
  if (parsesIt) return { body: 'unknown', rawField: 'rawBody', limit }
  return { body: 'raw', limit }
}
