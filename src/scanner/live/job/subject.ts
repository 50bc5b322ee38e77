/** A job that its owner can create, and what is asked about it: status, cancel, result. */
import { jsonpath } from 'json-p3'
import { parseBoundedJson } from '../../../base/lib/bounded-json.ts'
import type { Identity } from '../identity.ts'
import type { Answer, Lab, ProbeRequest } from '../lab.ts'
import type { JobTarget } from '../plan.ts'
import type { Probe } from '../probe.ts'
import { is2xx } from '../webhook/baseline.ts'
import { bodyShape, type Shape } from '../webhook/shape.ts'
import type { Step } from './step.ts'

export interface JobSubject {
  readonly target: JobTarget
  readonly owner: Identity
  readonly others: readonly Identity[]
  /** What the owner is told about a job. */
  readonly statusShape: Shape
  readonly destructive: boolean
  readonly lateMs: number
  /** The longest that an end is waited for. */
  readonly waitSeconds: number
  readonly roleChange: { readonly identity: Identity; readonly take: Step; readonly give: Step } | undefined
  readonly clock: Step | undefined
}

export type JobProbe = Probe<JobSubject>

export type Created = { readonly ok: true; readonly id: string } | { readonly ok: false; readonly reason: string }

export async function createJob({ target, owner }: Pick<JobSubject, 'target' | 'owner'>, lab: Lab): Promise<Created> {
  const answer = await lab.send(createRequest(target, owner))
  if (lab.dry) return { ok: true, id: 'the-job' }
  if (!answer.ok) return { ok: false, reason: `creating a job got no answer (${answer.outcome})` }
  if (!is2xx(answer.status)) return { ok: false, reason: `creating a job was answered ${answer.status}` }
  const id = textAt(answer, target.create.id)
  return id === undefined
    ? { ok: false, reason: `the answer holds no job id at ${target.create.id}` }
    : { ok: true, id }
}

export function createRequest(
  target: JobTarget,
  identity: Identity | undefined,
  body = target.create.body,
): ProbeRequest {
  const { method, path, content_type } = target.create
  return {
    method,
    url: addressOf(target, path, ''),
    headers: [['Content-Type', content_type], ...(identity?.headers ?? [])],
    ...(body === undefined ? {} : { body: Buffer.from(body) }),
  }
}

export function addressOf({ url }: JobTarget, path: string, id: string): string {
  return url.replace(/\/$/, '') + path.replaceAll('{id}', encodeURIComponent(id))
}

export async function ask(
  { target }: Pick<JobSubject, 'target'>,
  lab: Lab,
  path: string,
  id: string,
  identity: Identity | undefined,
  { method = 'GET', body }: Manner = {},
): Promise<Answer> {
  const { content_type } = target.create
  return await lab.send({
    method,
    url: addressOf(target, path, id),
    headers: [...(body === undefined ? [] : [['Content-Type', content_type] as const]), ...(identity?.headers ?? [])],
    ...(body === undefined ? {} : { body: Buffer.from(body) }),
  })
}

export interface Manner {
  readonly method?: string
  readonly body?: string
}

/** Once more until it is done, or has been asked often enough. */
export async function awaitDone(subject: Pick<JobSubject, 'target' | 'owner'>, lab: Lab, id: string): Promise<Answer> {
  const { path, done } = subject.target.status
  let answer = await ask(subject, lab, path, id, subject.owner)
  for (let tries = 0; tries < 20 && done !== undefined && !isTrue(answer, done); tries++) {
    await lab.wait(250)
    answer = await ask(subject, lab, path, id, subject.owner)
  }
  return answer
}

/** The first text or number at a JSONPath of the answer. */
export function textAt(answer: Answer, path: string): string | undefined {
  const found = valueAt(answer, path)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined
}

export function shapeOf(answer: Answer): Shape {
  return bodyShape(answer)
}

function isTrue(answer: Answer, path: string): boolean {
  const found = valueAt(answer, path)
  return found !== undefined && found !== false && found !== null
}

/** The first value at a JSONPath of the answer. */
export function valueAt(answer: Answer, path: string): unknown {
  if (!answer.ok) return undefined
  const json = parseBoundedJson(answer.body)
  return json.ok ? jsonpath.query(path, json.value as Parameters<typeof jsonpath.query>[1]).values()[0] : undefined
}
