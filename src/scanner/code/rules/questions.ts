/** What several rules ask of the facts of a surface. */

import { isActing } from '../flow/authorisation.ts'
import type { Check, CheckKind, Effect, Origin, Place, Reach, SurfaceFacts } from '../flow/facts.ts'
import { wordsOf } from '../knowledge/names.ts'

const PROVES_SENDER: ReadonlySet<CheckKind> = new Set([
  'signature',
  'token',
  'verifier',
  'delegated',
  'identity',
  'capability',
  'refetch',
])

export function provesSender(check: Check): boolean {
  return PROVES_SENDER.has(check.kind)
}

export function senderChecks(facts: SurfaceFacts): readonly Check[] {
  return facts.checks.filter(provesSender)
}

export function isAuthenticated(reach: Reach): boolean {
  return reach.passed.some(provesSender)
}

/** No check of the sender was made on this way, with whatever outcome. */
export function isUnasked(reach: Reach): boolean {
  return ![...reach.passed, ...reach.failed, ...reach.untested].some(provesSender)
}

/** Effects that matter; keeping a copy for the log is none. */
export function effectsOf(facts: SurfaceFacts): readonly Effect[] {
  return facts.effects.filter(
    ({ name, uses }) =>
      (!(KEEPS_SECRET.test(wordsOf(name).join('_')) && uses.some(({ kind }) => kind === 'header')) &&
        !BOOKKEEPING.test(wordsOf(name).join('_'))) ||
      // Bookkeeping adds; what is changed is the record of something.
      /^(?:update|delete)/i.test(name.split('.').at(-1) ?? ''),
  )
}
/** The handshake of a subscription brings the secret of all that follows in a header. */
const KEEPS_SECRET = /(?:^|_)(?:keep|save|store|set|put|remember|persist|register)_(?:\w+_)?secret$/
const BOOKKEEPING =
  /(?:^|_)(?:logs?|logger|logging|log_\w+)(?:_|$)|audit|metric|(?:^|_)trace|raw_?(?:event|payload|body|request)|debug|sentry|analytics|(?:^|_)track(?:er)?(?:_event|_usage|_metric|$)|counter|histogram|gauge|statsd|reject|quarantine|failed_?(?:webhook|event|attempt)/i

export const WHAT_FOLLOWS = 'what follows'

/**
 * What a receiver without an effect of its own gives to those it has verified: the answer. Code that goes on from there
 * is written, or will be, in the belief that it is guarded.
 */
export function effectsOrAnswers(facts: SurfaceFacts): readonly Pick<Effect, 'name' | 'reaches' | 'checkedAfter'>[] {
  const effects = effectsOf(facts)
  if (effects.some(({ reaches }) => reaches.some(isAuthenticated))) return effects
  // What follows the check is nothing but an answer; other effects belong to other requests.
  const answers = facts.uses
    .filter(({ kind, name, detail }) => kind === 'response' && name !== 'next' && detail === undefined)
    // The end of the function is reached by those that were refused, too.
    .filter(({ name, at, origins }) => !(name === 'return' && origins.length === 0 && isWhole(at, facts)))
    .filter(({ reaches }) => reaches.some(isAuthenticated))
  // Between a first check, a token's say, and the signature's stand refusals.
  const signed = answers.filter(({ reaches }) => reaches.some(({ passed }) => passed.some(isOverTheEvent)))
  return [
    ...effects,
    ...(signed.length > 0 ? signed : answers).map(({ reaches }) => ({
      name: WHAT_FOLLOWS,
      reaches,
      checkedAfter: [],
    })),
  ]
}

function isOverTheEvent({ kind }: Check): boolean {
  return kind === 'signature' || kind === 'verifier'
}

function isWhole(at: Place, { surface }: SurfaceFacts): boolean {
  return at.file === surface.module.file && at.line === surface.at.line && at.column === surface.at.column
}

const HANDS_ON: ReadonlySet<string> = new Set(['enqueue', 'opaque', 'send', 'insert', 'write', 'broadcast'])

/** Bytes and headers handed on unread: whoever takes them from the queue may verify. */
export function isHandedOn({ kind, uses }: Effect): boolean {
  return (
    HANDS_ON.has(kind) &&
    uses.some((origin) => origin.kind === 'raw-body') &&
    uses.some((origin) => origin.kind === 'header') &&
    // Next to all headers and the bytes the fields are but a convenience.
    (!uses.some((origin) => origin.kind === 'parsed-body') ||
      uses.some((origin) => origin.kind === 'header' && (origin.name === '*' || origin.name === '')))
  )
}

