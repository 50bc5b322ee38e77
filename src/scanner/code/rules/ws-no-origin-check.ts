import { defineRule } from './rule.ts'

export const wsNoOriginCheck = defineRule({
  id: 'ws-no-origin-check',
  control: 'origin-allowlist',
  title: 'A cookie opens the socket from any site',
  severity: 'high',
  confidence: 'high',
  cwe: [1385, 346],
  owasp: ['API2', 'API8'],
  styles: ['websocket'],
  why: 'Browsers send cookies with a WebSocket handshake whatever page opened it, and CORS does not apply: any site a user visits speaks to this socket as that user.',
  fix: {
    any: 'Compare the Origin header of the handshake with an exact list before accepting.',
  },
  limits: 'A token in the query, a header, the subprotocol or the first message needs no Origin check.',
  when: ({ facts }) => {
    const { socket } = facts.surface
    const cookie = facts.checks.some(({ kind, byCookie }) => kind === 'identity' && byCookie === true)
    if (socket === undefined || !cookie || socket.origin === 'checked' || facts.guards.includes('origin-checked'))
      return []
    const at = socket.originAt ?? socket.serverAt
    return [
      {
        at: { file: facts.surface.module.file, ...at },
        message: 'The handshake is authenticated by a cookie and its Origin is not compared with a list.',
      },
    ]
  },
})
