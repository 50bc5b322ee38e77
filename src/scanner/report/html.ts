/**
 * The report as one HTML page for people who decide: no script, no request to anywhere (a content security policy
 * in the page forbids both), readable on a telephone and on paper. Everything from scanned files is escaped.
 */

import { controlOf } from '../../catalogue/catalogue.ts'
import { DECISIONS, type Decision } from '../../catalogue/decide.ts'
import type { ProbeExchange, ProbeRecord } from '../../catalogue/evidence.ts'
import { OWASP_API_2023 } from '../../catalogue/references.ts'
import { SEVERITIES } from '../../catalogue/severity.ts'
import { adviceFor } from './advice.ts'
import { FOLLOWS, type Folded, folded, followerText } from './causes.ts'
import { codeFrame } from './code-frame.ts'
import { escapeHtml } from './escape.ts'
import { exchangeOf } from './exchange.ts'
import { headline, restOf } from './headline.ts'
import { HTML_STYLE } from './html-style.ts'
import { nextSteps } from './next-steps.ts'
import { placeOf } from './place.ts'
import type { Report, ReportFinding, ReportSurface } from './report-types.ts'
import { type ReviewTable, reviewTables, surfaceName } from './review-tables.ts'

export function renderHtml(report: Report, sources: ReadonlyMap<string, string>): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>Back gate review: ${escapeHtml(report.decision)}</title>
<style>${HTML_STYLE}</style>
</head>
<body>
<main>
${summary(report)}
${next(report)}
${problems(report)}
${surfaces(report)}
${findings(report, sources)}
${missing(report)}
${probes(report)}
${reviewTables(report)
  .map((table) => `<section><h2>${escapeHtml(table.title)}</h2>${renderTable(table)}</section>`)
  .join('\n')}
${notes(report)}
<footer>Postern ${escapeHtml(report.tool.version)} · catalogue ${escapeHtml(report.tool.catalogue)} · score formula ${escapeHtml(report.tool.score)}. “Attested” means a manifest says so; “read” that code or a specification was read; “observed” that it was seen on the wire.</footer>
</main>
</body>
</html>
`
}

const MEANING: Readonly<Record<Decision, string>> = {
  vulnerable: 'At least one surface lacks a protection it needs. The findings below say which, where and what to do.',
  'not evaluable': 'There is not enough material to judge. Nothing is concluded; what is missing is named below.',
  partial: 'Nothing is known to be wrong, and not everything that matters is proven.',
  secure: 'Every decisive control of every surface is proven, to the level stated.',
}

function summary(report: Report): string {
  const counts = SEVERITIES.toReversed().map((severity) => ({
    severity,
    count: report.surfaces.reduce(
      (sum, surface) => sum + folded(surface.findings).filter(({ finding }) => finding.severity === severity).length,
      0,
    ),
  }))
  const shown = counts.filter(({ count }) => count > 0)
  const following = report.surfaces.reduce(
    (sum, { findings: all }) => sum + folded(all).reduce((own, { followers }) => own + followers.length, 0),
    0,
  )
  return `<header>
