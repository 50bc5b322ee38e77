/**
 * A scheme in words, from the definition that the engine reads: for the provider's page and for the terminal.
 *
 * Texts are Markdown with nothing but code spans and emphasis, so that they read well in both.
 */
import type { Coverage } from '../../base/model/event.ts'
import { coverageOfScheme } from '../compile.ts'
import type { ConfirmedScheme, MutualTlsScheme, Requirement, Scheme, TokenScheme } from '../definition.ts'
import { code } from './code.ts'
import type { Detail } from './detail.ts'
import { describeJwt } from './jwt-scheme.ts'
import { describeCall } from './key.ts'
import { describeRequirement } from './requirement.ts'
import { describeSigned } from './signed-scheme.ts'
import { describeSource } from './source.ts'

/** How much of a request is proved, as a grade and as a sentence. */
export const COVERAGE_GRADES: Readonly<Record<Coverage, readonly [grade: string, meaning: string]>> = {
  request: ['whole request', 'Body and address are signed: neither can be changed, and it fits no other address.'],
  body: ['body', 'Every byte of the body is signed. Address and other headers are not.'],
  parts: ['parts', 'Only parts of the request are signed; the body as a whole could be changed on its way.'],
  none: ['none', 'No byte of what was sent is signed.'],
}

/** The family as its readers call it. */
export const FAMILY_NAMES: Readonly<Record<Scheme['family'], string>> = {
  hmac: 'HMAC',
  hash: 'plain digest',
  asymmetric: 'public key',
  jwt: 'JSON Web Token',
  token: 'shared token',
  basic: 'HTTP Basic',
  mtls: 'client certificate',
  'fetch-back': 'asking the provider',
}

export function describeScheme(scheme: Scheme): readonly Detail[] {
  const [grade, meaning] = COVERAGE_GRADES[coverageOfScheme(scheme)]
  return [
    ...detailsOf(scheme),
    ['Covers', `**${grade}**. ${meaning}`],
    ...(scheme.weakness === undefined ? [] : ([['Weak', scheme.weakness]] as const)),
  ]
}

function detailsOf(scheme: Scheme): readonly Detail[] {
  switch (scheme.family) {
    case 'token':
      return describeToken(scheme)
    case 'basic':
      return [
        [
          'Shown',
          `HTTP Basic in the header \`Authorization\`: the user is the setting \`${scheme.usernameSetting}\` and the key the password; without that setting the key is \`user:password\`.`,
        ],
      ]
    case 'mtls':
      return describeCertificate(scheme)
    case 'fetch-back':
      return describeConfirmed(scheme)
    case 'jwt':
      return describeJwt(scheme)
    default:
      return describeSigned(scheme)
  }
}

function describeToken({ token, require = [] }: TokenScheme): readonly Detail[] {
  return [['Shown', `the key itself, ${tokenPlace(token)}. It is compared in constant time.`], ...only(require)]
}

function tokenPlace(token: TokenScheme['token']): string {
  if (token.in === 'body')
    return `in the body, \`${token.path}\`${token.path.includes('[*]') ? '; every one must match, and there must be one' : ''}`
  const where = token.in === 'header' ? 'in the header' : 'in the query parameter'
  const chosen = token.nameSetting === undefined ? '' : `, or another that the setting \`${token.nameSetting}\` names`
  return `${where} \`${token.name}\`${chosen}${token.prefix === undefined ? '' : ` after \`${token.prefix.trim()}\``}`
}

function describeCertificate({ require = [] }: MutualTlsScheme): readonly Detail[] {
  return [
    [
      'Shown',
      'a TLS client certificate. TLS ends at the proxy in front, which must verify it and name it in the header that `POSTERN_CLIENT_CERT_HEADER` says; it is believed from `POSTERN_TRUSTED_PROXIES` only. The key is its SHA-256 fingerprint in hex, or the certificate as PEM.',
    ],
    ...only(require),
  ]
}

function describeConfirmed({ id, call, authorize, confirms, state }: ConfirmedScheme): readonly Detail[] {
  const wanted = confirms.equals === 'id' ? 'that id' : `\`${confirms.equals}\``
  return [
    ['Shown', `nothing that could be checked here: ${describeSource(id.source)} is an id like ${code(id.pattern)}.`],
    ['Asked', `${describeCall(call, authorize)}. It counts when the answer’s \`${confirms.path}\` is ${wanted}.`],
    ...(state === undefined
      ? []
      : ([['State', `\`${state}\` of the answer tells one event about the same object from the next.`]] as const)),
  ]
}

function only(require: readonly Requirement[]): readonly Detail[] {
  return require.length === 0
    ? []
    : [['Only if', `${require.map((each) => describeRequirement(each, 'key')).join('; ')}.`]]
}
