/**
 * The world around what is measured, in one process: the provider that sends at a fixed rate, and the receiver that
 * deliveries arrive at. Told what to do over the parent's channel.
 *
 * The load is open: an event is due at its time whether or not the ones before it were answered, and every latency can
 * also be counted from that time, so that a server which is slow to take events in does not look quick to deliver them.
 * The receiver checks each signature and knows by its id which event a request is; it counts copies.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { answerReader, eventIdOf } from '../answer-reader.ts'
import type { LoadTarget } from '../load.ts'
import { type EventBatch, signEvents } from '../stripe-events.ts'

export interface RunOrder {
  readonly target: LoadTarget
  /** Events a second. */
  readonly rate: number
  readonly seconds: number
  /** Bytes of each body. */
  readonly size: number
  /** Of the destination: `whsec_…` (Standard Webhooks). */
  readonly deliverySecret: string
  /** Where acknowledged ids go, as `bench/load.ts` writes them. */
  readonly acknowledgedFile: string
}

export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

export interface RunResult {
  readonly events: number
  /** First event due to last delivery. */
  readonly seconds: number
  readonly statuses: Readonly<Record<string, number>>
  readonly firstRefusal: string | undefined
  readonly broken: number
  readonly acknowledged: number
  /** Acknowledged, but not delivered when the wait was over. */
  readonly undelivered: number
  /** Delivered more than once. */
  readonly doubled: number
  /** Requests at the receiver whose signature was wrong, or that were no event of this run. */
  readonly foreign: number
  readonly msFromAcknowledged: Percentiles
  readonly msFromDue: Percentiles
  readonly msToAcknowledge: Percentiles
  /** How late events left here, compared with when they were due: what of the latencies is the generator's own. */
  readonly msSentLate: Percentiles
  readonly cpuMs: number
}

export type FarSideMessage = { readonly port: number } | { readonly result: RunResult }

const MAX_CONNECTIONS = 256
const MAX_REST_MS = 2_000
/** What is not delivered this long after the last delivery counts as undelivered. */
const GIVE_UP_MS = 20_000
/** Copies may come a little later than the first. */
const COPIES_MS = 500
/** How long `/slow` takes to answer. */
const SLOW_MS = 1_000

/** One run. Times are `performance.now()`; zero is "not yet". */
interface Run {
  readonly events: EventBatch
  readonly key: Buffer
  readonly due: Float64Array
  readonly sent: Float64Array
  readonly acknowledged: Float64Array
  readonly delivered: Float64Array
  readonly copies: Uint8Array
  readonly statuses: Uint16Array
  readonly answers: string[]
  foreign: number
  broken: number
  open: number
  lastDelivery: number
}

let run: Run | undefined

const receiver = http.createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    if (request.url === '/slow') {
      setTimeout(() => response.writeHead(204).end(), SLOW_MS)
      return
    }
    if (run !== undefined) receive(run, request.headers, chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
    response.writeHead(204).end()
  })
})
receiver.keepAliveTimeout = 60_000
receiver.listen(0, '127.0.0.1', () => {
  const address = receiver.address()
  if (typeof address === 'object' && address !== null) reply({ port: address.port })
})
process.on('message', (order: RunOrder) => void execute(order).then((result) => reply({ result })))
process.on('disconnect', () => process.exit(0))

function reply(message: FarSideMessage): void {
  process.send?.(message)
}

function receive(into: Run, headers: http.IncomingHttpHeaders, body: Buffer): void {
  const index = into.events.indexIn(body)
  if (index === undefined || !isSigned(into.key, headers, body)) {
    into.foreign += 1
    return
  }
  into.copies[index] = (into.copies[index] ?? 0) + 1
  if (into.delivered[index] === 0) into.delivered[index] = into.lastDelivery = performance.now()
}

