import type { SecurityScheme, SpecDocument } from '../model.ts'
import { demandedSchemes } from '../questions.ts'
import { defineSpecRule, type SpecSuspicion } from './rule.ts'

export const credentialInQuery = defineSpecRule({
  id: 'credential-in-query',
  control: 'token-not-in-url',
  title: 'The credential travels in the address',
  severity: 'medium',
  confidence: 'high',
  cwe: [598],
  owasp: ['API2'],
  styles: ['websocket', 'sse', 'hybrid'],
  why: 'Addresses are written to access logs, proxies, histories and referrers. Whoever reads one of those has the credential until somebody changes it.',
  looksAt: 'Schemes of type `apiKey` or `httpApiKey` with `in: query` that any operation or channel demands.',
  fix: {
    any: 'Move the key to a header. Where a browser cannot set one, as for sockets and streams, issue a ticket for one use that lives for seconds.',
  },
  limits: 'A scheme that no path demands is left alone, and so is one described as a single-use or short-lived ticket.',
  when: ({ operation, document }) =>
    operation.place === 'channel' && document.family === 'asyncapi'
      ? schemesOf([operation.security]).flatMap(suspicion)
      : [],
  whenDocument: (document) =>
    document.family === 'asyncapi' ? [] : schemesOf(securitiesOf(document)).flatMap(suspicion),
  bad: [
    {
      language: 'yaml',
      at: '    key: {',
      says: 'The scheme key sends its credential as the query parameter api_key.',
      code: `openapi: 3.0.3
info: { title: Notes, version: 1.0.0 }
components:
  securitySchemes:
    key: { type: apiKey, in: query, name: api_key }
security: [ { key: [] } ]
paths:
  /notes:
    get: { operationId: listNotes, responses: { '200': { description: notes } } }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'The key is a header.',
      code: `openapi: 3.0.3
info: { title: Notes, version: 1.0.0 }
components:
  securitySchemes:
    key: { type: apiKey, in: header, name: X-Api-Key }
security: [ { key: [] } ]
paths:
  /notes:
    get: { operationId: listNotes, responses: { '200': { description: notes } } }
`,
    },
  ],
})

function securitiesOf({ operations }: SpecDocument): readonly SpecDocument['operations'][number]['security'][] {
  return operations.filter(({ place }) => place === 'path').map(({ security }) => security)
}

function schemesOf(securities: ReturnType<typeof securitiesOf>): readonly SecurityScheme[] {
  return [...new Set(securities.flatMap(demandedSchemes).flatMap(({ scheme }) => scheme ?? []))]
}

function suspicion({ type, in: place, name, parameter, description, at }: SecurityScheme): readonly SpecSuspicion[] {
  if ((type !== 'apiKey' && type !== 'httpApiKey') || place !== 'query') return []
  if (/single-?use|one-?time|ticket|short-?lived|signed url/i.test(`${name} ${description}`)) return []
  return [{ at, message: `The scheme ${name} sends its credential as the query parameter ${parameter}.` }]
}
