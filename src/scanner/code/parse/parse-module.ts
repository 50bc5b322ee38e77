/** Text of a file in, IR out. Which lowering reads it follows from its name. */
import type { Grammars } from './grammars.ts'
import type { Language, Module } from './ir.ts'
import { languageOf } from './languages.ts'
import { lowerGo } from './lower-go.ts'
import { lowerJava } from './lower-java.ts'
import { lowerJavaScript } from './lower-javascript.ts'
import { lowerPhp } from './lower-php.ts'
import { lowerPython } from './lower-python.ts'
import { lowerRuby } from './lower-ruby.ts'
import { PARSE_LIMITS, type Parsed, parseSource } from './syntax.ts'

export type ParseOutcome =
  | { readonly is: 'module'; readonly module: Module }
  /** `lasting`: for what the file is, and not for how long it took. */
  | { readonly is: 'refused'; readonly why: string; readonly lasting: boolean }

export function parseModule(grammars: Grammars, text: string, file: string, now: () => number): ParseOutcome {
  const found = languageOf(file)
  if (found === undefined) return { is: 'refused', why: 'The language is not known.', lasting: true }
  if (text.length > PARSE_LIMITS.maxBytes)
    return { is: 'refused', why: `The file is larger than ${PARSE_LIMITS.maxBytes} bytes.`, lasting: true }
  const parsed = parseSource(grammars.parserFor(found.grammar), text, now)
  if (parsed === undefined)
    return { is: 'refused', why: 'The file is too deep or takes too long to parse.', lasting: false }
  return { is: 'module', module: lower(found.language, parsed, text, file) }
}

function lower(language: Language, parsed: Parsed, text: string, file: string): Module {
  switch (language) {
    case 'python':
      return lowerPython(parsed, text, file)
    case 'go':
      return lowerGo(parsed, text, file)
    case 'java':
      return lowerJava(parsed, text, file)
    case 'ruby':
      return lowerRuby(parsed, text, file)
    case 'php':
      return lowerPhp(parsed, text, file)
    default:
      return lowerJavaScript(parsed, text, file, language)
  }
}
