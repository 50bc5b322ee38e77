/**
 * `verified` of `postern/verify/express` in front of a handler that nothing guards, where the address names a provider whose
 * secret is all that is needed, and where the package is installed: code that does not start is no fix.
 */
import { findProvider, providers } from '../../../providers/registry.ts'
import { fieldOf, namedOf, type SyntaxNode } from '../parse/syntax.ts'
import { type Draft, type Edit, inserted, replaced } from './edits.ts'
import type { Fault, Sources } from './fixer.ts'
import { isCommonJs, scriptName, semicolonOf } from './imports-script.ts'
import { keptByParser } from './raw-body-script.ts'
import { indentAt, mentions, quoteOf, type SourceFile, statementAround } from './source-file.ts'

export function adapter(fault: Fault, sources: Sources): readonly Draft[] {
  const { surface } = fault.surface.facts
  const source = sources(surface.module.file)
  const provider = providerOf(surface.path ?? '')
  if (surface.framework !== 'express' || source === undefined || provider === undefined) return []
  if (!sources.installed(source.file, 'postern')) return []
  const call = source.nodesAt(surface.at).find((node) => node.type === 'call_expression' && isRoute(source, node))
  const args = call === undefined ? [] : namedOf(fieldOf(call, 'arguments') ?? call)
  const statement = call === undefined ? undefined : statementAround(source, call)
  const [path, ...handlers] = args
  const name = `${camelCase(provider)}Webhooks`
  const scheme = `${camelCase(provider)}Scheme`
  if (path?.type !== 'string' || handlers.length === 0 || statement === undefined) return []
  if ([name, scheme, 'createVerifier', 'memoryReplayStore'].some((one) => mentions(source, one))) return []

  const make = scriptName(source, 'createVerifier, memoryReplayStore', ['postern/verify'])
  const guard = scriptName(source, 'verified', ['postern/verify/express'])
  const data = scriptName(source, `${camelCase(provider)}${isCommonJs(source) ? ':' : ' as'} ${scheme}`, [
    `postern/verify/providers/${provider}`,
  ])
  const inFront = inFrontOf(source, path, handlers, fault, sources)
  if (make === undefined || guard === undefined || data === undefined || inFront === undefined) return []
  const [quote, end, step] = [quoteOf(source), semicolonOf(source), source.indent]
  const verifier = [
    `const ${name} = createVerifier({`,
    `${step}provider: ${scheme},`,
    `${step}secret: process.env.${variableOf(provider)},`,
    `${step}replay: memoryReplayStore(),`,
    `})${end}`,
  ]
  const indent = indentAt(source, statement)
  const lines = verifier.join(`${source.lineEnd}${indent}`)
  return [
    {
      description: `Puts ${quote}verified${quote} of postern/verify in front of the handler: signature, age and copies are checked with the secret in ${variableOf(provider)}.`,
      edits: together([
        ...make.edits,
        ...guard.edits,
        ...data.edits,
        inserted(source, statement.start, `${lines}${source.lineEnd}${indent}`),
        ...inFront(`${guard.name}(${name})`),
      ]),
    },
  ]
}

/** In place of the route's own parsers, whose work it does; a parser of the whole application must keep the bytes. */
function inFrontOf(
  source: SourceFile,
  path: SyntaxNode,
  handlers: readonly SyntaxNode[],
  fault: Fault,
  sources: Sources,
): ((guard: string) => readonly Edit[]) | undefined {
  const parsers = handlers.filter((one) =>
    /^(?:express|bodyParser)\.(?:json|raw|text|urlencoded)\(/.test(source.textOf(one)),
  )
  const [own, ...more] = parsers
  if (more.length > 0) return undefined
  if (own !== undefined) return (guard) => [replaced(source, own, guard)]
  const { parserAt, rawField } = fault.surface.facts.surface.body
  const inserting = (guard: string): Edit => inserted(source, path.end, `, ${guard}`)
  if (parserAt === undefined || rawField === 'rawBody') return (guard) => [inserting(guard)]
  const keeping = keptByParser(fault, sources)
  return rawField !== undefined || keeping === undefined ? undefined : (guard) => [inserting(guard), keeping]
}

function isRoute(source: SourceFile, call: SyntaxNode): boolean {
  const callee = fieldOf(call, 'function')
  return callee !== undefined && /^\w+\.(?:post|put|all)$/.test(source.textOf(callee))
}

/** The one provider that a part of the address is called after, and for whom a secret is all that is needed. */
function providerOf(path: string): string | undefined {
  const parts = path.toLowerCase().split('/')
  const named = [...providers.keys()].filter((id) => parts.includes(id))
  const [id] = named
  const definition = id === undefined || named.length > 1 ? undefined : findProvider(id)
  if (definition === undefined || definition.settings !== undefined) return undefined
  const [scheme] = definition.schemes
  if (scheme.family !== 'hmac' || definition.methods.length !== 1 || definition.methods[0] !== 'POST') return undefined
  const isPlain = scheme.signed.every(({ templates }) => templates.every((one) => !/\{(?:url|slot|setting)/.test(one)))
  return isPlain ? id : undefined
}

function variableOf(provider: string): string {
  return `${provider.replaceAll('-', '_').toUpperCase()}_WEBHOOK_SECRET`
}

function camelCase(id: string): string {
  return id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** Texts that are to be put at one place become one. */
function together(edits: readonly Edit[]): readonly Edit[] {
  const merged: Edit[] = []
  for (const edit of edits) {
    const index = merged.findIndex(
      (one) => one.file === edit.file && one.start === edit.start && one.end === edit.end && one.start === one.end,
    )
    const known = merged[index]
    if (known === undefined) merged.push(edit)
    else if (known.text !== edit.text) merged[index] = { ...known, text: known.text + edit.text }
  }
  return merged
}
