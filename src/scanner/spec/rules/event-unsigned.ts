import { bringsEvent, senderProof, signatureHeader } from '../questions.ts'
import { describesSignature } from '../words.ts'
import { defineSpecRule } from './rule.ts'

export const eventUnsigned = defineSpecRule({
  id: 'event-unsigned',
  control: 'sender-authentication',
  controlFor: { callback: 'outbound-signature' },
  title: 'Nothing in the description proves who sends the event',
  severity: 'medium',
  confidence: 'medium',
  cwe: [345, 306],
  owasp: ['API2', 'API10'],
  styles: ['webhook', 'callback'],
  fromSilence: true,
  why: 'Whoever builds the receiver has this document and nothing else. Without a signature header or a scheme in it they can only believe every request, and anyone who learns the address can post events.',
  looksAt:
    'Events under `webhooks:` and `callbacks:`, receivers under `paths:` and messages that AsyncAPI takes over http: a signature header, a token header, or a scheme that the event itself demands. The security of the whole document speaks of its paths, not of its events.',
  fix: {
    any: 'Declare the signature header as a required parameter, with the time and the id it covers (`webhook-signature`, `webhook-timestamp`, `webhook-id` of Standard Webhooks), or a `mutualTLS` scheme.',
  },
  limits:
    'A signature or shared secret that is only described in prose is left alone, and so are greetings by GET or OPTIONS, before any event. That a header is declared does not show that anybody checks it; code or a probe does.',
  when: ({ operation }) => {
    if (!bringsEvent(operation)) return []
    if (senderProof(operation) !== undefined || signatureHeader(operation) !== undefined) return []
    if (describesSignature(operation.words)) return []
    const what = operation.place === 'path' ? 'The receiver' : 'The event'
    return [{ at: operation.at, message: `${what} carries no signature header and demands no scheme.` }]
  },
  bad: [
    {
      language: 'yaml',
      at: '    post:',
      says: 'The event carries no signature header and demands no scheme.',
      code: `openapi: 3.1.0
info: { title: Orders, version: 1.0.0 }
webhooks:
  orderPaid:
    post:
      parameters:
        - { name: X-Event-Id, in: header, required: true, schema: { type: string } }
        - { name: X-Timestamp, in: header, required: true, schema: { type: integer } }
      requestBody:
        content: { application/json: { schema: { type: object, properties: { order: { type: string } } } } }
      responses: { '204': { description: taken } }
`,
    },
    {
      language: 'yaml',
      at: '  orders:',
      says: 'The event carries no signature header and demands no scheme.',
      code: `asyncapi: 3.0.0
info: { title: Orders, version: 1.0.0 }
servers:
  main: { host: in.example.com, protocol: https }
channels:
  orders:
    address: /in/orders
    messages:
      paid:
        payload: { type: object, properties: { id: { type: string }, occurredAt: { type: string } } }
operations:
  takePaid: { action: receive, channel: { $ref: '#/channels/orders' } }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'The three headers of Standard Webhooks.',
      code: `openapi: 3.1.0
info: { title: Orders, version: 1.0.0 }
webhooks:
  orderPaid:
    post:
      parameters:
        - { name: webhook-id, in: header, required: true, schema: { type: string } }
        - { name: webhook-timestamp, in: header, required: true, schema: { type: string } }
        - { name: webhook-signature, in: header, required: true, schema: { type: string } }
      requestBody:
        content: { application/json: { schema: { type: object, properties: { order: { type: string } } } } }
      responses: { '204': { description: taken } }
`,
    },
  ],
})
