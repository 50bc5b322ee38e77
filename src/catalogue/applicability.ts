/** Whether a control applies to a surface, and how much hangs on it. */
import { CONTROLS, type Control } from './catalogue.ts'
import type { Applies, Need } from './control.ts'
import type { GateId } from './gates.ts'
import type { SurfaceStyle, Trait, Traits } from './surfaces.ts'

export interface Applicability {
  readonly control: Control
  readonly need: Need
  /** Traits that would settle whether it applies; empty when it does. */
  readonly undecided: readonly Trait[]
}

/** Every control that applies, or may apply, to a surface; in catalogue order. */
export function applicableControls(style: SurfaceStyle, traits: Traits): readonly Applicability[] {
  const key = `${style} ${Object.entries(traits).sort().join(' ')}`
  const known = remembered.get(key)
  if (known !== undefined) return known
  const applicable = CONTROLS.flatMap((control) => applicability(control, style, traits) ?? [])
  if (remembered.size < MAX_REMEMBERED) remembered.set(key, applicable)
  return applicable
}

/** A thousand surfaces share a handful of styles and traits; the answer for each is a fixed function of them. */
const remembered = new Map<string, readonly Applicability[]>()
const MAX_REMEMBERED = 1000

/** `undefined` when the control does not apply. Of several clauses that hold, the most demanding counts. */
export function applicability(control: Control, style: SurfaceStyle, traits: Traits): Applicability | undefined {
  const clauses = control.applies.flatMap((clause) => {
    const undecided = clause.styles.includes(style) ? undecidedTraits(clause, traits) : undefined
    return undecided === undefined ? [] : [{ control, need: clause.need, undecided }]
  })
  return clauses.sort((a, b) => strength(b) - strength(a))[0]
}

/** A hybrid is several surfaces in one record: whatever the record speaks of is looked at. */
export function appliesBecauseStated(control: Control, style: SurfaceStyle): Applicability | undefined {
  return style === 'hybrid' ? { control, need: 'supporting', undecided: [] } : undefined
}

/** The control's gates that make sense for this style: a receiver has no rooms, a socket no job result. */
export function gatesFor(control: Control, style: SurfaceStyle): readonly GateId[] {
  return control.gates.filter((gate) => {
    if (gate.startsWith('WS-')) return CHANNEL_STYLES.has(style)
    if (gate === 'API-RT-08') return JOB_STYLES.has(style)
    return true
  })
}

const CHANNEL_STYLES: ReadonlySet<SurfaceStyle> = new Set(['websocket', 'sse', 'graphql-subscription', 'hybrid'])
const JOB_STYLES: ReadonlySet<SurfaceStyle> = new Set(['async-job', 'export-url', 'callback', 'rest', 'hybrid'])

/** A supporting clause that holds outranks a decisive one that may not apply: a stated failure must not become a question. */
function strength({ need, undecided }: Applicability): number {
  if (undecided.length === 0) return need === 'decisive' ? 4 : 3
  return need === 'decisive' ? 2 : 1
}

function undecidedTraits(clause: Applies, traits: Traits): readonly Trait[] | undefined {
  if (clause.unless?.some((trait) => traits[trait] === true)) return undefined
  const wanted = clause.is ?? []
  if (wanted.some((trait) => traits[trait] === false)) return undefined
  return wanted.filter((trait) => traits[trait] === undefined)
}
