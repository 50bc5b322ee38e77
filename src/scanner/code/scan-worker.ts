/** The entry of a scanning thread: takes projects of the job it was given until none is left, and hands them back. */
import { parentPort, workerData } from 'node:worker_threads'
import { type PoolJob, work } from './scan-pool.ts'

const outcomes = await work(workerData as PoolJob, { now: () => performance.now(), onProgress: () => {} })
parentPort?.postMessage(outcomes)
