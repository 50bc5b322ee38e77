/** A job through its life, asked about by its owner, by others, and by nobody. */
import { editJson } from '../../../providers/sign-body.ts'
import { type Identity, isForeign } from '../identity.ts'
import {
  ask,
  awaitDone,
  createJob,
  createRequest,
  type JobProbe,
  type JobSubject,
  type Manner,
} from '../job/subject.ts'
import type { Answer, Lab } from '../lab.ts'
import { faulty, notApplicable, sound, unclear, type Verdict } from '../probe.ts'
import { is2xx } from '../webhook/baseline.ts'
import { bodyShape, isAlike } from '../webhook/shape.ts'

export const jobCreate: JobProbe = {
  id: 'job-create',
  title: 'A job created without a credential',
  controls: ['job-create-authorization'],
  proves: 'Whether strangers can start work.',
  sends: 'The request that creates a job, without a credential.',
  reads: 'Refused: sound. Accepted: faulty.',
  limits: 'Whether each role may create is not asked.',
  examples: { faulty: 'HTTP/1.1 202\n\n{"id":"job-1"}', sound: 'HTTP/1.1 401' },
  async run({ target }, lab) {
    const answer = await lab.send(createRequest(target, undefined))
    if (!answer.ok) return unclear(`It got no answer (${answer.outcome}).`, 'Run the probe again.', { seen: answer })
    return is2xx(answer.status)
      ? faulty('A job is created without a credential.', { seen: answer })
      : sound(`Creating a job without a credential is refused with ${answer.status}.`, { seen: answer })
  },
}

export const jobStatus: JobProbe = {
  id: 'job-status',
  title: 'The status of a job, asked for by others',
  controls: ['job-status-authorization', 'job-owner-binding'],
  proves: 'Whether a job tells everybody who knows its id how it stands, and where its result is.',
  sends: 'The owner creates a job; each other identity, and nobody, ask for its status.',
  reads: 'Refused or not found: sound. What the owner is told: faulty, and critical across tenants.',
  limits: 'Needs two identities.',
  examples: { faulty: 'bob: GET /exports/job-1\nHTTP/1.1 200', sound: 'HTTP/1.1 404' },
  async run(subject, lab) {
    const same = (answer: Answer) =>
      answer.ok && is2xx(answer.status) && isAlike(bodyShape(answer), subject.statusShape)
    const verdicts = await matrix(subject, lab, subject.target.status.path, 'the status of a job', same)
    return [...verdicts, ...verdicts.map((verdict) => ({ ...verdict, control: 'job-owner-binding' as const }))]
  },
}

export const jobResult: JobProbe = {
  id: 'job-result',
  title: 'The result of a job, asked for by others',
  controls: ['job-result-authorization'],
  proves: 'Whether a result is given to whoever knows the id of its job.',
  sends: 'The owner creates a job and waits for it; each other identity, and nobody, ask for its result.',
  reads: 'Refused or not found: sound. A 2xx where the owner gets one: faulty, and critical across tenants.',
  limits: 'Needs two identities and the path of results (result.path).',
  examples: { faulty: 'bob: GET /exports/job-1/result\nHTTP/1.1 200', sound: 'HTTP/1.1 404' },
  async run(subject, lab) {
    const path = subject.target.result?.path
    if (path === undefined) return notApplicable('The plan names no path of results (result.path).')
    return await matrix(subject, lab, path, 'the result of a job', (answer) => answer.ok && is2xx(answer.status))
  },
}

export const jobCancel: JobProbe = {
  id: 'job-cancel',
  title: 'A job cancelled by others',
  controls: ['job-cancel-authorization'],
  proves: 'Whether one user can stop the work of another.',
  sends: 'The owner creates a job; each other identity, and nobody, try to cancel it. Only with `destructive: true`.',
  reads: 'Refused or not found: sound. A 2xx: faulty.',
  limits: 'A target that answers 200 and goes on with the job is taken for faulty.',
  examples: { faulty: 'bob: POST /exports/job-1/cancel\nHTTP/1.1 200', sound: 'HTTP/1.1 404' },
  async run(subject, lab) {
    const { cancel } = subject.target
    if (cancel === undefined) return notApplicable('The plan names no way to cancel (cancel).')
    if (!subject.destructive) return notApplicable('Cancelling is only tried with destructive: true.')
    const done = (answer: Answer) => answer.ok && is2xx(answer.status)
    return await matrix(subject, lab, cancel.path, 'cancelling a job', done, cancel)
  },
}

