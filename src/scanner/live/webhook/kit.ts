/**
 * Makes the events of one sender: genuine ones, and ones that are wrong in exactly one way.
 */
import { PosternError } from '../../../base/model/errors.ts'
import { compileBodyPath, readBodyPath, scalarText } from '../../../providers/body-path.ts'
import { coverageOfScheme } from '../../../providers/compile.ts'
import type { ProviderDefinition, Scheme } from '../../../providers/definition.ts'
import { editSignature, signaturePosition, splitSignature } from '../../../providers/edit-signature.ts'
import { sampleEvent } from '../../../providers/sample.ts'
import { generateSigningKey, signAs } from '../../../providers/sign.ts'
import { editJson } from '../../../providers/sign-body.ts'
import type { SignedRequest, SignInput } from '../../../providers/sign-request.ts'
import type { ProbeRequest } from '../lab.ts'

/** A sender whose key is at hand. */
export interface Sender {
  readonly definition: ProviderDefinition
  readonly scheme: Scheme
  readonly settings: Readonly<Record<string, string>>
  readonly slot?: string | undefined
  readonly key: string
  /** Where it is sent, and the address that is signed. */
  readonly url: string
  readonly signedUrl: string
  /** A body of the user's own, with the placeholders of samples. */
  readonly body?: string | undefined
  readonly contentType?: string | undefined
  readonly type?: string | undefined
  /** `body:$.id` or `header:X-Id`, where the user says so. */
  readonly idAt?: string | undefined
  readonly typeAt?: string | undefined
  /** The id stands in the body in any case, for an oracle that sees nothing but bodies. */
  readonly marked?: boolean
}

export interface WebhookEvent {
  readonly id: string
  readonly type: string
  readonly body: Buffer
  readonly contentType: string
}

export interface SignChange {
  readonly key?: string
  readonly withoutKey?: boolean
  /** Milliseconds since the epoch. */
  readonly now?: number
  readonly definition?: ProviderDefinition
}

export interface Kit {
  readonly sender: Sender
  event(change?: { readonly id?: string; readonly type?: string }): WebhookEvent
  sign(event: WebhookEvent, change?: SignChange): ProbeRequest
  /** A body that is no event of this sender. `undefined` where its scheme cannot sign such a thing. */
  signOdd(event: WebhookEvent): ProbeRequest | undefined
  /** The same request without what proves who sent it. */
  unsigned(event: WebhookEvent): ProbeRequest
  /** A right signature, changed. `undefined` where there is no bare signature to change. */
  edited(event: WebhookEvent, change: (bare: string) => string): ProbeRequest | undefined
  /** A key that is right in form and wrong. */
  strangeKey(): string
  /** Seconds that a signed time may be off; `undefined` when none is signed. */
  readonly windowSeconds: number | undefined
  /** Every byte of the body is signed. */
  readonly coversBody: boolean
  /** The header whose value alone makes the id, without being signed. */
  readonly unsignedIdHeader: string | undefined
  /** An id that a stranger could not exchange. */
  readonly signsId: boolean
}

interface KitTools {
  readonly now: () => number
  readonly unique: () => string
}

export function createKit(sender: Sender, { now, unique }: KitTools): Kit {
  const { definition, scheme, settings, slot } = sender
  const idSource = sender.idAt ?? definition.event.id
  const input = (event: WebhookEvent, change: SignChange): SignInput => ({
    scheme: scheme.name,
    key: change.key ?? sender.key,
    ...(change.withoutKey === true ? { withoutKey: true } : {}),
    ...(slot === undefined ? {} : { slot }),
    body: event.body,
    contentType: event.contentType,
    now: change.now ?? now(),
    id: event.id,
    type: event.type,
    url: sender.signedUrl,
    settings,
  })
  const signed = (event: WebhookEvent, change: SignChange = {}): SignedRequest =>
    named(sender, event, signAs(change.definition ?? definition, input(event, change)))
  const addressed = (request: SignedRequest): ProbeRequest => ({
    method: request.method,
    url: gainQuery(sender, request.url),
    headers: request.headers,
    body: request.body,
  })

  return {
    sender,
    event({ id: givenId, type = sender.type } = {}) {
      const template = sender.body === undefined ? definition : { sample: ownSample(sender, sender.body) }
      const { idPrefix = '' } = template.sample
      const made = sampleEvent(template, {
        // The prefix is put before whatever is given.
        id: givenId === undefined ? unique() : givenId.slice(givenId.startsWith(idPrefix) ? idPrefix.length : 0),
        now: now(),
        ...(type === undefined ? {} : { type }),
      })
      // Samples of providers name it where it belongs; a body of the user's own may stand there without.
      const withId = writeAt(made.body, sender.body === undefined ? sender.idAt : idSource, made.id)
      const event = {
        id: made.id,
        type: made.type,
        body: type === undefined ? withId : writeAt(withId, sender.typeAt, type),
        contentType: sender.contentType ?? made.contentType,
      }
      return sender.marked === true ? marked(event) : event
    },
    sign: (event, change) => addressed(signed(event, change)),
    signOdd(event) {
      try {
        return addressed(signed(event))
      } catch (error) {
        // What it signs is not there, or it writes into a body that is nested deeper than our own writer goes.
        if (error instanceof PosternError || error instanceof RangeError) return undefined
        throw error
      }
    },
    unsigned: (event) => addressed(withoutProof(scheme, signed(event), sender)),
    edited(event, change) {
      if (!isSigned(scheme)) return undefined
      const parse = scheme.family === 'jwt' ? undefined : scheme.signature.parse
      let split = true
      const request = editSignature(scheme, signed(event), slot, (value) => {
        const parts = splitSignature(parse, value)
        if (parts === undefined) split = false
        return parts === undefined ? value : parts.label + change(parts.bare)
      })
      return split ? addressed(request) : undefined
    },
    strangeKey: () => generateSigningKey(scheme).signing,
    windowSeconds: windowOf(scheme),
    coversBody: isWhole(scheme),
    signsId: idSource?.startsWith('body:') === true ? isWhole(scheme) : idSource?.startsWith('signed:') === true,
    unsignedIdHeader:
      idSource?.startsWith('header:') === true && !idSource.includes(' ') ? idSource.slice(7) : undefined,
  }
}

