/** The destination: counts what arrived under which webhook id, and remembers which event the body says it is. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Arrival {
  count: number
  /** The ids that bodies under this webhook id carried; more than one would be a mix-up. */
  readonly externalIds: Set<string>
}

export interface CountingSink extends AsyncDisposable {
  readonly url: string
  /** By webhook id: `evt_<32 hex digits>`. */
  readonly arrivals: ReadonlyMap<string, Arrival>
}

/** @param answer What is answered once the body has been read; 200 at once unless told otherwise. */
export async function aCountingSink(
  answer: (response: ServerResponse) => void = (response) => response.end(),
): Promise<CountingSink> {
  const arrivals = new Map<string, Arrival>()
  const server = createServer(async (request, response) => {
    const body = await read(request).catch(() => undefined)
    // A sender that died while sending has delivered nothing.
    if (body === undefined) return
    const id = String(request.headers['webhook-id'])
    const arrival = arrivals.get(id) ?? { count: 0, externalIds: new Set() }
    arrivals.set(id, arrival)
    arrival.count += 1
    arrival.externalIds.add(String(JSON.parse(body.toString()).id))
    answer(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    arrivals,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}
