import { placeOf, type ServedOperation } from '../drift.ts'
import type { SpecOperation } from '../model.ts'
import { demandedSchemes } from '../questions.ts'
import { isTokenHeader } from '../words.ts'
import { defineSpecRule, type SpecSuspicion } from './rule.ts'

export const undocumentedInput = defineSpecRule({
  id: 'undocumented-input',
  control: 'contract-inventory',
  title: 'A request decides by something the description does not have',
  severity: 'low',
  confidence: 'low',
  cwe: [1059],
  owasp: ['API9'],
  styles: ['hybrid'],
  why: 'A header or type that only the code knows is validated by no gateway and tested by nobody: the tenant from a header, the debug switch, the second body format with its own parser.',
  looksAt:
    'Headers that the code reads and query parameters and request types that a probe found to be taken, beside the parameters, bodies and schemes of the operation.',
  fix: { any: 'Declare the parameter or media type, or stop reading it.' },
  limits:
    'Headers that every request has, those of proxies, tracing and conditional requests, and credentials are left alone.',
  whenDrift: ({ pairs }) =>
    pairs.flatMap(({ documented, served }): readonly SpecSuspicion[] => {
      const unknown = [...unknownInputs(documented, served), ...unknownTypes(documented, served)]
      if (unknown.length === 0) return []
      return [
        {
          at: placeOf(served) ?? documented.at,
          message: `${documented.method} ${documented.path} takes ${unknown.join(', ')}, which the description does not have.`,
          trace: [{ ...documented.at, message: 'It is described here.' }],
        },
      ]
    }),
  bad: [
    {
      language: 'javascript',
      at: "app.get('/orders'",
      says: 'GET /orders takes the header x-tenant-id, which the description does not have.',
      code: `import express from 'express'

const app = express()
const orders = new Map()

app.get('/orders', (req, res) => {
  res.json(orders.get(req.get('x-tenant-id')) ?? [])
})
`,
      beside: {
        language: 'yaml',
        file: 'openapi.yaml',
        code: `openapi: 3.0.3
info: { title: Shop, version: 1.0.0 }
paths:
  /orders:
    get: { operationId: listOrders, responses: { '200': { description: orders } } }
`,
      },
    },
  ],
  good: [
    {
      language: 'javascript',
      why: 'The header is declared.',
      code: `import express from 'express'

const app = express()
const orders = new Map()

app.get('/orders', (req, res) => {
  res.json(orders.get(req.get('x-tenant-id')) ?? [])
})
`,
      beside: {
        language: 'yaml',
        file: 'openapi.yaml',
        code: `openapi: 3.0.3
info: { title: Shop, version: 1.0.0 }
paths:
  /orders:
    get:
      operationId: listOrders
      parameters: [ { name: X-Tenant-Id, in: header, required: true, schema: { type: string } } ]
      responses: { '200': { description: orders } }
`,
      },
    },
  ],
})

const ORDINARY =
  /^(?:accept(?:-.*)?|authorization|cookie|host|user-agent|content-.*|origin|referer|connection|upgrade|date|range|x-forwarded-.*|forwarded|x-real-ip|cf-.*|fly-.*|via|if-.*|cache-control|pragma|traceparent|tracestate|baggage|x-request-id|x-correlation-id|x-trace-id|x-requested-with|access-control-.*|sec-.*|x-csrf-token|x-xsrf-token|last-event-id|x-amzn-.*|x-b3-.*|\*)$/i

function unknownInputs(documented: SpecOperation, { observed }: ServedOperation): readonly string[] {
  const known = new Set(documented.parameters.map((one) => `${one.in} ${one.name.toLowerCase()}`))
  for (const { scheme } of demandedSchemes(documented.security))
    if (scheme !== undefined) known.add(`${scheme.in} ${scheme.parameter.toLowerCase()}`)
  // Some descriptions hide their signature header in prose.
  const words = documented.words.toLowerCase()
  return (observed.inputs ?? [])
    .filter(({ in: place, name }) => {
      const lower = name.toLowerCase()
      return !ORDINARY.test(lower) && !isTokenHeader(lower) && !known.has(`${place} ${lower}`) && !words.includes(lower)
    })
    .map(({ in: place, name }) => `the ${place === 'query' ? 'query parameter' : place} ${name}`)
}

function unknownTypes({ body }: SpecOperation, { observed }: ServedOperation): readonly string[] {
  if (body === undefined || body.types.length === 0 || body.types.includes('*/*')) return []
  return (observed.requestTypes ?? []).filter((type) => !body.types.includes(type))
}
