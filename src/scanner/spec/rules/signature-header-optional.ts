import { bringsEvent, signatureHeader } from '../questions.ts'
import { defineSpecRule } from './rule.ts'

export const signatureHeaderOptional = defineSpecRule({
  id: 'signature-header-optional',
  control: 'fail-closed',
  title: 'The signature header may be left out',
  severity: 'medium',
  confidence: 'medium',
  cwe: [636, 345],
  owasp: ['API2', 'API8'],
  styles: ['webhook'],
  why: 'Validators and generated servers let a request without an optional header through, and code written after them verifies only when it is there. A forger leaves it out.',
  looksAt: 'Signature headers of receivers and events whose `required` is not true.',
  fix: { any: 'Add `required: true` to the header, and answer 401 without it.' },
  limits:
    'An event that also demands a scheme is left alone, and so are headers that say when they are needed, and message headers of AsyncAPI, where few list what is required.',
  when: ({ operation }) => {
    if (!bringsEvent(operation)) return []
    const header = signatureHeader(operation)
    if (header === undefined || header.required || operation.place === 'channel') return []
    if (/\b(?:required|needed|mandatory) (?:when|where|if|by|for|unless)\b/i.test(header.description)) return []
    if (operation.security.own && operation.security.is === 'demanded') return []
    return [{ at: header.at, message: `A request without ${header.name} agrees with the description.` }]
  },
  bad: [
    {
      language: 'yaml',
      at: '- name: X-Signature',
      says: 'A request without X-Signature agrees with the description.',
      code: `openapi: 3.1.0
info: { title: Mail, version: 1.0.0 }
webhooks:
  bounced:
    post:
      parameters:
        - name: X-Signature
          in: header
          schema: { type: string }
        - { name: X-Timestamp, in: header, required: true, schema: { type: string } }
      requestBody:
        content: { application/json: { schema: { type: object, properties: { messageId: { type: string } } } } }
      responses: { '204': { description: taken } }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'The header is demanded.',
      code: `openapi: 3.1.0
info: { title: Mail, version: 1.0.0 }
webhooks:
  bounced:
    post:
      parameters:
        - name: X-Signature
          in: header
          required: true
          schema: { type: string }
        - { name: X-Timestamp, in: header, required: true, schema: { type: string } }
      requestBody:
        content: { application/json: { schema: { type: object, properties: { messageId: { type: string } } } } }
      responses: { '204': { description: taken } }
`,
    },
  ],
})
