/** Text of a file in, IR out. Which lowering reads it follows from its name. */
import { type Grammars, languageOf } from './grammars.ts'
import type { Module } from './ir.ts'
import { lowerJavaScript } from './lower-javascript.ts'
import { lowerPython } from './lower-python.ts'
import { PARSE_LIMITS, parseSource } from './syntax.ts'

export type ParseOutcome =
  | { readonly is: 'module'; readonly module: Module }
  | { readonly is: 'refused'; readonly why: string }

export function parseModule(grammars: Grammars, text: string, file: string, now: () => number): ParseOutcome {
  const found = languageOf(file)
  if (found === undefined) return { is: 'refused', why: 'The language is not known.' }
  if (text.length > PARSE_LIMITS.maxBytes)
    return { is: 'refused', why: `The file is larger than ${PARSE_LIMITS.maxBytes} bytes.` }
  const parsed = parseSource(grammars.parserFor(found.grammar), text, now)
  if (parsed === undefined) return { is: 'refused', why: 'The file is too deep or takes too long to parse.' }
  const module =
    found.language === 'python' ? lowerPython(parsed, text, file) : lowerJavaScript(parsed, text, file, found.language)
  return { is: 'module', module }
}
