/** A conversation with a socket target, in whichever protocol it speaks: the tests' own client, by hand over `ws`. */
import { randomUUID } from 'node:crypto'
import WebSocket from 'ws'
import type { Target } from './start-target.ts'

export const PROTOCOLS = ['json', 'socket.io', 'graphql-transport-ws', 'graphql-ws'] as const
export type Protocol = (typeof PROTOCOLS)[number]

export interface Opening {
  readonly bearer?: string
  readonly cookie?: string
  readonly origin?: string
  readonly queryToken?: string
  readonly csrf?: string
}

/** `type` is `order`, `paid`, `joined`, `message`, `pong`, `ok`, `error` or `closed`; the rest as the target sent it. */
export type Heard = Readonly<Record<string, unknown>> & { readonly type: string }

export interface Talk extends AsyncDisposable {
  /** @returns The answer to it, or `closed`. */
  say(kind: string, fields?: Readonly<Record<string, unknown>>): Promise<Heard>
  /** For what is not answered when it is allowed. @returns `error` when the target objects. */
  tell(kind: string, fields: Readonly<Record<string, unknown>>): Promise<Heard>
  /** Something that is no message in this protocol. */
  babble(): Promise<Heard>
  /** A genuine message that is this much longer than it need be. */
  sayAtLength(bytes: number): Promise<Heard>
  readonly heard: readonly Heard[]
}

/** @returns Undefined when the target refuses the connection, at the handshake or in its first words. */
export async function openTalk(target: Target, protocol: Protocol, opening: Opening): Promise<Talk | undefined> {
  const dialect = DIALECTS[protocol](opening)
  const url = new URL(target.url.replace('http', 'ws') + dialect.path)
  if (opening.queryToken !== undefined) url.searchParams.set('token', opening.queryToken)
  if (opening.csrf !== undefined) url.searchParams.set('csrf', opening.csrf)
  const websocket = new WebSocket(url, dialect.subprotocols, {
    headers: {
      ...(opening.origin === undefined ? {} : { origin: opening.origin }),
      ...(opening.cookie === undefined ? {} : { cookie: opening.cookie.split(';')[0] ?? '' }),
      ...(opening.bearer === undefined || dialect.carriesToken ? {} : { authorization: `Bearer ${opening.bearer}` }),
    },
  })
  const heard: Heard[] = []
  const waiting: ((heard: Heard) => void)[] = []
  const hear = (message: Heard) => {
    heard.push(message)
    if (message.type !== 'message' && !isUntold(message)) waiting.shift()?.(message)
  }
  const next = () => new Promise<Heard>((resolve) => waiting.push(resolve))
  websocket.on('error', () => undefined)
  websocket.on('close', (code) => {
    heard.push({ type: 'closed', code })
    for (const each of waiting.splice(0)) each({ type: 'closed', code })
  })
  websocket.on('message', (data) => {
    const result = dialect.read(String(data))
    if (result === 'pong') websocket.send('3')
    else if (result !== undefined) hear(result)
  })
  const first = next()
  websocket.on('open', () => {
    for (const text of dialect.greeting) websocket.send(text)
    if (dialect.greeting.length === 0) hear({ type: 'welcome' })
  })
  if ((await first).type !== 'welcome') {
    websocket.terminate()
    return undefined
  }
  const send = (text: string) => {
    if (websocket.readyState !== WebSocket.OPEN) return Promise.resolve<Heard>({ type: 'closed' })
    const answer = next()
    websocket.send(text)
    return answer
  }
  const say = (kind: string, fields: Readonly<Record<string, unknown>> = {}) => send(dialect.write(kind, fields))
  return {
    heard,
    say,
    async tell(kind, fields) {
      websocket.send(dialect.write(kind, fields))
      // Two answers later whatever it caused has been said.
      for (let asked = 0; asked < 2; asked += 1) await say('read', { order: '0' })
      return heard.some((each) => each.type === 'error' && isUntold(each)) ? { type: 'error' } : { type: 'told' }
    },
    babble: () => send(dialect.nonsense),
    sayAtLength: (bytes) => send(dialect.write('read', { order: '1', pad: 'x'.repeat(bytes) })),
    async [Symbol.asyncDispose]() {
      websocket.terminate()
    },
  }
}

