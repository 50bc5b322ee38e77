/** What refusals and errors say: reasons, traces, secrets; and whether answers speak of limits. */
import { disclosures, hasRateLimitHeaders } from '../disclosures.ts'
import type { Answer } from '../lab.ts'
import { faulty, sound, type Verdict } from '../probe.ts'
import type { WebhookProbe } from '../webhook/subject.ts'

export const refusalDisclosure: WebhookProbe = {
  id: 'refusal-disclosure',
  title: 'What refusals reveal',
  controls: ['error-disclosure', 'request-rate-limit'],
  proves:
    'Whether a refusal helps the next attempt: by a trace, a path, a query, or the signature it would have liked.',
  sends:
    'An event without a signature, with a wrong one, with none of its headers, a body that breaks off, and an encoding that nobody knows.',
  reads:
    'A stack trace, a debugger’s page, a file path, a key or the right signature in an answer: faulty. Headers that name a rate limit are evidence of one.',
  limits: 'Only what these answers say. That refusals differ in their reason is not held against a target.',
  examples: {
    faulty: 'HTTP/1.1 500\n\nTraceback (most recent call last):',
    sound: 'HTTP/1.1 401\n\n{"error":"unauthorized"}',
  },
  async run({ kit }, lab) {
    const event = kit.event()
    const wrong = kit.edited(event, (bare) => bare.replace(/[0-9a-z]/gi, (letter) => (letter === '0' ? '1' : '0')))
    const genuine = kit.sign(event)
    const half = Buffer.isBuffer(genuine.body) ? genuine.body.subarray(0, genuine.body.length >> 1) : Buffer.alloc(0)
    const broken = kit.signOdd({ ...kit.event(), body: half })
    const requests = [
      kit.unsigned(event),
      wrong ?? kit.sign(event, { key: kit.strangeKey() }),
      { ...genuine, headers: [], body: Buffer.from('{') },
      ...(broken === undefined ? [] : [broken]),
      { ...genuine, headers: [...genuine.headers, ['Content-Encoding', 'postern'] as const] },
    ]
    const answers: Answer[] = []
    for (const request of requests) answers.push(await lab.send(request))
    const told = [...new Set(answers.flatMap(disclosures))]
    const signature = rightSignature(genuine.headers.at(-1)?.[1])
    const gives =
      signature !== undefined && answers.slice(0, 2).some((answer) => answer.ok && answer.body.includes(signature))
    const verdicts: Verdict[] = [
      ...(gives
        ? [faulty('A refusal prints the signature that would have been right.', { severity: 'critical' })]
        : []),
      ...told.map((what) =>
        faulty(
          `A refusal shows ${what}.`,
          seenIn(answers, (answer) => disclosures(answer).includes(what)),
        ),
      ),
    ]
    if (verdicts.length === 0)
      verdicts.push(sound('Refusals show no trace, path, query or key.', { confidence: 'medium' }))
    if (answers.some(hasRateLimitHeaders))
      verdicts.push(sound('Answers name a rate limit.', { control: 'request-rate-limit', confidence: 'medium' }))
    return verdicts
  },
}

function seenIn(answers: readonly Answer[], is: (answer: Answer) => boolean): Partial<Verdict> {
  const seen = answers.find(is)
  return seen === undefined ? {} : { seen }
}

/** Only of a signature that is long enough not to stand there by chance. */
function rightSignature(header: string | undefined): string | undefined {
  const [bare] = /[A-Za-z0-9+/_-]{32,}/.exec(header ?? '') ?? []
  return bare
}
