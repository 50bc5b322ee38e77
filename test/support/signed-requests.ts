/**
 * Every way a provider signs, with requests signed that way and a look at where their proof stands. What holds for
 * schemes in general is derived from here; nothing in it knows one provider from another.
 */
import { newId } from '../../src/base/model/ids.ts'
import { compileBodyPath, readBodyPath } from '../../src/providers/body-path.ts'
import { applies } from '../../src/providers/cases.ts'
import { type CompileOptions, compileScheme, coverageOfScheme } from '../../src/providers/compile.ts'
import type {
  BodyPath,
  ConfirmedScheme,
  HttpMethod,
  JwtScheme,
  ProviderDefinition,
  Scheme,
  SignaturePlace,
  SignedByScheme,
  Source,
} from '../../src/providers/definition.ts'
import type { Refusal, Refused, Verified } from '../../src/providers/outcome.ts'
import { Reading } from '../../src/providers/reading.ts'
import { providers } from '../../src/providers/registry.ts'
import type { Remote } from '../../src/providers/remote.ts'
import { type InboundRequest, queryValues } from '../../src/providers/request.ts'
import { sampleEvent } from '../../src/providers/sample.ts'
import { tokenName } from '../../src/providers/shared-secret.ts'
import { generateSigningKey, type SigningKey, signAs } from '../../src/providers/sign.ts'
import { editJson, withQuery } from '../../src/providers/sign-body.ts'
import type { SignedRequest } from '../../src/providers/sign-request.ts'
import { verifyRequest } from '../../src/providers/verify.ts'
import type { Clock } from '../../src/providers/verify-input.ts'

export const NOW = 1_767_225_600_000
export const URL_GIVEN = 'https://hooks.example.com/in/1?env=prod'

export interface SchemeCase {
  readonly label: string
  readonly definition: ProviderDefinition
  readonly scheme: Scheme
}

export const SCHEME_CASES: readonly SchemeCase[] = [...providers.values()].flatMap((definition) =>
  definition.schemes.map((scheme) => ({ label: `${definition.id} ${scheme.name}`, definition, scheme })),
)

export function isSigned(each: SchemeCase): each is SchemeCase & { readonly scheme: SignedByScheme } {
  return 'signature' in each.scheme
}

export function isJwt(each: SchemeCase): each is SchemeCase & { readonly scheme: JwtScheme } {
  return each.scheme.family === 'jwt'
}

/** Whether no byte of the body can change unnoticed. */
export function coversBody(scheme: Scheme): boolean {
  return ['request', 'body'].includes(coverageOfScheme(scheme))
}

/** What an operator would have entered: each setting's example, and the name that a public key speaks for. */
export function settingsOf({ definition, scheme }: Omit<SchemeCase, 'label'>): Readonly<Record<string, string>> {
  const given = (definition.settings ?? []).filter(({ schemes }) => schemes?.includes(scheme.name) ?? true)
  const pin = 'key' in scheme && 'pin' in scheme.key ? [[scheme.key.pin, scheme.key.example] as const] : []
  return Object.fromEntries([...given.map(({ name, example }) => [name, example] as const), ...pin])
}

const KEYS = new Map<string, SigningKey>()

/** The nth key of this form. Made once: an RSA pair takes as long as a thousand verifications. */
export function keyOf(scheme: Scheme, nth = 0): SigningKey {
  const form = JSON.stringify([
    scheme.family,
    'algorithms' in scheme
      ? scheme.algorithms
      : 'algorithm' in scheme && scheme.family === 'asymmetric' && scheme.algorithm,
    'key' in scheme && scheme.key,
    nth,
  ])
  const known = KEYS.get(form) ?? generateSigningKey(scheme)
  KEYS.set(form, known)
  return known
}

export interface SigningChange {
  readonly now?: number
  readonly body?: Buffer
  readonly key?: SigningKey
  readonly slot?: string
  readonly url?: string
  readonly id?: string
  readonly method?: HttpMethod
  readonly settings?: Readonly<Record<string, string>>
}

