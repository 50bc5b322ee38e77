import type { ServedOperation } from '../drift.ts'
import type { SpecDocument, SpecOperation } from '../model.ts'
import { documents } from '../questions.ts'
import { fieldsOf } from '../schema.ts'
import { isSecretField } from '../words.ts'
import { defineSpecRule, type SpecSuspicion } from './rule.ts'

export const undocumentedAnswer = defineSpecRule({
  id: 'undocumented-answer',
  control: 'property-filtering',
  controlFor: { hybrid: 'contract-inventory' },
  title: 'An answer is given that the description does not have',
  severity: 'low',
  confidence: 'high',
  cwe: [1059, 213],
  owasp: ['API9', 'API3'],
  styles: ['hybrid'],
  why: 'A status nobody expects is handled by nobody, and a secret in an answer that the description does not have has passed every review of it.',
  looksAt:
    'Statuses and media types that a probe received, beside those of the operation, and fields with names of secrets that no schema of it has.',
  fix: { any: 'Describe the answer, or stop giving it; build answers from an explicit list of fields.' },
  limits: '`4XX`, `5XX` and `default` cover their statuses. Only live results have answers to compare.',
  whenDrift: ({ pairs, document }) =>
    pairs.flatMap(({ documented, served }): readonly SpecSuspicion[] => {
      const statuses = unknownStatuses(documented, served)
      const types = unknownTypes(documented, served)
      const secrets = unknownSecrets(documented, served, document)
      const operation = `${documented.method} ${documented.path}`
      const trace = served.at === undefined ? [] : [{ ...served.at, message: 'It was observed here.' }]
      return [
        ...(statuses.length + types.length === 0
          ? []
          : [
              {
                at: documented.at,
                message: `${operation} answers with ${[...statuses, ...types].join(', ')}, which the description does not have.`,
                trace,
              },
            ]),
        ...(secrets.length === 0
          ? []
          : [
              {
                at: documented.at,
                message: `${operation} returns ${secrets.join(', ')}, which the description does not have.`,
                control: 'property-filtering' as const,
                severity: 'medium' as const,
                trace,
              },
            ]),
      ]
    }),
  bad: [
    {
      language: 'yaml',
      at: '    get:',
      says: 'GET /orders/{id} answers with 500, text/html, which the description does not have.',
      code: `openapi: 3.0.3
info: { title: Shop, version: 1.0.0 }
paths:
  /orders/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: string } } ]
    get:
      operationId: getOrder
      responses:
        '200': { description: an order, content: { application/json: { schema: { type: object } } } }
`,
      beside: {
        language: 'json',
        file: 'observed.json',
        code: `[{ "route": "GET /orders/{id}", "statuses": ["200", "500"], "responseTypes": ["application/json", "text/html"] }]
`,
      },
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'Whatever else is answered is described, too.',
      code: `openapi: 3.0.3
info: { title: Shop, version: 1.0.0 }
paths:
  /orders/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: string } } ]
    get:
      operationId: getOrder
      responses:
        '200': { description: an order, content: { application/json: { schema: { type: object } } } }
        default: { description: a problem, content: { application/problem+json: { schema: { type: object } } } }
`,
      beside: {
        language: 'json',
        file: 'observed.json',
        code: `[{ "route": "GET /orders/{id}", "statuses": ["200", "404"], "responseTypes": ["application/json", "application/problem+json"] }]
`,
      },
    },
  ],
})

function unknownStatuses(documented: SpecOperation, { observed }: ServedOperation): readonly string[] {
  if (documented.answers.length === 0) return []
  return (observed.statuses ?? []).filter((status) => !documents(documented, status))
}

function unknownTypes({ answers }: SpecOperation, { observed }: ServedOperation): readonly string[] {
  const known = new Set(answers.flatMap(({ types }) => types))
  if (known.size === 0 || known.has('*/*')) return []
  return (observed.responseTypes ?? []).filter((type) => !known.has(type) && !known.has(`${type.split('/')[0]}/*`))
}

function unknownSecrets(
  { answers }: SpecOperation,
  { observed }: ServedOperation,
  { references }: SpecDocument,
): readonly string[] {
  const secrets = (observed.fields ?? []).filter((field) => isSecretField(field.split('.').at(-1) ?? ''))
  if (secrets.length === 0) return []
  const known = new Set(
    answers.flatMap(({ schemas }) =>
      schemas.flatMap((schema) => fieldsOf(references, schema, 4, isSecretField).map(({ name }) => name)),
    ),
  )
  return secrets.filter((field) => !known.has(field.split('.').at(-1) ?? ''))
}
