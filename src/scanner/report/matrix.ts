/** The evidence matrix: one row per surface, the columns of the published review, a mark per control. */
import { type ControlId, controlOf } from '../../catalogue/catalogue.ts'
import type { ControlVerdict } from '../../catalogue/judge.ts'
import type { ReportSurface } from './report-types.ts'

export const MATRIX_COLUMNS = {
  inventory: 'Inventory',
  session: 'Auth/session',
  authorisation: 'Per-message/event authorisation',
  integrity: 'Integrity/freshness',
  resources: 'Resource controls',
  logging: 'Logging/monitoring',
} as const
export type MatrixColumn = keyof typeof MATRIX_COLUMNS

export interface MatrixCell {
  readonly column: MatrixColumn
  readonly met: readonly ControlId[]
  readonly failed: readonly ControlId[]
  readonly missing: readonly ControlId[]
}

const AUTHORISATION: ReadonlySet<ControlId> = new Set<ControlId>([
  'message-authorization',
  'tenant-binding',
  'object-owner-check',
  'subscription-binding',
  'broadcast-isolation',
  'server-derived-identity',
  'object-authorization',
  'function-authorization',
  'property-filtering',
  'event-allowlist',
  'tenant-mapping',
  'payload-object-scope',
  'job-create-authorization',
  'job-owner-binding',
  'job-status-authorization',
  'job-cancel-authorization',
  'job-result-authorization',
  'callback-target-authorization',
  'worker-authorization',
  'result-url-authorization',
  'event-scope',
  'destination-ownership',
  'replay-recheck',
  'llm-agency-limit',
  'llm-prompt-isolation',
])

const RESOURCES: ReadonlySet<ControlId> = new Set<ControlId>([
  'message-size-limit',
  'message-rate-limit',
  'connection-limit',
  'backpressure',
  'body-size-limit',
  'request-rate-limit',
  'query-cost-limit',
  'job-ttl',
  'result-url-ttl',
  'result-revocation',
  'result-url-single-use',
  'queue-limit',
  'retry-policy',
])

export function columnOf(id: ControlId): MatrixColumn {
  if (AUTHORISATION.has(id)) return 'authorisation'
  if (RESOURCES.has(id)) return 'resources'
  switch (controlOf(id).group) {
    case 'inventory':
    case 'contract':
    case 'review':
      return 'inventory'
    case 'handshake':
    case 'session':
    case 'request':
      return 'session'
    case 'logging':
      return 'logging'
    case 'job':
      return 'authorisation'
    default:
      return 'integrity'
  }
}

/** Only what was stated or is needed: a control nobody spoke of and nothing hangs on stays out. */
export function matrixRow(surface: ReportSurface): readonly MatrixCell[] {
  return Object.keys(MATRIX_COLUMNS)
    .filter(isColumn)
    .map((column) => {
      const inside = surface.controls.filter((verdict) => columnOf(verdict.control) === column)
      const those = (outcome: ControlVerdict['outcome']) =>
        inside.filter((verdict) => verdict.outcome === outcome).map((verdict) => verdict.control)
      return { column, met: those('met'), failed: those('failed'), missing: those('missing') }
    })
}

/** `4 met, 1 failed: session-termination, 2 unproven: …`, or a dash. */
export function cellText(cell: MatrixCell): string {
  const parts = [
    cell.met.length === 0 ? '' : `${cell.met.length} met`,
    cell.failed.length === 0 ? '' : `${cell.failed.length} failed: ${cell.failed.join(', ')}`,
    cell.missing.length === 0 ? '' : `${cell.missing.length} unproven: ${cell.missing.join(', ')}`,
  ].filter((part) => part !== '')
  return parts.length === 0 ? '–' : parts.join('; ')
}

function isColumn(text: string): text is MatrixColumn {
  return Object.hasOwn(MATRIX_COLUMNS, text)
}
