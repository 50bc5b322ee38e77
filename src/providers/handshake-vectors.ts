/**
 * Judges vectors of set-up exchanges: a request, and the answer that a correct receiver gives. No network, no clock of
 * its own.
 */

import type { HeaderList } from '../base/model/event.ts'
import { DEFAULT_TENANT } from '../base/model/ids.ts'
import { readPayload } from './body.ts'
import { compileScheme } from './compile.ts'
import { findScheme, type HttpMethod, type ProviderDefinition, type Scheme } from './definition.ts'
import { answerHandshake, type HandshakeAnswer } from './handshake.ts'
import type { InboundRequest } from './request.ts'
import { generateSigningKey, signAs } from './sign.ts'
import { verifyRequest } from './verify.ts'

export interface HandshakeLine {
  readonly id: string
  readonly expect: 'answered'
  readonly actual: 'answered' | 'not_answered' | 'answered_otherwise' | 'unsupported'
  readonly reason: string
}

/** @returns Whether an entry of a vector file is a set-up exchange and not a signature. */
export function isHandshakeVector(vector: unknown): boolean {
  return isRecord(vector) && 'request' in vector && 'response' in vector
}

export function checkHandshakeVector(
  vector: unknown,
  find: (provider: string) => ProviderDefinition | undefined,
): HandshakeLine {
  const entry = isRecord(vector) ? vector : {}
  const provider = text(entry['provider']) ?? ''
  const line = { id: `${provider}/${text(entry['name']) ?? ''}`, expect: 'answered' } as const
  const definition = find(provider)
  if (definition === undefined) return { ...line, actual: 'unsupported', reason: 'provider_unknown' }
  const read = readEntry(entry)
  if (read === undefined) return { ...line, actual: 'unsupported', reason: 'vector_malformed' }
  const scheme = findScheme(definition, read.scheme)
  if (scheme === undefined) return { ...line, actual: 'unsupported', reason: 'scheme_unknown' }
  const given = ask(definition, scheme, read)
  // Without a secret nobody can have signed it: what is asked is what a signed one would be answered.
  const assumed = given.answer === undefined && read.secret === undefined && !isRefusal(read.status)
  const { answer, verified } = assumed ? ask(definition, scheme, signed(definition, scheme, read)) : given
  if (answer === undefined) return { ...line, ...judgeRefusal(definition, read.status, verified) }
  const difference = differenceOf(answer, entry)
  return difference === undefined
    ? { ...line, actual: 'answered', reason: `answered_${answer.name}` }
    : { ...line, actual: 'answered_otherwise', reason: difference }
}

function isRefusal(status: number): boolean {
  return status >= 400 && status < 500
}

/** A greeting that is not answered as one, nor verified, is refused; with which status, unless the provider says, is ours. */
function judgeRefusal(
  { answers }: ProviderDefinition,
  status: number,
  verified: boolean,
): Pick<HandshakeLine, 'actual' | 'reason'> {
  const ours = answers?.unauthorized?.status
  const agrees = !verified && (ours === undefined ? isRefusal(status) : status === ours)
  if (agrees) return { actual: 'answered', reason: 'refused_unverified' }
  return { actual: 'not_answered', reason: verified ? 'taken_for_an_event' : 'refused_unverified' }
}

interface Entry {
  readonly request: InboundRequest
  readonly secret: string | undefined
  readonly scheme: string | undefined
  readonly settings: Readonly<Record<string, string>>
  readonly pending: boolean
  /** That the vector expects. */
  readonly status: number
  readonly at: number | undefined
}

function readEntry(entry: Readonly<Record<string, unknown>>): Entry | undefined {
  const { request, response, state } = entry
  if (!isRecord(request) || !isRecord(response) || !(typeof response['status'] === 'number')) return undefined
  const headers = headerList(request['headers'])
  const { body = '', query } = request
  const [secret, variant, at] = [entry['secret'], entry['variant'], entry['validAtEpochSeconds']]
  if (headers === undefined || typeof body !== 'string' || typeof request['method'] !== 'string') return undefined
  if (!optional(query, 'string') || !optional(secret, 'string') || !optional(at, 'number')) return undefined
  if (!optional(variant, 'string') || !optional(state, 'string')) return undefined
  const base = text(request['url']) ?? 'https://receiver.example/'
  return {
    request: {
      method: request['method'],
      url: text(query) === undefined || query === '' ? base : `${base}?${String(query)}`,
      headers,
      body: Buffer.from(body, 'utf8'),
    },
    secret: text(secret),
    scheme: text(variant),
    settings: settingsIn(entry['config']),
    // In words, such as “endpoint pending”.
    pending: /\bpending\b/.test(text(state) ?? ''),
    status: response['status'],
    at: typeof at === 'number' ? at * 1000 : undefined,
  }
}

