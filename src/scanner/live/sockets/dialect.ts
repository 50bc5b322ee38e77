/**
 * How each protocol wraps a message of the script, greets, and says what came: data in, text out, no I/O.
 *
 * socket.io is spoken by hand (Engine.IO 4, Socket.IO 5): its client would reconnect, queue and hide what the probes
 * want to see. GraphQL in both subprotocols: `graphql-transport-ws`, and the older `graphql-ws`.
 */
import type { Json, SocketProtocol } from './channel-plan.ts'

export type Frame =
  /** The far side has let us in. */
  | { readonly kind: 'welcome' }
  /** It has not, and said so in its own words. */
  | { readonly kind: 'turned-away'; readonly value: unknown }
  | { readonly kind: 'message'; readonly value: unknown }
  /** Keeps the connection alive and must be answered so. */
  | { readonly kind: 'ping'; readonly answer: string }
  | { readonly kind: 'other' }

export interface Dialect {
  readonly subprotocols: readonly string[]
  /** Added to the address. */
  readonly query: Readonly<Record<string, string>>
  /** What we say first. With none, the open connection is the welcome. */
  greeting(init: Readonly<Record<string, string>> | undefined): string | undefined
  /** @param padding Bytes of blanks, which every reader of JSON skips. */
  write(message: Json, id: string, padding?: number): string
  read(text: string): Frame
  /** Texts that are no message here, each with what is wrong with it. */
  readonly nonsense: readonly (readonly [what: string, text: string])[]
}

const NO_JSON = ['that is no JSON', '{"type":'] as const
const DEEP = ['that is nested too deep', `${'['.repeat(20_000)}${']'.repeat(20_000)}`] as const

export const DIALECTS: Readonly<Record<SocketProtocol, Dialect>> = {
  json: plain((message) => JSON.stringify(message)),
  text: plain((message) => (typeof message === 'string' ? message : JSON.stringify(message))),
  'socket.io': socketIo(),
  'graphql-transport-ws': graphql('graphql-transport-ws', 'subscribe', 'next'),
  'graphql-ws': graphql('graphql-ws', 'start', 'data'),
}

function plain(text: (message: Json) => string): Dialect {
  return {
    subprotocols: [],
    query: {},
    greeting: () => undefined,
    write: (message, _, padding = 0) => text(message) + ' '.repeat(padding),
    read: (received) => ({ kind: 'message', value: parsed(received) ?? received }),
    nonsense: [
      NO_JSON,
      ['of an unknown type', '{"type":"postern-no-such-type","event":"postern-no-such-type"}'],
      ['that is a list', '[1,2,3]'],
      DEEP,
    ],
  }
}

function socketIo(): Dialect {
  return {
    subprotocols: [],
    query: { EIO: '4', transport: 'websocket' },
    // Sent at once: the server keeps it until it has said its own hello.
    greeting: (init) => `40${init === undefined ? '' : JSON.stringify(init)}`,
    write(message, _, padding = 0) {
      const { event, data } = fieldsOf(message)
      return `42${JSON.stringify(data === undefined ? [event] : [event, data])}${' '.repeat(padding)}`
    },
    read(text) {
      if (text === '2') return { kind: 'ping', answer: '3' }
      if (text.startsWith('40')) return { kind: 'welcome' }
      if (text.startsWith('44')) return { kind: 'turned-away', value: parsed(text.slice(2)) }
      if (!text.startsWith('42')) return { kind: 'other' }
      // Behind the type there may be a namespace and the number of an acknowledgement.
      const list = parsed(text.slice(2).replace(/^(?:\/[^,]*,)?\d*/, ''))
      return Array.isArray(list) ? { kind: 'message', value: { event: list[0], data: list[1] } } : { kind: 'other' }
    },
    nonsense: [
      ['of an unknown event', '42["postern-no-such-event",{}]'],
      ['whose data is a number', '42["message",7]'],
      ['that is no packet', '42{"type":'],
      ['that is nested too deep', `42["message",${DEEP[1]}]`],
    ],
  }
}

function graphql(subprotocol: string, start: string, next: string): Dialect {
  return {
    subprotocols: [subprotocol],
    query: {},
    greeting: (init) => JSON.stringify({ type: 'connection_init', ...(init === undefined ? {} : { payload: init }) }),
    write: (message, id, padding = 0) => JSON.stringify({ id, type: start, payload: message }) + ' '.repeat(padding),
    read(text) {
      const frame = fieldsOf(parsed(text))
      if (frame['type'] === 'connection_ack') return { kind: 'welcome' }
      if (frame['type'] === 'connection_error') return { kind: 'turned-away', value: frame['payload'] }
      if (frame['type'] === 'ping') return { kind: 'ping', answer: '{"type":"pong"}' }
      if (frame['type'] === next) return { kind: 'message', value: frame['payload'] }
      if (frame['type'] === 'error') return { kind: 'message', value: { errors: frame['payload'] ?? true } }
      return { kind: 'other' }
    },
    nonsense: [
      NO_JSON,
      ['of an unknown type', '{"id":"1","type":"postern-no-such-type"}'],
      ['without a query', `{"id":"1","type":"${start}","payload":{"query":7}}`],
      DEEP,
    ],
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}
