/**
 * Mail through the same door: the server's name is resolved once, every answer is judged, and the one connection leads to a
 * judged address. TLS is verified always, and demanded, except where an allow-listed server is spoken to in plain text
 * because its owner said so.
 *
 * A message goes to one server and no further: no look-up of mail exchangers, no second try, nothing kept open.
 */
import { connect, type Socket } from 'node:net'
import { createTransport } from 'nodemailer'
import { isSameAddress, parseAllowList } from './address-policy.ts'
import { judgedAddresses, type Lookup, systemLookup } from './connector.ts'
import { codeOf, connectFailure, OutboundFailure, type OutboundOutcome } from './failure.ts'
import { judgeUrl, literalOf, portOf, type Reach, type UrlVerdict } from './url-policy.ts'

export interface MailRequest {
  /** `smtps://host[:465]`, TLS from the start, or `smtp://host[:587]`, which must offer STARTTLS. */
  readonly server: string
  /** Without TLS: only what `allowCidrs` lists is reached so. */
  readonly plaintext: boolean
  readonly allowCidrs: readonly string[]
  readonly username?: string
  readonly password?: string
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  /** Unique for what is said, and the same when it is said again. */
  readonly messageId: string
  /** For everything together. */
  readonly timeoutMs: number
}

/** `mail_refused`: the server said no; the detail is `smtp_` and its code. */
export type MailResult = { readonly durationMs: number } & (
  | { readonly ok: true }
  | { readonly ok: false; readonly outcome: OutboundOutcome | 'mail_refused'; readonly detail: string }
)

export interface Mailer {
  send(request: MailRequest): Promise<MailResult>
}

export interface MailPolicy {
  /** Ports that public servers may be reached on, beside those of mail submission. */
  readonly ports: readonly number[]
  readonly lookup?: Lookup
}

/** RFC 8314 section 3: submission. Port 25 is not among them: that is where mail between strangers goes. */
const SUBMISSION_PORTS = [465, 587]
const SCHEMES: Readonly<Record<string, { readonly tls: boolean; readonly port: number }>> = {
  smtps: { tls: true, port: 465 },
  smtp: { tls: false, port: 587 },
}

/** A server's answers are lines. */
const MAX_RESPONSE_BYTES = 64 * 1024
const CONNECT_TIMEOUT_MS = 5_000
const MAX_TRIED_ADDRESSES = 4

/** The server as a URL of the guard: https where TLS is spoken, however it is begun. */
export function judgeMailServer(
  server: string,
  { ports, allowCidrs, plaintext }: { ports: readonly number[]; allowCidrs: readonly string[]; plaintext: boolean },
): UrlVerdict {
  const [, scheme = '', authority = ''] = /^([a-z]+):\/\/([^/?#]+)$/i.exec(server) ?? []
  const known = Object.hasOwn(SCHEMES, scheme.toLowerCase()) ? SCHEMES[scheme.toLowerCase()] : undefined
  if (known === undefined || (plaintext && known.tls)) return { ok: false, reason: 'scheme' }
  const withPort = /:\d+$/.test(authority) ? authority : `${authority.replace(/:$/, '')}:${known.port}`
  return judgeUrl(`${plaintext ? 'http' : 'https'}://${withPort}/`, reachOf(ports, allowCidrs))
}

function reachOf(ports: readonly number[], allowCidrs: readonly string[]): Reach {
  return { ports: [...SUBMISSION_PORTS, ...ports], allowHttp: false, allow: parseAllowList(allowCidrs) }
}

export function openMailer({ ports, lookup = systemLookup }: MailPolicy): Mailer {
  return {
    async send(request) {
      const startedAt = performance.now()
      const elapsed = () => performance.now() - startedAt
      try {
        const verdict = judgeMailServer(request.server, { ...request, ports })
        if (!verdict.ok) throw new OutboundFailure('address_blocked', verdict.blocked ?? verdict.reason)
        const { url } = verdict
        const addresses = await judgedAddresses({ url, reach: reachOf(ports, request.allowCidrs), lookup })
        await deliver(await open(addresses, portOf(url)), url, { ...request, timeoutMs: request.timeoutMs - elapsed() })
        return { ok: true, durationMs: elapsed() }
      } catch (error) {
        return { ok: false, ...failureOf(error), durationMs: elapsed() }
      }
    },
  }
}

async function open(addresses: readonly string[], port: number): Promise<Socket> {
  let failure: unknown = new OutboundFailure('dns_failed', 'no_answer')
  for (const address of addresses.slice(0, MAX_TRIED_ADDRESSES)) {
    try {
      return await openOne(address, port)
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

function openOne(address: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port })
    const refuse = (error: unknown) => {
      socket.destroy()
      reject(error)
    }
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => refuse(new OutboundFailure('timeout', 'connect')))
    socket.once('error', refuse)
    socket.once('connect', () => {
      socket.setTimeout(0).removeAllListeners('timeout').off('error', refuse)
      const peer = socket.remoteAddress
      if (peer === undefined) refuse(new OutboundFailure('connection_reset', 'closed_at_once'))
      else if (!isSameAddress(peer, address)) refuse(new OutboundFailure('address_blocked', 'peer_differs'))
      else resolve(socket)
    })
  })
}

async function deliver(socket: Socket, url: URL, request: MailRequest): Promise<void> {
  const { username, password, plaintext, timeoutMs } = request
  // The library bounds each phase; nobody but us bounds their sum.
  const late = new OutboundFailure('timeout', 'deadline')
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late), Math.max(1, timeoutMs))
  })
  const host = literalOf(url) ?? url.hostname.replace(/\.$/, '')
  const transport = createTransport({
    connection: socket,
    host,
    port: portOf(url),
    secure: request.server.toLowerCase().startsWith('smtps:'),
    requireTLS: !plaintext,
    ignoreTLS: plaintext,
    // Explicit, because NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment changes only the default.
    tls: { rejectUnauthorized: true },
    maxResponseSize: MAX_RESPONSE_BYTES,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    ...(username === undefined ? {} : { auth: { user: username, pass: password ?? '' } }),
  })
  const sending = transport.sendMail({
    from: request.from,
    to: [...request.to],
    subject: request.subject,
    text: request.text,
    messageId: `<${request.messageId}@${request.from.split('@').at(-1) ?? 'localhost'}>`,
    // A message of a machine: nobody's holiday reply to it.
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  try {
    await Promise.race([sending, deadline])
  } finally {
    clearTimeout(timer)
    sending.catch(() => undefined)
    // Also when all went well: the library would wait for the server to close.
    socket.destroy()
  }
}

function failureOf(error: unknown): { readonly outcome: OutboundOutcome | 'mail_refused'; readonly detail: string } {
  const status = error instanceof Error && 'responseCode' in error ? error.responseCode : undefined
  switch (codeOf(error)) {
    case 'EAUTH':
      return { outcome: 'auth_failed', detail: typeof status === 'number' ? `smtp_${status}` : 'no_way_to_log_in' }
    case 'ETLS':
      return { outcome: 'tls_failed', detail: 'starttls' }
    case 'ETIMEDOUT':
      return { outcome: 'timeout', detail: 'smtp' }
    case 'ECONNECTION':
    case 'EPROTOCOL':
      return { outcome: 'connection_reset', detail: 'smtp' }
  }
  if (typeof status === 'number') return { outcome: 'mail_refused', detail: `smtp_${status}` }
  const { outcome, detail } = connectFailure(error, 'https:')
  return { outcome, detail }
}
