import { bringsEvent, eventId, eventTime, isBodyDescribed } from '../questions.ts'
import { statesNoTime } from '../words.ts'
import { defineSpecRule } from './rule.ts'

export const eventWithoutTimestamp = defineSpecRule({
  id: 'event-without-timestamp',
  control: 'freshness-window',
  title: 'The event names no time that a receiver could check',
  severity: 'low',
  confidence: 'medium',
  cwe: [294],
  owasp: ['API10', 'API2'],
  styles: ['webhook'],
  fromSilence: true,
  why: 'A signature never expires by itself. Without a signed time a request that was captured once can be sent again in a year, and the receiver has nothing to refuse it by.',
  looksAt:
    'Headers for a time, signature headers whose value carries one, schemes that expire, and time fields of a body that is described.',
  fix: {
    any: 'Send the time in a header that the signature covers and declare it. Where the scheme has none, say so in the description and give a delivery id to remember.',
  },
  limits:
    'Silent where the description says that the scheme has no time and an id tells repeats apart. That a time is declared does not show that it is signed or compared.',
  when: ({ operation, document }) => {
    if (!bringsEvent(operation)) return []
    if (eventTime(operation, document) !== undefined) return []
    const hasId = eventId(operation, document) !== undefined || !isBodyDescribed(operation, document)
    const texts = [operation.words, ...operation.parameters.map(({ description }) => description)]
    if (hasId && texts.some(statesNoTime)) return []
    return [{ at: operation.at, message: 'No header, field or scheme bounds how old a request may be.' }]
  },
  bad: [
    {
      language: 'yaml',
      at: '    post:',
      says: 'No header, field or scheme bounds how old a request may be.',
      code: `openapi: 3.1.0
info: { title: Orders, version: 1.0.0 }
webhooks:
  orderPaid:
    post:
      parameters:
        - { name: X-Signature, in: header, required: true, schema: { type: string } }
        - { name: X-Delivery-Id, in: header, required: true, schema: { type: string } }
      requestBody:
        content: { application/json: { schema: { type: object, properties: { order: { type: string } } } } }
      responses: { '204': { description: taken } }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'The value of this header holds the time and what signs it.',
      code: `openapi: 3.1.0
info: { title: Orders, version: 1.0.0 }
webhooks:
  orderPaid:
    post:
      parameters:
        - { name: Shop-Signature, in: header, required: true, schema: { type: string, example: 't=1700000000,v1=5257a8' } }
      requestBody:
        content: { application/json: { schema: { type: object, properties: { id: { type: string } } } } }
      responses: { '204': { description: taken } }
`,
    },
    {
      language: 'yaml',
      why: 'The scheme has no time; the document says so, and repeats can be told by their id.',
      code: `openapi: 3.1.0
info: { title: Forge, version: 1.0.0 }
webhooks:
  push:
    post:
      description: The signature covers the body and no timestamp.
      parameters:
        - { name: X-Hub-Signature-256, in: header, required: true, schema: { type: string } }
        - { name: X-GitHub-Delivery, in: header, required: true, schema: { type: string } }
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses: { '204': { description: taken } }
`,
    },
  ],
})
