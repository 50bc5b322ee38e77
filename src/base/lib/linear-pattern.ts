/** Patterns that users write: RE2, which takes a time linear in the text, and no more of it than can be paid. */
import { RE2JS } from '@bufbuild/re2'

/** A state of the automaton takes as long to make as the pattern has instructions, and each character may need a new one. */
const MAX_INSTRUCTIONS = 250

export interface LinearPattern {
  readonly instructions: number
  /** Whether it occurs anywhere in the text. */
  test(text: string): boolean
  /** The pattern itself: whoever keeps several tells them apart by it. */
  toString(): string
}

/** @throws Error Its message is about the pattern alone. */
export function compilePattern(pattern: string): LinearPattern {
  const compiled = RE2JS.compile(pattern)
  const instructions = compiled.re2Input.prog.numInst()
  if (instructions > MAX_INSTRUCTIONS) throw new Error('it repeats too much')
  return { instructions, test: (text) => compiled.test(text), toString: () => pattern }
}
