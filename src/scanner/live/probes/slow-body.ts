/** Too slow: what a few senders can do to everybody else. */
import type { Answer, ProbeRequest } from '../lab.ts'
import { faulty, sound, type Verdict } from '../probe.ts'
import { is2xx } from '../webhook/baseline.ts'
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
