import { isJobStep } from '../jobs.ts'
import { isOpenByNature, isRead } from '../questions.ts'
import { saysHarmless } from '../words.ts'
import { defineSpecRule } from './rule.ts'

export const securityOverrideEmpty = defineSpecRule({
  id: 'security-override-empty',
  control: 'public-access-intent',
  title: 'Security is switched off for one operation',
  severity: 'medium',
  confidence: 'medium',
  cwe: [306],
  owasp: ['API2', 'API5'],
  styles: ['rest', 'async-job', 'export-url'],
  fromSilence: true,
  why: 'An empty list takes the guard of the whole document off this operation. It is often left from a test, and whoever reads the document first is the one who uses it.',
  looksAt: '`security: []` of an operation, what the operation does, and whether the document says why.',
  fix: {
    any: 'Remove the override, or say why the operation is public in `x-public-allowlist-reason` and take every change of state off it.',
  },
  limits:
    'Health, documentation, keys and logins are public by nature. A read with a written reason is a decision; a write is reported with its reason, as low, unless the reason says that nothing is kept or changed.',
  when: ({ operation, document }) => {
    const { security, publicReason } = operation
    if (security.is !== 'none' || !security.own || security.at === undefined || isOpenByNature(operation)) return []
    if (isJobStep(operation, document)) return []
    if (publicReason !== undefined && saysHarmless(publicReason)) return []
    if (!isRead(operation))
      return [
        {
          at: security.at,
          message: `${operation.method} ${operation.path} changes state and demands no credential.`,
          severity: publicReason === undefined ? 'medium' : 'low',
        },
      ]
    if (publicReason !== undefined) return []
    return [
      {
        at: security.at,
        message: `${operation.method} ${operation.path} is public and gives no reason.`,
        severity: 'low',
      },
    ]
  },
  bad: [
    {
      language: 'yaml',
      at: 'security: []',
      says: 'POST /users changes state and demands no credential.',
      code: `openapi: 3.0.3
info: { title: Admin, version: 1.0.0 }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
security: [ { bearer: [] } ]
paths:
  /users:
    post:
      operationId: createUser
      security: []
      responses: { '201': { description: created } }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'A read that says why it is public, and a health route.',
      code: `openapi: 3.0.3
info: { title: Catalogue, version: 1.0.0 }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
security: [ { bearer: [] } ]
paths:
  /articles:
    get:
      operationId: listArticles
      security: []
      x-public-allowlist-reason: The catalogue is printed on paper, too.
      responses: { '200': { description: articles } }
  /health:
    get:
      operationId: health
      security: []
      responses: { '200': { description: ok } }
`,
    },
  ],
})
