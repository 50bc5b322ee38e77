/**
 * What a verifier is made from, checked once. Everything that could make it accept less or more than intended stops
 * here, at the start of the app and not at the first webhook.
 */
import { PosternError } from '../base/model/errors.ts'
import type { Uuid } from '../base/model/ids.ts'
import type { InboundKey } from '../base/model/integration.ts'
import { compileScheme, type Verifier } from '../providers/compile.ts'
import { findScheme, type ProviderDefinition, type Scheme } from '../providers/definition.ts'
import { checkKey } from '../providers/keys.ts'
import type { FetchRemote } from './remote-answers.ts'
import type { ReplayStore } from './replay-store.ts'

export interface KeyInput {
  /** Comes back as `keyId` with every webhook it verified: never a part of the secret. */
  readonly id: string
  readonly secret: string | undefined
  /** Which of the scheme's further keys this is, such as Svix's symmetric one beside its public one. */
  readonly slot?: string
  readonly notBefore?: Date
  readonly notAfter?: Date
}

export interface VerifierOptions {
  /** Imported from `postern/verify/providers/<id>`. */
  readonly provider: ProviderDefinition
  /** What the provider shows as the endpoint's secret, or its public key, as pasted. Several while it is rotated: any may match. */
  readonly secret?: string | readonly (string | undefined)[] | undefined
  /** Instead of `secret`: keys with names, times and slots. */
  readonly keys?: readonly KeyInput[]
  /** One of the provider's schemes by name; the recommended one when absent. Never taken from the request. */
  readonly scheme?: string
  /** Further values the scheme needs, such as the webhook's id or an audience; see the provider's page. */
  readonly settings?: Readonly<Record<string, string>>
  /** Overrides the provider's window, in both directions. Zero means this very second. */
  readonly toleranceSeconds?: number
  /** The address that the provider was given, without query: needed where it is signed. Never built from the Host header. */
  readonly publicUrl?: string
  /** Without it, a captured request is accepted as often as it is sent while it is fresh; for ever where no time is signed. */
  readonly replay?: ReplayStore
  /** Keeps the markers of several endpoints that share a store apart; the provider's id when absent. */
  readonly name?: string
  /** Asks the provider for certificates, key sets and confirmations; needed by few schemes. */
  readonly fetchRemote?: FetchRemote
  /**
   * The endpoint waits for the greeting that brings its secret (Asana and others). Keys may be missing; greetings are
   * answered, everything else is refused. The secret is given here before the greeting is answered: store it, and create
   * a verifier with it.
   */
  readonly onCapture?: (captured: { readonly name: string; readonly value: string }) => void | Promise<void>
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

export interface Prepared {
  readonly scheme: Scheme
  readonly compiled: Verifier
  readonly publicUrl: string | undefined
  readonly pending: boolean
}

/** @throws PosternError `VALIDATION_ERROR`; the message names what is wrong and never holds a secret. */
export function prepare(options: VerifierOptions): Prepared {
  const { provider, settings = {}, toleranceSeconds } = options
  const scheme = findScheme(provider, options.scheme)
  if (scheme === undefined)
    throw invalid(
      options,
      `there is no scheme “${options.scheme}”; there are ${provider.schemes.map(({ name }) => name).join(', ')}`,
    )
  const pending = options.onCapture !== undefined
  const keys = keysOf(options, scheme, pending)
  if (toleranceSeconds !== undefined && !(Number.isFinite(toleranceSeconds) && toleranceSeconds >= 0))
    throw invalid(options, 'toleranceSeconds must be a number, 0 or more')
  for (const { name, what, required, schemes } of provider.settings ?? []) {
    const needed = required === true && (schemes === undefined || schemes.includes(scheme.name))
    if (needed && !Object.hasOwn(settings, name)) throw invalid(options, `settings.${name} is missing: ${what}`)
  }
  const compiled = compileScheme(scheme, keys, {
    settings,
    ...(toleranceSeconds === undefined ? {} : { toleranceSeconds }),
  })
  if (compiled.keys.length === 0 && !pending) throw invalid(options, 'no key can be used')
  checkReplay(options, compiled)
  return { scheme, compiled, publicUrl: publicUrlOf(options, compiled), pending }
}

function keysOf(options: VerifierOptions, scheme: Scheme, pending: boolean): readonly InboundKey[] {
  const { secret, provider } = options
  if (secret !== undefined && options.keys !== undefined) throw invalid(options, 'give either secret or keys')
  const given: readonly KeyInput[] =
    options.keys ??
    (secret === undefined && pending ? [] : [secret].flat()).map((each, index) => ({
      id: `key-${index + 1}`,
      secret: each,
    }))
  if (given.length === 0 && !pending) throw invalid(options, `the key is missing. Expected: ${provider.keyForm}`)
  return given.map(({ id, secret: material, slot, notBefore, notAfter }) => {
    if (typeof material !== 'string') throw invalid(options, `key ${id} is missing. Expected: ${provider.keyForm}`)
    const problem = checkKey(scheme, material)
    if (problem !== undefined)
      throw invalid(options, `key ${id}: ${problem} Expected: ${scheme.keyForm ?? provider.keyForm}`)
    const slots = 'slots' in scheme ? (scheme.slots ?? []) : []
    if (slot !== undefined && !slots.some((each) => each.slot === slot))
      throw invalid(options, `key ${id}: this scheme has no slot “${slot}”`)
    for (const time of [notBefore, notAfter]) {
      if (time !== undefined && Number.isNaN(time.getTime())) throw invalid(options, `key ${id}: a time is not valid`)
    }
    return {
      // The engine compares ids and prints them; it never takes them apart.
      id: id as Uuid,
      material,
      ...(slot === undefined ? {} : { slot }),
      ...(notBefore === undefined ? {} : { notBefore }),
      ...(notAfter === undefined ? {} : { notAfter }),
    }
  })
}

/** A marker that is forgotten while the request is still fresh lets it in again. */
function checkReplay(options: VerifierOptions, compiled: Verifier): void {
  const { replay } = options
  if (replay === undefined || compiled.kind !== 'signed' || compiled.scheme.timestamp === undefined) return
  const fresh = 2 * compiled.toleranceSeconds
  if (replay.ttlSeconds < fresh)
    throw invalid(options, `the replay store forgets after ${replay.ttlSeconds} s what can be fresh for ${fresh} s`)
}

function publicUrlOf(options: VerifierOptions, compiled: Verifier): string | undefined {
  const { publicUrl } = options
  if (publicUrl === undefined) {
    if (!signsUrl(compiled)) return undefined
    throw invalid(options, 'this scheme signs the address: give publicUrl as it was entered at the provider')
  }
  if (!/^https?:\/\/[^?#\s]+$/.test(publicUrl) || !URL.canParse(publicUrl))
    throw invalid(options, 'publicUrl must be an absolute http(s) address without query and fragment')
  return publicUrl
}

const URL_TOKENS: readonly string[] = ['url', 'url-unescaped', 'path-encoded']

function signsUrl(compiled: Verifier): boolean {
  if (compiled.kind === 'signed')
    return compiled.cases.some(({ templates }) => templates.flat().some(({ kind }) => URL_TOKENS.includes(kind)))
  return compiled.kind === 'jwt' && (compiled.covers.url || compiled.scheme.claims.queryHash !== undefined)
}

function invalid({ provider }: VerifierOptions, what: string): PosternError {
  return new PosternError('VALIDATION_ERROR', `${provider.name} webhooks cannot be verified: ${what}`)
}
