/** The review as Markdown, in the layout of the published review: what was looked at, matrices, then findings. */

import { controlOf } from '../../catalogue/catalogue.ts'
import { OWASP_API_2023 } from '../../catalogue/references.ts'
import { adviceFor } from './advice.ts'
import { FOLLOWS, type Folded, folded, followerText } from './causes.ts'
import { codeFrame } from './code-frame.ts'
import { escapeMarkdown, plainText } from './escape.ts'
import { doubts, exchangeOf } from './exchange.ts'
import { headline, restOf } from './headline.ts'
import { placeOf } from './place.ts'
import type { Report, ReportSurface } from './report-types.ts'
import { decisionCell, type ReviewTable, reviewTables, surfaceName } from './review-tables.ts'
import { countDecisions } from './text.ts'

export function renderMarkdown(report: Report, sources: ReadonlyMap<string, string>): string {
  const blocks = [
    '# Security review of back gates',
    summary(report),
    ...(report.problems.length === 0
      ? []
      : [
          '## Input that could not be judged',
          ...report.problems.map((problem) =>
            bullet(`${problem.file}:${problem.line}:${problem.column} ${problem.message}`),
          ),
        ]),
    ...reviewTables(report).flatMap((table) => [`## ${table.title}`, renderTable(table)]),
    ...findingsBlocks(report, sources),
    ...missingBlocks(report),
    ...residualBlocks(report),
    ...notesBlocks(report),
  ]
  return `${blocks.join('\n\n')}\n`
}

function summary(report: Report): string {
  const score = report.score === null ? 'none' : `${report.score} (${report.grade})`
  return renderTable({
    title: '',
    columns: ['Decision', 'Proof', 'Score', 'Coverage', 'Surfaces', 'Catalogue'],
    rows: [
      [
        report.decision.toUpperCase(),
        report.proof,
        score,
        `${report.coverage} %${report.incomplete ? ', incomplete' : ''}`,
        `${report.surfaces.length}: ${countDecisions(report)}`,
        report.tool.catalogue,
      ],
    ],
  })
}

function renderTable({ columns, rows }: ReviewTable): string {
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => escapeMarkdown(cell)).join(' | ')} |`
  return [row(columns), `|${columns.map(() => ' --- |').join('')}`, ...rows.map(row)].join('\n')
}

function findingsBlocks(report: Report, sources: ReadonlyMap<string, string>): readonly string[] {
  const found = report.surfaces.flatMap((surface) => folded(surface.findings).map((one) => ({ surface, ...one })))
  if (found.length === 0) return ['## Findings', 'None.']
  return ['## Findings', ...found.map(({ surface, ...one }, index) => findingBlock(index + 1, surface, one, sources))]
}

function findingBlock(
  number: number,
  surface: ReportSurface,
  { finding, followers }: Folded,
  sources: ReadonlyMap<string, string>,
): string {
  const control = controlOf(finding.control)
  const exchange = exchangeOf(surface, finding)
  const place = finding.file === null ? 'no single place' : `${finding.file}:${finding.line}:${finding.column}`
  const frame =
    finding.file === null || finding.line === null
      ? undefined
      : codeFrame(sources, finding.file, finding.line, finding.column ?? 1)
  return [
    `### ${number}. ${finding.severity.toUpperCase()}: ${escapeMarkdown(headline(finding.message))}`,
    [
      bullet(`Surface: ${surfaceName(surface)}, ${decisionCell(surface)}`),
      bullet(`Rule: ${finding.rule}; control: ${finding.control}; confidence: ${finding.confidence}`),
      bullet(`Evidence gates: ${finding.gates.join(', ') || 'none'}`),
      bullet(
        `OWASP API 2023: ${finding.owasp.map((id) => `${id} ${OWASP_API_2023[id]}`).join(', ')}; CWE: ${finding.cwe.join(', ')}`,
      ),
      bullet(`Where: ${place}`),
    ].join('\n'),
    ...(restOf(finding.message) === '' ? [] : [escapeMarkdown(restOf(finding.message))]),
    `**Expected.** ${escapeMarkdown(control.title)}.`,
    ...(frame === undefined ? [] : [fence(frame)]),
    ...(exchange === undefined ? [] : [fence(plainText(`${exchange.request}\n\n${exchange.response}`))]),
    ...(finding.trace.length === 0
      ? []
      : [
          finding.trace
            .map(
              (step, index) =>
                `${index + 1}. ${escapeMarkdown(`${step.file}:${step.line}:${step.column} ${step.message}`)}`,
            )
            .join('\n'),
        ]),
    ...(followers.length === 0
      ? []
      : [FOLLOWS, followers.map((one) => bullet(`${one.rule}: ${followerText({ finding }, one)}`)).join('\n')]),
    `**Why it matters.** ${escapeMarkdown(adviceFor(finding).why)}`,
    `**Fix.** ${escapeMarkdown(adviceFor(finding).fix)}`,
    `**Check.** ${escapeMarkdown(control.verify.map((step) => `${step.by}: ${step.how}`).join(' '))}`,
  ].join('\n\n')
}

function missingBlocks(report: Report): readonly string[] {
  const rows = report.surfaces.flatMap((surface) =>
    surface.missing.map((one) => [surfaceName(surface), one.control, one.artefact]),
  )
  return rows.length === 0
    ? []
    : ['## What is missing to decide', renderTable({ title: '', columns: ['Surface', 'Control', 'Show this'], rows })]
}

function residualBlocks(report: Report): readonly string[] {
  const lines = report.surfaces.flatMap((surface) =>
    surface.residualRisk.map((risk) => bullet(`${surface.id}: ${risk}`)),
  )
  return lines.length === 0 ? [] : ['## Residual risk', lines.join('\n')]
}

function notesBlocks(report: Report): readonly string[] {
  const lines = [
    ...report.surfaces.flatMap((surface) =>
      doubts(surface).map(({ probe, detail, next }) =>
        bullet(`${surface.id}, probe ${probe}: ${detail}${next === null ? '' : ` ${next}`}`),
      ),
    ),
    ...report.suppressed.map(({ surface, finding, by, reason }) =>
      bullet(`Suppressed (${by}): ${finding.rule} on ${surface}: ${reason}`),
    ),
    ...report.stale.map((one) => bullet(`Stale ${one.kind}: ${one.what}`)),
    ...report.warnings.map((warning) => bullet(`${placeOf(warning)} ${warning.message}`)),
  ]
  return lines.length === 0 ? [] : ['## Notes', lines.join('\n')]
}

function bullet(text: string): string {
  return `- ${escapeMarkdown(text)}`
}

/** Longer than any run of backticks inside, so that the frame cannot end it. */
function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((match) => match[0].length))
  const ticks = '`'.repeat(longest + 1)
  return `${ticks}text\n${text}\n${ticks}`
}
