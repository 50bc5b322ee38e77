/**
 * A small receiver in Express for the prober's own tests: sound, with faults that are switched on by name.
 * Its effects are counted, so that a probe's word can be compared with what happened.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import express from 'express'

export const TARGET_FAULTS = [
  'no-signature',
  'signature-optional',
  'prefix-compare',
  'empty-secret',
  'any-algorithm',
  'any-version',
  'parsed-body',
  'sorted-body',
  'decoded-body',
  'no-freshness',
  'past-only',
  'no-dedupe',
  'dedupe-race',
  'any-type',
  'body-tenant',
  'no-limit',
  'fetches-urls',
  'follows-redirects',
  'open-redirect',
  'stack-traces',
  'always-200',
  'breaks-on-odd',
  'doubled-headers',
  'rate-limited',
  'limit-by-header',
  'waits-for-bodies',
] as const
export type TargetFault = (typeof TARGET_FAULTS)[number]

export interface LiveTarget extends AsyncDisposable {
  readonly url: string
  readonly origin: string
  readonly secret: string
  /** Effects by event id. */
  readonly effects: ReadonlyMap<string, number>
  /** Every request that reached it, as it is counted by a server. */
  readonly requests: () => number
  stop(): Promise<void>
}

const SECRET = 'whsec_live_target_0123456789abcdef'
const TENANT = 'acct_own'
/** Of the limited one: so many in so long. */
const LIMIT = 60
const LIMIT_MS = 1_500
const BODY_MS = 1_000

