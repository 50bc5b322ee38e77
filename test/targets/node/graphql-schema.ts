/** What the socket offers in GraphQL: the same orders, payments and rooms. */
import { EventEmitter, on } from 'node:events'
import { buildSchema } from 'graphql'
import type { Principal } from './access.ts'
import { findOrder } from './orders.ts'
import { fault } from './twin.ts'

export const schema = buildSchema(`
  type Order { id: ID! account: String! total: Int! }
  type Message { room: String! from: String! text: String! }
  type Query { order(id: ID!): Order }
  type Mutation { pay(order: ID!, nonce: String!): Int! post(room: String!, text: String!): Boolean! }
  type Subscription { messages(room: String!): Message! }
`)

export interface Asker {
  readonly principal: Principal
}

const said = new EventEmitter().setMaxListeners(0)
const usedNonces = new Set<string>()
const payments = new Map<string, number>()

export const rootValue = {
  order: ({ id }: { id: string }, { principal }: Asker) => orderOf(id, principal),
  pay({ order: id, nonce }: { order: string; nonce: string }, { principal }: Asker) {
    const order = orderOf(id, principal)
    const key = `${principal.name} ${nonce}`
    if (usedNonces.has(key) && !fault('ws-nonce-replay')) throw new Error('a new nonce, please')
    usedNonces.add(key)
    payments.set(order.id, (payments.get(order.id) ?? 0) + 1)
    return payments.get(order.id)
  },
  post({ room, text }: { room: string; text: string }, { principal }: Asker) {
    if (room !== principal.account) throw new Error('not your room')
    said.emit('message', { room, from: principal.name, text: text.slice(0, 500) })
    return true
  },
  messages({ room }: { room: string }, { principal }: Asker) {
    if (room !== principal.account && !fault('ws-room-join')) throw new Error('not your room')
    return messagesOf(room)
  },
}

function orderOf(id: string, principal: Principal) {
  const order = findOrder(id)
  if (order === undefined || (order.account !== principal.account && !fault('ws-object-swap'))) {
    throw new Error('no such order')
  }
  return order
}

async function* messagesOf(room: string) {
  for await (const [message] of on(said, 'message')) {
    if (message.room === room || fault('ws-broadcast-leak')) yield { messages: message }
  }
}
