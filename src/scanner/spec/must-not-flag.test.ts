/** What a careless reader of descriptions would report, and must not. */
import { expect, test } from 'vitest'
import { buildReport } from '../report/report.ts'
import { examineSpecs, readSpecs } from './examine-specs.ts'

const BEARER = `components:
  securitySchemes: { bearer: { type: http, scheme: bearer }, certificate: { type: mutualTLS } }
security: [ { bearer: [] } ]
`
const openapi = (paths: string) => `openapi: 3.1.0
info: { title: t, version: '1' }
servers: [ { url: https://t.example.com } ]
${BEARER}${paths}`

test.each([
  [
    'public health and status that change nothing',
    openapi(`paths:
  /health: { get: { security: [], responses: { '200': { description: ok } } } }
  /api/v1/status: { get: { security: [], responses: { '200': { description: ok } } } }
  /readyz: { get: { security: [], responses: { '200': { description: ok } } } }`),
  ],
  [
    'public documentation and keys',
    openapi(`paths:
  /docs: { get: { security: [], responses: { '200': { description: ok } } } }
  /openapi.json: { get: { security: [], responses: { '200': { description: ok } } } }
  /.well-known/jwks.json: { get: { security: [], responses: { '200': { description: ok } } } }`),
  ],
  [
    'a public receiver with a verified signature, whose copies are told by their id',
    openapi(`paths:
  /webhooks/acme:
    post:
      security: []
      parameters:
        - { name: X-Acme-Signature, in: header, required: true, schema: { type: string } }
        - { name: X-Acme-Timestamp, in: header, required: true, schema: { type: string } }
      requestBody: { content: { application/json: { schema: { type: object, properties: { eventId: { type: string } } } } } }
      responses: { '200': { description: a copy }, '202': { description: stored }, 4XX: { description: refused } }`),
  ],
  [
    'an endpoint that echoes a challenge',
    openapi(`webhooks:
  messages:
    get:
      parameters: [ { name: hub.challenge, in: query, required: true, schema: { type: string } } ]
      responses: { '200': { description: the challenge } }
    post:
      parameters: [ { name: X-Hub-Signature-256, in: header, required: true, schema: { type: string } } ]
      description: The signature covers the body and no timestamp.
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses: { '200': { description: ok } }`),
  ],
  [
    'operations between services that certificates name',
    openapi(`paths:
  /internal/rebuild: { post: { security: [ { certificate: [] } ], responses: { '204': { description: done } } } }`),
  ],
  [
    'sequential ids, and no rate limit of its own',
    openapi(`paths:
  /orders/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: integer } } ]
    get: { responses: { '200': { description: an order } } }`),
  ],
  [
    'a capability address: whoever has it may fetch, and the document says so',
    openapi(`paths:
  /shared/{token}:
    parameters: [ { name: token, in: path, required: true, schema: { type: string, minLength: 32 } } ]
    get:
      security: []
      x-public-allowlist-reason: The address is the capability; it ends after five minutes.
      responses: { '200': { description: the file } }`),
  ],
  [
    'a document that says nothing of security, since the gateway does it',
    `swagger: '2.0'
info: { title: t, version: '1' }
host: t.example.com
schemes: [https]
paths:
  /orders: { post: { responses: { '201': { description: created } } } }
`,
  ],
  [
    'a public stream that only sends',
    `asyncapi: 2.6.0
info: { title: t, version: '1' }
servers: { main: { url: 'wss://t.example.com', protocol: wss } }
channels:
  /prices:
    x-public-allowlist-reason: Prices are public.
    subscribe: { message: { payload: { type: object } } }
`,
  ],
  [
    'passwords and tokens that only go in, or out once',
    openapi(`paths:
  /tokens:
    post:
      security: []
      requestBody: { content: { application/json: { schema: { type: object, properties: { password: { type: string } } } } } }
      responses:
        '200': { description: a token, content: { application/json: { schema: { type: object, properties: { refresh_token: { type: string } } } } } }
        '429': { description: too often }`),
  ],
])('%s', (_, text) => {
  const { documents, problems } = readSpecs(new Map([['openapi.yaml', text]]), {
    readBeside: undefined,
    onProgress: undefined,
  })
  const surfaces = examineSpecs(documents, [], [])
  expect(problems).toEqual([])
  const report = buildReport({ surfaces, version: 't', sources: new Map() })
  expect(report.surfaces.length).toBeGreaterThan(0)
  expect(report.surfaces.flatMap(({ findings }) => findings.map(({ rule, message }) => `${rule}: ${message}`))).toEqual(
    [],
  )
})