/** Signs as Stripe does: `t=…,v1=…` over `{t}.{body}`. */
export async function aLiveTarget(...faults: readonly TargetFault[]): Promise<LiveTarget> {
  const has = (fault: TargetFault) => faults.includes(fault)
  const effects = new Map<string, number>()
  const seen = new Set<string>()
  let requests = 0
  const recent = new Map<string, number[]>()
  const app = express()
  app.use((_, __, next) => {
    requests++
    next()
  })
  app.get('/_effects', (request, response) => {
    requests--
    response.json({ count: effects.get(String(request.query['id'])) ?? 0 })
  })
  app.use((request, response, next) => {
    if (!has('rate-limited')) return next()
    const source = (has('limit-by-header') ? request.header('x-forwarded-for') : undefined) ?? 'everybody'
    const times = [...(recent.get(source) ?? []).filter((at) => at > Date.now() - LIMIT_MS), Date.now()]
    recent.set(source, times)
    if (times.length <= LIMIT) return next()
    return response.status(429).setHeader('Retry-After', '1').json({ error: 'too many' })
  })
  app.post(
    '/hook',
    express.raw({ type: () => true, limit: has('no-limit') ? '1gb' : '1mb' }),
    async (request, response) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      const refuse = (status: number) =>
        has('always-200')
          ? response.status(200).json({ received: true })
          : response.status(status).json({ error: 'refused' })
      if (!has('no-signature') && !verified(request.header('stripe-signature'), body)) return refuse(401)
      let event: Record<string, unknown>
      try {
        event = JSON.parse(body.toString()) as Record<string, unknown>
        if (typeof event !== 'object' || event === null || Array.isArray(event)) return refuse(400)
      } catch (error) {
        if (has('breaks-on-odd')) throw error
        return refuse(400)
      }
      if (has('breaks-on-odd') && typeof event['type'] !== 'string')
        throw new TypeError('type.startsWith is not a function')
      if (!has('any-type') && event['type'] !== 'invoice.paid') return response.json({ received: true })
      if (!has('body-tenant') && event['account'] !== undefined && event['account'] !== TENANT) return refuse(403)
      const id = String(event['id'])
      if (has('fetches-urls') || has('follows-redirects')) await fetchFrom(event, has('follows-redirects'))
      if (has('dedupe-race')) {
        const known = seen.has(id)
        await sleep(20)
        if (known) return response.json({ received: true, duplicate: true })
      } else if (!has('no-dedupe') && seen.has(id)) return response.json({ received: true, duplicate: true })
      seen.add(id)
      effects.set(id, (effects.get(id) ?? 0) + 1)
      if (has('open-redirect') && typeof event['redirect_url'] === 'string')
        return response.redirect(event['redirect_url'])
      return response.json({ received: true })
    },
  )
  app.use(
    (error: Error & { status?: number }, _: express.Request, response: express.Response, __: express.NextFunction) => {
      const status = error.status ?? 500
      response.status(status)
      if (has('stack-traces')) response.type('text').send(error.stack)
      else response.json({ error: status < 500 ? 'refused' : 'internal' })
    },
  )
  if (has('stack-traces')) app.set('env', 'development')

  function verified(header: string | undefined, body: Buffer): boolean {
    if (header === undefined) return has('signature-optional')
    const items = header.split(',').map((item) => item.split('='))
    if (!has('doubled-headers') && items.filter(([key]) => key?.trim() === 't').length > 1) return false
    const t = items.find(([key]) => key === 't')?.[1] ?? ''
    const versions = has('any-version') ? ['v0', 'v1', 'v9'] : ['v1']
    const given = items.find(([key]) => versions.includes(key ?? ''))?.[1] ?? ''
    const seconds = Number(t)
    const age = Date.now() / 1000 - seconds
    if (!has('no-freshness') && (!/^\d{1,12}$/.test(t) || age > 300 || (!has('past-only') && age < -300))) return false
    const signed =
      has('parsed-body') || has('sorted-body')
        ? rewritten(body, has('sorted-body'))
        : has('decoded-body')
          ? Buffer.from(body.toString())
          : body
    const mac = (algorithm: string, key = SECRET) =>
      createHmac(algorithm, key).update(`${t}.`).update(signed).digest('hex')
    const algorithms = has('any-algorithm') ? ['sha256', 'sha1'] : ['sha256']
    const keys = has('empty-secret') ? [SECRET, ''] : [SECRET]
    return algorithms.some((algorithm) => keys.some((key) => same(given, mac(algorithm, key))))
  }

  function same(given: string, right: string): boolean {
    if (has('prefix-compare')) return right.startsWith(given.slice(0, right.length / 2))
    const digest = (text: string) => createHash('sha256').update(text).digest()
    return timingSafeEqual(digest(given), digest(right))
  }

  const patience = has('waits-for-bodies') ? 0 : BODY_MS
  const server = createServer(
    { requestTimeout: patience, headersTimeout: patience, connectionsCheckingInterval: 100 },
    app,
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const stop = async () => {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return {
    url: `${origin}/hook`,
    origin,
    secret: SECRET,
    effects,
    requests: () => requests,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** What somebody hashes who hashes what the parser made; sorted, as some do against key order. */
function rewritten(body: Buffer, sorted: boolean): Buffer {
  try {
    const json = JSON.parse(body.toString()) as Record<string, unknown>
    const order = Object.entries(json)
    if (!sorted) return Buffer.from(JSON.stringify(json))
    // The order in which the sample of this sender stands.
    const rank = ['id', 'object', 'api_version', 'created', 'livemode', 'pending_webhooks', 'type', 'data']
    order.sort(([a], [b]) => rank.indexOf(a) - rank.indexOf(b))
    return Buffer.from(JSON.stringify(Object.fromEntries(order)))
  } catch {
    return body
  }
}

async function fetchFrom(event: Readonly<Record<string, unknown>>, follow: boolean): Promise<void> {
  const url = event['callback_url']
  if (typeof url !== 'string') return
  const location = await new Promise<string | undefined>((resolve) => {
    httpRequest(url, (answer) => {
      answer.resume()
      resolve(answer.headers.location)
    })
      .on('error', () => resolve(undefined))
      .end()
  })
  if (follow && location !== undefined) await fetchFrom({ callback_url: location }, false)
}
