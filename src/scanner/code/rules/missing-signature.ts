import type { Effect } from '../flow/facts.ts'
import {
  couldBeElsewhere,
  effectsOf,
  handlerAt,
  isHandedOn,
  isUnasked,
  oncePerPlace,
  senderChecks,
} from './questions.ts'
import { defineRule } from './rule.ts'

export const missingSignature = defineRule({
  id: 'missing-signature',
  control: 'sender-authentication',
  title: 'Nothing proves who sent the request',
  severity: 'critical',
  confidence: 'high',
  cwe: [306, 345],
  owasp: ['API2', 'API10'],
  styles: ['webhook'],
  why: 'Whoever learns the address can send events. Without a check of the provider’s signature or secret every payment, deployment or status in the body is the attacker’s word.',
  fix: {
    any: 'Verify the provider’s signature over the raw body before anything is read from it; postern/verify does it in one call.',
  },
  limits:
    'Silent where a guard or handler could not be followed, and where bytes and headers are handed on unread. Login, a capability in the path and fetching the event again from the provider count as proof.',
  when: ({ facts }) => {
    const effects = effectsOf(facts).filter((effect) => !isHandedOn(effect))
    if (effects.length === 0) return []
    if (senderChecks(facts).length === 0) {
      if (couldBeElsewhere(facts)) return []
      return [
        {
          at: handlerAt(facts),
          message: `Nothing checks who sent this before ${nameOf(effects[0])} runs.`,
          trace: effects.slice(0, 3).map(({ at, name }) => ({ ...at, message: `${name} acts on the request.` })),
        },
      ]
    }
    return oncePerPlace(
      effects
        .filter((effect) => effect.checkedAfter.length === 0)
        .filter(({ reaches }) => reaches.some((reach) => isUnasked(reach) && reach.assumptions.length === 0))
        .map((effect) => ({
          at: effect.at,
          message: `A way leads to ${nameOf(effect)} on which the sender is never checked.`,
        })),
    ).slice(0, 1)
  },
})

function nameOf(effect: Effect | undefined): string {
  return effect?.name === undefined || effect.name === '' ? 'the effect' : effect.name
}
