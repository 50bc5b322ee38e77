/**
 * What a provider is, as data: how it signs, names its events, greets a new endpoint and expects to be answered.
 *
 * The engine (compile, verify, extract, handshake, sign) interprets these definitions and never asks which
 * provider it is looking at. When a provider does not fit, a type here grows a field. Every definition carries
 * its proof: at least one accepted and one refused request, or it does not compile.
 *
 * Boundary: no I/O, no clock, no configuration; a definition says nothing about tenants or storage.
 */
import type { HeaderList } from '../base/model/event.ts'

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'OPTIONS'

/** `hex` reads both cases; `hex-lower` only what its sender writes. */
export type Encoding = 'hex' | 'hex-lower' | 'base64' | 'base64url'

export type HmacAlgorithm = 'sha1' | 'sha256' | 'sha512'
export type AsymmetricAlgorithm = 'ed25519' | 'ecdsa-p256-sha256' | 'rsa-sha256'

/**
 * Bytes to sign, as text with tokens: `{body}` raw bytes · `{ts}` the timestamp as it arrived · `{id}` the bound
 * id header · `{url}` the public URL · `{form:sorted}` decoded fields, names sorted, repeated values unique and
 * sorted · `{form:name}` `{header:Name}` `{query:name}` `{config:name}` · `{method}`. Everything else is literal ASCII.
 */
export type Template = string

/**
 * Where a value is found: `body:$.a.b[0]`, `header:Name`, `form:name`, `query:name`, or `signed:id` (the id header
 * that the signature covers, whichever of the sender's names it came under). Alternatives with ` | `, first one that holds.
 */
export type Source = string

/** How candidates are read out of a signature header. Each is an exact grammar: what is left over refuses the request. */
export type SignatureParse =
  | { readonly kind: 'raw' }
  /** `sha256=<signature>`. */
  | { readonly kind: 'prefix'; readonly prefix: string; readonly optional?: boolean }
  /** `t=…,v1=…,v1=…`: other keys are skipped, the timestamp key may occur once. */
  | {
      readonly kind: 'pairs'
      readonly itemSeparator: string
      readonly valueSeparator: string
      readonly signatureKey: string
      readonly timestampKey?: string
    }
  /** `v1,… v1a,…`: items of other versions are skipped. */
  | {
      readonly kind: 'list'
      readonly itemSeparator: string
      readonly versionSeparator: string
      readonly version: string
    }

export interface SignaturePlace {
  readonly header: string
  readonly parse: SignatureParse
  readonly encoding: Encoding
}

export interface TimestampRule {
  /** A header of its own, or the timestamp key of the signature header. */
  readonly in: { readonly header: string } | 'signature'
  readonly unit: 's' | 'ms' | 'iso8601'
  /** Both directions, inclusive. */
  readonly toleranceSeconds: number
  /** False: the provider names no window and this one is ours. */
  readonly toleranceDocumented: boolean
}

/** What must hold beside the signature, checked before it. */
export type Requirement =
  | { readonly kind: 'header-equals'; readonly header: string; readonly value: string }
  /** A query parameter, signed with the URL, holds the digest of the raw body. */
  | {
      readonly kind: 'query-body-hash'
      readonly query: string
      readonly algorithm: 'sha256'
      readonly encoding: Encoding
    }
  | { readonly kind: 'empty-body' }

/** One way the signed bytes are made. The first case whose `when` holds is the only one tried. */
export interface SignedCase {
  readonly name?: string
  readonly when?: { readonly method?: HttpMethod; readonly query?: string; readonly contentType?: string }
  /** Any may match, for senders that are known to differ. */
  readonly templates: readonly [Template, ...Template[]]
  readonly require?: readonly Requirement[]
}

/** The same URL as senders may have written it; all are tried. */
export type UrlVariant = 'as-is' | 'default-port-added' | 'port-removed'

