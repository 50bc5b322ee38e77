import { isJobStep } from '../jobs.ts'
import { isOpenByNature, isRead } from '../questions.ts'
import { defineSpecRule } from './rule.ts'

export const securityOptional = defineSpecRule({
  id: 'security-optional',
  control: 'contract-security-match',
  controlFor: {
    'async-job': 'job-create-authorization',
    sse: 'handshake-authentication',
    websocket: 'handshake-authentication',
  },
  title: 'The credential may be left out',
  severity: 'medium',
  confidence: 'medium',
  cwe: [306],
  owasp: ['API2'],
  styles: ['rest', 'async-job', 'sse', 'websocket'],
  why: 'An empty alternative among the schemes makes all of them optional. A caller without a credential agrees with the document, and generated guards let them in.',
  looksAt: '`{}` among the alternatives of `security`, beside schemes that are named.',
  fix: { any: 'Remove the empty alternative, or split what anonymous callers may do into an operation of its own.' },
  limits: 'Logins and health routes are left alone. A read is reported as low.',
  when: ({ operation, document }) => {
    const { security } = operation
    if (security.is !== 'optional' || security.at === undefined || isOpenByNature(operation)) return []
    if (isRead(operation) && operation.publicReason !== undefined) return []
    // The job says it, with what is behind it.
    if (isJobStep(operation, document)) return []
    return [
      {
        at: security.at,
        message: `${operation.method} ${operation.path} accepts a caller without any credential.`,
        severity: isRead(operation) ? 'low' : 'medium',
      },
    ]
  },
  bad: [
    {
      language: 'yaml',
      at: 'security: [ { bearer: [] }, {} ]',
      says: 'PATCH /profile accepts a caller without any credential.',
      code: `openapi: 3.0.3
info: { title: Profiles, version: 1.0.0 }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
paths:
  /profile:
    patch:
      operationId: changeProfile
      security: [ { bearer: [] }, {} ]
      responses: { '200': { description: changed } }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'Two alternatives, and one of them is needed.',
      code: `openapi: 3.0.3
info: { title: Profiles, version: 1.0.0 }
components:
  securitySchemes:
    bearer: { type: http, scheme: bearer }
    key: { type: apiKey, in: header, name: X-Api-Key }
paths:
  /profile:
    patch:
      operationId: changeProfile
      security: [ { bearer: [] }, { key: [] } ]
      responses: { '200': { description: changed } }
`,
    },
  ],
})
