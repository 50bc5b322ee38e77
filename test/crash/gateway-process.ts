/**
 * The gateway as a child process on a port that stays the same, and a supervisor that starts it again at once
 * whenever it ends: what systemd or an orchestrator does, without their delays.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { until } from './until.ts'

const ENTRY = fileURLToPath(new URL('../../dist/bin.js', import.meta.url))
const KEPT_LINES = 400

/** One run of the program, from its start to its end. Times are milliseconds since the epoch. */
export interface Life {
  readonly pid: number
  readonly startedAt: number
  /** When it said that it is up. */
  readonly readyAt?: number
  readonly endedAt?: number
  /** How it ended: we killed it, we asked it to stop, or it ended on its own. */
  readonly end?: 'killed' | 'stopped' | 'by itself'
  readonly code?: number | null
}

export interface GatewayOptions {
  readonly dataDir: string
  readonly managementKey: string
  /** Such as `['up']` or `['serve', '--role', 'worker']`. */
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface SupervisedGateway extends AsyncDisposable {
  readonly port: number
  readonly lives: readonly Life[]
  /** The last lines it logged, over all lives. */
  readonly logLines: readonly string[]
  /** Resolves when the present life, or a later one, is up. */
  ready(): Promise<void>
  /** @returns Whether there was a process to send it to. */
  signal(signal: NodeJS.Signals): boolean
  /** As an operator would: it is asked to stop and not started again. @returns Its exit code. */
  stop(): Promise<number | null>
  call(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly json: unknown }>
}

export async function superviseGateway(options: GatewayOptions): Promise<SupervisedGateway> {
  const port = await quietPort()
  const lives: { -readonly [Field in keyof Life]: Life[Field] }[] = []
  const logLines: string[] = []
  let child: ChildProcess | undefined
  let intended: 'killed' | 'stopped' | undefined
  let stopping = false

  function start(): void {
    const started = spawn(process.execPath, [ENTRY, ...options.command, '--json', '--port', String(port)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment(options),
    })
    const life: (typeof lives)[number] = { pid: started.pid ?? 0, startedAt: Date.now() }
    lives.push(life)
    child = started
    intended = undefined
    started.stdout.once('data', () => {
      life.readyAt = Date.now()
    })
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      logLines.push(...text.split('\n').filter((line) => line !== ''))
      logLines.splice(0, Math.max(0, logLines.length - KEPT_LINES))
    })
    started.once('exit', (code) => {
      Object.assign(life, { endedAt: Date.now(), end: intended ?? 'by itself', code })
      if (child === started) child = undefined
      // A program that cannot start must not be started a thousand times a second.
      if (!stopping)
        setTimeout(() => stopping || start(), life.readyAt === undefined && intended === undefined ? 200 : 0)
    })
  }

  function signal(name: NodeJS.Signals): boolean {
    if (child === undefined) return false
    if (name === 'SIGKILL') intended = 'killed'
    return child.kill(name)
  }

  async function stop(): Promise<number | null> {
    stopping = true
    const last = child
    if (last === undefined) return lives.at(-1)?.code ?? null
    intended = 'stopped'
    const exit = once(last, 'exit')
    last.kill('SIGCONT')
    last.kill('SIGTERM')
    const late = setTimeout(() => last.kill('SIGKILL'), 60_000)
    const [code] = await exit
    clearTimeout(late)
    return code
  }

  // Whoever ends the test run must not leave a gateway that is started for ever.
  const leave = () => child?.kill('SIGKILL')
  process.once('exit', leave)
  start()
  return {
    port,
    lives,
    logLines,
    async ready() {
      await until('a gateway that is up', () => lives.at(-1)?.readyAt !== undefined && child !== undefined)
    },
    signal,
    stop,
    async call(method, path, body) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: { 'x-internal-api-key': options.managementKey, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: answer.status, json: await answer.json().catch(() => undefined) }
    },
    async [Symbol.asyncDispose]() {
      await stop()
      process.off('exit', leave)
    },
  }
}

/** Resolves when a line with this text has been logged. */
export async function logged({ logLines }: SupervisedGateway, text: string): Promise<void> {
  await until(`"${text}" in the log`, () => logLines.some((line) => line.includes(text)))
}

function environment({ dataDir, managementKey, env }: GatewayOptions): Record<string, string> {
  const { PATH = '', HOME = '', TMPDIR } = process.env
  return {
    PATH,
    HOME,
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    POSTERN_DATA_DIR: dataDir,
    POSTERN_LOG_LEVEL: 'info',
    MANAGEMENT_API_KEY: managementKey,
    // The shortest there is: what a dead worker held waits this long for the next one.
    POSTERN_WORKER_LEASE_MS: '5000',
    ...env,
  }
}

/**
 * Below the range from which systems give ports to outgoing connections (32768 on Linux): while the gateway is dead,
 * nobody else's connection may take its place.
 */
async function quietPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createServer()
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (free) return port
  }
}
