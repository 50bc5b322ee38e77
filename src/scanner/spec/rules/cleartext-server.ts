import type { SpecDocument, SpecServer } from '../model.ts'
import { isCleartext, isLocal, isSocket } from '../servers.ts'
import { defineSpecRule, type SpecSuspicion } from './rule.ts'

export const cleartextServer = defineSpecRule({
  id: 'cleartext-server',
  control: 'transport-encryption',
  title: 'A public address is served in clear',
  severity: 'medium',
  confidence: 'high',
  cwe: [319],
  owasp: ['API8'],
  styles: ['websocket', 'sse', 'webhook', 'hybrid'],
  why: 'Clients are generated from this address. Anyone on the way reads their tokens and events and can put in their own.',
  looksAt:
    'Servers with `http`, `ws`, `mqtt`, `amqp`, `kafka` and the like, and `schemes` of OpenAPI 2.0, on hosts that are not local.',
  fix: { any: 'Name the `https`, `wss`, `mqtts`, `amqps` or `kafka-secure` address, and refuse the plain port.' },
  limits:
    'Local hosts, private networks and servers described as local or for development are left alone. A redirect from the plain address is not seen in a document.',
  when: ({ operation }) => (operation.place === 'channel' ? operation.servers.flatMap(suspicion) : []),
  whenDocument: (document) => {
    const seen = new Set<SpecServer>()
    return serversOf(document).flatMap((server) => {
      if (seen.has(server)) return []
      seen.add(server)
      return suspicion(server)
    })
  },
  bad: [
    {
      language: 'yaml',
      at: '  - url: http://',
      says: 'http://api.example.com/v1 is not encrypted.',
      code: `openapi: 3.0.3
info: { title: Meters, version: 1.0.0 }
servers:
  - url: http://api.example.com/v1
paths: {}
`,
    },
    {
      language: 'yaml',
      at: '    url: ws://',
      says: 'ws://chat.example.com is not encrypted.',
      code: `asyncapi: 2.6.0
info: { title: Chat, version: 1.0.0 }
servers:
  production:
    url: ws://chat.example.com
    protocol: ws
    security: [ { bearer: [] } ]
channels:
  /rooms:
    publish: { message: { payload: { type: object } } }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'Encrypted in production; in clear only on the own machine.',
      code: `openapi: 3.0.3
info: { title: Meters, version: 1.0.0 }
servers:
  - url: https://api.example.com/v1
  - url: http://localhost:8080/v1
paths: {}
`,
    },
  ],
})

/** Servers of the document and of single paths; those of channels are judged with their channels. */
function serversOf({ family, servers, operations }: SpecDocument): readonly SpecServer[] {
  return family === 'asyncapi' ? [] : [...servers, ...operations.flatMap((operation) => operation.servers)]
}

function suspicion(server: SpecServer): readonly SpecSuspicion[] {
  if (!isCleartext(server) || server.host === '' || isLocal(server)) return []
  return [
    {
      at: server.at,
      message: `${server.url} is not encrypted.`,
      ...(isSocket(server) ? { severity: 'high' as const } : {}),
    },
  ]
}
