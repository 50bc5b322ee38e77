/** Too many, too slow: what a few senders can do to everybody else. */
import { randomInt } from 'node:crypto'
import { headerOf } from '../disclosures.ts'
import type { Answer, Lab, ProbeRequest } from '../lab.ts'
import { faulty, notApplicable, sound, unclear, type Verdict } from '../probe.ts'
import { is2xx } from '../webhook/baseline.ts'
import type { Kit } from '../webhook/kit.ts'
import type { WebhookProbe } from '../webhook/subject.ts'

const SLOW_CONNECTIONS = 20
const SLOW_PATIENCE_MS = 3_000

export const slowBody: WebhookProbe = {
  id: 'slow-body',
  title: 'Senders that stop in the middle of a body',
  controls: ['request-rate-limit'],
  proves: 'Whether a handful of slow senders keeps everybody else out, and whether they are ever sent away.',
  sends: `${SLOW_CONNECTIONS} requests that stop after half of their body, and a genuine event while they wait.`,
  reads:
    'The genuine event is accepted meanwhile: sound. It is not: faulty. With `limits.slow_seconds` also: a stopped sender that still holds its connection after that time is faulty.',
  limits:
    'A few connections show a server that serves one at a time. Time-outs of servers lie between seconds and minutes, so which one is too long is yours to say.',
  examples: { faulty: 'the genuine event: no answer', sound: 'the genuine event: HTTP/1.1 200' },
  alone: true,
  async run({ kit, limits }, lab) {
    const patience = limits.slow_seconds === undefined ? SLOW_PATIENCE_MS : limits.slow_seconds * 1_000
    const half = (request: ProbeRequest): ProbeRequest => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      return {
        ...request,
        headers: [...request.headers, ['Content-Length', String(body.length)]],
        body: body.subarray(0, body.length >> 1),
        ending: 'hold',
        timeoutMs: patience + 500,
      }
    }
    const slow = Array.from({ length: SLOW_CONNECTIONS }, () => half(kit.sign(kit.event())))
    const waiting = lab.sendTogether(slow)
    // They have connected and stopped when this is over.
    await lab.wait(200)
    const answer = await lab.send({ ...kit.sign(kit.event()), timeoutMs: SLOW_PATIENCE_MS })
    const settled = await waiting
    const held = settled.filter((one) => !one.ok && one.outcome === 'timeout')
    return [served(answer, held.length === 0), ...(limits.slow_seconds === undefined ? [] : [sentAway(held)])]
  },
}

function served(answer: Answer, allEnded: boolean): Verdict {
  if (!answer.ok || !is2xx(answer.status))
    return faulty(`While ${SLOW_CONNECTIONS} senders stop in the middle, a genuine event is not answered.`, {
      confidence: 'medium',
      seen: answer,
    })
  return sound(
    allEnded
      ? 'Senders that stop in the middle are sent away, and a genuine event is accepted meanwhile.'
      : 'A genuine event is accepted while others stop in the middle of theirs.',
    { confidence: 'medium' },
  )
}

function sentAway([held]: readonly Answer[]): Verdict {
  return held === undefined
    ? sound('Who stops in the middle of a body is sent away within the time that the plan allows.')
    : faulty('Who stops in the middle of a body still holds the connection after the time that the plan allows.', {
        seen: held,
      })
}

/** At one moment; more would be a matter of this machine's sockets. */
const AT_ONCE = 50
/** How long a limit is waited for afterwards, so that it does not answer the next probe. */
const RECOVERY_MS = 30_000

export const burst: WebhookProbe = {
  id: 'burst',
  title: 'More requests at once than anybody sends',
  controls: ['request-rate-limit'],
  proves:
    'Whether requests are limited before they cost anything, and whether the sender can choose who he seems to be.',
  sends:
    'As many unsigned events as the plan says (`limits.burst`), as fast as they go; where that is limited, as many with an X-Forwarded-For of their own each. Then genuine events until one is accepted again.',
  reads: 'A 429, or a 503 with Retry-After: sound. None: faulty. A limit that the forged header lifts: faulty.',
  limits: 'Only when the plan names a number (limits.burst). A limit above it is not seen, nor one per day.',
  examples: { faulty: '500 times: HTTP/1.1 401', sound: 'the 101st: HTTP/1.1 429\nretry-after: 10' },
  alone: true,
  async run({ kit, limits }, lab) {
    const count = limits.burst
    if (count === undefined)
      return notApplicable('The plan does not say how many requests are too many (limits.burst).')
    const plain = await sendMany(lab, kit, count, () => [])
    const limited = plain.find(isLimit)
    if (limited === undefined) {
      const broken = plain.find((answer) => !answer.ok || answer.status >= 500)
      return broken === undefined
        ? faulty(`None of ${count} unsigned requests was refused for being too many.`, {
            confidence: 'medium',
            ...seenOf(plain[0]),
          })
        : unclear(
            `Of ${count} unsigned requests some got no proper answer, and none a 429.`,
            'Look at the target’s log.',
            seenOf(broken),
          )
    }
    const verdicts: Verdict[] = [
      headerOf(limited, 'retry-after') === undefined
        ? sound('Too many requests are refused with 429; when to come again is not said.', { seen: limited })
        : sound('Too many requests are refused, and the answer says when to come again.', { seen: limited }),
    ]
    const disguised = await sendMany(lab, kit, count, () => [['X-Forwarded-For', address()]])
    if (!disguised.some(isLimit))
      verdicts.push(
        faulty(
          'A forged X-Forwarded-For lifts the limit: the sender chooses who he is counted as.',
          seenOf(disguised[0]),
        ),
      )
    return (await recovered(lab, kit))
      ? verdicts
      : [
          ...verdicts,
          unclear('Genuine events are still refused half a minute after the burst.', 'Run it without limits.burst.'),
        ]
  },
}

async function sendMany(
  lab: Lab,
  kit: Kit,
  count: number,
  headers: () => ProbeRequest['headers'],
): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  while (answers.length < count) {
    const requests = Array.from({ length: Math.min(AT_ONCE, count - answers.length) }, () => {
      const request = kit.unsigned(kit.event())
      return { ...request, headers: [...headers(), ...request.headers] }
    })
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

async function recovered(lab: Lab, kit: Kit): Promise<boolean> {
  for (let waited = 0; waited <= RECOVERY_MS; waited += 1_000) {
    const answer = await lab.send(kit.sign(kit.event()))
    if (answer.ok && is2xx(answer.status)) return true
    await lab.wait(1_000)
  }
  return false
}

/** Of a range for documentation: nobody's. */
function address(): string {
  return `198.51.100.${randomInt(1, 255)}`
}
