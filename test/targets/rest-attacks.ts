/** For each fault of plain HTTP, jobs and the stream the plain request that shows it: true when the attack succeeds. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { JOB_FAULTS, REST_FAULTS, STREAM_FAULTS } from './faults.ts'
import { allow, ask, firstChunk, login, NO_LIMIT } from './plain-requests.ts'
import type { Target } from './start-target.ts'

type Attack = (target: Target) => Promise<boolean>
type Fault = keyof typeof REST_FAULTS | keyof typeof JOB_FAULTS | keyof typeof STREAM_FAULTS

/** How long result links and jobs of these targets live; whoever is late waits longer than that. */
export const HASTY_SETTINGS = { RESULT_TTL_SECONDS: '0.5', JOB_KEPT_SECONDS: '4' }
const LATE_MS = 3 * 1000 * Number(HASTY_SETTINGS.RESULT_TTL_SECONDS)
const AFTER_JOBS_MS = 1.25 * 1000 * Number(HASTY_SETTINGS.JOB_KEPT_SECONDS)

export const REST_ATTACKS: Readonly<Record<Fault, Attack>> = {
  'rest-no-auth': async (target) => (await ask(target, { path: '/orders/1' })).status === 200,
  async 'rest-bola'(target) {
    const bob = await login(target, 'bob')
    return (await ask(target, { path: '/orders/1', headers: bob.headers })).status === 200
  },
  async 'rest-methods'(target) {
    const alice = await login(target, 'alice')
    return (await ask(target, { method: 'DELETE', path: '/orders/1', headers: alice.headers })).status === 200
  },
  async 'rest-pii'(target) {
    const alice = await login(target, 'alice')
    return /AKIA[A-Z0-9]{16}/.test((await ask(target, { path: '/orders/1', headers: alice.headers })).body)
  },
  async 'cors-reflected'(target) {
    const reply = await ask(target, { path: '/orders/1', headers: { origin: 'https://elsewhere.example.net' } })
    return reply.headers['access-control-allow-origin'] === 'https://elsewhere.example.net'
  },
  'no-rate-headers': async (target) =>
    (await ask(target, { path: '/orders/1' })).headers['ratelimit-limit'] === undefined,
  'rest-no-rate-limit': (target) => isEachAnswered(target, () => ({})),
  'rest-forged-sender': (target) => isEachAnswered(target, (at) => ({ 'x-forwarded-for': `198.51.100.${at}` })),
  'cookie-flags': async (target) => !/HttpOnly.*Secure.*SameSite/.test((await login(target, 'alice')).cookie),
  async fingerprint(target) {
    const { headers } = await ask(target, { path: '/orders/1' })
    return /\d\.\d/.test(`${headers['server']} ${headers['x-powered-by']}`)
  },

  'job-open-create': async (target) =>
    (await ask(target, { method: 'POST', path: '/jobs', body: '{}' })).status === 202,
  'job-no-auth': async (target) => (await ask(target, { path: `/jobs/${await jobOf(target)}` })).status === 200,
  'job-status-owner': (target) => isDoneByBob(target, 'GET', ''),
  'job-cancel-owner': (target) => isDoneByBob(target, 'POST', '/cancel'),
  'job-result-owner': (target) => isDoneByBob(target, 'GET', '/result'),
  'job-callback-owner': (target) =>
    isDoneByBob(target, 'PUT', '/callback', { callback_url: 'https://hooks.example.com/x' }),
  async 'job-callback-target'(target) {
    const alice = await login(target, 'alice')
    const body = JSON.stringify({ callback_url: 'http://169.254.169.254/' })
    return (await ask(target, { method: 'POST', path: '/jobs', headers: alice.headers, body })).status === 202
  },
  async 'job-result-ttl'(target) {
    const { headers, path } = await linkOf(target)
    await sleep(LATE_MS)
    return (await ask(target, { path, headers })).status === 200
  },
  async 'job-result-reuse'(target) {
    const { headers, path } = await linkOf(target)
    const uses = [await ask(target, { path, headers }), await ask(target, { path, headers })]
    return uses[1]?.status === 200
  },
  async 'job-result-shared'(target) {
    const { path } = await linkOf(target)
    const bob = await login(target, 'bob')
    return (await ask(target, { path, headers: bob.headers })).status === 200
  },
  async 'job-role-change'(target) {
    const { id, headers } = await jobAndOwner(target)
    await setRole(target, 'revoked')
    const { status } = await ask(target, { path: `/jobs/${id}/result`, headers })
    await setRole(target, 'member')
    return status === 200
  },
  async 'job-kept-on'(target) {
    const { id, headers } = await jobAndOwner(target)
    await sleep(AFTER_JOBS_MS)
    return (await ask(target, { path: `/jobs/${id}`, headers })).status === 200
  },

  'sse-no-auth': (target) => isStreamed(target, '/stream', {}),
  async 'sse-unbound'(target) {
    const bob = await login(target, 'bob')
    return isStreamed(target, '/stream?account=acct_a', bob.headers)
  },
  async 'sse-query-token'(target) {
    const alice = await login(target, 'alice')
    return isStreamed(target, `/stream?token=${alice.token}`, {})
  },
  async 'sse-cacheable'(target) {
    const alice = await login(target, 'alice')
    const { headers, response } = await firstChunk(target, '/stream', alice.headers)
    response.destroy()
    return headers['cache-control'] !== 'no-store'
  },
  async 'sse-any-page'(target) {
    const alice = await login(target, 'alice')
    const origin = 'https://elsewhere.example.net'
    const { headers, response } = await firstChunk(target, '/stream', { ...alice.headers, origin })
    response.destroy()
    return headers['access-control-allow-origin'] === origin
  },
  async 'sse-outlives-session'(target) {
    const alice = await login(target, 'alice')
    const { response } = await firstChunk(target, '/stream', alice.headers)
    await ask(target, { method: 'POST', path: '/logout', headers: alice.headers })
    // Twenty steps after the logout are more than a slow machine has under way; the sound stream ends before.
    let steps = 0
    for await (const _ of response) {
      steps += 1
      if (steps > 20) return true
    }
    return false
  },
}

