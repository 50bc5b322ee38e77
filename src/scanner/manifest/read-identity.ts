/** What a surface says about itself: where it is inventoried, and whether it is meant to be public. */
import type { Evidence } from '../../catalogue/evidence.ts'
import type { SurfaceStyle, Trait } from '../../catalogue/surfaces.ts'
import type { MapEntry } from './node.ts'
import { readWord } from './values.ts'

type Identity = ReadonlyMap<string, MapEntry>
type TraitValues = Partial<Record<Trait, boolean>>

/** A key that is missing says nothing; null, empty or "unknown" says that there is no inventory. */
export function readInventory(entry: MapEntry | undefined): readonly Evidence[] {
  if (entry === undefined) return []
  const { value } = entry
  const named =
    value.kind === 'scalar'
      ? ['text', 'yes'].includes(readWord(value.value).is)
      : (value.kind === 'list' ? value.items : value.entries).length > 0
  return [
    {
      control: 'surface-inventory',
      state: named ? 'present' : 'absent',
      place: 'unknown',
      source: 'manifest',
      detail: named ? `${entry.key} names an artefact.` : `${entry.key} names no artefact.`,
      location: entry.keyAt,
      stated: named ? 'value' : 'null',
    },
  ]
}

export interface PublicAccess {
  readonly evidence: readonly Evidence[]
  readonly traits: TraitValues
}

/** Public is a fact that needs a reason, and an excuse for nothing that changes state. */
export function publicAccess(identity: Identity, style: SurfaceStyle, traits: TraitValues): PublicAccess {
  const facts: TraitValues = {
    ...readOnlyOf(identity, style, traits),
    ...spoken(identity, ROOMS, 'hasRooms'),
    ...spoken(identity, TENANTS, 'multiTenant'),
  }
  const reason = find(identity, REASONS)
  const flag = find(identity, FLAGS)
  const hasReason = reason !== undefined && reason.value.kind === 'scalar' && readWord(reason.value.value).is === 'text'
  const declared = flag === undefined ? hasReason : isYes(flag)
  if (!declared) return { evidence: [], traits: facts }

  const readOnly = facts.readOnly ?? traits.readOnly
  const entry = flag ?? reason
  const settled = readOnly === false ? 'unsafe' : hasReason && readOnly === true ? 'present' : undefined
  const evidence: readonly Evidence[] =
    entry === undefined || settled === undefined
      ? []
      : [
          {
            control: 'public-access-intent',
            state: settled,
            place: 'application',
            source: 'manifest',
            detail:
              settled === 'present'
                ? 'Public, read-only, with a reason.'
                : 'The surface is declared public and changes state.',
            location: entry.keyAt,
            stated: 'value',
          },
        ]
  return { evidence, traits: { ...facts, publicDeclared: true, publicWithReason: hasReason && readOnly !== false } }
}

const REASONS = ['public_reason', 'public_channel_reason', 'public_allowlist_reason', 'x_public_allowlist_reason']
const FLAGS = ['public', 'public_channel', 'is_public']
const MUTATES = ['mutates', 'mutates_state', 'state_changing']
const ROOMS = ['rooms', 'has_rooms']
const TENANTS = ['multi_tenant']

function readOnlyOf(identity: Identity, style: SurfaceStyle, traits: TraitValues): TraitValues {
  const stated = find(identity, ['read_only'])
  if (stated !== undefined) return { readOnly: isYes(stated) }
  const mutates = find(identity, MUTATES)
  if (mutates !== undefined) return { readOnly: !isYes(mutates) }
  // A stream of server-sent events has no way in.
  return style === 'sse' && traits.readOnly === undefined ? { readOnly: true } : {}
}

function spoken(identity: Identity, names: readonly string[], trait: Trait): TraitValues {
  const entry = find(identity, names)
  return entry === undefined ? {} : { [trait]: isYes(entry) }
}

function find(identity: Identity, names: readonly string[]): MapEntry | undefined {
  for (const name of names) {
    const entry = identity.get(name)
    if (entry !== undefined) return entry
  }
  return undefined
}

function isYes({ value }: MapEntry): boolean {
  if (value.kind !== 'scalar') return value.kind === 'list' ? value.items.length > 0 : value.entries.length > 0
  return ['yes', 'text'].includes(readWord(value.value).is)
}
