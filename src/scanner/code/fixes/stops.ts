/** How code stops when it lacks what it needs: at start by an error, in a request by an answer where errors are not caught. */
import type { ClassifiedSurface } from '../classify.ts'
import type { Language } from '../parse/ir.ts'
import { fieldOf, namedOf, type SyntaxNode } from '../parse/syntax.ts'
import { semicolonOf } from './imports-script.ts'
import { roleAround } from './role-around.ts'
import { functionAround, quoteOf, type SourceFile } from './source-file.ts'

export interface Stop {
  readonly lines: readonly string[]
}

/** @param name What is missing, for whoever reads the error. */
export function stopIn(
  source: SourceFile,
  node: SyntaxNode,
  surface: ClassifiedSurface,
  name: string,
): Stop | undefined {
  const quote = quoteOf(source)
  const message = `${quote}${name} is not set${quote}`
  switch (source.language) {
    case 'python':
      return { lines: [`raise RuntimeError(${message})`] }
    case 'ruby':
      return { lines: [`raise ${message}`] }
    case 'java':
      return { lines: [`throw new IllegalStateException("${name} is not set");`] }
    case 'php':
      return {
        lines: surface.facts.surface.framework === 'laravel' ? ['abort(500);'] : ['http_response_code(500);', 'exit;'],
      }
    case 'go':
      return goStop(source, node)
    default:
      return scriptStop(source, node, surface, message)
  }
}

function scriptStop(source: SourceFile, node: SyntaxNode, surface: ClassifiedSurface, message: string): Stop {
  const end = semicolonOf(source)
  const fails = { lines: [`throw new Error(${message})${end}`] }
  if (functionAround(source, node) === undefined) return fails
  const { framework } = surface.facts.surface
  const answer = roleAround(source, node, surface, framework === 'koa' || framework === 'hono' ? 'context' : 'response')
  if (answer === undefined) return fails
  switch (framework) {
    case 'express':
      return { lines: [`return ${answer}.sendStatus(500)${end}`] }
    case 'fastify':
      return { lines: [`return ${answer}.code(500).send()${end}`] }
    case 'koa':
      return { lines: [`${answer}.throw(500)${end}`] }
    case 'hono':
      return { lines: [`return ${answer}.body(null, 500)${end}`] }
    default:
      return fails
  }
}

/** `net/http`, gin and echo, told by the types of the parameters. */
function goStop(source: SourceFile, node: SyntaxNode): Stop | undefined {
  const fn = functionAround(source, node)
  const parameters = fn === undefined ? undefined : fieldOf(fn, 'parameters')
  for (const parameter of parameters === undefined ? [] : namedOf(parameters)) {
    const [name, type] = [fieldOf(parameter, 'name'), fieldOf(parameter, 'type')]
    if (name === undefined || type === undefined) continue
    const it = source.textOf(name)
    switch (source.textOf(type)) {
      case 'http.ResponseWriter':
        return { lines: [`http.Error(${it}, "not configured", http.StatusInternalServerError)`, 'return'] }
      case '*gin.Context':
        return { lines: [`${it}.AbortWithStatus(500)`, 'return'] }
      case 'echo.Context':
        return { lines: [`return ${it}.NoContent(500)`] }
    }
  }
  return undefined
}

/** In place of a statement that let the request through. */
export function refusal(source: SourceFile, { lines }: Stop, answersYes: boolean): string {
  // An error of a helper is not caught everywhere; its no is understood by whoever understood its yes.
  if (answersYes && (source.language === 'javascript' || source.language === 'typescript')) return 'return false'
  return lines.join(source.lineEnd)
}

/** True without a value, whether it is missing or empty. */
export function emptyTest(language: Language, name: string): string | undefined {
  switch (language) {
    case 'python':
      return `not ${name}`
    case 'go':
      return name.includes('(') ? `${name} == ""` : `len(${name}) == 0`
    case 'ruby':
      return `${name}.to_s.empty?`
    case 'java':
      return undefined
    default:
      return `!${name}`
  }
}

export function guard(source: SourceFile, { lines }: Stop, test: string, indent: string): string {
  const { lineEnd, indent: step, language } = source
  const [only, ...more] = lines
  const body = lines.map((line) => `${indent}${step}${line}`)
  if (language === 'python') return [`${indent}if ${test}:`, ...body].join(lineEnd)
  if (language === 'ruby') return `${indent}${lines.join('; ')} if ${test}`
  if (language === 'go') return [`${indent}if ${test} {`, ...body, `${indent}}`].join(lineEnd)
  if (language === 'php' || more.length > 0) return [`${indent}if (${test}) {`, ...body, `${indent}}`].join(lineEnd)
  return `${indent}if (${test}) ${only ?? ''}`
}
