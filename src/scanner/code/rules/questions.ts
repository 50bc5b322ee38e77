/** What several rules ask of the facts of a surface. */
import type { Check, CheckKind, Effect, Place, Reach, SurfaceFacts } from '../flow/facts.ts'

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
  return facts.effects.filter(({ name }) => !BOOKKEEPING.test(name))
}
const BOOKKEEPING =
  /log|audit|metric|trace|raw_?(?:event|payload|body|request)|debug|sentry|analytics|track|counter|histogram|gauge|statsd|reject|quarantine|failed_?(?:webhook|event|attempt)/i

/** Bytes and headers handed on unread: whoever takes them from the queue may verify. */
export function isHandedOn({ kind, uses }: Effect): boolean {
  return (
    (kind === 'enqueue' || kind === 'opaque' || kind === 'send' || kind === 'insert') &&
    uses.some((origin) => origin.kind === 'raw-body') &&
    uses.some((origin) => origin.kind === 'header') &&
    !uses.some((origin) => origin.kind === 'parsed-body')
  )
}

export function handlerAt({ surface }: SurfaceFacts): Place {
  return { file: surface.module.file, ...surface.at }
}

/** One suspicion a place: several ways to the same line are one fault. */
export function oncePerPlace<T extends { readonly at: Place }>(suspicions: readonly T[]): readonly T[] {
  return [...new Map(suspicions.map((one) => [`${one.at.file}:${one.at.line}`, one])).values()]
}

/** The code has something that could be the missing check and could not be followed. */
export function couldBeElsewhere({ incomplete }: SurfaceFacts): boolean {
  return incomplete.length > 0
}
