/** How each tenant wants to be alerted, where it is not the default; and whose turn it is to look. */
import { ALERT_RULES, type AlertKind, settingsOf } from '../../base/model/alert.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'

export interface RuleState {
  readonly enabled: boolean
  readonly mutedUntil: Date | null
  /** All of the rule’s, with the default where nothing else was said. */
  readonly settings: Readonly<Record<string, number>>
}

interface Row {
  readonly kind: AlertKind
  readonly enabled: boolean
  readonly mutedUntil: Date | null
  readonly settings: Readonly<Record<string, unknown>>
}

const ROW = 'kind, enabled, muted_until as "mutedUntil", settings'

/** The tenant’s own rows; for the other kinds the defaults hold. */
export async function listAlertRules(db: Queryable, tenantId: Uuid): Promise<ReadonlyMap<AlertKind, RuleState>> {
  const { rows } = await db.query<Row>(`select ${ROW} from alert_rules where tenant_id = $1`, [tenantId])
  return new Map(rows.map((row) => [row.kind, stateOf(row)]))
}

/** Locked until the transaction ends, so that a change is made to what was read. */
export async function lockAlertRule(tx: Queryable, tenantId: Uuid, kind: AlertKind): Promise<RuleState> {
  // There is a row from now on; two who make it wait for one another.
  await tx.query(
    "insert into alert_rules (tenant_id, kind, enabled, settings) values ($1, $2, true, '{}') on conflict do nothing",
    [tenantId, kind],
  )
  const { rows } = await tx.query<Row>(
    `select ${ROW} from alert_rules where tenant_id = $1 and kind = $2 for no key update`,
    [tenantId, kind],
  )
  const [row] = rows
  if (row === undefined) throw new Error('a row that was made is not there')
  return stateOf(row)
}

/** Keeps what differs from the defaults, so that a better default reaches everybody else. */
export async function storeAlertRule(tx: Queryable, tenantId: Uuid, kind: AlertKind, rule: RuleState): Promise<void> {
  const own = Object.entries(rule.settings).filter(
    ([name, value]) => value !== ALERT_RULES[kind].settings[name]?.default,
  )
  await tx.query(
    `update alert_rules set enabled = $3, muted_until = $4, settings = $5, updated_at = now()
     where tenant_id = $1 and kind = $2`,
    [tenantId, kind, rule.enabled, rule.mutedUntil, JSON.stringify(Object.fromEntries(own))],
  )
}

/** When each rule was looked at last; those that never were are missing. */
export async function listAlertTurns(db: Queryable): Promise<ReadonlyMap<AlertKind, Date>> {
  const { rows } = await db.query<{ kind: AlertKind; evaluatedAt: Date }>(
    `select kind, evaluated_at as "evaluatedAt" from alert_turns where evaluated_at > '-infinity'`,
  )
  return new Map(rows.map(({ kind, evaluatedAt }) => [kind, evaluatedAt]))
}

/**
 * Whether it is this transaction’s turn to look at the rule. The row stays locked until the end: others are told no
 * meanwhile, and by the time that is written afterwards.
 */
export async function takeAlertTurn(
  tx: Queryable,
  kind: AlertKind,
  { now, dueSince }: { readonly now: Date; readonly dueSince: Date },
): Promise<boolean> {
  await tx.query("insert into alert_turns (kind, evaluated_at) values ($1, '-infinity') on conflict do nothing", [kind])
  const { rows } = await tx.query(
    'select from alert_turns where kind = $1 and evaluated_at <= $2 for no key update skip locked',
    [kind, dueSince],
  )
  if (rows.length === 0) return false
  await tx.query('update alert_turns set evaluated_at = $2 where kind = $1', [kind, now])
  return true
}

export interface AskedRule extends RuleState {
  readonly tenantId: Uuid
}

/** What every tenant that wants this rule asks of it. */
export async function loadAskedRules(db: Queryable, kind: AlertKind): Promise<readonly AskedRule[]> {
  const { rows } = await db.query<Row & { tenantId: Uuid }>(
    `select t.id as "tenantId", $1 as kind, coalesce(r.enabled, true) as enabled, r.muted_until as "mutedUntil",
       coalesce(r.settings, '{}') as settings
     from tenants t left join alert_rules r on r.tenant_id = t.id and r.kind = $1
     where coalesce(r.enabled, true)`,
    [kind],
  )
  return rows.map((row) => ({ ...stateOf(row), tenantId: row.tenantId }))
}

function stateOf({ kind, enabled, mutedUntil, settings }: Row): RuleState {
  return { enabled, mutedUntil, settings: settingsOf(kind, settings) }
}
