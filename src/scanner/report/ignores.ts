/**
 * Inline ignores, the same in every language that has comments:
 * `postern-ignore rule[,rule] [until 2026-12-31]: the reason`, on the line of the finding or the line above it.
 * Without a reason it ignores nothing; one that matches nothing is reported.
 */

export interface InlineIgnore {
  readonly file: string
  readonly line: number
  readonly rules: readonly string[]
  readonly until: string | undefined
  readonly reason: string
}

const IGNORE =
  /postern-ignore(?:-next-line)?[ \t]+([a-z0-9*][a-z0-9*,. -]{0,300}?)(?:[ \t]+until[ \t]+(\d{4}-\d{2}-\d{2}))?[ \t]*:[ \t]*(\S.{0,500})?$/i

export function findIgnores(text: string, file: string): readonly InlineIgnore[] {
  if (!text.includes('postern-ignore')) return []
  return text.split(/\r?\n/).flatMap((line, index) => {
    const match = line.includes('postern-ignore') ? IGNORE.exec(line.slice(0, 2000)) : null
    if (match === null) return []
    const [, rules = '', until, reason = ''] = match
    return [
      {
        file,
        line: index + 1,
        rules: rules
          .split(',')
          .map((rule) => rule.trim())
          .filter((rule) => rule !== ''),
        until,
        reason: reason.replace(/\s*(\*\/|-->)\s*$/, '').trim(),
      },
    ]
  })
}

export function ignoreCovers(
  ignore: InlineIgnore,
  finding: {
    readonly file: string | null
    readonly line: number | null
    readonly rule: string
    readonly control: string
  },
): boolean {
  if (ignore.file !== finding.file || finding.line === null) return false
  if (finding.line !== ignore.line && finding.line !== ignore.line + 1) return false
  return ignore.rules.some((rule) => rule === finding.rule || rule === finding.control || rule === '*')
}
