/** The entry of a scanning thread: does each job it is given as far as nobody else has, and hands back what it did. */
import { parentPort } from 'node:worker_threads'
import { processorClock } from './processor-clock.ts'
import { type PoolJob, work } from './scan-pool.ts'

const now = processorClock()

parentPort?.on('message', async (job: PoolJob) => {
  parentPort?.postMessage(await work(job, { now, onProgress: () => {} }))
})
