/** What the probes of ordinary operations are run against. */
import type { Identity } from '../identity.ts'
import type { Answer, Lab, ProbeRequest } from '../lab.ts'
import type { LiveLimits, RestTarget } from '../plan.ts'
import type { Probe } from '../probe.ts'
import { is2xx } from '../webhook/baseline.ts'
import { bodyShape, isAlike, type Shape } from '../webhook/shape.ts'

export interface RestSubject {
  readonly operation: RestTarget['operations'][number]
  readonly url: string
  readonly limits: LiveLimits
  readonly owner: Identity | undefined
  readonly others: readonly Identity[]
  /** What the owner, or anybody, gets. */
  readonly accepted: { readonly answer: Extract<Answer, { ok: true }>; readonly shape: Shape }
}

export type RestProbe = Probe<RestSubject>

export function requestOf(
  { operation, url }: Pick<RestSubject, 'operation' | 'url'>,
  identity: Identity | undefined,
  more: Partial<ProbeRequest> = {},
): ProbeRequest {
  const { method, body, content_type = 'application/json' } = operation
  return {
    method,
    url,
    headers: [...(body === undefined ? [] : [['Content-Type', content_type] as const]), ...(identity?.headers ?? [])],
    ...(body === undefined ? {} : { body: Buffer.from(body) }),
    ...more,
  }
}

/** Answered with what the owner gets, and not merely with a page of the same status. */
export function givesTheSame({ accepted }: RestSubject, answer: Answer): boolean {
  return answer.ok && is2xx(answer.status) && isAlike(bodyShape(answer), accepted.shape)
}

export async function askAs(
  subject: RestSubject,
  lab: Lab,
  identity: Identity | undefined,
  more?: Partial<ProbeRequest>,
): Promise<Answer> {
  return await lab.send(requestOf(subject, identity, more))
}
