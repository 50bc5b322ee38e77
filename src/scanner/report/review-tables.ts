/** The tables of the published review layout, as data that Markdown and HTML lay out; each only when in scope. */
import type { ControlId } from '../../catalogue/catalogue.ts'
import { SURFACE_STYLES, type SurfaceStyle } from '../../catalogue/surfaces.ts'
import { cellText, MATRIX_COLUMNS, matrixRow } from './matrix.ts'
import type { Report, ReportSurface } from './report-types.ts'

export interface ReviewTable {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export function reviewTables(report: Report): readonly ReviewTable[] {
  const tables = [
    evidenceCoverage(report),
    realTimeMatrix(report),
    controlTable(
      report,
      'Idempotency and replay',
      'Operation',
      IDEMPOTENCY,
      (surface) => surface.style === 'operation',
    ),
    controlTable(report, 'Contract drift', 'Route', CONTRACT, (surface) =>
      surface.evidence.some((piece) => CONTRACT_CONTROLS.has(piece.control)),
    ),
    controlTable(report, 'Destinations', 'Destination', DESTINATIONS, (surface) => surface.style === 'callback'),
  ]
  return tables.filter((table) => table.rows.length > 0)
}

const IDEMPOTENCY: readonly (readonly [string, ControlId])[] = [
  ['Replay control', 'operation-replay-control'],
  ['Binding', 'replay-key-binding'],
  ['Atomicity', 'duplicate-check-atomicity'],
  ['Retry response', 'retry-outcome'],
  ['Event ids', 'event-id-durability'],
  ['Window', 'replay-window'],
  ['Concurrency', 'concurrency-proof'],
  ['Logging', 'replay-telemetry'],
]

const CONTRACT: readonly (readonly [string, ControlId])[] = [
  ['Same operations', 'contract-inventory'],
  ['Same security', 'contract-security-match'],
  ['Operation ids', 'contract-operation-ids'],
  ['Checked in CI', 'contract-ci'],
  ['Origin closed', 'origin-bypass-block'],
]
const CONTRACT_CONTROLS: ReadonlySet<ControlId> = new Set(
  CONTRACT.map(([, control]) => control).filter((control) => control !== 'origin-bypass-block'),
)

const DESTINATIONS: readonly (readonly [string, ControlId])[] = [
  ['Verified', 'destination-ownership'],
  ['Egress guarded', 'egress-guard'],
  ['HTTPS', 'destination-tls'],
  ['Event scope', 'event-scope'],
  ['Signed', 'outbound-signature'],
  ['Secret rotatable', 'secret-rotation'],
  ['Replay safe', 'replay-recheck'],
  ['Audit complete', 'destination-audit'],
]

const REQUEST_STYLES: ReadonlySet<SurfaceStyle> = new Set(['rest', 'graphql', 'grpc', 'operation'])

function evidenceCoverage(report: Report): ReviewTable {
  const sources = ['live', 'code', 'spec', 'manifest', 'attestation'] as const
  const rows = sources.map((source) => {
    const touched = report.surfaces.filter((surface) => surface.evidence.some((piece) => piece.source === source))
    const pieces = touched.flatMap((surface) => surface.evidence.filter((piece) => piece.source === source))
    const count = (state: string) => String(pieces.filter((piece) => piece.state === state).length)
    return [
      source,
      touched.length === 0 ? 'not reviewed' : `${touched.length} of ${report.surfaces.length} surfaces`,
      count('present'),
      count('unsafe'),
      count('absent'),
    ]
  })
  return { title: 'Evidence coverage', columns: ['Source', 'Reviewed', 'Present', 'Unsafe', 'Absent'], rows }
}

function realTimeMatrix(report: Report): ReviewTable {
  return {
    title: 'Real-time, webhook and async evidence',
    columns: ['Surface', ...Object.values(MATRIX_COLUMNS), 'Decision'],
    rows: report.surfaces
      .filter((surface) => !REQUEST_STYLES.has(surface.style))
      .map((surface) => [surfaceName(surface), ...matrixRow(surface).map(cellText), decisionCell(surface)]),
  }
}

function controlTable(
  report: Report,
  title: string,
  first: string,
  columns: readonly (readonly [string, ControlId])[],
  inScope: (surface: ReportSurface) => boolean,
): ReviewTable {
  return {
    title,
    columns: [first, ...columns.map(([label]) => label), 'Decision'],
    rows: report.surfaces
      .filter(inScope)
      .map((surface) => [
        surfaceName(surface),
        ...columns.map(([, control]) => outcome(surface, control)),
        decisionCell(surface),
      ]),
  }
}

function outcome(surface: ReportSurface, control: ControlId): string {
  const verdict = surface.controls.find((one) => one.control === control)
  switch (verdict?.outcome) {
    case undefined:
      return '–'
    case 'met':
      return `met (${verdict.proof})`
    case 'failed':
      return 'FAILED'
    case 'missing':
      return 'not proven'
    case 'unstated':
      return 'not stated'
  }
}

export function surfaceName(surface: ReportSurface): string {
  const route = surface.route === null || surface.id.includes(surface.route) ? '' : ` ${surface.route}`
  const { label } = SURFACE_STYLES[surface.style]
  // Most ids begin with the style, which the label says in words.
  const own = `${surface.style} `
  return surface.id.startsWith(own)
    ? `${label} ${surface.id.slice(own.length)}${route}`
    : `${label}: ${surface.id}${route}`
}

export function decisionCell(surface: ReportSurface): string {
  return surface.proof === 'none' ? surface.decision : `${surface.decision} (${surface.proof})`
}
