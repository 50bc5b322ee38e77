/** A message of several sentences: the first is what was found, the others are more of it. */
const FIRST = /^(.{20,200}?[.!?])\s+(?=\p{Lu}|“)(.*)$/su

/** As a heading. */
export function headline(message: string): string {
  return FIRST.exec(message)?.[1] ?? message
}

export function restOf(message: string): string {
  return FIRST.exec(message)?.[2] ?? ''
}
