import type { Effect } from '../flow/facts.ts'
import { OUTGOING_FIELD } from '../knowledge/names.ts'
import { bad, good } from './examples/callback-target-unvalidated.ts'
import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const callbackTargetUnvalidated = defineRule({
  id: 'callback-target-unvalidated',
  control: 'egress-guard',
  controlFor: { 'async-job': 'callback-target-authorization' },
  title: 'An address of the user’s choice is called unchecked',
  severity: 'high',
  confidence: 'high',
  cwe: [918],
  owasp: ['API7'],
  styles: ['callback', 'async-job'],
  why: 'A subscriber registers `http://169.254.169.254/`, or a name that points into the private network, and this server delivers there.',
  looksAt:
    'Addresses that a user registers or that were registered, at the store and at the call, and whether anything looked where they lead.',
  fix: {
    any: 'Resolve the host and refuse private, loopback and link-local addresses, when it is stored and again when it is called.',
    express:
      'An agent whose `lookup` refuses private addresses, so that the address that is checked is the one that is called.',
    fastapi: 'Validate in the model, and again in the worker before the request; do not follow redirects.',
    go: 'A `net.Dialer` whose `Control` refuses private addresses.',
  },
  limits: 'A fixed or proven host is fine. Checking only the scheme, or only literal addresses, is no check.',
  when: ({ facts }) => {
    const called = facts.uses.filter(
      (use) =>
        (use.kind === 'store-url' || use.kind === 'fetch') &&
        !use.guarded &&
        use.origins.some(({ kind }) => kind === 'parsed-body' || kind === 'stored' || kind === 'query'),
    )
    const kept = facts.effects.filter(
      (effect) =>
        /^(?:insert|write|upsert|enqueue|opaque)$/.test(effect.kind) &&
        !isQuestion(effect) &&
        effect.uses.some((origin) => origin.kind === 'parsed-body' && OUTGOING_FIELD.test(origin.path)) &&
        effect.reaches.some(({ guards }) => !guards.includes('url-validated')),
    )
    return oncePerPlace(
      [...called, ...kept].map(({ at }) => ({
        at,
        message: 'An address that a user chose is stored or called without looking where it leads.',
      })),
    ).slice(0, 1)
  },
  bad,
  good,
})

/** Code out of sight that is asked about an address, and given nothing else, looks at it. */
function isQuestion({ asks, uses }: Effect): boolean {
  return (
    asks === true &&
    uses.every(
      (origin) => origin.kind === 'raw-body' || (origin.kind === 'parsed-body' && OUTGOING_FIELD.test(origin.path)),
    )
  )
}
