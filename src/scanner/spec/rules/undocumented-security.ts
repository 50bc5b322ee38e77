import { isOpenByNature, senderProof } from '../questions.ts'
import { defineSpecRule } from './rule.ts'

export const undocumentedSecurity = defineSpecRule({
  id: 'undocumented-security',
  control: 'contract-security-match',
  title: 'A credential is asked for that the description does not mention',
  severity: 'low',
  confidence: 'medium',
  cwe: [1059],
  owasp: ['API9'],
  styles: ['hybrid'],
  why: 'Whoever generates a client, a gateway rule or the next version from the description leaves the check out, and nobody notices that it is gone.',
  looksAt: 'Operations that are served behind a check of the caller, while the description says that none is needed.',
  fix: { any: 'Add the scheme, or the signature header, to the operation.' },
  limits: 'A document that never speaks of security is left alone, and so are logins and health routes.',
  whenDrift: ({ pairs }) =>
    pairs.flatMap(({ documented, served }) => {
      const { security } = documented
      if (served.observed.authentication !== 'demanded' || security.is !== 'none' || isOpenByNature(documented))
        return []
      if (senderProof(documented) !== undefined) return []
      return [
        {
          at: security.at ?? documented.at,
          message: `${documented.method} ${documented.path} is described as open, and a credential is asked for.`,
          trace: served.at === undefined ? [] : [{ ...served.at, message: 'It is served here, behind a check.' }],
        },
      ]
    }),
  bad: [
    {
      language: 'yaml',
      at: 'security: []',
      says: 'DELETE /orders/{id} is described as open, and a credential is asked for.',
      also: ['security-override-empty'],
      code: `openapi: 3.0.3
info: { title: Shop, version: 1.0.0 }
paths:
  /orders/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: string } } ]
    delete:
      operationId: removeOrder
      security: []
      responses: { '204': { description: removed } }
`,
      beside: {
        language: 'javascript',
        file: 'server.js',
        code: `import express from 'express'
import { timingSafeEqual } from 'node:crypto'

const app = express()
const orders = new Map()
const key = Buffer.from(process.env.API_KEY)

app.delete('/orders/:id', (req, res) => {
  const sent = Buffer.from(req.get('x-api-key') ?? '')
  if (sent.length !== key.length || !timingSafeEqual(sent, key)) return res.sendStatus(401)
  orders.delete(req.params.id)
  res.sendStatus(204)
})
`,
      },
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'The description names the key that the code asks for.',
      code: `openapi: 3.0.3
info: { title: Shop, version: 1.0.0 }
components:
  securitySchemes: { key: { type: apiKey, in: header, name: x-api-key } }
paths:
  /orders/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: string } } ]
    delete:
      operationId: removeOrder
      security: [ { key: [] } ]
      responses: { '204': { description: removed } }
`,
      beside: {
        language: 'javascript',
        file: 'server.js',
        code: `import express from 'express'
import { timingSafeEqual } from 'node:crypto'

const app = express()
const orders = new Map()
const key = Buffer.from(process.env.API_KEY)

app.delete('/orders/:id', (req, res) => {
  const sent = Buffer.from(req.get('x-api-key') ?? '')
  if (sent.length !== key.length || !timingSafeEqual(sent, key)) return res.sendStatus(401)
  orders.delete(req.params.id)
  res.sendStatus(204)
})
`,
      },
    },
  ],
})