interface SignedScheme {
  /** Unique within the definition; kept with every verified event. */
  readonly name: string
  readonly signature: SignaturePlace
  readonly signed: readonly [SignedCase, ...SignedCase[]]
  readonly timestamp?: TimestampRule
  /** The header behind `{id}`. `forbid` names text that would make the template ambiguous. */
  readonly id?: { readonly header: string; readonly forbid?: string }
  /** Complete sets of other names for the scheme's headers; sets are never mixed. Keys are the names used above. */
  readonly aliases?: readonly Readonly<Record<string, string>>[]
  readonly urlVariants?: readonly [UrlVariant, ...UrlVariant[]]
}

export interface SecretKeyForm {
  /** `utf8`: the text itself is the key, even where it looks like hex or base64. */
  readonly decode: 'utf8' | 'base64' | 'hex'
  /** Removed before decoding, when present. */
  readonly stripPrefix?: readonly string[]
  /** Part of the key, but never all of it: a text that is only this is an unfinished paste. */
  readonly label?: string
}

export interface PublicKeyForm {
  /** `spki`: PEM, or the base64 of its DER. */
  readonly format: 'raw-hex' | 'raw-base64' | 'spki'
  readonly stripPrefix?: readonly string[]
}

export interface HmacScheme extends SignedScheme {
  readonly family: 'hmac'
  readonly algorithm: HmacAlgorithm
  readonly key: SecretKeyForm
}

export interface AsymmetricScheme extends SignedScheme {
  readonly family: 'asymmetric'
  readonly algorithm: AsymmetricAlgorithm
  readonly key: PublicKeyForm
}

/** A shared value sent with each request. It proves who knows it and covers no byte of the body. */
export interface TokenScheme {
  readonly family: 'token'
  readonly name: string
  readonly token: { readonly in: 'header' | 'query'; readonly name: string; readonly prefix?: string }
  readonly weakness: string
}

/** HTTP Basic. The user comes from the settings, or stands before the first `:` of the key when they name none. */
export interface BasicScheme {
  readonly family: 'basic'
  readonly name: string
  readonly usernameSetting: string
  readonly weakness: string
}

export type Scheme = HmacScheme | AsymmetricScheme | TokenScheme | BasicScheme

/** What a body may be. With several, the content type decides; without a content type, the first. */
export type PayloadShape =
  | { readonly kind: 'json-object' | 'json'; readonly contentTypes?: readonly string[] }
  /** `json`: the field that holds the payload as JSON text, when it is there. */
  | { readonly kind: 'form'; readonly json?: string }
  | { readonly kind: 'empty' }

export interface EventSources {
  readonly id?: Source
  readonly type?: Source
  readonly tenant?: Source
  readonly subject?: Source
  readonly occurredAt?: Source
  /** `content`: the id does not tell one event from the next, so dedupe uses the signed content. Default: a covered id. */
  readonly dedupe?: 'id' | 'content'
}

/** A value of a handshake answer. Lists are joined without a separator. */
export type HandshakeValue =
  | { readonly text: string }
  | { readonly from: Source }
  | { readonly setting: string }
  | { readonly hmac: HmacAlgorithm; readonly encoding: 'hex' | 'base64'; readonly of: readonly HandshakeValue[] }
  | { readonly hash: 'sha256'; readonly encoding: 'hex' | 'base64'; readonly of: readonly HandshakeValue[] }
  | { readonly join: readonly HandshakeValue[] }

export type HandshakeJson =
  | HandshakeValue
  | { readonly number: number }
  | { readonly object: { readonly [name: string]: HandshakeJson } }

/** Compared in constant time; `inSetting` is a comma-separated list. */
export type HandshakeCheck =
  | { readonly value: HandshakeValue; readonly equals: HandshakeValue }
  | { readonly value: HandshakeValue; readonly inSetting: string }

