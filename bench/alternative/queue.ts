/** The Redis queue between receiving and delivering. */
import { Queue } from 'bullmq'

export interface DeliveryJob {
  readonly normalizedEventId: string
  readonly jobId: string
  readonly correlationId: string
}

export const QUEUE_NAME = 'events.process'

/** As its documentation advises for production: tried again with growing delays, and done ones not kept. */
export const JOB_OPTIONS = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 1_000 },
  removeOnComplete: true,
} as const

export function openQueue(redisUrl: string): Queue<DeliveryJob> {
  return new Queue<DeliveryJob>(QUEUE_NAME, { connection: { url: redisUrl } })
}
