/** Sources that are parsed when first asked for, from a map of texts. What could not be parsed is listed. */
import type { Grammars } from '../parse/grammars.ts'
import type { Module } from '../parse/ir.ts'
import { languageOf } from '../parse/languages.ts'
import { parseModule } from '../parse/parse-module.ts'
import type { SourceTree } from './program.ts'

export interface Refused {
  readonly file: string
  readonly why: string
  /** It would be refused again, whatever the machine has to do beside it. */
  readonly lasting: boolean
}

export interface ParsingTree extends SourceTree {
  readonly parsed: () => readonly Module[]
  readonly refused: () => readonly Refused[]
}

export function parsingTree(
  read: (path: string) => string | undefined,
  has: (path: string) => boolean,
  grammars: Grammars,
  now: () => number,
  list: (folder: string) => readonly string[] = () => [],
): ParsingTree {
  const modules = new Map<string, Module | undefined>()
  const refused: Refused[] = []
  return {
    has: (path) => has(path) && languageOf(path) !== undefined,
    text: (path) => (has(path) ? read(path) : undefined),
    module: (path) => {
      if (modules.has(path)) return modules.get(path)
      const text = read(path)
      if (text === undefined || languageOf(path) === undefined) return undefined
      const outcome = parseModule(grammars, text, path, now)
      const module = outcome.is === 'module' ? outcome.module : undefined
      if (outcome.is === 'refused') refused.push({ file: path, why: outcome.why, lasting: outcome.lasting })
      modules.set(path, module)
      return module
    },
    parsed: () => [...modules.values()].filter((module) => module !== undefined),
    refused: () => refused,
    list,
  }
}

/** The same tree with other texts in place of some; modules of all other files are shared. */
export function withTexts(
  tree: ParsingTree,
  grammars: Grammars,
  texts: ReadonlyMap<string, string>,
  now: () => number,
): ParsingTree {
  const own = parsingTree(
    (path) => texts.get(path),
    (path) => texts.has(path),
    grammars,
    now,
  )
  return {
    ...tree,
    text: (path) => texts.get(path) ?? tree.text(path),
    module: (path) => (texts.has(path) ? own : tree).module(path),
  }
}
