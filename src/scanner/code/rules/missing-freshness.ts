import type { Check, Origin, SurfaceFacts } from '../flow/facts.ts'
import { effectsOf, oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const missingFreshness = defineRule({
  id: 'missing-freshness',
  control: 'freshness-window',
  title: 'A signed time is never compared with the clock',
  severity: 'medium',
  confidence: 'medium',
  cwe: [294, 613],
  owasp: ['API2', 'API10'],
  styles: ['webhook'],
  why: 'A request that was genuine once stays valid for ever: whoever recorded it can send it again next month.',
  fix: {
    any: 'Refuse timestamps more than five minutes away, in both directions, after the signature over them was verified.',
  },
  limits:
    'Only where the scheme signs a time. GitHub, Shopify, token and other schemes over the body alone carry none; Stripe’s, Svix’s and Standard Webhooks’ libraries check it themselves.',
  when: ({ facts }) => {
    if (effectsOf(facts).length === 0) return []
    const unsigned = facts.freshness
      .filter(({ signed }) => signed === false)
      .map(({ at }) => ({
        at,
        message: 'The time that is compared here is not part of what was signed, so anybody can renew it.',
      }))
    const uncompared = facts.checks
      .filter((check) => signsTime(check) && !isFresh(check, facts))
      .map((check) => ({
        at: check.digest?.at ?? check.at,
        message: 'A time is part of what is signed, and nothing compares it with the clock.',
      }))
    return oncePerPlace([...unsigned, ...uncompared]).slice(0, 1)
  },
})

/** The timestamp header, or the part of a signature header that holds it, goes into the digest. */
function signsTime({ kind, digest, headers, toleranceSeconds }: Check): boolean {
  if (kind !== 'signature' || digest === undefined || toleranceSeconds !== undefined) return false
  return digest.input.some((origin) => isTime(origin) || (origin.kind === 'header' && headers.includes(origin.name)))
}

function isTime(origin: Origin): boolean {
  return origin.kind === 'header' && /time|date|(?:^|-)ts$/.test(origin.name)
}

/** Every effect that this check lets through was also checked for its age. */
function isFresh(check: Check, facts: SurfaceFacts): boolean {
  return effectsOf(facts).every(({ reaches }) =>
    reaches.every((reach) => !reach.passed.includes(check) || reach.fresh.length > 0),
  )
}
