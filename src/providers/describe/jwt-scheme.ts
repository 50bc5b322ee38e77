/** A scheme whose requests carry a JSON Web Token, for a reader. */
import type { ClaimDigest, JwtClaims, JwtScheme } from '../definition.ts'
import type { Detail } from './detail.ts'
import { describePublicKey, describeSecret } from './key.ts'

export function describeJwt(scheme: JwtScheme): readonly Detail[] {
  const { token, algorithms, key, claims, slots = [] } = scheme
  const pin = 'pin' in key ? key.pin : 'key'
  return [
    ['Signature', `a JSON Web Token ${describePlace(token)}, signed with ${algorithms.join(' or ')} and nothing else.`],
    ['Claims', describeClaims(claims, pin)],
    ['Key', 'decode' in key ? describeSecret(key) : describePublicKey(key, algorithms)],
    ...slots.map(({ slot, what }): Detail => [`Further key \`${slot}\``, `${what.replace(/\.$/, '')}.`]),
    ['Time', describeTime(claims)],
  ]
}

function describePlace(token: JwtScheme['token']): string {
  if (token.in === 'body')
    return `in each of \`${token.path}\` of the body; every one must verify, and there must be one`
  if (token.prefix === undefined) return `in the header \`${token.name}\``
  const optional = token.prefixOptional === true ? ', with or without that word' : ''
  return `in the header \`${token.name}\` after \`${token.prefix.trim()}\`${optional}`
}

function describeClaims(claims: JwtClaims, pin: string): readonly string[] {
  const { issuers, issuerSetting, audienceSetting, required = [], bodyHash, urlHash, queryHash } = claims
  return [
    ...(issuers === undefined ? [] : [`\`iss\` is ${issuers.map((each) => `\`${each}\``).join(' or ')}`]),
    ...(issuerSetting === undefined ? [] : [`\`iss\` is the setting \`${issuerSetting}\``]),
    ...(audienceSetting === undefined ? [] : [`\`aud\` is the setting \`${audienceSetting}\``]),
    ...(claims.subjectIsUrl === true ? ['`sub` is the public URL'] : []),
    ...Object.entries(claims.equals ?? {}).map(([names, rule]) => {
      const name = names
        .split(' | ')
        .map((each) => `\`${each}\``)
        .join(' or ')
      if (rule === 'pin') return `${name} is the ${pin} of the integration`
      return 'setting' in rule ? `${name} is the setting \`${rule.setting}\`` : `${name} is \`${String(rule.value)}\``
    }),
    ...(bodyHash === undefined
      ? []
      : [
          `${digest(bodyHash)} of the body${bodyHash.absentWhenEmpty === true ? ', and absent when there is none' : ''}`,
        ]),
    ...(urlHash === undefined ? [] : [`${digest(urlHash)} of the public URL`]),
    ...(queryHash === undefined ? [] : [`${digest(queryHash)} of method, path and sorted query`]),
    ...(required.length === 0 ? [] : [`${required.map((each) => `\`${each}\``).join(', ')} must be there`]),
  ]
}

function digest({ claim, encoding }: ClaimDigest): string {
  return `\`${claim}\` is the SHA-256 (${encoding})`
}

function describeTime({ maxAgeSeconds, clockToleranceSeconds }: JwtClaims): string {
  const slack = clockToleranceSeconds === undefined ? '' : `, ${clockToleranceSeconds} seconds allowed for clocks`
  const expiry = `\`exp\` and \`nbf\` are kept to when they are there${slack}.`
  return maxAgeSeconds === undefined
    ? expiry
    : `\`iat\` must be there and within ${maxAgeSeconds} seconds of now, on both sides. ${expiry}`
}
