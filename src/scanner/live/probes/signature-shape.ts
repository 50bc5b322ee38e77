/** Signatures that are wrong in form: what a lax comparison lets through, and what makes a careless one break. */
import { notApplicable, type Verdict } from '../probe.ts'
import { attempt } from '../webhook/baseline.ts'
import type { Kit, WebhookEvent } from '../webhook/kit.ts'
import { refusalVerdict, type WebhookProbe } from '../webhook/subject.ts'

interface Shape {
  readonly what: string
  /** In a list of signatures, what stands behind this is an item of its own, which may be passed over. */
  readonly separator?: string
  readonly change: (bare: string) => string
}

const SHAPES: readonly Shape[] = [
  { what: 'An empty signature', change: () => '' },
  { what: 'A signature of one character', change: (bare) => bare.slice(0, 1) },
  { what: 'The first half of the right signature', change: (bare) => bare.slice(0, bare.length >> 1) },
  {
    what: 'A signature that is right in its first half only',
    change: (bare) => bare.slice(0, bare.length >> 1) + flipped(bare.slice(bare.length >> 1)),
  },
  { what: 'The right signature with more behind it', change: (bare) => `${bare}00` },
  {
    what: 'The right signature followed by a comma and junk',
    separator: ',',
    change: (bare) => `${bare},junk`,
  },
  { what: 'A signature of 4,000 characters', change: () => 'a'.repeat(4_000) },
  { what: 'A signature with letters beyond ASCII', change: (bare) => `\u00e9\u00e8${bare.slice(2)}` },
]

/** Every character another one that the encoding knows. */
function flipped(text: string): string {
  return text.replace(/[0-9a-zA-Z]/g, (letter) => (letter === '0' ? '1' : '0'))
}

export const signatureShape: WebhookProbe = {
  id: 'signature-shape',
  follows: ['unsigned', 'wrong-key'],
  title: 'Signatures that are empty, cut, too long or no signature at all',
  controls: ['sender-authentication', 'constant-time-compare'],
  proves:
    'Whether the comparison is over the whole signature and nothing else, and whether it survives what is no signature.',
  sends: `A genuine event with each of: ${SHAPES.map(({ what }) => what.toLowerCase()).join('; ')}.`,
  reads: 'Each must be refused with a 4xx. An accepted one is a forgery; a 5xx shows a comparison without a guard.',
  limits: 'A scheme whose header wraps the signature (base64 of JSON) has none of these shapes.',
  examples: { faulty: 'first half of the signature: HTTP/1.1 200', sound: 'each of them: HTTP/1.1 401' },
  async run({ kit, baseline }, lab) {
    const verdicts: Verdict[] = []
    for (const { what, change, separator } of SHAPES) {
      if (separator !== undefined && separator === separatorOf(kit)) continue
      const event = kit.event()
      const request = shaped(kit, event, change)
      if (request === undefined) return notApplicable('This scheme has no signature that could be changed in form.')
      const judged = await attempt(baseline, lab, request, event.id)
      verdicts.push(
        ...refusalVerdict(judged, {
          what,
          severity: 'critical',
          // Once is enough: they are told together.
          ...(verdicts.some(({ standing }) => standing === 'faulty') ? {} : { so: 'signatures can be forged' }),
        }),
      )
    }
    return [...verdicts, ...guarded(verdicts)]
  },
}

/** What stands between signatures where a scheme provides for several in one header. */
export function separatorOf({ sender: { scheme } }: Kit): string | undefined {
  const parse = 'signed' in scheme ? scheme.signature.parse : undefined
  return parse !== undefined && 'itemSeparator' in parse ? parse.itemSeparator : undefined
}

/** A token is compared like a signature. */
function shaped(kit: Kit, event: WebhookEvent, change: (bare: string) => string) {
  const { scheme, key } = kit.sender
  if (scheme.family === 'token' && scheme.token.in === 'header') {
    const changed = change(key)
    return changed === '' ? kit.unsigned(event) : kit.sign(event, { key: changed })
  }
  return kit.edited(event, change)
}

/** Refused without breaking, in every form: the comparison has its guards. */
function guarded(verdicts: readonly Verdict[]): readonly Verdict[] {
  return verdicts.every(({ standing }) => standing === 'sound')
    ? [
        {
          standing: 'sound',
          control: 'constant-time-compare',
          confidence: 'low',
          detail: 'Signatures of every form are refused alike, and none makes the target break.',
        },
      ]
    : []
}
