/**
 * Speaks to the management API of a running gateway, as any other program would.
 *
 * The address comes from the operator, not from data, so this does not go through the outbound guard.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from 'undici'
import { ERROR_CODES, type ErrorCode, type FieldError, PosternError } from '../../base/model/errors.ts'

export interface ManagementClient {
  get<T>(path: string, query?: Readonly<Record<string, string | number | boolean | undefined>>): Promise<T>
  getBytes(path: string): Promise<Buffer>
  send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body: unknown): Promise<T>
}

const DEFAULT_URL = 'http://127.0.0.1:8400'
const TIMEOUT_MS = 30_000

export function gatewayUrl(env: Readonly<Record<string, string | undefined>>): string {
  const text = env['POSTERN_URL'] || DEFAULT_URL
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new PosternError('VALIDATION_ERROR', 'POSTERN_URL must be an http or https URL.')
  }
  return new URL(text).href.replace(/\/$/, '')
}

export function createClient(env: Readonly<Record<string, string | undefined>>): ManagementClient {
  const base = gatewayUrl(env)
  const key = managementKey(env)

  async function call(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<Buffer> {
    const response = await request(base + path, {
      method,
      headers: { 'x-internal-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    }).catch((cause: unknown) => {
      throw new PosternError(
        'DEPENDENCY_UNAVAILABLE',
        `No gateway answers at ${base}. Start one with \`postern up\`, or set POSTERN_URL.`,
        { cause },
      )
    })
    const bytes = Buffer.from(await response.body.arrayBuffer())
    if (response.statusCode >= 400) throw errorOf(response.statusCode, bytes)
    return bytes
  }

  return {
    async get(path, query = {}) {
      const search = new URLSearchParams()
      for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value))
      return JSON.parse((await call('GET', search.size === 0 ? path : `${path}?${search}`)).toString())
    },
    getBytes: (path) => call('GET', path),
    async send(method, path, body) {
      const bytes = await call(method, path, body)
      return bytes.length === 0 ? undefined : JSON.parse(bytes.toString())
    },
  }
}

function managementKey(env: Readonly<Record<string, string | undefined>>): string {
  const given = env['MANAGEMENT_API_KEY']?.trim()
  if (given) return given
  const file = join(env['POSTERN_DATA_DIR'] || './.postern', 'management.key')
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new PosternError(
      'UNAUTHORIZED',
      `There is no management key: set MANAGEMENT_API_KEY, or run in the folder where \`postern up\` keeps ${file}.`,
      { cause },
    )
  }
}

function errorOf(status: number, bytes: Buffer): PosternError {
  try {
    const problem = JSON.parse(bytes.toString()) as { code?: string; detail?: string; errors?: readonly FieldError[] }
    if (problem.code !== undefined && problem.code in ERROR_CODES) {
      return new PosternError(problem.code as ErrorCode, problem.detail ?? '', { errors: problem.errors ?? [] })
    }
  } catch {
    // Not our problem document: something else listens there.
  }
  return new PosternError('DEPENDENCY_UNAVAILABLE', `The answer (status ${status}) is not one of a Postern gateway.`)
}

export interface Reply {
  readonly status: number
  readonly body: Buffer
}

/** Sends one request exactly as it is, to an address the operator named. */
export async function sendRequest(signed: {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}): Promise<Reply> {
  const response = await request(signed.url, {
    method: signed.method as 'POST',
    headers: signed.headers.flat(),
    body: signed.body.length === 0 ? null : signed.body,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  }).catch((cause: unknown) => {
    throw new PosternError(
      'DEPENDENCY_UNAVAILABLE',
      `Nothing answers at ${new URL(signed.url).origin}. Start a gateway with \`postern up\`, or name another address with --to.`,
      { cause },
    )
  })
  return { status: response.statusCode, body: Buffer.from(await response.body.arrayBuffer()) }
}