export interface Signed {
  readonly key: SigningKey
  readonly request: SignedRequest
}

export function aSigned({ definition, scheme }: SchemeCase, change: SigningChange = {}): Signed {
  const { key = keyOf(scheme), now = NOW, url = URL_GIVEN, ...more } = change
  const sample = sampleEvent(definition, { id: 'a1b2c3d4e5', now: NOW })
  const settings = settingsOf({ definition, scheme })
  if (scheme.family === 'fetch-back') return { key, request: unsigned(definition, scheme) }
  // A definition of one scheme, so that a scheme changed by a test is the one that signs.
  const only: ProviderDefinition = { ...definition, schemes: [scheme] }
  return { key, request: signAs(only, { ...sample, settings, key: key.signing, now, url, ...more }) }
}

/** Nothing is signed, so that what the provider sends is as it stands in the definition's own examples. */
function unsigned({ vectors }: ProviderDefinition, { name }: ConfirmedScheme): SignedRequest {
  const example = vectors.accepted.find(({ scheme }) => scheme === name)
  if (example === undefined) throw new Error(`no example of ${name}`)
  const { method = 'POST', url = URL_GIVEN, headers, body = '' } = example
  return { method, url, headers, body: Buffer.from(body) }
}

export interface GivenKey {
  readonly material: string
  readonly slot?: string
  readonly notBefore?: Date
  readonly notAfter?: Date
}

export interface Judging {
  readonly now?: Clock
  readonly options?: CompileOptions
  readonly remote?: Remote
}

/** What the engine says, with the matching key by its place among those given. */
export function judgement(
  each: Omit<SchemeCase, 'label'>,
  request: InboundRequest,
  given: readonly (string | GivenKey)[],
  { now = NOW, options, remote = knowing(each.scheme) }: Judging = {},
): (Verified & { readonly key: number }) | Refused {
  const keys = given.map((key) => ({ id: newId(), ...(typeof key === 'string' ? { material: key } : key) }))
  const verifier = compileScheme(each.scheme, keys, { settings: settingsOf(each), ...options })
  const result = verifyRequest(verifier, request, now, remote)
  return result.ok ? { ...result, key: keys.findIndex(({ id }) => id === result.keyId) } : result
}

/** In one word: `accepted`, or why not. */
export function verdict(...input: Parameters<typeof judgement>): Refusal | 'accepted' {
  const result = judgement(...input)
  return result.ok ? 'accepted' : result.reason
}

/** The provider's API, which confirms what it is asked by whoever shows the first key of the scheme. */
function knowing(scheme: Scheme): Remote {
  if (scheme.family !== 'fetch-back') return () => ({ ok: false, why: 'failed' })
  const { signing } = keyOf(scheme)
  return (need) => {
    const shown = JSON.stringify(need)
    if (!shown.includes(signing) && !shown.includes(Buffer.from(signing).toString('base64')))
      return { ok: false, why: 'refused' }
    return { ok: true, text: confirmation(scheme, need.url) }
  }
}

/** What the provider answers to the call when it means yes. */
export function confirmation({ confirms, state }: ConfirmedScheme, url: string): string {
  const id = decodeURIComponent(url.slice(url.lastIndexOf('/') + 1))
  const answer = editJson(Buffer.from('{}'), confirms.path, confirms.equals === 'id' ? id : confirms.equals)
  return (state === undefined ? answer : editJson(answer, state, 'paid')).toString()
}

/** A place in a request that the proof stands in or depends on. */
export interface ProofPart {
  readonly label: string
  readonly role: 'signature' | 'timestamp' | 'id' | 'token' | 'signed' | 'required' | 'asked'
  readonly at: 'header' | 'query' | 'form' | 'json' | 'connection'
  /** The sender may repeat it. */
  readonly repeated?: boolean
  read(request: SignedRequest): string | undefined
  /** `undefined` takes it away. */
  write(request: SignedRequest, text: string | undefined): SignedRequest
  /** A second one beside it; where a request cannot hold two, there is no such thing. */
  readonly double?: (request: SignedRequest, text: string, first: boolean) => SignedRequest
}

