import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'javascript',
    at: 'new WebSocketServer(',
    says: 'A message may be as large as the library allows, and nothing counts them.',
    code: `import { WebSocketServer } from 'ws'
import { setVolume } from './players.js'
import { userOfToken } from './tokens.js'

const server = new WebSocketServer({ port: 8080 })

server.on('connection', async (socket, request) => {
  const user = await userOfToken(request.headers['sec-websocket-protocol'])
  if (!user) return socket.close(4401)
  socket.on('message', async (data) => {
    const { volume } = JSON.parse(data)
    if (typeof volume !== 'number' || volume < 0 || volume > 100) return
    await setVolume(user.id, volume)
  })
})
`,
  },
  {
    language: 'javascript',
    at: 'new Server(http)',
    says: 'A client may send as many messages as it likes.',
    code: `import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { setPresence } from './presence.js'
import { userOfToken } from './tokens.js'

const http = createServer()
const io = new Server(http)

io.use(async (socket, next) => {
  socket.data.user = await userOfToken(socket.handshake.auth.token)
  next(socket.data.user ? undefined : new Error('unauthorized'))
})

io.on('connection', (socket) => {
  socket.on('presence', async (state) => {
    if (state !== 'away' && state !== 'here') return
    await setPresence(socket.data.user.id, state)
  })
})

http.listen(3000)
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'javascript',
    why: 'Socket.IO’s own limit of 1 MB is enough, and the messages are counted.',
    code: `import { createServer } from 'node:http'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { Server } from 'socket.io'
import { setPresence } from './presence.js'
import { userOfToken } from './tokens.js'

const http = createServer()
const io = new Server(http)
const limiter = new RateLimiterMemory({ points: 100, duration: 60 })

io.use(async (socket, next) => {
  socket.data.user = await userOfToken(socket.handshake.auth.token)
  next(socket.data.user ? undefined : new Error('unauthorized'))
})

io.on('connection', (socket) => {
  socket.on('presence', async (state) => {
    await limiter.consume(socket.data.user.id)
    if (state !== 'away' && state !== 'here') return
    await setPresence(socket.data.user.id, state)
  })
})

http.listen(3000)
`,
  },
  {
    language: 'javascript',
    why: 'Nothing is done with messages; the socket only sends.',
    code: `import { WebSocketServer } from 'ws'
import { prices } from './prices.js'

const server = new WebSocketServer({ port: 8080 })

server.on('connection', (socket) => {
  const stop = prices.subscribe((price) => socket.send(JSON.stringify(price)))
  socket.on('close', stop)
})
`,
  },
]
