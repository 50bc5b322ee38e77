/** All descriptions of a run as examined surfaces, read beside what the other examiners found. */
import type { Evidence, ExaminedSurface } from '../../catalogue/evidence.ts'
import { compareText } from '../../catalogue/order.ts'
import type { CodeRoute } from '../code/examine-project.ts'
import { numbered } from '../numbered.ts'
import type { Message } from '../report/report-types.ts'
import { examineSpec } from './examine-spec.ts'
import { knownSurfaces, servedOperations } from './known-surfaces.ts'
import type { SpecDocument } from './model.ts'
import { pipelineCheckOf } from './pipeline-check.ts'
import { readSpec } from './read-spec.ts'
import type { ReadBeside } from './references.ts'

export interface ReadSpecs {
  readonly documents: readonly SpecDocument[]
  readonly problems: readonly Message[]
  readonly warnings: readonly Message[]
}

/** @param sources Texts by file. */
export function readSpecs(
  sources: ReadonlyMap<string, string>,
  {
    readBeside,
    onProgress,
  }: { readonly readBeside: ReadBeside | undefined; readonly onProgress: ((text: string) => void) | undefined },
): ReadSpecs {
  const read = [...sources]
    .sort(([a], [b]) => compareText(a, b))
    .map(([file, text], index) => {
      onProgress?.(`reviewing: ${index + 1} of ${sources.size} descriptions`)
      return readSpec(text, file, readBeside)
    })
  const documents = read.flatMap((one) => one.documents)
  return {
    documents,
    problems: read.flatMap((one) => one.problems),
    warnings: documents.flatMap((document) => document.remarks),
  }
}

/**
 * Descriptions come last: what code and probes know of a route says what it is.
 *
 * @param pipelines What is known of the pipelines around them, by folder.
 */
export function examineSpecs(
  documents: readonly SpecDocument[],
  others: readonly ExaminedSurface[],
  routes: readonly CodeRoute[],
  pipelines: ReadonlyMap<string, Evidence> = new Map(),
): readonly ExaminedSurface[] {
  const known = knownSurfaces(others, routes)
  const served = servedOperations(others, routes)
  return numbered(
    documents.flatMap((document) => examineSpec(document, known, served, pipelineCheckOf(document.at.file, pipelines))),
  )
}

/** Every path that descriptions have, as written, alone and below each base of its servers. */
export function describedRoutes(documents: readonly SpecDocument[]): readonly string[] {
  return documents.flatMap(({ operations }) =>
    operations
      .filter(({ place }) => place === 'path')
      .flatMap(({ path, servers }) => [...new Set(servers.map(({ base }) => base + path)), path]),
  )
}
