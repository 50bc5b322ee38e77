/** JUnit XML: a suite per surface, a case per decisive control, so that any CI shows which control fails where. */

import { controlOf } from '../../catalogue/catalogue.ts'
import { adviceFor } from './advice.ts'
import { escapeXml } from './escape.ts'
import type { Report, ReportFinding, ReportSurface } from './report-types.ts'

export function renderJunit(report: Report): string {
  const suites = [...report.surfaces.map(suite), ...(report.problems.length === 0 ? [] : [problemSuite(report)])]
  const total = (name: 'tests' | 'failures' | 'errors' | 'skipped') => suites.reduce((sum, one) => sum + one[name], 0)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="postern" tests="${total('tests')}" failures="${total('failures')}" errors="${total('errors')}" skipped="${total('skipped')}">`,
    ...suites.map((one) => one.xml),
    '</testsuites>',
    '',
  ].join('\n')
}

interface Suite {
  readonly tests: number
  readonly failures: number
  readonly errors: number
  readonly skipped: number
  readonly xml: string
}

function suite(surface: ReportSurface): Suite {
  const judged = surface.controls.filter((verdict) => verdict.outcome !== 'unstated')
  const withCases = new Set(judged.map((verdict) => verdict.control))
  const cases = judged.map((verdict) => {
    const findings = surface.findings.filter(
      (finding) => finding.control === verdict.control && finding.severity !== 'info',
    )
    const missing = surface.missing.find((one) => one.control === verdict.control)
    if (findings.length > 0)
      return { outcome: 'failure' as const, xml: testCase(surface, verdict.control, findings.map(failure).join('')) }
    if (missing !== undefined)
      return {
        outcome: 'skipped' as const,
        xml: testCase(surface, verdict.control, `<skipped message="${escapeXml(`Not proven: ${missing.artefact}`)}"/>`),
      }
    return { outcome: 'passed' as const, xml: testCase(surface, verdict.control, '') }
  })
  const others = surface.findings
    .filter((finding) => !withCases.has(finding.control) && finding.severity !== 'info')
    .map((finding) => ({ outcome: 'failure' as const, xml: testCase(surface, finding.rule, failure(finding)) }))
  const all = [...cases, ...others]
  const failures = all.filter((one) => one.outcome === 'failure').length
  const skipped = all.filter((one) => one.outcome === 'skipped').length
  return {
    tests: all.length,
    failures,
    errors: 0,
    skipped,
    xml: [
      `  <testsuite name="${escapeXml(surface.id)}" tests="${all.length}" failures="${failures}" errors="0" skipped="${skipped}">`,
      `    <properties><property name="decision" value="${escapeXml(surface.decision)}"/><property name="proof" value="${escapeXml(surface.proof)}"/></properties>`,
      ...all.map((one) => one.xml),
      '  </testsuite>',
    ].join('\n'),
  }
}

function testCase(surface: ReportSurface, name: string, inside: string): string {
  const file = surface.file === null ? '' : ` file="${escapeXml(surface.file)}"`
  const head = `    <testcase classname="${escapeXml(surface.id)}" name="${escapeXml(name)}"${file}`
  return inside === '' ? `${head}/>` : `${head}>${inside}</testcase>`
}

function failure(finding: ReportFinding): string {
  const place = finding.file === null ? '' : `${finding.file}:${finding.line}:${finding.column}`
  const text = [finding.message, place, finding.gates.join(' '), adviceFor(finding).fix]
    .filter((part) => part !== '')
    .join('\n')
  return `<failure type="${escapeXml(finding.severity)}" message="${escapeXml(controlOf(finding.control).title)}">${escapeXml(text)}</failure>`
}

function problemSuite(report: Report): Suite {
  const cases = report.problems.map(
    (problem) =>
      `    <testcase classname="input" name="${escapeXml(`${problem.file}:${problem.line}:${problem.column}`)}"><error message="${escapeXml(problem.message)}"/></testcase>`,
  )
  return {
    tests: cases.length,
    failures: 0,
    errors: cases.length,
    skipped: 0,
    xml: [
      `  <testsuite name="input" tests="${cases.length}" failures="0" errors="${cases.length}" skipped="0">`,
      ...cases,
      '  </testsuite>',
    ].join('\n'),
  }
}
