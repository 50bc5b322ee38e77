/** The run's Redis: the one REDIS_URL names, else one started from PATH on a unix socket, else none. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface RedisServer {
  readonly url: string
  close(): Promise<void>
}

/** A server of one's own, for tests that stop it. @returns Undefined when this machine has no redis-server. */
export async function startOwnRedis(): Promise<RedisServer | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'postern-redis-'))
  const socket = join(directory, 'redis.sock')
  const child = spawn(
    'redis-server',
    [
      '--port',
      '0',
      '--unixsocket',
      socket,
      '--unixsocketperm',
      '700',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      directory,
    ],
    { stdio: 'ignore' },
  )
  const ended = once(child, 'exit').catch(() => undefined)
  const close = async () => {
    child.kill('SIGKILL')
    if (child.pid !== undefined) await ended
    await rm(directory, { recursive: true, force: true })
  }
  const spawned = await once(child, 'spawn').catch(() => undefined)
  if (spawned === undefined) {
    await close()
    return undefined
  }
  for (const deadline = Date.now() + 10_000; !(await answers(socket)); await sleep(20)) {
    if (Date.now() < deadline && child.exitCode === null) continue
    await close()
    throw new Error('redis-server does not start')
  }
  return { url: `unix://${socket}`, close }
}

export async function startRedis(): Promise<RedisServer | undefined> {
  const url = process.env['REDIS_URL']
  if (url !== undefined && url !== '') return { url, close: async () => undefined }
  return startOwnRedis()
}

async function answers(path: string): Promise<boolean> {
  const socket = connect(path)
  const answered = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return answered
}
