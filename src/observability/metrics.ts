/**
 * What the gateway counts, in Prometheus's text format.
 *
 * Labels are bounded: providers of the registry, closed lists of outcomes, kinds of jobs. No id, path, address or event
 * type becomes a label. A scrape reads numbers that are there; what must be asked of the database (how many jobs wait)
 * is asked on a timer by one worker and kept.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export interface Metrics {
  /**
   * A webhook was answered.
   *
   * @param provider Its id, `none` where the path names nobody known.
   * @param outcome `accepted`, `duplicate`, `parked`, `handshake`, or the error's code in lower case.
   */
  received(provider: string, outcome: string, seconds: number): void
  /** Why requests that were read were refused, of the engine's closed list of reasons. */
  unverified(provider: string, reason: string): void
  committed(rows: number, seconds: number): void
  /** @param outcome Of the closed list of delivery outcomes. */
  attempted(outcome: string, seconds: number): void
  backlog(kind: string, waiting: Backlog): void
  /** An alert was opened or resolved. @param rule Of the closed list of rules. */
  alerted(rule: string, transition: string): void
  /** An attempt to tell of an alert has ended. @param channel Of the closed list of kinds. */
  notified(channel: string, outcome: string): void
  /** Rows removed by age. @param kind `payloads`, `quarantine` or `events`. */
  pruned(kind: string, rows: number): void
  dayDropped(): void
  pruneCompleted(atSeconds: number): void
  readonly contentType: string
  text(): Promise<string>
}

export interface Backlog {
  /** Jobs that are due, counted up to a bound. */
  readonly waiting: number
  /** Age of the oldest of them, in seconds; 0 when none waits. */
  readonly oldestSeconds: number
}

/** From half a millisecond to the time-out of a commit. */
const RECEIVE_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** To the longest time-out of a delivery. */
const ATTEMPT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const BATCH_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256]

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry, prefix: 'postern_' })
  const received = new Counter({
    name: 'postern_webhooks_total',
    help: 'Webhooks answered, by provider and outcome.',
    labelNames: ['provider', 'outcome'],
    registers,
  })
  const receiveSeconds = new Histogram({
    name: 'postern_webhook_seconds',
    help: 'From the headers of a webhook to its answer.',
    buckets: RECEIVE_BUCKETS,
    registers,
  })
  const unverified = new Counter({
    name: 'postern_signature_failures_total',
    help: 'Webhooks that were refused because nothing proved who sent them, by provider and reason.',
    labelNames: ['provider', 'reason'],
    registers,
  })
  const commitRows = new Histogram({
    name: 'postern_commit_rows',
    help: 'Events that shared one commit.',
    buckets: BATCH_BUCKETS,
    registers,
  })
  const commitSeconds = new Histogram({
    name: 'postern_commit_seconds',
    help: 'Time of one commit of events.',
    buckets: RECEIVE_BUCKETS,
    registers,
  })
  const attempts = new Counter({
    name: 'postern_delivery_attempts_total',
    help: 'Delivery attempts recorded, by outcome.',
    labelNames: ['outcome'],
    registers,
  })
  const attemptSeconds = new Histogram({
    name: 'postern_delivery_attempt_seconds',
    help: 'Time of one delivery attempt.',
    buckets: ATTEMPT_BUCKETS,
    registers,
  })
  const waiting = new Gauge({
    name: 'postern_jobs_waiting',
    help: 'Jobs that are due and not begun, counted up to 10,000.',
    labelNames: ['kind'],
    registers,
  })
  const oldest = new Gauge({
    name: 'postern_oldest_job_seconds',
    help: 'How long the oldest of the waiting jobs has been due.',
    labelNames: ['kind'],
    registers,
  })
  const alerts = new Counter({
    name: 'postern_alerts_total',
    help: 'Alerts opened and resolved, by rule.',
    labelNames: ['rule', 'transition'],
    registers,
  })
  const notifications = new Counter({
    name: 'postern_alert_notifications_total',
    help: 'Attempts to tell of an alert, by kind of channel and how they ended: sent, retried or failed.',
    labelNames: ['channel', 'outcome'],
    registers,
  })
  const pruned = new Counter({
    name: 'postern_pruned_rows_total',
    help: 'Rows removed because they had been kept long enough, by kind.',
    labelNames: ['kind'],
    registers,
  })
  const daysDropped = new Counter({
    name: 'postern_pruned_days_total',
    help: 'Days of payloads, refused requests or events that were dropped as a whole.',
    registers,
  })
  const pruneCompletedAt = new Gauge({
    name: 'postern_prune_completed_timestamp_seconds',
    help: 'When this process last completed a run of removing what is due; 0: not yet.',
    registers,
  })
  // Finding a series by its labels costs more than counting.
  const series = new Map<string, Counter.Internal>()

  return {
    received(provider, outcome, seconds) {
      const name = `${provider} ${outcome}`
      let counter = series.get(name)
      if (counter === undefined) {
        counter = received.labels({ provider, outcome })
        series.set(name, counter)
      }
      counter.inc()
      receiveSeconds.observe(seconds)
    },
    unverified: (provider, reason) => unverified.inc({ provider, reason }),
    committed(rows, seconds) {
      commitRows.observe(rows)
      commitSeconds.observe(seconds)
    },
    attempted(outcome, seconds) {
      attempts.inc({ outcome })
      attemptSeconds.observe(seconds)
    },
    backlog(kind, { waiting: jobs, oldestSeconds }) {
      waiting.set({ kind }, jobs)
      oldest.set({ kind }, oldestSeconds)
    },
    alerted: (rule, transition) => alerts.inc({ rule, transition }),
    notified: (channel, outcome) => notifications.inc({ channel, outcome }),
    pruned: (kind, rows) => pruned.inc({ kind }, rows),
    dayDropped: () => daysDropped.inc(),
    pruneCompleted: (atSeconds) => pruneCompletedAt.set(atSeconds),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  }
}