/** Done by a member, whose role can be taken away. */
async function jobAndOwner(target: Target) {
  const { headers } = await login(target, 'amy')
  const { body } = await ask(target, { method: 'POST', path: '/jobs', headers, body: '{}' })
  return { id: (JSON.parse(body) as { id: string }).id, headers }
}

async function jobOf(target: Target): Promise<string> {
  return (await jobAndOwner(target)).id
}

async function linkOf(target: Target) {
  const { id, headers } = await jobAndOwner(target)
  const { body } = await ask(target, { path: `/jobs/${id}/result`, headers })
  return { path: (JSON.parse(body) as { url: string }).url, headers }
}

async function isDoneByBob(target: Target, method: string, action: string, json?: object): Promise<boolean> {
  const id = await jobOf(target)
  const { headers } = await login(target, 'bob')
  const body = json === undefined ? {} : { body: JSON.stringify(json) }
  return (await ask(target, { method, path: `/jobs/${id}${action}`, headers, ...body })).status === 200
}

async function setRole(target: Target, role: string): Promise<void> {
  await ask(target, { method: 'POST', path: '/_role', body: JSON.stringify({ user: 'amy', role }) })
}

async function isStreamed(target: Target, path: string, headers: Readonly<Record<string, string>>): Promise<boolean> {
  const { status, text, response } = await firstChunk(target, path, headers)
  response.destroy()
  return status === 200 && text.includes('acct_a')
}

async function isEachAnswered(target: Target, headers: (at: number) => Record<string, string>): Promise<boolean> {
  await allow(target, { requests: 3, seconds: 60 })
  const replies = []
  for (let at = 0; at < 6; at += 1) replies.push(await ask(target, { path: '/orders/1', headers: headers(at) }))
  await allow(target, NO_LIMIT)
  return replies.every(({ status }) => status !== 429)
}
