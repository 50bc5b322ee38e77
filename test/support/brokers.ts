/** Brokers of one's own for tests, from what this machine has; a suite without its broker is skipped, and says so. */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, test } from 'vitest'

export interface RunningBroker extends AsyncDisposable {
  readonly port: number
}

const PROGRAMS = { redis: 'redis-server', nats: 'nats-server', rabbitmq: 'rabbitmq-server' } as const
type Program = keyof typeof PROGRAMS

export function describeWithBroker(broker: Program, suite: () => void): void {
  const program = PROGRAMS[broker]
  if (spawnSync('sh', ['-c', `command -v ${program}`], { env: withSbin() }).status === 0) {
    describe(broker, suite)
    return
  }
  const how = `needs ${program}: \`apt-get install ${program}\``
  console.warn(`SKIPPED ${broker}: ${how}`)
  describe(broker, () => test.skip(how, () => undefined))
}

export function startRedisServer(args: readonly string[] = []): Promise<RunningBroker> {
  return started('redis', (port, dir) => ['--port', String(port), '--save', '', '--dir', dir, ...args])
}

export function startNatsServer(args: readonly string[] = []): Promise<RunningBroker> {
  return started('nats', (port, dir) => ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', dir, ...args])
}

/** Takes some ten seconds. `sh` runs its control program. */
export async function startRabbitServer(): Promise<
  RunningBroker & { readonly control: (...args: string[]) => Promise<string> }
> {
  const port = await freePort()
  const distribution = await freePort()
  const dir = await mkdtemp(join(tmpdir(), 'postern-rabbit-'))
  await chmod(dir, 0o777)
  await writeFile(join(dir, 'plugins'), '[].')
  await writeFile(join(dir, 'rabbitmq.conf'), `listeners.tcp.1 = 127.0.0.1:${port}\nloopback_users = none\n`)
  const env = {
    ...withSbin(),
    HOME: dir,
    RABBITMQ_BASE: dir,
    RABBITMQ_MNESIA_BASE: join(dir, 'mnesia'),
    RABBITMQ_LOG_BASE: join(dir, 'log'),
    RABBITMQ_CONFIG_FILE: join(dir, 'rabbitmq'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, 'plugins'),
    RABBITMQ_NODENAME: `postern${port}@localhost`,
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_SERVER_START_ARGS: '-setcookie postern',
    RABBITMQ_CTL_ERL_ARGS: '-setcookie postern',
    ERL_EPMD_ADDRESS: '127.0.0.1',
  }
  // The wrapper in sbin changes to another account, whose directories these are not.
  const bin = '/usr/lib/rabbitmq/bin'
  const child = spawn(`${bin}/rabbitmq-server`, { env, stdio: 'ignore', detached: true })
  const control = async (...args: string[]) =>
    (
      await promisify(execFile)(
        `${bin}/rabbitmqctl`,
        ['--erlang-cookie', 'postern', '-n', env.RABBITMQ_NODENAME, ...args],
        { env },
      )
    ).stdout
  const stop = async () => {
    if (child.pid !== undefined && child.exitCode === null) {
      process.kill(-child.pid, 'SIGKILL')
      await once(child, 'exit')
    }
    await rm(dir, { recursive: true, force: true, maxRetries: 5 })
  }
  for (const deadline = Date.now() + 90_000; !(await answers(port)); await sleep(100)) {
    if (Date.now() < deadline && child.exitCode === null) continue
    await stop()
    throw new Error('rabbitmq-server does not start')
  }
  return { port, control, [Symbol.asyncDispose]: stop }
}

/** A unix socket, such as that of the run's PostgreSQL, behind a port of loopback. */
export async function behindPort(path: string): Promise<RunningBroker> {
  const sockets = new Set<Socket>()
  const server = createServer((inbound) => {
    const outbound = connect(path)
    for (const socket of [inbound, outbound]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    inbound.pipe(outbound).pipe(inbound)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function started(
  broker: Program,
  argsOf: (port: number, dir: string) => readonly string[],
): Promise<RunningBroker> {
  const port = await freePort()
  const dir = await mkdtemp(join(tmpdir(), `postern-${broker}-`))
  const child = spawn(PROGRAMS[broker], argsOf(port, dir), { env: withSbin(), stdio: 'ignore' })
  const stop = async () => {
    if (child.exitCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await rm(dir, { recursive: true, force: true, maxRetries: 3 })
  }
  for (const deadline = Date.now() + 20_000; !(await answers(port)); await sleep(20)) {
    if (Date.now() < deadline && child.exitCode === null) continue
    await stop()
    throw new Error(`${PROGRAMS[broker]} does not start`)
  }
  return { port, [Symbol.asyncDispose]: stop }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const answered = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return answered
}

function withSbin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin` }
}
