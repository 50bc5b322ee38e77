/** Where a provider's events have their attributes, and what tells one event from the next, for a reader. */
import { COVERS_NOTHING, type Covers, compileScheme, coverageOfScheme } from '../compile.ts'
import type { EventSources, ProviderDefinition, Scheme } from '../definition.ts'
import { isCoveredPath } from '../extract.ts'
import { compileSource } from '../source.ts'
import { describeSource } from './source.ts'

export interface AttributeRow {
  readonly name: string
  /** In the order in which they are looked for. */
  readonly from: string
  /** Whether the scheme's signature covers it; `sometimes` where its alternatives or its kinds of request differ. */
  readonly covered: 'yes' | 'no' | 'sometimes'
}

const ATTRIBUTES = ['id', 'type', 'tenant', 'subject', 'occurredAt'] as const

export function describeAttributes({ event }: ProviderDefinition, scheme: Scheme): readonly AttributeRow[] {
  const kinds = coversOf(scheme)
  return ATTRIBUTES.flatMap((name) => {
    const source = event[name]
    if (source === undefined) return []
    // A fixed word stands in no request.
    const paths = compileSource(source).filter((path) => path.some(({ from }) => from !== 'text'))
    const answers = new Set(paths.flatMap((path) => kinds.map((covers) => isCoveredPath(path, { covers }))))
    const covered = answers.size > 1 ? 'sometimes' : answers.has(true) ? 'yes' : 'no'
    return [{ name, from: describeSource(source), covered } as const]
  })
}

function coversOf(scheme: Scheme): readonly Covers[] {
  const verifier = compileScheme(scheme, [])
  if (verifier.kind === 'shared') return [COVERS_NOTHING]
  return verifier.kind === 'jwt' ? [verifier.covers] : verifier.cases.map(({ covers }) => covers)
}

/** What makes a second request the same event: see `identityOf`. */
export function describeDedupe(definition: ProviderDefinition, scheme: Scheme): string {
  const { event } = definition
  const id = describeAttributes(definition, scheme).find(({ name }) => name === 'id')
  const same = `a request is a copy when ${describeContent(event, scheme)}`
  if (id === undefined) return `Events have no id: ${same}.`
  if (event.dedupe !== undefined) return `The id does not tell one event from the next: ${same}.`
  if (id.covered === 'yes' || coverageOfScheme(scheme) === 'none')
    return 'A request with an id that was seen before is a copy and makes no second event.'
  return id.covered === 'no'
    ? `The id is not signed, so anybody could change it: ${same}.`
    : `Where the id is signed, a request with one that was seen before is a copy; where it is not, ${same}.`
}

function describeContent({ dedupe, repeatsAfterSeconds }: EventSources, scheme: Scheme): string {
  const span = repeatsAfterSeconds === undefined ? '' : ` and came within ${repeatsAfterSeconds} seconds`
  if (scheme.family === 'fetch-back' && scheme.state !== undefined)
    return `the provider’s API tells of the same object in the same state${span}`
  if (coverageOfScheme(scheme) === 'none' || scheme.family === 'jwt') return `its body is the same${span}`
  const timed = 'timestamp' in scheme && scheme.timestamp !== undefined
  const time = !timed ? '' : dedupe === 'signed' ? ', its time included' : ', apart from its time'
  return `everything that was signed is the same${time}${span}`
}
