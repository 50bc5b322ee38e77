/**
 * Answers every request with the same acknowledgement and does nothing else. Loading it shows what the load
 * generator itself can do on this machine: a figure of a real server near this one would be the generator's.
 *
 * Requests of one batch have one length, so they are told apart by counting bytes.
 */
import net from 'node:net'

const body = JSON.stringify({
  eventId: 'evt_00000000000070008000000000000000',
  status: 'accepted',
  duplicate: false,
  correlationId: '00000000-0000-7000-8000-000000000000',
})
const answer = Buffer.from(
  `HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
)

const server = net.createServer({ noDelay: true }, (socket) => {
  let requestBytes = 0
  let received = 0
  socket.on('data', (chunk: Buffer) => {
    if (requestBytes === 0) requestBytes = lengthOf(chunk)
    received += chunk.length
    while (received >= requestBytes) {
      received -= requestBytes
      socket.write(answer)
    }
  })
  socket.on('error', () => undefined)
})

function lengthOf(firstChunk: Buffer): number {
  const headEnd = firstChunk.indexOf('\r\n\r\n')
  const length = /\r\ncontent-length: *(\d+)/i.exec(firstChunk.toString('latin1', 0, headEnd))?.[1]
  if (headEnd === -1 || length === undefined) throw new Error('the first chunk holds no whole head')
  return headEnd + 4 + Number(length)
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) process.send?.({ port: address.port })
})
process.on('disconnect', () => process.exit(0))
