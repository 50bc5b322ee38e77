/**
 * Which files a change of one may mean something to: those that lead to it by imports, and those that it leads to, as
 * an application does to its routers.
 *
 * Languages whose files see one another without imports are taken as a whole. Nothing is parsed for the question.
 */
import type { Module } from '../parse/ir.ts'
import { createProgram } from '../project/program.ts'
import type { ParsingTree } from '../project/source-tree.ts'

const IMPORTING = /^(?:python|javascript|typescript)$/

/** @returns Asked with a changed file, the files concerned, itself included. */
export function dependencies(tree: ParsingTree): (file: string) => ReadonlySet<string> {
  const parsed = new Map(tree.parsed().map((module) => [module.file, module]))
  const program = createProgram({ ...tree, module: (path) => parsed.get(path) })
  const to = new Map<string, Set<string>>()
  const from = new Map<string, Set<string>>()
  const link = (links: Map<string, Set<string>>, a: string, b: string): void => {
    links.set(a, (links.get(a) ?? new Set()).add(b))
  }
  for (const module of parsed.values()) {
    if (!IMPORTING.test(module.language)) continue
    for (const source of sourcesOf(module)) {
      const target = program.resolve(module, source)?.file
      if (target === undefined) continue
      link(to, module.file, target)
      link(from, target, module.file)
    }
  }
  return (file) => {
    const language = parsed.get(file)?.language
    if (language !== undefined && !IMPORTING.test(language))
      return new Set([...parsed.values()].filter((one) => one.language === language).map((one) => one.file))
    return new Set([...reached(file, to), ...reached(file, from)])
  }
}

function sourcesOf({ imports, exports }: Module): ReadonlySet<string> {
  return new Set([...imports.map(({ source }) => source), ...exports.flatMap(({ source }) => source ?? [])])
}

function reached(file: string, links: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const found = new Set([file])
  for (const one of found) for (const next of links.get(one) ?? []) found.add(next)
  return found
}