/** A whole message that is given to code out of sight whose name says no more than that it handles messages. */
export function isHandedMessage({ kind, name, uses }: Effect): boolean {
  const [verb, ...about] = wordsOf(name.split('.').at(-1) ?? '')
  return (
    kind === 'opaque' &&
    // A method of its own is in sight, or nearly.
    !/^(?:self|this)\.\w+$/.test(name) &&
    uses.every((origin) => origin.kind !== 'message' || origin.name === '*' || origin.name === '') &&
    HANDLES.test(verb ?? '') &&
    about.every((word) => MESSAGE.test(word))
  )
}
const HANDLES = /^(?:handle|handler|dispatch|dispatcher|route|process|receive|on|consume|accept)$/i
const MESSAGE =
  /^(?:ws|socket|web|client|incoming|inbound|raw|messages?|msg|events?|data|frames?|packets?|commands?|requests?|rpc|call|connection)$/i

export function handlerAt({ surface }: SurfaceFacts): Place {
  return { file: surface.module.file, ...surface.at }
}

/** Where the handler asks for what a helper finds: the helper does not know for whom. */
export function inHandler(
  { at, via }: { readonly at: Place; readonly via: readonly Place[] },
  facts: SurfaceFacts,
): Place {
  const { module, at: start } = facts.surface
  const first = via.find(({ file, line }) => file === module.file && line !== start.line)
  // A generator within the handler is the handler.
  const within = first !== undefined && at.file === module.file && at.line > start.line && at.line <= first.line
  return first === undefined || within ? at : { file: first.file, line: first.line, column: first.column }
}

/** One suspicion a place: several ways to the same line are one fault. */
export function oncePerPlace<T extends { readonly at: Place }>(suspicions: readonly T[]): readonly T[] {
  return [...new Map(suspicions.map((one) => [`${one.at.file}:${one.at.line}`, one])).values()]
}

/** The code has something that could be the missing check and could not be followed. */
export function couldBeElsewhere({ incomplete }: SurfaceFacts): boolean {
  return incomplete.length > 0
}

/** Names with the paths of their modules taken off, as the code writes them: `./pool.js.pool.query` is `pool.query`. */
export function readable(message: string): string {
  return message.replace(MODULE_PATH, (_, path: string, module: string, name: string, more: string) => {
    const isOurs = /^(?:[.~]|@\/)/.test(path)
    return !isOurs || module === name || more !== '' ? `${name}${more}` : `${module}.${name}`
  })
}
const MODULE_PATH = /((?:[@~.\w-]*\/)+)([\w-]+)(?:\.[cm]?[jt]sx?)?\.([\w$]+)((?:\.[\w$]+)?)/g

/** On this way it was asked whether the one who calls may. */
export function isBound({ passed, guards }: Reach): boolean {
  return (
    guards.includes('authorized') ||
    passed.some(
      ({ kind, name }) =>
        (kind === 'identity' && (/owner|authori|role/.test(name) || FOR_STAFF.test(name))) || kind === 'capability',
    )
  )
}

/** Those who run the site see the jobs of everybody. */
const FOR_STAFF =
  /(?:^|\.)(?:staff_member|superuser|admin)_(?:required|only)$|(?:^|\.)(?:require|requires|ensure)_?admin$/i

/** `user_of_token(request, job)`: who it is that comes for the job, not something done with it. */
function asksWho(name: string): boolean {
  const words = wordsOf(name.split('.').at(-1) ?? '')
  return (
    !isActing(words.join('_')) && words.some((word) => /^(?:users?|tokens?|callers?|principals?|viewers?)$/.test(word))
  )
}

function isNamedByRequest({ kind }: Origin): boolean {
  return kind === 'path' || kind === 'query' || kind === 'parsed-body' || kind === 'message'
}

/** Some answer or effect that is made of what was found comes without the owner having been compared. */
export function isExposed({ uses, effects, checks }: SurfaceFacts): boolean {
  const shown = [
    ...uses.filter(({ kind }) => kind === 'response' || kind === 'signed-url'),
    // The last use of the caller's own token is written down too, and is not what the address names.
    ...effects.filter(
      ({ kind, name, uses: made }) => made.some(isNamedByRequest) && (kind !== 'opaque' || !asksWho(name)),
    ),
  ].filter((one) => ('origins' in one ? one.origins : one.uses).some(({ kind }) => kind === 'stored'))
  // Nothing of it is seen again, as in a cancel: then an owner that is compared at all decides.
  if (shown.length === 0)
    return !checks.some(({ kind, name }) => kind === 'identity' && /owner|authori|role/.test(name))
  return shown.some(({ reaches }) => reaches.some((reach) => !isBound(reach)))
}
