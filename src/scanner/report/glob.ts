import { LRUCache } from 'lru-cache'

/** A few patterns meet every file of a tree. */
const compiled = new LRUCache<string, RegExp>({ max: 1000, memoMethod: globPattern })

/** `**` for any folders, `*` within one name, `?` for one character; everything else is itself. */
export function matchesGlob(text: string, glob: string): boolean {
  return compiled.memo(glob).test(text)
}

/** Runs of stars are folded first: the pattern comes from a file, and `*` beside `*` is what backtracks for ever. */
function globPattern(glob: string): RegExp {
  const folded = glob.replace(/\*{3,}/g, '**').replace(/(\*\*\/)+/g, '**/')
  const body = folded.replace(/\*\*\/|\*\*|\*|\?|[^*?]/g, (token) => {
    if (token === '**/') return '(?:[^/]*/)*'
    if (token === '**') return '.*'
    if (token === '*') return '[^/]*'
    return token === '?' ? '[^/]' : token.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  })
  return new RegExp(`^${body}$`)
}
