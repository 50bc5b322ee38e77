/**
 * Threads for the two things that take time: screening all files and examining projects. Each takes the next piece when
 * it has done one, so that a large one holds up nobody; the calling thread works along, and does all of it where there
 * is little or a thread cannot be had. What examines is loaded when there is something to examine: a tree that is known
 * is answered without it.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { GrammarName } from './parse/languages.ts'
import { type ReadEntry, readEntry } from './project/read-entry.ts'
import type { ScannedProject } from './scan-project.ts'

export interface PoolTask {
  readonly files: readonly string[]
  readonly bytes: number
}

/** What a thread is asked: all threads get the same job, and share the index of the next piece nobody has taken. */
export type PoolJob =
  | { readonly is: 'screen'; readonly files: readonly string[]; readonly next: SharedArrayBuffer }
  | {
      readonly is: 'examine'
      readonly projects: readonly (readonly string[])[]
      /** All source files of the targets. */
      readonly known: readonly string[]
      readonly grammars: readonly GrammarName[]
      readonly next: SharedArrayBuffer
    }

export interface Piece<T> {
  readonly index: number
  readonly outcome: T
}

export interface PoolOptions {
  readonly threads: number
  /** Milliseconds, for time budgets. */
  readonly now: () => number
  readonly onProgress: (text: string) => void
  /** For texts that differ from what lies on the disk: only this thread knows them. */
  readonly readText?: ((file: string) => string | undefined) | undefined
}

export interface ScanPool {
  /** @returns What each file is, in their order. @throws When a thread ends before its work. */
  screen: (files: readonly string[]) => Promise<readonly ReadEntry[]>
  /** @returns The outcome of each task, in their order. @throws When a thread ends before its work. */
  examine: (
    tasks: readonly PoolTask[],
    options: { readonly known: readonly string[]; readonly grammars: ReadonlySet<GrammarName> },
  ) => Promise<readonly ScannedProject[]>
  close: () => Promise<void>
}

/** Starting a thread and its grammars takes as long as parsing this much. */
const WORTH_A_THREAD = 400_000
/** Starting a thread takes as long as reading this many. */
const MANY_FILES = 4_000
const FILES_A_PIECE = 100

export function openPool(options: PoolOptions): ScanPool {
  const threads = new Set<Worker>()
  // Run from TypeScript, this module has no compiled twin that a thread could start.
  const most = import.meta.url.endsWith('.ts') || options.readText !== undefined ? 1 : options.threads

  const share = async <T>(
    job: PoolJob,
    wanted: number,
    own: () => Promise<readonly Piece<T>[]>,
  ): Promise<Piece<T>[]> => {
    while (threads.size < wanted - 1) threads.add(startThread())
    // Asked before this thread begins, which may then be deaf for seconds. Awaited together: one that ends badly
    // meanwhile must be heard of.
    const others = [...threads].map((thread) => ask<T>(thread, job))
    return (await Promise.all([own(), ...others])).flat()
  }

  return {
    screen: async (files) => {
      const job: PoolJob = { is: 'screen', files, next: new SharedArrayBuffer(4) }
      const done = await share(job, files.length < MANY_FILES ? 1 : most, async () => screenPieces(job, options))
      return done.sort((a, b) => a.index - b.index).flatMap(({ outcome }) => outcome)
    },
    examine: async (tasks, { known, grammars }) => {
      if (tasks.length === 0) return []
      // The largest first: what is left for the end is small.
      const order = tasks.map((_, index) => index).sort((a, b) => (tasks[b]?.bytes ?? 0) - (tasks[a]?.bytes ?? 0))
      const total = tasks.reduce((sum, { bytes }) => sum + bytes, 0)
      const job: PoolJob = {
        is: 'examine',
        projects: order.map((index) => tasks[index]?.files ?? []),
        known,
        grammars: [...grammars],
        next: new SharedArrayBuffer(4),
      }
      const done = await share(job, total < WORTH_A_THREAD ? 1 : Math.min(most, tasks.length), () =>
        examinePieces(job, options),
      )
      const outcomes = new Map(done.map(({ index, outcome }) => [order[index], outcome]))
      return tasks.map((_, index) => {
        const outcome = outcomes.get(index)
        if (outcome === undefined) throw new Error('a project was examined by nobody')
        return outcome
      })
    },
    close: async () => {
      await Promise.all([...threads].map((thread) => thread.terminate()))
      threads.clear()
    },
  }
}

/** What a thread does with a job; the calling one does the same. */
export async function work(
  job: PoolJob,
  options: Pick<PoolOptions, 'now' | 'onProgress' | 'readText'>,
): Promise<readonly Piece<unknown>[]> {
  return job.is === 'screen' ? screenPieces(job, options) : await examinePieces(job, options)
}

function screenPieces(
  { files, next }: Extract<PoolJob, { is: 'screen' }>,
  { onProgress, readText }: Pick<PoolOptions, 'onProgress' | 'readText'>,
): readonly Piece<readonly ReadEntry[]>[] {
  const counter = new Int32Array(next)
  const pieces: Piece<readonly ReadEntry[]>[] = []
  for (;;) {
    const index = Atomics.add(counter, 0, 1)
    const from = index * FILES_A_PIECE
    if (from >= files.length) return pieces
    onProgress(`reading ${from} of ${files.length} files`)
    pieces.push({ index, outcome: files.slice(from, from + FILES_A_PIECE).map((file) => readEntry(file, readText)) })
  }
}

async function examinePieces(
  { projects, known, grammars, next }: Extract<PoolJob, { is: 'examine' }>,
  { now, onProgress, readText }: Pick<PoolOptions, 'now' | 'onProgress' | 'readText'>,
): Promise<readonly Piece<ScannedProject>[]> {
  const counter = new Int32Array(next)
  const { loadGrammars } = await import('./parse/grammars.ts')
  const { listingOf, scanProject } = await import('./scan-project.ts')
  const loaded = await loadGrammars(new Set(grammars))
  const listing = listingOf(known)
  const pieces: Piece<ScannedProject>[] = []
  for (;;) {
    const index = Atomics.add(counter, 0, 1)
    const candidates = projects[index]
    if (candidates === undefined) return pieces
    const where = `project ${index + 1} of ${projects.length}`
    onProgress(`parsing ${where}: ${candidates.length} files`)
    const onSurface = (done: number, of: number): void => {
      if (done % 10 === 0) onProgress(`examining ${where}: ${done} of ${of} handlers`)
    }
    pieces.push({ index, outcome: scanProject(candidates, listing, loaded, now, onSurface, readText) })
  }
}

function startThread(): Worker {
  const thread = new Worker(new URL('./scan-worker.js', import.meta.url))
  // Of a scan that failed elsewhere nobody waits for it.
  thread.unref()
  return thread
}

async function ask<T>(thread: Worker, job: PoolJob): Promise<readonly Piece<T>[]> {
  const answered = new AbortController()
  const { signal } = answered
  thread.ref()
  thread.postMessage(job)
  try {
    return await Promise.race([
      once(thread, 'message', { signal }).then(([pieces]) => pieces as readonly Piece<T>[]),
      once(thread, 'exit', { signal }).then(([code]) => {
        throw new Error(`a scanning thread ended with ${code}`)
      }),
    ])
  } finally {
    thread.unref()
    answered.abort()
  }
}
