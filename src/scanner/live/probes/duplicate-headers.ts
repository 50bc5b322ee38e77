/** The proof of an event twice, one of the two wrong: whoever reads the other one judges another request. */
import type { HeaderList } from '../../../base/model/event.ts'
import { faulty, notApplicable, sound, unclear, type Verdict } from '../probe.ts'
import { attempt, type Judged } from '../webhook/baseline.ts'
import type { WebhookProbe } from '../webhook/subject.ts'
import { separatorOf } from './signature-shape.ts'

type Header = readonly [name: string, value: string]

const ARRANGEMENTS: readonly { readonly what: string; readonly write: (wrong: Header, right: Header) => HeaderList }[] =
  [
    { what: 'before the right one', write: (wrong, right) => [wrong, right] },
    { what: 'behind the right one', write: (wrong, right) => [right, wrong] },
    // As a proxy joins them that knows no better.
    { what: 'and the right one in one header', write: ([name, wrong], [, right]) => [[name, `${wrong}, ${right}`]] },
  ]

export const duplicateHeaders: WebhookProbe = {
  id: 'duplicate-headers',
  follows: ['unsigned', 'wrong-key'],
  title: 'Headers of the proof sent twice',
  controls: ['fail-closed', 'payload-validation'],
  proves: 'Whether two values for one header are refused, or one of them is picked in silence.',
  sends: 'A genuine event with its signature header twice, the wrong one first and then last, and both in one header.',
  reads:
    'Refused: sound. Accepted: told lightly, as the request does carry a right signature, but a proxy in front may read the other one. A 5xx: faulty.',
  limits:
    'Which of two headers counts depends on the server below the application. Both in one header is not tried where the scheme provides for several signatures there.',
  examples: { faulty: 'x-signature: wrong\nx-signature: right\nHTTP/1.1 200', sound: 'HTTP/1.1 400' },
  async run({ kit, baseline }, lab) {
    const plain = kit.event()
    const last = kit.sign(plain).headers.at(-1)
    if (kit.unsigned(plain).headers.length === kit.sign(plain).headers.length || last === undefined)
      return notApplicable('The proof of this scheme does not stand in a header.')
    const judged: { readonly what: string; readonly one: Judged }[] = []
    // Some schemes provide for several signatures in one header, of which one that is right counts.
    const arrangements = separatorOf(kit) === ',' ? ARRANGEMENTS.slice(0, 2) : ARRANGEMENTS
    for (const { what, write } of arrangements) {
      const event = kit.event()
      const request = kit.sign(event)
      const [name, value] = request.headers.at(-1) ?? last
      const wrong = [name, value.replace(/[0-9a-zA-Z]$/, (letter) => (letter === '0' ? '1' : '0'))] as const
      const headers = [...request.headers.slice(0, -1), ...write(wrong, [name, value])]
      judged.push({ what, one: await attempt(baseline, lab, { ...request, headers }, event.id) })
    }
    const accepted = judged.filter(({ one }) => one.outcome === 'accepted')
    return [
      ...judged.flatMap(({ what, one }) => verdictsOf(one, `A wrong ${last[0]} ${what}`)),
      ...(accepted.length === 0
        ? []
        : [
            faulty(
              `A wrong ${last[0]} is accepted ${accepted.map(({ what }) => what).join(', ')}: one of two is picked in silence. The right one is there, so this is no forgery, unless a proxy in front reads the other one.`,
              {
                control: 'payload-validation',
                severity: 'info',
                confidence: 'medium',
                ...(accepted[0] === undefined ? {} : { seen: accepted[0].one.answer }),
              },
            ),
          ]),
    ]
  },
}

function verdictsOf({ outcome, status, answer: seen }: Judged, what: string): readonly Verdict[] {
  if (outcome === 'accepted') return []
  if (outcome === 'failed')
    return [
      faulty(`${what} makes the target answer ${status}.`, { control: 'error-disclosure', severity: 'low', seen }),
    ]
  if (outcome === 'refused') return [sound(`${what} was refused with ${status}.`, { confidence: 'medium', seen })]
  if (outcome === 'silent')
    return [sound(`${what} was answered ${status} and had no effect.`, { confidence: 'medium', seen })]
  return [unclear(`${what} was answered ${status ?? 'not at all'}.`, 'Look at the target’s log.', { seen })]
}
