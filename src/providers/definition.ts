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
export type AsymmetricAlgorithm = 'ed25519' | 'ecdsa-p256-sha256' | 'ecdsa-p256-sha1' | 'rsa-sha256' | 'rsa-sha1'
export type JwtAlgorithm = 'HS256' | 'HS384' | 'HS512' | 'RS256' | 'ES256'

/** A place in a JSON body: `$.a.b[0].c`; `[*]` for every element, where a type says that it may stand there. */
export type BodyPath = string

/**
 * Bytes to sign, as text with tokens. Everything outside a token is literal.
 *
 * - `{body}` raw bytes · `{ts}` the timestamp as it arrived · `{id}` the bound id header · `{method}` upper case
 * - `{url}` the public URL · `{url:unescaped}` with the scheme's `unescape` undone · `{path:encoded}` its path and
 *   component-encoded query, through `encodeURI`
 * - `{header:Name}` `{query:name}` `{config:name}` (a setting) `{key}` (the key itself) `{crc32:body}` unsigned decimal
 * - `{form:name}` a decoded field · `{form:sorted}` names sorted, each with its values, repeated values unique and
 *   sorted · `{form:php}` PHP's `serialize()` of the fields, names sorted, without the signature's own
 * - `{body:$.a.b}` a JSON value as text · `{item:$.a}` the same in the current item of `each`; a missing item value is empty
 * - `{lines:A,B?,C}` for top-level JSON members "name\nvalue\n" each, those with `?` only when present
 * - `{listed-headers:Name}` the headers that this header lists, `name:value` in lower-case name order, joined with `;`
 */
export type Template = string

/**
 * Where a value is found: `body:$.a.b[0]`, `header:Name`, `form:name`, `query:name`, `claim:name` (of a JWT),
 * `element:Name` (the text of the only XML element of that name), `member:$.a.b` (the name `b`, when it is there),
 * `text:word` (itself, when nothing else holds), or `signed:id` (the id header
 * that the signature covers, whichever of the sender's names it came under). Parts with ` + ` are joined with `.` and
 * must all be there; alternatives with ` | `, first one that holds.
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
      /** One space may stand before an item. */
      readonly spaced?: boolean
    }
  /** `v1,… v1a,…`: items of other versions are skipped. */
  | {
      readonly kind: 'list'
      readonly itemSeparator: string
      readonly versionSeparator: string
      readonly version: string
    }
  /** `<timestamp>,<signature>,<signature>`: told apart by their order. */
  | { readonly kind: 'positional'; readonly itemSeparator: string }
  /** `<name>|<signature>&<name>|<signature>`: the item whose name is the setting's value; others are skipped. */
  | {
      readonly kind: 'keyed-list'
      readonly itemSeparator: string
      readonly valueSeparator: string
      readonly nameSetting: string
    }
  /** The base64 of a JSON object with the signature and the id of the key in members. */
  | { readonly kind: 'base64-json'; readonly member: string; readonly keyIdMember: string }

export type SignaturePlace = {
  readonly parse: SignatureParse
  readonly encoding: Encoding
} & (
  | {
      readonly header: string
      /** The sender repeats the header during rotation; everywhere else a second one refuses the request. */
      readonly repeated?: boolean
      /** Headers that may hold a further signature, of another key. */
      readonly also?: readonly string[]
    }
  /** `{prefix}{n}` from 1, each at most once, without a gap. */
  | { readonly headers: { readonly prefix: string; readonly to: number } }
  | { readonly form: string }
  | { readonly body: BodyPath }
  /** In each item of `each`. */
  | { readonly item: BodyPath }
)

