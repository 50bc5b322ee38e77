/** Genuine events of a type that the target cannot know. */
import { faulty, notApplicable, sound, unclear, type Verdict } from '../probe.ts'
import { attempt, type Judged } from '../webhook/baseline.ts'
import { NEEDS_ORACLE, type WebhookProbe } from '../webhook/subject.ts'

const TYPE = 'postern.unknown_type'

export const unknownEventType: WebhookProbe = {
  id: 'unknown-event-type',
  title: 'A genuine event of an unknown type',
  controls: ['event-allowlist'],
  proves: 'Whether the receiver acts on types it was never written for.',
  sends: `A validly signed event whose type is ${TYPE}.`,
  reads: 'No effect, or a refusal: sound. An effect: faulty. Without an oracle an accepted one says nothing.',
  limits:
    'A receiver that stores everything and acts later has its effect where the oracle does not look, or looks too early.',
  examples: { faulty: 'HTTP/1.1 200 · 1 effect', sound: 'HTTP/1.1 200 · no effect' },
  async run({ kit, baseline }, lab) {
    const event = kit.event({ type: TYPE })
    const request = kit.sign(event)
    const named = event.body.includes(TYPE) || request.headers.some(([, value]) => value === TYPE)
    if (!named) return notApplicable('The type of an event is not known here (event.type_at).')
    const judged = await attempt(baseline, lab, request, event.id)
    return { ...typeVerdict(judged), seen: judged.answer }
  },
}

function typeVerdict({ outcome, status, effects }: Judged): Verdict {
  if (effects !== undefined && effects > 0) return faulty('An event of an unknown type has its effect.')
  if (outcome === 'refused') return sound(`An event of an unknown type was refused with ${status}.`)
  if (outcome === 'silent') return sound('An event of an unknown type was acknowledged and had no effect.')
  if (outcome === 'failed')
    return faulty(`An event of an unknown type makes the target answer ${status}.`, { confidence: 'medium' })
  return unclear(`An event of an unknown type was answered ${status ?? 'not at all'}.`, NEEDS_ORACLE)
}
