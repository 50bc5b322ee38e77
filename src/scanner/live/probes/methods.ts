/** The same address by other methods, and the same method at other spellings of the address. */
import { faulty, sound, unclear, type Verdict } from '../probe.ts'
import { attempt, is2xx } from '../webhook/baseline.ts'
import { pathVariants } from '../webhook/path-variants.ts'
import type { WebhookProbe } from '../webhook/subject.ts'

const HARMLESS = ['GET', 'HEAD', 'OPTIONS', 'TRACE'] as const
const DESTRUCTIVE = ['PUT', 'PATCH', 'DELETE'] as const

export const methods: WebhookProbe = {
  id: 'methods',
  title: 'An event without a signature by other methods',
  controls: ['sender-authentication', 'error-disclosure'],
  proves: 'Whether the check hangs on the method, and whether a method shows what it should not.',
  sends:
    'The event without its signature by GET, HEAD, OPTIONS and TRACE; by PUT, PATCH and DELETE only with `destructive: true`.',
  reads: 'No effect: sound. An effect, or TRACE that repeats the request: faulty. A 5xx: faulty.',
  limits: 'That a GET is answered 200 is no fault: many receivers greet there.',
  examples: { faulty: 'TRACE: HTTP/1.1 200\n\nTRACE /hook …', sound: 'HTTP/1.1 405' },
  async run({ kit, baseline, destructive }, lab) {
    const verdicts: Verdict[] = []
    for (const method of destructive ? [...HARMLESS, ...DESTRUCTIVE] : HARMLESS) {
      const event = kit.event()
      const carries = method !== 'TRACE' && method !== 'HEAD'
      const { body: _, ...bare } = kit.unsigned(event)
      const request = { ...(carries ? kit.unsigned(event) : bare), method }
      const { answer, effects, status } = await attempt(baseline, lab, request, event.id)
      if (effects !== undefined && effects > 0)
        verdicts.push(
          faulty(`An event without a signature has its effect by ${method}.`, { severity: 'critical', seen: answer }),
        )
      else if (answer.ok && answer.status >= 500 && answer.status !== 501)
        verdicts.push(
          faulty(`${method} makes the target answer ${status}.`, { control: 'error-disclosure', severity: 'low' }),
        )
      else if (method === 'TRACE' && answer.ok && is2xx(answer.status) && answer.body.includes('TRACE'))
        verdicts.push(
          faulty('TRACE repeats the request.', { control: 'error-disclosure', severity: 'low', seen: answer }),
        )
      else if (answer.ok) verdicts.push(sound(`${method} has no effect (status ${status}).`, { confidence: 'low' }))
    }
    return verdicts
  },
}

export const routeVariants: WebhookProbe = {
  id: 'route-variants',
  title: 'An event without a signature at other spellings of the address',
  controls: ['route-normalisation'],
  proves: 'Whether guard and router read the same path.',
  sends:
    'The event without its signature with one letter in percent encoding, a doubled slash, a dot segment, a slash at the end, in capitals, and with a path parameter.',
  reads: 'Refused, or not found: sound. Accepted where the plain address refuses: faulty.',
  limits: 'Needs a plain address that refuses.',
  examples: { faulty: 'POST /%77ebhook: HTTP/1.1 200', sound: 'POST /%77ebhook: HTTP/1.1 401' },
  async run({ kit, baseline }, lab) {
    const plain = kit.event()
    const guarded = await attempt(baseline, lab, kit.unsigned(plain), plain.id)
    if (guarded.outcome !== 'refused' && guarded.outcome !== 'silent')
      return unclear(
        'The plain address does not refuse an event without a signature.',
        'Refuse events without a signature; other spellings mean something after that.',
      )
    const accepted: string[] = []
    for (const { name, target } of pathVariants(kit.sender.url)) {
      const event = kit.event()
      const { outcome } = await attempt(baseline, lab, { ...kit.unsigned(event), target }, event.id)
      if (outcome === 'accepted') accepted.push(name)
    }
    return accepted.length > 0
      ? faulty(`An event without a signature is accepted at the address with ${accepted.join(', ')}.`)
      : sound('No other spelling of the address accepts what it refuses.')
  },
}
