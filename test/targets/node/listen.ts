/** The server under every Node twin: a request must be there within a time, and the port is told to the tests. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BODY_SECONDS, fault } from './twin.ts'

export const SERVER_TIMES = {
  requestTimeout: fault('slow-body') ? 0 : BODY_SECONDS * 1000,
  headersTimeout: fault('slow-body') ? 0 : BODY_SECONDS * 1000,
  connectionsCheckingInterval: 200,
}

export function serverFor(listener: RequestListener): Server {
  return createServer(SERVER_TIMES, listener)
}

export function listen(server: Server): void {
  server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
    console.log(`listening ${(server.address() as AddressInfo).port}`)
  })
}
