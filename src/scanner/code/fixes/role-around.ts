/** What a handler calls the things that its framework hands to it. */
import type { ClassifiedSurface } from '../classify.ts'
import type { SyntaxNode } from '../parse/syntax.ts'
import type { ParamRole } from '../surface.ts'
import type { SourceFile } from './source-file.ts'

/** The name that a step of the surface's chain has for a thing of the framework, in the function around a node. */
export function roleAround(
  source: SourceFile,
  node: SyntaxNode,
  { facts }: ClassifiedSurface,
  wanted: ParamRole,
): string | undefined {
  for (const { run, binds, bindsByName } of facts.surface.chain) {
    const fn = run.fn ?? (run.expression?.kind === 'lambda' ? run.expression.fn : undefined)
    if (fn === undefined || run.module.file !== source.file) continue
    const own = source.nodesAt(fn.at).some((one) => one.start <= node.start && node.end <= one.end)
    if (!own) continue
    const index = binds.indexOf(wanted)
    const pattern = fn.params[index]?.pattern
    if (pattern?.kind === 'name') return pattern.name
    const named = fn.params.find(
      (param) => param.pattern.kind === 'name' && bindsByName?.[param.pattern.name] === wanted,
    )?.pattern
    if (named?.kind === 'name') return named.name
  }
  return undefined
}
