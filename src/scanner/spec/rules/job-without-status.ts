import { jobsIn } from '../jobs.ts'
import { defineSpecRule } from './rule.ts'

export const jobWithoutStatus = defineSpecRule({
  id: 'job-without-status',
  control: 'job-status-authorization',
  title: 'Work is accepted, and nothing says where to watch it',
  severity: 'low',
  confidence: 'low',
  cwe: [1059],
  owasp: ['API9'],
  styles: ['async-job'],
  fromSilence: true,
  why: '202 promises that something will happen. Where the document names no status or result, clients find their own way: they guess ids, poll lists, or receive results by mail, past every check of the owner.',
  looksAt:
    'Operations that answer 202: a link, a Location header, an address or id in the answer, or a status operation below the same path.',
  fix: {
    any: 'Describe the status and result operations, with the same security as the creation and 404 for a foreign id, and link them from the 202.',
  },
  limits: 'Receivers that store an event and answer 202 start no job, and what anybody may start has no owner.',
  when: ({ operation, document }) => {
    const job = jobsIn(document).get(operation)
    if (job === undefined || job.steps.length > 0 || job.pointer !== undefined) return []
    // Nobody owns what anybody may start; that it is open is said elsewhere.
    if (operation.security.is === 'none') return []
    return [{ at: operation.at, message: 'The answer 202 leads to no status, result or address.' }]
  },
  bad: [
    {
      language: 'yaml',
      at: '    post:',
      says: 'The answer 202 leads to no status, result or address.',
      code: `openapi: 3.0.3
info: { title: Reports, version: 1.0.0 }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
security: [ { bearer: [] } ]
paths:
  /reports:
    post:
      operationId: createReport
      responses:
        '202': { description: will be mailed }
        '429': { description: too many }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'Status and result stand below the path that creates the job.',
      code: `openapi: 3.0.3
info: { title: Reports, version: 1.0.0 }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
security: [ { bearer: [] } ]
paths:
  /reports:
    post:
      operationId: createReport
      responses:
        '202': { description: under way }
        '429': { description: too many }
  /reports/{reportId}:
    parameters: [ { name: reportId, in: path, required: true, schema: { type: string } } ]
    get:
      operationId: reportStatus
      responses: { '200': { description: state }, '404': { description: none or not yours } }
`,
    },
  ],
})
