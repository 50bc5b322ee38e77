/** Server-sent events: an account's balance, for the people of that account. */
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { principalOf, requirePrincipal } from './access.ts'
import { type Call, commonHeaders, fault, Refused, readableByPage } from './twin.ts'

const HEARTBEAT_MS = 100
const STREAM_MS = 30_000

export async function openStream(call: Call, response: ServerResponse): Promise<void> {
  const readable = fault('sse-any-page') ? readableByPage(call) : []
  for (const [name, value] of [...commonHeaders(call), ...readable]) response.setHeader(name, value)
  const token = fault('sse-query-token') ? (call.query.get('token') ?? undefined) : undefined
  let account: string
  let session: string | undefined
  try {
    const principal =
      token === undefined && fault('sse-no-auth') ? undefined : (principalOf(token) ?? requirePrincipal(call))
    session = principal?.token
    account = call.query.get('account') ?? principal?.account ?? 'acct_a'
    if (principal !== undefined && account !== principal.account && !fault('sse-unbound')) {
      throw new Refused(403, 'not your account')
    }
  } catch (error) {
    response.writeHead(error instanceof Refused ? error.status : 500).end('{"error":"refused"}')
    return
  }
  response.setHeader('cache-control', fault('sse-cacheable') ? 'public, max-age=60' : 'no-store')
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const ends = Date.now() + STREAM_MS
  for (let number = 1; Date.now() < ends && !response.destroyed; number += 1) {
    // The session is asked for again at each step: a stream does not outlive it.
    const hasEnded = session !== undefined && principalOf(session) === undefined
    if (hasEnded && !fault('sse-outlives-session')) break
    response.write(`id: ${number}\ndata: ${JSON.stringify({ account, balance: number })}\n\n`)
    await sleep(HEARTBEAT_MS)
  }
  response.end()
}
