import { jobsIn } from '../jobs.ts'
import { defineSpecRule } from './rule.ts'

const CONTROLS = {
  status: 'job-status-authorization',
  result: 'job-result-authorization',
  cancel: 'job-cancel-authorization',
} as const

export const jobStepUnsecured = defineSpecRule({
  id: 'job-step-unsecured',
  control: 'job-status-authorization',
  title: 'A job is created with a credential and reached without one',
  severity: 'high',
  confidence: 'medium',
  cwe: [639, 306],
  owasp: ['API1', 'API2'],
  styles: ['async-job'],
  why: 'The creation asks who somebody is, the status, the result or the end of the job does not. Whoever has or guesses the id reads what the export contains, or ends the jobs of others.',
  looksAt: 'Status, result and cancel operations of a job whose creation demands a credential.',
  fix: { any: 'Demand the same scheme at every step, bind the job to its creator, and answer 404 for a foreign id.' },
  limits:
    'A scheme shows that a caller is known, not that the job is theirs: owner binding is for code or a probe. A step with a written public reason is left alone.',
  when: ({ operation, document }) => {
    const job = jobsIn(document).get(operation)
    if (job === undefined || operation.security.is !== 'demanded') return []
    return job.steps
      .filter(({ operation: step }) => step.security.is !== 'demanded' && step.publicReason === undefined)
      .map(({ is, operation: step }) => ({
        at: step.security.own ? (step.security.at ?? step.at) : step.at,
        control: CONTROLS[is],
        message: `${step.method} ${step.path}, the ${is === 'cancel' ? 'end' : is} of the job, demands no credential; its creation does.`,
        trace: [{ ...operation.at, message: 'The job is created here.' }],
      }))
  },
  bad: [
    {
      language: 'yaml',
      at: '    get:',
      says: 'GET /exports/{exportId}/result, the result of the job, demands no credential; its creation does.',
      code: `openapi: 3.0.3
info: { title: Exports, version: 1.0.0 }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
paths:
  /exports:
    post:
      operationId: createExport
      security: [ { bearer: [] } ]
      responses: { '202': { description: under way }, '429': { description: too many } }
  /exports/{exportId}/result:
    parameters: [ { name: exportId, in: path, required: true, schema: { type: string } } ]
    get:
      operationId: exportResult
      responses: { '200': { description: the file } }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'Every step demands the scheme of the creation.',
      code: `openapi: 3.0.3
info: { title: Exports, version: 1.0.0 }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
security: [ { bearer: [] } ]
paths:
  /exports:
    post:
      operationId: createExport
      responses: { '202': { description: under way }, '429': { description: too many } }
  /exports/{exportId}/result:
    parameters: [ { name: exportId, in: path, required: true, schema: { type: string } } ]
    get:
      operationId: exportResult
      responses: { '200': { description: the file }, '404': { description: none or not yours } }
`,
    },
  ],
})
