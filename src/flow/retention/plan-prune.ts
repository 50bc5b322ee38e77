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

/** Each is read as a whole. */
const MAX_DAYS = 62

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
  const steps = (await listPresentDays(db)).filter(({ day, part }) => isAnythingDue(rules, part, dayRange(day)))
  const days = new Set(steps.map(({ day }) => day))
  const looked = new Set([...days].slice(0, MAX_DAYS))
  const lines: PrunePlanLine[] = []
  for (const { day, part } of steps) {
    if (!looked.has(day)) continue
    const survey = await surveyDay(db, rules, part, dayRange(day), tenantId)
    lines.push(...survey.map((each) => ({ day, part, ...each })))
  }
  return {
    lines: lines.filter(({ due, held, open, undelivered }) => due + held + open + undelivered > 0),
    more: days.size > looked.size,
  }
}
