/**
 * Requests that a correct receiver refuses, or accepts only once, made from a provider's own signature: what no
 * scanner without the secret can send.
 */
import { applies } from './cases.ts'
import { coverageOfScheme } from './compile.ts'
import { findScheme, type ProviderDefinition, type Scheme, type SignedByScheme } from './definition.ts'
import { changeField, changeMember, editSignature } from './edit-signature.ts'
import { Reading } from './reading.ts'
import { generateSigningKey, signAs } from './sign.ts'
import { LIFETIME_SECONDS } from './sign-jwt.ts'
import type { SignedRequest, SignInput } from './sign-request.ts'

/** `replay` sends one valid request twice: the second must be answered as a duplicate. All others must be refused. */
export const TAMPERINGS = ['body', 'signature', 'secret', 'stale', 'future', 'replay'] as const
export type Tampering = (typeof TAMPERINGS)[number]

/**
 * @returns The requests to send in order, or `undefined` when the scheme has nothing to tamper with: no signed time, a
 * body it does not cover, or nothing signed at all.
 */
export function tamper(
  definition: ProviderDefinition,
  input: SignInput,
  kind: Tampering,
): readonly SignedRequest[] | undefined {
  const scheme = findScheme(definition, input.scheme)
  if (scheme === undefined) return undefined
  const sign = (change: Partial<SignInput> = {}) => signAs(definition, { ...input, ...change })
  switch (kind) {
    case 'body': {
      if (coverageOfScheme(scheme) === 'none') return undefined
      return [changeSigned(scheme, sign(), input.scheme)]
    }
    case 'signature':
      return scheme.family === 'fetch-back' ? undefined : [changeSignature(scheme, sign, input)]
    case 'secret':
      return scheme.family === 'fetch-back' ? undefined : [sign({ key: generateSigningKey(scheme).signing })]
    case 'stale':
    case 'future': {
      const shift = windowOf(scheme, kind)
      if (shift === undefined) return undefined
      // One more second: a time in whole seconds is up to one second earlier than the clock it was read from.
      return [sign({ now: kind === 'stale' ? input.now - (shift + 1) * 1000 : input.now + (shift + 2) * 1000 })]
    }
    case 'replay': {
      const request = sign()
      return [request, request]
    }
  }
}

/** Seconds that a signed time may be off in this direction; `undefined` when none is signed. */
function windowOf(scheme: Scheme, direction: 'stale' | 'future'): number | undefined {
  if (scheme.family === 'jwt') {
    const { maxAgeSeconds, clockToleranceSeconds = 0 } = scheme.claims
    // What is ahead is refused by `nbf` first, what is late by `iat` where it counts, else by `exp`.
    if (direction === 'future') return clockToleranceSeconds
    return maxAgeSeconds ?? LIFETIME_SECONDS + clockToleranceSeconds
  }
  const timestamp = 'timestamp' in scheme ? scheme.timestamp : undefined
  if (timestamp === undefined) return undefined
  return direction === 'future' ? (timestamp.aheadSeconds ?? timestamp.toleranceSeconds) : timestamp.toleranceSeconds
}

/** Where only parts of the body are signed, one of those is changed: the rest may be changed by anybody. */
function changeSigned(scheme: Scheme, request: SignedRequest, name: string | undefined): SignedRequest {
  if (!('signed' in scheme)) return { ...request, body: changeLastLetter(request.body) }
  const reading = new Reading(request)
  const chosen =
    scheme.signed.find((each) => each.name !== undefined && each.name === name) ??
    scheme.signed.find((each) => applies(each, reading)) ??
    scheme.signed[0]
  const [template] = chosen.templates
  // The body as a whole, or a checksum of it; not where its own signature stands last in it.
  const whole = /\{(?:body|crc32:body|form:sorted)\}/.test(template) || !/\{(?:body|item|lines|form):/.test(template)
  if (whole) return { ...request, body: changeLastLetter(request.body) }
  const [, field] = /\{form:([^{}]+)\}/.exec(template) ?? []
  if (field === 'php') return { ...request, body: changeFirstValue(request.body) }
  if (field !== undefined) return { ...request, body: changeField(request.body, field, changeFirstLetter) }
  const path = signedPath(scheme, template)
  return { ...request, body: changeMember(request.body, path, changeFirstLetter) }
}

function signedPath(scheme: SignedByScheme, template: string): string {
  const [, item] = /\{item:\$([^{}]*)\}/.exec(template) ?? []
  if (item !== undefined) return `${(scheme.each ?? '$').replace('[*]', '[0]')}${item}`
  const [, line] = /\{lines:([^{},?]+)/.exec(template) ?? []
  if (line !== undefined) return `$.${line}`
  // The last of them: a time that does not parse would be refused for another reason.
  return [...template.matchAll(/\{body:(\$[^{}]*)\}/g)].at(-1)?.[1] ?? '$'
}

function changeSignature(
  scheme: Exclude<Scheme, { family: 'fetch-back' }>,
  sign: (change?: Partial<SignInput>) => SignedRequest,
  input: SignInput,
): SignedRequest {
  // A shared value is its own signature; it can stand in the URL, and its encoding differs.
  if (scheme.family === 'token' || scheme.family === 'basic' || scheme.family === 'mtls')
    return sign({ key: changeLastCharacter(input.key) })
  return editSignature(scheme, sign(), input.slot, changeInside)
}

/** Of a form: the last letter or digit of its first field. */
function changeFirstValue(body: Buffer): Buffer {
  const end = body.indexOf('&')
  return end === -1
    ? changeLastLetter(body)
    : Buffer.concat([changeLastLetter(body.subarray(0, end)), body.subarray(end)])
}

function changeFirstLetter(text: string): string {
  return text === '' ? '1' : (text.startsWith('1') ? '2' : '1') + text.slice(1)
}

/** Ten characters from the end: inside a signature, and before any padding. */
function changeInside(text: string): string {
  const at = Math.max(0, text.length - 10)
  return text.slice(0, at) + (text[at] === '1' ? '2' : '1') + text.slice(at + 1)
}

/** A letter or digit, so that JSON and forms stay what they are. */
function changeLastLetter(body: Buffer): Buffer {
  const copy = Buffer.from(body)
  for (let index = copy.length - 1; index >= 0; index--) {
    const byte = copy[index] ?? 0
    if (/[A-Za-z0-9]/.test(String.fromCharCode(byte))) {
      copy[index] = byte === 0x31 ? 0x32 : 0x31
      return copy
    }
  }
  return Buffer.concat([copy, Buffer.from(' ')])
}

function changeLastCharacter(key: string): string {
  return key.slice(0, -1) + (key.endsWith('1') ? '2' : '1')
}
