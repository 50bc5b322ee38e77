/** One report, any format; several at once are several calls on the same report. */
import { renderGithub } from './github.ts'
import { renderHtml } from './html.ts'
import { renderJson } from './json.ts'
import { renderJunit } from './junit.ts'
import { renderMarkdown } from './markdown.ts'
import type { Report } from './report-types.ts'
import { renderSarif } from './sarif.ts'
import { renderText } from './text.ts'

export const REPORT_FORMATS = ['text', 'json', 'sarif', 'markdown', 'html', 'junit', 'github'] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]

export interface RenderOptions {
  /** Text of the scanned files, for code frames; without it there are none. */
  readonly sources?: ReadonlyMap<string, string>
  readonly colour?: boolean
  readonly quiet?: boolean
}

export function renderReport(report: Report, format: ReportFormat, options: RenderOptions = {}): string {
  const sources = options.sources ?? new Map<string, string>()
  switch (format) {
    case 'text':
      return renderText(report, { sources, colour: options.colour ?? false, quiet: options.quiet ?? false })
    case 'json':
      return renderJson(report)
    case 'sarif':
      return renderSarif(report)
    case 'markdown':
      return renderMarkdown(report, sources)
    case 'html':
      return renderHtml(report, sources)
    case 'junit':
      return renderJunit(report)
    case 'github':
      return renderGithub(report)
  }
}

/** Colour only where somebody looks: a terminal, without `NO_COLOR` (https://no-color.org: any value but empty). */
export function wantsColour(
  stream: { readonly isTTY?: boolean | undefined },
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  if ((environment['NO_COLOR'] ?? '') !== '') return false
  return stream.isTTY === true && environment['TERM'] !== 'dumb'
}
