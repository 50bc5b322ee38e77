/**
 * Requests that a correct receiver refuses, or accepts only once, made from a provider's own signature: what no
 * scanner without the secret can send.
 */
import { findScheme, type ProviderDefinition } from './definition.ts'
import { generateSigningKey, signAs } from './sign.ts'
import type { SignedRequest, SignInput } from './sign-request.ts'

/** `replay` sends one valid request twice: the second must be answered as a duplicate. All others must be refused. */
export const TAMPERINGS = ['body', 'signature', 'secret', 'stale', 'future', 'replay'] as const
export type Tampering = (typeof TAMPERINGS)[number]

/** @returns The requests to send in order, or `undefined` when the scheme has nothing to tamper with: no signed time, or a body it does not cover. */
export function tamper(
  definition: ProviderDefinition,
  input: SignInput,
  kind: Tampering,
): readonly SignedRequest[] | undefined {
  const scheme = findScheme(definition, input.scheme)
  const signed = scheme?.family === 'hmac' || scheme?.family === 'asymmetric' ? scheme : undefined
  const shift = ((signed?.timestamp?.toleranceSeconds ?? 0) + 1) * 1000
  switch (kind) {
    case 'body': {
      const request = signAs(definition, input)
      return signed === undefined ? undefined : [{ ...request, body: changeLastLetter(request.body) }]
    }
    case 'signature':
      // A shared value is its own signature; it can stand in the URL, and its encoding differs.
      if (signed === undefined) return [signAs(definition, { ...input, key: changeLastCharacter(input.key) })]
      return [changeLastHeader(signAs(definition, input))]
    case 'secret':
      return scheme === undefined
        ? undefined
        : [signAs(definition, { ...input, key: generateSigningKey(scheme).signing })]
    case 'stale':
      return signed?.timestamp === undefined ? undefined : [signAs(definition, { ...input, now: input.now - shift })]
    case 'future':
      // One more second: a timestamp in whole seconds is up to one second earlier than the clock it was read from.
      return signed?.timestamp === undefined
        ? undefined
        : [signAs(definition, { ...input, now: input.now + shift + 1000 })]
    case 'replay': {
      const request = signAs(definition, input)
      return [request, request]
    }
  }
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

/** The signature is always in the last header; ten characters from its end is inside it and before any padding. */
function changeLastHeader(request: SignedRequest): SignedRequest {
  const [name, value] = request.headers.at(-1) ?? ['', '']
  const at = Math.max(0, value.length - 10)
  const changed = value.slice(0, at) + (value[at] === '1' ? '2' : '1') + value.slice(at + 1)
  return { ...request, headers: [...request.headers.slice(0, -1), [name, changed]] }
}

function changeLastCharacter(key: string): string {
  return key.slice(0, -1) + (key.endsWith('1') ? '2' : '1')
}
