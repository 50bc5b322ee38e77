/**
 * One report, any format; several at once are several calls on the same report. Each format is loaded when it is
 * asked for: most of them bring along every rule's text, and a scan of what is live needs none of them.
 */
import type { Report } from './report-types.ts'

export const REPORT_FORMATS = ['text', 'json', 'sarif', 'markdown', 'html', 'junit', 'github'] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]

export interface RenderOptions {
  /** Text of the scanned files, for code frames; without it there are none. */
  readonly sources?: ReadonlyMap<string, string>
  readonly colour?: boolean
  readonly quiet?: boolean
}

export async function renderReport(report: Report, format: ReportFormat, options: RenderOptions = {}): Promise<string> {
  const sources = options.sources ?? new Map<string, string>()
  switch (format) {
    case 'text':
      return (await import('./text.ts')).renderText(report, {
        sources,
        colour: options.colour ?? false,
        quiet: options.quiet ?? false,
      })
    case 'json':
      return (await import('./json.ts')).renderJson(report)
    case 'sarif':
      return await (await import('./sarif.ts')).renderSarif(report)
    case 'markdown':
      return (await import('./markdown.ts')).renderMarkdown(report, sources)
    case 'html':
      return (await import('./html.ts')).renderHtml(report, sources)
    case 'junit':
      return (await import('./junit.ts')).renderJunit(report)
    case 'github':
      return (await import('./github.ts')).renderGithub(report)
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
