/**
 * The configuration: read once, at the start, from the environment; every problem is reported at once.
 *
 * An empty variable counts as unset (never as zero). A `POSTERN_*` name that is not listed here stops the
 * start: a misspelt limit must not silently mean "no limit". docs/config.md is generated from this file.
 */
import { isIP } from 'node:net'
import { z } from 'zod'
import { PosternError } from '../base/model/errors.ts'
import { DEFAULT_MAX_BODY_BYTES, DEFAULT_RATE_LIMIT_PER_MINUTE } from '../base/model/integration.ts'
import { MAX_RETENTION_DAYS, type RetentionPolicy, retentionFaults } from '../base/model/retention.ts'

const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be between ${min} and ${max}`)

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)

const cidr = z.string().refine((text) => {
  const [address = '', bits] = text.split('/')
  const version = isIP(address)
  if (version === 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}, 'must be an address or a range such as 10.0.0.0/8')

const url = (protocols: readonly string[]) =>
  z.string().refine(
    (text) => {
      return URL.canParse(text) && protocols.includes(new URL(text).protocol)
    },
    `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  )

const days = z
  .string()
  .regex(/^(\d{1,5}|forever)$/, 'must be a number of days, or `forever`')
  .transform((text) => (text === 'forever' ? null : Number(text)))
  .refine(
    (value) => value === null || (value >= 1 && value <= MAX_RETENTION_DAYS),
    `must be between 1 and ${MAX_RETENTION_DAYS}, or \`forever\``,
  )

interface Variable {
  readonly schema: z.ZodType
  /** As text, the way it would stand in the environment. */
  readonly default?: string
  readonly describe: string
}

/** Unset means `undefined`. */
const optional = <S extends z.ZodType>(schema: S, describe: string) => ({ schema, describe })
const variable = <S extends z.ZodType>(schema: S, describe: string, fallback: string) => ({
  schema,
  describe,
  default: fallback,
})

