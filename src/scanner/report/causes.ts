/**
 * Findings of one cause: where nothing is verified, a dozen probes say so, each in its way.
 *
 * Nothing is left out: each finding names its cause, machines get all of them, and reports for people tell the cause
 * and list the rest beneath it.
 */
import { controlOf } from '../../catalogue/catalogue.ts'
import type { ProbeRecord } from '../../catalogue/evidence.ts'
import { SEVERITIES } from '../../catalogue/severity.ts'
import type { ReportFinding } from './report-types.ts'

/** @returns The findings of one surface, each with the fingerprint of what it follows from. */
export function withCauses(
  findings: readonly ReportFinding[],
  probes: readonly ProbeRecord[],
): readonly ReportFinding[] {
  const follows = new Map(probes.map((record) => [record.probe, record.follows]))
  const causeOf = (finding: ReportFinding, index: number): ReportFinding | undefined => {
    const causes = follows.get(finding.rule)
    if (causes === undefined) return undefined
    const candidates = causes.flatMap((id) => findings.filter(({ rule }) => rule === id))
    // One thing that was seen speaks of several controls.
    const same = findings.find(({ rule, message }) => rule === finding.rule && message === finding.message)
    const before = same === undefined || findings.indexOf(same) >= index ? [] : [same]
    return [...candidates, ...before].find((one) => isCause(one, finding))
  }
  const direct = findings.map(causeOf)
  return findings.map((finding, index) => {
    let cause = direct[index]
    // What follows from a follower follows from its cause.
    for (let above = cause; above !== undefined; above = direct[findings.indexOf(above)]) cause = above
    return cause === undefined ? finding : { ...finding, cause: cause.fingerprint }
  })
}

/** A probe may find several things: what breaks on a missing signature is no sign that none is asked for. */
function isCause(cause: ReportFinding, of: ReportFinding): boolean {
  return (
    SEVERITIES.indexOf(cause.severity) >= SEVERITIES.indexOf(of.severity) &&
    (cause.control === 'error-disclosure') === (of.control === 'error-disclosure')
  )
}

/** Said above them. */
export const FOLLOWS = 'The same cause also shows in:'

export interface Folded {
  readonly finding: ReportFinding
  /** What follows from it, one sentence once. */
  readonly followers: readonly ReportFinding[]
}

/** What is said of a follower; what was said above need not be said again, only of what else it speaks. */
export function followerText({ finding }: Pick<Folded, 'finding'>, follower: ReportFinding): string {
  return follower.message === finding.message
    ? `It is as much against “${controlOf(follower.control).title}”.`
    : follower.message
}

function isSaid(other: ReportFinding, one: ReportFinding, head: ReportFinding): boolean {
  if (other.rule !== one.rule || other.message !== one.message) return false
  return one.message === head.message ? other.control === one.control : true
}

/** For people. What follows from something that is not told here, such as a waived finding, stands for itself. */
export function folded(findings: readonly ReportFinding[]): readonly Folded[] {
  const told = new Map(findings.filter(({ cause }) => cause === null).map((finding) => [finding.fingerprint, finding]))
  const isFollower = ({ cause }: ReportFinding) => cause !== null && told.has(cause)
  return findings
    .filter((finding) => !isFollower(finding))
    .map((finding) => ({
      finding,
      followers: findings.filter(
        (one, index) =>
          one.cause === finding.fingerprint &&
          isFollower(one) &&
          findings.findIndex((other) => isSaid(other, one, finding)) === index,
      ),
    }))
}
