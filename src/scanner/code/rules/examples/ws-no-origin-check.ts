import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'javascript',
    at: 'new WebSocketServer(',
    says: 'The handshake is authenticated by a cookie and its Origin is not compared with a list.',
    code: `import { WebSocketServer } from 'ws'
import { sessionOf } from './sessions.js'
import { setPresence } from './presence.js'

const server = new WebSocketServer({ port: 8080, maxPayload: 4096 })

server.on('connection', async (socket, request) => {
  const user = await sessionOf(request.headers.cookie)
  if (!user) return socket.close(4401)
  let allowance = 100
  socket.on('message', async (data) => {
    if (--allowance < 0) return socket.close(4429)
    const text = data.toString()
    if (text !== 'away' && text !== 'here') return
    await setPresence(user.id, text)
  })
})
`,
  },
  {
    language: 'python',
    at: 'async def presence(',
    says: 'The handshake is authenticated by a cookie and its Origin is not compared with a list.',
    also: ['ws-no-limits'],
    code: `from fastapi import FastAPI, WebSocket

from .presence import set_presence
from .sessions import user_of_session

app = FastAPI()


@app.websocket("/ws")
async def presence(websocket: WebSocket):
    user = await user_of_session(websocket.cookies.get("session"))
    if user is None:
        await websocket.close(4401)
        return
    await websocket.accept()
    while True:
        text = await websocket.receive_text()
        if text in ("away", "here"):
            await set_presence(user.id, text)
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'javascript',
    why: 'A cookie authenticates, and the Origin must be on a list before the handshake is answered.',
    code: `import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { sessionOf } from './sessions.js'

const ORIGINS = new Set(['https://app.example.com', 'https://admin.example.com'])
const server = createServer()
const sockets = new WebSocketServer({ noServer: true, maxPayload: 4096 })

server.on('upgrade', async (request, socket, head) => {
  if (!ORIGINS.has(request.headers.origin)) return socket.destroy()
  const user = await sessionOf(request.headers.cookie)
  if (!user) return socket.destroy()
  sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit('connection', ws, user))
})

sockets.on('connection', (socket, user) => {
  socket.send(JSON.stringify({ hello: user.name }))
})

server.listen(8080)
`,
  },
  {
    language: 'python',
    why: 'A token in the first message proves who it is; no browser sends that by itself.',
    code: `from fastapi import FastAPI, WebSocket

from .tokens import user_of_token

app = FastAPI()


@app.websocket("/ws")
async def news(websocket: WebSocket):
    await websocket.accept()
    user = await user_of_token(await websocket.receive_text())
    if user is None:
        await websocket.close(4401)
        return
    await websocket.send_json({"hello": user.name})
`,
  },
]
