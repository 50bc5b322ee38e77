/** One order for evidence and findings, whatever order examiners hand them in: reports must be byte-stable. */
import type { Evidence } from './evidence.ts'
import type { Finding } from './finding.ts'
import { severityRank } from './severity.ts'

export function inOrder(evidence: readonly Evidence[]): readonly Evidence[] {
  return evidence
    .map((piece) => ({ piece, key: evidenceKey(piece) }))
    .sort((a, b) => compareText(a.key, b.key))
    .map(({ piece }) => piece)
}

function evidenceKey(piece: Evidence): string {
  const { location } = piece
  const place = location === undefined ? '' : `${location.file}\n${pad(location.line)}\n${pad(location.column)}`
  return `${place}\n${piece.rule ?? ''}\n${piece.control}\n${piece.state}\n${piece.source}\n${piece.place}\n${piece.detail}`
}

export function compareFindings(a: Finding, b: Finding): number {
  return severityRank(b.severity) - severityRank(a.severity) || compareText(findingKey(a), findingKey(b))
}

function findingKey({ location, rule, control, message }: Finding): string {
  return `${location?.file ?? ''}\n${pad(location?.line ?? 0)}\n${pad(location?.column ?? 0)}\n${rule}\n${control}\n${message}`
}

function pad(value: number): string {
  return String(value).padStart(9, '0')
}

/** By code unit: a locale would make reports differ between machines. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
