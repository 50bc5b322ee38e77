/**
 * One part of one day: dropped as a whole where nothing in it must stay, else emptied of what is due in batches.
 */
import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type Uuid, uuidBytes } from '../../base/model/ids.ts'
import { type DayRange, dayRange, type PrunedPart, type RetentionPolicy } from '../../base/model/retention.ts'
import type { Logger } from '../../observability/log.ts'
import { appendAudit } from '../../resources/store/audit.ts'
import { type Database, isTimeout, type Queryable } from '../../resources/store/database.ts'
import {
  clearAnswers,
  type DaySurvey,
  deleteEvents,
  deleteQuarantined,
  dropDay,
  insertPrunedEvents,
  isDayEmpty,
  isLockTimeout,
  lockVictims,
  type PresentDay,
  purgePayloads,
  surveyLargeDay,
  type Victim,
} from '../../resources/store/prune.ts'
import { addTotals, type ClaimedRun, noteBatches, type Removed, renewRun } from '../../resources/store/prune-runs.ts'
import { holdRules, type Rules, readRules } from '../../resources/store/retention-rules.ts'

export interface PruneOptions {
  readonly db: Database
  /** Of tenants that say nothing themselves. */
  readonly defaults: RetentionPolicy
  readonly worker: Uuid
  readonly now: () => number
  readonly log: Logger
  readonly onRemoved: (removed: readonly Removed[]) => void
  readonly onDayDropped: () => void
  readonly onCompleted: () => void
  /** Rows of one transaction: short enough that who sets a hold does not wait. */
  readonly batchRows?: number
}

/** Longer than the longest statement. */
export const LEASE_MS = 15 * 60_000
const BATCH_ROWS = 1_000
/** Each waits for a moment only, and makes everybody else wait as long: better to try again than to wait longer. */
const DROP_TRIES = 5
const DROP_PAUSE_MS = 100

/** `postponed`: it was due, and somebody was in the way. `unfinished`: the turn, or the claim of the run, is over. */
type Result = 'done' | 'postponed' | 'unfinished'

export async function prunePart(
  run: ClaimedRun,
  { day, part }: PresentDay,
  options: PruneOptions,
  hasTime: () => boolean,
): Promise<Result> {
  const { db, defaults, now } = options
  const range = dayRange(day)
  const rules = await readRules(db, defaults, now())
  if (!isAnythingDue(rules, part, range)) return 'done'
  if (run.batchDay === day && run.batchPart === part) return inBatches(run, part, { range, rules }, options, hasTime)
  const survey = await surveyLargeDay(db, rules, part, range).catch((error: unknown) => {
    // One day that is too big to look at must not keep the others.
    if (isTimeout(error)) return undefined
    throw error
  })
  if (survey === undefined) return 'postponed'
  if (survey.every(mayGoWhole)) return dropWhole(run, part, { range, rules, survey }, options, hasTime)
  if (survey.every(({ due }) => due === 0)) return 'done'
  await noteBatches(db, run, { day, part })
  return inBatches(run, part, { range, rules }, options, hasTime)
}

export function isAnythingDue({ tenants }: Rules, part: PrunedPart, { end }: DayRange): boolean {
  return tenants.some((tenant) => (part === 'events' ? tenant.events : tenant.payloads) >= end)
}

/** Dead letters are told of one by one, not dropped with their day. */
function mayGoWhole({ givenUp, held, open, undelivered, young }: DaySurvey): boolean {
  return givenUp + held + open + undelivered + young === 0
}

interface Found {
  readonly range: DayRange
  readonly rules: Rules
  readonly survey: readonly DaySurvey[]
}

async function dropWhole(
  run: ClaimedRun,
  part: PrunedPart,
  found: Found,
  options: PruneOptions,
  hasTime: () => boolean,
): Promise<Result> {
  if (part === 'payloads' && !(await clearAllAnswers(run, found, options, hasTime))) return 'unfinished'
  for (let left = DROP_TRIES; left > 0; left--) {
    try {
      await drop(run, part, found, options)
      return 'done'
    } catch (error) {
      // Who changed the rules, or began work on the day, is looked at again by the next run.
      if (error instanceof NotNow) return error.result
      if (!isLockTimeout(error)) throw error
      options.log.debug({ day: found.range.day, part, left }, 'somebody is reading; a day is dropped later')
      await pause(DROP_PAUSE_MS * (1 + Math.random()))
    }
  }
  return 'postponed'
}

/** Undoes what the transaction has done. */
class NotNow extends Error {
  readonly result: Result
  constructor(result: Result) {
    super(`a day is not dropped: ${result}`)
    this.result = result
  }
}

