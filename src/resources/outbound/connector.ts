/**
 * Opens a socket for one origin: resolve, judge every answer, connect to a judged address, check who answered.
 *
 * The name is resolved once per socket and never again: the socket is opened to the bytes that were judged, so an
 * answer that changes between check and use changes nothing. One forbidden answer refuses the name as a whole,
 * since a name that mixes public and private addresses is a rebinding name or a mistake. Fails closed: an error,
 * an empty answer or an unreadable one opens nothing. TLS is verified against the name, unless the destination's owner
 * switched that off for it.
 */
import { lookup as resolve } from 'node:dns/promises'
import type { Socket } from 'node:net'
import { buildConnector } from 'undici'
import type { Logger } from '../../observability/log.ts'
import { isSameAddress } from './address-policy.ts'
import { codeOf, connectFailure, OutboundFailure } from './failure.ts'
import { judgeTarget, literalOf, portOf, type Reach } from './url-policy.ts'

/** All addresses of a name, in the order to try them. */
export type Lookup = (hostname: string) => Promise<readonly string[]>

export interface ConnectorOptions {
  readonly url: URL
  readonly reach: Reach
  readonly lookup: Lookup
  readonly log?: Logger | undefined
  readonly tls?: OutboundTls | undefined
}

/** How TLS is spoken to one destination. */
export interface OutboundTls {
  /** Off only where its owner said so: then anybody on the way can read and answer. */
  readonly verify: boolean
  /** PEM of the certificate we show, with its chain, and of its private key. */
  readonly certificate?: string
  readonly privateKey?: string
}

/** The system resolver gives up after 10 s and more; a thread of it is not worth waiting for that long. */
const LOOKUP_TIMEOUT_MS = 5_000
/** One lost SYN is sent again after 1 s and 3 s (Linux); the last address gets both chances and some. */
const LAST_CONNECT_TIMEOUT_MS = 10_000
/** Earlier addresses get one repeat: usually IPv6 that is announced but leads nowhere. */
const EARLY_CONNECT_TIMEOUT_MS = 2_000
/** More addresses than this are judged but not tried. */
const MAX_TRIED_ADDRESSES = 4

export const systemLookup: Lookup = async (hostname) => {
  const answers = await resolve(hostname, { all: true, verbatim: true })
  return answers.map(({ address }) => address)
}

/** What undici asks for a socket; its own idea of the host name is not used, so that it cannot differ from ours. */
export function guardedConnector(options: ConnectorOptions): buildConnector.connector {
  const { early, last } = options.url.protocol === 'http:' ? WITHOUT_TLS : dialsOf(options.tls)

  async function dial(): Promise<Socket> {
    const addresses = (await judgedAddresses(options)).slice(0, MAX_TRIED_ADDRESSES)
    const final = addresses.pop()
    if (final === undefined) throw new OutboundFailure('dns_failed', 'no_answer')
    for (const address of addresses) {
      try {
        return await open(early, address, options.url)
      } catch (error) {
        if (!isWorthAnotherAddress(error)) throw error
      }
    }
    return open(last, final, options.url)
  }

  return (_, callback) => {
    dial().then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(connectFailure(error, options.url.protocol), null),
    )
  }
}

interface Dials {
  readonly early: buildConnector.connector
  readonly last: buildConnector.connector
}

/** Remembers TLS sessions, so that every destination has its own. */
function dialsOf({ verify, certificate, privateKey }: OutboundTls = { verify: true }): Dials {
  const tls = {
    // Explicit, because NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment changes only the default.
    rejectUnauthorized: verify,
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(privateKey === undefined ? {} : { key: privateKey }),
  }
  return {
    early: buildConnector({ ...tls, timeout: EARLY_CONNECT_TIMEOUT_MS }),
    last: buildConnector({ ...tls, timeout: LAST_CONNECT_TIMEOUT_MS }),
  }
}

/** Remembers nothing: one for all. */
const WITHOUT_TLS = dialsOf()

/** One socket to the URL's origin, behind the same guard, for those who do not speak through undici. @throws OutboundFailure */
export function openGuardedSocket(options: ConnectorOptions): Promise<Socket> {
  const { hostname, host, protocol, port } = options.url
  return new Promise((resolve, reject) => {
    guardedConnector(options)({ hostname, host, protocol, port }, (...[error, socket]) =>
      error === null ? resolve(socket) : reject(error),
    )
  })
}

/** What the URL's host leads to, every answer of it judged. @throws OutboundFailure */
export async function judgedAddresses({ url, reach, lookup, log }: ConnectorOptions): Promise<string[]> {
  const literal = literalOf(url)
  const addresses = literal === undefined ? await answersFor(url.hostname, lookup) : [literal]
  for (const address of addresses) {
    const refusal = judgeTarget(address, url, reach)
    if (refusal === undefined) continue
    log?.warn({ host: url.hostname, address, ...refusal }, 'outbound address refused')
    throw new OutboundFailure('address_blocked', refusal.blocked ?? refusal.reason)
  }
  return addresses
}

async function answersFor(hostname: string, lookup: Lookup): Promise<string[]> {
  const late = new OutboundFailure('dns_failed', 'resolver_timeout')
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, LOOKUP_TIMEOUT_MS, late)
  })
  try {
    return [...(await Promise.race([lookup(hostname), deadline]))]
  } catch (error) {
    if (error === late) throw late
    throw new OutboundFailure('dns_failed', codeOf(error), error)
  } finally {
    clearTimeout(timer)
  }
}

function open(connect: buildConnector.connector, address: string, url: URL): Promise<Socket> {
  const target = { hostname: address, host: url.host, protocol: url.protocol, port: String(portOf(url)) }
  // RFC 6066 section 3: the name without its trailing dot, and no name for an address.
  const servername = literalOf(url) === undefined ? { servername: url.hostname.replace(/\.$/, '') } : {}
  return new Promise((resolve, reject) => {
    connect({ ...target, ...servername }, (...[error, socket]: Parameters<buildConnector.Callback>) => {
      if (error !== null) return reject(connectFailure(error, url.protocol))
      const problem = peerProblem(socket.remoteAddress, address)
      if (problem === undefined) return resolve(socket)
      socket.destroy()
      reject(problem)
    })
  })
}

/** A socket that leads elsewhere than asked (a rewriting route, a patched `net`) is not used. */
function peerProblem(peer: string | undefined, address: string): OutboundFailure | undefined {
  if (peer === undefined) return new OutboundFailure('connection_reset', 'closed_at_once')
  // Mostly in the same spelling, and that one was read before.
  return peer === address || isSameAddress(peer, address)
    ? undefined
    : new OutboundFailure('address_blocked', 'peer_differs')
}

/** A handshake that failed would fail elsewhere too, and a refusal is final. */
function isWorthAnotherAddress(error: unknown): boolean {
  return error instanceof OutboundFailure && error.outcome !== 'tls_failed' && error.outcome !== 'address_blocked'
}
