/** The report for a terminal: what was decided, the evidence per surface, each finding with its line, what is missing. */

import { controlOf } from '../../catalogue/catalogue.ts'
import type { Decision } from '../../catalogue/decide.ts'
import { groupBy } from '../../catalogue/group-by.ts'
import type { Severity } from '../../catalogue/severity.ts'
import { SURFACE_STYLES } from '../../catalogue/surfaces.ts'
import { adviceFor } from './advice.ts'
import { FOLLOWS, type Folded, folded, followerText } from './causes.ts'
import { codeFrame } from './code-frame.ts'
import { oneLine } from './escape.ts'
import { doubts, exchangeLine, exchangeOf } from './exchange.ts'
import { cellText, MATRIX_COLUMNS, matrixRow } from './matrix.ts'
import { isUnjudged, nextSteps } from './next-steps.ts'
import { placeOf } from './place.ts'
import type { ExaminedCode, Report, ReportSurface } from './report-types.ts'

export interface TextOptions {
  readonly colour: boolean
  /** Only what is wrong: no secure surfaces, no matrices. */
  readonly quiet: boolean
  readonly sources: ReadonlyMap<string, string>
}

type Paint = (style: keyof typeof STYLES, text: string) => string

export function renderText(report: Report, options: TextOptions): string {
  const paint: Paint = options.colour ? (style, text) => `\u001b[${STYLES[style]}m${text}\u001b[0m` : (_, text) => text
  const shown = options.quiet
    ? report.surfaces.filter((surface) => surface.decision !== 'secure' || surface.findings.length > 0)
    : report.surfaces
  const blocks = [
    header(report, paint),
    ...report.problems.map(
      (problem) =>
        `${paint('bad', 'error')} ${oneLine(problem.file)}:${problem.line}:${problem.column} ${oneLine(problem.message)}`,
    ),
    ...shown.map((surface) => surfaceBlock(surface, options, paint)),
    notes(report, options, paint),
    fixable(report),
    ...(options.quiet ? [] : [next(report, paint)]),
  ]
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`
}

const STYLES = { good: '32', bad: '31', warn: '33', dim: '2', bold: '1' } as const

function header(report: Report, paint: Paint): string {
  const score = report.score === null ? 'no score' : `score ${report.score} (${report.grade})`
  const counts = countDecisions(report)
  return [
    paint('dim', `postern ${oneLine(report.tool.version)}, catalogue ${report.tool.catalogue}`),
    `${decisionText(report.decision, paint)}${proofText(report.proof)} · ${score} · coverage ${report.coverage} %${report.incomplete ? ' · incomplete' : ''}`,
    `${report.surfaces.length} ${report.surfaces.length === 1 ? 'surface' : 'surfaces'}${counts === '' ? '' : `: ${counts}`}`,
    ...(report.examined === null ? [] : [paint('dim', examinedText(report.examined))]),
  ].join('\n')
}

/** One line: how much source was read, and what was passed over. */
export function examinedText({ files, candidates, parsed, parseCoverage, skipped }: ExaminedCode): string {
  const passed = skipped.map(({ why, count }) => `${count} ${why}`).join(', ')
  return `${files} source ${files === 1 ? 'file' : 'files'} read, ${candidates} may declare a back gate, ${parsed} parsed (${parseCoverage} % understood)${passed === '' ? '' : `; passed over: ${passed}`}`
}

export function countDecisions(report: Report): string {
  const order: readonly Decision[] = ['vulnerable', 'not evaluable', 'partial', 'secure']
  return order
    .map((decision) => ({ decision, count: report.surfaces.filter((surface) => surface.decision === decision).length }))
    .filter(({ count }) => count > 0)
    .map(({ decision, count }) => `${count} ${decision}`)
    .join(', ')
}

function surfaceBlock(surface: ReportSurface, options: TextOptions, paint: Paint): string {
  const where = surface.file === null ? '' : paint('dim', `  ${oneLine(surface.file)}:${surface.line ?? 1}`)
  // Most ids are made of style and route.
  const route = surface.route === null || surface.id.includes(surface.route) ? '' : ` ${oneLine(surface.route)}`
  const head = `${paint('bold', oneLine(surface.id))}  ${SURFACE_STYLES[surface.style].label}${route}`
  const verdict = `  ${decisionText(surface.decision, paint)}${proofText(surface.proof)} · ${surface.score === null ? 'no score' : `score ${surface.score}`} · ${surface.coverage.decided} of ${surface.coverage.needed} decisive controls decided`
  const width = Math.max(...Object.values(MATRIX_COLUMNS).map((label) => label.length))
  const unjudged = isUnjudged(surface)
  const matrix =
    options.quiet || unjudged
      ? []
      : matrixRow(surface)
          .filter((cell) => cell.met.length + cell.failed.length + cell.missing.length > 0)
          .map((cell) => `    ${MATRIX_COLUMNS[cell.column].padEnd(width)}  ${cellText(cell)}`)
  return [
    head,
    ...(where === '' ? [] : [where]),
    verdict,
    ...folded(surface.findings).map((one) => findingBlock(surface, one, options, paint)),
    ...unclearBlock(surface, options),
    ...(matrix.length === 0 ? [] : ['  Evidence', ...matrix]),
    ...(unjudged || surface.missing.length === 0 || (surface.decision === 'vulnerable' && options.quiet)
      ? []
      : ['  Missing to decide', ...surface.missing.map((one) => `    ${one.control}: ${oneLine(one.artefact)}`)]),
    ...(options.quiet || unjudged
      ? []
      : surface.residualRisk.map((risk) => paint('dim', `  Residual risk: ${oneLine(risk)}`))),
  ].join('\n')
}

/** What was asked and could not be told is no finding, and a reader should know it all the same. */
function unclearBlock(surface: ReportSurface, { quiet }: TextOptions): readonly string[] {
  const unclear = doubts(surface)
  if (quiet || unclear.length === 0) return []
  const settled = [...groupBy(unclear, ({ next }) => next)]
  return [
    '  Asked and not told',
    ...settled.flatMap(([next, those]) => [
      ...those.map(({ probe, detail }) => `    ${probe}: ${oneLine(detail)}`),
      ...(next === null ? [] : [`      what would settle ${those.length === 1 ? 'it' : 'them'}: ${oneLine(next)}`]),
    ]),
  ]
}

function findingBlock(
  surface: ReportSurface,
  { finding, followers }: Folded,
  options: TextOptions,
  paint: Paint,
): string {
  const exchange = exchangeOf(surface, finding)
  const gates = finding.gates.length === 0 ? '' : `  ${finding.gates.join(' ')}`
  const place = finding.file === null ? '' : `${oneLine(finding.file)}:${finding.line}:${finding.column}`
  const frame =
    finding.file === null || finding.line === null
      ? undefined
      : codeFrame(options.sources, finding.file, finding.line, finding.column ?? 1)
  const control = controlOf(finding.control)
  return [
    `  ${paint(severityStyle(finding.severity), finding.severity.toUpperCase())} ${finding.rule}${gates}  ${paint('dim', `confidence ${finding.confidence}`)}`,
    `    ${oneLine(finding.message)}`,
    ...(finding.kind === 'failure' ? [`    ${paint('dim', `expected: ${control.title}`)}`] : []),
    ...(place === '' ? [] : [`    ${paint('dim', place)}`]),
    ...(frame === undefined
      ? []
      : [
          frame
            .split('\n')
            .map((row) => `      ${row}`)
            .join('\n'),
        ]),
    ...finding.trace
      .slice(0, 12)
      .map(
        (step, index) =>
          `      ${index + 1}. ${oneLine(step.file)}:${step.line}:${step.column} ${oneLine(step.message)}`,
      ),
    ...(exchange === undefined ? [] : [`    ${paint('dim', `sent: ${oneLine(exchangeLine(exchange))}`)}`]),
    ...(followers.length === 0 ? [] : [`    ${FOLLOWS}`]),
    ...followers.map((one) => `      ${one.rule}: ${oneLine(followerText({ finding }, one))}`),
    ...(finding.kind === 'failure' ? [`    ${paint('dim', 'fix:')} ${adviceFor(finding).fix}`] : []),
    ...(finding.fix === null ? [] : [`    ${paint('good', 'with --fix:')} ${oneLine(finding.fix.description)}`]),
  ].join('\n')
}

function notes(report: Report, options: TextOptions, paint: Paint): string {
  const lines = [
    ...report.suppressed.map(
      ({ surface, finding, by, reason }) =>
        `suppressed (${by}) ${finding.rule} on ${oneLine(surface)}: ${oneLine(reason)}`,
    ),
    ...report.stale.map(
      (one) =>
        `stale ${one.kind}: ${oneLine(one.what)}${one.file === null ? '' : ` (${oneLine(one.file)}:${one.line})`}`,
    ),
    ...(options.quiet
      ? []
      : report.warnings.map((warning) => `warning ${oneLine(placeOf(warning))} ${oneLine(warning.message)}`)),
  ]
  return lines.map((line) => paint('dim', line)).join('\n')
}

function next(report: Report, paint: Paint): string {
  const steps = nextSteps(report)
  return steps.length === 0
    ? ''
    : [paint('bold', 'What to do next'), ...steps.map((step, index) => `  ${index + 1}. ${oneLine(step)}`)].join('\n')
}

function fixable({ surfaces }: Report): string {
  const findings = surfaces.flatMap((surface) => surface.findings)
  const count = findings.filter(({ fix }) => fix !== null).length
  if (count === 0) return ''
  return `${count} of ${findings.length} ${findings.length === 1 ? 'finding' : 'findings'} can be fixed: run it again with --fix, or with --fix --dry-run to see the changes first.`
}

function decisionText(decision: Decision, paint: Paint): string {
  const style = decision === 'secure' ? 'good' : decision === 'vulnerable' ? 'bad' : 'warn'
  return paint(style, decision.toUpperCase())
}

function proofText(proof: Report['proof']): string {
  return proof === 'none' ? '' : ` (${proof})`
}

function severityStyle(severity: Severity): 'bad' | 'warn' | 'dim' {
  if (severity === 'critical' || severity === 'high') return 'bad'
  return severity === 'info' ? 'dim' : 'warn'
}
