/**
 * `timingSafeEqual`, in a function of its own: it raises on other lengths, and only knows bytes. What is no text equals
 * nothing there, so that a missing header never equals a missing secret.
 */
import type { Comparison, Replacement } from './comparison.ts'
import { inserted } from './edits.ts'
import { imports, scriptName, semicolonOf } from './imports-script.ts'
import { mentions, type SourceFile } from './source-file.ts'

const CRYPTO = ['node:crypto', 'crypto'] as const

export function scriptComparison(
  source: SourceFile,
  { left, right, gap, negated, framework }: Comparison,
): Replacement | undefined {
  if (!runsOnNode(source, framework)) return undefined
  const equal = scriptName(source, 'timingSafeEqual', CRYPTO)
  const name = ['isSameText', 'isSameSecretText'].find((one) => !mentions(source, one))
  const known = ownComparison(source)
  if (equal === undefined || (known === undefined && name === undefined)) return undefined
  const call = `${known ?? name}(${source.textOf(left)}${gap}${source.textOf(right)})`
  return {
    text: negated ? `!${call}` : call,
    uses: equal.name,
    more: known === undefined ? [...equal.edits, atEnd(source, helper(source, name ?? '', equal.name))] : [],
  }
}

/** Edge platforms have no `node:crypto`; a file that already imports it runs where it is. */
function runsOnNode(source: SourceFile, framework: string): boolean {
  if (imports(source).some(({ from }) => CRYPTO.some((one) => one === from))) return true
  return framework !== 'hono' && !EDGE.test(source.text)
}

const EDGE =
  /crypto\.subtle|\bruntime\b.{0,20}['"](?:experimental-)?edge['"]|export default \{[^}]*\bfetch\b|addEventListener\(['"]fetch/

/** The function of an earlier fix. */
function ownComparison(source: SourceFile): string | undefined {
  const own = source
    .all('function_declaration')
    .find((node) => /^function isSame(?:Secret)?Text\(/.test(source.textOf(node)))
  return own === undefined ? undefined : /isSame\w+/.exec(source.textOf(own))?.[0]
}

function helper(source: SourceFile, name: string, equal: string): string {
  const typed = source.language === 'typescript'
  const quote = source.text.includes('"') && !source.text.includes("'") ? '"' : "'"
  const end = semicolonOf(source)
  const step = source.indent
  return [
    `/** In constant time; nothing that is no text equals anything. */`,
    `function ${name}(a${typed ? ': unknown' : ''}, b${typed ? ': unknown' : ''})${typed ? ': boolean' : ''} {`,
    `${step}if (typeof a !== ${quote}string${quote} || typeof b !== ${quote}string${quote}) return false${end}`,
    `${step}const left = Buffer.from(a)${end}`,
    `${step}const right = Buffer.from(b)${end}`,
    `${step}return left.length === right.length && ${equal}(left, right)${end}`,
    '}',
  ].join(source.lineEnd)
}

/** A function declaration is known everywhere in its module: at its end it disturbs nobody. */
export function atEnd(source: SourceFile, text: string): ReturnType<typeof inserted> {
  const { text: all, lineEnd } = source
  const gap = all.endsWith('\n') ? lineEnd : lineEnd.repeat(2)
  return inserted(source, all.length, `${gap}${text}${lineEnd}`)
}
