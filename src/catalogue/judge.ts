/** One control of one surface: met, failed, missing from the record, or not stated and not needed. */
import type { Applicability } from './applicability.ts'
import type { ControlId } from './catalogue.ts'
import type { Need } from './control.ts'
import { type Evidence, proofOf, trustOf } from './evidence.ts'
import { CONTRADICTION_WHEN_SETTLED, contradiction, type Finding, failures, severityOfDisproof } from './finding.ts'
import { type Resolution, resolveEvidence } from './resolve.ts'
import { type SurfaceStyle, TRAITS } from './surfaces.ts'
import type { EvidenceState, Place, ProofLevel } from './terms.ts'

export interface ControlVerdict {
  readonly control: ControlId
  readonly need: Need
  readonly state: EvidenceState
  readonly place: Place
  readonly proof: ProofLevel
  readonly outcome: 'met' | 'failed' | 'missing' | 'unstated'
}

/** What would have to be shown to decide further. */
export interface Missing {
  readonly control: ControlId
  readonly artefact: string
}

export interface Judged {
  readonly verdict: ControlVerdict
  readonly findings: readonly Finding[]
  readonly missing: readonly Missing[]
  /** Whether it counts towards coverage. */
  readonly counts: boolean
}

export function judge(
  applies: Applicability,
  style: SurfaceStyle,
  evidence: readonly Evidence[],
  bypassBlocked: boolean,
): Judged {
  return evidence.length === 0 ? judgeSilence(applies, style) : judgeEvidence(applies, style, evidence, bypassBlocked)
}

/** Most controls of most surfaces are not spoken of, and silence about a control is always judged the same. */
const silences = new WeakMap<Applicability, Judged>()

function judgeSilence(applies: Applicability, style: SurfaceStyle): Judged {
  const known = silences.get(applies)
  if (known !== undefined) return known
  const judged = judgeEvidence(applies, style, [], false)
  silences.set(applies, judged)
  return judged
}

function judgeEvidence(
  applies: Applicability,
  style: SurfaceStyle,
  evidence: readonly Evidence[],
  bypassBlocked: boolean,
): Judged {
  const { control, need, undecided } = applies
  const resolution = resolveEvidence(control, evidence)
  const { state } = resolution
  const counts = need === 'decisive' && undecided.length === 0

  if (state === 'unsafe' || state === 'absent') {
    if (undecided.length > 0) {
      const question = `whether ${undecided.map((trait) => TRAITS[trait]).join(' and ')}`
      return {
        ...judgement(applies, resolution, 'missing'),
        missing: [{ control: control.id, artefact: question }],
        counts,
      }
    }
    const failed = failures(control, style, state, resolution.by)
    const findings = [...failed, ...disproved(applies, style, resolution, failed)]
    return { ...judgement(applies, resolution, 'failed'), findings, counts }
  }
  if (state === 'present') {
    const disputed = resolution.against.length > 0 && resolution.by.length > 0
    const findings = disputed
      ? [contradiction(control, style, resolution.against, resolution.by, CONTRADICTION_WHEN_SETTLED)]
      : []
    const weak = counts ? weakness(resolution, control.title, bypassBlocked) : undefined
    if (weak === undefined) return { ...judgement(applies, resolution, 'met'), findings, counts }
    return {
      ...judgement(applies, resolution, 'missing'),
      findings,
      missing: [{ control: control.id, artefact: weak }],
      counts,
    }
  }
  const findings = disproved(applies, style, resolution, [])
  if (!counts) return { ...judgement(applies, resolution, 'unstated'), findings, counts }
  return {
    ...judgement(applies, resolution, 'missing'),
    findings,
    missing: [{ control: control.id, artefact: control.evidence }],
    counts,
  }
}

export function judgement(
  { control, need }: Applicability,
  { state, by }: Resolution,
  outcome: ControlVerdict['outcome'],
): Omit<Judged, 'counts'> {
  const [piece] = by
  const settled = state === 'unknown' ? undefined : piece
  return {
    verdict: {
      control: control.id,
      need,
      state,
      place: settled?.place ?? 'unknown',
      proof: settled === undefined ? 'none' : proofOf(settled.source),
      outcome,
    },
    findings: [],
    missing: [],
  }
}

function disproved(
  { control }: Applicability,
  style: SurfaceStyle,
  { by, against }: Resolution,
  failed: readonly Finding[],
): readonly Finding[] {
  const highest = Math.max(-1, ...by.map((piece) => trustOf(piece.source)))
  const claims = against.filter((piece) => piece.state === 'present' && trustOf(piece.source) < highest)
  return claims.length === 0 ? [] : [contradiction(control, style, claims, by, severityOfDisproof(failed))]
}

function weakness(resolution: Resolution, title: string, bypassBlocked: boolean): string | undefined {
  if (resolution.attestedOnly) return `proof beyond a statement: ${title.toLowerCase()}`
  if (resolution.gatewayOnly && !bypassBlocked) return 'proof that the origin cannot be reached past the gateway'
  return undefined
}
