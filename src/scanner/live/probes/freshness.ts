/** Signed events from another time: old enough, or early enough, that nobody honest would still send them. */
import type { Lab } from '../lab.ts'
import { notApplicable, type Verdict } from '../probe.ts'
import { mustRefuse, type WebhookProbe, type WebhookSubject } from '../webhook/subject.ts'

/** The widest window that counts as one (see the control). */
const WIDEST_SECONDS = 600
const NO_TIME = notApplicable(
  'This scheme signs no time: a captured request stays valid, and only a record of seen events helps.',
)

export const stale: WebhookProbe = {
  id: 'stale',
  follows: ['unsigned'],
  title: 'A genuine event that is too old',
  controls: ['freshness-window'],
  proves: 'Whether a captured request can be used later.',
  sends:
    'A validly signed event, never sent before, whose time is just over ten minutes (or the provider’s window) ago.',
  reads: 'Refused: sound. Accepted: the signed time is not compared with the clock.',
  limits: 'A window up to ten minutes counts as one. Schemes that sign no time are not asked.',
  examples: { faulty: 'HTTP/1.1 200', sound: 'HTTP/1.1 401' },
  run: async (subject, lab) =>
    await shifted(subject, lab, -1, 'A genuine event from over ten minutes ago', 'a captured request never expires'),
}

export const future: WebhookProbe = {
  id: 'future',
  follows: ['unsigned'],
  title: 'A genuine event from the future',
  controls: ['freshness-window'],
  proves: 'Whether the time is checked in both directions: a stamp from next year would stay fresh for a year.',
  sends: 'A validly signed event whose time is just over ten minutes (or the provider’s window) ahead.',
  reads: 'Refused: sound. Accepted: only the age is looked at.',
  limits: 'A window up to ten minutes counts as one. Schemes that sign no time are not asked.',
  examples: { faulty: 'HTTP/1.1 200', sound: 'HTTP/1.1 401' },
  run: async (subject, lab) =>
    await shifted(
      subject,
      lab,
      1,
      'A genuine event from over ten minutes ahead',
      'a stamp from the future stays fresh until then',
    ),
}

async function shifted(
  subject: WebhookSubject,
  lab: Lab,
  direction: 1 | -1,
  what: string,
  so: string,
): Promise<readonly Verdict[] | Verdict> {
  const { kit } = subject
  const { windowSeconds } = kit
  if (windowSeconds === undefined) return NO_TIME
  const seconds = Math.max(WIDEST_SECONDS, windowSeconds) + 10
  const event = kit.event()
  const request = kit.sign(event, { now: lab.now() + direction * seconds * 1_000 })
  return await mustRefuse(subject, lab, request, event, { what, so })
}
