import { effectsOf, isAuthenticated, senderChecks } from './questions.ts'
import { defineRule } from './rule.ts'

export const bodyIdAuthz = defineRule({
  id: 'body-id-authz',
  control: 'payload-object-scope',
  title: 'An id from the payload decides whose data is changed',
  severity: 'high',
  confidence: 'medium',
  cwe: [639],
  owasp: ['API1', 'API10'],
  styles: ['webhook', 'callback', 'async-job'],
  why: 'The sender names an account, order or user of somebody else, and the handler changes that one.',
  fix: {
    any: 'Take the tenant from the credential and look objects up within it.',
  },
  limits: 'In a receiver that is verified with the provider’s own secret the ids are the provider’s word.',
  when: ({ facts, style }) => {
    if (style === 'webhook' && senderChecks(facts).length > 0) return []
    if (style === 'webhook' && facts.incomplete.length > 0) return []
    const lookup = facts.uses.find(
      (use) =>
        use.kind === 'lookup' &&
        !use.guarded &&
        use.origins.some((origin) => origin.kind === 'parsed-body' && OBJECT_ID.test(origin.path)) &&
        (style === 'webhook' || use.reaches.some(isAuthenticated)),
    )
    if (
      style === 'webhook' &&
      lookup !== undefined &&
      effectsOf(facts).some(({ uses }) => uses.some(({ kind }) => kind === 'stored' || kind === 'parsed-body'))
    )
      return [
        {
          at: lookup.at,
          message: `${lookup.name} finds one of our objects by an id that anybody can put into the body, and it is changed.`,
        },
      ]
    const changed = facts.effects.find(
      ({ kind, uses }) =>
        (kind === 'opaque' || kind === 'write' || kind === 'delete' || kind === 'increment') &&
        uses.some((origin) => origin.kind === 'parsed-body' && OBJECT_ID.test(origin.path)),
    )
    if (style === 'webhook' && changed !== undefined)
      return [
        {
          at: changed.at,
          message: `${changed.name} changes what an id in the body names, and anybody can write that body.`,
        },
      ]
    if (style === 'webhook') return []
    const owner = effectsOf(facts).find(({ uses }) =>
      uses.some((origin) => origin.kind === 'parsed-body' && OWNER.test(origin.path)),
    )
    return owner === undefined || !owner.reaches.some(isAuthenticated)
      ? []
      : [
          {
            at: owner.at,
            message: `${owner.name} takes the owner from the body instead of from the caller’s identity.`,
          },
        ]
  },
})

const OBJECT_ID = /(?:^|[._])id$|Id$|_id$|reference|number|email|account|customer|user|order|invoice/i
const OWNER = /(?:^|\.)(?:tenant|owner|account|org(?:anization)?|user|workspace|team|customer|merchant)_?(?:id)?$/i
