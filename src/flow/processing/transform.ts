/**
 * Transforms: the body a destination is sent, as a JSONata expression over the event.
 *
 * JSON in, JSON out, and nothing else: an expression reaches no clock, no chance, no network and no other event, and the
 * same event always gives the same body. It runs in a sandbox in a thread of its own; whatever it does, it ends, and
 * others go on. Where it gives no body there is a reason, and the event waits for somebody.
 *
 * Boundary: knows an event as a document; knows nothing of routes or deliveries.
 */
import { LRUCache } from 'lru-cache'
import type { TransformFailure } from '../../base/model/event.ts'
import type { EventDocument } from './event-document.ts'
import { type Position, positionAt } from './filter-expression.ts'
import { openTransformPool, type PoolOptions } from './transform-pool.ts'
import type { SandboxLimits } from './transform-sandbox.ts'

/** UTF-16 units. */
export const MAX_TRANSFORM_LENGTH = 16_000

/** What is wrong with a transform, in words for its author. Quotes the expression and never the event. */
export interface TransformError extends Position {
  readonly message: string
}

export type TransformCompilation = { readonly ok: true } | { readonly ok: false; readonly error: TransformError }

export type TransformResult =
  /** JSON text, UTF-8: the new body, to be sent as `application/json`. */
  | { readonly ok: true; readonly body: string }
  | { readonly ok: false; readonly reason: TransformFailure; readonly error: TransformError }

export interface Transforms {
  /** Checks an expression before it is saved. @param owner As for `run`. */
  readonly compile: (text: string, owner: string) => Promise<TransformCompilation>
  /**
   * Never rejects. The same text and document always give the same result, except that a machine out of breath may
   * give `transform_exceeded`.
   *
   * @param owner The tenant: expressions of different owners share no sandbox, and none gets more than half of the threads.
   */
  readonly run: (text: string, document: EventDocument, owner: string) => Promise<TransformResult>
  readonly close: () => Promise<void>
}

/** An ordinary transform of a 100 KB body takes about ten turns and a few megabytes. */
const DEFAULT_LIMITS: SandboxLimits = {
  maxTurns: 300,
  maxMemoryBytes: 64 * 1024 * 1024,
  maxOutputBytes: 1024 * 1024,
}

/** Several times what the turns take on a busy machine: only what cannot be interrupted from inside gets this far. */
const KILL_AFTER_MS = 5_000

/** What took too long so often in a row rests for a minute: every event would wait for it to take too long again. */
const STRIKES = 3
const REST_MS = 60_000

export interface TransformOptions {
  /** At least two, so that one owner never has all of them. */
  readonly threads?: number
  readonly limits?: Partial<SandboxLimits>
  readonly killAfterMs?: PoolOptions['killAfterMs']
}

export function openTransforms({
  threads = 2,
  limits,
  killAfterMs = KILL_AFTER_MS,
}: TransformOptions = {}): Transforms {
  const pool = openTransformPool({ threads, limits: { ...DEFAULT_LIMITS, ...limits }, killAfterMs })
  /** How often in a row. */
  const exceeded = new LRUCache<string, number>({ max: 1000, ttl: REST_MS })
  return {
    async compile(text, owner) {
      if (text.length > MAX_TRANSFORM_LENGTH) return { ok: false, error: tooLong(text) }
      const answer = await pool.submit({ owner, text })
      if (answer !== 'lost' && answer.ok) return { ok: true }
      const found = answer !== 'lost' && 'message' in answer ? answer : { message: EXCEEDED, position: 0 }
      return { ok: false, error: { message: found.message, ...place(text, found.position) } }
    },
    async run(text, document, owner) {
      if (text.length > MAX_TRANSFORM_LENGTH) return { ok: false, reason: 'transform_failed', error: tooLong(text) }
      const key = JSON.stringify([owner, text])
      const strikes = exceeded.get(key) ?? 0
      if (strikes >= STRIKES) return failed(text, 'transform_exceeded')
      const answer = await pool.submit({ owner, text, run: inputOf(document) })
      if (answer === 'lost' || ('reason' in answer && answer.reason === 'transform_exceeded')) {
        exceeded.set(key, strikes + 1)
        return failed(text, 'transform_exceeded', answer === 'lost' ? {} : answer)
      }
      exceeded.delete(key)
      if (answer.ok) return 'output' in answer ? { ok: true, body: answer.output } : failed(text, 'transform_empty')
      if ('message' in answer)
        return {
          ok: false,
          reason: 'transform_failed',
          error: { message: answer.message, ...place(text, answer.position) },
        }
      return failed(text, answer.reason, answer)
    },
    close: () => pool.close(),
  }
}

function inputOf({ method, path, query, headers, body, attributes }: EventDocument): {
  readonly input: string
  readonly bindings: string
  readonly time: number
} {
  const bindings = {
    method,
    path,
    query: Object.fromEntries(query),
    headers: Object.fromEntries(headers),
    attributes,
  }
  return { input: JSON.stringify(body ?? null), bindings: JSON.stringify(bindings), time: attributes.time.getTime() }
}

function tooLong(text: string): TransformError {
  return { message: `A transform has at most ${MAX_TRANSFORM_LENGTH} characters.`, ...positionAt(text, 0) }
}

const EXCEEDED = 'This takes too much time or memory, or it recurses too deep.'

function failed(
  text: string,
  reason: TransformFailure,
  { code, position = 0 }: { readonly code?: string; readonly position?: number } = {},
): TransformResult {
  const message = code === undefined ? MESSAGES[reason] : `${MESSAGES[reason]} JSONata calls it ${code}.`
  return { ok: false, reason, error: { message, ...place(text, position) } }
}

const MESSAGES: Readonly<Record<TransformFailure, string>> = {
  transform_failed: 'The expression cannot be evaluated with what the event holds.',
  transform_exceeded: EXCEEDED,
  transform_empty: 'The expression gives nothing: what it reads is absent from the event, or it gives a function.',
  transform_too_large: 'The body that the expression makes is larger than a body may be.',
}

/** JSONata counts to the end of the token that it means. */
function place(text: string, position: number): Position {
  return positionAt(text, Math.max(0, position - 1))
}
