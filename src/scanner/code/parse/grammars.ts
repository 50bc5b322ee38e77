/** The WebAssembly grammars, loaded from the installed package when first needed; nothing is fetched. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Language as Grammar, Parser } from 'web-tree-sitter'
import type { GrammarName } from './languages.ts'

export interface Grammars {
  readonly parserFor: (name: GrammarName) => Parser
}

/** Loads only what the files at hand need: a Python service pays for no TypeScript. */
export async function loadGrammars(names: ReadonlySet<GrammarName>): Promise<Grammars> {
  if (names.size > 0) await Parser.init()
  const parsers = new Map<GrammarName, Parser>()
  for (const name of names) {
    const parser = new Parser()
    parser.setLanguage(await loadGrammar(name))
    parsers.set(name, parser)
  }
  return {
    parserFor: (name) => {
      const parser = parsers.get(name)
      if (parser === undefined) throw new Error(`the grammar ${name} was not loaded`)
      return parser
    },
  }
}

async function loadGrammar(name: GrammarName): Promise<Grammar> {
  const path = createRequire(import.meta.url).resolve(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${name}.wasm`)
  return await Grammar.load(await readFile(path))
}
