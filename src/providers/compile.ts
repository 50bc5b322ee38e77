/**
 * Prepares a scheme and its keys once, so that a request pays for nothing but reading headers and hashing.
 *
 * A key that cannot be one (empty, wrong form) is left out and named in `unusable`: the integration then refuses
 * traffic with `no_active_key` instead of falling back to anything.
 */
import type { KeyObject } from 'node:crypto'
import { COVERAGES, type Coverage } from '../base/model/event.ts'
import type { Uuid } from '../base/model/ids.ts'
import type { InboundKey } from '../base/model/integration.ts'
import type { Steps } from './body-path.ts'
import { byteString } from './bytes.ts'
import type {
  AsymmetricAlgorithm,
  BasicScheme,
  ConfirmedScheme,
  JwtScheme,
  MutualTlsScheme,
  Scheme,
  SignedByScheme,
  SignedCase,
  TokenScheme,
} from './definition.ts'
import { parseKey } from './keys.ts'
import { type CompiledTemplate, compileTemplate } from './template.ts'

export interface CompileOptions {
  /** The integration's settings: `{config:…}` in templates, the user of HTTP Basic. */
  readonly settings?: Readonly<Record<string, string>>
  /** Overrides the scheme's window. Zero means "this very second", never "unchecked". */
  readonly toleranceSeconds?: number
}

export interface PreparedKey {
  readonly id: Uuid
  /** What verifies or is shown. Absent: it is in the key set at `keySetUrl`. */
  readonly key?: KeyObject
  /** The key is a name or credentials, and what verifies is the provider's to give. */
  readonly pinned: boolean
  readonly kid?: string
  readonly keySetUrl?: string
  /** Which of the scheme's further keys this is. */
  readonly slot?: string
  /** Milliseconds since the epoch; active from `from` until just before `until`. */
  readonly from: number
  readonly until: number
}

/** What a matching signature proves about the request. */
export interface Covers {
  readonly body: boolean
  readonly url: boolean
  /** Lower-case names of headers inside the signed bytes, other than id and timestamp. */
  readonly headers: readonly string[]
  /** JSON members inside the signed bytes, where the body as a whole is not. */
  readonly members: readonly Steps[]
  /** Form fields likewise, as byte strings. */
  readonly fields: readonly string[]
}

export const COVERS_NOTHING: Covers = { body: false, url: false, headers: [], members: [], fields: [] }

export interface CompiledCase {
  readonly source: SignedCase
  readonly templates: readonly CompiledTemplate[]
  readonly covers: Covers
  readonly coverage: Coverage
  /** The signed content is the body and nothing else that could vary, so the body's own digest identifies it. */
  readonly bodyOnly: boolean
  /** The bytes of the body, once, are what is signed: nothing has to be put together. */
  readonly plain: boolean
  /** The bytes differ from key to key. */
  readonly usesKey: boolean
}

/** Lower-case names that belong together. */
export interface HeaderSet {
  /** Empty when the signature is elsewhere. */
  readonly signature: string
  readonly timestamp?: string
  readonly id?: string
}

interface Prepared {
  readonly keys: readonly PreparedKey[]
  readonly unusable: readonly { readonly id: Uuid; readonly message: string }[]
  readonly settings: Readonly<Record<string, string>>
}

export interface SignedVerifier extends Prepared {
  readonly kind: 'signed'
  readonly scheme: SignedByScheme
  readonly sets: readonly [HeaderSet, ...HeaderSet[]]
  readonly cases: readonly CompiledCase[]
  /** Byte lengths a signature can have. */
  readonly lengths: readonly [min: number, max: number]
  readonly toleranceSeconds: number
}

export interface JwtVerifier extends Prepared {
  readonly kind: 'jwt'
  readonly scheme: JwtScheme
  readonly covers: Covers
  readonly coverage: Coverage
  readonly maxAgeSeconds: number | undefined
}

/** Nothing of the body is covered: token, basic, client certificate, confirmed by the provider's API. */
export interface SharedVerifier extends Prepared {
  readonly kind: 'shared'
  readonly scheme: TokenScheme | BasicScheme | MutualTlsScheme | ConfirmedScheme
}

export type Verifier = SignedVerifier | JwtVerifier | SharedVerifier

/** @throws Error when the scheme itself cannot work (unknown token): a bug in a definition, found when it loads. */
export function compileScheme(scheme: Scheme, keys: readonly InboundKey[], options: CompileOptions = {}): Verifier {
  const prepared = { ...prepareKeys(scheme, keys), settings: options.settings ?? {} }
  switch (scheme.family) {
    case 'token':
    case 'basic':
    case 'mtls':
    case 'fetch-back':
      return { kind: 'shared', scheme, ...prepared }
    case 'jwt': {
      const covers = jwtCovers(scheme)
      const { maxAgeSeconds } = scheme.claims
      return {
        kind: 'jwt',
        scheme,
        ...prepared,
        covers,
        coverage: covers.body ? coverageOf(covers) : 'none',
        maxAgeSeconds: maxAgeSeconds === undefined ? undefined : tolerance(options.toleranceSeconds, maxAgeSeconds),
      }
    }
    default:
      return {
        kind: 'signed',
        scheme,
        ...prepared,
        sets: headerSets(scheme),
        cases: scheme.signed.map((each) => compileCase(each, scheme)),
        lengths: signatureLengths(scheme),
        toleranceSeconds: tolerance(options.toleranceSeconds, scheme.timestamp?.toleranceSeconds ?? 0),
      }
  }
}

