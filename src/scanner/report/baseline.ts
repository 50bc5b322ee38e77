/**
 * The baseline: findings that were there before, by content fingerprint, so that only new ones stop a build.
 * A file that cannot be read as a baseline is an error, never an empty baseline that would look like a pass.
 */
import { compareText } from '../../catalogue/order.ts'
import type { Message, Report, ReportFinding } from './report-types.ts'

export interface BaselineEntry {
  readonly fingerprint: string
  readonly rule: string
  readonly surface: string
}

export type Baseline = readonly BaselineEntry[]

/** A leaked secret stays leaked: accepting it silently for ever is not offered. */
export function mayBeBaselined(finding: Pick<ReportFinding, 'control'>): boolean {
  return finding.control !== 'secret-storage'
}

export function writeBaseline(report: Report): string {
  const entries = report.surfaces
    .flatMap((surface) =>
      surface.findings
        .filter(mayBeBaselined)
        .map((finding) => ({ fingerprint: finding.fingerprint, rule: finding.rule, surface: surface.id })),
    )
    .sort(
      (a, b) =>
        compareText(a.surface, b.surface) || compareText(a.rule, b.rule) || compareText(a.fingerprint, b.fingerprint),
    )
  return `${JSON.stringify({ postern: 'baseline', version: 1, findings: entries }, null, 2)}\n`
}

export function readBaseline(
  text: string,
  file: string,
): { readonly baseline: Baseline; readonly problems: readonly Message[] } {
  const refuse = (message: string) => ({ baseline: [], problems: [{ file, line: 1, column: 1, message }] })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse('The baseline is not JSON.')
  }
  if (
    !isRecord(value) ||
    value['postern'] !== 'baseline' ||
    value['version'] !== 1 ||
    !Array.isArray(value['findings'])
  ) {
    return refuse('This is not a baseline of version 1.')
  }
  const entries = value['findings'].map(readEntry)
  const good = entries.filter((entry) => entry !== undefined)
  return good.length === entries.length
    ? { baseline: good, problems: [] }
    : refuse('The baseline holds entries without fingerprint, rule or surface.')
}

function readEntry(value: unknown): BaselineEntry | undefined {
  if (!isRecord(value)) return undefined
  const { fingerprint, rule, surface } = value
  if (typeof fingerprint !== 'string' || typeof rule !== 'string' || typeof surface !== 'string') return undefined
  return { fingerprint, rule, surface }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