<p class="kicker">Back gate review</p>
<h1 class="${decisionClass(report.decision)}">${escapeHtml(capital(report.decision))}</h1>
<p class="lead">${escapeHtml(MEANING[report.decision])}</p>
<dl class="figures">
<div><dt>Score</dt><dd>${report.score === null ? '–' : report.score}<small> of 100</small></dd></div>
<div><dt>Grade</dt><dd>${escapeHtml(report.grade ?? '–')}</dd></div>
<div><dt>Coverage</dt><dd>${report.coverage}<small> %</small></dd></div>
<div><dt>Surfaces</dt><dd>${report.surfaces.length}</dd></div>
<div><dt>Proof</dt><dd class="word">${escapeHtml(report.proof)}</dd></div>
</dl>
${shown.length === 0 ? '' : `<p class="counts">${shown.map(({ severity, count }) => `<span class="tag ${severity}">${count} ${severity}</span>`).join(' ')}${following === 0 ? '' : ` and ${following} more of the same causes`}</p>`}
${report.incomplete ? '<p class="warn">This run is incomplete and has no score.</p>' : ''}
</header>`
}

function next(report: Report): string {
  const steps = nextSteps(report)
  if (steps.length === 0) return ''
  return `<section><h2>What to do next</h2><ol>${steps.map((step) => `<li>${escapeHtml(step)}</li>`).join('')}</ol></section>`
}

function problems(report: Report): string {
  if (report.problems.length === 0) return ''
  return `<section><h2>Input that could not be judged</h2><ul>${report.problems
    .map(
      (problem) =>
        `<li><code>${escapeHtml(`${problem.file}:${problem.line}:${problem.column}`)}</code> ${escapeHtml(problem.message)}</li>`,
    )
    .join('')}</ul></section>`
}

function surfaces(report: Report): string {
  if (report.surfaces.length === 0) return ''
  const worstFirst = [...report.surfaces].sort((a, b) => DECISIONS.indexOf(a.decision) - DECISIONS.indexOf(b.decision))
  const rows = worstFirst.map(
    (surface) => `<tr>
<td>${escapeHtml(surfaceName(surface))}${surface.file === null ? '' : `<br><code>${escapeHtml(`${surface.file}:${surface.line ?? 1}`)}</code>`}</td>
<td><span class="tag ${decisionClass(surface.decision)}">${escapeHtml(surface.decision)}</span></td>
<td>${escapeHtml(surface.proof)}</td>
<td class="number">${surface.score ?? '–'}</td>
<td class="number">${surface.coverage.decided}/${surface.coverage.needed}</td>
<td class="number">${surface.findings.length}</td>
</tr>`,
  )
  return `<section><h2>Surfaces</h2><div class="wide"><table>
<thead><tr><th>Surface</th><th>Decision</th><th>Proof</th><th class="number">Score</th><th class="number">Decided</th><th class="number">Findings</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div></section>`
}

function findings(report: Report, sources: ReadonlyMap<string, string>): string {
  const all = report.surfaces.flatMap((surface) => folded(surface.findings).map((one) => ({ surface, ...one })))
  if (all.length === 0) return '<section><h2>Findings</h2><p>None.</p></section>'
  const worstFirst = all.sort((a, b) => SEVERITIES.indexOf(b.finding.severity) - SEVERITIES.indexOf(a.finding.severity))
  return `<section><h2>Findings</h2>${worstFirst.map(({ surface, ...one }) => findingArticle(surface, one, sources)).join('\n')}</section>`
}

function findingArticle(
  surface: ReportSurface,
  { finding, followers }: Folded,
  sources: ReadonlyMap<string, string>,
): string {
  const control = controlOf(finding.control)
  const advice = adviceFor(finding)
  const rest = restOf(finding.message)
  const frame =
    finding.file === null || finding.line === null
      ? undefined
      : codeFrame(sources, finding.file, finding.line, finding.column ?? 1)
  const place =
    finding.file === null ? '' : `<code>${escapeHtml(`${finding.file}:${finding.line}:${finding.column}`)}</code> · `
  return `<article class="finding ${finding.severity}">