/** @see Standard Webhooks 1.0.0, "Signature scheme". */
function isSigned(key: Buffer, headers: http.IncomingHttpHeaders, body: Buffer): boolean {
  const signature = String(headers['webhook-signature'])
  const head = `${headers['webhook-id']}.${headers['webhook-timestamp']}.`
  const expected = Buffer.from(`v1,${createHmac('sha256', key).update(head).update(body).digest('base64')}`)
  const given = Buffer.from(signature)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

async function execute({
  target,
  rate,
  seconds,
  size,
  deliverySecret,
  acknowledgedFile,
}: RunOrder): Promise<RunResult> {
  const count = Math.round(rate * seconds)
  const current: Run = {
    events: signEvents({ ...target, count, size, now: Date.now() }),
    key: Buffer.from(deliverySecret.slice('whsec_'.length), 'base64'),
    due: new Float64Array(count),
    sent: new Float64Array(count),
    acknowledged: new Float64Array(count),
    delivered: new Float64Array(count),
    copies: new Uint8Array(count),
    statuses: new Uint16Array(count),
    answers: new Array<string>(count).fill(''),
    foreign: 0,
    broken: 0,
    open: count,
    lastDelivery: performance.now(),
  }
  run = current
  const cpu = process.cpuUsage()
  const start = await sendPaced(current, target.port, rate)
  await delivered(current)
  const used = process.cpuUsage(cpu)
  const end = current.lastDelivery
  await sleep(COPIES_MS)
  run = undefined
  return summarise(current, {
    seconds: (end - start) / 1000,
    cpuMs: (used.user + used.system) / 1000,
    acknowledgedFile,
  })
}

interface Connection {
  /** When it was used last. */
  since: number
  send(event: number): void
  end(): void
}

/** @returns When the first event was due. Resolves when each was answered or broken off. */
function sendPaced(current: Run, port: number, rate: number): Promise<number> {
  const { events, due, sent, acknowledged, statuses, answers } = current
  const start = performance.now() + 20
  const idle: Connection[] = []
  const waiting: number[] = []
  const sockets = new Set<net.Socket>()
  let next = 0

  return new Promise((resolve) => {
    function settle(): void {
      current.open -= 1
      if (current.open > 0) return
      for (const socket of sockets) socket.destroy()
      resolve(start)
    }

    function dispatch(index: number): void {
      const now = performance.now()
      let rested = idle.shift()
      // A server closes what rests too long, perhaps at this moment.
      while (rested !== undefined && now - rested.since > MAX_REST_MS) {
        rested.end()
        rested = idle.shift()
      }
      if (rested !== undefined) return rested.send(index)
      waiting.push(index)
      if (sockets.size < MAX_CONNECTIONS) open()
    }

    function open(): void {
      let index = -1
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
      sockets.add(socket)
      const connection: Connection = {
        since: 0,
        send(event) {
          index = event
          sent[event] = performance.now()
          socket.write(events.request(event))
        },
        end: () => socket.destroy(),
      }
      const take = () => {
        const first = waiting.shift()
        if (first !== undefined) return connection.send(first)
        connection.since = performance.now()
        idle.push(connection)
      }
      const read = answerReader((status, body) => {
        acknowledged[index] = performance.now()
        statuses[index] = status
        answers[index] = body
        index = -1
        settle()
        take()
      })
      socket.on('connect', take)
      socket.on('data', read)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        const at = idle.indexOf(connection)
        if (at !== -1) idle.splice(at, 1)
        if (index !== -1) {
          current.broken += 1
          settle()
        }
        if (waiting.length > 0 && current.open > 0) open()
      })
    }

    function tick(): void {
      const now = performance.now()
      const until = Math.min(events.count, Math.floor(((now - start) * rate) / 1000) + 1)
      for (; next < until; next++) {
        due[next] = start + (next * 1000) / rate
        dispatch(next)
      }
      if (next < events.count) setTimeout(tick, 1)
    }
    setTimeout(tick, 20)
  })
}

/** Waits until every acknowledged event has arrived, or none has for a while. */
async function delivered(current: Run): Promise<void> {
  const missing = () => current.statuses.some((status, index) => isAccepted(status) && current.delivered[index] === 0)
  while (missing() && performance.now() - current.lastDelivery < GIVE_UP_MS) await sleep(50)
}

function isAccepted(status: number): boolean {
  return status >= 200 && status < 300
}

function summarise(
  current: Run,
  measured: { readonly seconds: number; readonly cpuMs: number; readonly acknowledgedFile: string },
): RunResult {
  const { events, due, sent, acknowledged, delivered: arrived, statuses, answers, copies } = current
  const counts: Record<string, number> = {}
  const lines: string[] = []
  const accepted: number[] = []
  let firstRefusal: string | undefined
  for (let index = 0; index < events.count; index++) {
    const status = statuses[index] ?? 0
    if (status === 0) continue
    counts[status] = (counts[status] ?? 0) + 1
    if (isAccepted(status)) {
      accepted.push(index)
      lines.push(`${events.externalId(index)}\t${status}\t${eventIdOf(answers[index] ?? '')}\n`)
    } else firstRefusal ??= `${status} ${answers[index]?.slice(0, 500)}`
  }
  writeFileSync(measured.acknowledgedFile, lines.join(''))
  const both = accepted.filter((index) => arrived[index] !== 0)
  const between = (indexes: readonly number[], from: Float64Array, to: Float64Array) =>
    percentiles(indexes.map((index) => (to[index] ?? 0) - (from[index] ?? 0)))
  return {
    events: events.count,
    seconds: measured.seconds,
    statuses: counts,
    firstRefusal,
    broken: current.broken,
    acknowledged: accepted.length,
    undelivered: accepted.length - both.length,
    doubled: copies.reduce((sum, each) => sum + (each > 1 ? 1 : 0), 0),
    foreign: current.foreign,
    msFromAcknowledged: between(both, acknowledged, arrived),
    msFromDue: between(both, due, arrived),
    msToAcknowledge: between(accepted, due, acknowledged),
    msSentLate: between(accepted, due, sent),
    cpuMs: measured.cpuMs,
  }
}

function percentiles(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) ?? 0 }
}
