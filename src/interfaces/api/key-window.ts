/**
 * Which keys may match now, and which still will.
 */
interface Window {
  readonly notBefore: Date | null
  readonly notAfter: Date | null
}

export function activeKeys<K extends Window>(keys: readonly K[], now: Date): readonly K[] {
  return keys.filter((key) => (key.notBefore === null || key.notBefore <= now) && !hasPassed(key, now))
}

/** Active now or later. */
export function livingKeys<K extends Window>(keys: readonly K[], now: Date): readonly K[] {
  return keys.filter((key) => !hasPassed(key, now))
}

function hasPassed({ notAfter }: Window, now: Date): boolean {
  return notAfter !== null && notAfter <= now
}
