/** The address that a finished job gives its owner: where it stands, how it is opened, and how long it says it lives. */
import type { Identity } from '../identity.ts'
import type { Answer, Lab } from '../lab.ts'
import { is2xx } from '../webhook/baseline.ts'
import { ask, awaitDone, createJob, type JobSubject, textAt, valueAt } from './subject.ts'

export interface Issued {
  readonly url: string
  /** Seconds, as the address or what stands beside it says; `undefined` when nothing does. */
  readonly life: number | undefined
}

/** Of a job of its own each time: an address may work once. @returns Why there is none. */
export async function issueAddress(
  subject: Pick<JobSubject, 'target' | 'owner'>,
  lab: Lab,
  place: string,
): Promise<Issued | string> {
  const { target, owner } = subject
  const created = await createJob(subject, lab)
  if (!created.ok) return `No job: ${created.reason}.`
  const status = await awaitDone(subject, lab, created.id)
  const asked = [status]
  if (textAt(status, place) === undefined && target.result?.path !== undefined)
    asked.push(await ask(subject, lab, target.result.path, created.id, owner))
  const answer = asked.find((one) => textAt(one, place) !== undefined)
  const text = answer === undefined ? (lab.dry ? '/the-result' : undefined) : textAt(answer, place)
  const url = text === undefined ? undefined : onTarget(text, target.url)
  if (url === undefined) return 'The job names no address of its result on this host.'
  return { url, life: lifeOf(url, answer, target.result?.expires, lab.now()) }
}

export async function openAddress(lab: Lab, url: string, identity: Identity | undefined): Promise<Answer> {
  return await lab.send({ method: 'GET', url, headers: identity?.headers ?? [] })
}

export function gives(answer: Answer): boolean {
  return answer.ok && is2xx(answer.status)
}

/** Only on the host that consented. */
function onTarget(address: string, base: string): string | undefined {
  if (!URL.canParse(address, base)) return undefined
  const url = new URL(address, base)
  return url.origin === new URL(base).origin ? url.href : undefined
}

const SECONDS_IN_ADDRESS = ['X-Amz-Expires', 'X-Goog-Expires']
const END_IN_ADDRESS = ['Expires', 'expires', 'exp', 'se']
const SECONDS_BESIDE = ['$.expires_in', '$.expiresIn', '$.ttl', '$.ttl_seconds']
const END_BESIDE = ['$.expires_at', '$.expiresAt', '$.expires']

function lifeOf(url: string, answer: Answer | undefined, stated: string | undefined, now: number): number | undefined {
  const query = new URL(url).searchParams
  const beside = (path: string): unknown => (answer === undefined ? undefined : valueAt(answer, path))
  if (stated !== undefined) return secondsOf(beside(stated), now)
  const seconds = [...SECONDS_IN_ADDRESS.map((name) => query.get(name)), ...SECONDS_BESIDE.map(beside)]
  const ends = [...END_IN_ADDRESS.map((name) => query.get(name)), ...END_BESIDE.map(beside)]
  return [...seconds, ...ends].map((value) => secondsOf(value, now)).find((value) => value !== undefined)
}

/** A number is a while or, when it is a date of our days, an end in seconds or milliseconds; a text is either or ISO 8601. */
function secondsOf(value: unknown, now: number): number | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const number = Number(value)
  if (Number.isNaN(number)) {
    const end = typeof value === 'string' ? Date.parse(value) : Number.NaN
    return Number.isNaN(end) ? undefined : (end - now) / 1_000
  }
  if (number < 1e9) return number
  return number < 1e11 ? number - now / 1_000 : (number - now) / 1_000
}