interface Asked {
  readonly answer: HandshakeAnswer | undefined
  readonly verified: boolean
}

function ask(definition: ProviderDefinition, scheme: Scheme, entry: Entry): Asked {
  const { request, settings, secret, pending, at } = entry
  const keys = secret === undefined ? [] : [{ id: DEFAULT_TENANT, material: secret }]
  const verifier = compileScheme(scheme, keys, { settings })
  const verified = verifyRequest(verifier, request, at ?? 'no-clock')
  const payload = readPayload(definition, contentTypeOf(request), request.body)
  const key = verifier.keys[0]?.key
  const answer = answerHandshake(
    definition,
    request,
    payload.ok ? payload : undefined,
    { status: pending ? 'pending' : 'active', settings, ...(key === undefined ? {} : { key }) },
    verified.ok ? verified : undefined,
  )
  return { answer, verified: verified.ok }
}

/** The same request, signed with a fresh key. */
function signed(definition: ProviderDefinition, scheme: Scheme, entry: Entry): Entry {
  const { request, settings, at = 0 } = entry
  const { signing, verifying } = generateSigningKey(scheme)
  const made = signAs(definition, {
    scheme: scheme.name,
    key: signing,
    body: request.body,
    contentType: contentTypeOf(request) ?? 'application/json',
    now: at,
    id: 'postern',
    type: definition.sample.type,
    url: request.url,
    settings,
    ...methodOf(request.method),
  })
  const present = new Set(request.headers.map(([name]) => name.toLowerCase()))
  const added = made.headers.filter(([name]) => !present.has(name.toLowerCase()))
  return { ...entry, secret: verifying, at, request: { ...made, headers: [...request.headers, ...added] } }
}

function methodOf(text: string): { readonly method?: HttpMethod } {
  const method = HTTP_METHODS.find((each) => each === text.toUpperCase())
  return method === undefined ? {} : { method }
}

const HTTP_METHODS: readonly HttpMethod[] = ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS']

function contentTypeOf({ headers }: InboundRequest): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1]
}

/** @returns The first thing that the vector states and the answer does differently. */
function differenceOf(answer: HandshakeAnswer, entry: Readonly<Record<string, unknown>>): string | undefined {
  const response = isRecord(entry['response']) ? entry['response'] : {}
  const headers = new Map(answer.headers.map(([name, value]) => [name.toLowerCase(), value]))
  if (answer.status !== response['status']) return `status_${answer.status}`
  const type = text(response['contentType'])
  if (type !== undefined && mediaType(headers.get('content-type')) !== mediaType(type)) return 'content_type_differs'
  for (const [name, value] of Object.entries(isRecord(response['headers']) ? response['headers'] : {})) {
    if (headers.get(name.toLowerCase()) !== value) return `header_${name.toLowerCase()}_differs`
  }
  if (typeof response['body'] === 'string' && answer.body !== response['body']) return 'body_differs'
  if ('json' in response && !sameJson(parsed(answer.body), response['json'])) return 'json_differs'
  return sameCapture(answer, entry['capture']) ? undefined : 'capture_differs'
}

/** What a vector does not mention must not be captured either: that would replace a secret. */
function sameCapture({ capture }: HandshakeAnswer, wanted: unknown): boolean {
  const [[name, value] = [undefined, undefined], ...more] = isRecord(wanted) ? Object.entries(wanted) : []
  return more.length === 0 && capture?.name === name && capture?.value === value
}

function mediaType(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

function sameJson(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, i) => sameJson(each, b[i]))
  if (!isRecord(a) || !isRecord(b)) return a === b
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameJson(a[name], b[name]))
  )
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    // No JSON at all: it equals nothing that a vector can state.
    return undefined
  }
}

/** A list stands for a setting with commas between its values. */
function settingsIn(config: unknown): Readonly<Record<string, string>> {
  if (!isRecord(config)) return {}
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : String(value)]),
  )
}

/** A name with a list of values came that often. */
function headerList(headers: unknown): HeaderList | undefined {
  if (headers === undefined) return []
  if (!isRecord(headers)) return undefined
  const list = Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each: unknown) => [name, each] as const),
  )
  return list.every((header): header is readonly [string, string] => typeof header[1] === 'string') ? list : undefined
}

function optional(value: unknown, type: 'string' | 'number'): boolean {
  return value === undefined || value === null || typeof value === type
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
