/**
 * A provider that does not give up: signed Stripe events over many connections, each sent again, the same bytes,
 * until an answer has arrived whole.
 *
 * A few it sends only once, whatever comes of it, so that there are events nobody acknowledged; and some of those
 * acknowledged it sends again, as providers do.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { Agent, type IncomingMessage, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from './random.ts'

const CONNECTIONS = 32
/** Providers wait longer; what matters is that a request whose answer never comes is given up and sent again. */
const ANSWER_TIMEOUT_MS = 10_000
/** The one refusal that a gateway in trouble may give. */
const TRY_LATER = 503
const RETRY_MS = { least: 20, most: 200 }
const SENT_ONCE = 0.08
const SENT_AGAIN = 0.05

interface SignedEvent {
  readonly externalId: string
  readonly body: Buffer
  readonly signature: string
}

export interface Acknowledged {
  /** As answered: `evt_<32 hex digits>`. */
  readonly eventId: string
  /** Requests it took, the last included. */
  readonly tries: number
  readonly duplicate: boolean
}

export interface ProviderLoad {
  /** By external id: the events whose 2xx answer was received whole. */
  readonly acknowledged: ReadonlyMap<string, Acknowledged>
  /** External ids of everything ever sent, also of what nobody acknowledged. */
  readonly sent: ReadonlySet<string>
  /** Answers that no request of ours may get, in words. */
  readonly wrongAnswers: readonly string[]
  readonly counts: {
    readonly requests: number
    readonly unanswered: number
    readonly refused: number
    readonly copies: number
  }
  /** Makes no new events, and resolves when each that is sent until answered has been. */
  finish(): Promise<void>
}

export interface LoadOptions {
  readonly port: number
  readonly path: string
  readonly secret: string
  readonly random: Random
  readonly connections?: number
}

export function startLoad({ port, path, secret, random, connections = CONNECTIONS }: LoadOptions): ProviderLoad {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const prefix = `evt_${randomBytes(6).toString('hex')}`
  const acknowledged = new Map<string, Acknowledged>()
  const sent = new Set<string>()
  const wrongAnswers: string[] = []
  const counts = { requests: 0, unanswered: 0, refused: 0, copies: 0 }
  let finishing = false

  /** @returns The answer, or nothing when it is not certain that there is one. */
  async function post(event: SignedEvent): Promise<Answer | undefined> {
    counts.requests += 1
    const answer = await send(agent, { port, path, event }).catch(() => undefined)
    if (answer === undefined) counts.unanswered += 1
    if (answer?.status === TRY_LATER) counts.refused += 1
    return answer
  }

  async function deliver(event: SignedEvent, once: boolean): Promise<void> {
    sent.add(event.externalId)
    for (let tries = 1; ; tries += 1) {
      const answer = await post(event)
      if (answer !== undefined && answer.status !== TRY_LATER) return acknowledge(event, answer, tries)
      if (once) return
      await sleep(random.between(RETRY_MS.least, RETRY_MS.most))
    }
  }

  function acknowledge({ externalId }: SignedEvent, answer: Answer, tries: number): void {
    const complaint = complaintAbout(answer, tries)
    if (complaint !== undefined) wrongAnswers.push(`${externalId}, try ${tries}: ${complaint}`)
    else
      acknowledged.set(externalId, { eventId: String(answer.json['eventId']), tries, duplicate: answer.status === 200 })
  }

  async function sendCopy(event: SignedEvent): Promise<void> {
    const original = acknowledged.get(event.externalId)
    if (original === undefined) return
    counts.copies += 1
    for (;;) {
      const answer = await post(event)
      if (answer === undefined || answer.status === TRY_LATER) {
        await sleep(random.between(RETRY_MS.least, RETRY_MS.most))
        continue
      }
      if (answer.status !== 200 || answer.json['status'] !== 'duplicate' || answer.json['eventId'] !== original.eventId)
        wrongAnswers.push(`${event.externalId}, a copy of ${original.eventId}: ${answer.status} ${answer.text}`)
      return
    }
  }

  async function connection(): Promise<void> {
    while (!finishing) {
      const event = sign(`${prefix}${String(sent.size).padStart(9, '0')}`, secret, random)
      await deliver(event, random.chance(SENT_ONCE))
      if (random.chance(SENT_AGAIN)) await sendCopy(event)
      // Bursts that share a commit, and pauses that keep this a load and not a benchmark.
      if (random.chance(0.7)) await sleep(random.between(20, 250))
    }
  }

  const running = Promise.all(Array.from({ length: connections }, connection))
  return {
    acknowledged,
    sent,
    wrongAnswers,
    counts,
    async finish() {
      finishing = true
      await running
      agent.destroy()
    },
  }
}

/** New is 202; known is 200, and can only be the answer to a request that was sent before. A conflict never is right. */
function complaintAbout({ status, json, text }: Answer, tries: number): string | undefined {
  if (status === 202 && json['status'] === 'accepted' && json['duplicate'] === false) return undefined
  if (status === 200 && json['status'] === 'duplicate' && json['duplicate'] === true)
    return tries > 1 ? undefined : `a duplicate of something never sent: ${text}`
  return `${status} ${text}`
}

/** @see docs.stripe.com/webhooks/signature: `v1` is hex HMAC-SHA256 over `<t>.<body>`, the secret used as text. */
function sign(externalId: string, secret: string, random: Random): SignedEvent {
  const seconds = Math.floor(Date.now() / 1000)
  // Some longer than one TCP segment and one page of a table.
  const description = 'x'.repeat(random.chance(0.05) ? random.between(8_000, 60_000) : random.between(0, 2_000))
  const body = Buffer.from(
    JSON.stringify({
      id: externalId,
      object: 'event',
      created: seconds,
      type: 'charge.succeeded',
      livemode: false,
      data: { object: { id: externalId.replace('evt_', 'ch_'), object: 'charge', amount: 4900, description } },
    }),
  )
  const v1 = createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex')
  return { externalId, body, signature: `t=${seconds},v1=${v1}` }
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
}

/** Rejects unless the whole answer came: a status line without its body is no acknowledgement. */
function send(
  agent: Agent,
  { port, path, event }: { readonly port: number; readonly path: string; readonly event: SignedEvent },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': event.body.length,
      'stripe-signature': event.signature,
    }
    const outgoing = request({ agent, host: '127.0.0.1', port, path, method: 'POST', headers }, (response) => {
      read(response).then(resolve, reject)
    })
    outgoing.setTimeout(ANSWER_TIMEOUT_MS, () => outgoing.destroy(new Error('no answer')))
    outgoing.on('error', reject)
    outgoing.end(event.body)
  })
}

async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  return { status: response.statusCode ?? 0, text, json: JSON.parse(text) }
}
