/** The contract beside what was seen of the service, whoever saw it. */
import { expect, test } from 'vitest'
import type { ExaminedSurface, Observed } from '../../catalogue/evidence.ts'
import type { SurfaceStyle } from '../../catalogue/surfaces.ts'
import { buildReport } from '../report/report.ts'
import { examineSpecs, readSpecs } from './examine-specs.ts'

const CONTRACT = `openapi: 3.1.0
info: { title: Shop, version: '1' }
servers: [ { url: https://shop.example.com/api } ]
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
security: [ { bearer: [] } ]
paths:
  /orders/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: string } } ]
    get:
      responses: { '200': { description: one, content: { application/json: { schema: { type: object, properties: { id: { type: string } } } } } } }
    put:
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses: { '204': { description: changed } }
`

function seen(route: string, observed: Observed, style: SurfaceStyle = 'rest'): ExaminedSurface {
  return {
    id: route,
    style,
    route,
    traits: {},
    location: { file: 'probe', line: 1, column: 1 },
    observed,
    evidence: [
      { control: 'surface-inventory', state: 'present', place: 'application', source: 'live', detail: 'It answers.' },
    ],
    missingArtifacts: [],
  }
}

/** What is said of the contract as a whole, as `rule severity message`. */
function drift(...surfaces: readonly ExaminedSurface[]): readonly string[] {
  const { documents } = readSpecs(new Map([['openapi.yaml', CONTRACT]]), {
    readBeside: undefined,
    onProgress: undefined,
  })
  const report = buildReport({ surfaces: examineSpecs(documents, surfaces, []), version: 't', sources: new Map() })
  return report.surfaces
    .filter(({ style }) => style === 'hybrid')
    .flatMap(({ findings }) => findings.map(({ rule, severity, message }) => `${rule} ${severity} ${message}`))
}

test('a probe that got in without a credential disproves the documented one, the worse for a write', () => {
  expect(
    drift(
      seen('GET http://127.0.0.1:5000/api/orders/:id', { authentication: 'none' }),
      seen('put //api/%6Frders/{id}/', { authentication: 'none' }),
    ),
  ).toEqual([
    'documented-security-missing high PUT /orders/{id} is described as needing bearer, and nothing here asks for it.',
    'documented-security-missing medium GET /orders/{id} is described as needing bearer, and nothing here asks for it.',
  ])
  expect(drift(seen('GET /orders/<id>', { authentication: 'demanded' }))).toEqual([])
})

test('statuses, types, parameters and secrets that only a probe knows are named', () => {
  expect(
    drift(
      seen('GET /orders/{id}', {
        statuses: ['200', '404', '500'],
        responseTypes: ['application/json', 'text/html'],
        inputs: [
          { in: 'query', name: 'debug' },
          { in: 'header', name: 'authorization' },
        ],
        fields: ['id', 'customer.password_hash'],
      }),
      seen('PUT /orders/{id}', { requestTypes: ['application/json', 'application/xml'] }),
    ),
  ).toEqual([
    'undocumented-answer medium GET /orders/{id} returns customer.password_hash, which the description does not have.',
    'undocumented-answer low GET /orders/{id} answers with 404, 500, text/html, which the description does not have.',
    'undocumented-input low GET /orders/{id} takes the query parameter debug, which the description does not have.',
    'undocumented-input low PUT /orders/{id} takes application/xml, which the description does not have.',
  ])
})

test('a method that the contract does not have is undocumented, and worse where anybody may use it', () => {
  const known = seen('GET /orders/{id}', {})
  expect(drift(known, seen('DELETE /orders/{id}', { authentication: 'none' }))).toEqual([
    'undocumented-route medium DELETE /orders/{id} is not in the description, which has GET and PUT only, and asks for no credential.',
  ])
  expect(drift(known, seen('DELETE /orders/{id}', {}))).toEqual([
    'undocumented-route low DELETE /orders/{id} is not in the description, which has GET and PUT only.',
  ])
})

test('sockets, streams and receivers need not be in OpenAPI, nor anything of another service', () => {
  const known = seen('GET /orders/{id}', {})
  for (const style of ['websocket', 'sse', 'webhook', 'graphql-subscription'] as const)
    expect(drift(known, seen('/live', {}, style)), style).toEqual([])
  expect(drift(seen('POST /elsewhere', { authentication: 'none' }))).toEqual([])
})