export function isSigned(
  scheme: Scheme,
): scheme is Exclude<Scheme, { family: 'fetch-back' | 'token' | 'basic' | 'mtls' }> {
  return scheme.family === 'jwt' || 'signed' in scheme
}

/** `undefined` when the body is no JSON object. */
export function jsonObject({ body }: Pick<WebhookEvent, 'body'>): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    // A form, XML, or whatever else this sender sends.
    return undefined
  }
}

export function withJson(event: WebhookEvent, value: unknown): WebhookEvent {
  return { ...event, body: Buffer.from(JSON.stringify(value)) }
}

export function readAt(event: WebhookEvent, path: string): string | undefined {
  const json = jsonObject(event)
  return json === undefined ? undefined : scalarText(readBodyPath(json, compileBodyPath(path)))
}

export function setAt(event: WebhookEvent, path: string, text: string): WebhookEvent {
  return { ...event, body: editJson(event.body, path, text) }
}

/** Senders may add members at any time, so a receiver has to bear one more. */
function marked(event: WebhookEvent): WebhookEvent {
  const json = event.body.includes(event.id) ? undefined : jsonObject(event)
  return json === undefined ? event : withJson(event, { ...json, postern_probe: event.id })
}

/** Where a user's header carries the id or type, it comes with the rest and before the signature. */
function named({ idAt, typeAt }: Sender, event: WebhookEvent, request: SignedRequest): SignedRequest {
  const own = [
    [idAt, event.id],
    [typeAt, event.type],
  ] as const
  const extra = own.flatMap(([place, value]) => {
    const name = place?.startsWith('header:') === true ? place.slice(7) : undefined
    const there = name !== undefined && request.headers.some(([given]) => given.toLowerCase() === name.toLowerCase())
    return name === undefined || there ? [] : [[name, value] as const]
  })
  return { ...request, headers: [...extra, ...request.headers] }
}

function writeAt(body: Buffer, place: string | undefined, text: string): Buffer {
  return place !== undefined && /^body:\$(?:\.[\w-]+|\[\d+\])+$/.test(place)
    ? editJson(body, place.slice(5), text)
    : body
}

function ownSample({ definition, type, contentType }: Sender, body: string): ProviderDefinition['sample'] {
  const { sample } = definition
  return { ...sample, body, type: type ?? sample.type, contentType: contentType ?? sample.contentType }
}

/** What is signed may have gained a query; it goes along to where the request is sent. */
function gainQuery({ url, signedUrl }: Sender, signed: string): string {
  const gained = signed.slice(signedUrl.length)
  return url + (gained.startsWith('?') && url.includes('?') ? `&${gained.slice(1)}` : gained)
}

function withoutProof(scheme: Scheme, request: SignedRequest, sender: Sender): SignedRequest {
  const withoutLast = { ...request, headers: request.headers.slice(0, -1) }
  if (scheme.family === 'token') {
    if ('path' in scheme.token) return { ...request, body: editJson(request.body, scheme.token.path, '') }
    return scheme.token.in === 'query' ? { ...request, url: sender.signedUrl } : withoutLast
  }
  if (scheme.family === 'basic') return withoutLast
  if (!isSigned(scheme)) return request
  return 'header' in signaturePosition(scheme, sender.slot)
    ? withoutLast
    : editSignature(scheme, request, sender.slot, () => '')
}

function windowOf(scheme: Scheme): number | undefined {
  if (scheme.family === 'jwt') return scheme.claims.maxAgeSeconds ?? 300
  return 'timestamp' in scheme ? scheme.timestamp?.toleranceSeconds : undefined
}

function isWhole(scheme: Scheme): boolean {
  const coverage = coverageOfScheme(scheme)
  return coverage === 'request' || coverage === 'body'
}
