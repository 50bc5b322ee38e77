import type { Check, SurfaceFacts } from '../flow/facts.ts'
import { bad, good } from './examples/unsafe-compare.ts'
import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const unsafeCompare = defineRule({
  id: 'unsafe-compare',
  control: 'constant-time-compare',
  title: 'A secret value is compared with an operator that stops early',
  severity: 'medium',
  confidence: 'high',
  cwe: [208],
  owasp: ['API2'],
  styles: ['webhook', 'callback'],
  why: 'Comparing character by character takes longer the more characters match. With enough requests a signature or token is guessed piece by piece.',
  looksAt:
    'The comparison whose one side is a digest under a secret, or the secret itself, and whose other side comes from the request.',
  fix: {
    any: 'Compare with the platform’s constant-time function.',
    express: '`crypto.timingSafeEqual`, after comparing the lengths.',
    hono: '`crypto.subtle.verify`, or `timingSafeEqual` of `hono/utils/buffer`.',
    flask: '`hmac.compare_digest`.',
    fastapi: '`secrets.compare_digest`.',
    django: '`django.utils.crypto.constant_time_compare`.',
    go: '`hmac.Equal` or `subtle.ConstantTimeCompare`.',
    rails: '`ActiveSupport::SecurityUtils.secure_compare`.',
    laravel: '`hash_equals`.',
    spring: '`MessageDigest.isEqual`.',
  },
  limits:
    'Asymmetric verification and `crypto.subtle.verify` compare nothing. Two digests that were hashed again under a random key may be compared with `==`.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.checks
        .filter(({ kind, constantTime }) => (kind === 'signature' || kind === 'token') && constantTime === false)
        .filter((check) => !isWordOfSender(check, facts))
        .map(({ at, kind, name }) => ({
          at,
          message: `The ${kind === 'token' ? 'secret' : 'signature'} is compared with ${name}, which takes longer the more of it is right.`,
        })),
    ),
  bad,
  good,
})

/** A field of a delivery whose signature is verified: a word that a person knows, and no proof of who delivers. */
function isWordOfSender({ kind, headers }: Check, { checks }: SurfaceFacts): boolean {
  return (
    kind === 'token' &&
    headers.length === 0 &&
    checks.some((other) => (other.kind === 'signature' || other.kind === 'verifier') && other.constantTime !== false)
  )
}
