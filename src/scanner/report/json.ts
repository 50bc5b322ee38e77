/** The report as JSON: `schemaVersion` 1, described by docs/schemas/report.schema.json, equal bytes for equal input. */
import type { Report } from './report-types.ts'

export function renderJson(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`
}
