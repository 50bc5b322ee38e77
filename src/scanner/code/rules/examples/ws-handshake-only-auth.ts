import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'javascript',
    at: 'socket.join(room)',
    says: 'socket.join acts on what the message names, and nothing asks whether this client may.',
    code: `import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { userOfToken } from './tokens.js'

const http = createServer()
const io = new Server(http)

io.use(async (socket, next) => {
  socket.data.user = await userOfToken(socket.handshake.auth.token)
  next(socket.data.user ? undefined : new Error('unauthorized'))
})

io.on('connection', (socket) => {
  let allowance = 100
  socket.on('join', (room) => {
    if (--allowance < 0 || typeof room !== 'string') return socket.disconnect()
    socket.join(room)
  })
})

http.listen(3000)
`,
  },
  {
    language: 'python',
    at: 'await board.move(',
    says: 'board.move acts on what the message names, and nothing asks whether this client may.',
    also: ['ws-no-limits'],
    code: `from fastapi import FastAPI, WebSocket
from pydantic import BaseModel

from .boards import board
from .tokens import user_of_token

app = FastAPI()


class Move(BaseModel):
    card_id: int
    column: str


@app.websocket("/boards")
async def boards(websocket: WebSocket, token: str):
    user = await user_of_token(token)
    if user is None:
        await websocket.close(4401)
        return
    await websocket.accept()
    while True:
        move = Move.model_validate_json(await websocket.receive_text())
        await board.move(move.card_id, move.column)
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'javascript',
    why: 'Each message is asked whether this user is a member of the room it names.',
    code: `import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { isMember } from './rooms.js'
import { userOfToken } from './tokens.js'

const http = createServer()
const io = new Server(http)

io.use(async (socket, next) => {
  socket.data.user = await userOfToken(socket.handshake.auth.token)
  next(socket.data.user ? undefined : new Error('unauthorized'))
})

io.on('connection', (socket) => {
  let allowance = 100
  socket.on('join', async (room) => {
    if (--allowance < 0 || typeof room !== 'string') return socket.disconnect()
    if (!(await isMember(socket.data.user.id, room))) return
    socket.join(room)
  })
})

http.listen(3000)
`,
  },
  {
    language: 'javascript',
    why: 'What is changed is the user’s own, and the message names nothing else.',
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
  let allowance = 100
  socket.on('presence', async (state) => {
    if (--allowance < 0 || (state !== 'away' && state !== 'here')) return socket.disconnect()
    await setPresence(socket.data.user.id, state)
  })
})

http.listen(3000)
`,
  },
]
