/**
 * The same question over socket.io's other transport: long polling. A guard that hangs on the WebSocket upgrade does not
 * see it, and in browsers it is subject to CORS instead of the Origin check.
 */
import type { Answer, Lab } from '../lab.ts'
import { fill, matches } from './fill.ts'
import { isRefusal, type Received, type SocketSubject } from './socket-subject.ts'
import { addressOf, type Credential } from './talk.ts'

/** A server holds a poll open until it has something to say. */
const POLL_TIMEOUT_MS = 2_000
const MOST_POLLS = 3
/** Between packets of one payload (Engine.IO 4). */
const SEPARATOR = '\u001e'

export async function askByPolling(subject: SocketSubject, lab: Lab, credential: Credential): Promise<Received> {
  const { wire, target, owner } = subject
  const address = addressOf(wire, credential)
  address.searchParams.set('transport', 'polling')
  const { headers } = credential
  const get = () => lab.send({ method: 'GET', url: address.href, headers, timeoutMs: POLL_TIMEOUT_MS })
  const post = (packet: string) => {
    const plain = [...headers, ['Content-Type', 'text/plain;charset=UTF-8'] as const]
    return lab.send({ method: 'POST', url: address.href, headers: plain, body: Buffer.from(packet) })
  }
  const opened = await get()
  if (!opened.ok) return { reception: 'failed', detail: opened.outcome }
  const sid = sessionOf(opened)
  if (sid === undefined) return { reception: 'refused', detail: `answered ${opened.status}` }
  address.searchParams.set('sid', sid)
  await post(wire.dialect.greeting(credential.init) ?? '')
  await post(wire.dialect.write(fill(target.messages.ask.send, owner.values), '1'))
  const expected = fill(target.messages.ask.expect, owner.values)
  for (let polls = 0; polls < MOST_POLLS; polls += 1) {
    const answer = await get()
    if (!answer.ok || answer.status >= 400) break
    for (const packet of answer.body.toString('utf8').split(SEPARATOR)) {
      const frame = wire.dialect.read(packet)
      if (frame.kind === 'turned-away') return { reception: 'refused', detail: 'answered with an error' }
      if (frame.kind !== 'message') continue
      if (matches(expected, frame.value)) return { reception: 'granted', detail: 'answered as it was asked' }
      if (isRefusal(target, frame.value)) return { reception: 'refused', detail: 'answered with an error' }
    }
  }
  return { reception: 'silent', detail: 'not answered' }
}

function sessionOf(answer: Extract<Answer, { ok: true }>): string | undefined {
  const text = answer.body.toString('utf8')
  return answer.status === 200 ? /^0\{[^\n]{0,500}"sid":"([\w-]{1,100})"/.exec(text)?.[1] : undefined
}
