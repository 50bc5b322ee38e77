import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'javascript',
    at: 'JSON.parse(data)',
    says: 'saveNote takes fields of the message as they came.',
    code: `import { WebSocketServer } from 'ws'
import { saveNote } from './notes.js'
import { userOfToken } from './tokens.js'

const server = new WebSocketServer({ port: 8080, maxPayload: 16_384 })

server.on('connection', async (socket, request) => {
  const token = new URL(request.url, 'http://localhost').searchParams.get('token')
  const user = await userOfToken(token)
  if (!user) return socket.close(4401)
  let allowance = 100
  socket.on('message', async (data) => {
    if (--allowance < 0) return socket.close(4429)
    const message = JSON.parse(data)
    await saveNote(user.id, message.title, message.text)
  })
})
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'javascript',
    why: 'A schema parses each message, and what does not fit is dropped.',
    code: `import { WebSocketServer } from 'ws'
import { z } from 'zod'
import { saveNote } from './notes.js'
import { userOfToken } from './tokens.js'

const Note = z.object({ title: z.string().max(200), text: z.string().max(10_000) })
const server = new WebSocketServer({ port: 8080, maxPayload: 16_384 })

server.on('connection', async (socket, request) => {
  const token = new URL(request.url, 'http://localhost').searchParams.get('token')
  const user = await userOfToken(token)
  if (!user) return socket.close(4401)
  let allowance = 100
  socket.on('message', async (data) => {
    if (--allowance < 0) return socket.close(4429)
    const note = Note.safeParse(JSON.parse(data))
    if (!note.success) return
    await saveNote(user.id, note.data.title, note.data.text)
  })
})
`,
  },
  {
    language: 'javascript',
    why: 'The one field is looked at by hand.',
    code: `import { WebSocketServer } from 'ws'
import { setVolume } from './players.js'
import { userOfToken } from './tokens.js'

const server = new WebSocketServer({ port: 8080, maxPayload: 1024 })

server.on('connection', async (socket, request) => {
  const user = await userOfToken(request.headers['sec-websocket-protocol'])
  if (!user) return socket.close(4401)
  let allowance = 100
  socket.on('message', async (data) => {
    if (--allowance < 0) return socket.close(4429)
    const { volume } = JSON.parse(data)
    if (typeof volume !== 'number' || volume < 0 || volume > 100) return
    await setVolume(user.id, volume)
  })
})
`,
  },
]
