/**
 * The whole gateway for tests that cross rooms: in this process, or as a child that may be killed; and the far side
 * of its deliveries. Real sockets on ports the system chose, a database of the test's own.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { startGateway } from '../../src/app.ts'
import { readConfig } from '../../src/config/config.ts'
import { ROLES, type Role } from '../../src/interfaces/cli/context.ts'
import { createLogger } from '../../src/observability/log.ts'
import { type Database, openDatabase } from '../../src/resources/store/database.ts'
import { aDataDirectory } from './cluster.ts'
import { freshDatabase, type TestDatabase } from './database.ts'

export interface Reply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests read what the answer holds
  readonly json: any
  readonly text: string
  readonly bytes: Buffer
}

export interface GatewayClient {
  /** `http://127.0.0.1:<port>` */
  readonly address: string
  readonly managementKey: string
  /** As root; `body` is sent as JSON. */
  api(method: string, path: string, body?: unknown): Promise<Reply>
  /** A request as anybody could make it: no key unless `headers` hold one. */
  send(path: string, options?: SendOptions): Promise<Reply>
  /** Makes an integration and answers its view. */
  integrate(fields: Readonly<Record<string, unknown>>): Promise<IntegrationAnswer>
}

export interface SendOptions {
  readonly method?: string
  readonly body?: Buffer | string
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [name: string, value: string])[]
}

export interface IntegrationAnswer {
  readonly id: string
  readonly receivePath: string
  readonly status: string
  readonly keys: readonly { readonly id: string }[]
  readonly destinations: readonly { readonly id: string; readonly url: string }[]
}

export interface TestGateway extends GatewayClient, AsyncDisposable {
  /** As the gateway's role. */
  readonly db: Database
  /** As the role that owns the schema; what `DATABASE_URL` names. */
  readonly databaseUrl: string
  readonly dataDir: string
  /** Every line logged so far, from level trace up. */
  logLines(): readonly string[]
  /** Stops the gateway as SIGTERM would; the database stays until the end of the scope. */
  stop(): Promise<void>
}

export interface GatewayOptions {
  /** As in the environment. `DATABASE_URL` here means that the test owns the database. */
  readonly config?: Readonly<Record<string, string>>
  readonly roles?: readonly Role[]
  /** For several gateways on one database: they do not drop it. */
  readonly database?: TestDatabase
  /** For several gateways with one master key. */
  readonly dataDir?: string
}

/** In this process, on port 0, with a fresh database unless one is given. */
export async function aGateway({
  config = {},
  roles = ROLES,
  database,
  dataDir,
}: GatewayOptions = {}): Promise<TestGateway> {
  const own = database === undefined && config['DATABASE_URL'] === undefined ? await freshDatabase() : undefined
  const databaseUrl = config['DATABASE_URL'] ?? (database ?? own)?.ownerUrl ?? ''
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'postern-gateway-')))
  const managementKey = randomBytes(24).toString('hex')
  const lines: string[] = []
  const destination = new PassThrough().on('data', (chunk: Buffer) =>
    lines.push(...chunk.toString().split('\n').filter(Boolean)),
  )
  const db = database ?? own ?? openDatabase({ url: databaseUrl, onError: () => undefined })
  const clean = async () => {
    if (database === undefined) await (own === undefined ? db.close() : own[Symbol.asyncDispose]())
    if (dataDir === undefined) await rm(folder, { recursive: true, force: true })
  }
  try {
    const gateway = await startGateway({
      config: readConfig({
        NODE_ENV: 'test',
        POSTERN_PORT: '0',
        POSTERN_DATA_DIR: folder,
        MANAGEMENT_API_KEY: managementKey,
        DATABASE_URL: databaseUrl,
        ...config,
      }),
      roles,
      log: createLogger({ level: 'trace', destination }),
      demo: false,
    })
    let stopped: Promise<void> | undefined
    const stop = () => {
      stopped ??= gateway.close()
      return stopped
    }
    return {
      ...client(gateway.address, config['MANAGEMENT_API_KEY'] ?? managementKey),
      db,
      databaseUrl,
      dataDir: folder,
      logLines: () => lines,
      stop,
      async [Symbol.asyncDispose]() {
        await stop()
        await clean()
      },
    }
  } catch (error) {
    await clean()
    throw error
  }
}

