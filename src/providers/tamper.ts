/**
 * Requests that a correct receiver refuses, or accepts only once, made from a provider's own signature: what no
 * scanner without the secret can send.
 */
import { coverageOfScheme } from './compile.ts'
import { findScheme, type ProviderDefinition, type Scheme, type SignaturePlace } from './definition.ts'
import { generateSigningKey, signAs } from './sign.ts'
import { LIFETIME_SECONDS } from './sign-jwt.ts'
import type { SignedRequest, SignInput } from './sign-request.ts'

/** `replay` sends one valid request twice: the second must be answered as a duplicate. All others must be refused. */
export const TAMPERINGS = ['body', 'signature', 'secret', 'stale', 'future', 'replay'] as const
export type Tampering = (typeof TAMPERINGS)[number]

/** @returns The requests to send in order, or `undefined` when the scheme has nothing to tamper with: no proof, no signed time, or a body it does not cover. */
export function tamper(
  definition: ProviderDefinition,
  input: SignInput,
  kind: Tampering,
): readonly SignedRequest[] | undefined {
  const scheme = findScheme(definition, input.scheme)
  if (scheme === undefined) return undefined
  const shifted = (seconds: number | undefined) =>
    seconds === undefined ? undefined : [signAs(definition, { ...input, now: input.now + seconds * 1000 })]
  const window = windowOf(scheme)
  switch (kind) {
    case 'body': {
      if (!['body', 'request'].includes(coverageOfScheme(scheme))) return undefined
      const request = signAs(definition, input)
      return [{ ...request, body: changeLastLetter(request.body) }]
    }
    case 'signature':
      return tamperProof(definition, scheme, input)
    case 'secret':
      // Nothing in such a request comes from the key; the provider is asked with it.
      return scheme.family === 'fetch-back'
        ? undefined
        : [signAs(definition, { ...input, key: generateSigningKey(scheme).signing })]
    case 'stale':
      return shifted(window === undefined ? undefined : -(window.past + 1))
    case 'future':
      // One more second: a timestamp in whole seconds is up to one second earlier than the clock it was read from.
      return shifted(window === undefined ? undefined : window.ahead + 2)
    case 'replay': {
      const request = signAs(definition, input)
      return [request, request]
    }
  }
}

/** In seconds. A token is as old as its `exp` says, whatever its scheme asks of `iat`. */
function windowOf(scheme: Scheme): { readonly past: number; readonly ahead: number } | undefined {
  if (scheme.family === 'jwt') {
    const slack = scheme.claims.clockToleranceSeconds ?? 0
    return { past: LIFETIME_SECONDS + slack, ahead: slack }
  }
  const timestamp = 'timestamp' in scheme ? scheme.timestamp : undefined
  if (timestamp === undefined) return undefined
  const { toleranceSeconds, aheadSeconds = toleranceSeconds } = timestamp
  return { past: toleranceSeconds, ahead: aheadSeconds }
}

function tamperProof(
  definition: ProviderDefinition,
  scheme: Scheme,
  input: SignInput,
): readonly SignedRequest[] | undefined {
  if (scheme.family === 'fetch-back') return undefined
  const request = signAs(definition, input)
  if (scheme.family === 'jwt') {
    if (scheme.token.in === 'header') return [changeLastHeader(request)]
    const token = /[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g
    return [{ ...request, body: changeLastMatch(request.body, token) }]
  }
  // A shared value is its own signature; it can stand in the URL, and its encoding differs.
  if (!('signature' in scheme)) return [signAs(definition, { ...input, key: changeLastCharacter(input.key) })]
  return [
    inHeader(scheme.signature)
      ? changeLastHeader(request)
      : { ...request, body: changeInBody(request.body, scheme.signature) },
  ]
}

function inHeader(place: SignaturePlace): boolean {
  return 'header' in place || 'headers' in place
}

/** Found by the member's or field's name before it, so that only the signature is touched. */
function changeInBody(body: Buffer, place: SignaturePlace): Buffer {
  if ('form' in place) return changeLastMatch(body, new RegExp(`${place.form}=[^&]{20,}`, 'g'))
  const path = 'body' in place ? place.body : 'item' in place ? place.item : ''
  return changeLastMatch(body, new RegExp(`"${path.slice(path.lastIndexOf('.') + 1)}":"[^"]{20,}`, 'g'))
}

function changeLastMatch(body: Buffer, pattern: RegExp): Buffer {
  const text = body.toString('latin1')
  const match = [...text.matchAll(pattern)].at(-1)
  if (match === undefined) return body
  const end = match.index + match[0].length
  return Buffer.from(text.slice(0, end - 12) + changed(text.slice(end - 12, end)) + text.slice(end), 'latin1')
}

/** A letter or digit other than its last ones, which may be an escape or padding. */
function changed(text: string): string {
  return text.replace(/[A-Za-z0-9](?![^%]?[A-Za-z0-9]?$)/, (character) => (character === '1' ? '2' : '1'))
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

/** Its header is always the last; ten characters from its end is inside it and before any padding. */
function changeLastHeader(request: SignedRequest): SignedRequest {
  const [name, value] = request.headers.at(-1) ?? ['', '']
  const at = Math.max(0, value.length - 10)
  const changed = value.slice(0, at) + (value[at] === '1' ? '2' : '1') + value.slice(at + 1)
  return { ...request, headers: [...request.headers.slice(0, -1), [name, changed]] }
}

function changeLastCharacter(key: string): string {
  return key.slice(0, -1) + (key.endsWith('1') ? '2' : '1')
}
