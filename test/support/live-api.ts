/**
 * A small API with objects and jobs of two users in two tenants, for the prober's own tests: sound, with faults that
 * are switched on by name.
 */

import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { decideSurface } from '../../src/catalogue/decide.ts'
import { atLeast } from '../../src/catalogue/severity.ts'
import type { LiveScan } from '../../src/scanner/live/scan-live.ts'

export const API_FAULTS = [
  'open',
  'any-token',
  'bola',
  'bola-tenant',
  'override',
  'cors-reflect',
  'leaks-hash',
  'traces',
  'bare-cookie',
  'job-open-create',
  'job-status-open',
  'job-cancel-open',
  'job-result-open',
  'result-forever',
  'result-reused',
  'callback-anywhere',
  'job-forever',
  'role-kept',
] as const
export type ApiFault = (typeof API_FAULTS)[number]

export interface LiveApi extends AsyncDisposable {
  readonly origin: string
  readonly identities: Readonly<Record<string, { headers: { Authorization: string }; tenant: string }>>
}

interface User {
  readonly name: string
  readonly tenant: string
}

const USERS: Readonly<Record<string, User>> = {
  'token-of-alice-0001': { name: 'alice', tenant: 'red' },
  'token-of-anna-0002': { name: 'anna', tenant: 'red' },
  'token-of-bob-0003': { name: 'bob', tenant: 'blue' },
}

/** Seconds. */
const LINK_LIVES = 60
const JOB_KEPT = 600

interface Job {
  readonly owner: User
  readonly ends: number
  readonly links: Map<string, { uses: number; expires: number }>
  cancelled: boolean
}