type Role = ProofPart['role']

/** Where the proof of this request stands: asked of the scheme, the signature first. */
export function proofParts(each: SchemeCase, request: SignedRequest): readonly ProofPart[] {
  const { scheme } = each
  switch (scheme.family) {
    case 'token': {
      const { token } = scheme
      const place =
        token.in === 'body'
          ? jsonPart('token', token.path)
          : token.in === 'header'
            ? headerPart('token', tokenName(token, settingsOf(each)))
            : queryPart('token', tokenName(token, settingsOf(each)))
      return [place, ...requiredParts(scheme.require)]
    }
    case 'basic':
      return [headerPart('token', 'Authorization')]
    case 'mtls':
      return [certificatePart(), ...requiredParts(scheme.require)]
    case 'fetch-back':
      return sourceParts('asked', scheme.id.source)
    case 'jwt':
      return [
        scheme.token.in === 'body' ? jsonPart('token', scheme.token.path) : headerPart('token', scheme.token.name),
      ]
    default:
      return signedParts(scheme, request)
  }
}

function signedParts(scheme: SignedByScheme, request: SignedRequest): readonly ProofPart[] {
  const verifier = compileScheme(scheme, [])
  if (verifier.kind !== 'signed') throw new Error('unreachable')
  const chosen = verifier.cases.find(({ source }) => applies(source, new Reading(request)))
  const { timestamp, id } = scheme
  const timed = typeof timestamp?.in === 'object' ? timestamp.in : undefined
  return [
    signaturePart(scheme, scheme.signature),
    ...(timed === undefined
      ? []
      : ['header' in timed ? headerPart('timestamp', timed.header) : jsonPart('timestamp', timed.body)]),
    ...(id === undefined ? [] : [headerPart('id', id.header)]),
    ...(chosen?.covers.headers ?? []).map((name) => headerPart('signed', name)),
    ...requiredParts(chosen?.source.require),
  ]
}

export function signaturePart(scheme: SignedByScheme, place: SignaturePlace): ProofPart {
  if ('header' in place) return { ...headerPart('signature', place.header), repeated: place.repeated === true }
  if ('headers' in place) return headerPart('signature', `${place.headers.prefix}1`)
  if ('form' in place) return formPart('signature', place.form)
  return jsonPart(
    'signature',
    'body' in place ? place.body : `${scheme.each?.replace('[*]', '[0]')}${place.item.slice(1)}`,
  )
}

function requiredParts(
  require: NonNullable<Extract<Scheme, { family: 'token' }>['require']> = [],
): readonly ProofPart[] {
  return require.flatMap((each) => {
    switch (each.kind) {
      case 'header-equals':
      case 'header-lists':
        return [headerPart('required', each.header)]
      case 'query-body-hash':
        return [queryPart('required', each.query)]
      case 'equals-key':
      case 'equals-setting':
        return sourceParts('required', each.source)
      default:
        return []
    }
  })
}

function sourceParts(role: Role, source: Source): readonly ProofPart[] {
  const [, from, name = ''] = /^(header|form|query|body|element):(.+)$/.exec(source) ?? []
  switch (from) {
    case 'header':
      return [headerPart(role, name)]
    case 'form':
      return [formPart(role, name)]
    case 'query':
      return [queryPart(role, name)]
    case 'body':
      return [jsonPart(role, name)]
    case 'element':
      return [elementPart(role, name)]
    default:
      throw new Error(`no part for ${source}`)
  }
}

function headerPart(role: Role, name: string): ProofPart {
  const is = (header: readonly [string, string]) => header[0].toLowerCase() === name.toLowerCase()
  return {
    label: `header ${name}`,
    role,
    at: 'header',
    read: ({ headers }) => headers.find(is)?.[1],
    write: (request, text) => ({
      ...request,
      headers: request.headers.flatMap((header) =>
        !is(header) ? [header] : text === undefined ? [] : [[header[0], text] as const],
      ),
    }),
    double: (request, text, first) => {
      const copy = [first ? name.toUpperCase() : name.toLowerCase(), text] as const
      return { ...request, headers: first ? [copy, ...request.headers] : [...request.headers, copy] }
    },
  }
}

