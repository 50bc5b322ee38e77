/**
 * Child processes that do not outlive the benchmark, whichever way it ends.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A running process and how to end it; ended when its scope ends. */
export interface Child extends AsyncDisposable {
  readonly process: ChildProcess
  readonly pid: number
  /** The end of what it wrote to stderr, to say why it failed. */
  complaints(): string
}

type Environment = Readonly<Record<string, string | undefined>>

export function startProgram(command: string, args: readonly string[], env: Environment): Child {
  return keep(spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'] }), command)
}

/** Another file of the benchmark, run the way this one is (with or without a TypeScript loader). */
export function startModule(file: URL, env: Environment): Child {
  return keep(fork(file, { env, stdio: ['ignore', 'inherit', 'pipe', 'ipc'] }), file.pathname)
}

function keep(child: ChildProcess, name: string): Child {
  let tail = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-4_000)
  })
  // Without a listener a program that cannot be started would end the benchmark before it can say why.
  child.on('error', (error) => {
    tail += error.message
  })
  const kill = () => child.kill('SIGTERM')
  process.once('exit', kill)
  const ended = once(child, 'exit').catch(() => undefined)
  if (child.pid === undefined) throw new Error(`${name} could not be started`)
  return {
    process: child,
    pid: child.pid,
    complaints: () => tail.trim(),
    async [Symbol.asyncDispose]() {
      process.off('exit', kill)
      if (child.exitCode !== null || child.signalCode !== null) return
      kill()
      const last = setTimeout(() => child.kill('SIGKILL'), 20_000)
      await ended
      clearTimeout(last)
    },
  }
}

/** The next message of a module, or why none came. */
export function message(child: Child): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onMessage = (received: unknown) => {
      child.process.off('exit', onExit)
      resolve(received)
    }
    const onExit = (code: number | null) => {
      child.process.off('message', onMessage)
      reject(new Error(`${child.process.spawnargs.at(-1)} ended (${code}): ${child.complaints()}`))
    }
    child.process.once('message', onMessage)
    child.process.once('exit', onExit)
  })
}

export async function portOf(child: Child): Promise<number> {
  const received = await message(child)
  if (typeof received === 'object' && received !== null && 'port' in received && typeof received.port === 'number')
    return received.port
  throw new Error('a server did not say its port')
}