export interface Handshake {
  readonly name: string
  readonly when: {
    readonly methods: readonly [HttpMethod, ...HttpMethod[]]
    /** Each source must be there (`true`), be absent (`false`), or be this text or number. */
    readonly match?: Readonly<Record<Source, string | number | boolean>>
    readonly emptyBody?: boolean
  }
  /** Answered only when the request's own signature matched. */
  readonly signed: boolean
  /** Answered only while the integration is pending: what it captures never replaces a stored secret. */
  readonly pendingOnly?: boolean
  readonly check?: readonly HandshakeCheck[]
  readonly capture?: { readonly name: string; readonly value: HandshakeValue }
  readonly respond: {
    readonly status: number
    readonly headers?: Readonly<Record<string, HandshakeValue>>
    /** Sent as text/plain with nosniff, because most of it is the sender's own text. */
    readonly text?: HandshakeValue
    readonly json?: HandshakeJson
  }
  /** The answer when `check` fails; 403 with no body when absent. */
  readonly otherwise?: { readonly status: number }
}

export interface Answer {
  readonly status: number
  readonly contentType?: string
  readonly body?: string
}

export interface Delivery {
  /** What the provider counts as delivered, in its words. */
  readonly success: string
  readonly timeoutSeconds?: number
  readonly retries: string
  /** Where its addresses are published. */
  readonly addresses?: string
}

/** A request with the answer a correct verifier gives. `headers` in order, as sent. */
export interface Vector {
  readonly why: string
  readonly scheme?: string
  readonly method?: HttpMethod
  readonly url?: string
  readonly headers: HeaderList
  /** UTF-8 text; `bodyBase64` where the bytes are not text. */
  readonly body?: string
  readonly bodyBase64?: string
  readonly key: string
  readonly settings?: Readonly<Record<string, string>>
  /** Seconds since the epoch; absent means the window is not checked. */
  readonly at?: number
}

/** A realistic event for `postern send`. `{{id}}`, `{{type}}`, `{{seconds}}` and `{{iso}}` are filled in. */
export interface Sample {
  readonly type: string
  /** A prefix for generated ids, as the provider writes them. */
  readonly idPrefix?: string
  readonly contentType: string
  readonly body: string
  readonly headers?: HeaderList
}

export interface ProviderDefinition {
  readonly id: string
  readonly name: string
  readonly category: string
  readonly docs: string
  /** The first is the recommended one. Which is used comes from the integration, never from the request. */
  readonly schemes: readonly [Scheme, ...Scheme[]]
  /** What an operator pastes, in words. */
  readonly keyForm: string
  readonly payload: readonly [PayloadShape, ...PayloadShape[]]
  /** Methods that bring events; handshakes name their own. */
  readonly methods: readonly [HttpMethod, ...HttpMethod[]]
  readonly event: EventSources
  readonly handshakes?: readonly Handshake[]
  readonly delivery: Delivery
  readonly answers?: { readonly accepted?: Answer; readonly unauthorized?: Answer }
  readonly pitfalls: readonly string[]
  readonly sample: Sample
  readonly vectors: {
    readonly accepted: readonly [Vector, ...Vector[]]
    readonly refused: readonly [Vector, ...Vector[]]
  }
}

export function defineProvider(definition: ProviderDefinition): ProviderDefinition {
  return definition
}

/** The integration's scheme, or the recommended one. Also found by the name of one of its cases. */
export function findScheme(definition: ProviderDefinition, name?: string): Scheme | undefined {
  if (name === undefined) return definition.schemes[0]
  return definition.schemes.find(
    (scheme) => scheme.name === name || ('signed' in scheme && scheme.signed.some((each) => each.name === name)),
  )
}

/** Every method the receiver must let through for this provider, for `Allow` and for 405. */
export function allowedMethods(definition: ProviderDefinition): readonly HttpMethod[] {
  const handshakes = (definition.handshakes ?? []).flatMap((handshake) => handshake.when.methods)
  return [...new Set([...definition.methods, ...handshakes])]
}
