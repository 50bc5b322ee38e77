/** What a review says is wrong, and how a finding is made from evidence. */
import { gatesFor } from './applicability.ts'
import type { Control, ControlId } from './catalogue.ts'
import type { Evidence, Fix, Location, TraceStep } from './evidence.ts'
import type { GateId } from './gates.ts'
import { groupBy } from './group-by.ts'
import { milderOf, type Severity, worseOf } from './severity.ts'
import type { SurfaceStyle } from './surfaces.ts'
import type { Confidence, EvidenceSource } from './terms.ts'

/**
 * `failure`: evidence says the control fails. `contradiction`: two sources disagree. `inventory`: what is needed
 * to judge is not there. `notice`: worth a look, changes nothing.
 */
export type FindingKind = 'failure' | 'contradiction' | 'inventory' | 'notice'

export interface Finding {
  readonly kind: FindingKind
  readonly rule: string
  readonly control: ControlId
  readonly gates: readonly GateId[]
  readonly severity: Severity
  readonly confidence: Confidence
  readonly message: string
  readonly location?: Location
  readonly trace: readonly TraceStep[]
  readonly fix?: Fix
}

/** One finding per rule and place; several keys of one manifest about one control are one finding. */
export function failures(
  control: Control,
  style: SurfaceStyle,
  state: 'unsafe' | 'absent',
  by: readonly Evidence[],
): readonly Finding[] {
  const groups = groupBy(by, (piece) => groupKey(control, piece))
  return [...groups.values()].map((pieces) => failure(control, style, state, pieces))
}

export function contradiction(
  control: Control,
  style: SurfaceStyle,
  against: readonly Evidence[],
  trusted: readonly Evidence[],
  severity: Severity,
): Finding {
  const [claim] = against
  const [proof] = trusted
  const claims = claim?.state === 'present' ? 'claims it' : 'denies it'
  const shows = proof?.state === 'present' ? 'shows it' : 'shows the opposite'
  return {
    kind: 'contradiction',
    rule: 'sources-disagree',
    control: control.id,
    gates: gatesFor(control, style),
    severity,
    confidence: 'medium',
    message: `${control.title}: ${sourceName(claim?.source)} ${claims}, ${sourceName(proof?.source)} ${shows}.`,
    ...(claim?.location === undefined ? {} : { location: claim.location }),
    trace: proof?.location === undefined ? [] : [{ ...proof.location, message: proof.detail }],
  }
}

function failure(
  control: Control,
  style: SurfaceStyle,
  state: 'unsafe' | 'absent',
  pieces: readonly Evidence[],
): Finding {
  const located = pieces.find((piece) => piece.location !== undefined)
  const severity = pieces
    .map((piece) => piece.severity ?? control.severity[state])
    .reduce((worst, next) => worseOf(worst, next), 'info')
  const messages = [...new Set(pieces.map((piece) => piece.detail))]
  const others = pieces.flatMap((piece) =>
    piece === located || piece.location === undefined ? [] : [{ ...piece.location, message: piece.detail }],
  )
  const fix = pieces.find((piece) => piece.fix !== undefined)?.fix
  return {
    kind: severity === 'info' ? 'notice' : 'failure',
    rule: pieces[0]?.rule ?? control.id,
    control: control.id,
    gates: gatesFor(control, style),
    severity,
    confidence: pieces.map(confidenceOf).reduce((best, next) => (RANK[next] > RANK[best] ? next : best), 'low'),
    message: messages.join(' '),
    ...(located?.location === undefined ? {} : { location: located.location }),
    trace: [...pieces.flatMap((piece) => piece.trace ?? []), ...others],
    ...(fix === undefined ? {} : { fix }),
  }
}

function groupKey(control: Control, piece: Evidence): string {
  const rule = piece.rule ?? control.id
  if (piece.source === 'manifest' || piece.source === 'attestation') return rule
  return `${rule}\n${piece.location?.file ?? ''}\n${piece.location?.line ?? 0}\n${piece.location?.column ?? 0}`
}

const RANK: Readonly<Record<Confidence, number>> = { low: 0, medium: 1, high: 2 }

function confidenceOf(piece: Evidence): Confidence {
  if (piece.confidence !== undefined) return piece.confidence
  if (piece.source === 'live' || piece.source === 'manifest') return 'high'
  return piece.source === 'attestation' ? 'low' : 'medium'
}

function sourceName(source: EvidenceSource | undefined): string {
  if (source === 'live') return 'the live probe'
  return source === undefined ? 'another source' : `the ${source}`
}

export const CONTRADICTION_WHEN_SETTLED: Severity = 'low'

/** A claim that was disproved weighs as much as the failure it hid, and nothing where there is none. */
export function severityOfDisproof(failed: readonly Finding[]): Severity {
  const worst = failed.reduce<Severity>((severity, finding) => worseOf(severity, finding.severity), 'info')
  return milderOf(worst, 'high')
}
