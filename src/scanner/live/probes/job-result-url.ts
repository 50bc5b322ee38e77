/** The address of a result: used again, changed, by others, and after its end. */
import type { ControlId } from '../../../catalogue/catalogue.ts'
import type { Identity } from '../identity.ts'
import { gives, type Issued, issueAddress, openAddress } from '../job/issued-address.ts'
import type { JobProbe, JobSubject } from '../job/subject.ts'
import type { Answer, Lab } from '../lab.ts'
import { faulty, notApplicable, sound, unclear, type Verdict } from '../probe.ts'
import { NAMES, verdictOf, who } from './job.ts'
import { afterwards } from './job-ends.ts'

const NO_PLACE = notApplicable('The plan names no issued address (result.url).')
const NOT_OPENED = unclear('The issued address did not work the first time.', 'Check result.url, and what it asks for.')

export const jobResultUrl: JobProbe = {
  id: 'job-result-url',
  title: 'The address of a result, used again, changed, and by others',
  controls: ['result-url-single-use', 'job-result-authorization'],
  proves: 'Whether an issued address works a second time, when it was changed, and for whom besides its owner.',
  sends:
    'Jobs of the owner; their addresses opened without a credential and, where that is not enough, with the owner’s; again; with one character changed; by each other identity.',
  reads:
    'Refused the second time, when changed, and to others: sound. An address that needs no credential is by its nature for whoever has it, unless the plan says `owner_only`.',
  limits: 'Where the address stands must be in the plan (result.url).',
  examples: { faulty: '2nd: HTTP/1.1 200', sound: '2nd: HTTP/1.1 403' },
  async run(subject, lab) {
    const { target, owner, others } = subject
    const place = target.result?.url
    if (place === undefined) return NO_PLACE
    const issued = await issueAddress(subject, lab, place)
    if (typeof issued === 'string') return unclear(issued, `Check result.url (${place}).`)
    const carrier = await carrierOf(issued, owner, lab)
    if (carrier === undefined) return NOT_OPENED
    const open = async (url: string) => await openAddress(lab, url, carrier.identity)
    const verdicts = [
      refusal(await open(issued.url), 'An issued address that is used again', 'result-url-single-use', 'low'),
      refusal(
        await open(oneCharacterOff(issued.url)),
        'An issued address with one character changed',
        'job-result-authorization',
        'high',
      ),
    ]
    if (carrier.identity === undefined) return [...verdicts, ...ofAnybody(target.result?.owner_only, carrier.answer)]
    for (const other of others) verdicts.push(await shared(subject, lab, place, other))
    return verdicts
  },
}

export const jobResultExpiry: JobProbe = {
  id: 'job-result-expiry',
  title: 'The address of a result after its end',
  controls: ['result-url-ttl'],
  proves: 'Whether an issued address stops working when it is said to.',
  sends:
    'A job of the owner; its address, not used before, after the time that it states; then a new one, to see that those still work.',
  reads:
    'Refused after its end while a new one works: sound. Given: faulty, and so is a stated life of more than an hour.',
  limits:
    'Waits for as long as `wait_seconds` and the time of the run allow, or moves the target’s clock (`clock`); otherwise says that the end was not seen.',
  examples: { faulty: 'after expires_in seconds: HTTP/1.1 200', sound: 'HTTP/1.1 410' },
  alone: true,
  async run(subject, lab) {
    const { target, owner } = subject
    const place = target.result?.url
    if (place === undefined) return NO_PLACE
    const issued = await issueAddress(subject, lab, place)
    if (typeof issued === 'string') return unclear(issued, `Check result.url (${place}).`)
    const { life } = issued
    if (life === undefined) return unclear('The issued address does not say how long it lives.', SAY_HOW_LONG)
    const stated =
      life > LONGEST_SECONDS
        ? faulty('The issued address says that it lives longer than an hour.')
        : sound('The issued address says that it lives an hour at most.', { confidence: 'medium' })
    const unseen = await afterwards(subject, lab, life)
    if (unseen !== undefined)
      return [stated, unclear(`The end of the issued address was not seen: ${unseen}.`, GIVE_TIME)]
    const late = [await openAddress(lab, issued.url, undefined), await openAddress(lab, issued.url, owner)]
    const given = late.find(gives)
    if (given !== undefined && !lab.dry)
      return [stated, faulty('The issued address works after the end that it states.', { seen: given })]
    const fresh = await issueAddress(subject, lab, place)
    const works = typeof fresh !== 'string' && (await carrierOf(fresh, owner, lab)) !== undefined
    const more = { ...(late[1] === undefined ? {} : { seen: late[1] }) }
    return [
      stated,
      works
        ? sound('The issued address is refused after its end, and a new one works.', more)
        : unclear('After its end the issued address is refused, and so is a new one.', 'Check the plan.', more),
    ]
  },
}

const LONGEST_SECONDS = 3_600
const SAY_HOW_LONG = 'Say where its life stands (result.expires), or show it in code or a manifest.'
const GIVE_TIME = 'Raise limits.wait_seconds and limits.seconds, or say how the target’s clock is moved (clock).'

interface Carrier {
  /** `undefined`: the address alone is enough. */
  readonly identity: Identity | undefined
  readonly answer: Answer
}

/** Without a credential first; the owner only where that does not do. */
async function carrierOf({ url }: Issued, owner: Identity, lab: Lab): Promise<Carrier | undefined> {
  for (const identity of [undefined, owner]) {
    const answer = await openAddress(lab, url, identity)
    if (gives(answer)) return { identity, answer }
  }
  return undefined
}

function ofAnybody(ownerOnly: boolean | undefined, seen: Answer): readonly Verdict[] {
  return ownerOnly === true
    ? [
        faulty('The issued address gives the result to whoever has it, without a credential.', {
          control: 'job-result-authorization',
          severity: 'high',
          seen,
        }),
      ]
    : []
}

async function shared(subject: JobSubject, lab: Lab, place: string, other: Identity): Promise<Verdict> {
  const control = 'job-result-authorization' as const
  const issued = await issueAddress(subject, lab, place)
  if (typeof issued === 'string') return unclear(issued, 'Run the probe again.', { control })
  const kind = who(subject.owner, other)
  const answer = await openAddress(lab, issued.url, other)
  const verdict = { ...verdictOf(answer, gives(answer), kind, 'what the owner’s address leads to'), control }
  if (verdict.standing !== 'sound') return verdict
  const own = await openAddress(lab, issued.url, subject.owner)
  return gives(own)
    ? verdict
    : unclear(`${NAMES[kind]} is refused at the address, and then so is its owner.`, 'Check the plan.', {
        control,
        seen: own,
      })
}

function refusal(answer: Answer, what: string, control: ControlId, severity: 'low' | 'high'): Verdict {
  if (!answer.ok) return unclear(`${what} got no answer.`, 'Run the probe again.', { control, seen: answer })
  return gives(answer)
    ? faulty(`${what} works.`, { control, severity, seen: answer })
    : sound(`${what} is refused with ${answer.status}.`, { control, seen: answer })
}

function oneCharacterOff(url: string): string {
  return url.slice(0, -1) + (url.endsWith('x') ? 'y' : 'x')
}
