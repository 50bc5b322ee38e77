/**
 * The decision: evidence about one surface in, one of four answers out.
 *
 * Total (any evidence gives exactly one answer), deterministic (the order of evidence does not matter) and
 * monotone (adding evidence that a control is present never makes the answer worse). Absent evidence is never
 * a failure: it is named in `missing`. docs/decisions/0101 says where this follows the published rules and
 * where those were silent.
 */
import { type Applicability, applicableControls, appliesBecauseStated } from './applicability.ts'
import { type ControlId, controlOf } from './catalogue.ts'
import { type Evidence, type ExaminedSurface, proofOf } from './evidence.ts'
import type { Finding } from './finding.ts'
import { groupBy } from './group-by.ts'
import { judgeInventory } from './inventory.ts'
import { type ControlVerdict, judge, type Missing } from './judge.ts'
import { compareFindings, inOrder } from './order.ts'
import { resolveEvidence } from './resolve.ts'
import { atLeast } from './severity.ts'
import { PROOF_LEVELS, type ProofLevel } from './terms.ts'

/** Worst first: a file, and a run, is as good as its worst surface. */
export const DECISIONS = ['vulnerable', 'not evaluable', 'partial', 'secure'] as const
export type Decision = (typeof DECISIONS)[number]

export interface SurfaceDecision {
  readonly decision: Decision
  readonly proof: ProofLevel
  readonly findings: readonly Finding[]
  readonly controls: readonly ControlVerdict[]
  readonly missing: readonly Missing[]
  /** What a reader should know even of a secure surface. */
  readonly residualRisk: readonly string[]
  /** Decisive controls that were decided either way, of those that apply. */
  readonly coverage: { readonly decided: number; readonly needed: number }
}

export function decideSurface(surface: ExaminedSurface): SurfaceDecision {
  const evidence = groupBy(inOrder(surface.evidence), (piece) => piece.control)
  const bypassBlocked =
    resolveEvidence(controlOf('origin-bypass-block'), evidence.get('origin-bypass-block') ?? []).state === 'present'
  const inventory = judgeInventory(surface, evidence.get('surface-inventory') ?? [])
  const judged = applicableTo(surface, evidence)
    .filter(({ control }) => control.id !== 'surface-inventory')
    .map((applies) => judge(applies, surface.style, evidence.get(applies.control.id) ?? [], bypassBlocked))

  const findings = [...inventory.findings, ...judged.flatMap((one) => one.findings)]
  const missing = [...inventory.missing, ...judged.flatMap((one) => one.missing)]
  const decision = decisionOf(findings, inventory.evaluable, missing)
  const needed = judged.filter((one) => one.counts)
  return {
    decision,
    proof: proofLevel(
      decision,
      judged.map((one) => one.verdict),
    ),
    findings: [...findings].sort(compareFindings),
    controls: [inventory.verdict, ...judged.map((one) => one.verdict)],
    missing,
    residualRisk: [
      ...inventory.residualRisk,
      ...residualRisk(
        surface,
        judged.map((one) => one.verdict),
      ),
    ],
    coverage: {
      decided: !inventory.evaluable ? 0 : needed.filter((one) => one.verdict.outcome !== 'missing').length,
      needed: Math.max(1, needed.length),
    },
  }
}

export function worstDecision(decisions: readonly Decision[]): Decision {
  return DECISIONS.find((decision) => decisions.includes(decision)) ?? 'not evaluable'
}

function applicableTo(
  surface: ExaminedSurface,
  evidence: ReadonlyMap<ControlId, readonly Evidence[]>,
): readonly Applicability[] {
  const applicable = applicableControls(surface.style, surface.traits)
  const known = new Set(applicable.map(({ control }) => control.id))
  const stated = [...evidence.keys()].flatMap((id) =>
    known.has(id) ? [] : (appliesBecauseStated(controlOf(id), surface.style) ?? []),
  )
  return [...applicable, ...stated]
}

function decisionOf(findings: readonly Finding[], evaluable: boolean, missing: readonly Missing[]): Decision {
  if (findings.some((finding) => atLeast(finding.severity, 'medium'))) return 'vulnerable'
  if (!evaluable) return 'not evaluable'
  return missing.length > 0 || findings.some((finding) => atLeast(finding.severity, 'low')) ? 'partial' : 'secure'
}

/** Good news is as strong as its weakest proof, bad news as its strongest. */
function proofLevel(decision: Decision, verdicts: readonly ControlVerdict[]): ProofLevel {
  if (decision === 'not evaluable') return 'none'
  const outcome = decision === 'vulnerable' ? 'failed' : 'met'
  const levels = verdicts
    .filter((verdict) => verdict.outcome === outcome && (verdict.need === 'decisive' || decision === 'vulnerable'))
    .map((verdict) => PROOF_LEVELS.indexOf(verdict.proof))
  if (levels.length === 0) return 'none'
  return PROOF_LEVELS[decision === 'vulnerable' ? Math.max(...levels) : Math.min(...levels)] ?? 'none'
}

function residualRisk(surface: ExaminedSurface, verdicts: readonly ControlVerdict[]): readonly string[] {
  const unstated = verdicts.filter((verdict) => verdict.outcome === 'unstated' && verdict.need === 'supporting')
  const titles = unstated
    .map((verdict) => controlOf(verdict.control))
    .filter((control) => control.group !== 'contract' && control.group !== 'review')
  const silent = titles.length === 0 ? [] : [`Not stated: ${titles.map((control) => control.id).join(', ')}.`]
  return surface.evidence.length > 0 && surface.evidence.every((piece) => proofOf(piece.source) === 'attested')
    ? ['Attested only: nothing was read in code or observed live.', ...silent]
    : silent
}
