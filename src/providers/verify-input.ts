/** What the families of schemes verify with. */
import type { PreparedKey } from './compile.ts'
import type { Reading } from './reading.ts'
import type { Remote } from './remote.ts'

/** Milliseconds since the epoch, or a spelt-out decision not to check any window (stored vectors without a clock). */
export type Clock = number | 'no-clock'

export interface VerifyInput {
  readonly reading: Reading
  readonly keys: readonly PreparedKey[]
  readonly now: Clock
  readonly remote: Remote
}
