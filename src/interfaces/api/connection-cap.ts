/**
 * How many connections one address may hold open. IPv6 counts by /64, which is what one customer is given.
 *
 * Trusted proxies are exempt: behind one of them are many senders, whom the rate limit tells apart.
 */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { isTrustedPeer, rateKeyAddress, type TrustedProxies } from '../../base/lib/source-address.ts'

export interface ConnectionCapOptions {
  readonly perAddress: number
  readonly trustedProxies: TrustedProxies
  readonly onRefused: (address: string) => void
}

export function capConnections(server: Server, { perAddress, trustedProxies, onRefused }: ConnectionCapOptions): void {
  // Holds an entry for each address that has a connection, and no others.
  const open = new Map<string, number>()

  server.on('connection', (socket: Socket) => {
    const { remoteAddress } = socket
    if (remoteAddress === undefined || isTrustedPeer(remoteAddress, trustedProxies)) return
    const address = rateKeyAddress(remoteAddress)
    const held = open.get(address) ?? 0
    if (held >= perAddress) {
      // No answer: writing one would cost what the cap is there to save.
      socket.destroy()
      onRefused(address)
      return
    }
    open.set(address, held + 1)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
  })
}
