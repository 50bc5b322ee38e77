/** Alert rules: what is worth an alert, and from where on. All are on until somebody says otherwise. */
import { z } from 'zod'
import { ALERT_KINDS, ALERT_RULES, type AlertKind, settingsOf } from '../../../base/model/alert.ts'
import { PosternError } from '../../../base/model/errors.ts'
import { listAlertRules, lockAlertRule, type RuleState, storeAlertRule } from '../../../resources/store/alert-rules.ts'
import { closeAlerts } from '../../../resources/store/alerts.ts'
import { appendAudit } from '../../../resources/store/audit.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { isoTime, PREFIX, time, timeQuery } from '../fields.ts'

const tags = ['alerts']

const RuleOut = z.object({
  kind: z.enum(ALERT_KINDS),
  says: z.string(),
  enabled: z.boolean(),
  mutedUntil: time.nullable().meta({ description: 'Alerts are opened, and nobody is told of them, before then.' }),
  settings: z.record(z.string(), z.int()),
  /** Of each setting. */
  about: z.record(z.string(), z.object({ default: z.int(), min: z.int(), max: z.int(), says: z.string() })),
})

const RulePatch = z
  .strictObject({
    enabled: z.boolean().optional().meta({ description: 'Off, its alerts are closed and nobody is told of that.' }),
    mutedUntil: timeQuery.nullable().optional(),
    settings: z.record(z.string().max(40), z.int()).nullable().optional().meta({
      description: 'What is given is changed, the rest stays. `null`: all as by default.',
    }),
  })
  .refine((patch) => Object.keys(patch).length > 0, 'must change something')

export function alertRuleRoutes(app: Api, { db }: ApiDeps): void {
  app.get(
    `${PREFIX}/alert-rules`,
    {
      config: { access: 'alerts:read' },
      schema: {
        operationId: 'listAlertRules',
        summary: 'Every rule, with what it goes by',
        tags,
        response: { 200: z.object({ data: z.array(RuleOut) }) },
      },
    },
    async (request) => {
      const own = await listAlertRules(db, principalOf(request).tenantId)
      return { data: ALERT_KINDS.map((kind) => view(kind, own.get(kind) ?? DEFAULT(kind))) }
    },
  )

  app.patch(
    `${PREFIX}/alert-rules/:kind`,
    {
      config: { access: 'alert-settings:write' },
      schema: {
        operationId: 'changeAlertRule',
        summary: 'Changes what is given and leaves the rest',
        tags,
        params: z.object({ kind: z.string() }),
        body: RulePatch,
        response: { 200: RuleOut },
      },
    },
    async (request) => {
      const { tenantId, name: actor } = principalOf(request)
      const kind = ALERT_KINDS.find((each) => each === request.params.kind)
      if (kind === undefined)
        throw new PosternError('NOT_FOUND', `There is no such rule. Rules: ${ALERT_KINDS.join(', ')}.`)
      const { enabled, mutedUntil, settings } = request.body
      checkSettings(kind, settings ?? {})
      return db.transaction(async (tx) => {
        const present = await lockAlertRule(tx, tenantId, kind)
        const changed: RuleState = {
          enabled: enabled ?? present.enabled,
          mutedUntil: mutedUntil === undefined ? present.mutedUntil : mutedUntil,
          settings: settings === null ? settingsOf(kind, {}) : { ...present.settings, ...settings },
        }
        await storeAlertRule(tx, tenantId, kind, changed)
        if (!changed.enabled) await closeAlerts(tx, tenantId, kind)
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'alert_rule.changed',
          entityType: 'alert_rule',
          entityId: null,
          details: {
            kind,
            enabled: changed.enabled,
            mutedUntil: isoTime(changed.mutedUntil),
            settings: changed.settings,
          },
        })
        return view(kind, changed)
      })
    },
  )
}

const DEFAULT = (kind: AlertKind): RuleState => ({ enabled: true, mutedUntil: null, settings: settingsOf(kind, {}) })

function checkSettings(kind: AlertKind, given: Readonly<Record<string, number>>): void {
  const known = ALERT_RULES[kind].settings
  const errors = Object.entries(given).flatMap(([name, value]) => {
    const setting = Object.hasOwn(known, name) ? known[name] : undefined
    const path = `settings.${name}`
    if (setting === undefined) {
      const names = Object.keys(known).join(', ')
      return [{ path, message: names === '' ? 'this rule has no settings' : `must be one of ${names}` }]
    }
    return value >= setting.min && value <= setting.max
      ? []
      : [{ path, message: `must be from ${setting.min} to ${setting.max}` }]
  })
  if (errors.length > 0) throw new PosternError('VALIDATION_ERROR', 'The rule cannot be set so.', { errors })
}

function view(kind: AlertKind, { enabled, mutedUntil, settings }: RuleState): z.output<typeof RuleOut> {
  const { says, settings: about } = ALERT_RULES[kind]
  return { kind, says, enabled, mutedUntil: isoTime(mutedUntil), settings: { ...settings }, about: { ...about } }
}
