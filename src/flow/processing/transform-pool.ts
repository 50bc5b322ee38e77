/**
 * Threads for transforms. Each does one task at a time and is ended when it does not answer; a new one takes its place and
 * nobody else notices. An owner has at most half of the threads at a time, so that whoever writes an expression that
 * never ends slows down himself.
 */
import { Worker } from 'node:worker_threads'
import type { SandboxAnswer, SandboxCheck, SandboxLimits } from './transform-sandbox.ts'

export interface ThreadTask {
  /** Whose expression it is; sandboxes are never shared between owners. */
  readonly owner: string
  readonly text: string
  /** Absent when the expression is only to be checked. */
  readonly run?: { readonly input: string; readonly bindings: string; readonly time: number }
}

export interface ThreadAnswer {
  readonly result: SandboxAnswer | SandboxCheck
  /** The thread is not to be used again. */
  readonly spoilt: boolean
}

export interface PoolOptions {
  readonly threads: number
  readonly limits: SandboxLimits
  /** A thread that has not answered by then is ended, in milliseconds. */
  readonly killAfterMs: number
}

/** `lost`: the thread did not answer and was ended, or ended by itself. */
export type PoolAnswer = ThreadAnswer['result'] | 'lost'

export interface TransformPool {
  /** @throws Error when threads cannot be started at all. */
  readonly submit: (task: ThreadTask) => Promise<PoolAnswer>
  /** Ends the threads; what is waiting is answered with `lost`. */
  readonly close: () => Promise<void>
}

interface Waiting {
  readonly task: ThreadTask
  readonly settle: (answer: PoolAnswer) => void
  readonly reject: (error: Error) => void
}

interface Thread {
  readonly worker: Worker
  ready: boolean
  started: boolean
  current: Waiting | undefined
  timer: NodeJS.Timeout | undefined
}

const RESTART_AFTER_MS = 1_000

export function openTransformPool({ threads: count, limits, killAfterMs }: PoolOptions): TransformPool {
  const waiting: Waiting[] = []
  const threads = new Set<Thread>()
  const share = Math.max(1, Math.floor(count / 2))
  let closed = false
  let opened = false

  /** With the first task: a gateway without transforms has no threads for them. */
  function openThreads(): void {
    opened = true
    for (let started = 0; started < count; started++) start()
  }

  function start(): void {
    const worker = startThread(limits)
    const thread: Thread = { worker, ready: false, started: false, current: undefined, timer: undefined }
    threads.add(thread)
    worker.on('message', (message: ThreadAnswer | 'ready') => {
      if (message !== 'ready') finish(thread, message)
      else {
        thread.ready = true
        thread.started = true
        worker.unref() // idle threads keep no process from ending
      }
      dispatch()
    })
    let failure: unknown
    worker.on('error', (error) => {
      failure = error // followed by `exit`
    })
    worker.on('exit', () => {
      if (thread.started || closed) replace(thread)
      else refuse(thread, failure)
    })
  }

  function finish(thread: Thread, { result, spoilt }: ThreadAnswer): void {
    const { current } = thread
    release(thread)
    current?.settle(result)
    if (spoilt) end(thread)
  }

  function release(thread: Thread): void {
    clearTimeout(thread.timer)
    thread.current = undefined
    thread.worker.unref()
  }

  function end(thread: Thread): void {
    thread.ready = false
    void thread.worker.terminate()
  }

  function replace(thread: Thread): void {
    const { current } = thread
    release(thread)
    threads.delete(thread)
    current?.settle('lost')
    if (!closed) start()
  }

  /** A thread that cannot even start is a fault of this machine, not of an expression. */
  function refuse(thread: Thread, cause: unknown): void {
    threads.delete(thread)
    setTimeout(() => {
      if (!closed) start()
    }, RESTART_AFTER_MS).unref()
    const error = new Error('a thread for transforms could not be started', { cause })
    if (threads.size === 0) for (const { reject } of waiting.splice(0)) reject(error)
  }

  function dispatch(): void {
    for (const thread of threads) {
      if (!thread.ready || thread.current !== undefined) continue
      const next = takeNext()
      if (next === undefined) return
      thread.current = next
      thread.timer = setTimeout(() => end(thread), killAfterMs)
      thread.worker.ref()
      thread.worker.postMessage(next.task)
    }
  }

  /** The first whose owner has threads left. */
  function takeNext(): Waiting | undefined {
    const running = [...threads].flatMap(({ current }) => current?.task.owner ?? [])
    const index = waiting.findIndex(({ task }) => running.filter((owner) => owner === task.owner).length < share)
    return index === -1 ? undefined : waiting.splice(index, 1)[0]
  }

  return {
    submit: (task) =>
      new Promise((settle, reject) => {
        if (closed) return settle('lost')
        if (!opened) openThreads()
        if (threads.size === 0) return reject(new Error('no thread for transforms can be started'))
        waiting.push({ task, settle, reject })
        dispatch()
      }),
    async close() {
      closed = true
      for (const { settle } of waiting.splice(0)) settle('lost')
      await Promise.all([...threads].map(({ worker }) => worker.terminate()))
    },
  }
}

/** What runs in QuickJS has a memory of its own; this is for passing bodies in and out. */
const RESOURCES = { resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 } }

function startThread(limits: SandboxLimits): Worker {
  const options = { workerData: limits, ...RESOURCES }
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./transform-thread.js', import.meta.url), options)
  }
  // Run from source, as in tests and `npm run dev`, a thread needs what reads TypeScript.
  const entry = JSON.stringify(new URL('./transform-thread.ts', import.meta.url).href)
  const program = `import('tsx/esm/api').then(({ register }) => { register(); return import(${entry}) })`
  return new Worker(program, { ...options, eval: true })
}