export const jobCallback: JobProbe = {
  id: 'job-callback',
  title: 'A job that is to call an address of our listener',
  controls: ['callback-target-authorization'],
  proves: 'Whether a client can make the server call any address, inside as well.',
  sends: 'The owner creates a job whose callback field holds an address of our listener.',
  reads: 'Refused, or no call at the listener: sound. A call: faulty.',
  limits: 'Needs the place of the field (callback_field), and a listener that the target can reach.',
  examples: { faulty: 'POST /8f2c… at the listener', sound: 'HTTP/1.1 422' },
  async run(subject, lab) {
    const { target, owner, lateMs } = subject
    if (target.callback_field === undefined) return notApplicable('The plan names no callback field (callback_field).')
    if (lab.listener === undefined) return unclear('Nobody listened.', 'Give --callback-base.')
    const trap = lab.listener.trap()
    const body = editJson(Buffer.from(target.create.body ?? '{}'), target.callback_field, trap.url).toString()
    const answer = await lab.send(createRequest(target, owner, body))
    if (answer.ok && answer.status >= 400)
      return sound(`An address that nobody registered is refused with ${answer.status}.`)
    for (let waited = 0; waited < lateMs && trap.hits().length === 0; waited += 50) await lab.wait(50)
    const called = () =>
      trap.hits().length > 0 ? faulty('The server calls whatever address a client names.', { seen: answer }) : undefined
    return called() ?? sound('The address that a client named was not called.', { confidence: 'medium', late: called })
  },
}

export const jobCallbackOwner: JobProbe = {
  id: 'job-callback-owner',
  title: 'The callback of a job set by others',
  controls: ['callback-target-authorization'],
  proves: 'Whether one user can have the result of another sent somewhere else.',
  sends: 'The owner creates a job; each other identity, and nobody, set its callback. Only with `destructive: true`.',
  reads: 'Refused or not found, while the owner may: sound. A 2xx: faulty.',
  limits: 'Needs the way to set it (callback), with an address that the target allows.',
  examples: { faulty: 'bob: PUT /exports/job-1/callback\nHTTP/1.1 200', sound: 'HTTP/1.1 404' },
  async run(subject, lab) {
    const { callback } = subject.target
    if (callback === undefined) return notApplicable('The plan names no way to set a callback (callback).')
    if (!subject.destructive) return notApplicable('A callback is only set with destructive: true.')
    const done = (answer: Answer) => answer.ok && is2xx(answer.status)
    return await matrix(subject, lab, callback.path, 'to set the callback of a job', done, callback)
  },
}

/** Nobody, each other user, and last the owner, who must still be served: else a refusal says nothing. */
async function matrix(
  subject: JobSubject,
  lab: Lab,
  path: string,
  what: string,
  gets: (answer: Answer) => boolean,
  manner: Manner = {},
): Promise<readonly Verdict[]> {
  const { owner, others } = subject
  const created = await createJob(subject, lab)
  if (!created.ok) return [unclear(`No job: ${created.reason}.`, 'Run the probe again.')]
  await awaitDone(subject, lab, created.id)
  const verdicts: Verdict[] = []
  for (const other of [undefined, ...others]) {
    const answer = await ask(subject, lab, path, created.id, other, manner)
    verdicts.push(verdictOf(answer, gets(answer), who(owner, other), what))
  }
  const own = await ask(subject, lab, path, created.id, owner, manner)
  if (lab.dry || gets(own)) return verdicts
  return verdicts.some(({ standing }) => standing === 'faulty')
    ? verdicts
    : [unclear(`The owner does not get ${what} either.`, 'Check the path in the plan.', { seen: own })]
}

export function who(owner: Identity, other: Identity | undefined): keyof typeof NAMES {
  if (other === undefined) return 'nobody'
  return isForeign(owner, other) ? 'foreign' : 'other'
}

export const NAMES = {
  nobody: 'Somebody without a credential',
  foreign: 'Somebody of another tenant',
  other: 'Another user',
} as const

export function verdictOf(answer: Answer, got: boolean, kind: keyof typeof NAMES, what: string): Verdict {
  const name = NAMES[kind]
  if (!answer.ok) return unclear(`${name} got no answer (${answer.outcome}).`, 'Run the probe again.', { seen: answer })
  if (got) return faulty(`${name} gets ${what}.`, { severity: kind === 'other' ? 'high' : 'critical', seen: answer })
  return sound(`${name} is refused ${what} with ${answer.status}.`, { seen: answer })
}
