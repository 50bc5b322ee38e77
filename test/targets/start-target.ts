/**
 * Starts one of the targets: a real server in a process of its own, sound unless faults are named.
 *
 * Everything of a target (port, secret, data) is its own, and it is killed when its scope ends, also when this process
 * ends first (it notices that its standard input closed).
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import type { FaultName } from './faults.ts'

/** `article` is the seed article's Flask code; its versions are told apart by `settings: { ARTICLE: … }`. */
export const TARGETS = {
  flask: ['python', 'flask_twin.py', 'flask'],
  django: ['python', 'django_twin.py', 'django'],
  fastapi: ['python', 'fastapi_twin.py', 'fastapi, uvicorn, wsproto'],
  article: ['python', 'article.py', 'flask'],
  express: ['node', 'express-twin.ts'],
  fastify: ['node', 'fastify-twin.ts'],
  ws: ['node', 'ws-twin.ts'],
  'socket.io': ['node', 'socketio-twin.ts'],
  'graphql-ws': ['node', 'graphql-twin.ts'],
  agent: ['node', 'agent-twin.ts'],
} as const satisfies Record<string, readonly ['python' | 'node', string, string?]>

export type TargetName = keyof typeof TARGETS

export interface TargetOptions {
  readonly faults?: readonly FaultName[]
  /** Where each effect is delivered to. */
  readonly sinkUrl?: string
  readonly settings?: Readonly<Record<string, string>>
}

export interface Target extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** Of its webhook. */
  readonly secret: string
  readonly settings: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** Debian's own: the python3 on PATH may be another one, without Debian's packages. */
const PYTHON = '/usr/bin/python3'
const HOW_TO_ENABLE =
  'needs Debian’s Python frameworks: `apt-get install python3-flask python3-django python3-fastapi python3-uvicorn python3-wsproto`'
/** A busy machine takes its time to load a framework. */
const START_MS = 60_000

/** @throws Error with what the target printed, when it does not start. */
export async function startTarget(name: TargetName, options: TargetOptions = {}): Promise<Target> {
  const directory = await mkdtemp(join(tmpdir(), 'postern-target-'))
  const secret = `whsec_of_the_twin_${Math.random().toString(36).slice(2)}`
  const child = spawnTarget(name, {
    FAULTS: (options.faults ?? []).join(','),
    WEBHOOK_SECRET: secret,
    DATA_DIR: directory,
    ...(options.sinkUrl === undefined ? {} : { SINK_URL: options.sinkUrl }),
    ...options.settings,
  })
  const ended = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGKILL')
    await ended
    await rm(directory, { recursive: true, force: true })
  }
  try {
    const port = await portOf(child)
    return {
      url: `http://127.0.0.1:${port}`,
      secret,
      settings: options.settings ?? {},
      stop,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw new Error(`the target ${name} does not start`, { cause: error })
  }
}

function spawnTarget(name: TargetName, settings: Record<string, string>): ChildProcess {
  const [language, file] = TARGETS[name]
  const path = join(import.meta.dirname, language, file)
  const [command, args] = language === 'python' ? [PYTHON, ['-B', path]] : [process.execPath, ['--import', 'tsx', path]]
  // The pipe on standard input is how a target notices that its tests are gone.
  return spawn(command, args, {
    env: { PATH: process.env['PATH'] ?? '', PYTHONUNBUFFERED: '1', END_WITH_STDIN: '1', ...settings },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

function portOf(child: ChildProcess): Promise<number> {
  let printed = ''
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`nothing after ${START_MS} ms: ${printed}`)), START_MS)
    const read = (text: Buffer) => {
      printed += text
      const port = /^listening (\d+)$/m.exec(printed)?.[1]
      if (port === undefined) return
      clearTimeout(timer)
      resolve(Number(port))
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${printed}`)))
  })
}

const canRun = new Map<TargetName, boolean>()

export function isAvailable(name: TargetName): boolean {
  const [language, , modules] = TARGETS[name] as readonly [string, string, string?]
  if (language === 'node') return true
  const known = canRun.get(name)
  if (known !== undefined) return known
  let answer = true
  try {
    execFileSync(PYTHON, ['-c', `import ${modules}`], { stdio: 'ignore' })
  } catch {
    answer = false
  }
  canRun.set(name, answer)
  return answer
}

/** A suite about one target, or its visible skip with the command that would enable it. */
export function describeTarget(name: TargetName, suite: () => void): void {
  if (isAvailable(name)) {
    describe(name, suite)
    return
  }
  console.warn(`SKIPPED ${name}: ${HOW_TO_ENABLE}`)
  describe(name, () => test.skip(HOW_TO_ENABLE, () => undefined))
}
