/** A scheme that signs bytes of the request, for a reader. */
import type { SignatureParse, SignaturePlace, SignedByScheme, SignedCase, TimestampRule } from '../definition.ts'
import { hashName } from './code.ts'
import type { Detail } from './detail.ts'
import { describePublicKey, describeSecret } from './key.ts'
import { describeRequirement, describeWhen } from './requirement.ts'
import { explainTokens, showTemplate } from './template.ts'

export function describeSigned(scheme: SignedByScheme): readonly Detail[] {
  const [only, ...more] = scheme.signed
  const templates = scheme.signed.flatMap((each) => [...each.templates])
  const pin = 'pin' in scheme.key ? scheme.key.pin : undefined
  const keyName = pin ?? 'key'
  const requirements = (only.require ?? []).map((each) => describeRequirement(each, keyName))
  const meanings = explainTokens(templates, pin)
  return [
    ['Signature', `${algorithmName(scheme)}, ${describePlace(scheme.signature)}.`],
    [
      'Signed',
      more.length === 0
        ? `${anyOf(only.templates)}.`
        : scheme.signed.map((each) => describeCase(each, scheme, keyName)),
    ],
    ...(meanings.length === 0 ? [] : ([['Where', `${meanings.join('; ')}.`]] as const)),
    ...(more.length > 0 || requirements.length === 0 ? [] : ([['Only if', `${requirements.join('; ')}.`]] as const)),
    ...describeItems(scheme),
    [
      'Key',
      scheme.family === 'asymmetric' ? describePublicKey(scheme.key, algorithmsOf(scheme)) : describeSecret(scheme.key),
    ],
    ...(scheme.slots ?? []).map(
      ({ slot, what, signature }): Detail => [
        `Further key \`${slot}\``,
        `${what.replace(/\.$/, '')}${signature === undefined ? '; it may have made the signature above.' : `; its signature comes ${describePlace(signature)}.`}`,
      ],
    ),
    ['Time', describeTime(scheme.timestamp)],
    ...describeNames(scheme),
  ]
}

function algorithmsOf(scheme: Extract<SignedByScheme, { family: 'asymmetric' }>) {
  return [scheme.algorithm, ...scheme.signed.flatMap(({ algorithm }) => (algorithm === undefined ? [] : [algorithm]))]
}

function algorithmName(scheme: SignedByScheme): string {
  if (scheme.family === 'asymmetric') return ASYMMETRIC[scheme.algorithm]
  const name = hashName(scheme.algorithm)
  return scheme.family === 'hmac' ? `HMAC with ${name}` : `a plain ${name} digest with the secret inside`
}

const ASYMMETRIC = {
  ed25519: 'Ed25519',
  'ecdsa-p256-sha256': 'ECDSA on P-256 with SHA-256, in DER',
  'ecdsa-p256-sha1': 'ECDSA on P-256 with SHA-1, in DER',
  'rsa-sha256': 'RSA (PKCS #1 v1.5) with SHA-256',
  'rsa-sha1': 'RSA (PKCS #1 v1.5) with SHA-1',
} as const

function anyOf(templates: SignedCase['templates']): string {
  return templates.map(showTemplate).join(' or, for senders that differ, ')
}

function describeCase(each: SignedCase, scheme: SignedByScheme, keyName: string): string {
  const requirements = (each.require ?? []).map((requirement) => describeRequirement(requirement, keyName))
  const algorithm =
    each.algorithm === undefined || scheme.family !== 'asymmetric' ? '' : `, with ${ASYMMETRIC[each.algorithm]}`
  const only = requirements.length === 0 ? '' : `, and only if ${requirements.join(' and ')}`
  const name = each.name === undefined ? '' : `**${each.name}**: `
  return `${name}${anyOf(each.templates)}${algorithm}, ${describeWhen(each.when)}${only}`
}

function describePlace(place: SignaturePlace): string {
  const form = describeForm(place.parse, encodingName(place.encoding))
  if ('header' in place) {
    const more = (place.also ?? []).map((name) => ` or \`${name}\``).join('')
    const repeated = place.repeated === true ? '; the header may come several times' : ''
    return `in the header \`${place.header}\`${more}, as ${form}${repeated}`
  }
  if ('headers' in place)
    return `in the headers \`${place.headers.prefix}1\`, \`${place.headers.prefix}2\` and so on up to ${place.headers.to}, as ${form}`
  if ('form' in place) return `in the form field \`${place.form}\`, as ${form}`
  if ('body' in place) return `in the body itself, JSON \`${place.body}\`, as ${form}`
  return `in each item of the body, \`${place.item}\`, as ${form}`
}

