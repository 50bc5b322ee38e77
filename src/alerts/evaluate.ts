/**
 * Alerts: looks at each rule on a schedule, opens and resolves what follows, and queues who is told of it.
 *
 * It promises that one cause is one alert while it lasts, that each change of it is told once, however many workers look,
 * and that a rule which cannot be looked at stops no other. It ends where a notification is queued: notify.ts sends it.
 *
 * Boundary: meets the flow in the database alone. What passes by too fast to be read again is counted there by the
 * processes that see it (count-attempts.ts, flow/ingress/quarantine.ts).
 */
import { ALERT_KINDS, ALERT_RULES, type AlertKind, COUNTED_MINUTES, type Transition } from '../base/model/alert.ts'
import type { Uuid } from '../base/model/ids.ts'
import type { Logger } from '../observability/log.ts'
import { findConditions } from '../resources/store/alert-conditions.ts'
import { pruneCounts } from '../resources/store/alert-counts.ts'
import { queueOpened, queueResolved } from '../resources/store/alert-notifications.ts'
import { type AskedRule, listAlertTurns, loadAskedRules, takeAlertTurn } from '../resources/store/alert-rules.ts'
import { type ChangedAlert, openAlerts, pruneAlerts, resolveAlerts } from '../resources/store/alerts.ts'
import type { Database } from '../resources/store/database.ts'
import type { PeriodicTask } from '../worker/periodic.ts'

export interface EvaluateOptions {
  readonly db: Database
  readonly log: Logger
  readonly now: () => number
  /** An alert was opened or resolved, for metrics. */
  readonly onChange: (kind: AlertKind, transition: Transition) => void
}

const EVERY_MS = 5_000
const PRUNE_EVERY_MS = 600_000
/** Resolved alerts are kept for so long. */
const KEPT_MS = 90 * 86_400_000
const PRUNE_BATCH = 1_000

export function evaluationTasks(options: EvaluateOptions): readonly PeriodicTask[] {
  return [
    { name: 'evaluate alert rules', everyMs: EVERY_MS, run: () => evaluateRules(options) },
    { name: 'prune alerts', everyMs: PRUNE_EVERY_MS, run: () => prune(options) },
  ]
}

/** Those whose turn it is, and that nobody else is looking at. */
export async function evaluateRules(options: EvaluateOptions): Promise<void> {
  // One look in nearly every turn; whose turn it is is asked again, under a lock.
  const turns = await listAlertTurns(options.db)
  const isDue = (kind: AlertKind) => {
    const last = turns.get(kind)
    return last === undefined || options.now() - last.getTime() >= ALERT_RULES[kind].everySeconds * 1000
  }
  for (const kind of ALERT_KINDS.filter(isDue)) {
    try {
      await evaluateRule(kind, options)
    } catch (err) {
      options.log.warn({ err, rule: kind }, 'an alert rule could not be looked at')
    }
  }
}

async function evaluateRule(kind: AlertKind, { db, log, now, onChange }: EvaluateOptions): Promise<void> {
  const at = new Date(now())
  const before = (seconds: number) => new Date(at.getTime() - seconds * 1000)
  const { everySeconds, quietSeconds } = ALERT_RULES[kind]
  const { opened, resolved } = await db.transaction(async (tx) => {
    if (!(await takeAlertTurn(tx, kind, { now: at, dueSince: before(everySeconds) }))) return NOTHING
    const asked = await loadAskedRules(tx, kind)
    const found = await findConditions(tx, kind, asked, at)
    const fresh = await openAlerts(tx, kind, found, at)
    const gone = await resolveAlerts(
      tx,
      kind,
      asked.map(({ tenantId }) => tenantId),
      { now: at, goneSince: before(quietSeconds) },
    )
    const muted = mutedAt(asked, at)
    await queueOpened(
      tx,
      kind,
      fresh.filter(({ tenantId }) => !muted.has(tenantId)),
      at,
    )
    await queueResolved(tx, gone, at)
    return { opened: fresh, resolved: gone }
  })
  for (const { id, tenantId } of opened) {
    onChange(kind, 'opened')
    log.warn({ alertId: id, tenantId, kind }, 'an alert was opened')
  }
  for (const { id, tenantId } of resolved) {
    onChange(kind, 'resolved')
    log.info({ alertId: id, tenantId, kind }, 'an alert was resolved')
  }
}

const NOTHING: { readonly opened: readonly ChangedAlert[]; readonly resolved: readonly ChangedAlert[] } = {
  opened: [],
  resolved: [],
}

function mutedAt(asked: readonly AskedRule[], at: Date): ReadonlySet<Uuid> {
  return new Set(
    asked.filter(({ mutedUntil }) => mutedUntil !== null && mutedUntil > at).map(({ tenantId }) => tenantId),
  )
}

async function prune({ db, now }: EvaluateOptions): Promise<void> {
  // An hour more than anybody looks at.
  await pruneCounts(db, new Date(now() - (COUNTED_MINUTES + 60) * 60_000))
  while ((await pruneAlerts(db, new Date(now() - KEPT_MS), PRUNE_BATCH)) === PRUNE_BATCH);
}