function queryPart(role: Role, name: string): ProofPart {
  const without = (url: string) => {
    const [address = '', query = ''] = url.split('?', 2)
    const rest = query.split('&').filter((pair) => pair !== '' && pair.split('=')[0] !== encodeURIComponent(name))
    return rest.length === 0 ? address : `${address}?${rest.join('&')}`
  }
  return {
    label: `query ${name}`,
    role,
    at: 'query',
    read: ({ url }) => queryValues(url, name)[0],
    write: (request, text) => ({
      ...request,
      url: text === undefined ? without(request.url) : withQuery(without(request.url), name, text),
    }),
    double: (request, text) => ({ ...request, url: withQuery(request.url, name, text) }),
  }
}

function formPart(role: Role, name: string): ProofPart {
  const pairs = (body: Buffer) => body.toString('latin1').split('&')
  const is = (pair: string) => pair.split('=')[0] === encodeURIComponent(name)
  const pair = (text: string) => `${encodeURIComponent(name)}=${encodeURIComponent(text)}`
  const join = (list: readonly string[]) => Buffer.from(list.join('&'), 'latin1')
  return {
    label: `form ${name}`,
    role,
    at: 'form',
    read: ({ body }) => {
      const found = pairs(body).find(is)
      return found === undefined
        ? undefined
        : decodeURIComponent(found.slice(found.indexOf('=') + 1).replaceAll('+', ' '))
    },
    write: (request, text) => ({
      ...request,
      body: join(pairs(request.body).flatMap((each) => (!is(each) ? [each] : text === undefined ? [] : [pair(text)]))),
    }),
    double: (request, text, first) => ({
      ...request,
      body: join(first ? [pair(text), ...pairs(request.body)] : [...pairs(request.body), pair(text)]),
    }),
  }
}

function jsonPart(role: Role, path: BodyPath): ProofPart {
  return {
    label: `body ${path}`,
    role,
    at: 'json',
    read: ({ body }) => {
      const value = readBodyPath(JSON.parse(body.toString('utf8')), compileBodyPath(path))
      return value === undefined ? undefined : String(value)
    },
    write: (request, text) => ({
      ...request,
      body: text === undefined ? withoutJson(request.body, path) : editJson(request.body, path, text),
    }),
  }
}

/** The member's name is changed, so that nothing is found there. */
function withoutJson(body: Buffer, path: BodyPath): Buffer {
  const [name = ''] = path.slice(path.lastIndexOf('.') + 1).split('[')
  return Buffer.from(body.toString('utf8').replaceAll(`"${name}":`, `"no-${name}":`), 'utf8')
}

function elementPart(role: Role, name: string): ProofPart {
  const whole = new RegExp(`(<(?:\\w+:)?${name}>)([^<]*)(</(?:\\w+:)?${name}>)`)
  const text = (request: SignedRequest) => request.body.toString('utf8')
  return {
    label: `element ${name}`,
    role,
    at: 'form',
    read: (request) => whole.exec(text(request))?.[2],
    write: (request, value) => ({
      ...request,
      body: Buffer.from(
        text(request).replace(whole, (_, open, __, close) => (value === undefined ? '' : open + value + close)),
      ),
    }),
    double: (request, value) => ({
      ...request,
      body: Buffer.from(text(request).replace(whole, (found, open, __, close) => found + open + value + close)),
    }),
  }
}

function certificatePart(): ProofPart {
  return {
    label: 'client certificate',
    role: 'token',
    at: 'connection',
    read: ({ clientCertificate }) => clientCertificate,
    write: ({ clientCertificate: _, ...request }, text) =>
      text === undefined ? request : { ...request, clientCertificate: text },
  }
}
