/** Servers that play the far side of outgoing requests: real sockets on loopback, every port chosen by the system. */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

export interface FarSide extends AsyncDisposable {
  readonly port: number
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** Every connection so far, also those that ended. */
  readonly sockets: readonly Socket[]
}

export interface HttpFarSide extends FarSide {
  readonly requests: readonly { method: string; url: string; headers: string[]; body: Buffer }[]
}

/** Answers 200 `ok` unless told otherwise; the body has been read when `answer` is called. */
export async function httpFarSide(
  answer: (response: ServerResponse, request: IncomingMessage) => void = (response) => response.end('ok'),
  options: { host?: string; port?: number } = {},
): Promise<HttpFarSide> {
  const requests: { method: string; url: string; headers: string[]; body: Buffer }[] = []
  const server = createHttpServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url = '', rawHeaders } = request
    requests.push({ method, url, headers: rawHeaders, body: Buffer.concat(chunks) })
    answer(response, request)
  })
  return { ...(await started(server, options)), requests }
}

/** Whatever is done with each socket, below HTTP. */
export async function tcpFarSide(onSocket: (socket: Socket) => void): Promise<FarSide> {
  return started(createTcpServer(onSocket))
}

/** HTTP over TLS, as far as a test needs it: every request is answered 200 `ok`, and the connection is kept. */
export async function tlsFarSide(
  options: TlsOptions,
): Promise<FarSide & { readonly serverNames: (string | false | null)[] }> {
  const serverNames: (string | false | null)[] = []
  const server = createTlsServer(options, (socket) => {
    serverNames.push(socket.servername)
    socket.on('error', () => {})
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'))
  })
  server.on('tlsClientError', () => {})
  return { ...(await started(server)), serverNames }
}

async function started(server: Server, { host = '127.0.0.1', port = 0 } = {}): Promise<FarSide> {
  const sockets: Socket[] = []
  server.on('connection', (socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address() as AddressInfo
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
