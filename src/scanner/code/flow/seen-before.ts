/** Which values tell one delivery from another, and which names ask or say that one was seen. */
import { wordsOf } from '../knowledge/names.ts'
import type { Origin } from './facts.ts'

/** The event's own id, not that of something it speaks of. */
export function isEventId(origins: readonly Origin[]): boolean {
  return origins.some(
    (origin) =>
      (origin.kind === 'parsed-body' &&
        /^(?:\w*event\w*\.|data\.|meta\.)?(?:id|uuid|\w*event_?id|\w*delivery_?id|\w*message_?id|webhook_?id|nonce)$/i.test(
          origin.path,
        )) ||
      (origin.kind === 'header' && /id$|delivery|idempotency|nonce/.test(origin.name)) ||
      origin.kind === 'digest',
  )
}

/** Who is given the event's id among other things can tell a copy from the next. */
export function tellsCopies(uses: readonly Origin[]): boolean {
  return uses.length > 1 && isEventId(uses.filter(({ kind }) => kind === 'parsed-body'))
}

/** The row holds the sender's own number of the thing, on which a unique key is likely; the schema is not in sight. */
export function isKeyed(origins: readonly Origin[]): boolean {
  // Of a record that was looked up nobody knows which of its fields these are.
  if (origins.some(({ kind }) => kind === 'stored')) return false
  return origins.some(
    (origin) =>
      origin.kind === 'parsed-body' &&
      /(?:^|\.)(?:id|uuid|guid|sid|reference|number)$|(?:payment|order|charge|transaction|txn|trx|invoice|session|checkout|event|message|refund|delivery|subscription)_?(?:id|sid|uuid|ref|reference|number)$/i.test(
        origin.path,
      ),
  )
}

/** What is asked of code out of sight with the event's id: whether it is known, or to take it down and say so. */
export function seenBefore(written: string, used: boolean): 'lookup' | 'insert' | undefined {
  const [last = '', owner = ''] = written.split('.').reverse()
  const words = wordsOf(last).join('_')
  // `StripeEvent.record!(…)` says it with both names.
  const both = /^[A-Z]\w*$/.test(owner) ? `${words}_${wordsOf(owner).join('_')}` : words
  if (used ? TAKES_DOWN.test(words) || TAKES_DOWN.test(both) : both !== words && TAKES_DOWN.test(both)) return 'insert'
  return used && KNOWS.test(words) ? 'lookup' : undefined
}
const TAKES_DOWN =
  /^(?:try_)?(?:record|mark|claim|register|reserve|acquire|remember|dedupe|begin|lock|take|insert|save|store)_(?:\w+_)?(?:events?|web_?hooks?|delivery|deliveries|message|processed|seen|idempotency\w*|notification)(?:_\w+)?$/
const KNOWS =
  /(?:^|_)(?:seen|processed|duplicate|dup|handled|already|replayed|known)(?:_|$)|^(?:find|get|has|exists|lookup|check)_(?:\w+_)?(?:event|web_?hook|delivery|idempotency\w*)(?:_\w+)?$|^(?:\w+_)?(?:event|web_?hook|delivery|message|notification|update)_exists$/
