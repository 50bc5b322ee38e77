/** Signs bytes of a request, the counterpart of `signed.ts`. */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createSecretKey,
  type Hash,
  type Hmac,
  type KeyObject,
  sign,
} from 'node:crypto'
import { compileBodyPath, readEvery } from './body-path.ts'
import { byteString } from './bytes.ts'
import { applies } from './cases.ts'
import { encode } from './decode.ts'
import type { SignaturePlace, SignedByScheme, SignedCase } from './definition.ts'
import { parseKey } from './keys.ts'
import { Reading } from './reading.ts'
import { editJson, withField, withQuery } from './sign-body.ts'
import { invalid, type SignedRequest, type SignInput, settle } from './sign-request.ts'
import { DIGEST_OF } from './signed.ts'
import { compileTemplate, type Rendered, type RenderInput, render, toBytes } from './template.ts'
import { writeTimestamp } from './timestamp.ts'

export function signContent(scheme: SignedByScheme, start: SignedRequest, input: SignInput): SignedRequest {
  const ts = scheme.timestamp === undefined ? '' : writeTimestamp(input.now, scheme.timestamp.unit)
  const place = placeOf(scheme, input)
  const timed = withTime(scheme, start, ts)
  const chosen =
    scheme.signed.find((each) => each.name !== undefined && each.name === input.scheme) ??
    scheme.signed.find((each) => applies(each, new Reading(timed)))
  if (chosen === undefined) throw invalid('The scheme signs no request of this shape.')
  const ready = withId(scheme, meetRequirements(scheme, chosen, timed, input), input)
  const reading = new Reading(ready)
  const items = scheme.each === undefined ? [undefined] : (readEvery(reading.json, compileBodyPath(scheme.each)) ?? [])
  const signatures = items.map((item) => {
    const content = contentOf(scheme, chosen, { reading, ts, item, place, input })
    return writeSignature(place, encode(signBytes(scheme, chosen, input, content), place.encoding), ts, input)
  })
  return withSignatures(place, scheme, ready, signatures)
}

function placeOf(scheme: SignedByScheme, { slot }: SignInput): SignaturePlace {
  return scheme.slots?.find((each) => each.slot === slot)?.signature ?? scheme.signature
}

/** The time where it is signed as part of the content; a time inside the signature is written with it. */
function withTime({ timestamp }: SignedByScheme, start: SignedRequest, ts: string): SignedRequest {
  if (typeof timestamp?.in !== 'object') return start
  if ('body' in timestamp.in) return { ...start, body: editJson(start.body, timestamp.in.body, ts) }
  return { ...start, headers: [...start.headers, [timestamp.in.header, ts]] }
}

function withId({ id }: SignedByScheme, start: SignedRequest, input: SignInput): SignedRequest {
  return id === undefined ? start : { ...start, headers: [...start.headers, [id.header, input.id]] }
}

function meetRequirements(
  scheme: SignedByScheme,
  chosen: SignedCase,
  start: SignedRequest,
  input: SignInput,
): SignedRequest {
  const pin = 'pin' in scheme.key ? input.settings?.[scheme.key.pin] : undefined
  const { require = [], when } = chosen
  let request = settle(when?.method === undefined ? start : { ...start, method: when.method }, require, input)
  for (const each of require) {
    if (each.kind === 'equals-key' && pin !== undefined && each.source.startsWith('body:'))
      request = { ...request, body: editJson(request.body, each.source.slice('body:'.length), pin) }
    if (each.kind === 'query-body-hash') {
      const hash = createHash(each.algorithm).update(request.body).digest()
      request = { ...request, url: withQuery(request.url, each.query, encode(hash, each.encoding)) }
    }
    if (each.kind === 'header-lists' && !request.headers.some(([name]) => name.toLowerCase() === each.header))
      request = { ...request, headers: [...request.headers, [each.header, [...each.names].sort().join(',')]] }
  }
  return request
}

interface ContentInput {
  readonly reading: Reading
  readonly ts: string
  readonly item: unknown
  readonly place: SignaturePlace
  readonly input: SignInput
}

