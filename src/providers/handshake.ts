/**
 * Set-up exchanges: challenges to echo, tokens to prove, pings to answer. Interpreted from the definition; leaves no event.
 *
 * A challenge is the sender's own text coming back, so it goes out as text/plain with nosniff and a length cap. Signed
 * handshakes are answered only after the signature matched. What a handshake captures is reported, never stored here,
 * and only while the integration is pending: otherwise anybody could replace a secret by greeting again.
 */
import { createHash, createHmac, type KeyObject } from 'node:crypto'
import type { IntegrationStatus } from '../base/model/integration.ts'
import type { Payload } from './body.ts'
import type {
  Handshake,
  HandshakeCheck,
  HandshakeJson,
  HandshakeValue,
  ProviderDefinition,
  Source,
} from './definition.ts'
import { materialOf } from './extract.ts'
import type { Verified } from './outcome.ts'
import { isAllowedUrl } from './remote.ts'
import type { InboundRequest } from './request.ts'
import { same } from './shared-secret.ts'
import { compileSource, type Path, readSource } from './source.ts'

export interface HandshakeAnswer {
  readonly name: string
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  readonly capture?: { readonly name: string; readonly value: string }
  /** An address to ask, through the outbound guard, before this is answered. */
  readonly fetch?: string
}

export interface HandshakeContext {
  readonly status: IntegrationStatus
  readonly settings: Readonly<Record<string, string>>
  /** The newest active key, for answers that are signed with it. */
  readonly key?: KeyObject
}

/** @returns `undefined` when the request is no handshake that may be answered now; it is then an event like any other. */
export function answerHandshake(
  definition: Pick<ProviderDefinition, 'handshakes'>,
  request: InboundRequest,
  payload: Payload | undefined,
  context: HandshakeContext,
  verified: Verified | undefined,
): HandshakeAnswer | undefined {
  const material = { request, payload, verified, context }
  const handshake = definition.handshakes?.find((each) => mayAnswer(each, material) && matches(each, material))
  return handshake === undefined ? undefined : answer(handshake, material)
}

interface Greeting {
  readonly request: InboundRequest
  readonly payload: Payload | undefined
  readonly verified: Verified | undefined
  readonly context: HandshakeContext
}

function mayAnswer(handshake: Handshake, { verified, context }: Greeting): boolean {
  // What is fetched on a stranger's word would be a request of the stranger's own.
  if ((handshake.signed || handshake.fetch !== undefined) && verified === undefined) return false
  const pendingOnly = handshake.pendingOnly === true || handshake.capture !== undefined
  return !pendingOnly || context.status === 'pending'
}

function matches({ when }: Handshake, greeting: Greeting): boolean {
  const method = greeting.request.method.toUpperCase()
  if (!when.methods.some((each) => each === method)) return false
  if (when.emptyBody === true && greeting.request.body.length > 0) return false
  return Object.entries(when.match ?? {}).every(([source, wanted]) => {
    const found = sourceText(source, greeting)
    return typeof wanted === 'boolean' ? (found !== undefined) === wanted : found === String(wanted)
  })
}

function answer(handshake: Handshake, greeting: Greeting): HandshakeAnswer {
  const { name, respond } = handshake
  if (!(handshake.check ?? []).every((check) => passes(check, greeting))) {
    return { name, status: handshake.otherwise?.status ?? 403, headers: [], body: '' }
  }
  const headers: [string, string][] = []
  for (const [header, value] of Object.entries(respond.headers ?? {})) {
    const text = valueText(value, greeting)
    if (text === undefined || !HEADER_TEXT.test(text)) return unanswerable(name)
    headers.push([header, text])
  }
  const captured = handshake.capture === undefined ? undefined : valueText(handshake.capture.value, greeting)
  if (handshake.capture !== undefined && captured === undefined) return unanswerable(name)
  const body = answerBody(handshake, greeting)
  const fetch = handshake.fetch === undefined ? undefined : sourceText(handshake.fetch.url, greeting)
  if (body === undefined || (handshake.fetch !== undefined && !isAllowedUrl(fetch ?? '', handshake.fetch.hosts)))
    return unanswerable(name)
  return {
    name,
    status: respond.status,
    headers: [...headers, ...body.headers],
    body: body.text,
    ...(handshake.capture === undefined || captured === undefined
      ? {}
      : { capture: { name: handshake.capture.name, value: captured } }),
    ...(fetch === undefined ? {} : { fetch }),
  }
}

