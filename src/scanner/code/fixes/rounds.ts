/**
 * Fixes on fixes: what fits together is applied in memory and everything is examined again, until nothing is left.
 *
 * Two fixes that want the same line wait for each other so, and one that only becomes possible by another is found.
 */
import type { Review } from '../../manifest/review.ts'
import { applyFixes } from './edits.ts'

export interface FixedFile {
  readonly file: string
  readonly before: string
  readonly after: string
}

export interface Fixed {
  readonly files: readonly FixedFile[]
  /** How many fixes are in them. */
  readonly count: number
}

/** Each round mends at least one finding; more rounds than this mean that fixes undo one another. */
const MAX_ROUNDS = 20

type ReadText = (file: string) => string | undefined

/** @param examine The whole examination, with other texts than those on the disk where some are given. */
export async function fixedTexts(examine: (readText: ReadText | undefined) => Promise<Review>): Promise<Fixed> {
  const original = new Map<string, string>()
  const texts = new Map<string, string>()
  let count = 0
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { report, sources } = await examine(texts.size === 0 ? undefined : (file) => texts.get(file))
    const fixes = report.surfaces.flatMap(({ findings }) => findings.flatMap(({ fix }) => fix ?? []))
    const distinct = [...new Map(fixes.map((fix) => [JSON.stringify(fix.edits), fix])).values()]
    const { texts: changed, applied } = applyFixes(distinct, (file) => sources.get(file))
    if (applied.length === 0) break
    count += applied.length
    for (const [file, text] of changed) {
      if (!original.has(file)) original.set(file, sources.get(file) ?? '')
      texts.set(file, text)
    }
  }
  return { files: [...texts].map(([file, after]) => ({ file, before: original.get(file) ?? '', after })), count }
}
