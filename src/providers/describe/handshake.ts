/** A set-up exchange, for a reader: what asks, what is checked, what is answered. */
import type { Handshake, HandshakeCheck, HandshakeJson, HandshakeValue } from '../definition.ts'
import { code, hashName } from './code.ts'
import { describeSource } from './source.ts'

export function describeHandshake(handshake: Handshake): string {
  const { when, signed, capture, fetch, check = [], otherwise } = handshake
  const conditions = [
    ...Object.entries(when.match ?? {}).map(([source, wanted]) => describeMatch(source, wanted)),
    ...(when.emptyBody === true ? ['without a body'] : []),
  ]
  const pending = handshake.pendingOnly === true || capture !== undefined
  const trust = [
    ...(signed ? ['answered only when its signature is right'] : ['not signed']),
    ...(pending ? ['only while the integration is pending'] : []),
  ]
  return [
    `${when.methods.join(' or ')}${conditions.length === 0 ? '' : ` with ${conditions.join(' and ')}`}: ${trust.join(', ')}.`,
    ...(check.length === 0
      ? []
      : [`It must hold that ${check.map(describeCheck).join(' and ')}; else ${otherwise?.status ?? 403}.`]),
    ...(capture === undefined
      ? []
      : [`${capitalised(describeValue(capture.value))} becomes the key, and the integration active.`]),
    ...(fetch === undefined
      ? []
      : [
          `${capitalised(describeSource(fetch.url))} is asked for before the answer, on the provider’s own hosts only.`,
        ]),
    `Answer: ${describeAnswer(handshake.respond)}.`,
  ].join(' ')
}

function describeMatch(source: string, wanted: string | number | boolean): string {
  if (wanted === true) return describeSource(source)
  return wanted === false ? `no ${describeSource(source)}` : `${describeSource(source)} \`${wanted}\``
}

function describeCheck(check: HandshakeCheck): string {
  const value = describeValue(check.value)
  if ('equals' in check) return `${value} is ${describeValue(check.equals)}`
  return 'matches' in check
    ? `${value} looks like ${code(check.matches)}`
    : `${value} is listed in the setting \`${check.inSetting}\``
}

function describeAnswer({ status, headers, text, json }: Handshake['respond']): string {
  const parts = [
    ...Object.entries(headers ?? {}).map(([name, value]) => `header \`${name}\` with ${describeValue(value)}`),
    ...(text === undefined ? [] : [`${describeValue(text)} as plain text`]),
    ...(json === undefined ? [] : [`JSON ${describeJson(json)}`]),
  ]
  return parts.length === 0 ? `${status} without a body` : `${status}, ${parts.join(', ')}`
}

function describeJson(json: HandshakeJson): string {
  if ('number' in json) return String(json.number)
  if (!('object' in json)) return describeValue(json)
  return Object.entries(json.object)
    .map(([name, value]) => `\`${name}\`: ${describeJson(value)}`)
    .join(', ')
}

function describeValue(value: HandshakeValue): string {
  if ('text' in value) return `\`${value.text}\``
  if ('from' in value) return describeSource(value.from)
  if ('setting' in value) return `the setting \`${value.setting}\``
  if ('join' in value) return value.join.map(describeValue).join(' then ')
  const parts = value.of.map(describeValue).join(', then ')
  return 'hash' in value
    ? `the ${hashName(value.hash)} (${value.encoding}) of ${parts}`
    : `the HMAC-${hashName(value.hmac)} (${value.encoding}) of ${parts} under the key`
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
