/**
 * Sentences in scanned material that speak to whoever reviews it. Reviewed text is data: they change nothing,
 * and that somebody wrote them is worth knowing.
 */
import type { Location } from '../../catalogue/evidence.ts'

/** Bounded quantifiers only: the text is hostile by assumption. */
const PATTERNS: readonly RegExp[] = [
  /\b(ignore|disregard|forget|override)\b.{0,40}\b(previous|prior|above|earlier|all|any|your|these)\b.{0,40}\b(instructions?|rules?|checks?|findings?|prompts?|guidelines?|policy)\b/i,
  /\b(mark|report|treat|rate|classify|score|grade|consider|accept|approve|declare|label)\b.{0,60}\b(as|is)\b.{0,12}\b(secure|safe|clean|passed|passing|compliant|not vulnerable)\b/i,
  /\b(ai|llm|assistant|language model|reviewer|scanner|auditor|agent)s?\b.{0,40}\b(must|should|please|shall)\b.{0,20}\b(ignore|skip|approve|pass|suppress|trust)\b/i,
  /\byou are (now )?(an? )?(ai|assistant|language model|helpful|security (scanner|reviewer|auditor))/i,
  /\bdo not (report|flag|mention|raise|list)\b.{0,40}\b(finding|issue|vulnerabilit|problem|this|anything|any)/i,
  /\b(system prompt|new instructions|begin instructions|<\s*\/?\s*(system|instructions?)\s*>)/i,
]

/** Every pattern needs one of these words: most lines are dismissed by one look. */
const HINT =
  /\b(ignore|disregard|forget|override|mark|report|treat|rate|classify|score|grade|consider|accept|approve|declare|label|must|should|please|shall|you are|do not|prompt|instructions?)\b/i

const MAX_LINE = 2000
const MAX_FOUND = 20

export function findInstructions(text: string, file: string): readonly Location[] {
  if (!HINT.test(text)) return []
  const found: Location[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (found.length >= MAX_FOUND) break
    const start = HINT.test(line) ? firstMatch(line.slice(0, MAX_LINE)) : undefined
    if (start !== undefined) found.push({ file, line: index + 1, column: start + 1 })
  }
  return found
}

function firstMatch(line: string): number | undefined {
  const starts = PATTERNS.flatMap((pattern) => pattern.exec(line)?.index ?? [])
  return starts.length === 0 ? undefined : Math.min(...starts)
}
