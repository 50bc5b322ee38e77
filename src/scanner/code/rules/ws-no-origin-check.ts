import { bad, good } from './examples/ws-no-origin-check.ts'
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
  why: 'Browsers send cookies with a WebSocket handshake whatever page opened it, and CORS does not apply. Any site that a user visits speaks to this socket as that user.',
  looksAt:
    'Handshakes that a cookie or a session authenticates, and whether the Origin header was compared with a list before the socket was accepted.',
  fix: {
    any: 'Compare the Origin header of the handshake with an exact list before accepting.',
    ws: 'In `verifyClient` or the `upgrade` handler: `if (!ORIGINS.has(request.headers.origin)) return socket.destroy()`.',
    'socket.io': '`allowRequest`; the `cors` option does not govern the websocket transport.',
    fastapi: "`if websocket.headers.get('origin') not in ORIGINS: await websocket.close(1008)` before `accept()`.",
    django: '`AllowedHostsOriginValidator` around the websocket application.',
    go: '`CheckOrigin` of the upgrader; one that returns `true` is no check.',
  },
  limits: 'A token in the query, a header, the subprotocol or the first message needs no check of the Origin.',
  when: ({ facts }) => {
    const { socket } = facts.surface
    const cookie = facts.checks.some(({ kind, byCookie }) => kind === 'identity' && byCookie === true)
    if (
      socket === undefined ||
      !(cookie || socket.cookieAuth === true) ||
      socket.origin === 'checked' ||
      facts.guards.includes('origin-checked')
    )
      return []
    const at = socket.originAt ?? socket.serverAt
    return [
      {
        at: { file: socket.file ?? facts.surface.module.file, ...at },
        message: 'The handshake is authenticated by a cookie and its Origin is not compared with a list.',
      },
    ]
  },
  bad,
  good,
})
