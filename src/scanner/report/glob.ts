/** `**` for any folders, `*` within one name, `?` for one character; everything else is itself. */
export function matchesGlob(text: string, glob: string): boolean {
  return globPattern(glob).test(text)
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
