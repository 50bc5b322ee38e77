/**
 * SARIF 2.1.0 for code-scanning services: stable fingerprints, help, security severity, and code flows where a
 * finding has a trace. Suppressed findings stay in the log with their justification, as the format provides.
 */
import { type Control, controlOf, isControlId } from '../../catalogue/catalogue.ts'
import type { Fix, TraceStep } from '../../catalogue/evidence.ts'
import { groupBy } from '../../catalogue/group-by.ts'
import { SECURITY_SEVERITY, type Severity } from '../../catalogue/severity.ts'
import { ruleHelp } from '../rules/page.ts'
import { ruleOf } from '../rules/registry.ts'
import { plainText } from './escape.ts'
import type { Report, ReportFinding, ReportSurface } from './report-types.ts'

export async function renderSarif(report: Report): Promise<string> {
  const shown = report.surfaces.flatMap((surface) =>
    surface.findings.map((finding) => ({ surface, finding, suppressed: undefined })),
  )
  const hidden = report.suppressed.map((one) => ({
    surface: report.surfaces.find((surface) => surface.id === one.surface),
    finding: one.finding,
    suppressed: one,
  }))
  const all = [...shown, ...hidden]
  const rules = [...new Map(all.map(({ finding }) => [finding.rule, finding])).values()].sort((a, b) =>
    a.rule < b.rule ? -1 : 1,
  )
  const helps = await probeHelps(rules)
  const indexOf = new Map(rules.map((finding, index) => [finding.rule, index]))
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Postern',
            semanticVersion: report.tool.version,
            informationUri: 'https://www.npmjs.com/package/postern',
            rules: rules.map((finding) => rule(finding, helps.get(finding.rule), report.tool.version)),
          },
        },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: !report.incomplete,
            toolExecutionNotifications: [
              ...report.problems.map((problem) => notification('error', problem)),
              ...report.warnings.map((warning) => notification('warning', warning)),
            ],
          },
        ],
        results: all.map(({ surface, finding, suppressed }) => ({
          ruleId: finding.rule,
          ruleIndex: indexOf.get(finding.rule) ?? 0,
          level: level(finding.severity),
          message: { text: `${controlOf(finding.control).title}. ${plainText(finding.message)}` },
          ...locations(finding, surface),
          partialFingerprints: { 'postern/v1': finding.fingerprint },
          ...(finding.trace.length === 0 ? {} : { codeFlows: [codeFlow(finding)] }),
          ...(finding.fix === null ? {} : { fixes: [sarifFix(finding.fix)] }),
          ...(suppressed === undefined
            ? {}
            : {
                suppressions: [
                  {
                    kind: suppressed.by === 'inline' ? 'inSource' : 'external',
                    justification: plainText(suppressed.reason),
                  },
                ],
              }),
          properties: {
            control: finding.control,
            gates: finding.gates,
            confidence: finding.confidence,
            ...(finding.cause === null ? {} : { cause: finding.cause }),
            ...(surface === undefined
              ? {}
              : { surface: plainText(surface.id), decision: surface.decision, proof: surface.proof }),
          },
        })),
        properties: {
          decision: report.decision,
          proof: report.proof,
          score: report.score,
          grade: report.grade,
          coverage: report.coverage,
        },
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

/** The pages travel in the npm package, so this address holds for exactly the version that ran. */
export function helpUri(page: string, version: string): string {
  return `https://unpkg.com/postern@${version}/docs/${page}.md`
}

interface ProbeHelp {
  readonly title: string
  readonly help: string
  readonly page: string
}

/** By id. The prober is large, and loaded only for its own findings. */
async function probeHelps(findings: readonly ReportFinding[]): Promise<ReadonlyMap<string, ProbeHelp>> {
  const others = findings.filter(({ rule }) => ruleOf(rule) === undefined && !isControlId(rule))
  if (others.length === 0) return new Map()
  const { probeHelp, probeOf } = await import('../live/probes/page.ts')
  const probes = others.flatMap(({ rule }) => probeOf(rule) ?? [])
  return new Map(
    probes.map((probe) => [probe.id, { title: probe.title, help: probeHelp(probe), page: `probes/${probe.id}` }]),
  )
}

