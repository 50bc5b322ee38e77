/**
 * Prepares a scheme and its keys once, so that a request pays for nothing but reading headers and hashing.
 *
 * A key that cannot be one (empty, wrong form) is left out and named in `unusable`: the integration then refuses
 * traffic with `no_active_key` instead of falling back to anything.
 */
import type { KeyObject } from 'node:crypto'
import type { Coverage } from '../base/model/event.ts'
import type { Uuid } from '../base/model/ids.ts'
import type { InboundKey } from '../base/model/integration.ts'
import type { AsymmetricScheme, BasicScheme, HmacScheme, Scheme, SignedCase, TokenScheme } from './definition.ts'
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
  readonly key: KeyObject
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
}

export interface CompiledCase {
  readonly source: SignedCase
  readonly templates: readonly CompiledTemplate[]
  readonly covers: Covers
  readonly coverage: Coverage
  /** The signed content is the body and nothing else that could vary, so the body's own digest identifies it. */
  readonly bodyOnly: boolean
}

/** Lower-case names that belong together. */
export interface HeaderSet {
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
  readonly scheme: HmacScheme | AsymmetricScheme
  readonly sets: readonly [HeaderSet, ...HeaderSet[]]
  readonly cases: readonly CompiledCase[]
  /** Byte lengths a signature can have. */
  readonly lengths: readonly [min: number, max: number]
  readonly toleranceSeconds: number
}

export interface SharedVerifier extends Prepared {
  readonly kind: 'shared'
  readonly scheme: TokenScheme | BasicScheme
}

export type Verifier = SignedVerifier | SharedVerifier

/** @throws Error when the scheme itself cannot work (unknown token): a bug in a definition, found when it loads. */
export function compileScheme(scheme: Scheme, keys: readonly InboundKey[], options: CompileOptions = {}): Verifier {
  const prepared = { ...prepareKeys(scheme, keys), settings: options.settings ?? {} }
  if (scheme.family === 'token' || scheme.family === 'basic') return { kind: 'shared', scheme, ...prepared }
  return {
    kind: 'signed',
    scheme,
    ...prepared,
    sets: headerSets(scheme),
    cases: scheme.signed.map(compileCase),
    lengths: signatureLengths(scheme),
    toleranceSeconds: tolerance(options.toleranceSeconds, scheme.timestamp?.toleranceSeconds ?? 0),
  }
}

/** A number that is no window must not become one: NaN compares false and would accept every timestamp. */
function tolerance(wanted: number | undefined, documented: number): number {
  return wanted !== undefined && Number.isFinite(wanted) && wanted >= 0 ? wanted : documented
}

function prepareKeys(scheme: Scheme, keys: readonly InboundKey[]): Pick<Prepared, 'keys' | 'unusable'> {
  const usable: PreparedKey[] = []
  const unusable: { id: Uuid; message: string }[] = []
  for (const { id, material, notBefore, notAfter } of keys) {
    const parsed = parseKey(scheme, material)
    if (!parsed.ok) unusable.push({ id, message: parsed.message })
    else
      usable.push({
        id,
        key: parsed.key,
        from: notBefore?.getTime() ?? -Infinity,
        until: notAfter?.getTime() ?? Infinity,
      })
  }
  return { keys: usable, unusable }
}

function headerSets(scheme: HmacScheme | AsymmetricScheme): readonly [HeaderSet, ...HeaderSet[]] {
  const rest = (scheme.aliases ?? []).map((names) => headerSet(scheme, names))
  return [headerSet(scheme, {}), ...rest]
}

function headerSet(scheme: HmacScheme | AsymmetricScheme, names: Readonly<Record<string, string>>): HeaderSet {
  const lower = (name: string) => (Object.hasOwn(names, name) ? (names[name] ?? name) : name).toLowerCase()
  const timestamp = scheme.timestamp?.in
  return {
    signature: lower(scheme.signature.header),
    ...(timestamp === undefined || timestamp === 'signature' ? {} : { timestamp: lower(timestamp.header) }),
    ...(scheme.id === undefined ? {} : { id: lower(scheme.id.header) }),
  }
}

function compileCase(source: SignedCase): CompiledCase {
  const templates = source.templates.map(compileTemplate)
  const tokens = templates.flat()
  const has = (kind: string) => tokens.some((token) => token.kind === kind)
  const hashed = source.require?.some((each) => each.kind === 'query-body-hash' || each.kind === 'empty-body') ?? false
  const covers: Covers = {
    body: has('body') || has('form-sorted') || (has('url') && hashed),
    url: has('url'),
    headers: tokens.flatMap((token) => (token.kind === 'header' ? [token.name] : [])),
  }
  const bodyOnly =
    tokens.every((token) => ['literal', 'body', 'ts', 'id', 'config'].includes(token.kind)) && has('body')
  return { source, templates, covers, coverage: coverageOf(covers), bodyOnly }
}

function coverageOf(covers: Covers): Coverage {
  if (!covers.body) return 'parts'
  return covers.url ? 'request' : 'body'
}

function signatureLengths(scheme: HmacScheme | AsymmetricScheme): readonly [number, number] {
  if (scheme.family === 'hmac') {
    const size = { sha1: 20, sha256: 32, sha512: 64 }[scheme.algorithm]
    return [size, size]
  }
  // P-256 in DER: two integers of up to 33 bytes with two bytes before each, in a sequence. RSA: 2048 to 8192 bits.
  const sizes = { ed25519: [64, 64], 'ecdsa-p256-sha256': [8, 72], 'rsa-sha256': [256, 1024] } as const
  return sizes[scheme.algorithm]
}
