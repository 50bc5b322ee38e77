import { defineSpecRule } from './rule.ts'

export const securitySchemeUndefined = defineSpecRule({
  id: 'security-scheme-undefined',
  control: 'contract-security-match',
  title: 'An operation demands a scheme that is not defined',
  severity: 'medium',
  confidence: 'high',
  cwe: [1059, 306],
  owasp: ['API2', 'API8'],
  styles: ['hybrid'],
  why: 'Tools that do not know a scheme pass over it, and the operation that seemed guarded has no guard in what they generate.',
  looksAt: 'Names in `security` that `securitySchemes` or `securityDefinitions` does not have.',
  fix: { any: 'Define the scheme, or name the one that is meant.' },
  limits: 'Silent where the schemes stand in another file that is not read.',
  whenDocument: ({ operations, schemesKnown }) => {
    if (!schemesKnown) return []
    const named = new Set<string>()
    return operations
      .flatMap((operation) => [operation, ...operation.callbacks])
      .flatMap(({ security }) => security.alternatives.flat())
      .flatMap(({ name, scheme, at }) => {
        if (scheme !== undefined || named.has(name)) return []
        named.add(name)
        return [{ at, message: `The scheme ${name} is not defined in this document.` }]
      })
  },
  bad: [
    {
      language: 'yaml',
      at: '- oauth: [write]',
      says: 'The scheme oauth is not defined in this document.',
      code: `openapi: 3.0.3
info: { title: Teams, version: 1.0.0 }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
paths:
  /teams:
    post:
      operationId: addTeam
      security:
        - oauth: [write]
      responses: { '201': { description: added } }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'The scheme is defined.',
      code: `openapi: 3.0.3
info: { title: Teams, version: 1.0.0 }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
paths:
  /teams:
    post:
      operationId: addTeam
      security:
        - bearer: []
      responses: { '201': { description: added } }
`,
    },
  ],
})