<h3><span class="tag ${finding.severity}">${finding.severity}</span> ${escapeHtml(headline(finding.message))}</h3>
${rest === '' ? '' : `<p>${escapeHtml(rest)}</p>`}
<p><strong>Expected.</strong> ${escapeHtml(control.title)}.</p>
<p class="meta">${place}${escapeHtml(surfaceName(surface))} · <code>${escapeHtml(finding.rule)}</code> · confidence ${escapeHtml(finding.confidence)}</p>
${frame === undefined ? '' : `<pre>${escapeHtml(frame)}</pre>`}
${exchangeBlock(exchangeOf(surface, finding))}
${finding.trace.length === 0 ? '' : `<ol class="trace">${finding.trace.map((step) => `<li><code>${escapeHtml(`${step.file}:${step.line}:${step.column}`)}</code> ${escapeHtml(step.message)}</li>`).join('')}</ol>`}
${followersBlock(finding, followers)}
<p><strong>Why it matters.</strong> ${escapeHtml(advice.why)}</p>
<p><strong>Fix.</strong> ${escapeHtml(advice.fix)}</p>
<p class="meta">${escapeHtml(finding.gates.join(', '))}${finding.gates.length === 0 ? '' : ' · '}${escapeHtml(finding.owasp.map((id) => `${id} ${OWASP_API_2023[id]}`).join(', '))} · ${escapeHtml(finding.cwe.map((cwe) => `CWE-${cwe}`).join(', '))}</p>
</article>`
}

/** Mending the cause mends them: a sentence each is enough. */
function followersBlock(finding: ReportFinding, followers: readonly ReportFinding[]): string {
  if (followers.length === 0) return ''
  const lines = followers.map(
    (one) =>
      `<li><span class="tag ${one.severity}">${one.severity}</span> ${escapeHtml(followerText({ finding }, one))} <code>${escapeHtml(one.rule)}</code></li>`,
  )
  return `<p><strong>${FOLLOWS}</strong></p><ul class="followers">${lines.join('')}</ul>`
}

function exchangeBlock(exchange: ProbeExchange | undefined): string {
  if (exchange === undefined) return ''
  return `<details open><summary>What was sent, and the answer</summary><pre>${escapeHtml(exchange.request)}</pre><pre>${escapeHtml(exchange.response)}</pre></details>`
}

/** Each probe with what it asked, for a reader who wants to know what “observed” rests on. */
function probes(report: Report): string {
  const rows = report.surfaces.flatMap((surface) =>
    surface.probes.map(({ probe, title, verdicts }) => [
      surfaceName(surface),
      `${title} (${probe})`,
      standingOf(verdicts.map(({ standing }) => standing)),
      verdicts
        .filter(({ standing }) => standing !== 'sound')
        .map(({ detail, next }) => (next === null ? detail : `${detail} ${next}`))
        .filter((detail, index, all) => all.indexOf(detail) === index)
        .slice(0, 2)
        .join(' '),
    ]),
  )
  return rows.length === 0
    ? ''
    : `<section><h2>What was probed</h2>${renderTable({ title: '', columns: ['Surface', 'Probe', 'Seen', 'What is to be known'], rows })}</section>`
}

function standingOf(standings: readonly ProbeStanding[]): string {
  return STANDINGS.find((standing) => standings.includes(standing)) ?? 'not-applicable'
}

type ProbeStanding = ProbeRecord['verdicts'][number]['standing']
const STANDINGS: readonly ProbeStanding[] = ['faulty', 'unclear', 'sound']

function missing(report: Report): string {
  const rows = report.surfaces.flatMap((surface) =>
    surface.missing.map((one) => [surfaceName(surface), one.control, one.artefact]),
  )
  if (rows.length === 0) return ''
  return `<section><h2>What is missing to decide</h2>${renderTable({ title: '', columns: ['Surface', 'Control', 'Show this'], rows })}</section>`
}

function notes(report: Report): string {
  const lines = [
    ...report.suppressed.map(
      ({ surface, finding, by, reason }) => `Suppressed (${by}): ${finding.rule} on ${surface}: ${reason}`,
    ),
    ...report.stale.map((one) => `Stale ${one.kind}: ${one.what}`),
    ...report.warnings.map((warning) => `${placeOf(warning)} ${warning.message}`),
    ...report.surfaces.flatMap((surface) =>
      surface.residualRisk.map((risk) => `Residual risk of ${surface.id}: ${risk}`),
    ),
  ]
  return lines.length === 0
    ? ''
    : `<section><h2>Notes</h2><ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul></section>`
}

function renderTable({ columns, rows }: ReviewTable): string {
  const head = columns.map((column) => `<th>${escapeHtml(column)}</th>`).join('')
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`).join('\n')
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`
}

function decisionClass(decision: Decision): string {
  return decision.replace(' ', '-')
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
