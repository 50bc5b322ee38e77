/**
 * A probe plan: which live surfaces are examined, with which keys and identities, under which limits.
 *
 * Written by hand as YAML or JSON (`postern scan --init-live` starts one), or made from the options of the command
 * line. Secrets stand in it by reference, `env:NAME` or `file:PATH`; who reads it resolves them.
 */
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { type FieldError, PosternError } from '../../base/model/errors.ts'
import { DEFAULT_LIMITS } from './budget.ts'
import { socketTargetSchema, streamTargetSchema } from './sockets/channel-plan.ts'
import { customSchemeSchema } from './webhook/custom-scheme.ts'

const secret = z.string().min(1).describe('`env:NAME` or `file:PATH`; text in clear works and is warned about')
const bodyPath = z.string().regex(/^\$(?:\.[\w-]+|\[\d+\])+$/, 'must be a place such as $.data.object.id')
const header = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be the name of a header')
const url = z.url({ protocol: /^https?$/ })

const oracleSchema = z
  .strictObject({
    sink: z
      .union([z.literal(true), z.strictObject({ port: z.int().min(1).max(65_535) })])
      .optional()
      .describe('the target delivers to our listener; `port` fixes where that is'),
    status: z
      .strictObject({
        url: z.string().regex(/^https?:\/\//, 'must be an http or https URL'),
        path: z.string().startsWith('$', 'must be a JSONPath, such as $.deliveries'),
        headers: z.record(header, secret).optional(),
      })
      .optional()
      .describe('JSON at `url`, read at `path` (RFC 9535); `{id}` stands for the event’s id'),
    hook: z.string().min(1).optional().describe('a command that prints a count; POSTERN_EVENT_ID holds the event’s id'),
  })
  .refine((oracle) => Object.values(oracle).filter((one) => one !== undefined).length === 1, {
    message: 'must be one of sink, status and hook',
  })

const identity = z.strictObject({
  headers: z.record(header, secret).describe('such as Authorization or Cookie'),
  tenant: z.string().optional().describe('identities of one tenant have the same name here'),
})

const webhookTarget = z.strictObject({
  kind: z.literal('webhook'),
  url,
  provider: z.string().optional().describe('one of `postern providers list`'),
  custom: customSchemeSchema.optional().describe('a scheme of your own instead of a provider'),
  scheme: z.string().optional(),
  slot: z.string().optional(),
  settings: z.record(z.string(), z.string()).optional(),
  secret: secret.optional(),
  public_url: url.optional().describe('the address that is signed, where it is not the one sent to'),
  event: z
    .strictObject({
      type: z.string().optional(),
      body: z.string().optional().describe('text; {{id}}, {{type}}, {{seconds}} and {{iso}} are filled in'),
      body_file: z.string().optional(),
      content_type: z.string().optional(),
      id: z
        .union([z.templateLiteral(['body:', z.string()]), z.templateLiteral(['header:', z.string()])])
        .optional()
        .describe('where the event’s id stands, when it is not where the provider puts it: body:$.id or header:X-Id'),
      type_at: z
        .union([z.templateLiteral(['body:', z.string()]), z.templateLiteral(['header:', z.string()])])
        .optional(),
    })
    .optional(),
  url_fields: z.array(bodyPath).optional().describe('fields that hold addresses, for the forged-request probes'),
  object_ids: z.array(bodyPath).optional().describe('fields that name objects, for the sequential-id probe'),
  other_tenant: z
    .strictObject({
      secret: secret.optional().describe('the signing secret of another integration'),
      fields: z
        .record(bodyPath, z.union([z.string(), z.number()]))
        .optional()
        .describe('ids of another tenant'),
    })
    .optional(),
  rotation: z
    .strictObject({ also: secret.optional(), retired: secret.optional() })
    .optional()
    .describe('a second secret that is active now, and one that no longer is'),
  oracle: oracleSchema.optional(),
})

const restTarget = z.strictObject({
  kind: z.literal('rest'),
  url: url.describe('the base address'),
  identities: z.record(z.string(), identity).optional(),
  operations: z
    .array(
      z.strictObject({
        method: z.enum(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
        path: z.string().startsWith('/'),
        owner: z.string().optional().describe('the identity whose object this is'),
        public: z.boolean().optional().describe('meant to be open to everybody'),
        body: z.string().optional(),
        content_type: z.string().optional(),
      }),
    )
    .min(1),
})

/** Something that only the operator of a target can do, such as taking a role away. */
const step = z
  .strictObject({
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('POST'),
    path: z.string().startsWith('/').optional().describe('a request to the target'),
    headers: z.record(header, secret).optional(),
    body: z.string().optional().describe('{seconds} is filled in'),
    command: z.string().min(1).optional().describe('or a command; POSTERN_SECONDS holds the seconds'),
  })
  .refine(({ path, command }) => (path === undefined) !== (command === undefined), {
    message: 'must have either a path or a command',
  })

const jobTarget = z.strictObject({
  kind: z.literal('job'),
  url: url.describe('the base address'),
  identities: z.record(z.string(), identity).describe('the owner first, then others'),
  create: z.strictObject({
    method: z.enum(['POST', 'PUT', 'GET']).default('POST'),
    path: z.string().startsWith('/'),
    body: z.string().optional(),
    content_type: z.string().default('application/json'),
    id: z.string().startsWith('$').default('$.id').describe('JSONPath of the job’s id in the answer'),
  }),
  status: z.strictObject({ path: z.string(), done: z.string().startsWith('$').optional() }),
  cancel: z.strictObject({ method: z.enum(['POST', 'DELETE', 'PUT']).default('POST'), path: z.string() }).optional(),
  result: z
    .strictObject({
      path: z.string().optional(),
      url: z
        .string()
        .startsWith('$')
        .optional()
        .describe('JSONPath of an issued address in the answer to status, or else to result'),
      expires: z
        .string()
        .startsWith('$')
        .optional()
        .describe('JSONPath beside it: the seconds it lives, or when it ends; common names are found without'),
      owner_only: z.boolean().optional().describe('the address alone must not be enough: it asks for its owner, too'),
    })
    .optional(),
  kept_seconds: z.int().min(1).max(3_000_000).optional().describe('how long a finished job can be asked about'),
  role_change: z
    .strictObject({
      identity: z.string().describe('who creates a job and then may no longer'),
      take: step,
      give: step.describe('puts it back as it was'),
    })
    .optional(),
  clock: step.optional().describe('moves the clock of the target by {seconds}, so that ends need not be waited for'),
  callback_field: bodyPath.optional().describe('where a client names a callback address on creation'),
  callback: z
    .strictObject({ method: z.enum(['PUT', 'POST', 'PATCH']).default('PUT'), path: z.string(), body: z.string() })
    .optional()
    .describe('how the owner sets the callback of a job, with an address that is allowed'),
})

const llmTarget = z.strictObject({
  kind: z.literal('llm'),
  url,
  /** Without it the body is posted as it is. */
  webhook: webhookTarget.omit({ kind: true, url: true }).optional(),
  headers: z.record(header, secret).optional(),
  body: z.string().optional().describe('a request; {{text}} is where a stranger’s text stands'),
  text_field: bodyPath.optional().describe('the field of the event that holds a stranger’s text'),
  content_type: z.string().default('application/json'),
  canaries: z
    .record(z.string(), z.string())
    .optional()
    .describe('texts that must never come out: of the prompt, of other people’s data, keys'),
  oracle: oracleSchema.optional(),
})

const targetSchema = z.preprocess(
  (value) =>
    typeof value === 'object' && value !== null && !('kind' in value) ? { kind: 'webhook', ...value } : value,
  z.discriminatedUnion('kind', [
    webhookTarget,
    restTarget,
    jobTarget,
    llmTarget,
    socketTargetSchema,
    streamTargetSchema,
  ]),
)

const limitsSchema = z.strictObject({
  requests: z.int().min(1).max(100_000).default(DEFAULT_LIMITS.maxRequests),
  per_second: z.number().min(0.1).max(10_000).default(DEFAULT_LIMITS.perSecond),
  seconds: z.int().min(1).max(3_600).default(DEFAULT_LIMITS.maxSeconds),
  timeout_ms: z.int().min(100).max(120_000).default(10_000).describe('for one answer'),
  effect_ms: z.int().min(100).max(60_000).default(3_000).describe('the longest a genuine event’s effect is waited for'),
  late_ms: z.int().min(0).max(60_000).default(1_500).describe('how long late calls to the listener are waited for'),
  wait_seconds: z.int().min(0).max(3_600).default(30).describe('the longest that the end of an address is waited for'),
  parallel_copies: z.int().min(2).max(200).default(50),
  burst: z
    .int()
    .min(20)
    .max(5_000)
    .optional()
    .describe('unsigned requests at once that are certainly too many; without it no burst is sent'),
  slow_seconds: z
    .int()
    .min(1)
    .max(600)
    .optional()
    .describe('how long a sender may stop in the middle of a body at most; without it only others are looked at'),
  oversized_bytes: z.int().min(2_000_000).max(256_000_000).default(12_000_000),
})

const planSchema = z.strictObject({
  version: z.literal(1).default(1),
  targets: z.array(targetSchema).default([]),
  limits: limitsSchema.prefault({}),
  consent: z
    .strictObject({
      authorized_by: z.string().optional(),
      token: secret.optional(),
      allow_cidrs: z.array(z.union([z.cidrv4(), z.cidrv6()])).default([]),
    })
    .prefault({}),
  probes: z
    .strictObject({ only: z.array(z.string()).min(1).optional(), skip: z.array(z.string()).optional() })
    .prefault({})
    .describe('ids of probes; docs/probes lists them'),
  callback_base: url.optional().describe('the address under which targets reach our listener'),
  destructive: z.boolean().default(false).describe('whether PUT, PATCH, DELETE and cancelling may be tried'),
})

export type LivePlan = z.output<typeof planSchema>
export type LivePlanInput = z.input<typeof planSchema>
export type WebhookTargetInput = z.input<typeof webhookTarget>
export type PlanTarget = LivePlan['targets'][number]
export type WebhookTarget = Extract<PlanTarget, { kind: 'webhook' }>
export type RestTarget = Extract<PlanTarget, { kind: 'rest' }>
export type JobTarget = Extract<PlanTarget, { kind: 'job' }>
export type LlmTarget = Extract<PlanTarget, { kind: 'llm' }>
export type StepPlan = z.output<typeof step>
export type OraclePlan = NonNullable<WebhookTarget['oracle']>
export type LiveLimits = LivePlan['limits']

const MAX_PLAN_BYTES = 256 * 1_024

/** @throws PosternError `VALIDATION_ERROR` with file, line and column of each problem. */
export function readPlan(text: string, file: string): LivePlan {
  if (text.length > MAX_PLAN_BYTES) throw refused(file, [{ path: file, message: 'is larger than 256 KiB' }])
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, stringKeys: true, uniqueKeys: true })
  const place = (offset: number | undefined): string => {
    const { line, col } = lines.linePos(offset ?? 0)
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`
  }
  if (document.errors.length > 0)
    throw refused(
      file,
      document.errors.map(({ pos, message }) => ({ path: place(pos[0]), message: message.split('\n')[0] ?? message })),
    )
  const parsed = planSchema.safeParse(plainOf(document, file))
  if (parsed.success) return parsed.data
  throw refused(
    file,
    parsed.error.issues.map(({ path, message }) => ({
      path: place(offsetOf(document, path)),
      message: `${path.join('.')}: ${message}`,
    })),
  )
}

/** From options: the same checks, without a file. @throws PosternError `VALIDATION_ERROR` */
export function makePlan(input: LivePlanInput): LivePlan {
  const parsed = planSchema.safeParse(input)
  if (parsed.success) return parsed.data
  throw new PosternError('VALIDATION_ERROR', 'The options for probing are not valid.', {
    errors: parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
  })
}

export function planJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(planSchema, { io: 'input', unrepresentable: 'any' })
}

function plainOf(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 20 }) ?? {}
  } catch (cause) {
    throw new PosternError('VALIDATION_ERROR', `${file} cannot be read: its aliases grow too large.`, { cause })
  }
}

/** Of the deepest part of the path that stands in the file. */
function offsetOf(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) return node.range[0]
  }
  return undefined
}

function refused(file: string, errors: readonly FieldError[]): PosternError {
  return new PosternError('VALIDATION_ERROR', `${file} is not a probe plan that can be used.`, { errors })
}