async function drop(run: ClaimedRun, part: PrunedPart, { range, rules, survey }: Found, options: PruneOptions) {
  const removed = survey.map(({ tenantId, due, dueBytes, givenUp }) => ({
    ...{ tenantId, kind: part, rows: due, bytes: dueBytes },
    neverDelivered: part === 'events' ? givenUp : 0,
  }))
  await options.db.transaction(async (tx) => {
    await requireSame(tx, run, rules)
    await addTotals(tx, run.id, removed)
    // Before the locks that everybody would wait for: the end of the chain is somebody else's at times.
    await appendAudit(tx, {
      tenantId: null,
      actor: 'retention',
      action: 'day.dropped',
      entityType: 'day',
      entityId: null,
      details: { day: range.day, part, rows: survey.reduce((sum, { due }) => sum + due, 0), runId: run.id },
    })
    if (!(await dropDay(tx, range, part))) throw new NotNow('postponed')
  })
  options.onRemoved(removed)
  options.onDayDropped()
}

/** @throws NotNow when the rules are not those the day was looked at by, or the run has gone to somebody else. */
async function requireSame(tx: Queryable, run: ClaimedRun, rules: Rules): Promise<void> {
  if ((await holdRules(tx)) !== rules.version) throw new NotNow('postponed')
  if (!(await renewRun(tx, run, LEASE_MS))) throw new NotNow('unfinished')
}

/** What destinations answered is as old as what they were sent. @returns Whether it came to the end. */
async function clearAllAnswers(
  run: ClaimedRun,
  { range, rules }: Found,
  { db, batchRows = BATCH_ROWS }: PruneOptions,
  hasTime: () => boolean,
): Promise<boolean> {
  for (;;) {
    const cleared = await db
      .transaction(async (tx) => {
        await requireSame(tx, run, rules)
        return clearAnswers(tx, range, batchRows)
      })
      .catch((error: unknown) => {
        if (error instanceof NotNow) return undefined
        throw error
      })
    if (cleared === undefined) return false
    if (cleared < batchRows) return true
    if (!hasTime()) return false
  }
}

async function inBatches(
  run: ClaimedRun,
  part: PrunedPart,
  { range, rules }: Pick<Found, 'range' | 'rules'>,
  options: PruneOptions,
  hasTime: () => boolean,
): Promise<Result> {
  const { db, now, defaults, batchRows = BATCH_ROWS } = options
  let after: Uuid | null = null
  // One batch at least, however long the look took.
  for (;;) {
    const taken: readonly Victim[] | undefined = await db.transaction(async (tx) => {
      // Rules that have changed since count at once: nobody's hold is overlooked.
      const same = (await holdRules(tx)) === rules.version
      if (!(await renewRun(tx, run, LEASE_MS))) return undefined
      const current = same ? rules : await readRules(tx, defaults, now())
      const victims = await lockVictims(tx, current, part, range, { after, limit: batchRows })
      if (victims.length > 0) await remove(tx, run, part, range, victims, new Date(now()))
      return victims
    })
    if (taken === undefined) return 'unfinished'
    if (taken.length > 0) options.onRemoved(removedOf(part, taken))
    if (taken.length < batchRows) break
    after = taken.at(-1)?.id ?? after
    if (!hasTime()) return 'unfinished'
  }
  if (!(await isDayEmpty(db, part, range))) return 'done'
  return dropWhole(run, part, { range, rules, survey: [] }, options, hasTime)
}

async function remove(
  tx: Queryable,
  run: ClaimedRun,
  part: PrunedPart,
  range: DayRange,
  victims: readonly Victim[],
  now: Date,
): Promise<void> {
  const ids = victims.map((victim) => victim.id)
  if (part === 'payloads') await purgePayloads(tx, ids, now)
  else if (part === 'quarantine') await deleteQuarantined(tx, ids)
  else await deleteEvents(tx, ids)
  await addTotals(tx, run.id, removedOf(part, victims))
  for (const [tenantId, own] of byTenant(victims)) {
    const givenUp = own.filter((victim) => victim.givenUp).length
    const entry = await appendAudit(tx, {
      tenantId,
      actor: 'retention',
      action: `${part}.pruned`,
      entityType: 'day',
      entityId: null,
      details: { day: range.day, rows: own.length, neverDelivered: givenUp, runId: run.id },
      ...(part === 'events' ? { digest: digestOf(own) } : {}),
    })
    if (part !== 'events') continue
    await insertPrunedEvents(tx, own, entry)
  }
}

/** As receipts have it: id and body digest of each event, by id. */
function digestOf(victims: readonly Victim[]): Buffer {
  const hash = createHash('sha256')
  for (const { id, bodySha256 } of victims) hash.update(uuidBytes(id)).update(bodySha256 ?? '')
  return hash.digest()
}

function removedOf(part: PrunedPart, victims: readonly Victim[]): readonly Removed[] {
  return [...byTenant(victims)].map(([tenantId, own]) => ({
    tenantId,
    kind: part,
    rows: own.length,
    bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
    neverDelivered: part === 'events' ? own.filter(({ givenUp }) => givenUp).length : 0,
  }))
}

function byTenant(victims: readonly Victim[]): ReadonlyMap<Uuid, readonly Victim[]> {
  const groups = new Map<Uuid, Victim[]>()
  for (const victim of victims) {
    const own = groups.get(victim.tenantId)
    if (own === undefined) groups.set(victim.tenantId, [victim])
    else own.push(victim)
  }
  return groups
}
