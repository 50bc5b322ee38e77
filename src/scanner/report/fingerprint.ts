/** What identifies a finding from run to run: its rule, surface and the text it points at, never a line number. */
import { hash } from 'node:crypto'
import type { Finding } from '../../catalogue/finding.ts'

/** Equal findings on equal text are told apart by how many came before, so that a baseline counts them. */
export function fingerprints(
  surfaceId: string,
  findings: readonly Finding[],
  sources: ReadonlyMap<string, string>,
): readonly string[] {
  const seen = new Map<string, number>()
  return findings.map((finding) => {
    const { location } = finding
    const line = location === undefined ? undefined : lineOf(sources, location.file, location.line)
    const content = [
      finding.rule,
      finding.control,
      finding.kind,
      surfaceId,
      location?.file ?? '',
      line ?? finding.message,
    ].join('\n')
    const count = (seen.get(content) ?? 0) + 1
    seen.set(content, count)
    return hash('sha256', `${content}\n${count}`).slice(0, 32)
  })
}

const lineCache = new WeakMap<ReadonlyMap<string, string>, Map<string, readonly string[]>>()

/** The line without its outer and repeated spaces: formatting does not make a finding new. */
function lineOf(sources: ReadonlyMap<string, string>, file: string, line: number): string | undefined {
  return sourceLines(sources, file)?.[line - 1]?.trim().replace(/\s+/g, ' ')
}

export function sourceLines(sources: ReadonlyMap<string, string>, file: string): readonly string[] | undefined {
  const cache = lineCache.get(sources) ?? new Map<string, readonly string[]>()
  lineCache.set(sources, cache)
  const known = cache.get(file)
  if (known !== undefined) return known
  const lines = sources.get(file)?.split(/\r?\n/)
  if (lines !== undefined) cache.set(file, lines)
  return lines
}
