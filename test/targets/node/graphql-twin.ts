/**
 * The socket in GraphQL, at `/graphql`, in both subprotocols: `graphql-transport-ws` by the library graphql-ws, the
 * older `graphql-ws` by hand, as its library is no longer kept.
 */
import type { IncomingMessage } from 'node:http'
import { type ExecutionArgs, execute, parse, subscribe, validate } from 'graphql'
import { type WebSocket as Line, makeServer, parseMessage } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Principal, principalOf } from './access.ts'
import { admit, handshakeOf, isForeign, MAX_MESSAGE_BYTES, MessageCount, NO_LIMIT_BYTES } from './channel.ts'
import { rootValue, schema } from './graphql-schema.ts'
import { listen, serverFor } from './listen.ts'
import { plainRoutes } from './plain-routes.ts'
import { fault, isRecord } from './twin.ts'

const CHECK_MS = 100
const maxPayload = fault('ws-no-size-limit') ? NO_LIMIT_BYTES : MAX_MESSAGE_BYTES
const modern = new WebSocketServer({ noServer: true, maxPayload, handleProtocols: () => 'graphql-transport-ws' })
const legacy = new WebSocketServer({ noServer: true, maxPayload, handleProtocols: () => 'graphql-ws' })
const server = serverFor(plainRoutes)

server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => undefined)
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/)
  const sockets = protocols.includes('graphql-transport-ws') ? modern : protocols.includes('graphql-ws') ? legacy : null
  if (sockets === null || isForeign(request.headers.origin)) {
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
    return
  }
  sockets.handleUpgrade(request, socket, head, (websocket) => sockets.emit('connection', websocket, request))
})

for (const sockets of [modern, legacy]) {
  sockets.on('connection', (websocket: WebSocket) => {
    websocket.on('error', () => undefined)
    const count = new MessageCount()
    websocket.on('message', () => count.next() || websocket.close(1008))
  })
}

interface Extra {
  readonly socket: WebSocket
  readonly request: IncomingMessage
  principal?: Principal
}

const conversations = makeServer<{ token?: unknown }, Extra>({
  schema,
  roots: { query: rootValue, mutation: rootValue, subscription: rootValue },
  onConnect({ extra, connectionParams }) {
    const principal = principalFrom(extra.request, connectionParams)
    if (principal === undefined) return false
    extra.principal = principal
    watch(extra.socket, principal)
    return true
  },
  context: ({ extra }) => ({ principal: extra.principal }),
})

// The library closes on what is no message; whoever reads the line before it can thank for that instead.
modern.on('connection', (websocket, request) => {
  const line: Line = {
    protocol: websocket.protocol,
    send: (text) => websocket.send(text),
    close: (code, reason) => websocket.close(code, reason),
    onMessage(read) {
      websocket.on('message', async (data) => {
        const text = String(data)
        if (fault('ws-no-validation') && !isMessage(text))
          return websocket.send('{"id":"0","type":"next","payload":{"data":{}}}')
        await read(text).catch(() => websocket.close(1011))
      })
    },
  }
  const closed = conversations.opened(line, { socket: websocket, request })
  websocket.once('close', (code, reason) => void closed(code, String(reason)))
})

function isMessage(text: string): boolean {
  try {
    parseMessage(text)
    return true
  } catch {
    return false
  }
}

legacy.on('connection', (websocket, request) => {
  let principal: Principal | undefined
  const running = new Map<string, AsyncGenerator>()
  const send = (value: Record<string, unknown>) => websocket.send(JSON.stringify(value))
  websocket.on('close', () => {
    for (const each of running.values()) each.return(undefined)
  })
  websocket.on('message', async (data) => {
    const message = readJson(String(data))
    if (message === undefined) {
      return fault('ws-no-validation')
        ? send({ type: 'data', payload: { data: {} } })
        : send({ type: 'connection_error', payload: { message: 'not a message' } })
    }
    if (message['type'] === 'connection_init') {
      principal = principalFrom(request, message['payload'])
      if (principal === undefined) return websocket.close(4403)
      watch(websocket, principal)
      return send({ type: 'connection_ack' })
    }
    if (principal === undefined) return websocket.close(4401)
    const id = String(message['id'])
    if (message['type'] === 'stop') return void running.get(id)?.return(undefined)
    if (message['type'] !== 'start' || !isRecord(message['payload'])) return send({ type: 'error', id })
    const result = await run(message['payload'], principal)
    if (Symbol.asyncIterator in result) {
      running.set(id, result as AsyncGenerator)
      for await (const payload of result) send({ type: 'data', id, payload })
    } else {
      send({ type: 'data', id, payload: result })
    }
    send({ type: 'complete', id })
  })
})

function readJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

async function run({ query, variables }: Record<string, unknown>, principal: Principal) {
  try {
    const document = parse(String(query))
    const errors = validate(schema, document)
    if (errors.length > 0) return { errors }
    const variableValues = isRecord(variables) ? variables : {}
    const args: ExecutionArgs = { schema, document, rootValue, contextValue: { principal }, variableValues }
    const isStream = document.definitions.some((each) => 'operation' in each && each.operation === 'subscription')
    return await (isStream ? subscribe(args) : execute(args))
  } catch {
    return { errors: [{ message: 'cannot be read' }] }
  }
}

function principalFrom(request: Parameters<typeof handshakeOf>[0], params: unknown): Principal | undefined {
  const handshake = handshakeOf(request)
  const token = isRecord(params) && typeof params['token'] === 'string' ? params['token'] : undefined
  return admit({ ...handshake, bearer: handshake.bearer ?? token })
}

function watch(websocket: WebSocket, { token }: Principal): void {
  if (token === undefined || fault('ws-outlives-session') || fault('ws-expired-accepted')) return
  const timer = setInterval(() => principalOf(token) === undefined && websocket.close(4401), CHECK_MS)
  websocket.once('close', () => clearInterval(timer))
}

listen(server)
