/** More requests at once than anybody sends: whether they are limited, and by what the sender cannot choose. */
import { randomInt } from 'node:crypto'
import { headerOf } from '../disclosures.ts'
import type { Answer, Lab, ProbeRequest } from '../lab.ts'
import type { LiveLimits } from '../plan.ts'
import { faulty, notApplicable, sound, unclear, type Verdict } from '../probe.ts'
import { givesTheSame, type RestProbe, requestOf } from '../rest/subject.ts'
import { is2xx } from '../webhook/baseline.ts'
import type { WebhookProbe } from '../webhook/subject.ts'

/** At one moment; more would be a matter of this machine's sockets. */
const AT_ONCE = 50
/** How long a limit is waited for afterwards, so that it does not answer the next probe. */
const RECOVERY_MS = 30_000

const PROVES =
  'Whether requests are limited before they cost anything, and whether the sender can choose who he seems to be.'
const READS = 'A 429, or a 503 with Retry-After: sound. None: faulty. A limit that the forged header lifts: faulty.'
const LIMITS =
  'Only when the plan names a number (limits.burst) and has twice as many requests left (limits.requests). A limit above it is not seen, nor one per day.'

export const burst: WebhookProbe = {
  id: 'burst',
  title: 'More requests at once than anybody sends',
  controls: ['request-rate-limit'],
  proves: PROVES,
  sends:
    'As many unsigned events as the plan says (`limits.burst`), as fast as they go; where that is limited, as many with an X-Forwarded-For of their own each. Then genuine events until one is accepted again.',
  reads: READS,
  limits: LIMITS,
  examples: { faulty: '500 times: HTTP/1.1 401', sound: 'the 101st: HTTP/1.1 429\nretry-after: 10' },
  alone: true,
  run: async ({ kit, limits }, lab) =>
    await judgeBurst(lab, limits, {
      what: 'unsigned requests',
      request: () => kit.unsigned(kit.event()),
      ordinary: () => kit.sign(kit.event()),
      isOrdinary: (answer) => answer.ok && is2xx(answer.status),
    }),
}

export const restBurst: RestProbe = {
  id: 'rest-burst',
  title: 'An operation asked for more often than anybody asks',
  controls: ['request-rate-limit'],
  proves: PROVES,
  sends:
    'The owner’s request as often as the plan says (`limits.burst`), as fast as it goes; where that is limited, as often with an X-Forwarded-For of its own each. Then once a second until it is answered again.',
  reads: READS,
  limits: `${LIMITS} What the operation does it does that often.`,
  examples: { faulty: '500 times: HTTP/1.1 200', sound: 'the 101st: HTTP/1.1 429\nretry-after: 10' },
  alone: true,
  run: async (subject, lab) =>
    await judgeBurst(lab, subject.limits, {
      what: 'requests',
      request: () => requestOf(subject, subject.owner),
      ordinary: () => requestOf(subject, subject.owner),
      isOrdinary: (answer) => givesTheSame(subject, answer),
    }),
}

interface Flood {
  /** What is sent so often, in words. */
  readonly what: string
  request(): ProbeRequest
  /** What must be possible again afterwards, and whether this answer says so. */
  ordinary(): ProbeRequest
  isOrdinary(answer: Answer): boolean
}

async function judgeBurst(lab: Lab, { burst: count }: LiveLimits, flood: Flood): Promise<Verdict | readonly Verdict[]> {
  if (count === undefined) return notApplicable('The plan does not say how many requests are too many (limits.burst).')
  // A run whose budget is used up is not whole: what is too much for it is not begun.
  if (lab.budget.requestsLeft < 2 * count)
    return unclear(
      `A burst of ${count} requests, sent twice, is more than the run may still send.`,
      'Raise limits.requests, or lower limits.burst.',
    )
  const plain = await sendMany(lab, count, flood.request)
  const limited = plain.find(isLimit)
  if (limited === undefined) {
    const broken = plain.find((answer) => !answer.ok || answer.status >= 500)
    return broken === undefined
      ? faulty(`None of ${count} ${flood.what} was refused for being too many.`, {
          confidence: 'medium',
          ...seenOf(plain[0]),
        })
      : unclear(
          `Of ${count} ${flood.what} some got no proper answer, and none a 429.`,
          'Look at the target’s log.',
          seenOf(broken),
        )
  }
  const verdicts: Verdict[] = [
    headerOf(limited, 'retry-after') === undefined
      ? sound('Too many requests are refused with 429; when to come again is not said.', { seen: limited })
      : sound('Too many requests are refused, and the answer says when to come again.', { seen: limited }),
  ]
  const disguised = await sendMany(lab, count, () => withForgedSender(flood.request()))
  if (!disguised.some(isLimit))
    verdicts.push(
      faulty(
        'A forged X-Forwarded-For lifts the limit: the sender chooses who he is counted as.',
        seenOf(disguised[0]),
      ),
    )
  if (!(await recovered(lab, flood)))
    verdicts.push(
      unclear('Ordinary requests are still refused half a minute after the burst.', 'Run it without limits.burst.'),
    )
  return verdicts
}

async function sendMany(lab: Lab, count: number, request: () => ProbeRequest): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  while (answers.length < count) {
    const requests = Array.from({ length: Math.min(AT_ONCE, count - answers.length) }, request)
    answers.push(...(await lab.sendTogether(requests)))
  }
  return answers
}

function isLimit(answer: Answer): answer is Extract<Answer, { ok: true }> {
  return (
    answer.ok && (answer.status === 429 || (answer.status === 503 && headerOf(answer, 'retry-after') !== undefined))
  )
}

function seenOf(answer: Answer | undefined): Partial<Verdict> {
  return answer === undefined ? {} : { seen: answer }
}

async function recovered(lab: Lab, flood: Flood): Promise<boolean> {
  for (let waited = 0; waited <= RECOVERY_MS; waited += 1_000) {
    if (flood.isOrdinary(await lab.send(flood.ordinary()))) return true
    await lab.wait(1_000)
  }
  return false
}

/** Of a range for documentation: nobody's. */
function withForgedSender(request: ProbeRequest): ProbeRequest {
  const address = `198.51.100.${randomInt(1, 255)}`
  return { ...request, headers: [['X-Forwarded-For', address], ...request.headers] }
}
