/** The JSON Schema of the JSON report, version 1; published in docs/schemas and checked against real reports. */
import { CONTROLS } from '../../catalogue/catalogue.ts'
import { DECISIONS } from '../../catalogue/decide.ts'
import { GATES } from '../../catalogue/gates.ts'
import { OWASP_API_2023 } from '../../catalogue/references.ts'
import { GRADES } from '../../catalogue/score.ts'
import { SEVERITIES } from '../../catalogue/severity.ts'
import { SURFACE_STYLES } from '../../catalogue/surfaces.ts'
import { CONFIDENCES, EVIDENCE_SOURCES, EVIDENCE_STATES, PLACES, PROOF_LEVELS } from '../../catalogue/terms.ts'
import { REPORT_SCHEMA_VERSION } from './report-types.ts'

type Schema = Readonly<Record<string, unknown>>

/** Every property is always there; what is not known is null. */
function object(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', additionalProperties: false, required: Object.keys(properties), properties }
}

const array = (items: Schema): Schema => ({ type: 'array', items })
const oneOf = (values: readonly unknown[]): Schema => ({ enum: values })
const ref = (name: string): Schema => ({ $ref: `#/definitions/${name}` })
const text: Schema = { type: 'string' }
const textOrNull: Schema = { type: ['string', 'null'] }
const positionOrNull: Schema = { type: ['integer', 'null'], minimum: 1 }
const position: Schema = { type: 'integer', minimum: 1 }
const count: Schema = { type: 'integer', minimum: 0 }
const percent: Schema = { type: 'integer', minimum: 0, maximum: 100 }
const percentOrNull: Schema = { type: ['integer', 'null'], minimum: 0, maximum: 100 }

export function reportSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Postern scan report',
    ...object({
      schemaVersion: { const: REPORT_SCHEMA_VERSION },
      tool: object({ name: { const: 'postern' }, version: text, catalogue: text, score: text }),
      decision: ref('decision'),
      proof: ref('proof'),
      score: percentOrNull,
      grade: oneOf([...GRADES.map(({ grade }) => grade), null]),
      coverage: percent,
      incomplete: { type: 'boolean' },
      examined: {
        anyOf: [
          { type: 'null' },
          object({
            files: count,
            candidates: count,
            parsed: count,
            parseCoverage: percent,
            skipped: array(object({ why: text, count })),
          }),
        ],
      },
      surfaces: array(ref('surface')),
      notEvaluable: array(object({ id: text, missing: array(text) })),
      suppressed: array(
        object({
          surface: text,
          finding: ref('finding'),
          by: oneOf(['waiver', 'inline', 'baseline', 'config']),
          reason: text,
        }),
      ),
      stale: array(
        object({
          kind: oneOf(['waiver', 'waiver-expired', 'inline', 'inline-expired', 'inline-without-reason', 'baseline']),
          what: text,
          file: textOrNull,
          line: positionOrNull,
        }),
      ),
      warnings: array(ref('message')),
      problems: array(ref('message')),
    }),
    definitions: {
      decision: oneOf(DECISIONS),
      proof: oneOf(PROOF_LEVELS),
      control: oneOf(CONTROLS.map((control) => control.id)),
      state: oneOf(EVIDENCE_STATES),
      place: oneOf(PLACES),
      message: object({
        file: text,
        line: position,
        column: position,
        message: text,
      }),
      evidence: object({
        control: ref('control'),
        state: ref('state'),
        place: ref('place'),
        source: oneOf(EVIDENCE_SOURCES),
        detail: text,
        file: textOrNull,
        line: positionOrNull,
        column: positionOrNull,
        stated: oneOf(['value', 'false', 'null', 'empty', null]),
        verification: textOrNull,
      }),
      fix: object({
        description: text,
        edits: array(
          object({
            file: text,
            line: position,
            column: position,
            endLine: position,
            endColumn: position,
            replacement: text,
          }),
        ),
      }),
      finding: object({
        rule: text,
        control: ref('control'),
        gates: array(oneOf(Object.keys(GATES))),
        kind: oneOf(['failure', 'contradiction', 'inventory', 'notice']),
        severity: oneOf(SEVERITIES),
        confidence: oneOf(CONFIDENCES),
        message: text,
        file: textOrNull,
        line: positionOrNull,
        column: positionOrNull,
        trace: array(ref('message')),
        fix: { anyOf: [{ type: 'null' }, ref('fix')] },
        owasp: array(oneOf(Object.keys(OWASP_API_2023))),
        cwe: array({ type: 'integer' }),
        cause: { type: ['string', 'null'], pattern: '^[0-9a-f]{32}$' },
        fingerprint: { type: 'string', pattern: '^[0-9a-f]{32}$' },
      }),
      surface: object({
        id: text,
        style: oneOf(Object.keys(SURFACE_STYLES)),
        framework: textOrNull,
        route: textOrNull,
        file: textOrNull,
        line: positionOrNull,
        decision: ref('decision'),
        proof: ref('proof'),
        score: percentOrNull,
        coverage: object({ decided: { type: 'integer', minimum: 0 }, needed: { type: 'integer', minimum: 1 } }),
        evidence: array(ref('evidence')),
        findings: array(ref('finding')),
        controls: array(
          object({
            control: ref('control'),
            need: oneOf(['decisive', 'supporting']),
            state: ref('state'),
            place: ref('place'),
            proof: ref('proof'),
            outcome: oneOf(['met', 'failed', 'missing', 'unstated']),
          }),
        ),
        missing: array(object({ control: ref('control'), artefact: text })),
        residualRisk: array(text),
        probes: array(
          object({
            probe: text,
            title: text,
            follows: array(text),
            verdicts: array(
              object({
                standing: oneOf(['sound', 'faulty', 'unclear', 'not-applicable']),
                control: ref('control'),
                confidence: oneOf(CONFIDENCES),
                detail: text,
                next: textOrNull,
                exchange: { type: ['integer', 'null'], minimum: 0 },
              }),
            ),
            exchanges: array(object({ request: text, response: text })),
          }),
        ),
      }),
    },
  }
}
