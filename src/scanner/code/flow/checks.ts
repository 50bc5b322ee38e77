/** A check of which nothing is known but its kind, its name and its place. */
import type { Check, CheckKind, Place } from './facts.ts'

export function bareCheck(kind: CheckKind, name: string, at: Place): Omit<Check, 'id' | 'via'> {
  return {
    kind,
    name,
    at,
    constantTime: undefined,
    over: 'unknown',
    secrets: [],
    digest: undefined,
    headers: [],
    provider: undefined,
    toleranceSeconds: undefined,
    throws: false,
    raisesOnOddInput: undefined,
    openWithout: [],
    trace: [],
  }
}