function contentOf(scheme: SignedByScheme, chosen: SignedCase, content: ContentInput): Rendered {
  const { reading, ts, item, place, input } = content
  const { settings = {} } = input
  const { url } = reading.request
  const pin = 'pin' in scheme.key ? settings[scheme.key.pin] : undefined
  const renderInput: RenderInput = {
    reading,
    url,
    ts,
    tsHeader: timestampHeader(scheme),
    id: input.id,
    settings,
    key: pin === undefined ? secretText(scheme, input) : byteString(pin),
    unescape: scheme.unescape ?? [],
    signatureField: 'form' in place ? place.form : '',
    item,
  }
  const rendered = render(compileTemplate(chosen.templates[0]), renderInput)
  if (rendered === undefined) throw invalid('The request lacks something that the scheme signs.')
  return rendered
}

function timestampHeader({ timestamp }: SignedByScheme): string {
  return typeof timestamp?.in === 'object' && 'header' in timestamp.in ? timestamp.in.header.toLowerCase() : ''
}

function secretText(scheme: SignedByScheme, input: SignInput): string {
  if (scheme.family === 'asymmetric') return ''
  return secretKey(scheme, input).export().toString('latin1')
}

function secretKey(
  scheme: Exclude<SignedByScheme, { family: 'asymmetric' }>,
  { key, withoutKey }: SignInput,
): KeyObject {
  if (withoutKey === true) return createSecretKey(Buffer.alloc(0))
  const parsed = parseKey(scheme, key)
  if (!parsed.ok) throw invalid(parsed.message)
  if (parsed.kind !== 'secret') throw invalid('The shared secret is expected.')
  return parsed.key
}

function signBytes(scheme: SignedByScheme, chosen: SignedCase, input: SignInput, content: Rendered): Buffer {
  if (scheme.family === 'hmac') return digestOf(createHmac(scheme.algorithm, secretKey(scheme, input)), content)
  if (scheme.family === 'hash') return digestOf(createHash(scheme.algorithm), content)
  return sign(DIGEST_OF[chosen.algorithm ?? scheme.algorithm], toBytes(content), privateKey(input.key))
}

/** Piece by piece, so that a large body is not copied. */
function digestOf(hash: Hash | Hmac, content: Rendered): Buffer {
  for (const chunk of content) {
    if (typeof chunk === 'string') hash.update(chunk, 'latin1')
    else hash.update(chunk)
  }
  return hash.digest()
}

export function privateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw invalid('The signing key must be a private key in PEM form.', cause)
  }
}

function writeSignature({ parse }: SignaturePlace, text: string, ts: string, input: SignInput): string {
  switch (parse.kind) {
    case 'raw':
      return text
    case 'prefix':
      return parse.prefix + text
    case 'list':
      return parse.version + parse.versionSeparator + text
    case 'positional':
      return ts + parse.itemSeparator + text
    case 'keyed-list':
      return `${input.settings?.[parse.nameSetting] ?? ''}${parse.valueSeparator}${text}`
    case 'base64-json':
      return Buffer.from(JSON.stringify({ [parse.keyIdMember]: 'postern', [parse.member]: text })).toString('base64')
    case 'pairs': {
      const time = parse.timestampKey === undefined ? [] : [parse.timestampKey + parse.valueSeparator + ts]
      return [...time, parse.signatureKey + parse.valueSeparator + text].join(parse.itemSeparator)
    }
  }
}

/** In a header it goes last, where whoever breaks it on purpose finds it. */
function withSignatures(
  place: SignaturePlace,
  scheme: SignedByScheme,
  request: SignedRequest,
  signatures: readonly string[],
): SignedRequest {
  const [first = ''] = signatures
  if ('header' in place) return { ...request, headers: [...request.headers, [place.header, first]] }
  if ('headers' in place) return { ...request, headers: [...request.headers, [`${place.headers.prefix}1`, first]] }
  if ('form' in place) return { ...request, body: withField(request.body, place.form, first) }
  if ('body' in place) return { ...request, body: editJson(request.body, place.body, first) }
  const body = signatures.reduce((edited, signature, index) => {
    const item = (scheme.each ?? '$').replace('[*]', `[${index}]`)
    return editJson(edited, `${item}${place.item.slice(1)}`, signature)
  }, request.body)
  return { ...request, body }
}
