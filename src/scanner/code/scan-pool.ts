/**
 * Projects examined in several threads. Each takes the next project when it has done one, so that a large one holds up
 * nobody; the calling thread works along, and does all of it where there is little or a thread cannot be had.
 */
import { Worker } from 'node:worker_threads'
import { type GrammarName, loadGrammars } from './parse/grammars.ts'
import { listingOf, type ScannedProject, scanProject } from './scan-project.ts'

export interface PoolTask {
  readonly files: readonly string[]
  readonly bytes: number
}

export interface PoolJob {
  readonly projects: readonly (readonly string[])[]
  /** All source files of the targets. */
  readonly known: readonly string[]
  readonly grammars: readonly GrammarName[]
  /** Index of the next project that nobody has taken. */
  readonly next: SharedArrayBuffer
}

export interface PoolOptions {
  readonly known: readonly string[]
  readonly grammars: ReadonlySet<GrammarName>
  readonly threads: number
  readonly now: () => number
  readonly onProgress: (text: string) => void
  readonly readText?: ((file: string) => string | undefined) | undefined
}

/** Starting a thread and its grammars takes as long as parsing this much. */
const WORTH_A_THREAD = 400_000

/** @returns The outcome of each task, in their order. @throws When a thread ends before its work. */
export async function scanProjects(
  tasks: readonly PoolTask[],
  options: PoolOptions,
): Promise<readonly ScannedProject[]> {
  // The largest first: what is left for the end is small.
  const order = tasks.map((_, index) => index).sort((a, b) => (tasks[b]?.bytes ?? 0) - (tasks[a]?.bytes ?? 0))
  const job: PoolJob = {
    projects: order.map((index) => tasks[index]?.files ?? []),
    known: options.known,
    grammars: [...options.grammars],
    next: new SharedArrayBuffer(4),
  }
  const others = options.readText === undefined ? threadsFor(tasks, options.threads) - 1 : 0
  const workers = Array.from({ length: others }, () => runWorker(job))
  const own = await work(job, options)
  const outcomes = [own, ...(await Promise.all(workers))].flat()
  const results = new Map(outcomes.map(({ index, outcome }) => [order[index], outcome]))
  return tasks.map((_, index) => {
    const outcome = results.get(index)
    if (outcome === undefined) throw new Error('a project was examined by nobody')
    return outcome
  })
}

export interface PoolOutcome {
  readonly index: number
  readonly outcome: ScannedProject
}

/** Takes projects until none is left. */
export async function work(
  { projects, known, grammars, next }: PoolJob,
  { now, onProgress, readText }: Pick<PoolOptions, 'now' | 'onProgress' | 'readText'>,
): Promise<PoolOutcome[]> {
  const counter = new Int32Array(next)
  const loaded = await loadGrammars(new Set(grammars))
  const listing = listingOf(known)
  const outcomes: PoolOutcome[] = []
  for (;;) {
    const index = Atomics.add(counter, 0, 1)
    const candidates = projects[index]
    if (candidates === undefined) return outcomes
    const where = `project ${index + 1} of ${projects.length}`
    onProgress(`parsing ${where}: ${candidates.length} files`)
    const onSurface = (done: number, of: number): void => {
      if (done % 10 === 0) onProgress(`examining ${where}: ${done} of ${of} handlers`)
    }
    outcomes.push({ index, outcome: scanProject(candidates, listing, loaded, now, onSurface, readText) })
  }
}

function threadsFor(tasks: readonly PoolTask[], threads: number): number {
  const total = tasks.reduce((sum, { bytes }) => sum + bytes, 0)
  // Run from TypeScript, this module has no compiled twin that a thread could start.
  if (total < WORTH_A_THREAD || import.meta.url.endsWith('.ts')) return 1
  return Math.max(1, Math.min(threads, tasks.length))
}

function runWorker(job: PoolJob): Promise<PoolOutcome[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./scan-worker.js', import.meta.url), { workerData: job })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`a scanning thread ended with ${code}`)))
  })
}
