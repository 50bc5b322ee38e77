/**
 * An event as it is shown. Headers and body are not part of it: the bytes have their own, audited address.
 */
import { z } from 'zod'
import { COVERAGES, EVENT_STATUSES, JOB_KINDS, JOB_STATUSES, JOB_TRIGGERS } from '../../base/model/event.ts'
import { publicId } from '../../base/model/ids.ts'
import type { AttemptSummary } from '../../resources/store/delivery-lists.ts'
import type { EventRecord, EventSummary, JobSummary } from '../../resources/store/event-lists.ts'
import { idField, isoTime, publicIdOrNull, time } from './fields.ts'
import { DeliveryOut, deliveryView } from './routes/deliveries.ts'

const JobOut = z.object({
  id: idField('job'),
  kind: z.enum(JOB_KINDS),
  trigger: z.enum(JOB_TRIGGERS),
  status: z.enum(JOB_STATUSES),
  attempts: z.int(),
  runAt: time,
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  lastError: z.string().nullable(),
})

export const EventSummaryOut = z.object({
  id: idField('event'),
  provider: z.string(),
  integrationId: idField('integration'),
  type: z.string().nullable(),
  status: z.enum(EVENT_STATUSES),
  statusReason: z.string().nullable(),
  externalEventId: z.string().nullable(),
  subject: z.string().nullable(),
  receivedAt: time,
  occurredAt: time.nullable(),
  processedAt: time.nullable(),
  correlationId: idField('correlation'),
  bodyBytes: z.int(),
})

export const EventOut = EventSummaryOut.extend({
  sourceIp: z.string(),
  bodySha256: z.string(),
  payloadPurgedAt: time
    .nullable()
    .meta({ description: 'The bytes were removed by age; everything else is still there.' }),
  conflictOf: idField('event').nullable().meta({ description: 'The event that has the same id and another body.' }),
  lastError: z.string().nullable(),
  verification: z.object({
    scheme: z.string(),
    keyId: idField('key'),
    coverage: z.enum(COVERAGES),
    signedAt: time.nullable(),
  }),
  deliveries: z.array(DeliveryOut),
  jobs: z.array(JobOut),
})

export const EventStatusOut = z.object({
  id: idField('event'),
  status: z.enum(EVENT_STATUSES),
  statusReason: z.string().nullable(),
  lastError: z.string().nullable(),
  processedAt: time.nullable(),
  jobs: z.array(JobOut),
})

export function eventSummaryView(event: EventSummary): z.output<typeof EventSummaryOut> {
  return {
    id: publicId('event', event.id),
    provider: event.provider,
    integrationId: publicId('integration', event.integrationId),
    type: event.type,
    status: event.status,
    statusReason: event.statusReason,
    externalEventId: event.externalId,
    subject: event.subject,
    receivedAt: isoTime(event.receivedAt),
    occurredAt: isoTime(event.occurredAt),
    processedAt: isoTime(event.processedAt),
    correlationId: publicId('correlation', event.correlationId),
    bodyBytes: event.bodyBytes,
  }
}

export function eventView(
  event: EventRecord,
  attempts: readonly AttemptSummary[],
  jobs: readonly JobSummary[],
): z.output<typeof EventOut> {
  return {
    ...eventSummaryView(event),
    sourceIp: event.sourceIp,
    bodySha256: event.bodySha256.toString('hex'),
    payloadPurgedAt: isoTime(event.payloadPurgedAt),
    conflictOf: publicIdOrNull('event', event.conflictOf),
    lastError: event.lastError,
    verification: {
      scheme: event.scheme,
      keyId: publicId('key', event.keyId),
      coverage: event.coverage,
      signedAt: isoTime(event.signedAt),
    },
    deliveries: attempts.map(deliveryView),
    jobs: jobs.map(jobView),
  }
}

export function eventStatusView(event: EventRecord, jobs: readonly JobSummary[]): z.output<typeof EventStatusOut> {
  return {
    id: publicId('event', event.id),
    status: event.status,
    statusReason: event.statusReason,
    lastError: event.lastError,
    processedAt: isoTime(event.processedAt),
    jobs: jobs.map(jobView),
  }
}

function jobView(job: JobSummary): z.output<typeof JobOut> {
  return {
    id: publicId('job', job.id),
    kind: job.kind,
    trigger: job.trigger,
    status: job.status,
    attempts: job.attempts,
    runAt: isoTime(job.runAt),
    createdAt: isoTime(job.createdAt),
    startedAt: isoTime(job.startedAt),
    finishedAt: isoTime(job.finishedAt),
    lastError: job.lastError,
  }
}
