/**
 * One key of the manifest vocabulary: its names, what may stand behind it, and which controls it speaks about.
 *
 * Names are matched after normalising (case, dashes and camelCase do not matter) and wherever they stand in a
 * surface: published examples disagree about sections, and none uses one name for two things, except where a
 * field says `within`.
 */
import type { ControlId } from '../../catalogue/catalogue.ts'
import type { Trait } from '../../catalogue/surfaces.ts'

export type FieldKind =
  /** true or a mechanism's name is good, false is bad. */
  | 'flag'
  /** true is bad, false says nothing. */
  | 'confession'
  /** A list that must hold something and no wildcard. */
  | 'list'
  /** A number of `unit`, good between `min` and `max`. */
  | 'duration'
  | 'size'
  | 'count'
  | 'rate'
  /** Known, and says nothing about a control. */
  | 'note'

export const SECTIONS = {
  auth_session: 'How a caller proves who they are, and for how long',
  authorization: 'What a caller may do',
  message_controls: 'Limits and checks on each message or request',
  integrity_freshness: 'Whether the bytes are the sender’s, new and handled once',
  resource_controls: 'How much one caller can use',
  destination_controls: 'Where events are sent',
  contract: 'How the contract compares with what runs',
  gateway: 'What stands in front of the service',
  llm_controls: 'What a model behind the endpoint may do',
  logging: 'What is recorded',
} as const
export type SectionName = keyof typeof SECTIONS

export interface Field {
  /** The documented name first, synonyms after it; snake case. */
  readonly names: readonly [string, ...string[]]
  readonly section: SectionName
  /** Only inside these sections: the name is too general elsewhere. */
  readonly within?: readonly string[]
  readonly kind: FieldKind
  /** Good value: proven. Bad value: failed. */
  readonly controls: readonly ControlId[]
  /** A good value proves these too; a bad one says nothing about them. */
  readonly proves?: readonly ControlId[]
  /** A good value settles these facts; a bad one settles them the other way when `bothWays`. */
  readonly trait?: { readonly name: Trait; readonly bothWays: boolean }
  /** The unit of a bare number, in seconds. */
  readonly unitSeconds?: number
  readonly min?: number
  readonly max?: number
  readonly describe: string
  readonly example: string | number | boolean | readonly string[]
}

/** Keys repeat over thousands of surfaces; the bound keeps a hostile file from filling memory. */
const normalised = new Map<string, string>()
const MAX_REMEMBERED = 10_000

export function normaliseKey(key: string): string {
  const known = normalised.get(key)
  if (known !== undefined) return known
  const made = key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[\s\-.]+/g, '_')
    .replace(/^_+|_+$/g, '')
  if (normalised.size < MAX_REMEMBERED) normalised.set(key, made)
  return made
}
