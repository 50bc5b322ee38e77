import type { Check, Origin, SurfaceFacts } from '../flow/facts.ts'
import { bad, good } from './examples/missing-freshness.ts'
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
  why: 'A request that was genuine once stays valid for ever. Whoever recorded it, in a log or a proxy, sends it again next month.',
  looksAt:
    'Whether a time is part of what is signed and a comparison of it with the clock stands before every effect; and whether the time that is compared is part of what is signed.',
  fix: {
    any: 'Refuse a time more than five minutes away, in both directions, and put the same text of the time into what is verified.',
    express: '`Math.abs(Date.now() / 1000 - Number(timestamp)) > 300`.',
    flask: '`abs(time.time() - int(timestamp)) > 300`.',
    go: '`time.Since(time.Unix(ts, 0)).Abs() > 5*time.Minute`.',
    rails: '`(Time.now.to_i - timestamp.to_i).abs > 300`.',
    laravel: '`abs(time() - (int) $timestamp) > 300`.',
    spring: '`Duration.between(sentAt, Instant.now()).abs().toMinutes() >= 5`.',
  },
  limits:
    'Only where the scheme signs a time. GitHub, Shopify, token and other schemes over the body alone carry none; the libraries of Stripe, Svix and Standard Webhooks check it themselves.',
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
  bad,
  good,
})

/** The timestamp header, or the part of a signature header that holds it, goes into the digest. */
function signsTime({ kind, digest, headers, provider, toleranceSeconds }: Check): boolean {
  // A bare public-key check, given the header of the time with the rest of what is signed.
  if (kind === 'verifier' && provider === undefined && toleranceSeconds === undefined)
    return headers.some((name) => isTime({ kind: 'header', name }))
  if (kind !== 'signature' || digest === undefined || toleranceSeconds !== undefined) return false
  return digest.input.some((origin) => isTime(origin) || (origin.kind === 'header' && headers.includes(origin.name)))
}

function isTime(origin: Origin): boolean {
  return (
    (origin.kind === 'header' && /time|date|(?:^|-)ts$/.test(origin.name)) ||
    // Of providers that sign fields of the body.
    (origin.kind === 'parsed-body' && /(?:^|\.)(?:timestamp|ts|(?:sent|signed)_?at)$/i.test(origin.path))
  )
}

/** Every effect that this check lets through was also checked for its age. */
function isFresh(check: Check, facts: SurfaceFacts): boolean {
  return effectsOf(facts).every(({ reaches }) =>
    reaches.every((reach) => !reach.passed.includes(check) || reach.fresh.length > 0),
  )
}
