/**
 * What the flow analysis reports of one surface. Rules read these and nothing else: they know no syntax.
 *
 * Everything is seen per path. An effect knows, for each distinct way to reach it, which checks had passed, which had
 * failed or were never asked for their result, and what was assumed on the way ("the secret is empty").
 */
import type { DiscoveredSurface } from '../surface.ts'

export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Where a value came from; a value has several when it was put together. */
export type Origin =
  | { readonly kind: 'raw-body' }
  /** `path` is the way down from the body, such as `data.object.id`; empty for the whole. */
  | { readonly kind: 'parsed-body'; readonly path: string }
  /** Parsed and written out again. */
  | { readonly kind: 'reserialised' }
  /** `inside`: a field of what code out of sight made of the body and this header. It may decide like the header; it does not show it. */
  | { readonly kind: 'header'; readonly name: string; readonly inside?: true }
  | { readonly kind: 'query'; readonly name: string }
  | { readonly kind: 'path'; readonly name: string }
  | { readonly kind: 'cookie'; readonly name: string }
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'message'; readonly name: string }
  | { readonly kind: 'secret'; readonly secret: Secret }
  | { readonly kind: 'digest'; readonly digest: Digest }
  | { readonly kind: 'now' }
  | { readonly kind: 'identity' }
  /** `at`: where its text was taken out. */
  | { readonly kind: 'exception'; readonly at?: Place }
  | { readonly kind: 'stored' }
  | { readonly kind: 'fetched' }
  | { readonly kind: 'method' }
  | { readonly kind: 'url' }

export type OriginKind = Origin['kind']

/** `empty-default`: reading it gives an empty text when it is not set; `checked`: start or request stops without it. */
export interface Secret {
  readonly from: 'env' | 'config' | 'literal' | 'lookup' | 'parameter'
  readonly name: string
  readonly literal?: string
  /** The text that stands in when the environment has none. */
  readonly fallback?: string
  /** Reading it, or the start, fails without it. */
  readonly required?: boolean
  /** `lookup`: what the record was found by. */
  readonly chosenBy?: readonly Origin[]
  readonly at: Place
}

export interface Digest {
  readonly at: Place
  readonly keyed: boolean
  readonly algorithm: string | undefined
  readonly algorithmFrom: readonly Origin[]
  readonly key: readonly Origin[]
  readonly input: readonly Origin[]
}

export type CheckKind =
  /** A digest under a secret against something from the request. */
  | 'signature'
  /** A secret against something from the request. */
  | 'token'
  /** A provider's own verifier, or a public-key check. */
  | 'verifier'
  /** Code that cannot be followed, given what a verifier needs. */
  | 'delegated'
  /** A login: session, user, JWT of ours, an access guard. */
  | 'identity'
  /** The token or id in the address selects a stored secret record. */
  | 'capability'
  /** The event is fetched again from the provider and that answer is used. */
  | 'refetch'
  | 'address'

export type SignedOver = 'raw' | 'parsed' | 'reserialised' | 'raw-or-reserialised' | 'fields' | 'none' | 'unknown'

export interface Check {
  readonly id: number
  readonly kind: CheckKind
  /** As a reader would name it, such as `hmac.compare_digest` or `stripe.webhooks.constructEvent`. */
  readonly name: string
  readonly at: Place
  readonly constantTime: boolean | undefined
  readonly over: SignedOver
  readonly secrets: readonly Secret[]
  readonly digest: Digest | undefined
  /** Which of the two that are compared came with the request; `undefined` for every other kind of check. */
  readonly given?: 'left' | 'right'
  /** Headers the given signature or token came from, lower case. */
  readonly headers: readonly string[]
  readonly provider: string | undefined
  /** The verifier itself refuses old timestamps; seconds, or `undefined` when it does not or nobody knows. */
  readonly toleranceSeconds: number | undefined
  readonly throws: boolean
  /** It raises on a missing, odd or non-ASCII signature: what the platform's constant-time function does. */
  readonly raisesOnOddInput: 'length' | 'type' | undefined
  /** Secrets without which it can be passed: an empty key, or nothing that equals nothing. */
  readonly openWithout: readonly Secret[]
  /** `identity`: a cookie or session shows it, which browsers send whoever asks. */
  readonly byCookie?: boolean
  /** Where its result is dropped. */
  readonly droppedAt?: Place
  /** The calls that lead to it, outermost first; empty in the code of a middleware or handler itself. */
  readonly via: readonly CallSite[]
  readonly trace: readonly TraceNote[]
}