/** Every variable Postern reads, in the order in which docs/config.md lists them. */
export const VARIABLES = {
  NODE_ENV: variable(
    z.enum(['production', 'development', 'test']),
    '`production` removes the delivery sink and demands a management key.',
    'development',
  ),
  POSTERN_HOST: variable(
    z.string().min(1),
    'Address to listen on. Use `0.0.0.0` behind a proxy or in a container.',
    '127.0.0.1',
  ),
  POSTERN_PORT: variable(integer(0, 65535), 'Port to listen on; 0 takes a free one.', '8400'),
  POSTERN_DATA_DIR: variable(
    z.string().min(1),
    'Folder for the embedded database, keys and generated secrets.',
    './.postern',
  ),
  DATABASE_URL: optional(
    url(['postgres:', 'postgresql:']),
    'PostgreSQL 14 or later to use instead of the embedded one.',
  ),
  REDIS_URL: optional(
    url(['redis:', 'rediss:', 'unix:']),
    'Redis or Valkey for coordination between several gateways. Without it, coordination is in-process.',
  ),
  MANAGEMENT_API_KEY: optional(
    z.string().min(16, 'must have at least 16 characters'),
    'The root management key. When unset outside production, `postern up` makes one and keeps it in the data folder.',
  ),
  POSTERN_MASTER_KEY: optional(
    z.string().regex(/^[0-9a-fA-F]{64}$/, 'must be 64 hex digits (32 bytes)'),
    'Key that encrypts stored secrets. When unset, one is made and kept in the data folder (0600); back it up.',
  ),
  POSTERN_PUBLIC_URL: optional(
    url(['http:', 'https:']),
    'The address providers reach this gateway at, for schemes that sign the URL.',
  ),
  POSTERN_TRUSTED_PROXIES: variable(
    list.pipe(z.array(cidr)),
    'Comma-separated addresses or ranges whose `X-Forwarded-For` is believed. Empty: nobody’s.',
    '',
  ),
  POSTERN_CLIENT_CERT_HEADER: optional(
    z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'must be a header name')
      .transform((name) => name.toLowerCase()),
    'The header in which a trusted proxy names the client certificate it verified (RFC 9440 `Client-Cert`, percent-encoded PEM, or the SHA-256 fingerprint). The proxy must remove the header from what clients send.',
  ),
  POSTERN_MAX_BODY_BYTES: variable(
    integer(1, 256 * 1024 * 1024),
    'Largest webhook body, in bytes, unless the integration says otherwise.',
    String(DEFAULT_MAX_BODY_BYTES),
  ),
  POSTERN_MAX_INFLIGHT_BYTES: variable(
    integer(1024, 16 * 1024 * 1024 * 1024),
    'Bytes of bodies being received at one time, over all requests; above it requests are answered 503.',
    String(24 * 1024 * 1024),
  ),
  POSTERN_MAX_CONNECTIONS_PER_ADDRESS: variable(
    integer(1, 1_000_000),
    'Open connections from one address (IPv6: one /64) that is not a trusted proxy.',
    '512',
  ),
  POSTERN_RATE_LIMIT_PER_MINUTE: variable(
    integer(1, 10_000_000),
    'Webhooks a minute per integration and source address, unless the integration says otherwise.',
    String(DEFAULT_RATE_LIMIT_PER_MINUTE),
  ),
  POSTERN_HEADER_TIMEOUT_MS: variable(integer(100, 600_000), 'Time a request’s headers may take to arrive.', '10000'),
  POSTERN_BODY_TIMEOUT_MS: variable(integer(100, 600_000), 'Time a request’s body may take to arrive.', '20000'),
  POSTERN_COMMIT_TIMEOUT_MS: variable(
    integer(100, 600_000),
    'Longest wait for the commit before a webhook is answered 503.',
    '5000',
  ),
  POSTERN_EGRESS_PORTS: variable(
    list.pipe(z.array(integer(1, 65535))),
    'Ports that destinations on public addresses may use.',
    '80,443,8443',
  ),
  POSTERN_EGRESS_HTTP: variable(
    z.enum(['deny', 'allow']),
    'Whether destinations on public addresses may use plain http.',
    'deny',
  ),
  POSTERN_WORKER_CONCURRENCY: variable(integer(1, 10_000), 'Deliveries under way at one time in one worker.', '64'),
  POSTERN_WORKER_LEASE_MS: variable(
    integer(5_000, 3_600_000),
    'How long the jobs of a worker that died wait for another one. A worker that lives renews its leases.',
    '90000',
  ),
  POSTERN_REPLAY_COOLDOWN_SECONDS: variable(
    integer(0, 86_400),
    'How soon after a replay the same event may be replayed singly again. Plans pass over what was replayed within a minute.',
    '0',
  ),
  POSTERN_QUARANTINE_MAX_ROWS: variable(integer(0, 10_000_000), 'Refused requests kept per integration.', '1000'),
  POSTERN_QUARANTINE_MAX_BYTES: variable(
    integer(0, 16 * 1024 * 1024 * 1024),
    'Bytes of refused bodies kept per integration.',
    String(16 * 1024 * 1024),
  ),
  POSTERN_RETENTION_DAYS: variable(
    days,
    'Days that events are kept, with their jobs and delivery attempts, unless the tenant says otherwise; or `forever`. See docs/retention.md.',
    '90',
  ),
  POSTERN_PAYLOAD_RETENTION_DAYS: variable(
    days,
    'Days that bytes and headers are kept, what destinations answered, and refused requests; no longer than `POSTERN_RETENTION_DAYS`.',
    '30',
  ),
  POSTERN_UNDELIVERED_RETENTION_DAYS: variable(
    days,
    'Days that dead letters and parked events nobody has dealt with are kept, with their payloads; no shorter than `POSTERN_RETENTION_DAYS`.',
    '180',
  ),
  POSTERN_DEDUPE_DAYS: variable(
    integer(7, 3_650),
    'Days that a copy of an event is recognised, whatever has become of the event meanwhile. Providers go on retrying for days.',
    '30',
  ),
  POSTERN_LOG_LEVEL: variable(
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    'Least level logged.',
    'info',
  ),
} as const satisfies Record<string, Variable>

