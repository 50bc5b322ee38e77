/**
 * From all evidence about one control to one state.
 *
 * Trust decides between sources, and within one source the worst statement does. A control may live in several
 * layers: it is absent only when every layer it could live in was looked at, and its presence in one layer is
 * not disproved by its absence from another.
 */
import type { ControlDefinition } from './control.ts'
import { type Evidence, trustOf } from './evidence.ts'
import type { EvidenceState, Place } from './terms.ts'

export interface Resolution {
  readonly state: EvidenceState
  /** The pieces that settled it. */
  readonly by: readonly Evidence[]
  /** Pieces that say the opposite and lost. */
  readonly against: readonly Evidence[]
  /** Present, but so far only as somebody's word. */
  readonly attestedOnly: boolean
  /** Present, but only in a gateway that might be bypassed. */
  readonly gatewayOnly: boolean
}

type Layers = Pick<ControlDefinition, 'places'>

export function resolveEvidence(control: Layers, evidence: readonly Evidence[]): Resolution {
  const unsafe = evidence.filter((piece) => piece.state === 'unsafe')
  const absent = evidence.filter((piece) => piece.state === 'absent')
  const present = evidence.filter((piece) => piece.state === 'present')
  const standing = present.filter((piece) => survives(control, piece, absent))

  if (unsafe.length > 0 && highestTrust(unsafe) >= highestTrust(standing)) {
    return settled(
      'unsafe',
      mostTrusted(unsafe),
      present.filter((piece) => unsafe.some((bad) => sameLayer(bad.place, piece.place))),
    )
  }
  if (standing.length > 0) {
    return {
      ...settled('present', mostTrusted(standing), unsafe),
      attestedOnly: standing.every((piece) => piece.source === 'attestation'),
      gatewayOnly: standing.every((piece) => piece.place === 'gateway'),
    }
  }
  if (absent.length === 0) return settled('unknown', [], [])
  const everywhere = control.places.every((place) => absent.some((piece) => covers(piece.place, place)))
  return settled(everywhere ? 'absent' : 'unknown', mostTrusted(absent), present)
}

function settled(state: EvidenceState, by: readonly Evidence[], against: readonly Evidence[]): Resolution {
  return { state, by, against, attestedOnly: false, gatewayOnly: false }
}

/** A claim stands while some layer it may mean was not found empty by something more trusted. */
function survives(control: Layers, claim: Evidence, absent: readonly Evidence[]): boolean {
  const layers = claim.place === 'unknown' ? control.places : [claim.place]
  return layers.some(
    (layer) => !absent.some((piece) => covers(piece.place, layer) && trustOf(piece.source) > trustOf(claim.source)),
  )
}

function covers(examined: Place, layer: Place): boolean {
  return examined === 'unknown' || examined === layer
}

function sameLayer(a: Place, b: Place): boolean {
  return a === 'unknown' || b === 'unknown' || a === b
}

function highestTrust(evidence: readonly Evidence[]): number {
  return evidence.reduce((highest, piece) => Math.max(highest, trustOf(piece.source)), -1)
}

function mostTrusted(evidence: readonly Evidence[]): readonly Evidence[] {
  const highest = highestTrust(evidence)
  return evidence.filter((piece) => trustOf(piece.source) === highest)
}
