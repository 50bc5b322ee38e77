import { isLoginOperation, isRead } from '../questions.ts'
import { textOf } from '../references.ts'
import { factsOf, fieldsOf } from '../schema.ts'
import { isSecretField } from '../words.ts'
import { defineSpecRule } from './rule.ts'

export const secretInResponse = defineSpecRule({
  id: 'secret-in-response',
  once: true,
  control: 'property-filtering',
  title: 'A read hands out a secret',
  severity: 'medium',
  confidence: 'medium',
  cwe: [213, 200],
  owasp: ['API3'],
  styles: ['rest'],
  why: 'A secret that any read returns is as safe as the weakest reader of that route, its caches and its logs. With a webhook secret from a list of integrations a stranger signs events that verify.',
  looksAt:
    'Fields of successful answers to reads whose names are those of secrets: `webhookSecret`, `password_hash`, `private_key`, `cvv`.',
  fix: {
    any: 'Leave the field out, or mark it `writeOnly`. Show a secret once, in the answer to its creation, or only its last characters.',
  },
  limits:
    'The answer to a creation or rotation may show a secret once. Fields whose text says that they are masked or encrypted are left alone.',
  when: ({ operation, document }) => {
    if (!isRead(operation) || operation.place !== 'path' || isLoginOperation(operation)) return []
    const answers = operation.answers.filter(({ status }) => /^2|^default$/.test(status))
    return answers
      .flatMap(({ schemas }) => schemas.flatMap((schema) => fieldsOf(document.references, schema, 4, isSecretField)))
      .flatMap(({ path, schema, at }) => {
        const facts = factsOf(document.references, schema)
        const type = textOf(document.references.fields(schema).get('type')?.value)
        if (facts.writeOnly || (type !== undefined && type !== 'string')) return []
        if (/mask|redact|last (?:four|4|few)|encrypt|hint|obfuscat|placeholder/i.test(facts.description)) return []
        return [{ at, message: `${operation.method} ${operation.path} returns ${path}.` }]
      })
  },
  bad: [
    {
      language: 'yaml',
      at: 'webhookSecret:',
      says: 'GET /integrations returns data.webhookSecret.',
      code: `openapi: 3.0.3
info: { title: Gateway, version: 1.0.0 }
paths:
  /integrations:
    get:
      operationId: listIntegrations
      responses:
        '200':
          description: all of them
          content:
            application/json:
              schema:
                type: object
                properties:
                  data: { type: array, items: { $ref: '#/components/schemas/Integration' } }
components:
  schemas:
    Integration:
      type: object
      properties:
        id: { type: string }
        webhookSecret: { type: string }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'It is written and never read; the creation shows the key once.',
      code: `openapi: 3.0.3
info: { title: Gateway, version: 1.0.0 }
paths:
  /integrations:
    get:
      operationId: listIntegrations
      responses:
        '200':
          description: all of them
          content: { application/json: { schema: { type: array, items: { $ref: '#/components/schemas/Integration' } } } }
    post:
      operationId: createIntegration
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Integration' } } } }
      responses:
        '201':
          description: shown once
          content: { application/json: { schema: { type: object, properties: { signingSecret: { type: string } } } } }
components:
  schemas:
    Integration:
      type: object
      properties:
        id: { type: string }
        webhookSecret: { type: string, writeOnly: true }
`,
    },
  ],
})
