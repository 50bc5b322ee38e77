/** Signatures that are right in form and made with another key: any, none, or somebody else's. */
import { notApplicable } from '../probe.ts'
import { isSigned } from '../webhook/kit.ts'
import { mustRefuse, type WebhookProbe } from '../webhook/subject.ts'

export const wrongKey: WebhookProbe = {
  id: 'wrong-key',
  follows: ['unsigned'],
  title: 'An event signed with a wrong key',
  controls: ['sender-authentication'],
  proves: 'Whether the signature is checked, and not only looked for.',
  sends: 'An event with a signature that is right in every way but its key, which was made for this request.',
  reads: 'Refused: sound. Accepted: the signature is not verified, or its result not used.',
  limits: 'None.',
  examples: { faulty: 'HTTP/1.1 200\n\n{"received":true}', sound: 'HTTP/1.1 401' },
  async run(subject, lab) {
    const { kit } = subject
    if (kit.sender.scheme.family === 'fetch-back') return notApplicable('Nothing is signed in this scheme.')
    const event = kit.event()
    return await mustRefuse(subject, lab, kit.sign(event, { key: kit.strangeKey() }), event, {
      what: 'An event signed with a wrong key',
      so: 'the signature is not verified, or what the check says is not used',
      severity: 'critical',
    })
  },
}

export const emptyKey: WebhookProbe = {
  id: 'empty-key',
  follows: ['unsigned', 'wrong-key'],
  title: 'An event signed with an empty key',
  controls: ['fail-closed'],
  proves: 'Whether the target goes on when its secret is missing: then the key is empty, and everybody has it.',
  sends: 'An event whose HMAC was made with a key of no bytes.',
  reads: 'Refused: sound. Accepted: the secret is not set here, and nothing stops the receiver from going on.',
  limits: 'Says nothing of other environments, where the secret may be missing.',
  examples: { faulty: 'HTTP/1.1 200', sound: 'HTTP/1.1 401' },
  async run(subject, lab) {
    const { kit } = subject
    const { scheme } = kit.sender
    const keyed =
      scheme.family === 'hmac' ||
      scheme.family === 'hash' ||
      (scheme.family === 'jwt' && scheme.algorithms[0].startsWith('HS'))
    if (!keyed) return notApplicable('The key of this scheme cannot be empty.')
    const event = kit.event()
    return await mustRefuse(subject, lab, kit.sign(event, { withoutKey: true }), event, {
      what: 'An event signed with an empty key',
      so: 'the receiver runs without its secret',
      severity: 'critical',
    })
  },
}

export const otherIntegrationKey: WebhookProbe = {
  id: 'other-integration-key',
  follows: ['unsigned', 'wrong-key'],
  title: 'An event signed with the key of another integration',
  controls: ['sender-identity-binding'],
  proves: 'Whether a key belongs to one sender only: a sender must not be able to speak for another.',
  sends: 'An event that another integration’s real secret signed (`other_tenant.secret`).',
  reads: 'Refused: sound. Accepted: one secret serves several senders, or all secrets are tried.',
  limits: 'Needs the secret of a second integration.',
  examples: { faulty: 'HTTP/1.1 202', sound: 'HTTP/1.1 401' },
  async run(subject, lab) {
    const { kit, otherTenant } = subject
    if (otherTenant.secret === undefined)
      return notApplicable('No secret of another integration was given (other_tenant.secret).')
    if (!isSigned(kit.sender.scheme) && kit.sender.scheme.family !== 'token')
      return notApplicable('This scheme has no key to be exchanged.')
    const event = kit.event()
    return await mustRefuse(subject, lab, kit.sign(event, { key: otherTenant.secret }), event, {
      what: 'An event signed with another integration’s secret',
      so: 'one sender can speak for another',
    })
  },
}
