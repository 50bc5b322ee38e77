/** Exports: create, status, cancel, result, callback; each bound to the one who ordered it. */
import { randomBytes } from 'node:crypto'
import type { FaultName } from '../faults.ts'
import { ANYBODY, type Principal, principalIn, requirePrincipal } from './access.ts'
import { type Answer, type Call, fault, JOB_KEPT_SECONDS, RESULT_TTL_SECONDS, Refused } from './twin.ts'
import { isRegistered } from './webhook.ts'

interface Job {
  readonly id: string
  readonly owner: string
  readonly account: string
  readonly ends: number
  status: string
  callback?: string
}

const jobs = new Map<string, Job>()
const links = new Map<string, { readonly job: Job; readonly ends: number; isUsed: boolean }>()

export function createJob(call: Call): Answer {
  const principal = fault('job-open-create') ? (principalIn(call) ?? ANYBODY) : requirePrincipal(call)
  checkRole(principal)
  const callbackUrl = call.json()['callback_url']
  checkTarget(callbackUrl)
  if (fault('job-callback-target') && typeof callbackUrl === 'string') fetch(callbackUrl).catch(() => undefined)
  const id = `job_${jobs.size + 1}`
  const ends = Date.now() + JOB_KEPT_SECONDS * 1000
  const job: Job = { id, owner: principal.name, account: principal.account, ends, status: 'done' }
  jobs.set(id, job)
  return { status: 202, value: shown(job), headers: [['location', `/jobs/${id}`]] }
}

export function jobStatus(call: Call): Answer {
  return { status: 200, value: shown(owned(call, 'job-status-owner')) }
}

export function cancelJob(call: Call): Answer {
  const job = owned(call, 'job-cancel-owner')
  job.status = 'cancelled'
  return { status: 200, value: shown(job) }
}

export function setCallback(call: Call): Answer {
  const job = owned(call, 'job-callback-owner')
  const url = call.json()['callback_url']
  checkTarget(url)
  job.callback = String(url)
  return { status: 200, value: shown(job) }
}

/** A link for one download by the owner, for a short time. */
export function jobResult(call: Call): Answer {
  const job = owned(call, 'job-result-owner')
  const token = randomBytes(24).toString('base64url')
  links.set(token, { job, ends: Date.now() + RESULT_TTL_SECONDS * 1000, isUsed: false })
  const value = { url: `/downloads/${token}`, expires_in: RESULT_TTL_SECONDS }
  return { status: 200, value, headers: [['cache-control', 'no-store']] }
}

export function download(call: Call): Answer {
  const link = links.get(call.params['token'] ?? '')
  if (link === undefined) throw new Refused(404, 'no such download')
  if (!fault('job-result-shared')) {
    const principal = requirePrincipal(call)
    if (principal.name !== link.job.owner) throw new Refused(404, 'no such download')
    checkRole(principal)
  }
  if (Date.now() > link.ends && !fault('job-result-ttl')) throw new Refused(410, 'expired')
  if (link.isUsed && !fault('job-result-reuse')) throw new Refused(410, 'used')
  link.isUsed = true
  const value = { rows: [{ account: link.job.account, total: 1200 }] }
  return { status: 200, value, headers: [['cache-control', 'no-store']] }
}

function kept(id: string): Job | undefined {
  const job = jobs.get(id)
  return job === undefined || Date.now() <= job.ends || fault('job-kept-on') ? job : undefined
}

/** Somebody else's job does not exist. `missingCheck` is the fault that forgets to ask. */
function owned(call: Call, missingCheck: FaultName): Job {
  const job = kept(call.params['id'] ?? '')
  if (fault('job-no-auth') && job !== undefined) return job
  const principal = requirePrincipal(call)
  checkRole(principal)
  if (job === undefined || (job.owner !== principal.name && !fault(missingCheck))) throw new Refused(404, 'no such job')
  return job
}

function checkRole(principal: Principal): void {
  if (principal.role === 'revoked' && !fault('job-role-change')) throw new Refused(403, 'not for this role')
}

function checkTarget(url: unknown): void {
  if (url === undefined || fault('job-callback-target') || isRegistered(url)) return
  throw new Refused(422, 'callback_url is not one of yours')
}

function shown({ account: _, ends: __, ...job }: Job) {
  return job
}