function encodingName(encoding: SignaturePlace['encoding']): string {
  return encoding === 'hex-lower' ? 'hex in lower case' : encoding
}

function describeForm(parse: SignatureParse, encoding: string): string {
  switch (parse.kind) {
    case 'raw':
      return `\`<${encoding}>\``
    case 'prefix':
      return `\`${parse.prefix}<${encoding}>\`${parse.optional === true ? ', with or without what stands before it' : ''}`
    case 'pairs': {
      const pair = (name: string, value: string) => `${name}${parse.valueSeparator}<${value}>`
      const time = parse.timestampKey === undefined ? [] : [pair(parse.timestampKey, 'time')]
      const all = [...time, pair(parse.signatureKey, encoding)].join(parse.itemSeparator)
      return `\`${all}\`; \`${parse.signatureKey}\` may come several times, other names are skipped`
    }
    case 'list':
      return `\`${parse.version}${parse.versionSeparator}<${encoding}>\`, several ${parse.itemSeparator === ' ' ? 'with a space between' : `with \`${parse.itemSeparator}\` between`}; other versions are skipped`
    case 'positional':
      return `\`<time>${parse.itemSeparator}<${encoding}>\`, where more signatures may follow`
    case 'keyed-list':
      return `\`<name>${parse.valueSeparator}<${encoding}>\`, several with \`${parse.itemSeparator}\` between; the one whose name is the setting \`${parse.nameSetting}\` counts`
    case 'base64-json':
      return `the base64 of a JSON object with the signature (${encoding}) in \`${parse.member}\` and the key’s id in \`${parse.keyIdMember}\``
  }
}

function describeItems({ each }: SignedByScheme): readonly Detail[] {
  return each === undefined
    ? []
    : [['Items', `each of \`${each}\` is signed by itself; every one must verify, and there must be one.`]]
}

const UNITS = { s: 'in seconds', ms: 'in milliseconds', iso8601: 'in ISO 8601' } as const

export function describeTime(timestamp: TimestampRule | undefined): string {
  if (timestamp === undefined)
    return 'none is signed. A captured request stays valid for as long as the key does; copies are recognised by what was signed.'
  const { toleranceSeconds, aheadSeconds, toleranceDocumented, unit } = timestamp
  const where =
    timestamp.in === 'signature'
      ? 'beside the signature'
      : 'header' in timestamp.in
        ? `in the header \`${timestamp.in.header}\``
        : `in JSON \`${timestamp.in.body}\``
  const window =
    aheadSeconds === undefined
      ? `${toleranceSeconds} seconds before and after now`
      : `${toleranceSeconds} seconds before and ${aheadSeconds} seconds after now`
  return `${where}, ${UNITS[unit]}. Accepted within ${window}${toleranceDocumented ? '' : ' (our window; the provider names none)'}.`
}

function describeNames({ aliases = [], id, urlVariants, unescape: escapes }: SignedByScheme): readonly Detail[] {
  const renamed = aliases.map((names) =>
    Object.entries(names)
      .map(([ours, other]) => `\`${other}\` for \`${ours}\``)
      .join(', '),
  )
  return [
    ...(id === undefined ? [] : ([['Message id', `in the header \`${id.header}\`, and signed.`]] as const)),
    ...(renamed.length === 0
      ? []
      : ([['Other names', `also ${renamed.join('; or ')}; two sets are never mixed.`]] as const)),
    ...(urlVariants === undefined
      ? []
      : ([['URL', `tried ${urlVariants.map((each) => URL_VARIANTS[each]).join(', ')}.`]] as const)),
    ...(escapes === undefined
      ? []
      : ([
          ['Escapes', `${escapes.map((each) => `\`${each}\``).join(', ')} in the URL are undone before signing.`],
        ] as const)),
  ]
}

const URL_VARIANTS = {
  'as-is': 'as it is',
  'default-port-added': 'with the default port added',
  'port-removed': 'with its port removed',
} as const