/** A call of the project's own code; `answers` when something comes back from it that can be asked. */
export interface CallSite extends Place {
  readonly answers: boolean
}

export interface TraceNote extends Place {
  readonly message: string
}

export type AssumptionKind =
  | 'secret-missing'
  | 'header-missing'
  | 'environment'
  | 'exception-swallowed'
  | 'setting'
  | 'method'
  | 'challenge'

export interface Assumption {
  readonly kind: AssumptionKind
  readonly subject: string
  readonly at: Place
}

export interface FreshnessCheck {
  readonly at: Place
  readonly sides: 'past' | 'both' | 'unknown'
  readonly toleranceSeconds: number | undefined
  /** The timestamp is part of what was signed; `undefined` when the signature could not be followed. */
  readonly signed: boolean | undefined
  readonly timestamp: readonly Origin[]
}

export interface DedupeClaim {
  readonly at: Place
  readonly kind: 'atomic' | 'lookup' | 'memory' | 'store' | 'upsert' | 'insert'
  readonly key: readonly Origin[]
  readonly name: string
}

export type EffectKind =
  | 'write'
  | 'increment'
  | 'insert'
  | 'upsert'
  | 'delete'
  | 'enqueue'
  | 'send'
  | 'execute'
  | 'broadcast'
  /** A call that cannot be followed and is given data of the request. */
  | 'opaque'

/** One way to reach an effect. */
export interface Reach {
  readonly passed: readonly Check[]
  readonly failed: readonly Check[]
  readonly untested: readonly Check[]
  readonly assumptions: readonly Assumption[]
  readonly fresh: readonly FreshnessCheck[]
  readonly claims: readonly DedupeClaim[]
  readonly guards: readonly string[]
}

export interface Effect {
  /** The connection of a socket is kept under what the address names: it is sent what is meant for that. */
  readonly keepsSocket?: true
  /** A message of a socket sets it off. */
  readonly ofMessage?: true
  /** Of a call out of sight: its answer is used, and its name says nothing of doing. */
  readonly asks?: true
  readonly kind: EffectKind
  readonly name: string
  readonly at: Place
  /** Of its arguments. */
  readonly uses: readonly Origin[]
  /** The callee is neither in the project nor imported, or is imported from code that cannot be followed. */
  readonly opaque: 'undefined' | 'imported' | 'member' | undefined
  readonly repeatable: boolean
  /** As in `Check`. */
  readonly via: readonly CallSite[]
  readonly reaches: readonly Reach[]
  /** Checks that some path makes only after it. */
  readonly checkedAfter: readonly Check[]
}

export interface ValueUse {
  readonly kind: 'fetch' | 'redirect' | 'lookup' | 'log' | 'leak' | 'response' | 'store-url' | 'signed-url' | 'job-read'
  readonly name: string
  readonly at: Place
  readonly origins: readonly Origin[]
  readonly reaches: readonly Reach[]
  /** As in `Check`. */
  readonly via: readonly CallSite[]
  /** `lookup`, `job-read`: the owner is part of the question or is compared afterwards. `fetch`, `redirect`: validated. */
  readonly guarded: boolean
  readonly detail?: string
  readonly seconds?: number | undefined
}

export interface SurfaceFacts {
  readonly surface: DiscoveredSurface
  readonly checks: readonly Check[]
  readonly digests: readonly Digest[]
  readonly freshness: readonly FreshnessCheck[]
  readonly claims: readonly DedupeClaim[]
  readonly effects: readonly Effect[]
  readonly uses: readonly ValueUse[]
  /** Names of headers read, lower case; payload fields read, dotted. */
  readonly headersRead: readonly string[]
  readonly fieldsRead: readonly string[]
  /** Payload fields that decide which branch runs. */
  readonly testedFields: readonly string[]
  readonly readsBody: boolean
  readonly readAt: Place | undefined
  /** Where messages of a socket are parsed. */
  readonly messagesParsedAt: readonly Place[]
  /** Where the body is read without any bound, in code that bounds it itself or not at all. */
  readonly unboundedAt?: Place | undefined
  /** What was noted on any way: `rate-limited`, `schema-validated`, `origin-checked`, `authorized`, `claim-released`, … */
  readonly guards: readonly string[]
  /** Something security needs could not be followed; a rule that would say "missing" must then stay silent. */
  readonly incomplete: readonly TraceNote[]
  /** The files whose code was run: a change elsewhere changes nothing of this. */
  readonly visited: ReadonlySet<string>
  /** The clock stopped the examination: on a quieter machine it might see more. */
  readonly hurried: boolean
}
