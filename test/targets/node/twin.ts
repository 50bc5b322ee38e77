/**
 * What all Node twins have in common: how they are switched, and what passes between a framework and the service.
 *
 * The same service as `../python`, file by file. A twin is sound unless FAULTS names what is wrong with it.
 */
import type { FaultName } from '../faults.ts'

const FAULTS = new Set((process.env['FAULTS'] ?? '').split(','))

export const SECRET = process.env['WEBHOOK_SECRET'] ?? ''
export const SINK_URL = process.env['SINK_URL']
/** The account this endpoint was set up for; an event of another account is not for it, whatever it says. */
export const ACCOUNT = 'acct_a'
export const MAX_BODY_BYTES = 1024 * 1024
export const BODY_SECONDS = Number(process.env['BODY_SECONDS'] ?? 3)
/** A finished job is gone after that. */
export const JOB_KEPT_SECONDS = Number(process.env['JOB_KEPT_SECONDS'] ?? 10)
export const RESULT_TTL_SECONDS = Number(process.env['RESULT_TTL_SECONDS'] ?? 2)

export function fault(name: FaultName): boolean {
  return FAULTS.has(name)
}

export class Refused extends Error {
  readonly status: number

  constructor(status: number, reason: string) {
    super(reason)
    this.status = status
  }
}

type Header = readonly [name: string, value: string]

/** A request without its framework. Header names are in lower case, in the order and number they came. */
export class Call {
  readonly method: string
  readonly headers: readonly Header[]
  readonly query: URLSearchParams
  readonly params: Readonly<Record<string, string>>
  readonly body: Buffer
  /** As it was written. */
  readonly path: string

  constructor(
    method: string,
    rawHeaders: readonly string[],
    query: URLSearchParams,
    params: Readonly<Record<string, string>>,
    body: Buffer,
    path = '',
  ) {
    this.method = method
    this.query = query
    this.params = params
    this.body = body
    this.path = path
    this.headers = rawHeaders.flatMap((name, at) =>
      at % 2 === 0 ? [[name.toLowerCase(), rawHeaders[at + 1] ?? ''] as const] : [],
    )
  }

  all(wanted: string): readonly string[] {
    return this.headers.filter(([name]) => name === wanted).map(([, value]) => value)
  }

  first(wanted: string): string | undefined {
    return this.all(wanted)[0]
  }

  json(): Record<string, unknown> {
    let value: unknown
    try {
      const decoder = new TextDecoder('utf-8', { fatal: !fault('lossy-utf8') })
      value = JSON.parse(decoder.decode(this.body) || '{}')
    } catch {
      throw new Refused(400, 'not JSON')
    }
    if (!isRecord(value)) throw new Refused(400, 'not a JSON object')
    return value
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export interface Answer {
  readonly status: number
  readonly value: unknown
  readonly headers?: readonly Header[]
}

export type Handler = (call: Call) => Answer | Promise<Answer>

/** Nothing a handler throws reaches the framework. */
export async function answer(handler: Handler, call: Call): Promise<Required<Answer>> {
  const { status, value, headers = [] } = await attempt(handler, call)
  return { status, value, headers: [...commonHeaders(call), ...headers] }
}

async function attempt(handler: Handler, call: Call): Promise<Answer> {
  try {
    return await handler(call)
  } catch (error) {
    if (error instanceof Refused) return { status: error.status, value: { error: error.message } }
    const trace = error instanceof Error ? error.stack : String(error)
    return { status: 500, value: fault('stack-trace') ? { error: 'internal', trace } : { error: 'internal' } }
  }
}

export function commonHeaders(call: Call): Header[] {
  const headers: Header[] = [['x-content-type-options', 'nosniff']]
  if (!fault('no-rate-headers')) {
    headers.push(['ratelimit-limit', '10000'], ['ratelimit-remaining', '9999'], ['ratelimit-reset', '60'])
  }
  if (fault('fingerprint')) headers.push(['x-powered-by', 'Twin/1.2.3'], ['server', 'Twin/1.2.3 Node/20'])
  if (fault('cors-reflected')) headers.push(...readableByPage(call))
  return headers
}

/** Lets whatever page asks read the answer, with the credentials that a browser adds. */
export function readableByPage(call: Call): readonly Header[] {
  const origin = call.first('origin')
  if (origin === undefined) return []
  return [
    ['access-control-allow-origin', origin],
    ['access-control-allow-credentials', 'true'],
  ]
}

/** The tests hold our standard input: when it ends, they did. */
if (process.env['END_WITH_STDIN'] !== undefined) process.stdin.resume().once('end', () => process.exit(0))
