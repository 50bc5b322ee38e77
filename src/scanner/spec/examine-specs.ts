/** All descriptions of a run as examined surfaces, read beside what the other examiners found. */
import type { ExaminedSurface } from '../../catalogue/evidence.ts'
import { compareText } from '../../catalogue/order.ts'
import { type CodeRoute, numbered } from '../code/examine-project.ts'
import type { Message } from '../report/report-types.ts'
import { examineSpec } from './examine-spec.ts'
import { knownSurfaces, servedOperations } from './known-surfaces.ts'
import { readSpec } from './read-spec.ts'
import type { ReadBeside } from './references.ts'

export interface ExaminedSpecs {
  readonly surfaces: readonly ExaminedSurface[]
  readonly problems: readonly Message[]
  readonly warnings: readonly Message[]
}

/** Descriptions come last: what code and probes know of a route says what it is. */
export function examineSpecs(
  sources: ReadonlyMap<string, string>,
  others: readonly ExaminedSurface[],
  routes: readonly CodeRoute[],
  {
    readBeside,
    onProgress,
  }: { readonly readBeside: ReadBeside | undefined; readonly onProgress: ((text: string) => void) | undefined },
): ExaminedSpecs {
  const known = knownSurfaces(others, routes)
  const served = servedOperations(others, routes)
  const read = [...sources]
    .sort(([a], [b]) => compareText(a, b))
    .map(([file, text], index) => {
      onProgress?.(`reviewing: ${index + 1} of ${sources.size} descriptions`)
      return readSpec(text, file, readBeside)
    })
  const documents = read.flatMap((one) => one.documents)
  return {
    surfaces: numbered(documents.flatMap((document) => examineSpec(document, known, served))),
    problems: read.flatMap((one) => one.problems),
    warnings: documents.flatMap((document) => document.remarks),
  }
}