/** Read by commands that talk to a running gateway, not by the gateway. */
export const CLIENT_VARIABLES = {
  POSTERN_URL: 'Address of the gateway that commands manage; `http://127.0.0.1:8400` when unset.',
} as const

type Name = keyof typeof VARIABLES
type Value<N extends Name> = (typeof VARIABLES)[N] extends { default: string }
  ? z.output<(typeof VARIABLES)[N]['schema']>
  : z.output<(typeof VARIABLES)[N]['schema']> | undefined

export type Config = { readonly [N in Name]: Value<N> }

/** @throws PosternError `VALIDATION_ERROR` listing every variable that is wrong. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const errors = unknownNames(environment).map((path) => ({ path, message: suggestion(path) }))
  const values: Record<string, unknown> = {}
  for (const [name, { schema, ...rest }] of Object.entries(VARIABLES)) {
    const fallback = 'default' in rest ? rest.default : undefined
    const text = environment[name]?.trim() || fallback
    if (text === undefined) continue
    const parsed = schema.safeParse(text)
    if (parsed.success) values[name] = parsed.data
    else errors.push({ path: name, message: parsed.error.issues.map((issue) => issue.message).join('; ') })
  }
  const production = values['NODE_ENV'] === 'production'
  if (
    production &&
    values['MANAGEMENT_API_KEY'] === undefined &&
    !errors.some((e) => e.path === 'MANAGEMENT_API_KEY')
  ) {
    errors.push({ path: 'MANAGEMENT_API_KEY', message: 'must be set in production (openssl rand -hex 32)' })
  }
  if (errors.length === 0) {
    const faults = retentionFaults(retentionDefaults(values as Config))
    errors.push(
      ...faults.map(({ path, message }) => ({ path: RETENTION_NAMES[path] ?? path, message: named(message) })),
    )
  }
  if (errors.length > 0) throw new PosternError('VALIDATION_ERROR', 'The configuration is not valid.', { errors })
  return values as Config
}

const RETENTION_NAMES: Readonly<Record<string, string>> = {
  metadataDays: 'POSTERN_RETENTION_DAYS',
  payloadDays: 'POSTERN_PAYLOAD_RETENTION_DAYS',
  undeliveredDays: 'POSTERN_UNDELIVERED_RETENTION_DAYS',
}

function named(message: string): string {
  return message.replace('metadataDays', 'POSTERN_RETENTION_DAYS')
}

/** Of tenants that say nothing themselves. */
export function retentionDefaults(
  config: Pick<
    Config,
    'POSTERN_RETENTION_DAYS' | 'POSTERN_PAYLOAD_RETENTION_DAYS' | 'POSTERN_UNDELIVERED_RETENTION_DAYS'
  >,
): RetentionPolicy {
  return {
    metadataDays: config.POSTERN_RETENTION_DAYS,
    payloadDays: config.POSTERN_PAYLOAD_RETENTION_DAYS,
    undeliveredDays: config.POSTERN_UNDELIVERED_RETENTION_DAYS,
  }
}

function unknownNames(environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith('POSTERN_') && !(name in VARIABLES) && !(name in CLIENT_VARIABLES))
    .sort()
}

function suggestion(name: string): string {
  const nearest = Object.keys(VARIABLES)
    .map((known) => ({ known, distance: editDistance(name, known) }))
    .sort((a, b) => a.distance - b.distance)[0]
  const hint =
    nearest !== undefined && nearest.distance <= 6 ? `; did you mean ${nearest.known}?` : '; see docs/config.md'
  return `is not a setting of Postern${hint}`
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(substitute, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
