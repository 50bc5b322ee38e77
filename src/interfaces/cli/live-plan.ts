/** From the options of `postern scan` and its probe plan to one plan; secrets by reference. */
import { PosternError } from '../../base/model/errors.ts'
import { type LivePlan, makePlan, readPlan, type WebhookTargetInput } from '../../scanner/live/plan.ts'
import type { AskableOperation } from '../../scanner/spec/askable-operations.ts'
import type { CommandContext } from './context.ts'
import { readInput } from './input.ts'
import { number, text } from './list.ts'
import { namedValues } from './named-values.ts'

type Options = Readonly<Record<string, unknown>>

/** Options that describe one target and therefore mean nothing beside a plan that describes it. */
const OF_TARGET = [
  'provider',
  'scheme',
  'setting',
  'secret',
  'body',
  'type',
  'publicUrl',
  'statusUrl',
  'statusPath',
  'sink',
  'hook',
] as const

/**
 * @param urls Named on the command line.
 * @param described What the descriptions beside them have to ask for.
 * @throws PosternError `VALIDATION_ERROR`
 */
export async function livePlan(
  context: CommandContext,
  urls: readonly string[],
  options: Options,
  described: () => readonly AskableOperation[],
): Promise<LivePlan> {
  const file = text(options['liveConfig'])
  const written =
    file === undefined ? makePlan({}) : readPlan((await readInput(file, context.stdin)).toString('utf8'), file)
  const planned = (url: string) => written.targets.filter((target) => sameUrl(target.url, url))
  const targets = urls.flatMap((url): readonly unknown[] => {
    const found = planned(url)
    return found.length > 0 ? found : [describedTarget(url, options, described) ?? targetOf(url, options)]
  })
  if (urls.every((url) => planned(url).length > 0)) refuseTargetOptions(options)
  const { limits, consent } = written
  return makePlan({
    ...written,
    targets: urls.length === 0 ? written.targets : targets,
    limits: {
      ...limits,
      requests: number(options['maxRequests']) ?? limits.requests,
      per_second: number(options['rate']) ?? limits.per_second,
      seconds: number(options['maxSeconds']) ?? limits.seconds,
    },
    consent: {
      ...consent,
      authorized_by: text(options['authorizedBy']) ?? consent.authorized_by,
      token: text(options['consentToken']) ?? consent.token,
      allow_cidrs: [...consent.allow_cidrs, ...texts(options['allowCidr'])],
    },
    callback_base: text(options['callbackBase']) ?? written.callback_base,
    destructive: options['destructive'] === true || written.destructive,
  })
}

/** Each is asked some twenty times. */
const MOST_OPERATIONS = 40

/** Beside a description, an address of which nothing is said is that of the service which it describes. */
function describedTarget(url: string, options: Options, described: () => readonly AskableOperation[]) {
  if (OF_TARGET.some((name) => options[name] !== undefined)) return undefined
  const operations = described().slice(0, MOST_OPERATIONS)
  if (operations.length === 0) return undefined
  const isRoot = new URL(url).pathname === '/'
  return {
    kind: 'rest' as const,
    url,
    operations: operations.map(({ method, path, base, isPublic }) => ({
      method,
      path: isRoot ? path : path.slice(base.length),
      ...(isPublic ? { public: true } : {}),
    })),
  }
}

function targetOf(url: string, options: Options): WebhookTargetInput {
  const oracle = oracleOf(options)
  const body = text(options['body'])
  const type = text(options['type'])
  return {
    kind: 'webhook',
    url,
    provider: text(options['provider']),
    scheme: text(options['scheme']),
    settings: namedValues('setting', options['setting']),
    secret: text(options['secret']),
    public_url: text(options['publicUrl']),
    ...(body === undefined && type === undefined ? {} : { event: { body_file: body, type } }),
    ...(oracle === undefined ? {} : { oracle }),
  }
}

function oracleOf(options: Options): WebhookTargetInput['oracle'] {
  const { sink } = options
  const hook = text(options['hook'])
  const url = text(options['statusUrl'])
  const path = text(options['statusPath'])
  if ((url === undefined) !== (path === undefined))
    throw new PosternError('VALIDATION_ERROR', '--status-url and --status-path belong together.')
  const given = [sink, hook, url].filter((one) => one !== undefined)
  if (given.length > 1)
    throw new PosternError('VALIDATION_ERROR', 'Only one of --sink, --hook and --status-url counts.')
  if (url !== undefined && path !== undefined) return { status: { url, path } }
  if (hook !== undefined) return { hook }
  if (sink === undefined) return undefined
  return { sink: typeof sink === 'string' ? { port: Number(sink) } : true }
}

function refuseTargetOptions(options: Options): void {
  const given = OF_TARGET.find((name) => options[name] !== undefined)
  if (given === undefined) return
  const option = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new PosternError(
    'VALIDATION_ERROR',
    `--${option} describes a target that is named as a URL; those of the probe plan are described there.`,
  )
}

/** Every secret that stands in clear, by where it stands. */
export function secretsInClear(plan: LivePlan, options: Options): readonly string[] {
  const found: string[] = []
  const look = (value: unknown, path: string): void => {
    if (typeof value === 'string' && SECRET_PLACE.test(path) && !/^(?:env|file):/.test(value)) found.push(path)
    if (typeof value !== 'object' || value === null) return
    for (const [name, child] of Object.entries(value)) look(child, path === '' ? name : `${path}.${name}`)
  }
  look({ targets: plan.targets, consent: plan.consent }, '')
  const clear = (name: 'secret' | 'consentToken', option: string) => {
    const given = text(options[name])
    return given === undefined || /^(?:env|file):/.test(given) ? [] : [option]
  }
  const named = [...clear('secret', '--secret'), ...clear('consentToken', '--consent-token')]
  return named.length > 0 ? named : found
}

const SECRET_PLACE = /\.(?:secret|also|retired|token)$/

function sameUrl(one: string, other: string): boolean {
  return URL.canParse(other) && new URL(one).href === new URL(other).href
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}
