/**
 * Changes the signature inside a signed request and nothing else, wherever the scheme puts it: for requests that a
 * correct receiver refuses.
 */
import { compileBodyPath, readBodyPath, scalarText } from './body-path.ts'
import type { JwtScheme, Scheme, SignatureParse, SignedByScheme } from './definition.ts'
import { editJson } from './sign-body.ts'
import type { SignedRequest } from './sign-request.ts'

export type SignaturePosition = { readonly body: string } | { readonly form: string } | { readonly header: string }

/** `header` is empty where the scheme has several names or places for it: the signer writes it last. */
export function signaturePosition(
  scheme: Exclude<Scheme, { family: 'fetch-back' | 'token' | 'basic' | 'mtls' }>,
  slot?: string,
): SignaturePosition {
  return scheme.family === 'jwt' ? tokenPlace(scheme) : placeOf(scheme, slot)
}

/** @param change Gets all of the value that holds the signature: a header's, a field's or a member's. */
export function editSignature(
  scheme: Exclude<Scheme, { family: 'fetch-back' | 'token' | 'basic' | 'mtls' }>,
  request: SignedRequest,
  slot: string | undefined,
  change: (text: string) => string,
): SignedRequest {
  const place = signaturePosition(scheme, slot)
  if ('form' in place) return { ...request, body: changeField(request.body, place.form, change) }
  if ('body' in place) return { ...request, body: changeMember(request.body, place.body, change) }
  const [name, value] = request.headers.at(-1) ?? ['', '']
  return { ...request, headers: [...request.headers.slice(0, -1), [name, change(value)]] }
}

/** A value that holds a signature, taken apart: what labels it, and the bare signature. `undefined` where it is wrapped. */
export function splitSignature(
  parse: SignatureParse | undefined,
  value: string,
): { readonly label: string; readonly bare: string } | undefined {
  const label = labelOf(parse, value)
  return label === undefined ? undefined : { label, bare: value.slice(label.length) }
}

function labelOf(parse: SignatureParse | undefined, value: string): string | undefined {
  switch (parse?.kind) {
    case undefined:
    case 'raw':
      return ''
    case 'prefix':
      return value.startsWith(parse.prefix) ? parse.prefix : ''
    case 'pairs':
      return upTo(value, `${parse.signatureKey}${parse.valueSeparator}`)
    case 'list':
      return upTo(value, `${parse.version}${parse.versionSeparator}`)
    case 'positional':
      return upTo(value, parse.itemSeparator)
    case 'keyed-list':
      return upTo(value, parse.valueSeparator)
    case 'base64-json':
      return undefined
  }
}

function upTo(value: string, mark: string): string | undefined {
  const at = value.lastIndexOf(mark)
  return at === -1 ? undefined : value.slice(0, at + mark.length)
}

export function changeMember(body: Buffer, path: string, change: (text: string) => string): Buffer {
  const value = scalarText(readBodyPath(parsed(body), compileBodyPath(path))) ?? ''
  return editJson(body, path, change(value))
}

export function changeField(body: Buffer, name: string, change: (text: string) => string): Buffer {
  const fields = body
    .toString('latin1')
    .split('&')
    .map((pair) => {
      const [key = '', value = ''] = pair.split(/=(.*)/s)
      return key === encodeURIComponent(name) || key === name
        ? `${key}=${encodeURIComponent(change(decodeURIComponent(value)))}`
        : pair
    })
  return Buffer.from(fields.join('&'), 'latin1')
}

function tokenPlace({ token }: JwtScheme): SignaturePosition {
  return token.in === 'body' ? { body: token.path.replace('[*]', '[0]') } : { header: token.name }
}

function placeOf(scheme: SignedByScheme, slot: string | undefined): SignaturePosition {
  const place = scheme.slots?.find((each) => each.slot === slot)?.signature ?? scheme.signature
  if ('form' in place) return { form: place.form }
  if ('body' in place) return { body: place.body }
  if ('item' in place) return { body: `${(scheme.each ?? '$').replace('[*]', '[0]')}${place.item.slice(1)}` }
  return { header: '' }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    // A body of the caller's own: it is sent as it is.
    return undefined
  }
}
