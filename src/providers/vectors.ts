/**
 * Judges signature vectors, the definitions' own and those of a file for `postern verify --vectors`. No network, no clock of its own.
 */
import type { HeaderList } from '../base/model/event.ts'
import { DEFAULT_TENANT } from '../base/model/ids.ts'
import { compileScheme } from './compile.ts'
import { decode } from './decode.ts'
import { findScheme, type ProviderDefinition, type Scheme, type Vector } from './definition.ts'
import type { Refused, Verified } from './outcome.ts'
import { keySetNeed, type Remote } from './remote.ts'
import type { InboundRequest } from './request.ts'
import { verifyRequest } from './verify.ts'

export interface VectorLine {
  readonly id: string
  readonly expect: string
  readonly actual: 'valid' | 'invalid' | 'unsupported'
  readonly reason: string
}

/** @param json An array of vectors, or an object whose `vectors` is one. A vector that cannot be read is `unsupported`, never skipped. */
export function checkVectors(
  json: unknown,
  find: (provider: string) => ProviderDefinition | undefined,
): readonly VectorLine[] {
  const list = isRecord(json) ? json['vectors'] : json
  if (!Array.isArray(list)) return [{ id: '', expect: '', actual: 'unsupported', reason: 'not_a_list_of_vectors' }]
  return list.map((each) => checkVector(each, find))
}

/** @returns `undefined` when the definition has no such scheme. */
export function judge(definition: ProviderDefinition, vector: Judged): Verified | Refused | undefined {
  const scheme = findScheme(definition, vector.scheme)
  if (scheme === undefined) return undefined
  const keys = [
    { id: DEFAULT_TENANT, material: vector.key },
    ...Object.entries(vector.slots ?? {}).map(([slot, material]) => ({ id: DEFAULT_TENANT, material, slot })),
  ]
  const verifier = compileScheme(scheme, keys, {
    settings: vector.settings ?? {},
    ...(vector.toleranceSeconds === undefined ? {} : { toleranceSeconds: vector.toleranceSeconds }),
  })
  const request: InboundRequest = {
    method: vector.method ?? 'POST',
    url: vector.url ?? 'https://receiver.example/',
    headers: vector.headers,
    body: bodyOf(vector),
    ...(vector.clientCertificate === undefined ? {} : { clientCertificate: vector.clientCertificate }),
  }
  return verifyRequest(verifier, request, vector.at === undefined ? 'no-clock' : vector.at * 1000, given(vector.remote))
}

/** Answers out of the vector; there is no network here. */
function given(remote: Vector['remote'] = {}): Remote {
  return ({ url }) => {
    const text = Object.hasOwn(remote, url) ? remote[url] : undefined
    return text === undefined ? { ok: false, why: 'refused' } : { ok: true, text }
  }
}

type Judged = Omit<Vector, 'why' | 'method'> & { readonly method?: string; readonly toleranceSeconds?: number }

function bodyOf(vector: Pick<Vector, 'body' | 'bodyBase64'>): Buffer {
  return vector.bodyBase64 === undefined
    ? Buffer.from(vector.body ?? '', 'utf8')
    : Buffer.from(vector.bodyBase64, 'base64')
}

function checkVector(vector: unknown, find: (provider: string) => ProviderDefinition | undefined): VectorLine {
  if (!isRecord(vector)) return { id: '', expect: '', actual: 'unsupported', reason: 'vector_malformed' }
  const line = { id: text(vector['id']) ?? '', expect: text(vector['expect']) ?? '' }
  const definition = find(text(vector['provider']) ?? '')
  if (definition === undefined) return { ...line, actual: 'unsupported', reason: 'provider_unknown' }
  const scheme = findScheme(definition, text(vector['variant']))
  const read = readVector(vector, scheme)
  if (read === undefined) return { ...line, actual: 'unsupported', reason: 'vector_malformed' }
  const result = judge(definition, read)
  if (result === undefined) return { ...line, actual: 'unsupported', reason: 'scheme_unknown' }
  return result.ok
    ? { ...line, actual: 'valid', reason: `matched_${result.scheme}` }
    : { ...line, actual: 'invalid', reason: result.reason }
}

/** A scheme that is not known is still read: `judge` then says so. */
function readVector(vector: Readonly<Record<string, unknown>>, scheme: Scheme | undefined): Judged | undefined {
  const { rawBodyBase64, secret, method, url, variant } = vector
  const [at, toleranceSeconds] = [vector['validAtEpochSeconds'], vector['toleranceSeconds']]
  const body = rawBodyBase64 === undefined ? '' : text(rawBodyBase64)
  const headers = headerList(vector['headers'])
  if (headers === undefined) return undefined
  if (body === undefined || (body !== '' && decode(body, 'base64') === undefined) || typeof secret !== 'string')
    return undefined
  if (!optional(at, 'number') || !optional(toleranceSeconds, 'number')) return undefined
  if (!optional(method, 'string') || !optional(url, 'string') || !optional(variant, 'string')) return undefined
  const context = isRecord(vector['context']) ? vector['context'] : {}
  return {
    headers,
    bodyBase64: body,
    key: secret,
    settings: texts(context),
    ...sourcesOf(scheme, context),
    ...(typeof method === 'string' ? { method } : {}),
    ...(typeof url === 'string' ? { url } : {}),
    ...(typeof variant === 'string' ? { scheme: variant } : {}),
    ...(typeof at === 'number' ? { at } : {}),
    ...(typeof toleranceSeconds === 'number' ? { toleranceSeconds } : {}),
  }
}

/** A name with a list of values came that often. */
function headerList(headers: unknown): HeaderList | undefined {
  if (!isRecord(headers)) return undefined
  const list = Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each: unknown) => [name, each] as const),
  )
  return list.every((header): header is readonly [string, string] => typeof header[1] === 'string') ? list : undefined
}

/** Further keys, and what the scheme would otherwise fetch: `certUrl` and `certPem`, or `jwks`. */
function sourcesOf(
  scheme: Scheme | undefined,
  context: Readonly<Record<string, unknown>>,
): Pick<Judged, 'slots' | 'remote'> & { readonly key?: string } {
  if (scheme === undefined || !('key' in scheme)) return {}
  const slots = ('slots' in scheme ? (scheme.slots ?? []) : []).flatMap(({ slot }) => {
    const value = text(context[slot])
    return value === undefined ? [] : [[slot, value] as const]
  })
  const further = slots.length === 0 ? {} : { slots: Object.fromEntries(slots) }
  if (!('format' in scheme.key) || !('pin' in scheme.key)) return further
  const pin = text(context[scheme.key.pin])
  const found =
    scheme.key.format === 'certificate-url'
      ? [text(context['certUrl']), text(context['certPem'])]
      : [keySetNeed(scheme.key, texts(context))?.url, JSON.stringify(context['jwks'])]
  const [url, answer] = found
  if (pin === undefined || url === undefined || answer === undefined) return further
  return { ...further, key: pin, remote: { [url]: answer } }
}

function optional(value: unknown, type: 'string' | 'number'): boolean {
  return value === undefined || value === null || typeof value === type
}

function texts(context: unknown): Readonly<Record<string, string>> {
  if (!isRecord(context)) return {}
  return Object.fromEntries(
    Object.entries(context).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])),
  )
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
