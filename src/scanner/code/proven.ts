/**
 * What the code of a surface shows to be there: the good news, so that a sound handler can be called secure as far as
 * code can tell. Said only where every way to every effect shows it.
 */
import type { ControlId } from '../../catalogue/catalogue.ts'
import type { Evidence } from '../../catalogue/evidence.ts'
import type { ClassifiedSurface } from './classify.ts'
import type { Place, Reach } from './flow/facts.ts'
import { effectsOf, handlerAt, isAuthenticated, senderChecks } from './rules/questions.ts'

export function proven({ facts, style }: ClassifiedSurface): readonly Evidence[] {
  const shown: Evidence[] = []
  const show = (control: ControlId, at: Place | undefined, detail: string): void => {
    shown.push({
      control,
      state: 'present',
      place: 'application',
      source: 'code',
      detail,
      location: at ?? handlerAt(facts),
    })
  }
  const effects = effectsOf(facts)
  const every = (holds: (reach: Reach) => boolean): boolean =>
    effects.length > 0 && effects.every(({ reaches }) => reaches.every(holds))
  const [check] = senderChecks(facts)
  const isVerified = every((reach) => reach.passed.some(({ kind }) => kind !== 'delegated') && isAuthenticated(reach))
  if (style === 'webhook' && check !== undefined && isVerified) {
    show('sender-authentication', check.at, `${check.name} passes before every effect.`)
    show('verify-before-effect', check.at, 'No effect comes before the verification.')
    show('sender-identity-binding', check.at, 'The secret is the receiver’s own and the sender proves it.')
    if (check.over === 'raw' || check.kind === 'verifier')
      show('raw-body-integrity', check.at, 'The bytes are verified as they came.')
    if (check.constantTime === true || check.kind === 'verifier')
      show('constant-time-compare', check.at, 'The comparison takes the same time for every wrong value.')
    if (check.openWithout.length === 0) show('fail-closed', check.at, 'Without the secret nothing is accepted.')
  }
  const [window] = facts.freshness
  const tolerant = facts.checks.find(
    ({ toleranceSeconds }) => toleranceSeconds !== undefined && toleranceSeconds <= 600,
  )
  if (
    style === 'webhook' &&
    every((reach) => reach.fresh.length > 0 || reach.passed.some((one) => one === tolerant)) &&
    (window !== undefined || tolerant !== undefined)
  )
    show('freshness-window', window?.at ?? tolerant?.at, 'The signed time is compared with the clock.')
  const claim = facts.claims.find(({ kind }) => kind === 'atomic' || kind === 'upsert')
  if (style === 'webhook' && claim !== undefined) {
    show('replay-cache', claim.at, `${claim.name} remembers the event’s id in one atomic step.`)
    show('idempotent-effects', claim.at, 'A copy has no second effect.')
  } else if (
    style === 'webhook' &&
    effects.length > 0 &&
    effects.every(({ repeatable, kind }) => repeatable && kind !== 'opaque')
  )
    show('idempotent-effects', effects[0]?.at, 'Every effect can be repeated without harm.')
  const { limit } = facts.surface.body
  if (facts.readsBody && typeof limit === 'number' && limit <= 10_485_760)
    show('body-size-limit', facts.readAt, `Bodies above ${limit} bytes are refused.`)
  return shown
}
