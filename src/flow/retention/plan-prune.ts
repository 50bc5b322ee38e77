/** What a run would remove if it began now, and why the rest of those days stays; removes nothing. */
import type { Uuid } from '../../base/model/ids.ts'
import { dayRange, type PrunedPart, type RetentionPolicy } from '../../base/model/retention.ts'
import type { Database } from '../../resources/store/database.ts'
import { type DaySurvey, listPresentDays, surveyDay } from '../../resources/store/prune.ts'
import { readRules } from '../../resources/store/retention-rules.ts'
import { isAnythingDue } from './prune-part.ts'

export interface PrunePlanLine extends DaySurvey {
  readonly day: string
  readonly part: PrunedPart
}

export interface PrunePlan {
  readonly lines: readonly PrunePlanLine[]
  /** There are days after these. */
  readonly more: boolean
}

/** Every day is read as a whole; who asks waits half a minute. */
const LOOK_MS = 20_000

/** @param options.tenantId `null`: of all tenants. @param options.now Milliseconds since the epoch. */
export async function planPrune(
  db: Database,
  {
    tenantId,
    defaults,
    now,
  }: { readonly tenantId: Uuid | null; readonly defaults: RetentionPolicy; readonly now: number },
): Promise<PrunePlan> {
  const rules = await readRules(db, defaults, now, tenantId)
  const until = performance.now() + LOOK_MS
  const lines: PrunePlanLine[] = []
  for (const { day, part } of await listPresentDays(db)) {
    if (!isAnythingDue(rules, part, dayRange(day))) continue
    if (performance.now() > until) return { lines, more: true }
    const survey = await surveyDay(db, rules, part, dayRange(day), tenantId)
    const told = survey.filter(({ due, held, open, undelivered }) => due + held + open + undelivered > 0)
    lines.push(...told.map((each) => ({ day, part, ...each })))
  }
  return { lines, more: false }
}
