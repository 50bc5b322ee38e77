import type { SpecOperation } from '../model.ts'
import { defineSpecRule } from './rule.ts'

export const streamForWhomRequestNames = defineSpecRule({
  id: 'stream-for-whom-request-names',
  control: 'subscription-binding',
  title: 'Whose events arrive is what the request says',
  severity: 'low',
  confidence: 'low',
  cwe: [639],
  owasp: ['API1'],
  styles: ['sse', 'websocket'],
  fromSilence: true,
  why: 'A stream is opened for the user or account that its address names. Whoever names another one hears that one’s events, for as long as the stream stands.',
  looksAt:
    'Event streams and sockets with a parameter in path or query that names a user, account, tenant or the like, and nothing that says it must be the caller’s own.',
  fix: {
    any: 'Take user and tenant from the credential. Where an address has to name one, compare it with the credential before the first event, and say so in the description.',
  },
  limits:
    'A description does not tell what is compared: where code, a probe or a record shows that it is, nothing is said. Streams that are public with a reason are left alone.',
  when: ({ operation }) => {
    if (operation.publicReason !== undefined || OWN.test(operation.words)) return []
    return namesIn(operation).map((name) => ({
      at: operation.parameters.find((one) => one.name === name)?.at ?? operation.pathAt,
      message: `Whose events arrive is said by ${name}; nothing here says that it must be the caller’s own.`,
    }))
  },
  bad: [
    {
      language: 'yaml',
      at: '      - { name: accountId',
      says: 'Whose events arrive is said by accountId; nothing here says that it must be the caller’s own.',
      code: `openapi: 3.1.0
info: { title: Live, version: 1.0.0 }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
security: [ { bearer: [] } ]
paths:
  /live:
    parameters:
      - { name: accountId, in: query, required: true, schema: { type: string } }
    get:
      operationId: listen
      responses: { '200': { description: events, content: { text/event-stream: { schema: { type: string } } } } }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'Who hears what follows from the credential; the parameter only chooses kinds.',
      code: `openapi: 3.1.0
info: { title: Live, version: 1.0.0 }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
security: [ { bearer: [] } ]
paths:
  /live:
    parameters:
      - { name: kinds, in: query, schema: { type: string } }
    get:
      operationId: listen
      responses: { '200': { description: events, content: { text/event-stream: { schema: { type: string } } } } }
`,
    },
    {
      language: 'yaml',
      why: 'The description says that it must be the caller’s own.',
      code: `openapi: 3.1.0
info: { title: Live, version: 1.0.0 }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
security: [ { bearer: [] } ]
paths:
  /users/{userId}/live:
    parameters:
      - { name: userId, in: path, required: true, description: must be the authenticated user, schema: { type: string } }
    get:
      operationId: listen
      responses: { '200': { description: events, content: { text/event-stream: { schema: { type: string } } } } }
`,
    },
  ],
})

const WHO =
  /^(?:user|account|tenant|customer|member|owner|subscriber|org(?:ani[sz]ation)?|workspace|principal)[_-]?(?:id|name|uuid)?$/i
const OWN = /\b(?:own|caller|authenticated|credential|token|session|yourself|current user)\b/i

function namesIn({ path, parameters }: SpecOperation): readonly string[] {
  const declared = parameters.filter((one) => one.in === 'path' || one.in === 'query')
  const described = new Map(declared.map(({ name, description }) => [name, description]))
  const inPath = [...path.matchAll(/\{([^{}/]{1,80})\}/g)].map(([, name = '']) => name)
  const names = [...new Set([...inPath, ...declared.map(({ name }) => name)])]
  return names.filter((name) => WHO.test(name) && !OWN.test(described.get(name) ?? ''))
}
