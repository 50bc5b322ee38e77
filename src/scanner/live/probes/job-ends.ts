/** What ends a job’s reach: the role of who made it, and its time. */
import { gives, issueAddress, openAddress } from '../job/issued-address.ts'
import { ask, awaitDone, createJob, type JobProbe, type JobSubject } from '../job/subject.ts'
import type { Answer, Lab } from '../lab.ts'
import { faulty, notApplicable, sound, unclear, type Verdict } from '../probe.ts'

export const jobRoleChange: JobProbe = {
  id: 'job-role-change',
  title: 'A job whose maker has lost the right to it',
  controls: ['result-revocation'],
  proves: 'Whether status, result and issued address are still given to somebody whose role was taken away meanwhile.',
  sends:
    'A job of the identity that the plan names; then the step that takes its role; its status, result and address; the step that gives the role back.',
  reads: 'Refused: sound. A result or address that still works: faulty; only the status: lightly.',
  limits:
    'Needs a way to take the role (role_change). A run that is cut off in between cannot give it back by a request, only by a command.',
  examples: { faulty: 'role taken: GET /exports/job-1/result\nHTTP/1.1 200', sound: 'HTTP/1.1 403' },
  alone: true,
  async run(subject, lab) {
    const { roleChange, target } = subject
    if (roleChange === undefined) return notApplicable('The plan does not say how somebody loses a role (role_change).')
    const { identity, take, give } = roleChange
    const member = { ...subject, owner: identity }
    const created = await createJob(member, lab)
    if (!created.ok) return unclear(`No job of ${identity.name}: ${created.reason}.`, 'Check role_change.identity.')
    await awaitDone(member, lab, created.id)
    const place = target.result?.url
    const issued = place === undefined ? undefined : await issueAddress(member, lab, place)
    const url = typeof issued === 'object' ? issued.url : undefined
    const questions = questionsOf(member, lab, created.id, url)
    // The address may work only once: it is tried when it must not work.
    for (const { name, put } of questions.filter((question) => question.name !== ADDRESS))
      if (!gives(await put())) return unclear(`${name} was refused before the role was taken.`, 'Check the plan.')
    const failed = await take.run(lab)
    if (failed !== undefined) return unclear(`The role could not be taken: ${failed}.`, 'Check role_change.take.')
    const verdicts: Verdict[] = []
    let unreturned: string | undefined
    try {
      for (const { name, put } of questions) verdicts.push(withdrawn(await put(), name))
    } finally {
      unreturned = await give.run(lab)
    }
    return unreturned === undefined
      ? verdicts
      : [
          ...verdicts,
          unclear(`The role could not be given back: ${unreturned}.`, 'Give it back, and check role_change.give.'),
        ]
  },
}

const STATUS = 'The status of the job'
const ADDRESS = 'The issued address'

function questionsOf(member: JobSubject, lab: Lab, id: string, url: string | undefined) {
  const { target, owner } = member
  const { path } = target.result ?? {}
  const asked = (name: string, where: string) => ({ name, put: async () => await ask(member, lab, where, id, owner) })
  return [
    asked(STATUS, target.status.path),
    ...(path === undefined ? [] : [asked('The result of the job', path)]),
    ...(url === undefined ? [] : [{ name: ADDRESS, put: async () => await openAddress(lab, url, owner) }]),
  ]
}

function withdrawn(answer: Answer, name: string): Verdict {
  if (!answer.ok)
    return unclear(`${name} was not answered when the role was gone.`, 'Run the probe again.', { seen: answer })
  return gives(answer)
    ? faulty(`${name} is given to somebody whose role was taken away.`, {
        ...(name === STATUS ? { severity: 'low' as const } : {}),
        seen: answer,
      })
    : sound(`${name} is refused with ${answer.status} when the role is gone.`, { seen: answer })
}

export const jobKept: JobProbe = {
  id: 'job-kept',
  title: 'A finished job after the time it is kept',
  controls: ['job-ttl'],
  proves: 'Whether a finished job is gone when it is said to be.',
  sends: 'A job of the owner; its status after `kept_seconds`, and that of a new job.',
  reads: 'Not found while a new one is: sound. Still there: faulty.',
  limits: 'The plan must say how long jobs are kept (kept_seconds); waits or moves the clock like job-result-expiry.',
  examples: { faulty: 'after kept_seconds: HTTP/1.1 200', sound: 'HTTP/1.1 404' },
  alone: true,
  async run(subject, lab) {
    const { target, owner } = subject
    const seconds = target.kept_seconds
    if (seconds === undefined) return notApplicable('The plan does not say how long jobs are kept (kept_seconds).')
    const created = await createJob(subject, lab)
    if (!created.ok) return unclear(`No job: ${created.reason}.`, 'Run the probe again.')
    await awaitDone(subject, lab, created.id)
    const unseen = await afterwards(subject, lab, seconds)
    if (unseen !== undefined)
      return unclear(
        `The end of the job was not seen: ${unseen}.`,
        'Raise limits.wait_seconds and limits.seconds, or give clock.',
      )
    const late = await ask(subject, lab, target.status.path, created.id, owner)
    if (gives(late) && !lab.dry)
      return faulty('A finished job is still there after the time it is kept.', { seen: late })
    const next = await createJob(subject, lab)
    const fresh = next.ok ? await ask(subject, lab, target.status.path, next.id, owner) : undefined
    return fresh !== undefined && gives(fresh)
      ? sound('A finished job is gone after the time it is kept, and a new one is there.', { seen: late })
      : unclear('After that time the job is refused, and so is a new one.', 'Check the plan.', { seen: late })
  },
}

/** A clock that is a little behind must not be taken for a fault. */
const GRACE_SECONDS = 0.5
/** For what is still to be asked. */
const RESERVE_SECONDS = 5

/** Lets that much time pass, or moves the target's clock. @returns Why it did not, in words. */
export async function afterwards(
  { clock, waitSeconds }: Pick<JobSubject, 'clock' | 'waitSeconds'>,
  lab: Lab,
  seconds: number,
): Promise<string | undefined> {
  const enough = seconds + GRACE_SECONDS
  if (clock !== undefined) {
    const failed = await clock.run(lab, Math.ceil(enough))
    return failed === undefined ? undefined : `the clock could not be moved (${failed})`
  }
  if (enough > Math.min(waitSeconds, lab.budget.secondsLeft - RESERVE_SECONDS))
    return `it comes after ${Math.round(seconds)} seconds, and this run does not wait so long`
  await lab.wait(enough * 1_000)
  return undefined
}
