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
  why: 'Comparing character by character takes longer the more characters match; with enough requests a signature or token is guessed piece by piece.',
  fix: {
    any: 'Compare digests of equal length with the platform’s constant-time function.',
    express: 'crypto.timingSafeEqual after comparing lengths.',
    flask: 'hmac.compare_digest.',
  },
  limits:
    'Asymmetric verification and crypto.subtle.verify compare nothing. Two digests that were hashed again under a random key may be compared with ==.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.checks
        .filter(({ kind, constantTime }) => (kind === 'signature' || kind === 'token') && constantTime === false)
        .map(({ at, kind, name }) => ({
          at,
          message: `The ${kind === 'token' ? 'secret' : 'signature'} is compared with ${name}, which takes longer the more of it is right.`,
        })),
    ),
})
