/**
 * A description of an interface: JSON or YAML in, the common model out, with a place for every complaint.
 *
 * A file that is empty, broken or of an unknown version has no verdict: its problems come back instead of documents.
 * Parts of wrong types and references that lead nowhere are remarked upon and unknown; the rest is examined.
 */
import { describeNode, type ManifestNode, type Problem, problemAt } from '../manifest/node.ts'
import { readDocuments } from '../manifest/read-yaml.ts'
import type { SpecDocument } from './model.ts'
import { readAsyncApi } from './read-asyncapi.ts'
import { readOpenApi } from './read-openapi.ts'
import { type ReadBeside, References } from './references.ts'

/** The largest public descriptions have about 12 MB. */
export const SPEC_LIMITS = { maxBytes: 32 * 1024 * 1024, maxDepth: 200, maxNodes: 4_000_000, maxAliasedNodes: 500_000 }

export interface ReadSpec {
  readonly documents: readonly SpecDocument[]
  readonly problems: readonly Problem[]
}

/** @param readBeside Given where files beside the description may be read. */
export function readSpec(text: string, file: string, readBeside?: ReadBeside): ReadSpec {
  const { documents, problems } = readDocuments(text.replace(/^\ufeff/, ''), file, SPEC_LIMITS)
  if (problems.length > 0) return { documents: [], problems }
  const read = documents.map((root) => readDocument(root, readBeside))
  const refused = read.flatMap((one) => ('references' in one ? [] : [one]))
  if (refused.length > 0) return { documents: [], problems: refused }
  return { documents: read.flatMap((one) => ('references' in one ? [one] : [])), problems: [] }
}

/** Whether a file is meant as a description, told from its first bytes. */
export function looksLikeSpec(text: string): boolean {
  return DESCRIPTION.test(text)
}
/** At the beginning of a line without an indent, or as one of the first keys of a JSON object. */
const DESCRIPTION =
  /(?:^\ufeff?["']?|^\ufeff?\s*\{\s*(?:"(?:\$schema|info|x-[^"]*|\$self|id|jsonSchemaDialect)"\s*:[^{}]*(?:\{[^{}]*\}[^{}]*)?,\s*)*["']?|^[ \t]{0,4}["'])(?:openapi|swagger|asyncapi)["']?[ \t]*:[ \t]*["']?[1-9]/m

const FAMILIES = ['openapi', 'swagger', 'asyncapi'] as const
const KNOWN: Readonly<Record<(typeof FAMILIES)[number], RegExp>> = {
  // Written without quotes, 3.0 is a number and arrives as 3.
  openapi: /^3(?:\.[0-2](?:\.\d+)?(?:-\w[\w.]*)?)?$/,
  swagger: /^2(?:\.0)?$/,
  asyncapi: /^(?:2(?:\.[0-6](?:\.\d+)?)?|3(?:\.[01](?:\.\d+)?)?)(?:-\w[\w.]*)?$/,
}

function readDocument(root: ManifestNode, readBeside: ReadBeside | undefined): SpecDocument | Problem {
  if (root.kind !== 'map')
    return problemAt(
      root.at,
      `A description must be a map with openapi, swagger or asyncapi, not ${describeNode(root)}.`,
    )
  const named = root.entries.filter(({ key }) => FAMILIES.some((family) => family === key))
  const [first, second] = named
  if (first === undefined)
    return problemAt(root.at, 'This is no description: openapi, swagger or asyncapi with a version is missing.')
  if (second !== undefined)
    return problemAt(
      second.keyAt,
      `The description says it is both ${first.key} and ${second.key}; keep the one it is written in.`,
    )
  const family = FAMILIES.find((one) => one === first.key) ?? 'openapi'
  const version = first.value.kind === 'scalar' ? String(first.value.value) : ''
  if (!KNOWN[family].test(version))
    return problemAt(
      first.value.at,
      `${first.key} is ${describeNode(first.value)}; this program reads OpenAPI 2.0 to 3.2 and AsyncAPI 2 and 3.`,
    )
  const references = new References(root, readBeside)
  const read = family === 'asyncapi' ? readAsyncApi : readOpenApi
  const document = read(references, version, first.keyAt)
  references.sweep()
  return { ...document, remarks: references.remarks }
}