export interface GatewayProcess extends GatewayClient, AsyncDisposable {
  readonly pid: number
  readonly dataDir: string
  /** What it wrote to stderr so far: its log. */
  log(): string
  kill(signal: NodeJS.Signals): void
  /** Resolves with the exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>
  /** Starts again on the same data, with everything in one process unless told otherwise; to be called after it ended. */
  restart(roles?: readonly Role[]): Promise<GatewayProcess>
}

export interface GatewayProcessOptions {
  /** As in the environment; with `DATABASE_URL` it uses that database instead of an embedded one. */
  readonly config?: Readonly<Record<string, string>>
  readonly roles?: readonly Role[]
  /** For several processes with one master key, or one embedded database; not removed then. */
  readonly dataDir?: string
}

/** The program itself, as a child, with an embedded PostgreSQL unless `config` names another one. */
export async function aGatewayProcess(options: GatewayProcessOptions = {}): Promise<GatewayProcess> {
  // PostgreSQL lives in `database` of the data folder; whatever runs there when the scope ends is stopped.
  const directory = options.dataDir === undefined ? await aDataDirectory('database') : undefined
  const dataDir = options.dataDir ?? dirname(directory?.path ?? '')
  const managementKey = options.config?.['MANAGEMENT_API_KEY'] ?? randomBytes(24).toString('hex')
  const children: ChildProcess[] = []

  async function start(roles: readonly Role[] | undefined): Promise<GatewayProcess> {
    const command = await posternCommand()
    const parts = roles === undefined ? ['up'] : ['serve', '--role', roles.join(',')]
    const child = spawn(process.execPath, [...command, ...parts, '--json', '--port', '0'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...bareEnvironment(),
        MANAGEMENT_API_KEY: managementKey,
        POSTERN_DATA_DIR: dataDir,
        POSTERN_LOG_LEVEL: 'debug',
        ...options.config,
      },
    })
    children.push(child)
    let log = ''
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk
    })
    const exited = once(child, 'exit').then(([code, signal]): number | NodeJS.Signals => code ?? signal)
    const address = await Promise.race([firstLine(child), exited]).then((line) => {
      if (typeof line !== 'string' || !line.startsWith('{'))
        throw new Error(`the gateway did not start (${line}): ${log}`)
      return String(JSON.parse(line).address)
    })
    return {
      ...client(address, managementKey),
      pid: child.pid ?? 0,
      dataDir,
      log: () => log,
      kill: (signal) => void child.kill(signal),
      exited,
      restart: start,
      async [Symbol.asyncDispose]() {
        for (const each of children) await ended(each)
        await directory?.[Symbol.asyncDispose]()
      },
    }
  }

  try {
    return await start(options.roles)
  } catch (error) {
    for (const child of children) await ended(child)
    await directory?.[Symbol.asyncDispose]()
    throw error
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  // A test may have stopped it.
  child.kill('SIGCONT')
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 15_000)
  await exit
  clearTimeout(late)
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = ''
  if (child.stdout === null) return text
  for await (const chunk of child.stdout) {
    text += chunk
    const end = text.indexOf('\n')
    if (end === -1) continue
    return text.slice(0, end)
  }
  return text
}

export interface CommandResult {
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** Runs `postern …` as a shell would, with nothing of this process's own settings. */
export async function runPostern(
  args: readonly string[],
  { env = {}, input = '', cwd }: { env?: Readonly<Record<string, string>>; input?: string | Buffer; cwd?: string } = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, [...(await posternCommand()), ...args], {
    env: { ...bareEnvironment(), ...env },
    ...(cwd === undefined ? {} : { cwd }),
  })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  return { code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }
}

