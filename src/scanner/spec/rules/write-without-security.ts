import { isJobStep } from '../jobs.ts'
import { isLoginOperation, isRead, speaksOfSecurity } from '../questions.ts'
import { defineSpecRule } from './rule.ts'

export const writeWithoutSecurity = defineSpecRule({
  id: 'write-without-security',
  control: 'request-authentication',
  controlFor: { 'async-job': 'job-create-authorization' },
  title: 'A write demands no credential, though other operations do',
  severity: 'medium',
  confidence: 'medium',
  cwe: [306],
  owasp: ['API2', 'API5'],
  styles: ['rest', 'async-job'],
  fromSilence: true,
  why: 'Gateways, generated servers and tests take their guards from the document. The one write that was forgotten there is the one without a guard.',
  looksAt:
    'Operations that change state, have no `security` and inherit none, in a document that demands a credential elsewhere.',
  fix: {
    any: 'Set `security` for the whole document and make the exceptions, each with its reason, on their operations.',
  },
  limits:
    'A document that never speaks of security says nothing about any operation. Logins and registrations are public by nature; receivers prove their sender in another way.',
  when: ({ operation, document }) => {
    if (isRead(operation) || operation.security.is !== 'unstated' || !speaksOfSecurity(document)) return []
    if (isLoginOperation(operation) || operation.publicReason !== undefined || isJobStep(operation, document)) return []
    return [
      {
        at: operation.at,
        message: `${operation.method} ${operation.path} demands no credential; other operations do.`,
      },
    ]
  },
  bad: [
    {
      language: 'yaml',
      at: '    delete:',
      says: 'DELETE /notes/{id} demands no credential; other operations do.',
      code: `openapi: 3.0.3
info: { title: Notes, version: 1.0.0 }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
paths:
  /notes/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: string } } ]
    get:
      operationId: getNote
      security: [ { bearer: [] } ]
      responses: { '200': { description: a note } }
    delete:
      operationId: removeNote
      responses: { '204': { description: removed } }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'The document demands it for every operation.',
      code: `openapi: 3.0.3
info: { title: Notes, version: 1.0.0 }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
security: [ { bearer: [] } ]
paths:
  /notes/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: string } } ]
    delete:
      operationId: removeNote
      responses: { '204': { description: removed } }
`,
    },
    {
      language: 'yaml',
      why: 'No operation says anything about security: a gateway may have all of it.',
      code: `openapi: 3.0.3
info: { title: Notes, version: 1.0.0 }
paths:
  /notes/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: string } } ]
    delete:
      operationId: removeNote
      responses: { '204': { description: removed } }
`,
    },
  ],
})
