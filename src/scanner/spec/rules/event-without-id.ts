import { bringsEvent, eventId, isBodyDescribed } from '../questions.ts'
import { defineSpecRule } from './rule.ts'

export const eventWithoutId = defineSpecRule({
  id: 'event-without-id',
  control: 'replay-cache',
  title: 'The event names nothing by which a repeat can be told',
  severity: 'low',
  confidence: 'medium',
  cwe: [837, 294],
  owasp: ['API10', 'API6'],
  styles: ['webhook'],
  fromSilence: true,
  why: 'Every sender delivers at least once, so every event comes twice some day. Without an id in the event its receiver cannot tell the second delivery from a second payment.',
  looksAt: 'Headers for an event, delivery or message id, and such fields of the body or its envelope.',
  fix: { any: 'Give every event an id that stays the same over retries, inside what is signed, and declare it.' },
  limits: 'Silent where the body is not described: the id may be in it.',
  when: ({ operation, document }) =>
    !bringsEvent(operation) || eventId(operation, document) !== undefined || !isBodyDescribed(operation, document)
      ? []
      : [{ at: operation.at, message: 'Neither a header nor a field of the body is an id of the event.' }],
  bad: [
    {
      language: 'yaml',
      at: '    post:',
      says: 'Neither a header nor a field of the body is an id of the event.',
      code: `openapi: 3.1.0
info: { title: Orders, version: 1.0.0 }
webhooks:
  orderPaid:
    post:
      parameters:
        - { name: X-Signature, in: header, required: true, schema: { type: string } }
        - { name: X-Timestamp, in: header, required: true, schema: { type: integer } }
      requestBody:
        content: { application/json: { schema: { type: object, properties: { order: { type: string } } } } }
      responses: { '204': { description: taken } }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'The envelope that all events share has the id and the time.',
      code: `openapi: 3.1.0
info: { title: Orders, version: 1.0.0 }
components:
  schemas:
    Envelope: { type: object, properties: { eventId: { type: string }, occurredAt: { type: string } } }
webhooks:
  orderPaid:
    post:
      parameters:
        - { name: X-Signature, in: header, required: true, schema: { type: string } }
      requestBody:
        content:
          application/json:
            schema:
              allOf:
                - $ref: '#/components/schemas/Envelope'
                - { type: object, properties: { order: { type: string } } }
      responses: { '204': { description: taken } }
`,
    },
  ],
})
