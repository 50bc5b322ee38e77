import { defineSpecRule } from './rule.ts'

export const staleOperation = defineSpecRule({
  id: 'stale-operation',
  control: 'contract-inventory',
  title: 'The description has an operation that the code does not serve',
  severity: 'low',
  confidence: 'medium',
  cwe: [1059],
  owasp: ['API9'],
  styles: ['hybrid'],
  why: 'A description that promises what is not there is no longer read, and what it says of security is believed of routes that replaced the old ones.',
  looksAt: 'Operations of a description of which the code serves at least half, and that none of its routes answers.',
  fix: { any: 'Remove the operation, or serve it. Generate the description from the routes and let CI compare.' },
  limits:
    'Silent where less than half of the operations were found in code: the rest may be served by another program, by a gateway or by a framework that is not read. Events and callbacks are no routes.',
  whenDrift: ({ pairs, stale }) => {
    const found = new Set(pairs.filter(({ served }) => served.source === 'code').map(({ documented }) => documented))
    if (found.size === 0 || found.size < stale.length) return []
    return stale.map(({ method, path, at }) => ({ at, message: `No route of the code serves ${method} ${path}.` }))
  },
  bad: [
    {
      language: 'yaml',
      at: '    get: { operationId: getCart',
      says: 'No route of the code serves GET /carts/{id}.',
      code: `openapi: 3.0.3
info: { title: Shop, version: 1.0.0 }
paths:
  /orders/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: string } } ]
    get: { operationId: getOrder, responses: { '200': { description: an order } } }
  /carts/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: string } } ]
    get: { operationId: getCart, responses: { '200': { description: a cart } } }
`,
      beside: {
        language: 'javascript',
        file: 'server.js',
        code: `import express from 'express'
import { findOrder } from './orders.js'

const app = express()

app.get('/orders/:id', async (req, res) => res.json(await findOrder(req.params.id)))
`,
      },
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'Every operation is served.',
      code: `openapi: 3.0.3
info: { title: Shop, version: 1.0.0 }
paths:
  /orders/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: string } } ]
    get: { operationId: getOrder, responses: { '200': { description: an order } } }
`,
      beside: {
        language: 'javascript',
        file: 'server.js',
        code: `import express from 'express'
import { findOrder } from './orders.js'

const app = express()

app.get('/orders/:id', async (req, res) => res.json(await findOrder(req.params.id)))
`,
      },
    },
  ],
})