/** No line breaks: a reflected value must not become a header of its own. */
const HEADER_TEXT = /^[\x20-\x7e]{0,512}$/

function unanswerable(name: string): HandshakeAnswer {
  return { name, status: 400, headers: [], body: '' }
}

function answerBody(
  { respond }: Handshake,
  greeting: Greeting,
): (Pick<HandshakeAnswer, 'headers'> & { text: string }) | undefined {
  const nosniff = ['X-Content-Type-Options', 'nosniff'] as const
  if (respond.json !== undefined) {
    const json = jsonValue(respond.json, greeting)
    if (json === undefined) return undefined
    return { headers: [['Content-Type', 'application/json'], nosniff], text: JSON.stringify(json) }
  }
  if (respond.text === undefined) return { headers: [], text: '' }
  const text = valueText(respond.text, greeting)
  return text === undefined ? undefined : { headers: [['Content-Type', 'text/plain; charset=utf-8'], nosniff], text }
}

function passes(check: HandshakeCheck, greeting: Greeting): boolean {
  const value = valueText(check.value, greeting)
  if (value === undefined) return false
  if ('equals' in check) {
    const wanted = valueText(check.equals, greeting)
    return wanted !== undefined && same(Buffer.from(value), Buffer.from(wanted))
  }
  if ('matches' in check) return new RegExp(`^(?:${check.matches})$`).test(value)
  const allowed = setting(check.inSetting, greeting)?.split(',') ?? []
  return allowed.some((each) => each.trim() === value)
}

/** A missing part makes the whole missing: `undefined` is never concatenated. Sources are capped where they are read. */
function valueText(value: HandshakeValue, greeting: Greeting): string | undefined {
  if ('text' in value) return value.text
  if ('from' in value) return sourceText(value.from, greeting)
  if ('setting' in value) return setting(value.setting, greeting) ?? value.default
  const parts = ('join' in value ? value.join : value.of).map((part) => valueText(part, greeting))
  if (parts.includes(undefined)) return undefined
  const text = parts.join('')
  if ('join' in value) return text
  if ('hash' in value) return createHash(value.hash).update(text, 'utf8').digest(value.encoding)
  const { key } = greeting.context
  return key === undefined ? undefined : createHmac(value.hmac, key).update(text, 'utf8').digest(value.encoding)
}

function jsonValue(json: HandshakeJson, greeting: Greeting): unknown {
  if ('number' in json) return json.number
  if (!('object' in json)) return valueText(json, greeting)
  const entries = Object.entries(json.object).map(([name, value]) => [name, jsonValue(value, greeting)] as const)
  return entries.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(entries)
}

function setting(name: string, { context }: Greeting): string | undefined {
  return Object.hasOwn(context.settings, name) ? context.settings[name] : undefined
}

function sourceText(source: Source, greeting: Greeting): string | undefined {
  return readSource(pathsOf(source), materialOf(greeting.request, greeting.payload, greeting.verified))
}

/** Matching runs on every request, over the few sources that definitions name: each is compiled once. */
const PATHS = new Map<Source, readonly Path[]>()
const MAX_PATHS = 10_000

function pathsOf(source: Source): readonly Path[] {
  const known = PATHS.get(source)
  if (known !== undefined) return known
  const paths = compileSource(source)
  if (PATHS.size < MAX_PATHS) PATHS.set(source, paths)
  return paths
}
