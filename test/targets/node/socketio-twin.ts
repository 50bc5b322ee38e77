/** The socket in socket.io: each kind of message is an event, and the answer is the event `reply`. */
import { Server } from 'socket.io'
import { admit, Channel, handshakeOf, MAX_MESSAGE_BYTES, NO_LIMIT_BYTES } from './channel.ts'
import { listen, serverFor } from './listen.ts'
import { plainRoutes } from './plain-routes.ts'
import { fault } from './twin.ts'

const server = serverFor(plainRoutes)
const io = new Server(server, {
  maxHttpBufferSize: fault('ws-no-size-limit') ? NO_LIMIT_BYTES : MAX_MESSAGE_BYTES,
  serveClient: false,
})

io.use((socket, next) => {
  const token: unknown = socket.handshake.auth['token']
  const handshake = handshakeOf(socket.request)
  const principal = admit({ ...handshake, bearer: handshake.bearer ?? (typeof token === 'string' ? token : undefined) })
  if (principal === undefined) return next(new Error('refused'))
  socket.data.principal = principal
  next()
})

io.on('connection', (socket) => {
  const channel = new Channel(
    { send: (value) => socket.emit('reply', value), close: () => socket.disconnect(true) },
    socket.data.principal,
  )
  socket.onAny((type: unknown, value: unknown) => {
    const fields = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
    channel.onMessage(fields === undefined && type !== 'ping' ? undefined : { ...fields, type })
  })
  socket.on('disconnect', () => channel.end())
})
listen(server)
