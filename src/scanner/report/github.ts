/** GitHub Actions annotations: each finding on its line of the pull request, and one line with the decision. */
import { controlOf } from '../../catalogue/catalogue.ts'
import type { Severity } from '../../catalogue/severity.ts'
import { escapeAnnotation, escapeAnnotationProperty } from './escape.ts'
import type { Message, Report } from './report-types.ts'

export function renderGithub(report: Report): string {
  const findings = report.surfaces.flatMap((surface) =>
    surface.findings.map((finding) => {
      const gates = finding.gates.length === 0 ? '' : ` [${finding.gates.join(' ')}]`
      return annotation(
        command(finding.severity),
        finding,
        `${finding.severity}: ${finding.rule}`,
        `${controlOf(finding.control).title}. ${finding.message}${gates}`,
      )
    }),
  )
  const problems = report.problems.map((problem) => annotation('error', problem, 'input', problem.message))
  const warnings = report.warnings.map((warning) => annotation('warning', warning, 'manifest', warning.message))
  const score = report.score === null ? 'no score' : `score ${report.score} (${report.grade})`
  const summary = `::notice title=postern::${escapeAnnotation(`${report.decision} (${report.proof}), ${score}, coverage ${report.coverage} %`)}`
  return `${[...problems, ...findings, ...warnings, summary].join('\n')}\n`
}

type Command = 'error' | 'warning' | 'notice'

function command(severity: Severity): Command {
  if (severity === 'critical' || severity === 'high') return 'error'
  return severity === 'medium' || severity === 'low' ? 'warning' : 'notice'
}

function annotation(
  name: Command,
  at: { [K in keyof Message]?: Message[K] | null },
  title: string,
  message: string,
): string {
  const properties = [
    at.file == null ? '' : `file=${escapeAnnotationProperty(at.file)}`,
    at.line == null ? '' : `line=${at.line}`,
    at.column == null ? '' : `col=${at.column}`,
    `title=${escapeAnnotationProperty(title)}`,
  ].filter((property) => property !== '')
  return `::${name} ${properties.join(',')}::${escapeAnnotation(message)}`
}