export interface TimestampRule {
  /** A header of its own, the timestamp key of the signature header, or a JSON member (read after the signature matched). */
  readonly in: { readonly header: string } | { readonly body: BodyPath } | 'signature'
  readonly unit: 's' | 'ms' | 'iso8601'
  /** Both directions, inclusive. */
  readonly toleranceSeconds: number
  /** How far ahead of our clock, where the past must be wider than two clocks can differ. */
  readonly aheadSeconds?: number
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
  /** A decoded form field; `pattern` is anchored by its reader. */
  | { readonly kind: 'form-matches'; readonly form: string; readonly pattern: string }
  /** The header is a comma-separated list that holds all of these names, in lower case. */
  | { readonly kind: 'header-lists'; readonly header: string; readonly names: readonly string[] }
  /** A value of the request is a setting of the integration; refused while that is not set. */
  | { readonly kind: 'equals-setting'; readonly source: Source; readonly setting: string }
  /** A value of the request is the pasted key, which here is a name and no secret (see `PinForm`). */
  | { readonly kind: 'equals-key'; readonly source: Source }

/** One way the signed bytes are made. The first case whose `when` holds is the only one tried. */
export interface SignedCase {
  readonly name?: string
  readonly when?: {
    readonly method?: HttpMethod
    readonly query?: string
    readonly contentType?: string
    /** JSON members with one of these texts each. */
    readonly body?: Readonly<Record<BodyPath, readonly [string, ...string[]]>>
  }
  /** Where the algorithm goes with the case; else the scheme's. */
  readonly algorithm?: AsymmetricAlgorithm
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
  /** The escapes (`%3A`) that `{url:unescaped}` undoes. */
  readonly unescape?: readonly string[]
  /** One body, many signed items, such as `$.items[*].Item`: every one must verify, with one key, and there must be one. */
  readonly each?: BodyPath
  /** Further keys with a place of their own. Their `signature` is read with them and with no other key. */
  readonly slots?: readonly KeySlot[]
  /** What the pasted key is, where it differs from the provider's `keyForm`. */
  readonly keyForm?: string
  /** What a match does not prove. */
  readonly weakness?: string
}

/** A second key that the provider issues beside the first, under a name of its own. */
export interface KeySlot {
  readonly slot: string
  /** In words, for whoever has to find it. */
  readonly what: string
  /** Absent: it may have made the scheme's ordinary signature. */
  readonly signature?: SignaturePlace
}

export interface SecretKeyForm {
  /** `utf8`: the text itself is the key, even where it looks like hex or base64. */
  readonly decode: 'utf8' | 'base64' | 'hex'
  /** Removed before decoding, when present. */
  readonly stripPrefix?: readonly string[]
  /** Part of the key, but never all of it: a text that is only this is an unfinished paste. */
  readonly label?: string
  /** The key is the digest of the text. */
  readonly derive?: 'sha1'
}

/** A key that names something instead of keeping it secret: a topic, a webhook id, a service account. */
export interface PinForm {
  /** Its name in vectors and messages, such as `topicArn`. */
  readonly pin: string
  /** What it looks like; anchored by its reader. */
  readonly pattern: string
  readonly example: string
}

/** The request names a certificate. Nothing is fetched from anywhere but these hosts, over https and its default port. */
export interface CertificateUrl extends PinForm {
  readonly format: 'certificate-url'
  readonly url: Source
  /** Host names; `pattern:` before an anchored expression. */
  readonly hosts: readonly [string, ...string[]]
  readonly pathSuffix?: string
}

/**
 * A request to the provider's own API, made through the outbound guard. `path`, `headers` and `body` may hold `{id}`,
 * `{user}` and `{password}` (the pasted key, cut at its first `:`), `{basic}` (its base64), `{key}`, `{token}` (of `authorize`),
 * `{config:name}`, `{header:Name}`, `{query:name}`, `{form:name}` and `{body}` (the request's own). Values are escaped
 * for where they stand: percent-encoded in a path, as JSON text in a JSON body.
 */
export interface RemoteCall {
  readonly method: 'GET' | 'POST'
  /** By the setting `environment`; the first when it is not set. */
  readonly origins: readonly [RemoteOrigin, ...RemoteOrigin[]]
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly contentType?: 'application/json' | 'application/x-www-form-urlencoded'
  readonly body?: string
  /** How long an answer may be used again; absent: for this request only. */
  readonly cacheSeconds?: number
}

export interface RemoteOrigin {
  readonly environment: string
  readonly origin: `https://${string}`
}

/** The provider's API gives the public key by its id, to whoever shows credentials. A pasted JWK or PEM spares the call. */
export interface KeyApi {
  readonly format: 'key-api'
  /** OAuth client credentials: the answer's `access_token` becomes `{token}`. */
  readonly authorize?: RemoteCall
  readonly call: RemoteCall
  /** Where the key stands in the answer: a JWK object, or PEM text. */
  readonly read: BodyPath
  /** A member that says since when the key must no longer be used; `null` or absent: still good. */
  readonly expired?: BodyPath
}

/** The provider's published key set. */
export interface PublishedKeys extends PinForm {
  readonly format: 'jwks-url'
  /** May hold `{config:name}` for a whole path segment. */
  readonly url: `https://${string}`
}

export interface PublicKeyForm {
  /** `spki`: PEM of a key or certificate, or the base64 of its DER. */
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
  readonly key: PublicKeyForm | CertificateUrl | KeyApi
}

/** A plain digest with `{key}` in the template: legacy, open to length extension, never the recommended scheme. */
export interface HashScheme extends SignedScheme {
  readonly family: 'hash'
  readonly algorithm: HmacAlgorithm
  readonly key: SecretKeyForm
  readonly weakness: string
}

/** A digest inside a JWT that ties it to this request. */
export interface ClaimDigest {
  readonly claim: string
  readonly encoding: 'hex' | 'base64' | 'base64url'
}

/** RFC 7519. `exp` and `nbf` are checked whenever they are there, in every scheme. */
export interface JwtClaims {
  /** One of these. */
  readonly issuers?: readonly [string, ...string[]]
  readonly issuerSetting?: string
  readonly audienceSetting?: string
  readonly subjectIsUrl?: boolean
  /** `iat` must be there and within this many seconds of now, on both sides. */
  readonly maxAgeSeconds?: number
  /** For `exp` and `nbf`. */
  readonly clockToleranceSeconds?: number
  readonly required?: readonly string[]
  /** Names with ` | ` between alternatives. `pin`: the pasted key. */
  readonly equals?: Readonly<
    Record<string, { readonly value: string | boolean } | { readonly setting: string } | 'pin'>
  >
  /** SHA-256 of the raw body. `absentWhenEmpty`: the claim is there exactly when there is a body. */
  readonly bodyHash?: ClaimDigest & { readonly absentWhenEmpty?: boolean }
  /** SHA-256 of the public URL. */
  readonly urlHash?: ClaimDigest
  /** SHA-256 of method, path and sorted query (Atlassian's `qsh`). */
  readonly queryHash?: ClaimDigest
}

/** A signed token that came with the request. It covers the body only where a claim holds its digest. */
export interface JwtScheme {
  readonly family: 'jwt'
  readonly name: string
  readonly token:
    | { readonly in: 'header'; readonly name: string; readonly prefix?: string; readonly prefixOptional?: boolean }
    /** Every one must verify, and there must be one. */
    | { readonly in: 'body'; readonly path: BodyPath }
  /** The only ones accepted, whatever the token's header says. */
  readonly algorithms: readonly [JwtAlgorithm, ...JwtAlgorithm[]]
  readonly key: SecretKeyForm | KeyApi | PublishedKeys
  readonly claims: JwtClaims
  readonly slots?: readonly Omit<KeySlot, 'signature'>[]
  readonly keyForm?: string
  readonly weakness?: string
}

/** A shared value sent with each request. It proves who knows it and covers no byte of the body. */
export interface TokenScheme {
  readonly family: 'token'
  readonly name: string
  readonly token:
    | {
        readonly in: 'header' | 'query'
        readonly name: string
        /** A setting that names another header or parameter, where the operator chooses it. */
        readonly nameSetting?: string
        readonly prefix?: string
      }
    /** With `[*]`: every one must match, and there must be one. Texts only. */
    | { readonly in: 'body'; readonly path: BodyPath }
  readonly require?: readonly Requirement[]
  readonly keyForm?: string
  readonly weakness: string
}

/** HTTP Basic. The user comes from the settings, or stands before the first `:` of the key when they name none. */
export interface BasicScheme {
  readonly family: 'basic'
  readonly name: string
  readonly usernameSetting: string
  readonly keyForm?: string
  readonly weakness: string
}

/**
 * The provider shows a client certificate. TLS ends at the proxy in front, which must verify it and say which it was;
 * the pasted key is its SHA-256 fingerprint (hex, colons allowed) or the certificate itself.
 */
export interface MutualTlsScheme {
  readonly family: 'mtls'
  readonly name: string
  readonly require?: readonly Requirement[]
  readonly keyForm?: string
  readonly weakness: string
}

/** Nothing is signed: the provider's API is asked whether it knows of this. The pasted key opens that API. */
export interface ConfirmedScheme {
  readonly family: 'fetch-back'
  readonly name: string
  /** What `{id}` is, and what it must look like (anchored by its reader) before anything is asked. */
  readonly id: { readonly source: Source; readonly pattern: string }
  readonly authorize?: RemoteCall
  readonly call: RemoteCall
  /** The answer that counts as yes: 200 with this text there. */
  readonly confirms: { readonly path: BodyPath; readonly equals: string | 'id' }
  /** What in the answer tells one event about an object from the next, where the request says only which object. */
  readonly state?: BodyPath
  readonly keyForm?: string
  readonly weakness: string
}

export type SignedByScheme = HmacScheme | HashScheme | AsymmetricScheme
export type Scheme = SignedByScheme | JwtScheme | TokenScheme | BasicScheme | MutualTlsScheme | ConfirmedScheme

/** What a body may be. With several, the content type decides; without a content type, the first. */
export type PayloadShape =
  | { readonly kind: 'json-object' | 'json'; readonly contentTypes?: readonly string[] }
  /** `json`: the field that holds the payload as JSON text, when it is there; `list`: it may be a list of events. */
  | { readonly kind: 'form'; readonly json?: string; readonly list?: boolean }
  /** Kept and delivered as it is; nothing in it is read but XML elements by name. */
  | { readonly kind: 'opaque'; readonly contentTypes: readonly [string, ...string[]] }
  | { readonly kind: 'empty' }

export interface EventSources {
  readonly id?: Source
  readonly type?: Source
  readonly tenant?: Source
  readonly subject?: Source
  readonly occurredAt?: Source
  /**
   * What tells one event from the next, where it is not a covered id. `content`: what was signed, without its time.
   * `signed`: with its time, for senders whose honest events may repeat every byte but that.
   */
  readonly dedupe?: 'content' | 'signed'
  /** Honest events may repeat every signed byte: the same content is a copy only within this time. */
  readonly repeatsAfterSeconds?: number
}

/** A value of a handshake answer. Lists are joined without a separator. */
export type HandshakeValue =
  | { readonly text: string }
  | { readonly from: Source }
  | { readonly setting: string; readonly default?: string }
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
  /** Anchored by its reader. */
  | { readonly value: HandshakeValue; readonly matches: string }

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
  /** Asked for through the outbound guard before the answer is given; only when the greeting itself was verified. */
  readonly fetch?: { readonly url: Source; readonly hosts: readonly [string, ...string[]] }
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
  /** Keys of the scheme's slots, by slot. */
  readonly slots?: Readonly<Record<string, string>>
  readonly settings?: Readonly<Record<string, string>>
  /** What the scheme would fetch, by URL: a certificate, a key set, an API's answer. */
  readonly remote?: Readonly<Record<string, string>>
  /** SHA-256 fingerprint of the client certificate that the proxy vouched for, in hex. */
  readonly clientCertificate?: string
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

/** A value that the operator gives beside the key. Never a secret. */
export interface SettingSpec {
  readonly name: string
  /** In words: what it is and where it is found. */
  readonly what: string
  readonly example: string
  /** Needed by these schemes or, when absent, by all. */
  readonly schemes?: readonly [string, ...string[]]
  /** Nothing works without it. */
  readonly required?: boolean
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
  readonly settings?: readonly [SettingSpec, ...SettingSpec[]]
  /** The way to a working endpoint in the provider's own console or API, a step each. */
  readonly setup: readonly [string, ...string[]]
  /** How its secret is changed without losing an event. */
  readonly rotation: string
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