/** Rules and probes explain themselves; every other finding is a control that fails. */
function rule(finding: ReportFinding, probe: ProbeHelp | undefined, version: string): object {
  const control = controlOf(finding.control)
  const own = ruleOf(finding.rule)
  const { title, why, help, page, severity, cwe, owasp } =
    own === undefined
      ? {
          ...control,
          why: control.why.join(' '),
          help: helpText(control),
          page: `controls/${control.id}`,
          severity: control.severity.unsafe,
          ...probe,
        }
      : { ...own, help: ruleHelp(own), page: `rules/${own.id}` }
  return {
    id: finding.rule,
    name: pascalCase(finding.rule),
    shortDescription: { text: title },
    fullDescription: { text: why },
    helpUri: helpUri(page, version),
    help: { text: help, markdown: help },
    defaultConfiguration: { level: level(severity) },
    properties: {
      'security-severity': SECURITY_SEVERITY[finding.severity],
      precision: finding.confidence === 'low' ? 'medium' : 'high',
      tags: [
        'security',
        ...cwe.map((number) => `external/cwe/cwe-${number}`),
        ...owasp.map((id) => `owasp-api-2023/${id}`),
        ...control.gates,
      ],
    },
  }
}

function helpText(control: Control): string {
  return `${control.why.join(' ')}\n\nEvidence: ${control.evidence}\n\nFix: ${control.remediation.any}`
}

function level(severity: Severity): 'error' | 'warning' | 'note' {
  if (severity === 'critical' || severity === 'high') return 'error'
  return severity === 'medium' ? 'warning' : 'note'
}

function locations(finding: ReportFinding, surface: ReportSurface | undefined): object {
  const file = finding.file ?? surface?.file ?? null
  if (file === null) return {}
  return { locations: [location(file, finding.line ?? surface?.line ?? 1, finding.column ?? 1)] }
}

function codeFlow(finding: ReportFinding): object {
  const steps: readonly TraceStep[] =
    finding.file === null || finding.line === null
      ? finding.trace
      : [
          ...finding.trace,
          { file: finding.file, line: finding.line, column: finding.column ?? 1, message: finding.message },
        ]
  return {
    threadFlows: [
      {
        locations: steps.map((step) => ({
          location: { ...location(step.file, step.line, step.column), message: { text: plainText(step.message) } },
        })),
      },
    ],
  }
}

function sarifFix({ description, edits }: Fix): object {
  return {
    description: { text: plainText(description) },
    artifactChanges: [...groupBy(edits, ({ file }) => file)].map(([file, own]) => ({
      artifactLocation: { uri: fileUri(file) },
      replacements: own.map(({ line, column, endLine, endColumn, replacement }) => ({
        deletedRegion: { startLine: line, startColumn: column, endLine, endColumn },
        ...(replacement === '' ? {} : { insertedContent: { text: replacement } }),
      })),
    })),
  }
}

function location(file: string, line: number, column: number): object {
  return {
    physicalLocation: {
      artifactLocation: { uri: fileUri(file) },
      region: { startLine: Math.max(1, line), startColumn: Math.max(1, column) },
    },
  }
}

function notification(level: 'error' | 'warning', { file, line, column, message }: Report['problems'][number]): object {
  return { level, message: { text: plainText(message) }, locations: [location(file, line, column)] }
}

/** A relative reference with its odd characters encoded; the services resolve it against the checkout. */
function fileUri(file: string): string {
  return plainText(file)
    .replaceAll('\\', '/')
    .split('/')
    .map((segment) => encodeURIComponent(segment))
    .join('/')
}

function pascalCase(id: string): string {
  return id.replace(/(?:^|-)([a-z0-9])/g, (_, first: string) => first.toUpperCase())
}
