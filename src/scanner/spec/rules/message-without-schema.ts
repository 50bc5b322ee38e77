import { defineSpecRule } from './rule.ts'

export const messageWithoutSchema = defineSpecRule({
  id: 'message-without-schema',
  control: 'message-schema-validation',
  title: 'A message that is taken in has no schema',
  severity: 'low',
  confidence: 'medium',
  cwe: [20],
  owasp: ['API8'],
  styles: ['websocket', 'hybrid', 'graphql-subscription'],
  fromSilence: true,
  why: 'What has no shape cannot be validated. Whatever a client sends reaches the handler, with fields nobody thought of and sizes nobody meant.',
  looksAt: 'Messages of AsyncAPI that the application receives, without `payload`.',
  fix: {
    any: 'Describe the payload with its fields, bounds and `additionalProperties: false`, and validate against it.',
  },
  limits: 'Messages that are only sent out are left alone, and so are those described in another file.',
  when: ({ operation }) =>
    (operation.takes ?? [])
      .filter(({ hasPayload }) => !hasPayload)
      .map(({ name, at }) => ({ at, message: `The message ${name} has no payload schema.` })),
  bad: [
    {
      language: 'yaml',
      at: '      move: {',
      says: 'The message move has no payload schema.',
      code: `asyncapi: 3.0.0
info: { title: Desk, version: 1.0.0 }
servers:
  main: { host: desk.example.com, protocol: wss, security: [ { type: http, scheme: bearer } ] }
channels:
  desk:
    address: /desk
    messages:
      move: { summary: Moves a card }
operations:
  move: { action: receive, channel: { $ref: '#/channels/desk' } }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'The message has a schema.',
      code: `asyncapi: 3.0.0
info: { title: Desk, version: 1.0.0 }
servers:
  main: { host: desk.example.com, protocol: wss, security: [ { type: http, scheme: bearer } ] }
channels:
  desk:
    address: /desk
    messages:
      move: { payload: { type: object, properties: { card: { type: string } }, additionalProperties: false } }
operations:
  move: { action: receive, channel: { $ref: '#/channels/desk' } }
`,
    },
  ],
})
