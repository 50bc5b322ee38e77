/** What the webhook probes are run against, and the few sentences in which most of them speak. */
import type { ControlId } from '../../../catalogue/catalogue.ts'
import type { Severity } from '../../../catalogue/severity.ts'
import type { Lab, ProbeRequest } from '../lab.ts'
import type { LiveLimits, WebhookTarget } from '../plan.ts'
import { faulty, type Probe, sound, unclear, type Verdict } from '../probe.ts'
import { attempt, type Baseline, type Judged } from './baseline.ts'
import type { Kit, WebhookEvent } from './kit.ts'

export interface WebhookSubject {
  readonly kit: Kit
  readonly baseline: Baseline
  readonly limits: LiveLimits
  readonly destructive: boolean
  readonly urlFields: readonly string[]
  readonly objectIds: readonly string[]
  readonly otherTenant: {
    readonly secret?: string | undefined
    readonly fields: NonNullable<NonNullable<WebhookTarget['other_tenant']>['fields']>
  }
  readonly rotation: { readonly also?: string | undefined; readonly retired?: string | undefined }
}

export type WebhookProbe = Probe<WebhookSubject>

export const NEEDS_ORACLE = 'Let effects be counted: --status-url, --sink or --hook (oracle in a probe plan).'

export interface Refusal {
  /** What was sent, as the subject of a sentence: `A request without a signature`. */
  readonly what: string
  readonly control?: ControlId
  readonly severity?: Severity
  /** What follows when it is accepted. */
  readonly so?: string
}

/** Sends what must have no effect, and says whether it had one. */
export async function mustRefuse(
  { baseline }: WebhookSubject,
  lab: Lab,
  request: ProbeRequest,
  event: WebhookEvent,
  refusal: Refusal,
): Promise<readonly Verdict[]> {
  return refusalVerdict(await attempt(baseline, lab, request, event.id), refusal)
}

export function refusalVerdict({ outcome, status, effects, answer }: Judged, refusal: Refusal): readonly Verdict[] {
  const { what, control, severity, so } = refusal
  const more = { seen: answer, ...(control === undefined ? {} : { control }) }
  switch (outcome) {
    case 'accepted': {
      const seen = effects === undefined ? `was accepted with ${status}` : `had its effect (status ${status ?? 'none'})`
      const detail = `${what} ${seen}${so === undefined ? '' : `: ${so}`}.`
      return [
        faulty(detail, {
          ...more,
          confidence: effects === undefined ? 'medium' : 'high',
          ...(severity === undefined ? {} : { severity }),
        }),
      ]
    }
    case 'refused':
      return [sound(`${what} was refused with ${status}.`, more)]
    case 'silent':
      return [sound(`${what} was answered ${status} and had no effect.`, { ...more, confidence: 'medium' })]
    case 'failed':
      return [
        sound(`${what} was not accepted; the target broke instead (${status}).`, { ...more, confidence: 'low' }),
        faulty(`${what} makes the target answer ${status} instead of refusing it.`, {
          control: 'error-disclosure',
          seen: answer,
          severity: 'low',
          confidence: 'high',
        }),
      ]
    case 'unanswered':
      return [
        unclear(
          `${what} got no answer (${answer.ok ? '' : answer.outcome}).`,
          'Look at the target’s log for what it did with it.',
          more,
        ),
      ]
    case 'unsettled':
      return [
        unclear(`${what} was answered ${status}, but so is a request that is no event at all.`, NEEDS_ORACLE, more),
      ]
  }
}
