/** HTTP as bytes on a socket, for requests that no client library would send. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface RawAnswer {
  readonly status: number
  /** The head as it came, in lower case. */
  readonly head: string
  readonly body: string
}

export interface Exchange {
  readonly answers: readonly RawAnswer[]
  /** The server ended the connection. */
  readonly closed: boolean
}

export interface ExchangeOptions {
  /** `answer` ends with the first complete answer, `close` when the server closes. */
  readonly until?: 'answer' | 'close'
  /** Between the parts. */
  readonly pauseMs?: number
  /** Whatever is there by then is the result. */
  readonly waitMs?: number
}

/** Writes the parts to the gateway and answers what came back. */
export async function exchange(
  address: string,
  parts: string | Buffer | readonly (string | Buffer)[],
  { until = 'answer', pauseMs = 0, waitMs = 10_000 }: ExchangeOptions = {},
): Promise<Exchange> {
  const socket = await open(address)
  let received = Buffer.alloc(0)
  let closed = false
  const finished = new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (until === 'answer' && readAnswers(received).length > 0) resolve()
    })
    socket.on('close', () => {
      closed = true
      resolve()
    })
  })
  const write = async () => {
    for (const part of [parts].flat()) {
      if (socket.destroyed) return
      // Latin-1: what a header may hold goes out as the bytes it stands for.
      if (!socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part))
        await Promise.race([once(socket, 'drain').catch(() => undefined), finished])
      if (pauseMs > 0) await Promise.race([sleep(pauseMs), finished])
    }
  }
  const late = new AbortController()
  await Promise.race([
    write().then(() => finished),
    finished,
    sleep(waitMs, undefined, { signal: late.signal }).catch(() => undefined),
  ])
  late.abort()
  socket.destroy()
  return { answers: readAnswers(received, closed), closed }
}

/** A connection that may be left open, with what it received. */
export async function open(address: string): Promise<Socket> {
  const { hostname, port } = new URL(address)
  const socket = connect({ host: hostname.replace(/[[\]]/g, ''), port: Number(port) })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

export interface RequestParts {
  readonly method?: string
  readonly target: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly body?: Buffer | string
}

/** A well-formed request with its length, except where `headers` say otherwise; the connection ends with it. */
export function rawRequest({ method = 'POST', target, headers = [], body = '' }: RequestParts): Buffer {
  const bytes = Buffer.from(body)
  const given = new Set(headers.map(([name]) => name.toLowerCase()))
  const framed = given.has('content-length') || given.has('transfer-encoding')
  const all = [
    ...(given.has('host') ? [] : [['Host', 'gateway.example'] as const]),
    ...headers,
    ...(framed ? [] : [['Content-Length', String(bytes.length)] as const]),
    ...(given.has('connection') ? [] : [['Connection', 'close'] as const]),
  ]
  const head = `${method} ${target} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes])
}

/** @param ended Nothing more comes: the last answer may lack its body, as those to HEAD do. */
function readAnswers(bytes: Buffer, ended = false): readonly RawAnswer[] {
  const answers: RawAnswer[] = []
  let rest = bytes
  for (;;) {
    const end = rest.indexOf('\r\n\r\n')
    if (end === -1) return answers
    const head = rest.toString('latin1', 0, end).toLowerCase()
    const status = Number(/^http\/1\.1 (\d{3})/.exec(head)?.[1])
    const length = Number(/\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0)
    const next = end + 4 + length
    if (rest.length < next && !ended) return answers
    // 100 Continue is no answer.
    if (status >= 200) answers.push({ status, head, body: rest.toString('utf8', end + 4, next) })
    rest = rest.subarray(next)
  }
}
