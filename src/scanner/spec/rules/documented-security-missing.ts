import { groupBy } from '../../../catalogue/group-by.ts'
import { placeOf } from '../drift.ts'
import { demandedSchemes, isRead } from '../questions.ts'
import { defineSpecRule } from './rule.ts'

export const documentedSecurityMissing = defineSpecRule({
  id: 'documented-security-missing',
  control: 'contract-security-match',
  title: 'The description demands a credential that is not asked for',
  severity: 'high',
  confidence: 'medium',
  cwe: [306, 863],
  owasp: ['API2', 'API9'],
  styles: ['hybrid'],
  why: 'Reviewers, clients and gateways believe the description; the attacker tries the route. What stands there as protected is open.',
  looksAt:
    'Operations whose security is demanded, beside the code that serves them, where no check of a caller stands on any way, or beside a probe that got in without a credential. The severity follows exposure: a read is medium.',
  fix: { any: 'Put the guard on the route, or better on all routes, and derive the description from it.' },
  limits:
    'Code whose guards or calls could not all be followed is not accused. A gateway in front may do the checking: say so in the manifest, with proof that the origin cannot be reached past it.',
  whenDrift: ({ pairs }) =>
    [...groupBy(pairs, ({ documented }) => documented).values()].flatMap((group) => {
      const open = group.filter(({ served }) => served.observed.authentication === 'none')
      const [first] = open
      if (first === undefined || first.documented.security.is !== 'demanded') return []
      const { documented } = first
      // Receivers have rules of their own, which know signatures.
      if (group.some(({ served }) => served.style === 'webhook')) return []
      const asked = group.filter(({ served }) => served.source === 'live')
      // What the wire shows is believed before what code seems to lack.
      if (asked.some(({ served }) => served.observed.authentication === 'demanded')) return []
      const inCode = open.find(({ served }) => served.source === 'code') ?? first
      const names = [...new Set(demandedSchemes(documented.security).map(({ name }) => name))].join(' or ')
      return [
        {
          at: placeOf(inCode.served) ?? documented.at,
          message: `${documented.method} ${documented.path} is described as needing ${names}, and nothing here asks for it.`,
          severity: isRead(documented) ? ('medium' as const) : ('high' as const),
          ...(asked.length > 0 ? { confidence: 'high' as const } : {}),
          trace: [{ ...(documented.security.at ?? documented.at), message: 'The description demands it here.' }],
        },
      ]
    }),
  bad: [
    {
      language: 'javascript',
      at: "app.delete('/orders/:id'",
      says: 'DELETE /orders/{id} is described as needing bearer, and nothing here asks for it.',
      code: `import express from 'express'

const app = express()
const orders = new Map()

app.delete('/orders/:id', (req, res) => {
  orders.delete(req.params.id)
  res.sendStatus(204)
})
`,
      beside: {
        language: 'yaml',
        file: 'openapi.yaml',
        code: `openapi: 3.0.3
info: { title: Shop, version: 1.0.0 }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
security: [ { bearer: [] } ]
paths:
  /orders/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: string } } ]
    delete: { operationId: removeOrder, responses: { '204': { description: removed } } }
`,
      },
    },
  ],
  good: [
    {
      language: 'javascript',
      why: 'The key is asked for before the route.',
      code: `import express from 'express'
import { timingSafeEqual } from 'node:crypto'

const app = express()
const orders = new Map()
const key = Buffer.from(process.env.API_KEY)

app.use((req, res, next) => {
  const sent = Buffer.from(req.get('x-api-key') ?? '')
  if (sent.length !== key.length || !timingSafeEqual(sent, key)) return res.sendStatus(401)
  next()
})

app.delete('/orders/:id', (req, res) => {
  orders.delete(req.params.id)
  res.sendStatus(204)
})
`,
      beside: {
        language: 'yaml',
        file: 'openapi.yaml',
        code: `openapi: 3.0.3
info: { title: Shop, version: 1.0.0 }
components:
  securitySchemes: { key: { type: apiKey, in: header, name: x-api-key } }
security: [ { key: [] } ]
paths:
  /orders/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: string } } ]
    delete: { operationId: removeOrder, responses: { '204': { description: removed } } }
`,
      },
    },
  ],
})
