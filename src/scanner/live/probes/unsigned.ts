/** Events without proof of their sender: unsigned, and with one of the signed headers left out. */
import type { ProbeRequest } from '../lab.ts'
import { notApplicable, type Verdict } from '../probe.ts'
import { attempt } from '../webhook/baseline.ts'
import { mustRefuse, refusalVerdict, type WebhookProbe } from '../webhook/subject.ts'

export const unsigned: WebhookProbe = {
  id: 'unsigned',
  title: 'An event without a signature',
  controls: ['sender-authentication', 'fail-closed'],
  proves: 'Whether anybody who knows the address can make events up.',
  sends: 'A well-formed event, exactly like the accepted one, with the signature, token or credentials left out.',
  reads: 'Refused, or acknowledged without an effect: sound. Accepted like the genuine event, or an effect: faulty.',
  limits: 'A target that answers 200 to everything can only be judged with an oracle.',
  examples: { faulty: 'HTTP/1.1 200\n\n{"received":true}', sound: 'HTTP/1.1 401' },
  async run(subject, lab) {
    const { kit } = subject
    const event = kit.event()
    const verdicts = await mustRefuse(subject, lab, kit.unsigned(event), event, {
      what: 'An event without a signature',
      so: 'whoever knows the address can make events up',
      severity: 'critical',
    })
    return verdicts.flatMap((verdict) =>
      verdict.control === undefined && verdict.standing === 'sound'
        ? [verdict, { ...verdict, control: 'fail-closed' as const }]
        : [verdict],
    )
  },
}

export const signedHeaderMissing: WebhookProbe = {
  id: 'signed-header-missing',
  follows: ['unsigned'],
  title: 'A genuine event with one header of its proof left out',
  controls: ['fail-closed'],
  proves: 'Whether a check is skipped when what it needs is not there: the time, the id or the signature itself.',
  sends: 'A validly signed event for each header that proves something, without that header.',
  reads: 'Each must be refused. One accepted says that this check is optional.',
  limits: 'Headers that the provider does not sign, such as the event type, are left alone.',
  examples: {
    faulty: 'without the timestamp header: HTTP/1.1 200',
    sound: 'without the timestamp header: HTTP/1.1 401',
  },
  async run(subject, lab) {
    const { kit, baseline } = subject
    const names = proofHeaders(kit.sign(kit.event()), kit.unsigned(kit.event()), kit)
    if (names.length === 0) return notApplicable('The proof of this scheme does not stand in headers.')
    const verdicts: Verdict[] = []
    for (const name of names) {
      const event = kit.event()
      const whole = kit.sign(event)
      const request = { ...whole, headers: whole.headers.filter(([given]) => given.toLowerCase() !== name) }
      const judged = await attempt(baseline, lab, request, event.id)
      verdicts.push(
        ...refusalVerdict(judged, {
          what: `An event without its header ${name}`,
          so: 'the check that needs it is skipped',
        }),
      )
    }
    return verdicts
  },
}

/** Those that the unsigned request lacks, and those that the scheme binds. */
function proofHeaders(
  signed: ProbeRequest,
  unsignedRequest: ProbeRequest,
  { sender: { scheme } }: Parameters<WebhookProbe['run']>[0]['kit'],
): readonly string[] {
  const left = new Set(unsignedRequest.headers.map(([name]) => name.toLowerCase()))
  const bound = new Set(
    'signed' in scheme
      ? [
          scheme.id?.header,
          typeof scheme.timestamp?.in === 'object' && 'header' in scheme.timestamp.in
            ? scheme.timestamp.in.header
            : undefined,
        ].map((name) => name?.toLowerCase())
      : [],
  )
  return [...new Set(signed.headers.map(([name]) => name.toLowerCase()))].filter(
    (name) => !left.has(name) || bound.has(name),
  )
}
