/** Bodies that differ from what was signed, by a letter, by their order, by a space or by one byte. */
import type { Lab, ProbeRequest } from '../lab.ts'
import { notApplicable } from '../probe.ts'
import { jsonObject, type Kit, type WebhookEvent } from '../webhook/kit.ts'
import { mustRefuse, type WebhookProbe, type WebhookSubject } from '../webhook/subject.ts'

const NO_JSON = 'The body is no JSON object.'
const NOT_COVERED = notApplicable('The signature of this scheme does not cover the body as a whole.')

export const changedBody: WebhookProbe = {
  id: 'changed-body',
  follows: ['unsigned', 'wrong-key'],
  title: 'A body that was changed after it was signed',
  controls: ['raw-body-integrity'],
  proves: 'Whether the signature is over the body at all.',
  sends: 'A genuine event with one member added to its body, under the signature of the body without it.',
  reads: 'Refused: sound. Accepted: whoever can read one event can write any.',
  limits: 'Schemes that sign no body, such as shared tokens, are not asked.',
  examples: { faulty: 'HTTP/1.1 200', sound: 'HTTP/1.1 401' },
  async run(subject, lab) {
    const { kit } = subject
    if (!kit.coversBody) return NOT_COVERED
    const event = kit.event()
    const json = jsonObject(event)
    const body =
      json === undefined
        ? Buffer.concat([event.body, Buffer.from('&postern=1')])
        : Buffer.from(JSON.stringify({ ...json, postern: 'changed' }))
    return await mustRefuse(subject, lab, underOldSignature(kit, event, body), event, {
      what: 'A body that was changed after signing',
      so: 'whoever has seen one event can write any other',
      severity: 'critical',
    })
  },
}

export const reorderedJson: WebhookProbe = {
  id: 'reordered-json',
  follows: ['unsigned', 'wrong-key', 'changed-body'],
  title: 'The same JSON in another order under the old signature',
  controls: ['raw-body-integrity'],
  proves: 'Whether the bytes are verified, or a parsed body that was written out again.',
  sends: 'A genuine event with the members of its body in reverse order, under the signature of the original.',
  reads: 'Refused: the bytes count. Accepted: the receiver sorts or re-serialises before it hashes.',
  limits: 'Needs a JSON object with two members at least, and a scheme that signs the body as bytes.',
  examples: { faulty: 'HTTP/1.1 200', sound: 'HTTP/1.1 401' },
  async run(subject, lab) {
    return await mustRefuseJson(subject, lab, {
      written: (json) =>
        Object.keys(json).length < 2 ? undefined : JSON.stringify(Object.fromEntries(Object.entries(json).reverse())),
      needs: 'The body is no JSON object with two members.',
      what: 'The same JSON in another order under the old signature',
    })
  },
}

export const alteredWhitespace: WebhookProbe = {
  id: 'altered-whitespace',
  follows: ['unsigned', 'wrong-key', 'changed-body'],
  title: 'The same JSON with other spaces under the old signature',
  controls: ['raw-body-integrity'],
  proves: 'Whether the bytes are verified: a receiver that parses and writes again does not see spaces.',
  sends: 'A genuine event with its JSON indented, under the signature of the original.',
  reads: 'Refused: the bytes count. Accepted: the receiver hashes what it has written itself.',
  limits: 'Needs a JSON body.',
  examples: { faulty: 'HTTP/1.1 200', sound: 'HTTP/1.1 401' },
  async run(subject, lab) {
    return await mustRefuseJson(subject, lab, {
      written: (json) => `${JSON.stringify(json, null, 3)}\n`,
      needs: NO_JSON,
      what: 'The same JSON with other spaces under the old signature',
    })
  },
}

export const invalidUtf8: WebhookProbe = {
  id: 'invalid-utf8',
  follows: ['unsigned', 'wrong-key', 'changed-body'],
  title: 'A byte that is no text, under the signature of its replacement',
  controls: ['raw-body-integrity'],
  proves: 'Whether the body is decoded to text before it is hashed: then different bodies share a signature.',
  sends: 'An event with the byte FF in a text, signed as if the replacement character U+FFFD stood there.',
  reads: 'Refused: sound. Accepted: the receiver hashes decoded text, so bytes can be exchanged.',
  limits: 'Needs a JSON body.',
  examples: { faulty: 'HTTP/1.1 200', sound: 'HTTP/1.1 401' },
  async run(subject, lab) {
    const { kit } = subject
    const event = kit.event()
    const json = jsonObject(event)
    if (!kit.coversBody) return NOT_COVERED
    if (json === undefined) return notApplicable(NO_JSON)
    const replaced = Buffer.from(JSON.stringify({ ...json, postern: '\ufffd' }))
    const at = replaced.indexOf('\ufffd')
    const broken = Buffer.concat([replaced.subarray(0, at), Buffer.from([0xff]), replaced.subarray(at + 3)])
    const request = underOldSignature(kit, { ...event, body: replaced }, broken)
    return await mustRefuse(subject, lab, request, event, {
      what: 'A body with a byte that is no text, signed as its replacement',
      so: 'decoded text is hashed, not the bytes received',
    })
  },
}

interface Rewritten {
  /** The event's JSON as somebody else writes it. `undefined`: there is no other way to write this one. */
  readonly written: (json: Readonly<Record<string, unknown>>) => string | undefined
  /** Said where there is none. */
  readonly needs: string
  readonly what: string
}

/** The same content in other bytes: only who hashes what came off the wire tells them apart. */
async function mustRefuseJson(subject: WebhookSubject, lab: Lab, { written, needs, what }: Rewritten) {
  const { kit } = subject
  if (!kit.coversBody) return NOT_COVERED
  const event = kit.event()
  const json = jsonObject(event)
  const text = json === undefined ? undefined : written(json)
  if (text === undefined) return notApplicable(needs)
  return await mustRefuse(subject, lab, underOldSignature(kit, event, Buffer.from(text)), event, {
    what,
    so: 'a parsed body is hashed, not the bytes received',
  })
}

function underOldSignature(kit: Kit, event: WebhookEvent, body: Buffer): ProbeRequest {
  return { ...kit.sign(event), body }
}