export async function aLiveApi(...faults: readonly ApiFault[]): Promise<LiveApi> {
  const has = (fault: ApiFault) => faults.includes(fault)
  const jobs = new Map<string, Job>()
  const revoked = new Set<string>()
  let made = 0
  let shift = 0
  const now = () => Date.now() + shift
  const app = express()
  app.disable('x-powered-by')
  app.use((request, response, next) => {
    const { origin } = request.headers
    if (has('cors-reflect') && origin !== undefined) {
      response.setHeader('Access-Control-Allow-Origin', origin)
      response.setHeader('Access-Control-Allow-Credentials', 'true')
    }
    if (has('override') && request.headers['x-http-method-override'] === 'GET') request.method = 'GET'
    next()
  })
  app.use(express.json())

  const userOf = (request: express.Request): User | undefined => {
    const [scheme, token = ''] = (request.header('authorization') ?? '').split(' ')
    if (USERS[token] !== undefined) return USERS[token]
    return has('any-token') && scheme === 'Bearer' ? USERS['token-of-alice-0001'] : undefined
  }
  const alice = USERS['token-of-alice-0001'] as User

  app.get('/orders/:id', (request, response) => {
    const overridden = has('override') && request.header('x-http-method-override') !== undefined
    const user = userOf(request) ?? (has('open') || overridden ? alice : undefined)
    if (user === undefined) return response.status(401).json({ error: 'unauthorized' })
    if (!/^[\w-]+$/.test(request.params.id) && has('traces')) throw new Error('bad id')
    const mine = user.name === 'alice'
    const allowed = mine || (has('bola') && user.tenant === 'red') || has('bola-tenant')
    if (request.params.id !== '7' || !allowed) return response.status(404).json({ error: 'not found' })
    response.setHeader('Set-Cookie', has('bare-cookie') ? 'session=abc' : 'session=abc; HttpOnly; SameSite=Lax; Secure')
    response.setHeader('RateLimit-Policy', '"default";q=100;w=60')
    return response.json({ id: 7, total: 1999, ...(has('leaks-hash') ? { password_hash: '$2b$10$x' } : {}) })
  })

  /** Not of the service but the operator's. */
  app.post('/_clock', (request, response) => {
    shift += Number(request.body?.seconds) * 1000
    return response.json({})
  })
  app.post('/_role', (request, response) => {
    if (request.body?.allowed === true) revoked.delete(String(request.body?.user))
    else revoked.add(String(request.body?.user))
    return response.json({})
  })

  app.post('/exports', async (request, response) => {
    const user = userOf(request) ?? (has('job-open-create') ? alice : undefined)
    if (user === undefined) return response.status(401).json({ error: 'unauthorized' })
    const callback: unknown = request.body?.callback_url
    if (typeof callback === 'string') {
      if (!has('callback-anywhere')) return response.status(422).json({ error: 'callback not registered' })
      httpRequest(callback, { method: 'POST' })
        .on('error', () => undefined)
        .end()
    }
    const id = `job-${++made}`
    jobs.set(id, { owner: user, ends: now() + JOB_KEPT * 1000, links: new Map(), cancelled: false })
    return response.status(202).json({ id })
  })
  const jobFor = (request: express.Request, open: boolean): Job | undefined => {
    const user = userOf(request)
    const job = jobs.get(String(request.params['id']))
    if (user === undefined || job === undefined) return undefined
    if (revoked.has(user.name) && !has('role-kept')) return undefined
    if (now() > job.ends && !has('job-forever')) return undefined
    return open || job.owner.name === user.name ? job : undefined
  }
  app.get('/exports/:id', (request, response) => {
    const job = jobFor(request, has('job-status-open'))
    if (userOf(request) === undefined) return response.status(401).json({ error: 'unauthorized' })
    if (job === undefined) return response.status(404).json({ error: 'not found' })
    const link = `link-${Math.random().toString(36).slice(2)}`
    job.links.set(link, { uses: 0, expires: now() + (has('result-forever') ? 1e9 : LINK_LIVES * 1000) })
    const { port } = request.socket.address() as AddressInfo
    return response.json({
      state: job.cancelled ? 'cancelled' : 'done',
      url: `http://127.0.0.1:${port}/results/${request.params.id}/${link}`,
      expires_in: LINK_LIVES,
    })
  })
  app.post('/exports/:id/cancel', (request, response) => {
    const job = jobFor(request, has('job-cancel-open'))
    if (job === undefined) return response.status(404).json({ error: 'not found' })
    job.cancelled = true
    return response.json({ state: 'cancelled' })
  })
  app.get('/exports/:id/result', (request, response) => {
    const job = jobFor(request, has('job-result-open'))
    if (job === undefined) return response.status(404).json({ error: 'not found' })
    return response.type('text/csv').send('id,total\n7,1999\n')
  })
  app.get('/results/:id/:link', (request, response) => {
    const link = jobs.get(request.params.id)?.links.get(request.params.link)
    if (link === undefined || now() > link.expires) return response.status(403).json({ error: 'expired' })
    const owner = jobs.get(request.params.id)?.owner.name ?? ''
    if (revoked.has(owner) && !has('role-kept')) return response.status(403).json({ error: 'withdrawn' })
    link.uses++
    if (link.uses > 1 && !has('result-reused')) return response.status(403).json({ error: 'used' })
    return response.type('text/csv').send('id,total\n7,1999\n')
  })
  app.use(
    (error: Error & { status?: number }, _: express.Request, response: express.Response, __: express.NextFunction) => {
      response.status(error.status ?? 500)
      if (has('traces')) response.type('text').send(error.stack)
      else response.json({ error: 'refused' })
    },
  )

  const server = createServer(app)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    identities: Object.fromEntries(
      Object.entries(USERS).map(([token, { name, tenant }]) => [
        name,
        { headers: { Authorization: `Bearer ${token}` }, tenant },
      ]),
    ),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** What is worth a look, as `rule: control severity`, sorted. */
export function faultsOf({ surfaces }: Pick<LiveScan, 'surfaces'>): readonly string[] {
  return surfaces
    .flatMap((surface) => decideSurface(surface).findings)
    .filter(({ severity }) => atLeast(severity, 'low'))
    .map(({ rule, control, severity }) => `${rule}: ${control} ${severity}`)
    .sort()
}