/** A scheme may sign requests of several kinds differently; what can be relied upon is the weakest of them. */
export function coverageOfScheme(scheme: Scheme): Coverage {
  const verifier = compileScheme(scheme, [])
  if (verifier.kind === 'shared') return 'none'
  if (verifier.kind === 'jwt') return verifier.coverage
  const strength = (coverage: Coverage) => COVERAGES.indexOf(coverage)
  return verifier.cases
    .map(({ coverage }) => coverage)
    .reduce((a, b) => (strength(a) >= strength(b) ? a : b), 'request')
}

/** A number that is no window must not become one: NaN compares false and would accept every timestamp. */
function tolerance(wanted: number | undefined, documented: number): number {
  return wanted !== undefined && Number.isFinite(wanted) && wanted >= 0 ? wanted : documented
}

function prepareKeys(scheme: Scheme, keys: readonly InboundKey[]): Pick<Prepared, 'keys' | 'unusable'> {
  const usable: PreparedKey[] = []
  const unusable: { id: Uuid; message: string }[] = []
  for (const { id, material, slot, notBefore, notAfter } of keys) {
    const parsed = parseKey(scheme, material)
    if (!parsed.ok) {
      unusable.push({ id, message: parsed.message })
      continue
    }
    const base = {
      id,
      pinned: false,
      from: notBefore?.getTime() ?? -Infinity,
      until: notAfter?.getTime() ?? Infinity,
      ...(slot === undefined ? {} : { slot }),
    }
    if (parsed.kind === 'key-set-url') usable.push({ ...base, keySetUrl: parsed.url })
    else if (parsed.kind === 'public') usable.push(...parsed.keys.map((each) => ({ ...base, ...each })))
    else usable.push({ ...base, key: parsed.key, pinned: parsed.kind === 'pin' || isAskedFor(scheme) })
  }
  return { keys: usable, unusable }
}

/** Whether a secret that is pasted for this scheme opens the provider's API instead of verifying. */
function isAskedFor(scheme: Scheme): boolean {
  return (scheme.family === 'asymmetric' || scheme.family === 'jwt') && 'format' in scheme.key
}

function headerSets(scheme: SignedByScheme): readonly [HeaderSet, ...HeaderSet[]] {
  const rest = (scheme.aliases ?? []).map((names) => headerSet(scheme, names))
  return [headerSet(scheme, {}), ...rest]
}

function headerSet(scheme: SignedByScheme, names: Readonly<Record<string, string>>): HeaderSet {
  const lower = (name: string) => (Object.hasOwn(names, name) ? (names[name] ?? name) : name).toLowerCase()
  const timestamp = scheme.timestamp?.in
  return {
    signature: 'header' in scheme.signature ? lower(scheme.signature.header) : '',
    ...(typeof timestamp === 'object' && 'header' in timestamp ? { timestamp: lower(timestamp.header) } : {}),
    ...(scheme.id === undefined ? {} : { id: lower(scheme.id.header) }),
  }
}

function compileCase(source: SignedCase, scheme: SignedByScheme): CompiledCase {
  const templates = source.templates.map(compileTemplate)
  const tokens = templates.flat()
  const has = (...kinds: readonly string[]) => tokens.some((token) => kinds.includes(token.kind))
  const hashed = source.require?.some((each) => each.kind === 'query-body-hash' || each.kind === 'empty-body') ?? false
  const url = has('url', 'url-unescaped')
  const covers: Covers = {
    // A signed CRC is no cover: another body with the same one is made in no time.
    body: has('body', 'form-sorted', 'form-php') || (url && hashed),
    url,
    headers: tokens.flatMap((token) => (token.kind === 'header' ? [token.name] : [])),
    members: scheme.each === undefined ? tokens.flatMap(membersOf) : [],
    fields: tokens.flatMap((token) => (token.kind === 'form' ? [byteString(token.name)] : [])),
  }
  const bodyOnly =
    tokens.every((token) => ['literal', 'body', 'ts', 'id', 'config', 'key'].includes(token.kind)) && has('body')
  const plain = scheme.each === undefined && tokens.length === 1 && has('body')
  return { source, templates, covers, coverage: coverageOf(covers), bodyOnly, plain, usesKey: has('key') }
}

function membersOf(token: CompiledTemplate[number]): readonly Steps[] {
  if (token.kind === 'json') return [token.steps]
  return token.kind === 'lines' ? token.members.map(({ name }) => [name]) : []
}

function jwtCovers({ claims }: JwtScheme): Covers {
  return {
    ...COVERS_NOTHING,
    body: claims.bodyHash !== undefined,
    url: claims.urlHash !== undefined || claims.subjectIsUrl === true,
  }
}

function coverageOf(covers: Covers): Coverage {
  if (!covers.body) return 'parts'
  return covers.url ? 'request' : 'body'
}

function signatureLengths(scheme: SignedByScheme): readonly [number, number] {
  if (scheme.family !== 'asymmetric') {
    const size = { sha1: 20, sha256: 32, sha512: 64 }[scheme.algorithm]
    return [size, size]
  }
  return SIGNATURE_LENGTHS[scheme.algorithm]
}

/** P-256 in DER: two integers of up to 33 bytes with two bytes before each, in a sequence. RSA: 2048 to 8192 bits. */
const SIGNATURE_LENGTHS: Readonly<Record<AsymmetricAlgorithm, readonly [number, number]>> = {
  ed25519: [64, 64],
  'ecdsa-p256-sha256': [8, 72],
  'ecdsa-p256-sha1': [8, 72],
  'rsa-sha256': [256, 1024],
  'rsa-sha1': [256, 1024],
}