/** A run whose stdout is closed by its reader after the first bytes. */
export async function runPosternUnread(
  args: readonly string[],
  cwd: string,
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const child = spawn(process.execPath, [...(await posternCommand()), ...args], { cwd, env: bareEnvironment() })
  const stderr: Buffer[] = []
  child.stdout.once('data', () => child.stdout.destroy())
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  child.stdin.end()
  const [code] = await once(child, 'close')
  return { code, stderr: Buffer.concat(stderr).toString() }
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const CACHES = mkdtempSync(join(tmpdir(), 'postern-caches-'))
let command: Promise<readonly string[]> | undefined

/** The build when it is as new as the source, else the source: a test must not pass on yesterday's program. */
function posternCommand(): Promise<readonly string[]> {
  command ??= chooseCommand()
  return command
}

async function chooseCommand(): Promise<readonly string[]> {
  const built = join(ROOT, 'dist/bin.js')
  const builtAt = await stat(built).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
  const files = (await readdir(join(ROOT, 'src'), { recursive: true })).filter(
    (file) => /\.ts$/.test(file) && !/\.test\.ts$/.test(file),
  )
  const times = await Promise.all(files.map(async (file) => (await stat(join(ROOT, 'src', file))).mtimeMs))
  return Math.max(...times) <= builtAt ? [built] : ['--import', import.meta.resolve('tsx'), join(ROOT, 'src/bin.ts')]
}

function bareEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined &&
      !/^(POSTERN_|MANAGEMENT_|DATABASE_URL|REDIS_URL|NATS_URL|NODE_ENV|NODE_OPTIONS|VITEST)/.test(name),
  )
  // What people keep of their own scans is none of a test's business.
  return { ...Object.fromEntries(kept), XDG_CACHE_HOME: CACHES } as Record<string, string>
}

function client(address: string, managementKey: string): GatewayClient {
  const send = async (path: string, { method = 'POST', body, headers = {} }: SendOptions = {}): Promise<Reply> => {
    const response = await fetch(address + path, {
      method,
      headers: (Array.isArray(headers) ? headers : { ...headers }) as Record<string, string>,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? Buffer.from(body) : new Uint8Array(body) }),
      redirect: 'manual',
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    const text = bytes.toString()
    const isJson = /json/.test(response.headers.get('content-type') ?? '') && text !== ''
    return { status: response.status, headers: response.headers, json: isJson ? tryJson(text) : undefined, text, bytes }
  }
  const api = (method: string, path: string, body?: unknown) =>
    send(path, {
      method,
      headers: {
        'x-internal-api-key': managementKey,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  let made = 0
  return {
    address,
    managementKey,
    api,
    send,
    async integrate(fields) {
      const { status, text, json } = await api('POST', '/api/v1/integrations', {
        name: `test ${++made} ${randomBytes(4).toString('hex')}`,
        ...fields,
      })
      if (status !== 201) throw new Error(`the integration was not made: ${status} ${text}`)
      return json
    },
  }
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A received body that only claims to be JSON.
    return undefined
  }
}

export interface SunkRequest {
  readonly method: string
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface SinkAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Sink extends AsyncDisposable {
  readonly url: string
  /** For `integrate`: a destination that may lie on this machine. */
  readonly destination: { readonly url: string; readonly allowCidrs: readonly string[] }
  readonly requests: readonly SunkRequest[]
  /** For every request from now on; 200 until called. */
  answerWith(answer: SinkAnswer | ((request: SunkRequest) => SinkAnswer)): void
}

/** A destination on loopback that remembers what it got. */
export async function aSink(): Promise<Sink> {
  const requests: SunkRequest[] = []
  let answer: (request: SunkRequest) => SinkAnswer = () => ({})
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
    )
    const sunk = { method: request.method ?? '', url: request.url ?? '', headers, body: Buffer.concat(chunks) }
    requests.push(sunk)
    const { status = 200, headers: extra = {}, body = '' } = answer(sunk)
    response.writeHead(status, { ...extra }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/hook`
  return {
    url,
    destination: { url, allowCidrs: ['127.0.0.1/32'] },
    requests,
    answerWith(next) {
      answer = typeof next === 'function' ? next : () => next
    },
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
