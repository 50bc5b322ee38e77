/**
 * The load generator: its own process, told what to do over the parent's channel.
 *
 * It shares the machine with what it measures, so it does as little as it can: bare sockets, requests signed before
 * the clock starts, one request in flight on each connection, answers kept as text and read after the clock stops.
 * Every target gets the same generator. It counts what was answered, never what was sent.
 */
import { writeFileSync } from 'node:fs'
import net from 'node:net'
import { performance } from 'node:perf_hooks'
import { answerReader, eventIdOf } from './answer-reader.ts'
import { type EventBatch, signEvents } from './stripe-events.ts'

export interface LoadTarget {
  readonly port: number
  readonly path: string
  readonly secret: string
  readonly signatureHeader: string
}

export interface SignOrder {
  readonly order: 'sign'
  readonly target: LoadTarget
  readonly count: number
  readonly size: number
}

export interface SendOrder {
  readonly order: 'send'
  readonly connections: number
  readonly seconds: number
  /** Where acknowledged ids go: one line `<external id>\t<status>\t<event id>` for each 2xx. */
  readonly acknowledgedFile: string
}

export interface LoadResult {
  readonly completed: number
  /** First byte sent to last answer read. */
  readonly seconds: number
  readonly statuses: Readonly<Record<string, number>>
  /** Requests whose connection ended before an answer came. */
  readonly broken: number
  /** The first answer that was not 2xx, to know why. */
  readonly firstRefusal: string | undefined
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number }
  /** This process's own processor time, to show that it was not the limit. */
  readonly generatorCpuMs: number
  /** All signed events were used up before the time was over. */
  readonly exhausted: boolean
}

export type LoadReply = { readonly reply: 'signed' } | { readonly reply: 'sent'; readonly result: LoadResult }

serveOrders()

function serveOrders(): void {
  let batch: { readonly events: EventBatch; readonly port: number } | undefined
  process.on('message', (order: SignOrder | SendOrder) => {
    if (order.order === 'sign') {
      // The last batch may weigh hundreds of megabytes; let it go before the next is made.
      batch = undefined
      const events = signEvents({ ...order.target, count: order.count, size: order.size, now: Date.now() })
      batch = { events, port: order.target.port }
      reply({ reply: 'signed' })
    } else if (batch === undefined) {
      throw new Error('told to send before told to sign')
    } else {
      const { events, port } = batch
      void send(events, port, order).then((result) => reply({ reply: 'sent', result }))
    }
  })
  process.on('disconnect', () => process.exit(0))
}

function reply(message: LoadReply): void {
  process.send?.(message)
}

interface Answers {
  readonly statuses: Uint16Array
  readonly latencies: Float64Array
  readonly bodies: string[]
}

async function send(events: EventBatch, port: number, order: SendOrder): Promise<LoadResult> {
  const answers: Answers = {
    statuses: new Uint16Array(events.count),
    latencies: new Float64Array(events.count),
    bodies: new Array<string>(events.count).fill(''),
  }
  const sockets = await Promise.all(Array.from({ length: order.connections }, () => connect(port)))
  const cpu = process.cpuUsage()
  const start = performance.now()
  const { sent, broken, end } = await exchange(
    sockets,
    () => connect(port),
    events,
    start + order.seconds * 1000,
    answers,
  )
  const used = process.cpuUsage(cpu)
  return summarise(events, answers, {
    sent,
    broken,
    seconds: (end - start) / 1000,
    generatorCpuMs: (used.user + used.system) / 1000,
    acknowledgedFile: order.acknowledgedFile,
  })
}

/** Keeps one request in flight on each socket until `deadline`, then waits for the answers still due. */
function exchange(
  sockets: readonly net.Socket[],
  reconnect: () => Promise<net.Socket>,
  events: EventBatch,
  deadline: number,
  { statuses, latencies, bodies }: Answers,
): Promise<{ sent: number; broken: number; end: number }> {
  return new Promise((resolve, reject) => {
    let next = 0
    let broken = 0
    let open = sockets.length
    let end = 0

    function finish(): void {
      open -= 1
      if (open === 0) resolve({ sent: next, broken, end })
    }

    function drive(socket: net.Socket): void {
      let index = -1
      let sentAt = 0

      function sendNext(now: number): void {
        if (now >= deadline || next >= events.count) {
          index = -1
          socket.destroy()
          finish()
          return
        }
        index = next
        next += 1
        sentAt = now
        socket.write(events.request(index))
      }

      const read = answerReader((status, body) => {
        const now = performance.now()
        statuses[index] = status
        latencies[index] = now - sentAt
        bodies[index] = body
        end = now
        sendNext(now)
      })
      socket.on('data', (chunk: Buffer) => {
        try {
          read(chunk)
        } catch (error) {
          reject(error)
        }
      })
      socket.on('error', () => undefined)
      socket.on('close', () => {
        if (index === -1) return
        // Not acknowledged: the event may or may not be stored, as for a real provider.
        broken += 1
        reconnect().then(drive, finish)
      })
      sendNext(performance.now())
    }

    for (const socket of sockets) drive(socket)
  })
}

function connect(port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true }, () => {
      socket.off('error', reject)
      resolve(socket)
    })
    socket.once('error', reject)
  })
}

interface Measured {
  readonly sent: number
  readonly broken: number
  readonly seconds: number
  readonly generatorCpuMs: number
  readonly acknowledgedFile: string
}

function summarise(events: EventBatch, { statuses, latencies, bodies }: Answers, measured: Measured): LoadResult {
  const { sent, broken, seconds, generatorCpuMs, acknowledgedFile } = measured
  const counts: Record<string, number> = {}
  const lines: string[] = []
  let firstRefusal: string | undefined
  for (let index = 0; index < sent; index++) {
    const status = statuses[index] ?? 0
    if (status === 0) continue
    counts[status] = (counts[status] ?? 0) + 1
    const body = bodies[index] ?? ''
    if (status >= 200 && status < 300) lines.push(`${events.externalId(index)}\t${status}\t${eventIdOf(body)}\n`)
    else firstRefusal ??= `${status} ${body.slice(0, 500)}`
  }
  writeFileSync(acknowledgedFile, lines.join(''))
  const sorted = latencies.filter((_, index) => statuses[index] !== 0).sort()
  const percentile = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return {
    completed: sorted.length,
    seconds,
    statuses: counts,
    broken,
    firstRefusal,
    latencyMs: { p50: percentile(0.5), p99: percentile(0.99), max: sorted.at(-1) ?? 0 },
    generatorCpuMs,
    exhausted: sent === events.count,
  }
}