/** Whether it is about something that was told and not asked. */
function isUntold({ ref }: Heard): boolean {
  return String(ref).startsWith('untold')
}

function refOf(kind: string): string {
  return `${kind === 'join' || kind === 'post' ? 'untold' : 'answered'} ${randomUUID()}`
}

interface Dialect {
  readonly path: string
  readonly subprotocols: string[]
  readonly greeting: readonly string[]
  /** Whether the token travels in the first message. */
  readonly carriesToken: boolean
  readonly nonsense: string
  write(kind: string, fields: Readonly<Record<string, unknown>>): string
  read(text: string): Heard | 'pong' | undefined
}

const DIALECTS: Readonly<Record<Protocol, (opening: Opening) => Dialect>> = {
  json: () => ({
    path: '/ws',
    subprotocols: [],
    greeting: [],
    carriesToken: false,
    nonsense: 'this is no JSON',
    write: (type, fields) => JSON.stringify({ type, ref: refOf(type), ...fields }),
    read: (text) => JSON.parse(text) as Heard,
  }),
  'socket.io': ({ bearer }) => ({
    path: '/socket.io/?EIO=4&transport=websocket',
    subprotocols: [],
    greeting: [`40${JSON.stringify(bearer === undefined ? {} : { token: bearer })}`],
    carriesToken: true,
    nonsense: '42["read","no object"]',
    write: (type, fields) => `42${JSON.stringify([type, { ref: refOf(type), ...fields }])}`,
    read(text) {
      if (text === '2') return 'pong'
      if (text.startsWith('40')) return { type: 'welcome' }
      if (text.startsWith('44')) return { type: 'error', reason: text }
      return text.startsWith('42') ? ((JSON.parse(text.slice(2)) as [string, Heard])[1] as Heard) : undefined
    },
  }),
  'graphql-transport-ws': (opening) => graphql('graphql-transport-ws', opening),
  'graphql-ws': (opening) => graphql('graphql-ws', opening),
}

const OPERATIONS: Readonly<Record<string, string>> = {
  read: 'query ($order: ID!) { order(id: $order) { id account total } }',
  pay: 'mutation ($order: ID!, $nonce: String!) { pay(order: $order, nonce: $nonce) }',
  post: 'mutation ($room: String!, $text: String!) { post(room: $room, text: $text) }',
  join: 'subscription ($room: String!) { messages(room: $room) { room from text } }',
}

function graphql(name: 'graphql-transport-ws' | 'graphql-ws', { bearer }: Opening): Dialect {
  const isModern = name === 'graphql-transport-ws'
  return {
    path: '/graphql',
    subprotocols: [name],
    greeting: [JSON.stringify({ type: 'connection_init', payload: bearer === undefined ? {} : { token: bearer } })],
    carriesToken: true,
    nonsense: 'this is no JSON',
    write(kind, { pad, ...variables }) {
      // Something for "ping": the older protocol has none.
      const known = OPERATIONS[kind] === undefined ? 'read' : kind
      const values = known === kind ? variables : { order: '1' }
      const query = `${OPERATIONS[known]}${pad === undefined ? '' : `\n#${String(pad)}`}`
      const id = refOf(kind)
      return JSON.stringify({ id, type: isModern ? 'subscribe' : 'start', payload: { query, variables: values } })
    },
    read(text) {
      const { type, id: ref, payload } = JSON.parse(text) as { type: string; id: string; payload: unknown }
      if (type === 'connection_ack') return { type: 'welcome' }
      if (type === 'ka') return { type: 'ok' }
      if (type === 'error' || type === 'connection_error') return { type: 'error', ref }
      if (type !== 'next' && type !== 'data') return undefined
      const { data, errors } = payload as { data?: Record<string, unknown> | null; errors?: unknown }
      if (errors !== undefined || data === undefined || data === null) return { type: 'error', ref }
      if (data['order'] !== undefined) return { type: 'order', ...(data['order'] as object) }
      if (data['pay'] !== undefined) return { type: 'paid', payments: data['pay'] }
      if (data['messages'] !== undefined) return { type: 'message', ...(data['messages'] as object) }
      return { type: 'ok', ref }
    },
  }
}
