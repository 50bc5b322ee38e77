/**
 * Many senders of bodies that are too large, in a process of their own: each streams a chunked body with a valid head
 * as fast as the socket takes it and never ends it, until it is answered or cut off, and then begins again.
 */
import net from 'node:net'
import type { LoadTarget } from './load.ts'

export interface OversizedOrder {
  readonly target: LoadTarget
  readonly senders: number
  readonly seconds: number
}

export interface OversizedResult {
  readonly attempts: number
  readonly bytesSent: number
  /** Answers by status; `none` counts connections that ended without one. */
  readonly statuses: Readonly<Record<string, number>>
}

/** Two mebibytes more than the default limit would be enough; a sender that is never stopped stops itself here. */
const MOST_BYTES = 64 * 1024 * 1024
const CHUNK_BYTES = 64 * 1024
const chunk = Buffer.concat([
  Buffer.from(`${CHUNK_BYTES.toString(16)}\r\n`),
  Buffer.alloc(CHUNK_BYTES, '{"oversized":true}'),
  Buffer.from('\r\n'),
])

process.once('message', (order: OversizedOrder) => {
  void sendOversized(order).then((result) => process.send?.(result))
})
process.on('disconnect', () => process.exit(0))

async function sendOversized({ target, senders, seconds }: OversizedOrder): Promise<OversizedResult> {
  const deadline = Date.now() + seconds * 1000
  const statuses: Record<string, number> = {}
  let attempts = 0
  let bytesSent = 0

  async function keepSending(): Promise<void> {
    while (Date.now() < deadline) {
      attempts += 1
      const { status, bytes } = await sendOne(target, deadline)
      bytesSent += bytes
      statuses[status] = (statuses[status] ?? 0) + 1
    }
  }

  await Promise.all(Array.from({ length: senders }, keepSending))
  return { attempts, bytesSent, statuses }
}

function sendOne(
  { port, path, signatureHeader }: LoadTarget,
  deadline: number,
): Promise<{ status: string; bytes: number }> {
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Content-Type: application/json',
    'Transfer-Encoding: chunked',
    `${signatureHeader}: t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}`,
    '',
    '',
  ].join('\r\n')
  return new Promise((resolve) => {
    let status = 'none'
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.write(head)
      pump()
    })
    // The deadline ends it too, plus time for an answer that is on its way.
    const last = setTimeout(() => socket.destroy(), Math.max(0, deadline - Date.now()) + 2_000)

    function pump(): void {
      while (!socket.destroyed && socket.bytesWritten < MOST_BYTES && Date.now() < deadline) {
        if (!socket.write(chunk)) {
          socket.once('drain', pump)
          return
        }
      }
    }

    socket.on('data', (bytes: Buffer) => {
      if (status !== 'none') return
      status = /^HTTP\/1\.1 (\d{3})/.exec(bytes.toString('latin1', 0, 12))?.[1] ?? 'garbage'
      socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(last)
      resolve({ status, bytes: socket.bytesWritten })
    })
  })
}
