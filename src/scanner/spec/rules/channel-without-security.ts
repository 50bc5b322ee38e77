import { speaksOfSecurity } from '../questions.ts'
import { isLocal } from '../servers.ts'
import { defineSpecRule } from './rule.ts'

export const channelWithoutSecurity = defineSpecRule({
  id: 'channel-without-security',
  control: 'handshake-authentication',
  title: 'A channel opens without a credential',
  severity: 'medium',
  confidence: 'medium',
  cwe: [306],
  owasp: ['API2'],
  styles: ['websocket', 'sse', 'hybrid', 'graphql-subscription'],
  fromSilence: true,
  why: 'A socket, stream or broker that asks nobody who they are gives every message to whoever connects, and takes theirs.',
  looksAt:
    'AsyncAPI channels whose public servers and operations name no security, and streams and sockets of an OpenAPI document that demands a credential elsewhere.',
  fix: {
    any: 'Name `security` on the server or the operation, and check it before the connection is accepted. For a public channel that only sends, write `x-public-allowlist-reason`.',
  },
  limits:
    'Local servers are left alone, and so are documents without servers and public channels with a written reason that take no messages.',
  when: ({ operation, document }) => {
    const { security, servers, publicReason, takes = [] } = operation
    if (security.is === 'demanded' || security.is === 'optional') return []
    if (operation.place === 'channel') {
      if (!servers.some((server) => !isLocal(server))) return []
      if (publicReason !== undefined && takes.length === 0) return []
      return [{ at: operation.at, message: `No server or operation of ${operation.path} demands a credential.` }]
    }
    if (operation.place !== 'path' || publicReason !== undefined || !speaksOfSecurity(document)) return []
    return [
      {
        at: security.own ? (security.at ?? operation.at) : operation.at,
        message: `${operation.path} opens without a credential; other operations demand one.`,
      },
    ]
  },
  bad: [
    {
      language: 'yaml',
      at: '  desk:',
      says: 'No server or operation of /desk demands a credential.',
      code: `asyncapi: 3.0.0
info: { title: Desk, version: 1.0.0 }
servers:
  main: { host: desk.example.com, protocol: wss }
channels:
  desk:
    address: /desk
    messages:
      move: { payload: { type: object } }
operations:
  move: { action: receive, channel: { $ref: '#/channels/desk' } }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'The server demands a token.',
      code: `asyncapi: 3.0.0
info: { title: Desk, version: 1.0.0 }
servers:
  main:
    host: desk.example.com
    protocol: wss
    security: [ { $ref: '#/components/securitySchemes/bearer' } ]
channels:
  desk:
    address: /desk
    messages:
      move: { payload: { type: object } }
operations:
  move: { action: receive, channel: { $ref: '#/channels/desk' } }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
`,
    },
    {
      language: 'yaml',
      why: 'It is public, says why, and takes nothing in.',
      code: `asyncapi: 2.6.0
info: { title: Prices, version: 1.0.0 }
servers:
  main: { url: 'wss://prices.example.com', protocol: wss }
channels:
  /prices:
    x-public-allowlist-reason: Prices are public.
    subscribe: { message: { payload: { type: object } } }
`,
    },
  ],
})
