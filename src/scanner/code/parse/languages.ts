/** Which files are source code, by their names: asked also by those who will parse none of it. */
import type { Language } from './ir.ts'

export type GrammarName = 'python' | 'javascript' | 'typescript' | 'tsx' | 'go' | 'java' | 'ruby' | 'php'

const EXTENSIONS: Readonly<Record<string, { readonly language: Language; readonly grammar: GrammarName }>> = {
  '.py': { language: 'python', grammar: 'python' },
  '.js': { language: 'javascript', grammar: 'javascript' },
  '.jsx': { language: 'javascript', grammar: 'javascript' },
  '.mjs': { language: 'javascript', grammar: 'javascript' },
  '.cjs': { language: 'javascript', grammar: 'javascript' },
  '.ts': { language: 'typescript', grammar: 'typescript' },
  '.mts': { language: 'typescript', grammar: 'typescript' },
  '.cts': { language: 'typescript', grammar: 'typescript' },
  '.tsx': { language: 'typescript', grammar: 'tsx' },
  '.go': { language: 'go', grammar: 'go' },
  '.java': { language: 'java', grammar: 'java' },
  '.rb': { language: 'ruby', grammar: 'ruby' },
  '.ru': { language: 'ruby', grammar: 'ruby' },
  '.php': { language: 'php', grammar: 'php' },
}

export function languageOf(file: string): { readonly language: Language; readonly grammar: GrammarName } | undefined {
  const dot = file.lastIndexOf('.')
  return dot < 0 ? undefined : EXTENSIONS[file.slice(dot).toLowerCase()]
}

export function isSource(file: string): boolean {
  return languageOf(file) !== undefined
}
